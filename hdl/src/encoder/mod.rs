//! The encoder's lane: raw pixels in, bslz4 chunks out, the bytes that [`debye_spec::encode`] defines.

mod crc;
pub mod emit;
pub mod intake;
mod job;
pub(crate) mod memory;
mod range;
pub mod search;
pub mod shuffle;

use crate::base::pins::HdlPins;
use crate::base::word::U;
use crate::pins;
use emit::Emit;
use intake::Intake;
use job::Job;
use rust_hdl::prelude::*;
use search::Search;
use shuffle::Shuffle;

/// Intake, shuffle, search and emitter in a row; see [`debye_spec::encode_wire`] for what passes at both ends. All blocks
/// but a frame's last have 2^BLOCK bytes (10 to 15).
///
/// Three blocks are under way at a time: one is shuffled, one searched, one written out. They may be of three frames, whose
/// jobs stand at the intake, between it and the emitter, and in the emitter.
///
/// A frame of which no word comes for `watchdog` cycles ends as [`debye_spec::Status::Stalled`], behind words that are no
/// chunk; what comes late of it is dropped by its length, so the next request has to stand behind it.
#[derive(LogicBlock, Default)]
pub struct EncoderLane<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A running count of cycles.
    pub now: Signal<In, U<40>>,
    /// Cycles without a word of pixels after which a frame is given up; 0: never. Constant.
    pub watchdog: Signal<In, U<32>>,
    /// A word of requests and pixels.
    pub s_axis_tvalid: Signal<In, Bit>,
    /// Taken.
    pub s_axis_tready: Signal<Out, Bit>,
    /// The word, first byte in bits 7..0.
    pub s_axis_tdata: Signal<In, U<64>>,
    /// A word of chunks and results.
    pub m_axis_tvalid: Signal<Out, Bit>,
    /// Taken.
    pub m_axis_tready: Signal<In, Bit>,
    /// The word, first byte in bits 7..0.
    pub m_axis_tdata: Signal<Out, U<64>>,
    /// A result's last word.
    pub m_axis_tlast: Signal<Out, Bit>,

    intake: Intake<BLOCK>,
    job: Job,
    shuffle: Shuffle<BLOCK>,
    search: Search<BLOCK>,
    emit: Emit<BLOCK>,
}

impl<const BLOCK: usize> EncoderLane<BLOCK> {
    /// A lane for a bench.
    pub fn pins() -> HdlPins<Self> {
        pins!(Box::<EncoderLane<BLOCK>>::default();
            in reset, now, watchdog, s_axis_tvalid, s_axis_tdata, m_axis_tready;
            out s_axis_tready, m_axis_tvalid, m_axis_tdata, m_axis_tlast)
    }
}

impl<const BLOCK: usize> Logic for EncoderLane<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, intake, job, shuffle, search, emit);
        self.intake.reset.next = self.reset.val();
        self.job.reset.next = self.reset.val();
        self.shuffle.reset.next = self.reset.val();
        self.search.reset.next = self.reset.val();
        self.emit.reset.next = self.reset.val();
        self.intake.now.next = self.now.val();
        self.intake.watchdog.next = self.watchdog.val();
        self.emit.now.next = self.now.val();

        self.intake.s_axis_tvalid.next = self.s_axis_tvalid.val();
        self.intake.s_axis_tdata.next = self.s_axis_tdata.val();
        self.s_axis_tready.next = self.intake.s_axis_tready.val();

        self.job.s_job_tvalid.next = self.intake.m_job_tvalid.val();
        self.intake.m_job_tready.next = self.job.s_job_tready.val();
        self.job.s_job_handle.next = self.intake.m_job_handle.val();
        self.job.s_job_sequence.next = self.intake.m_job_sequence.val();
        self.job.s_job_pixels.next = self.intake.m_job_pixels.val();
        self.job.s_job_bytes.next = self.intake.m_job_bytes.val();
        self.job.s_job_refused.next = self.intake.m_job_refused.val();
        self.job.s_job_start.next = self.intake.m_job_start.val();
        self.emit.s_job_tvalid.next = self.job.m_job_tvalid.val();
        self.job.m_job_tready.next = self.emit.s_job_tready.val();
        self.emit.s_job_handle.next = self.job.m_job_handle.val();
        self.emit.s_job_sequence.next = self.job.m_job_sequence.val();
        self.emit.s_job_pixels.next = self.job.m_job_pixels.val();
        self.emit.s_job_bytes.next = self.job.m_job_bytes.val();
        self.emit.s_job_refused.next = self.job.m_job_refused.val();
        self.emit.s_job_start.next = self.job.m_job_start.val();

        self.shuffle.s_px_tvalid.next = self.intake.m_px_tvalid.val();
        self.intake.m_px_tready.next = self.shuffle.s_px_tready.val();
        self.shuffle.s_px_tdata.next = self.intake.m_px_tdata.val();
        self.shuffle.s_px_tlast.next = self.intake.m_px_tlast.val();
        self.shuffle.s_px_units.next = self.intake.m_px_units.val();
        self.shuffle.s_px_esize.next = self.intake.m_px_esize.val();
        self.shuffle.s_px_raw.next = self.intake.m_px_raw.val();
        self.shuffle.s_px_final.next = self.intake.m_px_final.val();
        self.shuffle.s_px_stalled.next = self.intake.m_px_stalled.val();
        self.shuffle.s_px_bytes.next = self.intake.m_px_bytes.val();
        self.shuffle.s_px_threshold.next = self.intake.m_px_threshold.val();

        self.search.s_pl_tvalid.next = self.shuffle.m_pl_tvalid.val();
        self.shuffle.m_pl_tready.next = self.search.s_pl_tready.val();
        self.search.s_pl_raw.next = self.shuffle.m_pl_raw.val();
        self.search.s_pl_final.next = self.shuffle.m_pl_final.val();
        self.search.s_pl_stalled.next = self.shuffle.m_pl_stalled.val();
        self.search.s_pl_bytes.next = self.shuffle.m_pl_bytes.val();
        self.search.word_valid.next = self.shuffle.word_valid.val();
        self.search.word.next = self.shuffle.word.val();
        self.search.word_last.next = self.shuffle.word_last.val();
        self.search.word_column.next = self.shuffle.word_column.val();
        self.search.word_odd.next = self.shuffle.word_odd.val();
        self.search.word_beyond.next = self.shuffle.word_beyond.val();

        self.emit.put_enable.next = self.search.put_enable.val();
        self.emit.put_index.next = self.search.put_index.val();
        self.emit.put_data.next = self.search.put_data.val();
        self.emit.seq_enable.next = self.search.seq_enable.val();
        self.emit.seq_index.next = self.search.seq_index.val();
        self.emit.seq_data.next = self.search.seq_data.val();
        self.emit.s_blk_tvalid.next = self.search.m_blk_tvalid.val();
        self.search.m_blk_tready.next = self.emit.s_blk_tready.val();
        self.emit.s_blk_bytes.next = self.search.m_blk_bytes.val();
        self.emit.s_blk_raw.next = self.search.m_blk_raw.val();
        self.emit.s_blk_final.next = self.search.m_blk_final.val();
        self.emit.s_blk_stalled.next = self.search.m_blk_stalled.val();

        self.m_axis_tvalid.next = self.emit.m_axis_tvalid.val();
        self.emit.m_axis_tready.next = self.m_axis_tready.val();
        self.m_axis_tdata.next = self.emit.m_axis_tdata.val();
        self.m_axis_tlast.next = self.emit.m_axis_tlast.val();
    }
}
