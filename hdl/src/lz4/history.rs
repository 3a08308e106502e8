//! The history: two halves of a block each, written by the copier, read by the copier (the half that is being made)
//! and by the unshuffler (the half that was made before).
//!
//! A half is two banks, even and odd 64-bit words, with byte enables: eight bytes at any place are one word of each
//! bank, so neither reads nor writes need an aligner on their way to the memory.

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// Block RAM of 2^(BLOCK - 4) words of 64 bits with a write enable a byte; address bits above the memory's do not
/// count. Latency 1. A read of the word that is written in the same cycle is undefined.
#[derive(LogicBlock)]
pub struct Bank<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reads at the next edge.
    pub read_enable: Signal<In, Bit>,
    /// Word to read.
    pub read_address: Signal<In, U<12>>,
    /// Word read, one cycle later.
    pub read_data: Signal<Out, U<64>>,
    /// Bytes to write at the next edge; bit 0 is the byte in bits 7..0.
    pub write_enable: Signal<In, U<8>>,
    /// Word to write.
    pub write_address: Signal<In, U<12>>,
    /// What to write.
    pub write_data: Signal<In, U<64>>,
    _mem: Vec<u64>,
}

impl<const BLOCK: usize> Default for Bank<BLOCK> {
    fn default() -> Self {
        const { assert!(BLOCK >= 10 && BLOCK <= 16, "blocks of 1 KiB to 64 KiB") };
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            _mem: vec![0; 1 << (BLOCK - 4)],
        }
    }
}

impl<const BLOCK: usize> Logic for Bank<BLOCK> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let last = self._mem.len() - 1;
            let (read, write) = (self.read_address.val().index() & last, self.write_address.val().index() & last);
            let enable = self.write_enable.val();
            if self.read_enable.val() {
                self.read_data.next = if enable.any() && read == write { U(0) } else { U(self._mem[read]) };
            }
            if enable.any() {
                let bytes = (0..8).filter(|&i| enable.get_bit(i)).fold(0u64, |bytes, i| bytes | 0xff << (8 * i));
                self._mem[write] = self._mem[write] & !bytes | self.write_data.val().0 & bytes;
            }
        }
    }
    fn connect(&mut self) {
        self.read_data.connect();
    }
    fn hdl(&self) -> Verilog {
        let (n, a) = (self._mem.len() - 1, BLOCK - 5);
        let writes: String = (0..8)
            .map(|i| {
                let (low, high) = (8 * i, 8 * i + 7);
                format!(
                    "  if (write_enable[{i}]) mem[write_address[{a}:0]][{high}:{low}] <= write_data[{high}:{low}];\n"
                )
            })
            .collect();
        Verilog::Custom(format!(
            "\
(* ram_style = \"block\" *) reg [63:0] mem [0:{n}];
integer k;
initial begin
  for (k = 0; k <= {n}; k = k + 1) mem[k] = 64'd0;
  read_data = 64'd0;
end
always @(posedge clock) begin
  if (read_enable) begin
    if (write_enable != 8'd0 && write_address[{a}:0] == read_address[{a}:0]) read_data <= {{64{{1'bx}}}};
    else read_data <= mem[read_address[{a}:0]];
  end
{writes}end
"
        ))
    }
}

