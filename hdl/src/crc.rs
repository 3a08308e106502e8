//! CRC-32 (IEEE 802.3, reflected) over 8 or 4 bytes in one step of pure logic: what `debye_spec::crc` does to its state.
//!
//! A leaf: its equations are made in loops. Every bit of the next state is an XOR of bits of two words, `far` that has 64
//! bits to go and `near` that has 32. Four bytes are `near` with nothing in `far`, so that one set of XORs serves both.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// One step of the CRC; the bench or the packer holds the state. Starts at all ones; the CRC is the state's complement.
#[derive(LogicBlock)]
pub struct CrcStep {
    /// State before.
    pub state: Signal<In, U<32>>,
    /// Bytes, the first in bits 7..0.
    pub data: Signal<In, U<64>>,
    /// Only the first four bytes count.
    pub half: Signal<In, Bit>,
    /// State behind the bytes.
    pub stepped: Signal<Out, U<32>>,
    _tables: Box<[[u32; 256]; 8]>,
}

/// What `bits` steps of the definition with zeros make of a state.
fn shifted(mut state: u32, bits: usize) -> u32 {
    for _ in 0..bits {
        state = (state >> 1) ^ (0xedb8_8320 & (state & 1).wrapping_neg());
    }
    state
}

impl Default for CrcStep {
    fn default() -> Self {
        let mut tables = Box::new([[0; 256]; 8]);
        for (k, table) in tables.iter_mut().enumerate() {
            for (byte, entry) in table.iter_mut().enumerate() {
                *entry = shifted(byte as u32, 64 - 8 * k);
            }
        }
        CrcStep {
            state: Default::default(),
            data: Default::default(),
            half: Default::default(),
            stepped: Default::default(),
            _tables: tables,
        }
    }
}

impl Logic for CrcStep {
    fn update(&mut self) {
        let (state, data) = (self.state.val().0, self.data.val().0);
        let word = if self.half.val() { (state ^ data) << 32 } else { state ^ data };
        let stepped = self._tables.iter().zip(word.to_le_bytes()).fold(0, |x, (table, byte)| x ^ table[byte as usize]);
        self.stepped.next = U(stepped as u64);
    }
    fn connect(&mut self) {
        self.stepped.connect();
    }
    fn hdl(&self) -> Verilog {
        let equations: String = (0..32)
            .map(|bit| {
                let uses = |from: u32, steps| shifted(1 << from, steps) >> bit & 1 != 0;
                let far = (0..32).filter(|&from| uses(from, 64)).map(|from| format!("far[{from}]"));
                let near = (0..32).filter(|&from| uses(from, 32)).map(|from| format!("near[{from}]"));
                let terms: Vec<String> = far.chain(near).collect();
                format!("  stepped[{bit}] = {};\n", terms.join(" ^ "))
            })
            .collect();
        Verilog::Custom(format!(
            "\
wire [31:0] first = state ^ data[31:0];
wire [31:0] far = half ? 32'd0 : first;
wire [31:0] near = half ? first : data[63:32];
always @(*) begin
{equations}end
"
        ))
    }
}
