//! Shuffle: pixels to bit-planes ([`debye_spec::bitshuffle`]), block by block.

mod bank;
mod gather;
mod lanes;
mod read;
mod threshold;
mod write;

use crate::base::pins::HdlPins;
use crate::base::word::U;
use crate::pins;
use read::Read;
use rust_hdl::prelude::*;
use threshold::Threshold;
use write::Write;

/// Takes the pixels of blocks of up to 2^BLOCK bytes (10 to 15) at `s_px`, and announces each block at `m_pl` once its
/// planes are written. When it is taken there, its words come at `word_*`, while the next block is written.
///
/// A word a cycle comes in, but for 12 cycles at a block's end and as long as the block before is not taken. The first
/// word goes out four cycles after a block was taken, then a word a cycle; where planes are not whole words, one in
/// eight cycles.
#[derive(LogicBlock, Default)]
pub struct Shuffle<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A word of pixels.
    pub s_px_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_px_tready: Signal<Out, Bit>,
    /// Pixels, the first byte in bits 7..0.
    pub s_px_tdata: Signal<In, U<64>>,
    /// The block's last word.
    pub s_px_tlast: Signal<In, Bit>,
    /// Constant over a block: bytes of a plane, mod 8; of a tail 1.
    pub s_px_units: Signal<In, U<3>>,
    /// Constant over a block: log2 of an element's bytes.
    pub s_px_esize: Signal<In, U<2>>,
    /// Constant over a block: a tail, whose words stay as they are; at most as many as an element has bytes.
    pub s_px_raw: Signal<In, Bit>,
    /// With the block's last word: the frame's last block.
    pub s_px_final: Signal<In, Bit>,
    /// With the block's last word: the frame was given up.
    pub s_px_stalled: Signal<In, Bit>,
    /// Constant over a block: bytes of a tail.
    pub s_px_bytes: Signal<In, U<5>>,
    /// Constant over a block, and for four cycles more: four bytes of pixels; a pixel below becomes 0.
    pub s_px_threshold: Signal<In, U<32>>,
    /// A block stands.
    pub m_pl_tvalid: Signal<Out, Bit>,
    /// It is taken; not before all words of the one before are out.
    pub m_pl_tready: Signal<In, Bit>,
    /// A tail: what comes are as many words as an element has bytes.
    pub m_pl_raw: Signal<Out, Bit>,
    /// The frame's last.
    pub m_pl_final: Signal<Out, Bit>,
    /// The frame was given up.
    pub m_pl_stalled: Signal<Out, Bit>,
    /// Bytes of a tail.
    pub m_pl_bytes: Signal<Out, U<5>>,
    /// A word of planes stands, for this cycle.
    pub word_valid: Signal<Out, Bit>,
    /// The word.
    pub word: Signal<Out, U<64>>,
    /// The block's last.
    pub word_last: Signal<Out, Bit>,
    /// Its number in the plane; where planes are whole words.
    pub word_column: Signal<Out, U<12>>,
    /// Its plane is an odd one.
    pub word_odd: Signal<Out, Bit>,
    /// There is a plane before, in whole words.
    pub word_beyond: Signal<Out, Bit>,

    cut: Threshold,
    write: Write<BLOCK>,
    read: Read<BLOCK>,
    closed: DFF<Bit>,
    half: DFF<Bit>,
    units: DFF<U<3>>,
    esize: DFF<U<2>>,
    raw: DFF<Bit>,
    is_final: DFF<Bit>,
    stalled: DFF<Bit>,
    bytes: DFF<U<5>>,

    take: Signal<Local, Bit>,
    hands: Signal<Local, Bit>,
}

impl<const BLOCK: usize> Shuffle<BLOCK> {
    /// A shuffle for a bench.
    pub fn pins() -> HdlPins<Self> {
        pins!(Box::<Shuffle<BLOCK>>::default();
            in reset, s_px_tvalid, s_px_tdata, s_px_tlast, s_px_units, s_px_esize, s_px_raw, s_px_final,
                s_px_stalled, s_px_bytes, s_px_threshold, m_pl_tready;
            out s_px_tready, m_pl_tvalid, m_pl_raw, m_pl_final, m_pl_stalled, m_pl_bytes, word_valid, word, word_last,
                word_column, word_odd, word_beyond)
    }
}

impl<const BLOCK: usize> Logic for Shuffle<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, closed, half, units, esize, raw, is_final, stalled, bytes);
        clock!(self, clock, cut, write, read);
        self.cut.reset.next = self.reset.val();
        self.write.reset.next = self.reset.val();
        self.read.reset.next = self.reset.val();

        // From a block's last word until it is handed over, none comes in.
        self.s_px_tready.next = !self.closed.q.val();
        self.take.next = !self.closed.q.val() & self.s_px_tvalid.val();
        self.cut.valid.next = self.take.val();
        self.cut.word.next = self.s_px_tdata.val();
        self.cut.last.next = self.s_px_tlast.val();
        self.cut.esize.next = self.esize.q.val();
        self.cut.threshold.next = self.s_px_threshold.val();
        if self.take.val() {
            self.closed.d.next = self.s_px_tlast.val();
            self.units.d.next = self.s_px_units.val();
            self.esize.d.next = self.s_px_esize.val();
            self.raw.d.next = self.s_px_raw.val();
            self.is_final.d.next = self.s_px_final.val();
            self.stalled.d.next = self.s_px_stalled.val();
            self.bytes.d.next = self.s_px_bytes.val();
        }
        self.write.valid.next = self.cut.out_valid.val();
        self.write.word.next = self.cut.out.val();
        self.write.last.next = self.cut.out_last.val();
        self.write.esize.next = self.esize.q.val();
        self.write.raw.next = self.raw.q.val();
        self.write.units.next = self.units.q.val();

        self.hands.next = self.write.done.val() & self.m_pl_tready.val();
        self.write.taken.next = self.hands.val();
        if self.hands.val() {
            self.closed.d.next = false;
            self.half.d.next = !self.half.q.val();
        }
        self.m_pl_tvalid.next = self.write.done.val();
        self.m_pl_raw.next = self.raw.q.val();
        self.m_pl_final.next = self.is_final.q.val();
        self.m_pl_stalled.next = self.stalled.q.val();
        self.m_pl_bytes.next = self.bytes.q.val();
        self.read.opens.next = self.hands.val();
        self.read.half.next = self.half.q.val();
        self.read.last_unit.next = self.write.last_unit.val();
        self.read.esize.next = self.esize.q.val();
        self.read.raw.next = self.raw.q.val();
        self.read.put.next = self.write.put.val();
        self.read.put_half.next = self.half.q.val();
        self.read.put_row.next = self.write.put_row.val();
        self.read.put_lanes.next = self.write.put_lanes.val();
        self.read.put_data.next = self.write.put_data.val();
        self.word_valid.next = self.read.valid.val();
        self.word.next = self.read.word.val();
        self.word_last.next = self.read.last.val();
        self.word_column.next = self.read.column.val();
        self.word_odd.next = self.read.odd.val();
        self.word_beyond.next = self.read.beyond.val();

        if self.reset.val() {
            self.closed.d.next = false;
            self.half.d.next = false;
        }
    }
}
