//! Where pixels meet operations, and the frame's course.
//!
//! A pixel word waits in a register until its operation has come, an operation until its pixels have. A word of 8-bit
//! pixels takes two groups of operations, one a half.
//!
//! ```text
//! 0 idle      waits for a job and the memory to be clear
//! 1 run       one operation a cycle
//! 2 tail      all operations have come: the next beat of pixels should be the frame's end
//! 3 ops       the frame ended early: the rest of its operations is dropped
//! 4 pixels    the frame is too long: the rest of its pixels is dropped
//! 5 wait      the pipeline runs empty; the read-out of the frame before finishes
//! 6 hand over
//! ```

use super::entry::Entry;
use super::limits::Limits;
use crate::base::word::{U, W};
use rust_hdl::prelude::*;

/// Joins pixels and operations into stage 1 of the pipeline. See [`Integrator`](super::Integrator) for the streams.
#[derive(LogicBlock, Default)]
pub struct Front {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reset.
    pub reset: Signal<In, Bit>,
    /// Pixels.
    pub s_px_tvalid: Signal<In, Bit>,
    /// Pixels.
    pub s_px_tready: Signal<Out, Bit>,
    /// Pixels.
    pub s_px_tdata: Signal<In, U<64>>,
    /// End of the frame: no pixels.
    pub s_px_tend: Signal<In, Bit>,
    /// What became of the frame; with `tend`.
    pub s_px_tstatus: Signal<In, U<8>>,
    /// Operations.
    pub s_op_tvalid: Signal<In, Bit>,
    /// Operations.
    pub s_op_tready: Signal<Out, Bit>,
    /// Operations.
    pub s_op_tdata: Signal<In, W<128, 2>>,
    /// The frame's job: taken at its end.
    pub s_job_tvalid: Signal<In, Bit>,
    /// The frame's job.
    pub s_job_tready: Signal<Out, Bit>,
    /// Code of the pixel type.
    pub s_job_element: Signal<In, U<3>>,
    /// Largest valid value.
    pub s_job_max_valid: Signal<In, U<28>>,
    /// Threshold.
    pub s_job_threshold: Signal<In, U<32>>,
    /// The memory is not clear yet.
    pub clearing: Signal<In, Bit>,
    /// The read-out of the frame before is done.
    pub free: Signal<In, Bit>,
    /// The read-out takes this cycle's place in the pipeline.
    pub steal: Signal<In, Bit>,
    /// Key of its row.
    pub steal_key: Signal<In, U<12>>,
    /// It reads.
    pub steal_read: Signal<In, Bit>,
    /// It clears.
    pub steal_clear: Signal<In, Bit>,
    /// A frame begins: counts are to start at 0.
    pub starting: Signal<Out, Bit>,
    /// A frame is handed over to the read-out.
    pub hand_over: Signal<Out, Bit>,
    /// What became of it.
    pub status: Signal<Out, U<8>>,
    /// Half of the memory that the frame adds to.
    pub half: Signal<Out, Bit>,
    /// Pixels have 32 bits.
    pub wide: Signal<Out, Bit>,
    /// For [`Validity`](super::validity::Validity).
    pub max_low: Signal<Out, U<16>>,
    /// For [`Validity`](super::validity::Validity).
    pub max_high: Signal<Out, U<16>>,
    /// For [`Validity`](super::validity::Validity).
    pub over_low: Signal<Out, U<16>>,
    /// For [`Validity`](super::validity::Validity).
    pub over_high: Signal<Out, U<16>>,
    /// Stage 1: 16 bits a slot.
    pub codes: Signal<Out, U<64>>,
    /// Stage 1: masked slots.
    pub masked: Signal<Out, U<4>>,
    /// Stage 1: the slots' places and weights.
    pub slots: [Signal<Out, U<28>>; 4],
    /// Stage 1: first operation of its pixels.
    pub opening: Signal<Out, Bit>,
    /// Stage 1: bank of the window's first bin.
    pub start: Signal<Out, U<3>>,
    /// Stage 1: key of the row in which the window starts.
    pub key: Signal<Out, U<12>>,
    /// Stage 1: something is to be done.
    pub valid: Signal<Out, Bit>,
    /// Stage 1: rows become 0.
    pub clear: Signal<Out, Bit>,
    /// Stage 1: rows are read.
    pub read: Signal<Out, Bit>,
    /// A pixel word waits for an operation.
    pub op_starved: Signal<Out, Bit>,
    /// A frame waits for pixels.
    pub px_starved: Signal<Out, Bit>,
    /// A frame's end waits for the read-out of the frame before.
    pub blocked: Signal<Out, Bit>,
    limits: Limits,
    entry: Entry,
    px: DFF<U<64>>,
    px_valid: DFF<Bit>,
    px_end: DFF<Bit>,
    px_data: DFF<Bit>,
    px_status: DFF<U<8>>,
    op: DFF<W<128, 2>>,
    op_valid: DFF<Bit>,
    op_closes: DFF<Bit>,
    state: DFF<U<3>>,
    running: DFF<Bit>,
    drained: DFF<U<4>>,
    frame_status: DFF<U<8>>,
    frame_half: DFF<Bit>,
    second: DFF<Bit>,
    // What closes a group of operations frees the word: of 8-bit pixels the second group does.
    whole: DFF<Bit>,
    fresh: DFF<Bit>,
    arrived: Signal<Local, U<2>>,
    last: Signal<Local, Bit>,
    fire: Signal<Local, Bit>,
    take_px: Signal<Local, Bit>,
    take_op: Signal<Local, Bit>,
    handing: Signal<Local, Bit>,
    empty: Signal<Local, Bit>,
}

