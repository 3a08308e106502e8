//! Search: planes to sequences, by the rules of [`debye_spec::matches`], a word a cycle.

mod masks;
mod prefix;
mod record;
mod walk;
mod zeros;

use crate::base::pins::HdlPins;
use crate::base::word::{U, bit_cast_u};
use crate::pins;
use masks::Masks;
use record::Record;
use rust_hdl::prelude::*;
use walk::Walk;
use zeros::Zeros;

/// Reads each block that stands at `s_pl` and writes its words and its sequences into the half of the emitter's
/// memories that is free; then the block goes to `m_blk`, with the length of its LZ4 data.
///
/// A block is begun when there is a free half (`m_blk_tready`), which stays free until the block is handed over. A
/// block of n bytes takes n / 8 + 26 cycles; one whose planes are not whole words 8 cycles for each word read.
#[derive(LogicBlock, Default)]
pub struct Search<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A block stands.
    pub s_pl_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_pl_tready: Signal<Out, Bit>,
    /// A tail.
    pub s_pl_raw: Signal<In, Bit>,
    /// The frame's last.
    pub s_pl_final: Signal<In, Bit>,
    /// The frame was given up.
    pub s_pl_stalled: Signal<In, Bit>,
    /// Bytes of a tail.
    pub s_pl_bytes: Signal<In, U<5>>,
    /// A word of the block's planes.
    pub word_valid: Signal<In, Bit>,
    /// The word.
    pub word: Signal<In, U<64>>,
    /// The block's last.
    pub word_last: Signal<In, Bit>,
    /// Its number in the plane.
    pub word_column: Signal<In, U<12>>,
    /// Its plane is an odd one.
    pub word_odd: Signal<In, Bit>,
    /// There is a plane before, in whole words.
    pub word_beyond: Signal<In, Bit>,
    /// Writes a word of the block.
    pub put_enable: Signal<Out, Bit>,
    /// Its number.
    pub put_index: Signal<Out, U<13>>,
    /// The word.
    pub put_data: Signal<Out, U<64>>,
    /// Writes a sequence: bits 15..0 literals, 31..16 the match's bytes less 4, 47..32 its offset (0: no match, the last).
    pub seq_enable: Signal<Out, Bit>,
    /// Its number.
    pub seq_index: Signal<Out, U<13>>,
    /// The sequence.
    pub seq_data: Signal<Out, U<48>>,
    /// The block is searched.
    pub m_blk_tvalid: Signal<Out, Bit>,
    /// There is a free half.
    pub m_blk_tready: Signal<In, Bit>,
    /// Bytes of the LZ4 data; of a tail, its bytes.
    pub m_blk_bytes: Signal<Out, U<16>>,
    /// A tail.
    pub m_blk_raw: Signal<Out, Bit>,
    /// The frame's last.
    pub m_blk_final: Signal<Out, Bit>,
    /// The frame was given up.
    pub m_blk_stalled: Signal<Out, Bit>,

    masks: Masks<BLOCK>,
    zeros: Zeros<BLOCK>,
    walk: Walk,
    record: Record<BLOCK>,
    busy: DFF<Bit>,
    stands: DFF<Bit>,
    index: DFF<U<13>>,
    fresh: DFF<Bit>,
    followed: DFF<Bit>,
    stride: DFF<U<13>>,
    tail: DFF<U<5>>,
    raw: DFF<Bit>,
    is_final: DFF<Bit>,
    stalled: DFF<Bit>,
    bytes: DFF<U<16>>,
    takes: Signal<Local, Bit>,
}

impl<const BLOCK: usize> Search<BLOCK> {
    /// A search for a bench.
    pub fn pins() -> HdlPins<Self> {
        pins!(Box::<Search<BLOCK>>::default();
            in reset, s_pl_tvalid, s_pl_raw, s_pl_final, s_pl_stalled, s_pl_bytes, word_valid, word, word_last,
                word_column, word_odd, word_beyond, m_blk_tready;
            out s_pl_tready, put_enable, put_index, put_data, seq_enable, seq_index, seq_data, m_blk_tvalid, m_blk_bytes,
                m_blk_raw, m_blk_final, m_blk_stalled)
    }
}