/// The two halves and their ports.
#[derive(LogicBlock, Default)]
pub struct History<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Byte enables of the next edge's write: even bank of half 0, odd of 0, even of 1, odd of 1, eight bits each.
    pub write_enable: Signal<In, U<32>>,
    /// Word of the even bank to write.
    pub write_even: Signal<In, U<12>>,
    /// Word of the odd bank to write.
    pub write_odd: Signal<In, U<12>>,
    /// What to write; byte `i` of the word is the byte of lane `i`.
    pub write_data: Signal<In, U<64>>,
    /// The copier reads half 0.
    pub copy_0: Signal<In, Bit>,
    /// The copier reads half 1.
    pub copy_1: Signal<In, Bit>,
    /// First of the eight bytes that the copier reads.
    pub copy_address: Signal<In, U<16>>,
    /// The even word that was read in half 0, two cycles later.
    pub even_0: Signal<Out, U<64>>,
    /// The odd word that was read in half 0, two cycles later.
    pub odd_0: Signal<Out, U<64>>,
    /// The even word that was read in half 1, two cycles later.
    pub even_1: Signal<Out, U<64>>,
    /// The odd word that was read in half 1, two cycles later.
    pub odd_1: Signal<Out, U<64>>,
    /// The unshuffler reads.
    pub rd_enable: Signal<In, Bit>,
    /// The half it reads.
    pub rd_half: Signal<In, Bit>,
    /// First of the eight bytes that it reads.
    pub rd_address: Signal<In, U<16>>,
    /// The bytes, three cycles later.
    pub rd_data: Signal<Out, U<64>>,

    even0: Bank<BLOCK>,
    odd0: Bank<BLOCK>,
    even1: Bank<BLOCK>,
    odd1: Bank<BLOCK>,
    q_even0: DFF<U<64>>,
    q_odd0: DFF<U<64>>,
    q_even1: DFF<U<64>>,
    q_odd1: DFF<U<64>>,
    place1: DFF<U<5>>,
    place2: DFF<U<5>>,
    // Chooses for the upper lanes: see `base::align`.
    not2: DFF<U<2>>,
    odd2: DFF<U<8>>,
    bytes: DFF<U<64>>,

    copy_up: Signal<Local, U<12>>,
    copy_row: Signal<Local, U<12>>,
    rd_up: Signal<Local, U<12>>,
    rd_row: Signal<Local, U<12>>,
    which: Signal<Local, U<2>>,
    number: [Signal<Local, U<3>>; 8],
    odd: Signal<Local, Bit>,
    odds: Signal<Local, U<8>>,
    octet: Signal<Local, U<8>>,
    lanes: Signal<Local, U<64>>,
    not1: Signal<Local, U<5>>,
    low: Signal<Local, U<32>>,
    high: Signal<Local, U<32>>,
    turned: Signal<Local, U<64>>,
}

