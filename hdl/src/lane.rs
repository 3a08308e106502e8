//! The lane: one frame at a time from request to result, every stage of it in a row.
//!
//! ```text
//! s_axis -> splitter -> lz4 -> unshuffle -> integrator -> packer -> m_axis
//!              job ------------------------->|   ^ s_op (table operations)
//! ```
//!
//! Stages work on different frames at the same time: while the packer sends a result, the integrator adds the next
//! frame and the splitter reads the one after. Jobs wait in a queue of two.

use crate::base::pins::HdlPins;
use crate::base::word::{U, W, bit_cast_b};
use crate::integrator::Integrator;
use crate::job::JobQueue;
use crate::lz4::Lz4;
use crate::packer::Packer;
use crate::pins;
use crate::splitter::Splitter;
use crate::unshuffle::Unshuffle;
use rust_hdl::prelude::*;

/// A lane for blocks of up to 2^BLOCK bytes and 8 * 2^ROWS bins. Throughput: 8 bytes of pixels a cycle, less what the
/// LZ4 sequences of the data cost.
#[derive(LogicBlock, Default)]
pub struct Lane<const BLOCK: usize, const ROWS: usize> {
    /// Clock of all ports.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high: all frames in flight are forgotten.
    pub reset: Signal<In, Bit>,

    /// Request header (8 words), then the chunk, padded to words.
    pub s_axis_tvalid: Signal<In, Bit>,
    /// See `s_axis_tvalid`.
    pub s_axis_tready: Signal<Out, Bit>,
    /// First byte in bits 7..0.
    pub s_axis_tdata: Signal<In, U<64>>,
    /// Table operations (`debye_spec::ops`), from the first to the last for each frame.
    pub s_op_tvalid: Signal<In, Bit>,
    /// See `s_op_tvalid`.
    pub s_op_tready: Signal<Out, Bit>,
    /// One operation.
    pub s_op_tdata: Signal<In, W<128, 2>>,
    /// Results (`debye_spec::wire`).
    pub m_axis_tvalid: Signal<Out, Bit>,
    /// See `m_axis_tvalid`.
    pub m_axis_tready: Signal<In, Bit>,
    /// First byte in bits 7..0.
    pub m_axis_tdata: Signal<Out, U<64>>,
    /// Last word of a result.
    pub m_axis_tlast: Signal<Out, Bit>,

    /// Which table is loaded.
    pub table_id: Signal<In, U<32>>,
    /// Pixels of that table.
    pub table_pixels: Signal<In, U<26>>,
    /// Bins of that table.
    pub table_bins: Signal<In, U<15>>,
    /// Bins that the histogram holds.
    pub max_bins: Signal<In, U<15>>,
    /// Cycles without input within a chunk after which a frame is given up; 0: never.
    pub watchdog: Signal<In, U<32>>,
    /// Free-running cycle counter.
    pub now: Signal<In, U<40>>,

    /// Stages that wait: bit 0 splitter for input, 1 lz4 for input, 2 lz4 for a free half, 3 unshuffle for the
    /// integrator, 4 integrator for operations, 5 integrator for pixels, 6 integrator for the read-out; bit 7 pulses
    /// at each frame's end.
    pub stall: Signal<Out, U<8>>,

    /// Beats from splitter to lz4, as they pass (for comparisons; unconnected in a card).
    pub tap_blk_tvalid: Signal<Out, Bit>,
    /// See `tap_blk_tvalid`.
    pub tap_blk_tdata: Signal<Out, U<64>>,
    /// See `tap_blk_tvalid`.
    pub tap_blk_tbytes: Signal<Out, U<4>>,
    /// See `tap_blk_tvalid`.
    pub tap_blk_tlast: Signal<Out, Bit>,
    /// See `tap_blk_tvalid`.
    pub tap_blk_kind: Signal<Out, U<2>>,
    /// Words of decoded planes, in the order in which unshuffle reads them.
    pub tap_pl_tvalid: Signal<Out, Bit>,
    /// See `tap_pl_tvalid`.
    pub tap_pl_tdata: Signal<Out, U<64>>,
    /// Beats from unshuffle to integrator, as they pass.
    pub tap_px_tvalid: Signal<Out, Bit>,
    /// See `tap_px_tvalid`.
    pub tap_px_tdata: Signal<Out, U<64>>,
    /// End of a frame.
    pub tap_px_tend: Signal<Out, Bit>,
    /// Status at the end of a frame.
    pub tap_px_tstatus: Signal<Out, U<8>>,