impl Logic for Front {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            px,
            px_valid,
            px_end,
            px_status,
            op,
            op_valid,
            op_closes,
            px_data,
            running,
            state,
            drained,
            frame_status,
            frame_half
        );
        dff_setup!(self, clock, second, whole, fresh);

        // between frames the limits are those of the job that waits
        self.limits.clock.next = self.clock.val();
        self.limits.load.next = self.state.q.val() == 0;
        self.limits.element.next = self.s_job_element.val();
        self.limits.max_valid.next = self.s_job_max_valid.val();
        self.limits.threshold.next = self.s_job_threshold.val();

        // the operation that waits
        self.last.next = self.op.q.val().get_bit(127);
        // does it meet its pixels?
        self.fire.next = self.running.q.val() & self.px_data.q.val() & self.op_valid.q.val() & !self.steal.val();
        self.take_op.next = self.fire.val() | (self.state.q.val() == 3);
        self.take_px.next = (self.fire.val() & (self.last.val() | (self.op_closes.q.val() & self.whole.q.val())))
            | (self.px_end.q.val() & ((self.state.q.val() == 1) | (self.state.q.val() == 2)))
            | (self.state.q.val() == 4);
        if self.fire.val() {
            self.fresh.d.next = self.op_closes.q.val();
            if self.op_closes.q.val() {
                self.second.d.next = self.limits.narrow.val() & !self.second.q.val();
                self.whole.d.next = !self.limits.narrow.val() | !self.second.q.val();
            }
        }

        // registers at the streams; what an operation does to its pixels is known before it meets them
        self.arrived.next = self.s_op_tdata.val().get_bits::<2>(126);
        self.s_px_tready.next = !self.px_valid.q.val() | self.take_px.val();
        self.s_op_tready.next = !self.op_valid.q.val() | self.take_op.val();
        if !self.px_valid.q.val() | self.take_px.val() {
            self.px_valid.d.next = self.s_px_tvalid.val();
            self.px_data.d.next = self.s_px_tvalid.val() & !self.s_px_tend.val();
            self.px.d.next = self.s_px_tdata.val();
            self.px_end.d.next = self.s_px_tend.val();
            self.px_status.d.next = self.s_px_tstatus.val();
        }
        if !self.op_valid.q.val() | self.take_op.val() {
            self.op_valid.d.next = self.s_op_tvalid.val();
            self.op.d.next = self.s_op_tdata.val();
            self.op_closes.d.next = self.arrived.val() != 1;
        }

        // the frame's course
        self.s_job_tready.next = false;
        self.starting.next = false;
        self.handing.next = false;
        self.empty.next = self.drained.q.val() == 15;
        match self.state.q.val().index() {
            0 => {
                self.drained.d.next = 0.into();
                self.fresh.d.next = true;
                self.second.d.next = false;
                self.whole.d.next = self.s_job_element.val().get_bits::<2>(0).any();
                self.frame_status.d.next = 0.into();
                self.starting.next = true;
                if self.s_job_tvalid.val() & !self.clearing.val() {
                    self.running.d.next = true;
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                if self.px_valid.q.val() & self.px_end.q.val() {
                    self.frame_status.d.next = self.px_status.q.val();
                    if self.px_status.q.val() == 0 {
                        self.frame_status.d.next = 34.into();
                    }
                    self.running.d.next = false;
                    self.state.d.next = 3.into();
                } else if self.fire.val() & self.last.val() {
                    self.running.d.next = false;
                    self.state.d.next = 2.into();
                }
            }
            2 => {
                if self.px_valid.q.val() {
                    if self.px_end.q.val() {
                        self.frame_status.d.next = self.px_status.q.val();
                        self.state.d.next = 5.into();
                    } else {
                        self.state.d.next = 4.into();
                    }
                }
            }
            3 => {
                if self.op_valid.q.val() & self.last.val() {
                    self.state.d.next = 5.into();
                }
            }
            4 => {
                if self.px_valid.q.val() & self.px_end.q.val() {
                    self.frame_status.d.next = self.px_status.q.val();
                    if self.px_status.q.val() == 0 {
                        self.frame_status.d.next = 34.into();
                    }
                    self.state.d.next = 5.into();
                }
            }
            5 => {
                if !self.empty.val() {
                    self.drained.d.next = self.drained.q.val() + 1;
                } else if self.free.val() {
                    self.state.d.next = 6.into();
                }
            }
            _ => {
                self.handing.next = true;
                self.s_job_tready.next = true;
                self.frame_half.d.next = !self.frame_half.q.val();
                self.state.d.next = 0.into();
            }
        }

        // what enters the pipeline
        self.entry.clock.next = self.clock.val();
        self.entry.word.next = self.px.q.val();
        self.entry.op.next = self.op.q.val();
        self.entry.narrow.next = self.limits.narrow.val();
        self.entry.wide.next = self.limits.wide.val();
        self.entry.second.next = self.second.q.val();
        self.entry.fresh.next = self.fresh.q.val();
        self.entry.fire.next = self.fire.val();
        self.entry.half.next = self.frame_half.q.val();
        self.entry.handing.next = self.handing.val();
        self.entry.steal.next = self.steal.val();
        self.entry.steal_key.next = self.steal_key.val();
        self.entry.steal_read.next = self.steal_read.val();
        self.entry.steal_clear.next = self.steal_clear.val();
        self.codes.next = self.entry.codes.val();
        self.masked.next = self.entry.masked.val();
        for s in 0..4 {
            self.slots[s].next = self.entry.slots[s].val();
        }
        self.opening.next = self.entry.opening.val();
        self.start.next = self.entry.start.val();
        self.key.next = self.entry.key.val();
        self.valid.next = self.entry.valid.val();
        self.clear.next = self.entry.clear.val();
        self.read.next = self.entry.read.val();

        self.hand_over.next = self.handing.val();
        self.status.next = self.frame_status.q.val();
        self.half.next = self.frame_half.q.val();
        self.wide.next = self.limits.wide.val();
        self.max_low.next = self.limits.max_low.val();
        self.max_high.next = self.limits.max_high.val();
        self.over_low.next = self.limits.over_low.val();
        self.over_high.next = self.limits.over_high.val();
        self.op_starved.next =
            (self.state.q.val() == 1) & self.px_valid.q.val() & !self.px_end.q.val() & !self.op_valid.q.val();
        self.px_starved.next = ((self.state.q.val() == 1) | (self.state.q.val() == 2)) & !self.px_valid.q.val();
        self.blocked.next = (self.state.q.val() == 5) & self.empty.val() & !self.free.val();
        if self.reset.val() {
            self.px_valid.d.next = false;
            self.px_data.d.next = false;
            self.op_valid.d.next = false;
            self.running.d.next = false;
            self.state.d.next = 0.into();
            self.frame_half.d.next = false;
        }
    }
}
