//! The collector: results of the lanes, one whole result after the other.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Looks at one lane after the other, two cycles each, and lets a result through to its last word. A result that `clear`
/// cuts short is closed with a word of zeros, so that the stream's packets stay whole. Latency 1 cycle; a word a cycle.
#[derive(LogicBlock, Default)]
pub struct Collector {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset of everything.
    pub reset: Signal<In, Bit>,
    /// Closes the result that is on its way; looks at no lane meanwhile.
    pub clear: Signal<In, Bit>,
    /// Number of the last lane (constant).
    pub last_lane: Signal<In, U<6>>,

    /// The lane that is looked at; the berths answer a cycle later.
    pub chosen: Signal<Out, U<6>>,
    /// It has a result to be taken.
    pub res_starts: Signal<In, Bit>,
    /// It may give a word.
    pub take: Signal<Out, Bit>,
    /// It has one.
    pub res_tvalid: Signal<In, Bit>,
    /// The word.
    pub res_tdata: Signal<In, U<64>>,
    /// The result's last.
    pub res_tlast: Signal<In, Bit>,

    /// Results.
    pub m_axis_res_tvalid: Signal<Out, Bit>,
    /// See `m_axis_res_tvalid`.
    pub m_axis_res_tready: Signal<In, Bit>,
    /// First byte in bits 7..0.
    pub m_axis_res_tdata: Signal<Out, U<64>>,
    /// Last word of a result.
    pub m_axis_res_tlast: Signal<Out, Bit>,
    /// The lane that it comes from.
    pub m_axis_res_tdest: Signal<Out, U<8>>,

    /// A result went through.
    pub done: Signal<Out, Bit>,
    /// No result is on its way.
    pub quiet: Signal<Out, Bit>,

    lane: DFF<U<6>>,
    state: DFF<U<2>>,
    open: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_data: DFF<U<64>>,
    out_last: DFF<Bit>,
    out_lane: DFF<U<6>>,
    skid_valid: DFF<Bit>,
    skid_data: DFF<U<64>>,
    skid_last: DFF<Bit>,
    skid_lane: DFF<U<6>>,
    owner: DFF<U<6>>,
    passes: Signal<Local, Bit>,
    gets: Signal<Local, Bit>,
    data: Signal<Local, U<64>>,
    last: Signal<Local, Bit>,
    from: Signal<Local, U<6>>,
    next_lane: Signal<Local, U<6>>,
}

impl Logic for Collector {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, lane, state, open, out_valid, out_data, out_last, out_lane, skid_valid, skid_data, skid_last,
            skid_lane, owner
        );
        self.chosen.next = self.lane.q.val();
        self.next_lane.next = self.lane.q.val() + 1;
        if self.lane.q.val() == self.last_lane.val() {
            self.next_lane.next = 0.into();
        }
        self.take.next = false;
        self.passes.next = false;
        match self.state.q.val().index() {
            0 => self.state.d.next = 1.into(),
            1 => {
                if self.res_starts.val() {
                    self.state.d.next = 2.into();
                } else {
                    self.lane.d.next = self.next_lane.val();
                    self.state.d.next = 0.into();
                }
            }
            _ => {
                self.take.next = !self.skid_valid.q.val() & !self.clear.val();
                self.passes.next = !self.skid_valid.q.val() & !self.clear.val() & self.res_tvalid.val();
            }
        }
        self.done.next = self.passes.val() & self.res_tlast.val();
        if self.passes.val() & self.res_tlast.val() {
            self.lane.d.next = self.next_lane.val();
            self.state.d.next = 0.into();
        }

        // What goes on: a lane's word, or the word that closes what was cut.
        self.gets.next = self.passes.val();
        self.data.next = self.res_tdata.val();
        self.last.next = self.res_tlast.val();
        self.from.next = self.lane.q.val();
        if self.clear.val() {
            self.gets.next = self.open.q.val() & !self.skid_valid.q.val();
            self.data.next = 0.into();
            self.last.next = true;
            self.from.next = self.owner.q.val();
            self.lane.d.next = 0.into();
            self.state.d.next = 0.into();
        }
        if self.gets.val() {
            self.open.d.next = !self.last.val();
            self.owner.d.next = self.from.val();
        }

        // Two registers: ready does not depend on the receiver's within the cycle.
        if self.m_axis_res_tready.val() | !self.out_valid.q.val() {
            self.out_valid.d.next = self.skid_valid.q.val() | self.gets.val();
            self.out_data.d.next = self.data.val();
            self.out_last.d.next = self.last.val();
            self.out_lane.d.next = self.from.val();
            if self.skid_valid.q.val() {
                self.out_data.d.next = self.skid_data.q.val();
                self.out_last.d.next = self.skid_last.q.val();
                self.out_lane.d.next = self.skid_lane.q.val();
            }
            self.skid_valid.d.next = false;
        } else if self.gets.val() {
            self.skid_valid.d.next = true;
            self.skid_data.d.next = self.data.val();
            self.skid_last.d.next = self.last.val();
            self.skid_lane.d.next = self.from.val();
        }
        self.m_axis_res_tvalid.next = self.out_valid.q.val();
        self.m_axis_res_tdata.next = self.out_data.q.val();
        self.m_axis_res_tlast.next = self.out_last.q.val();
        self.m_axis_res_tdest.next = bit_cast_u::<8, 6>(self.out_lane.q.val());
        self.quiet.next = !self.open.q.val() & !self.out_valid.q.val() & !self.skid_valid.q.val();

        if self.reset.val() {
            self.lane.d.next = 0.into();
            self.state.d.next = 0.into();
            self.open.d.next = false;
            self.out_valid.d.next = false;
            self.skid_valid.d.next = false;
        }
    }
}
