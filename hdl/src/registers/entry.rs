//! What the map in `spec` says about an address: a leaf whose Verilog is made of the table.

use crate::base::word::U;
use debye_spec::registers as map;
use rust_hdl::prelude::*;

/// The map's entry of a word address; pure logic.
#[derive(LogicBlock, Default)]
pub struct Entry {
    /// Byte address / 4.
    pub word: Signal<In, U<14>>,
    /// There is a register.
    pub known: Signal<Out, Bit>,
    /// It can be written.
    pub writable: Signal<Out, Bit>,
    /// Bits of it that stay when they are written.
    pub mask: Signal<Out, U<32>>,
    /// Its value, if that is settled when the card is built; else 0.
    pub fixed: Signal<Out, U<32>>,
    /// There is a stall counter, of a lane that the card has.
    pub stall: Signal<Out, Bit>,
    _rows: Vec<Row>,
    _stalls: std::ops::Range<u64>,
}

#[derive(Clone, Copy)]
struct Row {
    writable: bool,
    mask: u32,
    fixed: u32,
}

impl Entry {
    /// The map of a card with those capabilities.
    pub fn new(capabilities: &map::Capabilities, build: u32) -> Entry {
        let [word, max_bins] = capabilities.to_registers();
        let row = |register: &map::Register| {
            let writable = register.access == map::Access::ReadWrite;
            let pulses = map::SOFT_RESET.mask() | map::CLEAR_COUNTERS.mask();
            let mask = register.mask() & !if register.name == "control" { pulses } else { 0 };
            let fixed = match register.name {
                "map_hash" => map::map_hash(),
                "build" => build,
                "capabilities" => word,
                "max_bins" => max_bins,
                _ if writable => 0,
                _ => register.reset.unwrap_or(0),
            };
            Row { writable, mask: if writable { mask } else { 0 }, fixed }
        };
        let first = (map::STALL_WINDOW / 4) as u64;
        Entry {
            _rows: map::REGISTERS.iter().map(row).collect(),
            _stalls: first..first + (capabilities.lanes * map::STALL_STRIDE / 4) as u64,
            ..Default::default()
        }
    }
}

impl Logic for Entry {
    fn update(&mut self) {
        let word = self.word.val();
        let row = self._rows.get(word.index());
        self.known.next = row.is_some();
        self.writable.next = row.is_some_and(|row| row.writable);
        self.mask.next = U(row.map_or(0, |row| row.mask as u64));
        self.fixed.next = U(row.map_or(0, |row| row.fixed as u64));
        self.stall.next = self._stalls.contains(&word.0);
    }
    fn connect(&mut self) {
        self.known.connect();
        self.writable.connect();
        self.mask.connect();
        self.fixed.connect();
        self.stall.connect();
    }
    fn hdl(&self) -> Verilog {
        let cases: String = self
            ._rows
            .iter()
            .enumerate()
            .map(|(word, row)| {
                let (writable, mask, fixed) = (row.writable as u32, row.mask, row.fixed);
                format!("    14'd{word}: {{known, writable, mask, fixed}} = {{2'b1{writable}, 32'h{mask:08x}, 32'h{fixed:08x}}};\n")
            })
            .collect();
        let (first, end) = (self._stalls.start, self._stalls.end);
        Verilog::Custom(format!(
            "\
always @(*) begin
  case (word)
{cases}    default: {{known, writable, mask, fixed}} = 66'd0;
  endcase
  stall = word >= 14'd{first} && word < 14'd{end};
end
"
        ))
    }
}