impl<const BLOCK: usize> Logic for Search<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, busy, stands, index, fresh, followed, stride, tail, raw, is_final, stalled, bytes);
        clock!(self, clock, masks, zeros, walk, record);
        self.masks.reset.next = self.reset.val();
        self.walk.reset.next = self.reset.val();
        self.record.reset.next = self.reset.val();

        self.s_pl_tready.next = !self.busy.q.val() & self.m_blk_tready.val();
        self.takes.next = !self.busy.q.val() & self.m_blk_tready.val() & self.s_pl_tvalid.val();
        if self.takes.val() {
            self.busy.d.next = true;
            self.tail.d.next = self.s_pl_bytes.val();
            self.index.d.next = 0.into();
            self.fresh.d.next = true;
            self.followed.d.next = false;
            self.raw.d.next = self.s_pl_raw.val();
            self.is_final.d.next = self.s_pl_final.val();
            self.stalled.d.next = self.s_pl_stalled.val();
        }

        if self.word_valid.val() {
            self.index.d.next = self.index.q.val() + 1;
            self.fresh.d.next = false;
            self.followed.d.next = self.word_beyond.val();
            // The first word with a plane before it has as many words before it as a plane.
            if !self.followed.q.val() {
                self.stride.d.next = self.index.q.val();
            }
        }
        self.put_enable.next = self.word_valid.val();
        self.put_index.next = self.index.q.val();
        self.put_data.next = self.word.val();

        self.masks.valid.next = self.word_valid.val();
        self.masks.word.next = self.word.val();
        self.masks.first.next = self.fresh.q.val();
        self.masks.last.next = self.word_last.val();
        self.masks.column.next = self.word_column.val();
        self.masks.odd.next = self.word_odd.val();
        self.masks.beyond.next = self.word_beyond.val();
        self.zeros.opens.next = self.takes.val();
        self.zeros.step.next = self.masks.step.val();
        self.zeros.newest.next = self.masks.newest.val();
        self.zeros.zero.next = self.masks.newest_zero.val();

        self.walk.valid.next = self.masks.word_valid.val();
        self.walk.last.next = self.masks.word_last.val();
        self.walk.starts.next = self.masks.word_starts.val();
        if self.raw.q.val() {
            self.walk.starts.next = 0.into();
        }
        self.walk.same.next = self.masks.word_before.val();
        self.walk.plane.next = self.masks.word_plane.val();
        self.walk.zero.next = self.masks.word_zero.val();
        self.walk.run_start.next = self.zeros.start.val();
        self.walk.run_length.next = self.zeros.length.val();

        self.record.opens.next = self.takes.val();
        self.record.stride.next = self.stride.q.val();
        self.record.done.next = self.walk.done.val();
        self.record.last.next = self.walk.done_last.val();
        self.record.ended.next = self.walk.ended.val();
        self.record.ended_at.next = self.walk.ended_at.val();
        self.record.ended_source.next = self.walk.ended_source.val();
        self.record.started.next = self.walk.started.val();
        self.record.started_at.next = self.walk.started_at.val();
        self.record.short.next = self.walk.short.val();
        self.record.short_at.next = self.walk.short_at.val();
        self.record.short_source.next = self.walk.short_source.val();
        self.record.run_start.next = self.walk.done_run_start.val();
        self.record.run_length.next = self.walk.done_run_length.val();
        self.seq_enable.next = self.record.put.val();
        self.seq_index.next = self.record.put_index.val();
        self.seq_data.next = self.record.put_data.val();

        if self.record.whole.val() {
            self.stands.d.next = true;
            self.bytes.d.next = self.record.bytes.val();
            if self.raw.q.val() {
                self.bytes.d.next = bit_cast_u::<16, 5>(self.tail.q.val());
            }
        }
        self.m_blk_tvalid.next = self.stands.q.val();
        self.m_blk_bytes.next = self.bytes.q.val();
        self.m_blk_raw.next = self.raw.q.val();
        self.m_blk_final.next = self.is_final.q.val();
        self.m_blk_stalled.next = self.stalled.q.val();
        if self.stands.q.val() & self.m_blk_tready.val() {
            self.stands.d.next = false;
            self.busy.d.next = false;
        }

        if self.reset.val() {
            self.busy.d.next = false;
            self.stands.d.next = false;
        }
    }
}
