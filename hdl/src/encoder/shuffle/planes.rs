//! The order of a plane's bits behind the network: wires, and a choice by the size of an element.
//!
//! A leaf: 64 wires in loops.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Puts the bits of a network's word into the order of the elements; pure logic.
#[derive(LogicBlock)]
pub struct Planes {
    /// As it comes out of the network: bit b * N + c is of element c * (64 / N) + b.
    pub word: Signal<In, U<64>>,
    /// Log2 of an element's bytes; 3: the word comes out as it is.
    pub esize: Signal<In, U<2>>,
    /// Bit i is of element i.
    pub ordered: Signal<Out, U<64>>,
    /// For each size and each byte of a word, where its bits go.
    _tables: Box<[[[u64; 256]; 8]; 3]>,
}

/// Where a bit goes.
fn place(esize: usize, bit: usize) -> usize {
    let elements_log2 = 3 - esize;
    let planes_log2 = 3 + esize;
    let (element, word) = (bit >> planes_log2, bit & ((1 << planes_log2) - 1));
    word << elements_log2 | element
}

impl Default for Planes {
    fn default() -> Self {
        let mut tables = Box::new([[[0; 256]; 8]; 3]);
        for (esize, table) in tables.iter_mut().enumerate() {
            for (byte, entries) in table.iter_mut().enumerate() {
                for (value, entry) in entries.iter_mut().enumerate() {
                    let set = (0..8).filter(|bit| value >> bit & 1 != 0);
                    *entry = set.fold(0, |word, bit| word | 1 << place(esize, 8 * byte + bit));
                }
            }
        }
        Planes { word: Default::default(), esize: Default::default(), ordered: Default::default(), _tables: tables }
    }
}

impl Logic for Planes {
    fn update(&mut self) {
        let word = self.word.val().0;
        self.ordered.next = match self._tables.get(self.esize.val().index()) {
            Some(table) => {
                U(table.iter().zip(word.to_le_bytes()).fold(0, |all, (entries, byte)| all | entries[byte as usize]))
            }
            None => U(word),
        };
    }
    fn connect(&mut self) {
        self.ordered.connect();
    }
    fn hdl(&self) -> Verilog {
        let cases: String = (0..3)
            .map(|esize| {
                let mut bits = vec![0; 64];
                (0..64).for_each(|bit| bits[place(esize, bit)] = bit);
                let bits: Vec<String> = bits.iter().rev().map(|bit| format!("word[{bit}]")).collect();
                format!("    2'd{esize}: ordered = {{{}}};\n", bits.join(", "))
            })
            .collect();
        Verilog::Custom(format!(
            "\
always @(*) begin
  case (esize)
{cases}    default: ordered = word;
  endcase
end
"
        ))
    }
}
