//! The checker: records of the parser in, commands that are safe to copy out.

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// Keeps count of the bytes that a block has made and lets through what `spec::lz4` lets through. From a frame's first
/// fault on nothing of the frame passes but its end, with the fault's status in place of the framing's.
///
/// Two registered stages. A command's tag: bits 3..0 bytes of its first step, 5..4 what it is (0 literals, 1 match,
/// 2 end of block, 3 end of frame), 6 more steps follow, 7 the offset is below 8. Its data: the literals; or offset
/// (15..0) and all its bytes (32..16); or size (16..0), pixel size (18..17), kind (20..19); or status (7..0).
#[derive(LogicBlock, Default)]
pub struct Check {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reset.
    pub reset: Signal<In, Bit>,
    /// As [`Parse`](super::parse::Parse).
    pub starts: Signal<In, Bit>,
    /// As [`Parse`](super::parse::Parse).
    pub literals: Signal<In, Bit>,
    /// As [`Parse`](super::parse::Parse).
    pub measured: Signal<In, Bit>,
    /// As [`Parse`](super::parse::Parse).
    pub located: Signal<In, Bit>,
    /// As [`Parse`](super::parse::Parse).
    pub copied: Signal<In, Bit>,
    /// As [`Parse`](super::parse::Parse).
    pub ends: Signal<In, Bit>,
    /// As [`Parse`](super::parse::Parse).
    pub frame: Signal<In, Bit>,
    /// As [`Parse`](super::parse::Parse).
    pub fault: Signal<In, U<5>>,
    /// As [`Parse`](super::parse::Parse).
    pub length: Signal<In, U<18>>,
    /// As [`Parse`](super::parse::Parse).
    pub distance: Signal<In, U<16>>,
    /// As [`Parse`](super::parse::Parse).
    pub count: Signal<In, U<4>>,
    /// As [`Parse`](super::parse::Parse).
    pub data: Signal<In, U<64>>,
    /// As [`Parse`](super::parse::Parse).
    pub info: Signal<In, U<8>>,
    /// A command.
    pub push: Signal<Out, Bit>,
    /// Its data.
    pub push_data: Signal<Out, U<64>>,
    /// Its tag.
    pub push_tag: Signal<Out, U<8>>,

    room: DFF<U<18>>,
    made: DFF<U<18>>,
    block: DFF<U<21>>,
    c_info: DFF<U<8>>,
    c_literals: DFF<Bit>,
    c_matches: DFF<Bit>,
    c_ends: DFF<Bit>,
    c_frame: DFF<Bit>,
    c_zero: DFF<Bit>,
    c_before: DFF<Bit>,
    c_over: DFF<Bit>,
    c_under: DFF<Bit>,
    c_fault: DFF<U<5>>,
    c_length: DFF<U<17>>,
    c_distance: DFF<U<16>>,
    c_count: DFF<U<4>>,
    c_data: DFF<U<64>>,
    c_starts: DFF<Bit>,
    bad: DFF<Bit>,
    // The fault is that the block now under way ends too early.
    cut: DFF<Bit>,
    status: DFF<U<5>>,
    p_push: DFF<Bit>,
    p_data: DFF<U<64>>,
    p_tag: DFF<U<8>>,

    counts: Signal<Local, Bit>,
    fails: Signal<Local, Bit>,
    wrong: Signal<Local, Bit>,
    which: Signal<Local, U<5>>,
    what: Signal<Local, U<2>>,
    first: Signal<Local, U<4>>,
    more: Signal<Local, Bit>,
    near: Signal<Local, Bit>,
    low: Signal<Local, U<33>>,
    high: Signal<Local, U<31>>,
}

