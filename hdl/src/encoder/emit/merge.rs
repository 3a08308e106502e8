//! Steps of up to eight bytes into words of eight.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Puts the bytes of a step together and behind those of the steps before. A step, and at most one word of its making, a
/// cycle; four cycles from a step to the word that it fills.
#[derive(LogicBlock, Default)]
pub struct Merge {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A step.
    pub step: Signal<In, Bit>,
    /// A token goes first.
    pub token: Signal<In, Bit>,
    /// The token.
    pub token_byte: Signal<In, U<8>>,
    /// Then of these eight bytes ...
    pub body: Signal<In, U<64>>,
    /// ... so many.
    pub bytes: Signal<In, U<4>>,
    /// Behind them of these three bytes ...
    pub behind: Signal<In, U<24>>,
    /// ... so many.
    pub behind_bytes: Signal<In, U<2>>,
    /// How many in all: at most 8.
    pub total: Signal<In, U<4>>,
    /// No bytes: what there is of a word is filled up with zeros.
    pub flush: Signal<In, Bit>,
    /// Goes with the word that the step fills, in bits 0 and 1.
    pub tag: Signal<In, U<2>>,
    /// A word is full, for this cycle.
    pub full: Signal<Out, Bit>,
    /// The word.
    pub word: Signal<Out, U<64>>,
    /// Its tag.
    pub word_tag: Signal<Out, U<2>>,

    step1: DFF<Bit>,
    bytes1: DFF<U<64>>,
    total1: DFF<U<4>>,
    flush1: DFF<Bit>,
    tag1: DFF<U<2>>,
    phase: DFF<U<3>>,
    step2: DFF<Bit>,
    turned2: DFF<U<64>>,
    phase2: DFF<U<3>>,
    fills2: DFF<Bit>,
    flush2: DFF<Bit>,
    tag2: DFF<U<2>>,
    part: DFF<U<64>>,
    full3: DFF<Bit>,
    word3: DFF<U<64>>,
    tag3: DFF<U<2>>,

    masked: Signal<Local, U<64>>,
    mask: Signal<Local, U<64>>,
    place: Signal<Local, U<3>>,
    limited: Signal<Local, U<64>>,
    wide: Signal<Local, U<64>>,
    placed: Signal<Local, U<64>>,
    half: Signal<Local, U<64>>,
    turned: Signal<Local, U<64>>,
    sum: Signal<Local, U<4>>,
    above: Signal<Local, U<64>>,
    below: Signal<Local, U<64>>,
    joined: Signal<Local, U<64>>,
}

