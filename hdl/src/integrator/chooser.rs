//! Which bank's sum is the record's next word.
//!
//! A register a bank and kind is 0 unless it is chosen, and the word is all of them together: the reset of a flip-flop
//! costs nothing, a multiplexer of 1120 bits a tenth of the integrator. They are put together in two steps of at most
//! six at a time, with registers between: synthesis takes one LUT for each.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Chooses; latency 2, and what is chosen must stay for those two cycles and the next.
#[derive(LogicBlock, Default)]
pub struct Chooser {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Kind: 0 signal, 1 variance, 2 weights.
    pub kind: Signal<In, U<2>>,
    /// Bank, or of weights the pair of banks.
    pub index: Signal<In, U<3>>,
    /// Signal of the row that was read, of banks 0 to 3.
    pub lower_signal: [Signal<In, U<54>>; 4],
    /// And of banks 4 to 7.
    pub upper_signal: [Signal<In, U<54>>; 4],
    /// Variance, of banks 0 to 3.
    pub lower_variance: [Signal<In, U<60>>; 4],
    /// And of banks 4 to 7.
    pub upper_variance: [Signal<In, U<60>>; 4],
    /// Weight, of banks 0 to 3.
    pub lower_weight: [Signal<In, U<26>>; 4],
    /// And of banks 4 to 7.
    pub upper_weight: [Signal<In, U<26>>; 4],
    /// Word of the record, two cycles later.
    pub word: Signal<Out, U<64>>,
    lower_signals: [DFF<U<54>>; 4],
    upper_signals: [DFF<U<54>>; 4],
    lower_variances: [DFF<U<60>>; 4],
    upper_variances: [DFF<U<60>>; 4],
    lower_weights: [DFF<U<26>>; 4],
    upper_weights: [DFF<U<26>>; 4],
    one: Signal<Local, U<8>>,
    pair: Signal<Local, U<8>>,
    signals: Signal<Local, U<8>>,
    variances: Signal<Local, U<8>>,
    weights: Signal<Local, U<8>>,
    some_signals: DFF<U<54>>,
    some_variances: DFF<U<60>>,
    the_rest: DFF<U<58>>,
}

impl Logic for Chooser {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, some_signals, some_variances, the_rest);
        match self.index.val().index() {
            0 => {
                self.one.next = 1.into();
                self.pair.next = 3.into();
            }
            1 => {
                self.one.next = 2.into();
                self.pair.next = 12.into();
            }
            2 => {
                self.one.next = 4.into();
                self.pair.next = 48.into();
            }
            3 => {
                self.one.next = 8.into();
                self.pair.next = 192.into();
            }
            4 => {
                self.one.next = 16.into();
                self.pair.next = 0.into();
            }
            5 => {
                self.one.next = 32.into();
                self.pair.next = 0.into();
            }
            6 => {
                self.one.next = 64.into();
                self.pair.next = 0.into();
            }
            _ => {
                self.one.next = 128.into();
                self.pair.next = 0.into();
            }
        }
        self.signals.next = 0.into();
        self.variances.next = 0.into();
        self.weights.next = 0.into();
        match self.kind.val().index() {
            0 => {
                self.signals.next = self.one.val();
            }
            1 => {
                self.variances.next = self.one.val();
            }
            _ => {
                self.weights.next = self.pair.val();
            }
        }
        for j in 0..4 {
            self.lower_signals[j].clock.next = self.clock.val();
            self.upper_signals[j].clock.next = self.clock.val();
            self.lower_variances[j].clock.next = self.clock.val();
            self.upper_variances[j].clock.next = self.clock.val();
            self.lower_weights[j].clock.next = self.clock.val();
            self.upper_weights[j].clock.next = self.clock.val();
            self.lower_signals[j].d.next = 0.into();
            self.upper_signals[j].d.next = 0.into();
            self.lower_variances[j].d.next = 0.into();
            self.upper_variances[j].d.next = 0.into();
            self.lower_weights[j].d.next = 0.into();
            self.upper_weights[j].d.next = 0.into();
            if self.signals.val().get_bit(j) {
                self.lower_signals[j].d.next = self.lower_signal[j].val();
            }
            if self.signals.val().get_bit(4 + j) {
                self.upper_signals[j].d.next = self.upper_signal[j].val();
            }
            if self.variances.val().get_bit(j) {
                self.lower_variances[j].d.next = self.lower_variance[j].val();
            }
            if self.variances.val().get_bit(4 + j) {
                self.upper_variances[j].d.next = self.upper_variance[j].val();
            }
            if self.weights.val().get_bit(j) {
                self.lower_weights[j].d.next = self.lower_weight[j].val();
            }
            if self.weights.val().get_bit(4 + j) {
                self.upper_weights[j].d.next = self.upper_weight[j].val();
            }
        }
        self.some_signals.d.next = self.lower_signals[0].q.val()
            | self.lower_signals[1].q.val()
            | self.lower_signals[2].q.val()
            | self.lower_signals[3].q.val()
            | self.upper_signals[0].q.val()
            | self.upper_signals[1].q.val();
        self.some_variances.d.next = self.lower_variances[0].q.val()
            | self.lower_variances[1].q.val()
            | self.lower_variances[2].q.val()
            | self.lower_variances[3].q.val()
            | self.upper_variances[0].q.val()
            | self.upper_variances[1].q.val();
        self.the_rest.d.next = bit_cast_u::<58, 26>(self.lower_weights[0].q.val())
            | bit_cast_u::<58, 26>(self.lower_weights[2].q.val())
            | bit_cast_u::<58, 26>(self.upper_weights[0].q.val())
            | bit_cast_u::<58, 26>(self.upper_weights[2].q.val())
            | (bit_cast_u::<58, 26>(self.lower_weights[1].q.val()) << 32)
            | (bit_cast_u::<58, 26>(self.lower_weights[3].q.val()) << 32)
            | (bit_cast_u::<58, 26>(self.upper_weights[1].q.val()) << 32)
            | (bit_cast_u::<58, 26>(self.upper_weights[3].q.val()) << 32)
            | bit_cast_u::<58, 54>(self.upper_signals[2].q.val())
            | bit_cast_u::<58, 54>(self.upper_signals[3].q.val());
        self.word.next = bit_cast_u::<64, 54>(self.some_signals.q.val())
            | bit_cast_u::<64, 60>(self.some_variances.q.val())
            | bit_cast_u::<64, 58>(self.the_rest.q.val())
            | bit_cast_u::<64, 60>(self.upper_variances[2].q.val())
            | bit_cast_u::<64, 60>(self.upper_variances[3].q.val());
    }
}
