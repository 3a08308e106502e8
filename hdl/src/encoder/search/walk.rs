//! Which matches are taken, a word a cycle.
//!
//! What goes on from word to word are three bits: which sources of the match under way still agree. A match is known to
//! end where none does any more; the source that lasted longest is its, of equals the first.

use super::prefix::{Chances, Length, Nearest, Prefix};
use crate::base::word::{U, bit_cast_b};
use rust_hdl::prelude::*;

/// Walks over the masks of a block's words. For each word, five cycles later: where the match under way ended, and where
/// one started; sources are 0 (the byte before), 1 (the plane before) and 2 (zeros).
#[derive(LogicBlock, Default)]
pub struct Walk {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A word comes.
    pub valid: Signal<In, Bit>,
    /// The block's last: any match ends in it.
    pub last: Signal<In, Bit>,
    /// Bytes at which a match may start.
    pub starts: Signal<In, U<8>>,
    /// Bytes of it and three of the next that equal the byte before.
    pub same: Signal<In, U<11>>,
    /// ... that equal the plane before.
    pub plane: Signal<In, U<11>>,
    /// ... that are 0.
    pub zero: Signal<In, U<11>>,
    /// The run of zeros that is remembered starts here.
    pub run_start: Signal<In, U<16>>,
    /// Its bytes; 0: none is remembered.
    pub run_length: Signal<In, U<16>>,
    /// A word is done.
    pub done: Signal<Out, Bit>,
    /// The block's last.
    pub done_last: Signal<Out, Bit>,
    /// The match that came from the word before ended in this one.
    pub ended: Signal<Out, Bit>,
    /// First byte behind it.
    pub ended_at: Signal<Out, U<3>>,
    /// Its source.
    pub ended_source: Signal<Out, U<2>>,
    /// A match started.
    pub started: Signal<Out, Bit>,
    /// Its first byte.
    pub started_at: Signal<Out, U<3>>,
    /// It ended in this word, too.
    pub short: Signal<Out, Bit>,
    /// First byte behind it then.
    pub short_at: Signal<Out, U<3>>,
    /// Its source then.
    pub short_source: Signal<Out, U<2>>,
    /// `run_start` for this word.
    pub done_run_start: Signal<Out, U<16>>,
    /// `run_length` for this word.
    pub done_run_length: Signal<Out, U<16>>,

    valid1: DFF<Bit>,
    last1: DFF<Bit>,
    run_start1: DFF<U<16>>,
    run_length1: DFF<U<16>>,
    valid2: DFF<Bit>,
    last2: DFF<Bit>,
    run_start2: DFF<U<16>>,
    run_length2: DFF<U<16>>,
    valid3: DFF<Bit>,
    last3: DFF<Bit>,
    run_start3: DFF<U<16>>,
    run_length3: DFF<U<16>>,
    valid4: DFF<Bit>,
    last4: DFF<Bit>,
    run_start4: DFF<U<16>>,
    run_length4: DFF<U<16>>,
    valid5: DFF<Bit>,
    last5: DFF<Bit>,
    run_start5: DFF<U<16>>,
    run_length5: DFF<U<16>>,
    // Chances of the word.
    mask_before1: DFF<U<8>>,
    four_before1: DFF<U<8>>,
    mask_before2: DFF<U<8>>,
    four_before2: DFF<U<8>>,
    mask_before3: DFF<U<8>>,
    four_before3: DFF<U<8>>,
    mask_before4: DFF<U<8>>,
    four_before4: DFF<U<8>>,
    on_before1: DFF<U<8>>,
    chances_before: Chances,
    prefix_before: Prefix,
    nearest_before: Nearest,
    run_before2: DFF<U<8>>,
    nearest_before2: DFF<U<8>>,
    run_before3: DFF<U<8>>,
    rest_before: Prefix,
    mask_plane1: DFF<U<8>>,
    four_plane1: DFF<U<8>>,
    mask_plane2: DFF<U<8>>,
    four_plane2: DFF<U<8>>,
    mask_plane3: DFF<U<8>>,
    four_plane3: DFF<U<8>>,
    mask_plane4: DFF<U<8>>,
    four_plane4: DFF<U<8>>,
    on_plane1: DFF<U<8>>,
    chances_plane: Chances,
    prefix_plane: Prefix,
    nearest_plane: Nearest,
    run_plane2: DFF<U<8>>,
    nearest_plane2: DFF<U<8>>,
    run_plane3: DFF<U<8>>,
    rest_plane: Prefix,
    mask_zero1: DFF<U<8>>,
    four_zero1: DFF<U<8>>,
    mask_zero2: DFF<U<8>>,
    four_zero2: DFF<U<8>>,
    mask_zero3: DFF<U<8>>,
    four_zero3: DFF<U<8>>,
    mask_zero4: DFF<U<8>>,
    four_zero4: DFF<U<8>>,
    on_zero1: DFF<U<8>>,
    chances_zero: Chances,
    prefix_zero: Prefix,
    nearest_zero: Nearest,
    run_zero2: DFF<U<8>>,
    nearest_zero2: DFF<U<8>>,
    run_zero3: DFF<U<8>>,
    rest_zero: Prefix,
    candidates2: DFF<U<8>>,
    candidates3: DFF<U<8>>,
    // The match under way.
    alive_before: DFF<Bit>,
    alive_before3: DFF<Bit>,
    alive_plane: DFF<Bit>,
    alive_plane3: DFF<Bit>,
    alive_zero: DFF<Bit>,
    alive_zero3: DFF<Bit>,
    reach3: DFF<U<8>>,
    length3: Length,
    length4: Length,
    ended4: DFF<Bit>,
    ended_at4: DFF<U<3>>,
    ended_source4: DFF<U<2>>,
    started4: DFF<Bit>,
    hot4: DFF<U<8>>,
    below4: DFF<U<8>>,
    ended5: DFF<Bit>,
    ended_at5: DFF<U<3>>,
    ended_source5: DFF<U<2>>,
    started5: DFF<Bit>,
    started_at5: DFF<U<3>>,
    short5: DFF<Bit>,
    short_at5: DFF<U<3>>,
    short_source5: DFF<U<2>>,