impl Logic for Merge {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, step1, bytes1, total1, flush1, tag1, phase, step2, turned2, phase2, fills2, flush2);
        dff_setup!(self, clock, tag2, part, full3, word3, tag3);

        // The step's bytes: token, body, what is behind.
        match self.bytes.val().index() {
            0 => self.mask.next = 0.into(),
            1 => self.mask.next = 0xffu64.into(),
            2 => self.mask.next = 0xffffu64.into(),
            3 => self.mask.next = 0xff_ffffu64.into(),
            4 => self.mask.next = 0xffff_ffffu64.into(),
            5 => self.mask.next = 0xff_ffff_ffffu64.into(),
            6 => self.mask.next = 0xffff_ffff_ffffu64.into(),
            7 => self.mask.next = 0xff_ffff_ffff_ffffu64.into(),
            _ => self.mask.next = 0xffff_ffff_ffff_ffffu64.into(),
        }
        self.limited.next = self.body.val() & self.mask.val();
        self.masked.next = self.limited.val();
        self.place.next = self.bytes.val().get_bits::<3>(0);
        if self.token.val() {
            self.masked.next = (self.limited.val() << 8) | bit_cast_u::<64, 8>(self.token_byte.val());
            self.place.next = self.bytes.val().get_bits::<3>(0) + 1;
        }
        match self.behind_bytes.val().index() {
            0 => self.wide.next = 0.into(),
            1 => self.wide.next = bit_cast_u::<64, 8>(self.behind.val().get_bits::<8>(0)),
            2 => self.wide.next = bit_cast_u::<64, 16>(self.behind.val().get_bits::<16>(0)),
            _ => self.wide.next = bit_cast_u::<64, 24>(self.behind.val()),
        }
        match self.place.val().index() {
            0 => self.placed.next = self.wide.val(),
            1 => self.placed.next = self.wide.val() << 8,
            2 => self.placed.next = self.wide.val() << 16,
            3 => self.placed.next = self.wide.val() << 24,
            4 => self.placed.next = self.wide.val() << 32,
            5 => self.placed.next = self.wide.val() << 40,
            6 => self.placed.next = self.wide.val() << 48,
            _ => self.placed.next = self.wide.val() << 56,
        }
        self.step1.d.next = self.step.val();
        self.bytes1.d.next = self.masked.val() | self.placed.val();
        self.total1.d.next = self.total.val();
        self.flush1.d.next = self.flush.val();
        self.tag1.d.next = self.tag.val();

        // Turned by what stands in the word.
        match self.phase.q.val().get_bits::<2>(1).index() {
            0 => self.half.next = self.bytes1.q.val(),
            1 => self.half.next = (self.bytes1.q.val() << 16) | (self.bytes1.q.val() >> 48),
            2 => self.half.next = (self.bytes1.q.val() << 32) | (self.bytes1.q.val() >> 32),
            _ => self.half.next = (self.bytes1.q.val() << 48) | (self.bytes1.q.val() >> 16),
        }
        self.turned.next = self.half.val();
        if self.phase.q.val().get_bit(0) {
            self.turned.next = (self.half.val() << 8) | (self.half.val() >> 56);
        }
        self.sum.next = bit_cast_u::<4, 3>(self.phase.q.val()) + self.total1.q.val();
        if self.step1.q.val() {
            self.phase.d.next = self.sum.val().get_bits::<3>(0);
            if self.flush1.q.val() {
                self.phase.d.next = 0.into();
            }
        }
        self.step2.d.next = self.step1.q.val();
        self.turned2.d.next = self.turned.val();
        self.phase2.d.next = self.phase.q.val();
        self.fills2.d.next = self.sum.val().get_bit(3);
        self.flush2.d.next = self.flush1.q.val() & self.phase.q.val().any();
        self.tag2.d.next = self.tag1.q.val();

        // Joined.
        match self.phase2.q.val().index() {
            0 => self.below.next = 0.into(),
            1 => self.below.next = 0xffu64.into(),
            2 => self.below.next = 0xffffu64.into(),
            3 => self.below.next = 0xff_ffffu64.into(),
            4 => self.below.next = 0xffff_ffffu64.into(),
            5 => self.below.next = 0xff_ffff_ffffu64.into(),
            6 => self.below.next = 0xffff_ffff_ffffu64.into(),
            _ => self.below.next = 0xff_ffff_ffff_ffffu64.into(),
        }
        self.above.next = !self.below.val();
        self.joined.next = self.part.q.val() | (self.turned2.q.val() & self.above.val());
        self.full3.d.next = false;
        self.word3.d.next = self.joined.val();
        self.tag3.d.next = self.tag2.q.val();
        if self.step2.q.val() {
            self.full3.d.next = self.fills2.q.val() | self.flush2.q.val();
            self.part.d.next = self.joined.val();
            if self.fills2.q.val() {
                self.part.d.next = self.turned2.q.val() & self.below.val();
            }
            if self.flush2.q.val() {
                self.part.d.next = 0.into();
            }
        }
        self.full.next = self.full3.q.val();
        self.word.next = self.word3.q.val();
        self.word_tag.next = self.tag3.q.val();

        if self.reset.val() {
            self.step1.d.next = false;
            self.step2.d.next = false;
            self.phase.d.next = 0.into();
            self.part.d.next = 0.into();
            self.full3.d.next = false;
        }
    }
}
