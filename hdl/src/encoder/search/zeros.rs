//! The longest run of zeros that has ended.
//!
//! A run of 8 or more that ends in a word began before it: one counter follows them.

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::encoder::range::Range;
use rust_hdl::prelude::*;

/// Remembers the longest run. In a step in which word k is the newest, `start` and `length` are of the runs that ended
/// before word k - 1: what a match in word k - 1 may use.
#[derive(LogicBlock, Default)]
pub struct Zeros<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// A block begins; forgets. Not with a step.
    pub opens: Signal<In, Bit>,
    /// Moves on.
    pub step: Signal<In, Bit>,
    /// There is a newest word.
    pub newest: Signal<In, Bit>,
    /// Its bytes that are 0.
    pub zero: Signal<In, U<8>>,
    /// First byte of the longest run.
    pub start: Signal<Out, U<16>>,
    /// Its bytes; 0 if none is remembered.
    pub length: Signal<Out, U<16>>,

    index: DFF<U<13>>,
    start_range: Range<BLOCK>,
    total_range: Range<BLOCK>,
    running_range: Range<BLOCK>,
    running: DFF<U<16>>,
    ended: DFF<Bit>,
    ended_start: DFF<U<16>>,
    ended_length: DFF<U<16>>,
    longest_start: DFF<U<16>>,
    longest: DFF<U<16>>,
    low0: Signal<Local, U<8>>,
    low1: Signal<Local, U<8>>,
    low: Signal<Local, U<8>>,
    high0: Signal<Local, U<8>>,
    high1: Signal<Local, U<8>>,
    high: Signal<Local, U<8>>,
    first: Signal<Local, U<3>>,
    behind: Signal<Local, U<3>>,
    total: Signal<Local, U<16>>,
    at: Signal<Local, U<16>>,
}

impl<const BLOCK: usize> Logic for Zeros<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, index, running, ended, ended_start, ended_length, longest_start, longest);
        // Zeros from the word's first byte on, and up to its last.
        self.low0.next = self.zero.val() & ((self.zero.val() << 1) | 1);
        self.low1.next = self.low0.val() & ((self.low0.val() << 2) | 3);
        self.low.next = self.low1.val() & ((self.low1.val() << 4) | 15);
        self.high0.next = self.zero.val() & ((self.zero.val() >> 1) | 0x80);
        self.high1.next = self.high0.val() & ((self.high0.val() >> 2) | 0xc0);
        self.high.next = self.high1.val() & ((self.high1.val() >> 4) | 0xf0);
        self.first.next = bit_cast_b::<3>(
            (self.low.val().get_bit(0) & !self.low.val().get_bit(1))
                | (self.low.val().get_bit(2) & !self.low.val().get_bit(3))
                | (self.low.val().get_bit(4) & !self.low.val().get_bit(5))
                | (self.low.val().get_bit(6) & !self.low.val().get_bit(7)),
        ) | (bit_cast_b::<3>(
            (self.low.val().get_bit(1) & !self.low.val().get_bit(3)) | self.low.val().get_bit(5),
        ) << 1)
            | (bit_cast_b::<3>(self.low.val().get_bit(3)) << 2);
        self.behind.next = bit_cast_b::<3>(
            (self.high.val().get_bit(7) & !self.high.val().get_bit(6))
                | (self.high.val().get_bit(5) & !self.high.val().get_bit(4))
                | (self.high.val().get_bit(3) & !self.high.val().get_bit(2))
                | (self.high.val().get_bit(1) & !self.high.val().get_bit(0)),
        ) | (bit_cast_b::<3>(
            (self.high.val().get_bit(6) & !self.high.val().get_bit(4)) | self.high.val().get_bit(2),
        ) << 1)
            | (bit_cast_b::<3>(self.high.val().get_bit(4)) << 2);
        self.total.next = self.running.q.val() + bit_cast_u::<16, 3>(self.first.val());
        self.at.next = bit_cast_u::<16, 13>(self.index.q.val()) << 3;
        self.start_range.number.next = self.at.val() - self.running.q.val();
        self.total_range.number.next = self.total.val();
        self.running_range.number.next = self.running.q.val() + 8;
        if self.step.val() {
            self.ended.d.next = false;
        }
        if self.step.val() & self.newest.val() {
            self.index.d.next = self.index.q.val() + 1;
            self.ended_start.d.next = self.start_range.kept.val();
            self.ended_length.d.next = self.total_range.kept.val();
            if self.low.val().get_bit(7) {
                self.running.d.next = self.running_range.kept.val();
            } else {
                self.running.d.next = bit_cast_u::<16, 3>(self.behind.val());
                self.ended.d.next = self.total.val().get_bits::<13>(3).any();
            }
        }
        if self.step.val() & self.ended.q.val() & (self.ended_length.q.val() > self.longest.q.val()) {
            self.longest.d.next = self.ended_length.q.val();
            self.longest_start.d.next = self.ended_start.q.val();
        }
        self.start.next = self.longest_start.q.val();
        self.length.next = self.longest.q.val();
        if self.opens.val() {
            self.index.d.next = 0.into();
            self.running.d.next = 0.into();
            self.ended.d.next = false;
            self.longest.d.next = 0.into();
        }
    }
}