    splitter: Splitter<BLOCK>,
    jobs: JobQueue,
    lz4: Lz4<BLOCK>,
    unshuffle: Unshuffle,
    integrator: Integrator<ROWS>,
    packer: Packer,
    read1: DFF<Bit>,
    read2: DFF<Bit>,
    read3: DFF<Bit>,
    waits: DFF<U<8>>,
    w0: Signal<Local, U<8>>,
    w1: Signal<Local, U<8>>,
    w2: Signal<Local, U<8>>,
    w3: Signal<Local, U<8>>,
    w4: Signal<Local, U<8>>,
    w5: Signal<Local, U<8>>,
    w6: Signal<Local, U<8>>,
    w7: Signal<Local, U<8>>,
}

impl<const BLOCK: usize, const ROWS: usize> Logic for Lane<BLOCK, ROWS> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, read1, read2, read3, waits);
        clock!(self, clock, splitter, jobs, lz4, unshuffle, integrator, packer);
        self.splitter.reset.next = self.reset.val();
        self.jobs.reset.next = self.reset.val();
        self.lz4.reset.next = self.reset.val();
        self.unshuffle.reset.next = self.reset.val();
        self.integrator.reset.next = self.reset.val();
        self.packer.reset.next = self.reset.val();

        // Request and chunk.
        self.splitter.s_axis_tvalid.next = self.s_axis_tvalid.val();
        self.splitter.s_axis_tdata.next = self.s_axis_tdata.val();
        self.s_axis_tready.next = self.splitter.s_axis_tready.val();
        self.splitter.table_id.next = self.table_id.val();
        self.splitter.table_pixels.next = self.table_pixels.val();
        self.splitter.table_bins.next = self.table_bins.val();
        self.splitter.max_bins.next = self.max_bins.val();
        self.splitter.watchdog.next = self.watchdog.val();
        self.splitter.now.next = self.now.val();

        // Jobs.
        self.jobs.s_job_tvalid.next = self.splitter.m_job_tvalid.val();
        self.splitter.m_job_tready.next = self.jobs.s_job_tready.val();
        self.jobs.s_job_handle.next = self.splitter.m_job_handle.val();
        self.jobs.s_job_sequence.next = self.splitter.m_job_sequence.val();
        self.jobs.s_job_element.next = self.splitter.m_job_element.val();
        self.jobs.s_job_max_valid.next = self.splitter.m_job_max_valid.val();
        self.jobs.s_job_threshold.next = self.splitter.m_job_threshold.val();
        self.jobs.s_job_bins.next = self.splitter.m_job_bins.val();
        self.jobs.s_job_start.next = self.splitter.m_job_start.val();
        self.integrator.s_job_tvalid.next = self.jobs.m_job_tvalid.val();
        self.jobs.m_job_tready.next = self.integrator.s_job_tready.val();
        self.integrator.s_job_handle.next = self.jobs.m_job_handle.val();
        self.integrator.s_job_sequence.next = self.jobs.m_job_sequence.val();
        self.integrator.s_job_element.next = self.jobs.m_job_element.val();
        self.integrator.s_job_max_valid.next = self.jobs.m_job_max_valid.val();
        self.integrator.s_job_threshold.next = self.jobs.m_job_threshold.val();
        self.integrator.s_job_bins.next = self.jobs.m_job_bins.val();
        self.integrator.s_job_start.next = self.jobs.m_job_start.val();

        // Blocks.
        self.lz4.s_blk_tvalid.next = self.splitter.m_blk_tvalid.val();
        self.splitter.m_blk_tready.next = self.lz4.s_blk_tready.val();
        self.lz4.s_blk_tdata.next = self.splitter.m_blk_tdata.val();
        self.lz4.s_blk_tbytes.next = self.splitter.m_blk_tbytes.val();
        self.lz4.s_blk_tlast.next = self.splitter.m_blk_tlast.val();
        self.lz4.s_blk_kind.next = self.splitter.m_blk_kind.val();
        self.lz4.s_blk_size.next = self.splitter.m_blk_size.val();
        self.lz4.s_blk_esize.next = self.splitter.m_blk_esize.val();
        self.lz4.s_blk_status.next = self.splitter.m_blk_status.val();

        // Planes.
        self.unshuffle.s_pl_tvalid.next = self.lz4.m_pl_tvalid.val();
        self.lz4.m_pl_tready.next = self.unshuffle.s_pl_tready.val();
        self.unshuffle.s_pl_kind.next = self.lz4.m_pl_kind.val();
        self.unshuffle.s_pl_size.next = self.lz4.m_pl_size.val();
        self.unshuffle.s_pl_esize.next = self.lz4.m_pl_esize.val();
        self.unshuffle.s_pl_status.next = self.lz4.m_pl_status.val();
        self.lz4.rd_enable.next = self.unshuffle.rd_enable.val();
        self.lz4.rd_address.next = self.unshuffle.rd_address.val();
        self.unshuffle.rd_data.next = self.lz4.rd_data.val();
        self.lz4.rd_release.next = self.unshuffle.rd_release.val();

        // Pixels.
        self.integrator.s_px_tvalid.next = self.unshuffle.m_px_tvalid.val();
        self.unshuffle.m_px_tready.next = self.integrator.s_px_tready.val();
        self.integrator.s_px_tdata.next = self.unshuffle.m_px_tdata.val();
        self.integrator.s_px_tend.next = self.unshuffle.m_px_tend.val();
        self.integrator.s_px_tstatus.next = self.unshuffle.m_px_tstatus.val();
        self.integrator.s_op_tvalid.next = self.s_op_tvalid.val();
        self.s_op_tready.next = self.integrator.s_op_tready.val();
        self.integrator.s_op_tdata.next = self.s_op_tdata.val();

        // Result.
        self.packer.now.next = self.now.val();
        self.packer.s_end_tvalid.next = self.integrator.m_end_tvalid.val();
        self.integrator.m_end_tready.next = self.packer.s_end_tready.val();
        self.packer.s_end_handle.next = self.integrator.m_end_handle.val();
        self.packer.s_end_sequence.next = self.integrator.m_end_sequence.val();
        self.packer.s_end_bins.next = self.integrator.m_end_bins.val();
        self.packer.s_end_start.next = self.integrator.m_end_start.val();
        self.packer.s_end_status.next = self.integrator.m_end_status.val();
        self.packer.s_end_valid.next = self.integrator.m_end_valid.val();
        self.packer.s_end_invalid.next = self.integrator.m_end_invalid.val();
        self.packer.s_end_sum.next = self.integrator.m_end_sum.val();
        self.packer.s_end_max.next = self.integrator.m_end_max.val();
        self.packer.s_end_over.next = self.integrator.m_end_over.val();
        self.packer.s_end_listed.next = self.integrator.m_end_listed.val();
        self.packer.s_rec_tvalid.next = self.integrator.m_rec_tvalid.val();
        self.integrator.m_rec_tready.next = self.packer.s_rec_tready.val();
        self.packer.s_rec_tdata.next = self.integrator.m_rec_tdata.val();
        self.packer.s_rec_tlast.next = self.integrator.m_rec_tlast.val();
        self.packer.s_inv_tvalid.next = self.integrator.m_inv_tvalid.val();
        self.integrator.m_inv_tready.next = self.packer.s_inv_tready.val();
        self.packer.s_inv_tdata.next = self.integrator.m_inv_tdata.val();
        self.m_axis_tvalid.next = self.packer.m_axis_tvalid.val();
        self.packer.m_axis_tready.next = self.m_axis_tready.val();
        self.m_axis_tdata.next = self.packer.m_axis_tdata.val();
        self.m_axis_tlast.next = self.packer.m_axis_tlast.val();

        // Who waits; registered, so that counters far away do not lengthen the stages' paths.
        self.w0.next = bit_cast_b::<8>(self.splitter.starved.val());
        self.w1.next = bit_cast_b::<8>(self.lz4.starved.val());
        self.w2.next = bit_cast_b::<8>(self.lz4.blocked.val());
        self.w3.next = bit_cast_b::<8>(self.unshuffle.blocked.val());
        self.w4.next = bit_cast_b::<8>(self.integrator.op_starved.val());
        self.w5.next = bit_cast_b::<8>(self.integrator.px_starved.val());
        self.w6.next = bit_cast_b::<8>(self.integrator.blocked.val());
        self.w7.next = bit_cast_b::<8>(self.integrator.m_end_tvalid.val() & self.packer.s_end_tready.val());
        self.waits.d.next = self.w0.val()
            | (self.w1.val() << 1)
            | (self.w2.val() << 2)
            | (self.w3.val() << 3)
            | (self.w4.val() << 4)
            | (self.w5.val() << 5)
            | (self.w6.val() << 6)
            | (self.w7.val() << 7);
        self.stall.next = self.waits.q.val();

        // Taps.
        self.tap_blk_tvalid.next = self.splitter.m_blk_tvalid.val() & self.lz4.s_blk_tready.val();
        self.tap_blk_tdata.next = self.splitter.m_blk_tdata.val();
        self.tap_blk_tbytes.next = self.splitter.m_blk_tbytes.val();
        self.tap_blk_tlast.next = self.splitter.m_blk_tlast.val();
        self.tap_blk_kind.next = self.splitter.m_blk_kind.val();
        self.read1.d.next = self.unshuffle.rd_enable.val();
        self.read2.d.next = self.read1.q.val();
        self.read3.d.next = self.read2.q.val();
        self.tap_pl_tvalid.next = self.read3.q.val();
        self.tap_pl_tdata.next = self.lz4.rd_data.val();
        self.tap_px_tvalid.next = self.unshuffle.m_px_tvalid.val() & self.integrator.s_px_tready.val();
        self.tap_px_tdata.next = self.unshuffle.m_px_tdata.val();
        self.tap_px_tend.next = self.unshuffle.m_px_tend.val();
        self.tap_px_tstatus.next = self.unshuffle.m_px_tstatus.val();

        if self.reset.val() {
            self.read1.d.next = false;
            self.read2.d.next = false;
            self.read3.d.next = false;
            self.waits.d.next = 0.into();
        }
    }
}

/// A lane behind pins.
pub fn pins<const BLOCK: usize, const ROWS: usize>() -> HdlPins<Lane<BLOCK, ROWS>> {
    pins!(Box::<Lane<BLOCK, ROWS>>::default();
        in reset, s_axis_tvalid, s_axis_tdata, s_op_tvalid, s_op_tdata, m_axis_tready, table_id, table_pixels,
           table_bins, max_bins, watchdog, now;
        out s_axis_tready, s_op_tready, m_axis_tvalid, m_axis_tdata, m_axis_tlast, stall, tap_blk_tvalid,
           tap_blk_tdata, tap_blk_tbytes, tap_blk_tlast, tap_blk_kind, tap_pl_tvalid, tap_pl_tdata, tap_px_tvalid,
           tap_px_tdata, tap_px_tend, tap_px_tstatus)
}
