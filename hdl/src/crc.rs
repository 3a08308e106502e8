//! CRC-32 (IEEE 802.3, reflected) over 4 bytes in one step of pure logic: what `debye_spec::crc` does to its state.
//!
//! A leaf: its equations are made in loops. Every bit of the next state is an XOR of bits of one word, state and data
//! added up. Pairs that several bits use are made once, the most used first: less logic than what yosys finds by itself.

use crate::base::word::U;
use rust_hdl::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One step of the CRC; the bench or the packer holds the state. Starts at all ones; the CRC is the state's complement.
#[derive(LogicBlock)]
pub struct CrcStep {
    /// State before.
    pub state: Signal<In, U<32>>,
    /// Bytes, the first in bits 7..0.
    pub data: Signal<In, U<32>>,
    /// State behind the bytes.
    pub stepped: Signal<Out, U<32>>,
    _tables: Box<[[u32; 256]; 4]>,
}

/// What `bits` steps of the definition with zeros make of a state.
fn shifted(mut state: u32, bits: usize) -> u32 {
    for _ in 0..bits {
        state = (state >> 1) ^ (0xedb8_8320 & (state & 1).wrapping_neg());
    }
    state
}

/// The two terms that most rows have both, if more than one has; the first of equals.
fn common_pair(rows: &[BTreeSet<usize>]) -> Option<(usize, usize)> {
    let mut counts = BTreeMap::new();
    for row in rows {
        for &a in row {
            for &b in row.range(a + 1..) {
                *counts.entry((a, b)).or_insert(0) += 1;
            }
        }
    }
    let (pair, count) = counts.into_iter().rev().max_by_key(|&(_, count)| count)?;
    (count > 1).then_some(pair)
}

impl Default for CrcStep {
    fn default() -> Self {
        let mut tables = Box::new([[0; 256]; 4]);
        for (k, table) in tables.iter_mut().enumerate() {
            for (byte, entry) in table.iter_mut().enumerate() {
                *entry = shifted(byte as u32, 32 - 8 * k);
            }
        }
        CrcStep { state: Default::default(), data: Default::default(), stepped: Default::default(), _tables: tables }
    }
}

impl Logic for CrcStep {
    fn update(&mut self) {
        let word = (self.state.val().0 ^ self.data.val().0) as u32;
        let stepped = self._tables.iter().zip(word.to_le_bytes()).fold(0, |x, (table, byte)| x ^ table[byte as usize]);
        self.stepped.next = U(stepped as u64);
    }
    fn connect(&mut self) {
        self.stepped.connect();
    }
    fn hdl(&self) -> Verilog {
        let mut rows: Vec<BTreeSet<usize>> =
            (0..32).map(|bit| (0..32).filter(|&n| shifted(1 << n, 32) >> bit & 1 != 0).collect()).collect();
        let name = |n: usize| if n < 32 { format!("word[{n}]") } else { format!("pair{}", n - 32) };
        let mut wires = String::new();
        let mut wire = 32;
        while let Some((a, b)) = common_pair(&rows) {
            wires += &format!("wire {} = {} ^ {};\n", name(wire), name(a), name(b));
            for row in &mut rows {
                if row.contains(&a) && row.contains(&b) {
                    row.remove(&a);
                    row.remove(&b);
                    row.insert(wire);
                }
            }
            wire += 1;
        }
        let equations: String = rows
            .iter()
            .enumerate()
            .map(|(bit, row)| {
                let terms: Vec<String> = row.iter().map(|&n| name(n)).collect();
                format!("  stepped[{bit}] = {};\n", terms.join(" ^ "))
            })
            .collect();
        Verilog::Custom(format!(
            "\
wire [31:0] word = state ^ data;
{wires}always @(*) begin
{equations}end
"
        ))
    }
}
