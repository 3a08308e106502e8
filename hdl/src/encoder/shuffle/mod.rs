//! Shuffle: pixels to bit-planes ([`debye_spec::bitshuffle`]), block by block, into two halves of a memory.

mod exchange;
mod planes;

use super::memory::Memory;
use crate::base::pins::HdlPins;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::pins;
use exchange::Exchange;
use planes::Planes;
use rust_hdl::prelude::*;

/// Takes the pixels of blocks of up to 2^BLOCK bytes (10 to 15) at `s_px`, announces each block at `m_pl` once its
/// planes stand in the half that is read next.
///
/// Plane p of a block stands from word p * ceil(plane bytes / 8) on: where a plane is not a whole number of words, the
/// last of it is filled with zeros. Raw words (a tail) stand one behind the other.
///
/// The read port: an address given in one cycle has its word two cycles later, one read a cycle; the word stays while
/// nothing is read. `rd_release` comes with a half's last read.
///
/// A word a cycle while a half is free; the first word of a block waits for that. From a block's last word to its
/// announcement: 38 cycles, and as many as its last group of 64 elements wants words.
#[derive(LogicBlock, Default)]
pub struct Shuffle<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset. After it the network empties itself (about 50 cycles) before the first word is taken.
    pub reset: Signal<In, Bit>,
    /// A word of pixels stands.
    pub s_px_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_px_tready: Signal<Out, Bit>,
    /// Pixels, little-endian.
    pub s_px_tdata: Signal<In, U<64>>,
    /// The block's last word.
    pub s_px_tlast: Signal<In, Bit>,
    /// Constant over a block: its bytes.
    pub s_px_size: Signal<In, U<16>>,
    /// Constant over a block: log2 of an element's bytes.
    pub s_px_esize: Signal<In, U<2>>,
    /// Constant over a block: a tail, whose words stay as they are.
    pub s_px_raw: Signal<In, Bit>,
    /// Constant over a block: the frame's last.
    pub s_px_final: Signal<In, Bit>,
    /// A block stands.
    pub m_pl_tvalid: Signal<Out, Bit>,
    /// It is taken: reads from now on are of it, once the one before was released.
    pub m_pl_tready: Signal<In, Bit>,
    /// Its bytes.
    pub m_pl_size: Signal<Out, U<16>>,
    /// Log2 of an element's bytes.
    pub m_pl_esize: Signal<Out, U<2>>,
    /// A tail.
    pub m_pl_raw: Signal<Out, Bit>,
    /// The frame's last.
    pub m_pl_final: Signal<Out, Bit>,
    /// Reads.
    pub rd_enable: Signal<In, Bit>,
    /// Word within the half.
    pub rd_address: Signal<In, U<13>>,
    /// What was read, two cycles later.
    pub rd_data: Signal<Out, U<64>>,
    /// With the last read of a half.
    pub rd_release: Signal<In, Bit>,

    exchange: Exchange,
    planes: Planes,
    memory: Memory<64, BLOCK, 2>,
    // What goes in.
    open_block: DFF<Bit>,
    padding: DFF<Bit>,
    number: DFF<U<5>>,
    quiet: DFF<U<6>>,
    muted: DFF<Bit>,
    claimed: DFF<U<2>>,
    step: DFF<Bit>,
    word: DFF<U<64>>,
    tag: DFF<U<7>>,
    // The two blocks between the first word in and the release.
    in_half: DFF<Bit>,
    size0: DFF<U<16>>,
    size1: DFF<U<16>>,
    kind0: DFF<U<4>>,
    kind1: DFF<U<4>>,
    // What comes out.
    stepped: DFF<Bit>,
    out_half: DFF<Bit>,
    address: DFF<U<13>>,
    group: DFF<U<13>>,
    put: DFF<Bit>,
    put_address: DFF<U<14>>,
    put_data: DFF<U<64>>,
    put_last: DFF<Bit>,
    announced: DFF<U<2>>,
    told_half: DFF<Bit>,
    read_half: DFF<Bit>,
    read: DFF<Bit>,
    out: DFF<U<64>>,

    last_number: Signal<Local, U<5>>,
    ends_group: Signal<Local, Bit>,
    empty: Signal<Local, Bit>,
    ready: Signal<Local, Bit>,
    take: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    kind: Signal<Local, U<4>>,
    out_kind: Signal<Local, U<4>>,
    out_size: Signal<Local, U<16>>,
    out_valid: Signal<Local, Bit>,
    out_number: Signal<Local, U<5>>,
    out_last: Signal<Local, U<5>>,
    bytes: Signal<Local, U<16>>,
    stride: Signal<Local, U<13>>,
    group_ends: Signal<Local, Bit>,
    next_group: Signal<Local, U<13>>,
    more: Signal<Local, Bit>,
    less: Signal<Local, Bit>,
    told_kind: Signal<Local, U<4>>,
}