    candidates: Signal<Local, U<8>>,
    reach: Signal<Local, U<8>>,
    beyond: Signal<Local, U<8>>,
    border: Signal<Local, U<8>>,
    active: Signal<Local, Bit>,
    free: Signal<Local, U<8>>,
    filled1: Signal<Local, U<8>>,
    filled2: Signal<Local, U<8>>,
    filled: Signal<Local, U<8>>,
    unfilled: Signal<Local, U<8>>,
    longest: Signal<Local, U<8>>,
    not_reach: Signal<Local, U<8>>,
    beside: Signal<Local, U<8>>,
    fits_before: Signal<Local, Bit>,
    lasts_before: Signal<Local, Bit>,
    none_before: Signal<Local, U<8>>,
    part_before: Signal<Local, U<8>>,
    arm_before: Signal<Local, U<8>>,
    arm4_before: Signal<Local, U<8>>,
    stretch_before: Signal<Local, U<8>>,
    fits_plane: Signal<Local, Bit>,
    lasts_plane: Signal<Local, Bit>,
    none_plane: Signal<Local, U<8>>,
    part_plane: Signal<Local, U<8>>,
    arm_plane: Signal<Local, U<8>>,
    arm4_plane: Signal<Local, U<8>>,
    stretch_plane: Signal<Local, U<8>>,
    fits_zero: Signal<Local, Bit>,
    lasts_zero: Signal<Local, Bit>,
    none_zero: Signal<Local, U<8>>,
    part_zero: Signal<Local, U<8>>,
    arm_zero: Signal<Local, U<8>>,
    arm4_zero: Signal<Local, U<8>>,
    stretch_zero: Signal<Local, U<8>>,
}