impl<const BLOCK: usize> Logic for History<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, q_even0, q_odd0, q_even1, q_odd1, place1, place2, not2, odd2, bytes);
        self.number[0].next = 0.into();
        self.number[1].next = 1.into();
        self.number[2].next = 2.into();
        self.number[3].next = 3.into();
        self.number[4].next = 4.into();
        self.number[5].next = 5.into();
        self.number[6].next = 6.into();
        self.number[7].next = 7.into();
        self.even0.clock.next = self.clock.val();
        self.odd0.clock.next = self.clock.val();
        self.even1.clock.next = self.clock.val();
        self.odd1.clock.next = self.clock.val();
        self.even0.write_enable.next = self.write_enable.val().get_bits::<8>(0);
        self.odd0.write_enable.next = self.write_enable.val().get_bits::<8>(8);
        self.even1.write_enable.next = self.write_enable.val().get_bits::<8>(16);
        self.odd1.write_enable.next = self.write_enable.val().get_bits::<8>(24);
        self.even0.write_address.next = self.write_even.val();
        self.odd0.write_address.next = self.write_odd.val();
        self.even1.write_address.next = self.write_even.val();
        self.odd1.write_address.next = self.write_odd.val();
        self.even0.write_data.next = self.write_data.val();
        self.odd0.write_data.next = self.write_data.val();
        self.even1.write_data.next = self.write_data.val();
        self.odd1.write_data.next = self.write_data.val();

        // A read that starts in an odd word goes on in the next even one.
        self.copy_row.next = self.copy_address.val().get_bits::<12>(4);
        self.copy_up.next = self.copy_row.val() + bit_cast_u::<12, 1>(self.copy_address.val().get_bits::<1>(3));
        self.rd_row.next = self.rd_address.val().get_bits::<12>(4);
        self.rd_up.next = self.rd_row.val() + bit_cast_u::<12, 1>(self.rd_address.val().get_bits::<1>(3));
        self.even0.read_enable.next = self.copy_0.val() | (self.rd_enable.val() & !self.rd_half.val());
        self.odd0.read_enable.next = self.copy_0.val() | (self.rd_enable.val() & !self.rd_half.val());
        self.even1.read_enable.next = self.copy_1.val() | (self.rd_enable.val() & self.rd_half.val());
        self.odd1.read_enable.next = self.copy_1.val() | (self.rd_enable.val() & self.rd_half.val());
        self.even0.read_address.next = self.rd_up.val();
        self.odd0.read_address.next = self.rd_row.val();
        self.even1.read_address.next = self.rd_up.val();
        self.odd1.read_address.next = self.rd_row.val();
        if self.copy_0.val() {
            self.even0.read_address.next = self.copy_up.val();
            self.odd0.read_address.next = self.copy_row.val();
        }
        if self.copy_1.val() {
            self.even1.read_address.next = self.copy_up.val();
            self.odd1.read_address.next = self.copy_row.val();
        }
        self.q_even0.d.next = self.even0.read_data.val();
        self.q_odd0.d.next = self.odd0.read_data.val();
        self.q_even1.d.next = self.even1.read_data.val();
        self.q_odd1.d.next = self.odd1.read_data.val();

        self.even_0.next = self.q_even0.q.val();
        self.odd_0.next = self.q_odd0.q.val();
        self.even_1.next = self.q_even1.q.val();
        self.odd_1.next = self.q_odd1.q.val();

        self.place1.d.next =
            bit_cast_u::<5, 4>(self.rd_address.val().get_bits::<4>(0)) | (bit_cast_b::<5>(self.rd_half.val()) << 4);
        self.place2.d.next = self.place1.q.val();
        self.not1.next = !self.place1.q.val();
        self.not2.d.next = self.not1.val().get_bits::<2>(1);
        self.odds.next = 0.into();
        for i in 0..8 {
            self.odd.next = self.place1.q.val().get_bit(3);
            if self.place1.q.val().get_bits::<3>(0) > self.number[i].val() {
                self.odd.next = !self.place1.q.val().get_bit(3);
            }
            self.odds.next = (self.odds.val() >> 1) | (bit_cast_b::<8>(self.odd.val()) << 7);
        }
        self.odd2.d.next = self.odds.val();
        // Each lane takes its byte from one of the banks; then the lanes are turned by what the address is off a word,
        // in two steps, which need less than a choice of eight for each.
        self.lanes.next = 0.into();
        for i in 0..8 {
            self.odd.next = self.odd2.q.val().get_bit(i);
            self.which.next = bit_cast_b::<2>(self.odd.val()) | (bit_cast_b::<2>(self.place2.q.val().get_bit(4)) << 1);
            match self.which.val().index() {
                0 => self.octet.next = self.q_even0.q.val().get_bits::<8>(8 * i),
                1 => self.octet.next = self.q_odd0.q.val().get_bits::<8>(8 * i),
                2 => self.octet.next = self.q_even1.q.val().get_bits::<8>(8 * i),
                _ => self.octet.next = self.q_odd1.q.val().get_bits::<8>(8 * i),
            }
            self.lanes.next = (self.lanes.val() >> 8) | (bit_cast_u::<64, 8>(self.octet.val()) << 56);
        }
        match self.place2.q.val().get_bits::<2>(1).index() {
            0 => self.low.next = self.lanes.val().get_bits::<32>(0),
            1 => self.low.next = self.lanes.val().get_bits::<32>(16),
            2 => self.low.next = self.lanes.val().get_bits::<32>(32),
            _ => {
                self.low.next = bit_cast_u::<32, 16>(self.lanes.val().get_bits::<16>(48))
                    | (bit_cast_u::<32, 16>(self.lanes.val().get_bits::<16>(0)) << 16);
            }
        }
        match self.not2.q.val().index() {
            3 => self.high.next = self.lanes.val().get_bits::<32>(32),
            2 => {
                self.high.next = bit_cast_u::<32, 16>(self.lanes.val().get_bits::<16>(48))
                    | (bit_cast_u::<32, 16>(self.lanes.val().get_bits::<16>(0)) << 16);
            }
            1 => self.high.next = self.lanes.val().get_bits::<32>(0),
            _ => self.high.next = self.lanes.val().get_bits::<32>(16),
        }
        self.turned.next = bit_cast_u::<64, 32>(self.low.val()) | (bit_cast_u::<64, 32>(self.high.val()) << 32);
        self.bytes.d.next = self.turned.val();
        if self.place2.q.val().get_bit(0) {
            self.bytes.d.next = (self.turned.val() >> 8) | (self.turned.val() << 56);
        }
        self.rd_data.next = self.bytes.q.val();
    }
}