impl<const BLOCK: usize> Shuffle<BLOCK> {
    /// A shuffle for a bench.
    pub fn pins() -> HdlPins<Self> {
        pins!(Box::<Shuffle<BLOCK>>::default();
            in reset, s_px_tvalid, s_px_tdata, s_px_tlast, s_px_size, s_px_esize, s_px_raw, s_px_final, m_pl_tready,
                rd_enable, rd_address, rd_release;
            out s_px_tready, m_pl_tvalid, m_pl_size, m_pl_esize, m_pl_raw, m_pl_final, rd_data)
    }
}

impl<const BLOCK: usize> Logic for Shuffle<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, open_block, padding, number, quiet, muted, claimed, step, word, tag, in_half, size0, size1
        );
        dff_setup!(self, clock, kind0, kind1, stepped, out_half, address, group, put, put_address, put_data, put_last);
        dff_setup!(self, clock, announced, told_half, read_half, read, out);
        clock!(self, clock, exchange, memory);

        // A word of the block, a zero that fills its last group, or a gap between groups that pushes the network on.
        self.empty.next = self.quiet.q.val().get_bit(5) & self.quiet.q.val().get_bit(4);
        self.ready.next =
            (self.open_block.q.val() | !self.claimed.q.val().get_bit(1)) & !self.padding.q.val() & !self.muted.q.val();
        self.s_px_tready.next = self.ready.val();
        self.take.next = self.ready.val() & self.s_px_tvalid.val();
        self.last_number.next = 7.into();
        if self.s_px_esize.val() == 1 {
            self.last_number.next = 15.into();
        }
        if self.s_px_esize.val() == 2 {
            self.last_number.next = 31.into();
        }
        if self.s_px_raw.val() {
            self.last_number.next = 0.into();
        }
        // While zeros go in, the next block may stand at the input: the block's kind is kept.
        self.kind.next = self.kind0.q.val();
        if self.in_half.q.val() {
            self.kind.next = self.kind1.q.val();
        }
        if self.padding.q.val() {
            self.last_number.next = 7.into();
            if self.kind.val().get_bit(0) {
                self.last_number.next = 15.into();
            }
            if self.kind.val().get_bit(1) {
                self.last_number.next = 31.into();
            }
        }
        self.ends_group.next = self.number.q.val() == self.last_number.val();
        self.ends.next = self.ends_group.val() & (self.padding.q.val() | (self.take.val() & self.s_px_tlast.val()));
        self.step.d.next = self.take.val() | self.padding.q.val() | (!self.number.q.val().any() & !self.empty.val());
        self.word.d.next = self.s_px_tdata.val();
        self.tag.d.next = bit_cast_u::<7, 5>(self.number.q.val())
            | (bit_cast_b::<7>(self.take.val() | self.padding.q.val()) << 5)
            | (bit_cast_b::<7>(self.ends.val()) << 6);
        if self.padding.q.val() {
            self.word.d.next = 0.into();
        }
        if self.take.val() | self.padding.q.val() {
            self.quiet.d.next = 0.into();
            self.number.d.next = self.number.q.val() + 1;
            if self.ends_group.val() {
                self.number.d.next = 0.into();
            }
        } else if !self.empty.val() & !self.number.q.val().any() {
            self.quiet.d.next = self.quiet.q.val() + 1;
        }
        if self.empty.val() {
            self.muted.d.next = false;
        }
        if self.take.val() {
            self.open_block.d.next = !self.s_px_tlast.val();
            self.padding.d.next = self.s_px_tlast.val() & !self.ends_group.val();
            if !self.in_half.q.val() {
                self.size0.d.next = self.s_px_size.val();
                self.kind0.d.next = bit_cast_u::<4, 2>(self.s_px_esize.val())
                    | (bit_cast_b::<4>(self.s_px_raw.val()) << 2)
                    | (bit_cast_b::<4>(self.s_px_final.val()) << 3);
            } else {
                self.size1.d.next = self.s_px_size.val();
                self.kind1.d.next = bit_cast_u::<4, 2>(self.s_px_esize.val())
                    | (bit_cast_b::<4>(self.s_px_raw.val()) << 2)
                    | (bit_cast_b::<4>(self.s_px_final.val()) << 3);
            }
        }
        if self.ends.val() {
            self.padding.d.next = false;
            self.in_half.d.next = !self.in_half.q.val();
        }

        // Out of the network.
        self.exchange.enable.next = self.step.q.val();
        self.exchange.word.next = self.word.q.val();
        self.exchange.tag.next = self.tag.q.val();
        self.stepped.d.next = self.step.q.val();
        self.out_kind.next = self.kind0.q.val();
        self.out_size.next = self.size0.q.val();
        if self.out_half.q.val() {
            self.out_kind.next = self.kind1.q.val();
            self.out_size.next = self.size1.q.val();
        }
        self.planes.word.next = self.exchange.result.val();
        self.planes.esize.next = self.out_kind.val().get_bits::<2>(0);
        // Bytes of a plane, rounded up to words.
        self.bytes.next = self.out_size.val() >> 3;
        self.out_last.next = 7.into();
        if self.out_kind.val().get_bit(0) {
            self.bytes.next = self.out_size.val() >> 4;
            self.out_last.next = 15.into();
        }
        if self.out_kind.val().get_bit(1) {
            self.bytes.next = self.out_size.val() >> 5;
            self.out_last.next = 31.into();
        }
        if self.out_kind.val().get_bit(2) {
            self.planes.esize.next = 3.into();
            self.out_last.next = 0.into();
        }
        self.stride.next = self.bytes.val().get_bits::<13>(3);
        if self.bytes.val().get_bits::<3>(0).any() {
            self.stride.next = self.bytes.val().get_bits::<13>(3) + 1;
        }
        self.out_valid.next = self.stepped.q.val() & self.exchange.result_tag.val().get_bit(5) & !self.muted.q.val();
        self.out_number.next = self.exchange.result_tag.val().get_bits::<5>(0);
        self.group_ends.next = self.out_number.val() == self.out_last.val();
        self.next_group.next = self.group.q.val() + 1;
        self.put.d.next = self.out_valid.val();
        self.put_data.d.next = self.planes.ordered.val();
        self.put_address.d.next =
            (bit_cast_u::<14, 13>(self.address.q.val()) << 1) | bit_cast_b::<14>(self.out_half.q.val());
        self.put_last.d.next = self.out_valid.val() & self.exchange.result_tag.val().get_bit(6);
        if self.out_valid.val() {
            self.address.d.next = self.address.q.val() + self.stride.val();
            if self.group_ends.val() {
                self.group.d.next = self.next_group.val();
                self.address.d.next = self.next_group.val();
            }
            if self.exchange.result_tag.val().get_bit(6) {
                self.group.d.next = 0.into();
                self.address.d.next = 0.into();
                self.out_half.d.next = !self.out_half.q.val();
            }
        }
        self.memory.write_enable.next = self.put.q.val();
        self.memory.write_address.next = self.put_address.q.val();
        self.memory.write_data.next = self.put_data.q.val();

        // Blocks that stand, the oldest of them told.
        self.told_kind.next = self.kind0.q.val();
        self.m_pl_size.next = self.size0.q.val();
        if self.told_half.q.val() {
            self.told_kind.next = self.kind1.q.val();
            self.m_pl_size.next = self.size1.q.val();
        }
        self.m_pl_esize.next = self.told_kind.val().get_bits::<2>(0);
        self.m_pl_raw.next = self.told_kind.val().get_bit(2);
        self.m_pl_final.next = self.told_kind.val().get_bit(3);
        self.m_pl_tvalid.next = self.announced.q.val().any();
        self.less.next = self.announced.q.val().any() & self.m_pl_tready.val();
        if self.put_last.q.val() & !self.less.val() {
            self.announced.d.next = self.announced.q.val() + 1;
        }
        if self.less.val() & !self.put_last.q.val() {
            self.announced.d.next = self.announced.q.val() - 1;
        }
        if self.less.val() {
            self.told_half.d.next = !self.told_half.q.val();
        }

        // Halves in use.
        self.more.next = self.take.val() & !self.open_block.q.val();
        if self.more.val() & !self.rd_release.val() {
            self.claimed.d.next = self.claimed.q.val() + 1;
        }
        if self.rd_release.val() & !self.more.val() {
            self.claimed.d.next = self.claimed.q.val() - 1;
        }
        if self.rd_release.val() {
            self.read_half.d.next = !self.read_half.q.val();
        }
        self.memory.read_enable.next = self.rd_enable.val();
        self.memory.read_address.next =
            (bit_cast_u::<14, 13>(self.rd_address.val()) << 1) | bit_cast_b::<14>(self.read_half.q.val());
        self.read.d.next = self.rd_enable.val();
        if self.read.q.val() {
            self.out.d.next = self.memory.read_data.val();
        }
        self.rd_data.next = self.out.q.val();

        if self.reset.val() {
            self.open_block.d.next = false;
            self.padding.d.next = false;
            self.number.d.next = 0.into();
            self.quiet.d.next = 0.into();
            self.muted.d.next = true;
            self.claimed.d.next = 0.into();
            self.step.d.next = false;
            self.tag.d.next = 0.into();
            self.in_half.d.next = false;
            self.stepped.d.next = false;
            self.out_half.d.next = false;
            self.address.d.next = 0.into();
            self.group.d.next = 0.into();
            self.put.d.next = false;
            self.put_last.d.next = false;
            self.announced.d.next = 0.into();
            self.told_half.d.next = false;
            self.read_half.d.next = false;
            self.read.d.next = false;
        }
    }
}
