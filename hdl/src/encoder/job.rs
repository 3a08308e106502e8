//! What the emitter must know of a frame, kept while it writes the one before.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// A register: no path from ready to ready. With a frame's job here and one at the intake, three frames of a block each
/// are under way at a time, as many as there are stages; for longer ones two would do.
#[derive(LogicBlock, Default)]
pub struct Job {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A job comes in.
    pub s_job_tvalid: Signal<In, Bit>,
    /// There is room.
    pub s_job_tready: Signal<Out, Bit>,
    /// Comes back in the result.
    pub s_job_handle: Signal<In, U<64>>,
    /// Comes back in the result.
    pub s_job_sequence: Signal<In, U<32>>,
    /// Pixels.
    pub s_job_pixels: Signal<In, U<32>>,
    /// Their bytes.
    pub s_job_bytes: Signal<In, U<32>>,
    /// The request is refused.
    pub s_job_refused: Signal<In, Bit>,
    /// `now` at the request's first word.
    pub s_job_start: Signal<In, U<40>>,
    /// A job goes out.
    pub m_job_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_job_tready: Signal<In, Bit>,
    /// Comes back in the result.
    pub m_job_handle: Signal<Out, U<64>>,
    /// Comes back in the result.
    pub m_job_sequence: Signal<Out, U<32>>,
    /// Pixels.
    pub m_job_pixels: Signal<Out, U<32>>,
    /// Their bytes.
    pub m_job_bytes: Signal<Out, U<32>>,
    /// The request is refused.
    pub m_job_refused: Signal<Out, Bit>,
    /// `now` at the request's first word.
    pub m_job_start: Signal<Out, U<40>>,

    have: DFF<Bit>,
    handle: DFF<U<64>>,
    sequence_number: DFF<U<32>>,
    pixels: DFF<U<32>>,
    bytes: DFF<U<32>>,
    refused: DFF<Bit>,
    start: DFF<U<40>>,
}

impl Logic for Job {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, have, handle, sequence_number, pixels, bytes, refused, start);
        self.s_job_tready.next = !self.have.q.val();
        if self.m_job_tready.val() {
            self.have.d.next = false;
        }
        if !self.have.q.val() {
            self.have.d.next = self.s_job_tvalid.val();
            self.handle.d.next = self.s_job_handle.val();
            self.sequence_number.d.next = self.s_job_sequence.val();
            self.pixels.d.next = self.s_job_pixels.val();
            self.bytes.d.next = self.s_job_bytes.val();
            self.refused.d.next = self.s_job_refused.val();
            self.start.d.next = self.s_job_start.val();
        }
        self.m_job_tvalid.next = self.have.q.val();
        self.m_job_handle.next = self.handle.q.val();
        self.m_job_sequence.next = self.sequence_number.q.val();
        self.m_job_pixels.next = self.pixels.q.val();
        self.m_job_bytes.next = self.bytes.q.val();
        self.m_job_refused.next = self.refused.q.val();
        self.m_job_start.next = self.start.q.val();
        if self.reset.val() {
            self.have.d.next = false;
        }
    }
}
