//! What the map in `spec` says about an address of the ring engine: a leaf whose Verilog is made of the table.

use crate::base::word::U;
use debye_spec::registers::{Access, Register};
use debye_spec::ring_map as map;
use rust_hdl::prelude::*;

/// The map's entry of a word address; pure logic.
#[derive(LogicBlock, Default)]
pub struct RingEntry {
    /// Byte address / 4.
    pub word: Signal<In, U<14>>,
    /// There is a register.
    pub known: Signal<Out, Bit>,
    /// It is one of a queue's.
    pub queued: Signal<Out, Bit>,
    /// It can be written.
    pub writable: Signal<Out, Bit>,
    /// Bits of it that are taken when they are written.
    pub mask: Signal<Out, U<32>>,
    /// Its value, if that is settled when the card is built; else 0.
    pub fixed: Signal<Out, U<32>>,
    _rows: Vec<(u64, Row)>,
}

#[derive(Clone, Copy)]
struct Row {
    queued: bool,
    writable: bool,
    mask: u32,
    fixed: u32,
}

impl RingEntry {
    /// The map of an engine with those capabilities, and those of what encodes beside its core.
    pub fn new(capabilities: &map::RingCapabilities, encodes: &map::EncodeCapabilities) -> RingEntry {
        let row = |register: &Register, queue: Option<u32>| {
            let writable = register.access == Access::ReadWrite;
            let fixed = match register.name {
                "ring_capabilities" => capabilities.to_register(),
                "encode_capabilities" => encodes.to_register(),
                _ => 0,
            };
            let offset = register.offset + map::QUEUE_STRIDE * queue.unwrap_or(0);
            let mask = if writable { register.mask() } else { 0 };
            (offset as u64 / 4, Row { queued: queue.is_some(), writable, mask, fixed })
        };
        let mut rows: Vec<_> = map::RING_REGISTERS.iter().map(|register| row(register, None)).collect();
        for queue in 0..capabilities.queues {
            rows.extend(map::QUEUE_REGISTERS.iter().map(|register| row(register, Some(queue))));
        }
        RingEntry { _rows: rows, ..Default::default() }
    }
}

impl Logic for RingEntry {
    fn update(&mut self) {
        let word = self.word.val().0;
        let row = self._rows.iter().find(|(at, _)| *at == word).map(|(_, row)| *row);
        self.known.next = row.is_some();
        self.queued.next = row.is_some_and(|row| row.queued);
        self.writable.next = row.is_some_and(|row| row.writable);
        self.mask.next = U(row.map_or(0, |row| row.mask as u64));
        self.fixed.next = U(row.map_or(0, |row| row.fixed as u64));
    }
    fn connect(&mut self) {
        self.known.connect();
        self.queued.connect();
        self.writable.connect();
        self.mask.connect();
        self.fixed.connect();
    }
    fn hdl(&self) -> Verilog {
        let cases: String = self
            ._rows
            .iter()
            .map(|(word, row)| {
                let (queued, writable, mask, fixed) = (row.queued as u32, row.writable as u32, row.mask, row.fixed);
                format!("    14'd{word}: {{known, queued, writable, mask, fixed}} = {{1'b1, 1'b{queued}, 1'b{writable}, 32'h{mask:08x}, 32'h{fixed:08x}}};\n")
            })
            .collect();
        Verilog::Custom(format!(
            "\
always @(*) begin
  case (word)
{cases}    default: {{known, queued, writable, mask, fixed}} = 67'd0;
  endcase
end
"
        ))
    }
}