impl Logic for Walk {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, valid1, last1, run_start1, run_length1);
        dff_setup!(self, clock, valid2, last2, run_start2, run_length2);
        dff_setup!(self, clock, valid3, last3, run_start3, run_length3);
        dff_setup!(self, clock, valid4, last4, run_start4, run_length4);
        dff_setup!(self, clock, valid5, last5, run_start5, run_length5);
        dff_setup!(
            self,
            clock,
            mask_before1,
            four_before1,
            mask_before2,
            four_before2,
            mask_before3,
            four_before3,
            mask_before4,
            four_before4
        );
        dff_setup!(self, clock, on_before1, run_before2, nearest_before2, run_before3, alive_before, alive_before3);
        dff_setup!(
            self,
            clock,
            mask_plane1,
            four_plane1,
            mask_plane2,
            four_plane2,
            mask_plane3,
            four_plane3,
            mask_plane4,
            four_plane4
        );
        dff_setup!(self, clock, on_plane1, run_plane2, nearest_plane2, run_plane3, alive_plane, alive_plane3);
        dff_setup!(
            self, clock, mask_zero1, four_zero1, mask_zero2, four_zero2, mask_zero3, four_zero3, mask_zero4, four_zero4
        );
        dff_setup!(self, clock, on_zero1, run_zero2, nearest_zero2, run_zero3, alive_zero, alive_zero3);
        dff_setup!(
            self,
            clock,
            candidates2,
            candidates3,
            reach3,
            ended4,
            ended_at4,
            ended_source4,
            started4,
            hot4,
            below4
        );
        dff_setup!(
            self,
            clock,
            ended5,
            ended_at5,
            ended_source5,
            started5,
            started_at5,
            short5,
            short_at5,
            short_source5
        );

        self.valid1.d.next = self.valid.val();
        self.last1.d.next = self.last.val();
        self.run_start1.d.next = self.run_start.val();
        self.run_length1.d.next = self.run_length.val();
        self.valid2.d.next = self.valid1.q.val();
        self.last2.d.next = self.last1.q.val();
        self.run_start2.d.next = self.run_start1.q.val();
        self.run_length2.d.next = self.run_length1.q.val();
        self.valid3.d.next = self.valid2.q.val();
        self.last3.d.next = self.last2.q.val();
        self.run_start3.d.next = self.run_start2.q.val();
        self.run_length3.d.next = self.run_length2.q.val();
        self.valid4.d.next = self.valid3.q.val();
        self.last4.d.next = self.last3.q.val();
        self.run_start4.d.next = self.run_start3.q.val();
        self.run_length4.d.next = self.run_length3.q.val();
        self.valid5.d.next = self.valid4.q.val();
        self.last5.d.next = self.last4.q.val();
        self.run_start5.d.next = self.run_start4.q.val();
        self.run_length5.d.next = self.run_length4.q.val();

        // Where matches might start.
        self.chances_before.mask.next = self.same.val();
        self.chances_before.starts.next = self.starts.val();
        self.chances_plane.mask.next = self.plane.val();
        self.chances_plane.starts.next = self.starts.val();
        self.chances_zero.mask.next = self.zero.val();
        self.chances_zero.starts.next = self.starts.val();
        if !self.run_length.val().any() {
            self.chances_zero.starts.next = 0.into();
        }
        self.mask_before1.d.next = self.same.val().get_bits::<8>(0);
        self.four_before1.d.next = self.chances_before.four.val();
        self.on_before1.d.next = self.chances_before.goes_on.val();
        self.mask_before2.d.next = self.mask_before1.q.val();
        self.four_before2.d.next = self.four_before1.q.val();
        self.mask_before3.d.next = self.mask_before2.q.val();
        self.four_before3.d.next = self.four_before2.q.val();
        self.mask_before4.d.next = self.mask_before3.q.val();
        self.four_before4.d.next = self.four_before3.q.val();
        self.mask_plane1.d.next = self.plane.val().get_bits::<8>(0);
        self.four_plane1.d.next = self.chances_plane.four.val();
        self.on_plane1.d.next = self.chances_plane.goes_on.val();
        self.mask_plane2.d.next = self.mask_plane1.q.val();
        self.four_plane2.d.next = self.four_plane1.q.val();
        self.mask_plane3.d.next = self.mask_plane2.q.val();
        self.four_plane3.d.next = self.four_plane2.q.val();
        self.mask_plane4.d.next = self.mask_plane3.q.val();
        self.four_plane4.d.next = self.four_plane3.q.val();
        self.mask_zero1.d.next = self.zero.val().get_bits::<8>(0);
        self.four_zero1.d.next = self.chances_zero.four.val();
        self.on_zero1.d.next = self.chances_zero.goes_on.val();
        self.mask_zero2.d.next = self.mask_zero1.q.val();
        self.four_zero2.d.next = self.four_zero1.q.val();
        self.mask_zero3.d.next = self.mask_zero2.q.val();
        self.four_zero3.d.next = self.four_zero2.q.val();
        self.mask_zero4.d.next = self.mask_zero3.q.val();
        self.four_zero4.d.next = self.four_zero3.q.val();

        // How far each source goes on from the word before; where the next match starts, from each byte on, and which
        // sources of it go on behind the word.
        self.candidates.next = self.four_before1.q.val() | self.four_plane1.q.val() | self.four_zero1.q.val();
        self.candidates2.d.next = self.candidates.val();
        self.candidates3.d.next = self.candidates2.q.val();
        self.prefix_before.mask.next = self.mask_before1.q.val();
        self.run_before2.d.next = self.prefix_before.run.val();
        self.nearest_before.candidates.next = self.candidates.val();
        self.nearest_before.known.next = self.on_before1.q.val();
        self.nearest_before2.d.next = self.nearest_before.nearest.val();
        self.run_before3.d.next = self.run_before2.q.val();
        self.prefix_plane.mask.next = self.mask_plane1.q.val();
        self.run_plane2.d.next = self.prefix_plane.run.val();
        self.nearest_plane.candidates.next = self.candidates.val();
        self.nearest_plane.known.next = self.on_plane1.q.val();
        self.nearest_plane2.d.next = self.nearest_plane.nearest.val();
        self.run_plane3.d.next = self.run_plane2.q.val();
        self.prefix_zero.mask.next = self.mask_zero1.q.val();
        self.run_zero2.d.next = self.prefix_zero.run.val();
        self.nearest_zero.candidates.next = self.candidates.val();
        self.nearest_zero.known.next = self.on_zero1.q.val();
        self.nearest_zero2.d.next = self.nearest_zero.nearest.val();
        self.run_zero3.d.next = self.run_zero2.q.val();

        // From word to word.
        self.part_before.next = 0.into();
        if self.alive_before.q.val() {
            self.part_before.next = self.run_before2.q.val();
        }
        self.alive_before3.d.next = self.alive_before.q.val();
        self.part_plane.next = 0.into();
        if self.alive_plane.q.val() {
            self.part_plane.next = self.run_plane2.q.val();
        }
        self.alive_plane3.d.next = self.alive_plane.q.val();
        self.part_zero.next = 0.into();
        if self.alive_zero.q.val() {
            self.part_zero.next = self.run_zero2.q.val();
        }
        self.alive_zero3.d.next = self.alive_zero.q.val();
        self.reach.next = self.part_before.val() | self.part_plane.val() | self.part_zero.val();
        self.reach3.d.next = self.reach.val();
        self.beyond.next = !self.reach.val();
        self.border.next = ((self.reach.val() << 1) | 1) & self.beyond.val();
        self.arm_before.next = self.nearest_before2.q.val() & self.border.val();
        self.arm_plane.next = self.nearest_plane2.q.val() & self.border.val();
        self.arm_zero.next = self.nearest_zero2.q.val() & self.border.val();
        if self.valid2.q.val() {
            self.alive_before.d.next = self.arm_before.val().any() | self.part_before.val().get_bit(7);
            self.alive_plane.d.next = self.arm_plane.val().any() | self.part_plane.val().get_bit(7);
            self.alive_zero.d.next = self.arm_zero.val().any() | self.part_zero.val().get_bit(7);
        }

        // What happened in the word: the end, and the first byte that starts a match behind it.
        self.active.next = self.alive_before3.q.val() | self.alive_plane3.q.val() | self.alive_zero3.q.val();
        self.length3.run.next = self.reach3.q.val();
        self.ended_at4.d.next = self.length3.length.val();
        self.ended4.d.next = self.active.val() & !self.reach3.q.val().get_bit(7);
        self.none_before.next = self.reach3.q.val() ^ self.run_before3.q.val();
        self.fits_before.next = self.alive_before3.q.val() & !self.none_before.val().any();
        self.none_plane.next = self.reach3.q.val() ^ self.run_plane3.q.val();
        self.fits_plane.next = self.alive_plane3.q.val() & !self.none_plane.val().any();
        self.none_zero.next = self.reach3.q.val() ^ self.run_zero3.q.val();
        self.fits_zero.next = self.alive_zero3.q.val() & !self.none_zero.val().any();
        self.ended_source4.d.next = 2.into();
        if self.fits_plane.val() {
            self.ended_source4.d.next = 1.into();
        }
        if self.fits_before.val() {
            self.ended_source4.d.next = 0.into();
        }
        self.not_reach.next = !self.reach3.q.val();
        self.free.next = self.candidates3.q.val() & self.not_reach.val();
        self.filled1.next = self.free.val() | (self.free.val() << 1);
        self.filled2.next = self.filled1.val() | (self.filled1.val() << 2);
        self.filled.next = self.filled2.val() | (self.filled2.val() << 4);
        self.beside.next = self.filled.val() << 1;
        self.unfilled.next = !self.beside.val();
        self.below4.d.next = !self.filled.val();
        self.hot4.d.next = self.filled.val() & self.unfilled.val();
        self.started4.d.next = self.free.val().any();

        // How far the new match goes in this word.
        self.rest_before.mask.next = self.mask_before4.q.val() | self.below4.q.val();
        self.arm4_before.next = self.four_before4.q.val() & self.hot4.q.val();
        self.lasts_before.next = self.arm4_before.val().any();
        self.stretch_before.next = 0.into();
        if self.lasts_before.val() {
            self.stretch_before.next = self.rest_before.run.val();
        }
        self.rest_plane.mask.next = self.mask_plane4.q.val() | self.below4.q.val();
        self.arm4_plane.next = self.four_plane4.q.val() & self.hot4.q.val();
        self.lasts_plane.next = self.arm4_plane.val().any();
        self.stretch_plane.next = 0.into();
        if self.lasts_plane.val() {
            self.stretch_plane.next = self.rest_plane.run.val();
        }
        self.rest_zero.mask.next = self.mask_zero4.q.val() | self.below4.q.val();
        self.arm4_zero.next = self.four_zero4.q.val() & self.hot4.q.val();
        self.lasts_zero.next = self.arm4_zero.val().any();
        self.stretch_zero.next = 0.into();
        if self.lasts_zero.val() {
            self.stretch_zero.next = self.rest_zero.run.val();
        }
        self.longest.next = self.stretch_before.val() | self.stretch_plane.val() | self.stretch_zero.val();
        self.length4.run.next = self.longest.val();
        self.short_at5.d.next = self.length4.length.val();
        self.short_source5.d.next = 2.into();
        if self.longest.val() == self.stretch_plane.val() {
            self.short_source5.d.next = 1.into();
        }
        if self.longest.val() == self.stretch_before.val() {
            self.short_source5.d.next = 0.into();
        }
        self.short5.d.next = self.started4.q.val() & !self.longest.val().get_bit(7);
        self.started5.d.next = self.started4.q.val();
        self.started_at5.d.next = bit_cast_b::<3>(
            self.hot4.q.val().get_bit(1)
                | self.hot4.q.val().get_bit(3)
                | self.hot4.q.val().get_bit(5)
                | self.hot4.q.val().get_bit(7),
        ) | (bit_cast_b::<3>(
            self.hot4.q.val().get_bits::<2>(2).any() | self.hot4.q.val().get_bits::<2>(6).any(),
        ) << 1)
            | (bit_cast_b::<3>(self.hot4.q.val().get_bits::<4>(4).any()) << 2);
        self.ended5.d.next = self.ended4.q.val();
        self.ended_at5.d.next = self.ended_at4.q.val();
        self.ended_source5.d.next = self.ended_source4.q.val();

        self.done.next = self.valid5.q.val();
        self.done_last.next = self.last5.q.val();
        self.ended.next = self.ended5.q.val();
        self.ended_at.next = self.ended_at5.q.val();
        self.ended_source.next = self.ended_source5.q.val();
        self.started.next = self.started5.q.val();
        self.started_at.next = self.started_at5.q.val();
        self.short.next = self.short5.q.val();
        self.short_at.next = self.short_at5.q.val();
        self.short_source.next = self.short_source5.q.val();
        self.done_run_start.next = self.run_start5.q.val();
        self.done_run_length.next = self.run_length5.q.val();

        if self.reset.val() {
            self.valid1.d.next = false;
            self.valid2.d.next = false;
            self.valid3.d.next = false;
            self.valid4.d.next = false;
            self.valid5.d.next = false;
            // With a reset they are flip-flops: shift registers would be LUTs.
            self.last3.d.next = false;
            self.run_start2.d.next = 0.into();
            self.run_start4.d.next = 0.into();
            self.run_length2.d.next = 0.into();
            self.run_length4.d.next = 0.into();
            self.mask_before3.d.next = 0.into();
            self.four_before3.d.next = 0.into();
            self.mask_plane3.d.next = 0.into();
            self.four_plane3.d.next = 0.into();
            self.mask_zero3.d.next = 0.into();
            self.four_zero3.d.next = 0.into();
            self.alive_before.d.next = false;
            self.alive_plane.d.next = false;
            self.alive_zero.d.next = false;
        }
    }
}