impl Logic for Check {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, room, made, block, c_info, c_literals, c_matches, c_ends, c_frame, c_zero, c_before, c_over,
            c_under, c_fault, c_length, c_distance, c_count, c_data, c_starts, bad, cut, status, p_push, p_data, p_tag
        );
        self.push.next = self.p_push.q.val();
        self.push_data.next = self.p_data.q.val();
        self.push_tag.next = self.p_tag.q.val();

        // First stage: against the bytes that were made.
        self.counts.next = self.measured.val() | self.copied.val();
        self.c_starts.d.next = self.starts.val();
        self.c_literals.d.next = self.literals.val();
        self.c_matches.d.next = self.copied.val();
        self.c_ends.d.next = self.ends.val();
        self.c_frame.d.next = self.frame.val();
        self.c_zero.d.next = self.located.val() & !self.distance.val().any();
        self.c_before.d.next = self.located.val() & (bit_cast_u::<18, 16>(self.distance.val()) > self.made.q.val());
        self.c_over.d.next = self.counts.val() & (self.length.val() > self.room.q.val());
        self.c_under.d.next = self.ends.val() & self.room.q.val().any();
        self.c_fault.d.next = self.fault.val();
        self.c_length.d.next = self.length.val().get_bits::<17>(0);
        self.c_distance.d.next = self.distance.val();
        self.c_count.d.next = self.count.val();
        self.c_data.d.next = self.data.val();
        self.c_info.d.next = self.info.val();
        if self.counts.val() {
            self.room.d.next = self.room.q.val() - self.length.val();
            self.made.d.next = self.made.q.val() + self.length.val();
        }
        if self.starts.val() {
            self.room.d.next = self.length.val();
            self.made.d.next = 0.into();
        }
        if self.starts.val() {
            self.block.d.next = bit_cast_u::<21, 17>(self.length.val().get_bits::<17>(0))
                | (bit_cast_u::<21, 2>(self.info.val().get_bits::<2>(2)) << 17)
                | (bit_cast_u::<21, 2>(self.info.val().get_bits::<2>(0)) << 19);
        }

        // Second stage: the first fault, and the command.
        self.fails.next = true;
        self.which.next = self.c_fault.q.val();
        if self.c_zero.q.val() {
            self.which.next = 20.into();
        } else if self.c_before.q.val() {
            self.which.next = 21.into();
        } else if self.c_over.q.val() {
            self.which.next = 23.into();
        } else if self.c_under.q.val() {
            self.which.next = 24.into();
        } else if !self.c_fault.q.val().any() {
            self.fails.next = false;
        }
        self.wrong.next = self.c_zero.q.val() | self.c_before.q.val() | self.c_over.q.val();
        if self.fails.val() & !self.bad.q.val() {
            self.bad.d.next = true;
            self.cut.d.next = !self.wrong.val();
            self.status.d.next = self.which.val();
        }
        if self.c_starts.q.val() {
            self.cut.d.next = false;
        }
        self.more.next = self.c_matches.q.val() & (self.c_length.q.val() > 8);
        self.near.next = !self.c_distance.q.val().get_bits::<13>(3).any();
        self.what.next = 0.into();
        self.first.next = self.c_count.q.val();
        self.low.next = self.c_data.q.val().get_bits::<33>(0);
        if self.c_matches.q.val() {
            self.what.next = 1.into();
            self.first.next = self.c_length.q.val().get_bits::<4>(0);
            if self.more.val() {
                self.first.next = 8.into();
            }
            self.low.next =
                bit_cast_u::<33, 16>(self.c_distance.q.val()) | (bit_cast_u::<33, 17>(self.c_length.q.val()) << 16);
        }
        if self.c_ends.q.val() {
            self.what.next = 2.into();
            self.first.next = 0.into();
            self.low.next = bit_cast_u::<33, 21>(self.block.q.val());
        }
        if self.c_frame.q.val() {
            self.what.next = 3.into();
            self.first.next = 0.into();
            self.bad.d.next = false;
            self.low.next = bit_cast_u::<33, 8>(self.c_info.q.val());
            // A card's own status (32 and above) is that the watchdog gave the frame up: if the last block ends too
            // early, that is why. Any other fault came before.
            if self.bad.q.val() & !(self.c_info.q.val().get_bit(5) & self.cut.q.val()) {
                self.low.next = bit_cast_u::<33, 5>(self.status.q.val());
            }
        }
        self.high.next = self.c_data.q.val().get_bits::<31>(33);
        self.p_data.d.next = bit_cast_u::<64, 33>(self.low.val()) | (bit_cast_u::<64, 31>(self.high.val()) << 33);
        self.p_tag.d.next = bit_cast_u::<8, 4>(self.first.val())
            | (bit_cast_u::<8, 2>(self.what.val()) << 4)
            | (bit_cast_b::<8>(self.more.val()) << 6)
            | (bit_cast_b::<8>(self.near.val()) << 7);
        self.p_push.d.next = self.c_frame.q.val()
            | ((self.c_literals.q.val() | self.c_matches.q.val() | self.c_ends.q.val())
                & !self.fails.val()
                & !self.bad.q.val());
        if self.reset.val() {
            self.bad.d.next = false;
            self.p_push.d.next = false;
            // Not a shift register, which takes a LUT a bit.
            self.c_data.d.next = 0.into();
            self.c_starts.d.next = false;
            self.c_literals.d.next = false;
            self.c_matches.d.next = false;
            self.c_ends.d.next = false;
            self.c_frame.d.next = false;
            self.c_fault.d.next = 0.into();
        }
    }
}
