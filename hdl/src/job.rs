//! What the stages behind the splitter must know of a frame, in a queue of two: the splitter may be two frames ahead.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Two registers in a row; one cycle of latency each, one job a cycle.
#[derive(LogicBlock, Default)]
pub struct JobQueue {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A job comes in.
    pub s_job_tvalid: Signal<In, Bit>,
    /// There is room.
    pub s_job_tready: Signal<Out, Bit>,
    /// Handle.
    pub s_job_handle: Signal<In, U<64>>,
    /// Sequence number.
    pub s_job_sequence: Signal<In, U<32>>,
    /// Element code (`debye_spec::wire`).
    pub s_job_element: Signal<In, U<3>>,
    /// Largest value that counts.
    pub s_job_max_valid: Signal<In, U<28>>,
    /// Threshold of the statistics.
    pub s_job_threshold: Signal<In, U<32>>,
    /// Bins.
    pub s_job_bins: Signal<In, U<15>>,
    /// Cycle in which the request came.
    pub s_job_start: Signal<In, U<40>>,
    /// A job goes out.
    pub m_job_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_job_tready: Signal<In, Bit>,
    /// Handle.
    pub m_job_handle: Signal<Out, U<64>>,
    /// Sequence number.
    pub m_job_sequence: Signal<Out, U<32>>,
    /// Element code.
    pub m_job_element: Signal<Out, U<3>>,
    /// Largest value that counts.
    pub m_job_max_valid: Signal<Out, U<28>>,
    /// Threshold of the statistics.
    pub m_job_threshold: Signal<Out, U<32>>,
    /// Bins.
    pub m_job_bins: Signal<Out, U<15>>,
    /// Cycle in which the request came.
    pub m_job_start: Signal<Out, U<40>>,

    have0: DFF<Bit>,
    have1: DFF<Bit>,
    handle0: DFF<U<64>>,
    handle1: DFF<U<64>>,
    sequence0: DFF<U<32>>,
    sequence1: DFF<U<32>>,
    element0: DFF<U<3>>,
    element1: DFF<U<3>>,
    max_valid0: DFF<U<28>>,
    max_valid1: DFF<U<28>>,
    threshold0: DFF<U<32>>,
    threshold1: DFF<U<32>>,
    bins0: DFF<U<15>>,
    bins1: DFF<U<15>>,
    start0: DFF<U<40>>,
    start1: DFF<U<40>>,
    move_on: Signal<Local, Bit>,
}

impl Logic for JobQueue {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, have0, have1, handle0, handle1, sequence0, sequence1, element0, element1, max_valid0,
            max_valid1, threshold0, threshold1, bins0, bins1, start0, start1
        );
        // Register 0 takes from outside, register 1 from register 0 and is the output.
        self.move_on.next = !self.have1.q.val() | self.m_job_tready.val();
        if self.move_on.val() {
            self.have1.d.next = self.have0.q.val();
            self.have0.d.next = false;
            self.handle1.d.next = self.handle0.q.val();
            self.sequence1.d.next = self.sequence0.q.val();
            self.element1.d.next = self.element0.q.val();
            self.max_valid1.d.next = self.max_valid0.q.val();
            self.threshold1.d.next = self.threshold0.q.val();
            self.bins1.d.next = self.bins0.q.val();
            self.start1.d.next = self.start0.q.val();
        }
        // Ready does not look at the output's ready: a job waits one cycle longer instead.
        self.s_job_tready.next = !self.have0.q.val();
        if self.s_job_tvalid.val() & !self.have0.q.val() {
            self.have0.d.next = true;
            self.handle0.d.next = self.s_job_handle.val();
            self.sequence0.d.next = self.s_job_sequence.val();
            self.element0.d.next = self.s_job_element.val();
            self.max_valid0.d.next = self.s_job_max_valid.val();
            self.threshold0.d.next = self.s_job_threshold.val();
            self.bins0.d.next = self.s_job_bins.val();
            self.start0.d.next = self.s_job_start.val();
        }
        self.m_job_tvalid.next = self.have1.q.val();
        self.m_job_handle.next = self.handle1.q.val();
        self.m_job_sequence.next = self.sequence1.q.val();
        self.m_job_element.next = self.element1.q.val();
        self.m_job_max_valid.next = self.max_valid1.q.val();
        self.m_job_threshold.next = self.threshold1.q.val();
        self.m_job_bins.next = self.bins1.q.val();
        self.m_job_start.next = self.start1.q.val();
        if self.reset.val() {
            self.have0.d.next = false;
            self.have1.d.next = false;
        }
    }
}
