//! A lane that can be emitted: it adds up a frame's words and operations.

use debye_hdl::base::word::{U, W, bit_cast_u};
use rust_hdl::prelude::*;

/// Ports as `debye_hdl::lane::Lane`. Takes header and chunk, then the operations, then answers with three words: the
/// handle, the sum of all words, the sum of both halves of all operations.
#[derive(LogicBlock, Default)]
pub struct ThinLane {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub s_axis_tvalid: Signal<In, Bit>,
    pub s_axis_tready: Signal<Out, Bit>,
    pub s_axis_tdata: Signal<In, U<64>>,
    pub s_op_tvalid: Signal<In, Bit>,
    pub s_op_tready: Signal<Out, Bit>,
    pub s_op_tdata: Signal<In, W<128, 2>>,
    pub m_axis_tvalid: Signal<Out, Bit>,
    pub m_axis_tready: Signal<In, Bit>,
    pub m_axis_tdata: Signal<Out, U<64>>,
    pub m_axis_tlast: Signal<Out, Bit>,
    pub table_id: Signal<In, U<32>>,
    pub table_pixels: Signal<In, U<26>>,
    pub table_bins: Signal<In, U<15>>,
    pub max_bins: Signal<In, U<15>>,
    pub watchdog: Signal<In, U<32>>,
    pub now: Signal<In, U<40>>,
    pub stall: Signal<Out, U<8>>,

    state: DFF<U<2>>,
    place: DFF<U<3>>,
    left: DFF<U<29>>,
    handle: DFF<U<64>>,
    words: DFF<U<64>>,
    ops: DFF<U<64>>,
    up: Signal<Local, U<33>>,
    low: Signal<Local, U<64>>,
    high: Signal<Local, U<64>>,
    takes: Signal<Local, Bit>,
}

impl Logic for ThinLane {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, place, left, handle, words, ops);
        self.takes.next = (self.state.q.val() < 2) & self.s_axis_tvalid.val();
        self.s_axis_tready.next = self.state.q.val() < 2;
        self.s_op_tready.next = self.state.q.val() == 2;
        self.m_axis_tvalid.next = self.state.q.val() == 3;
        self.m_axis_tdata.next = self.handle.q.val();
        if self.place.q.val() == 1 {
            self.m_axis_tdata.next = self.words.q.val();
        }
        if self.place.q.val() == 2 {
            self.m_axis_tdata.next = self.ops.q.val();
        }
        self.m_axis_tlast.next = self.place.q.val() == 2;
        self.stall.next = bit_cast_u::<8, 2>(self.state.q.val());
        if (self.state.q.val() == 2) & self.s_op_tvalid.val() & self.s_op_tdata.val().get_bit(127) {
            self.stall.next = 128.into();
        }
        self.up.next = bit_cast_u::<33, 32>(self.s_axis_tdata.val().get_bits::<32>(32)) + 7;
        self.low.next = self.s_op_tdata.val().get_bits::<64>(0);
        self.high.next = self.s_op_tdata.val().get_bits::<64>(64);
        match self.state.q.val().index() {
            0 => {
                if self.takes.val() {
                    self.words.d.next = self.words.q.val() + self.s_axis_tdata.val();
                    self.place.d.next = self.place.q.val() + 1;
                    if self.place.q.val() == 1 {
                        self.handle.d.next = self.s_axis_tdata.val();
                    }
                    if self.place.q.val() == 2 {
                        self.left.d.next = self.up.val().get_bits::<29>(3);
                    }
                    if self.place.q.val() == 7 {
                        self.state.d.next = 1.into();
                        if self.left.q.val() == 0 {
                            self.state.d.next = 2.into();
                        }
                    }
                }
            }
            1 => {
                if self.takes.val() {
                    self.words.d.next = self.words.q.val() + self.s_axis_tdata.val();
                    self.left.d.next = self.left.q.val() - 1;
                    if self.left.q.val() == 1 {
                        self.state.d.next = 2.into();
                    }
                }
            }
            2 => {
                if self.s_op_tvalid.val() {
                    self.ops.d.next = self.ops.q.val() + self.low.val() + self.high.val();
                    if self.s_op_tdata.val().get_bit(127) {
                        self.state.d.next = 3.into();
                    }
                }
            }
            _ => {
                if self.m_axis_tready.val() {
                    self.place.d.next = self.place.q.val() + 1;
                    if self.place.q.val() == 2 {
                        self.place.d.next = 0.into();
                        self.state.d.next = 0.into();
                        self.words.d.next = 0.into();
                        self.ops.d.next = 0.into();
                    }
                }
            }
        }
        if self.reset.val() {
            self.state.d.next = 0.into();
            self.place.d.next = 0.into();
            self.words.d.next = 0.into();
            self.ops.d.next = 0.into();
        }
    }
}
