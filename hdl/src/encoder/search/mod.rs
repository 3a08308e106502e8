//! Search: planes to sequences, by the rules of [`debye_spec::matches`], a word a cycle.

mod feed;
mod masks;
mod prefix;
mod record;
mod walk;
mod zeros;

use crate::base::pins::HdlPins;
use crate::base::word::U;
use crate::pins;
use feed::Feed;
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
    /// Its bytes.
    pub s_pl_size: Signal<In, U<16>>,
    /// Log2 of an element's bytes.
    pub s_pl_esize: Signal<In, U<2>>,
    /// A tail.
    pub s_pl_raw: Signal<In, Bit>,
    /// The frame's last.
    pub s_pl_final: Signal<In, Bit>,
    /// Reads.
    pub rd_enable: Signal<Out, Bit>,
    /// Word within the half.
    pub rd_address: Signal<Out, U<13>>,
    /// What was read, two cycles later.
    pub rd_data: Signal<In, U<64>>,
    /// With the last read of a half.
    pub rd_release: Signal<Out, Bit>,
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

    feed: Feed,
    masks: Masks<BLOCK>,
    zeros: Zeros,
    walk: Walk,
    record: Record,
    busy: DFF<Bit>,
    stands: DFF<Bit>,
    size: DFF<U<16>>,
    raw: DFF<Bit>,
    is_final: DFF<Bit>,
    bytes: DFF<U<16>>,
    takes: Signal<Local, Bit>,
}

impl<const BLOCK: usize> Search<BLOCK> {
    /// A search for a bench.
    pub fn pins() -> HdlPins<Self> {
        pins!(Box::<Search<BLOCK>>::default();
            in reset, s_pl_tvalid, s_pl_size, s_pl_esize, s_pl_raw, s_pl_final, rd_data, m_blk_tready;
            out s_pl_tready, rd_enable, rd_address, rd_release, put_enable, put_index, put_data, seq_enable, seq_index,
                seq_data, m_blk_tvalid, m_blk_bytes, m_blk_raw, m_blk_final)
    }
}

impl<const BLOCK: usize> Logic for Search<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, busy, stands, size, raw, is_final, bytes);
        clock!(self, clock, feed, masks, zeros, walk, record);
        self.feed.reset.next = self.reset.val();
        self.masks.reset.next = self.reset.val();
        self.walk.reset.next = self.reset.val();
        self.record.reset.next = self.reset.val();

        self.s_pl_tready.next = !self.busy.q.val() & self.m_blk_tready.val();
        self.takes.next = !self.busy.q.val() & self.m_blk_tready.val() & self.s_pl_tvalid.val();
        if self.takes.val() {
            self.busy.d.next = true;
            self.size.d.next = self.s_pl_size.val();
            self.raw.d.next = self.s_pl_raw.val();
            self.is_final.d.next = self.s_pl_final.val();
        }

        self.feed.opens.next = self.takes.val();
        self.feed.size.next = self.s_pl_size.val();
        self.feed.esize.next = self.s_pl_esize.val();
        self.feed.raw.next = self.s_pl_raw.val();
        self.rd_enable.next = self.feed.rd_enable.val();
        self.rd_address.next = self.feed.rd_address.val();
        self.rd_release.next = self.feed.rd_release.val();
        self.feed.rd_data.next = self.rd_data.val();
        self.put_enable.next = self.feed.valid.val();
        self.put_index.next = self.feed.index.val();
        self.put_data.next = self.feed.word.val();

        self.masks.valid.next = self.feed.valid.val();
        self.masks.word.next = self.feed.word.val();
        self.masks.index.next = self.feed.index.val();
        self.masks.last.next = self.feed.last.val();
        self.masks.beyond.next = self.feed.beyond.val();
        self.masks.stride.next = self.feed.stride.val();
        self.zeros.opens.next = self.takes.val();
        self.zeros.step.next = self.masks.step.val();
        self.zeros.newest.next = self.masks.newest.val();
        self.zeros.zero.next = self.masks.newest_zero.val();
        self.zeros.index.next = self.masks.newest_index.val();

        self.walk.valid.next = self.masks.word_valid.val();
        self.walk.index.next = self.masks.word_index.val();
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
        self.record.size.next = self.size.q.val();
        self.record.stride.next = self.feed.stride.val();
        self.record.done.next = self.walk.done.val();
        self.record.index.next = self.walk.done_index.val();
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
                self.bytes.d.next = self.size.q.val();
            }
        }
        self.m_blk_tvalid.next = self.stands.q.val();
        self.m_blk_bytes.next = self.bytes.q.val();
        self.m_blk_raw.next = self.raw.q.val();
        self.m_blk_final.next = self.is_final.q.val();
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
