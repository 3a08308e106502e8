//! The write side of `m_axi_mem`: pieces of uploads into the table memory.

use crate::base::word::{U, W, bit_cast_u};
use rust_hdl::prelude::*;

/// One burst after the other; several may be unanswered. The last one of a job is answered before the job is done and
/// the next piece is taken.
#[derive(LogicBlock, Default)]
pub struct Upload {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Takes no more pieces.
    pub halt: Signal<In, Bit>,
    /// All is written and answered.
    pub quiet: Signal<Out, Bit>,
    /// A piece; see [`super::copier::Copier`].
    pub burst_valid: Signal<In, Bit>,
    /// It.
    pub burst: Signal<In, W<192, 3>>,
    /// It is taken.
    pub burst_ready: Signal<Out, Bit>,
    /// A beat of it stands here.
    pub beat_valid: Signal<In, Bit>,
    /// The beat is taken.
    pub beat_ready: Signal<Out, Bit>,

    /// Where the piece goes.
    pub awaddr: Signal<Out, U<64>>,
    /// Beats less one.
    pub awlen: Signal<Out, U<8>>,
    /// Write address channel.
    pub awvalid: Signal<Out, Bit>,
    /// Write address channel.
    pub awready: Signal<In, Bit>,
    /// Write data channel.
    pub wlast: Signal<Out, Bit>,
    /// Write data channel.
    pub wvalid: Signal<Out, Bit>,
    /// Write data channel.
    pub wready: Signal<In, Bit>,
    /// Write answers: 2 and 3 are errors.
    pub bresp: Signal<In, U<2>>,
    /// Write answers.
    pub bvalid: Signal<In, Bit>,

    /// A job is done; holds until `done_ready`.
    pub done: Signal<Out, Bit>,
    /// Taken.
    pub done_ready: Signal<In, Bit>,
    /// Its tag.
    pub done_tag: Signal<Out, U<6>>,
    /// Its bytes.
    pub done_bytes: Signal<Out, U<32>>,
    /// A burst of it failed.
    pub done_bad: Signal<Out, Bit>,

    // 0 free, 1 beats, 2 answers, 3 done.
    state: DFF<U<2>>,
    address: DFF<U<64>>,
    length: DFF<U<7>>,
    asks: DFF<Bit>,
    left: DFF<U<7>>,
    last: DFF<Bit>,
    tag: DFF<U<6>>,
    bytes: DFF<U<32>>,
    bad: DFF<Bit>,
    open: DFF<U<8>>,
    takes: Signal<Local, Bit>,
    beats: Signal<Local, U<7>>,
    moves: Signal<Local, Bit>,
}

impl Logic for Upload {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, address, length, asks, left, last, tag, bytes, bad, open);
        self.beats.next = self.burst.val().get_bits::<7>(64);
        self.takes.next = self.burst_valid.val()
            & (self.state.q.val() == 0)
            & !self.asks.q.val()
            & !self.halt.val()
            & !self.open.q.val().get_bit(6);
        self.burst_ready.next = self.takes.val();
        self.awaddr.next = self.address.q.val();
        self.awlen.next = bit_cast_u::<8, 7>(self.length.q.val());
        self.awvalid.next = self.asks.q.val();
        if self.awready.val() {
            self.asks.d.next = false;
        }
        self.moves.next = (self.state.q.val() == 1) & self.beat_valid.val() & self.wready.val();
        self.wvalid.next = (self.state.q.val() == 1) & self.beat_valid.val();
        self.wlast.next = self.left.q.val() == 1;
        self.beat_ready.next = self.moves.val();
        self.done.next = self.state.q.val() == 3;
        self.done_tag.next = self.tag.q.val();
        self.done_bytes.next = self.bytes.q.val();
        self.done_bad.next = self.bad.q.val();
        match self.state.q.val().index() {
            0 => {
                if self.takes.val() {
                    self.asks.d.next = true;
                    self.address.d.next = self.burst.val().get_bits::<64>(0);
                    self.length.d.next = self.beats.val() - 1;
                    self.left.d.next = self.beats.val();
                    self.last.d.next = self.burst.val().get_bit(74);
                    self.tag.d.next = self.burst.val().get_bits::<6>(75);
                    self.bytes.d.next = self.burst.val().get_bits::<32>(160);
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                if self.moves.val() {
                    self.left.d.next = self.left.q.val() - 1;
                    if self.left.q.val() == 1 {
                        self.state.d.next = 0.into();
                        if self.last.q.val() {
                            self.state.d.next = 2.into();
                        }
                    }
                }
            }
            2 => {
                if self.open.q.val() == 0 {
                    self.state.d.next = 3.into();
                }
            }
            _ => {
                if self.done_ready.val() {
                    self.bad.d.next = false;
                    self.state.d.next = 0.into();
                }
            }
        }
        if self.bvalid.val() & self.bresp.val().get_bit(1) {
            self.bad.d.next = true;
        }
        if self.takes.val() & !self.bvalid.val() {
            self.open.d.next = self.open.q.val() + 1;
        }
        if self.bvalid.val() & !self.takes.val() {
            self.open.d.next = self.open.q.val() - 1;
        }
        self.quiet.next = (self.open.q.val() == 0) & !self.asks.q.val();

        if self.reset.val() {
            self.state.d.next = 0.into();
            self.asks.d.next = false;
            self.bad.d.next = false;
            self.open.d.next = 0.into();
        }
    }
}
