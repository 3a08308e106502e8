//! Sequences out of their memory, with what their lengths are as LZ4 data.

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::encoder::memory::Memory;
use crate::encoder::range::Range;
use rust_hdl::prelude::*;

/// Reads the sequences of a block from `start` on, one a cycle as long as they are taken; the first is there six cycles
/// later. Behind the one without a match it stops.
#[derive(LogicBlock, Default)]
pub struct Fetch<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Writes a sequence.
    pub put: Signal<In, Bit>,
    /// Half that is written.
    pub put_half: Signal<In, Bit>,
    /// Number of the sequence.
    pub put_index: Signal<In, U<13>>,
    /// The sequence, as `Search` gives it.
    pub put_data: Signal<In, U<48>>,
    /// A block begins.
    pub start: Signal<In, Bit>,
    /// Half that is read.
    pub half: Signal<In, Bit>,
    /// A sequence stands.
    pub valid: Signal<Out, Bit>,
    /// It is taken.
    pub take: Signal<In, Bit>,
    /// It is the last, without a match.
    pub none: Signal<Out, Bit>,
    /// Its literals.
    pub literals: Signal<Out, U<16>>,
    /// Where they stand in the block.
    pub place: Signal<Out, U<16>>,
    /// Their length goes on behind the token.
    pub literals_long: Signal<Out, Bit>,
    /// With so many bytes in all.
    pub literals_more: Signal<Out, U<8>>,
    /// Of which this is the last, behind bytes of 255.
    pub literals_rest: Signal<Out, U<8>>,
    /// The match's length goes on behind its offset.
    pub length_long: Signal<Out, Bit>,
    /// With so many bytes in all.
    pub length_more: Signal<Out, U<8>>,
    /// Of which this is the last, behind bytes of 255.
    pub length_rest: Signal<Out, U<8>>,
    /// The token.
    pub token: Signal<Out, U<8>>,
    /// The match's offset.
    pub offset: Signal<Out, U<16>>,

    memory: Memory<48, BLOCK, 2>,
    literals_range: Range<BLOCK>,
    length_range: Range<BLOCK>,
    offset_range: Range<BLOCK>,
    place_range: Range<BLOCK>,
    running: DFF<Bit>,
    number: DFF<U<13>>,
    valid1: DFF<Bit>,
    valid2: DFF<Bit>,
    literals2: DFF<U<16>>,
    length2: DFF<U<16>>,
    offset2: DFF<U<16>>,
    valid3: DFF<Bit>,
    none3: DFF<Bit>,
    literals3: DFF<U<16>>,
    length3: DFF<U<16>>,
    offset3: DFF<U<16>>,
    literals_up3: DFF<U<16>>,
    length_up3: DFF<U<16>>,
    valid4: DFF<Bit>,
    none4: DFF<Bit>,
    literals4: DFF<U<16>>,
    offset4: DFF<U<16>>,
    token4: DFF<U<8>>,
    span4: DFF<U<16>>,
    literals_up4: DFF<U<8>>,
    length_up4: DFF<U<8>>,
    literals_long4: DFF<Bit>,
    length_long4: DFF<Bit>,
    literals_more4: DFF<U<8>>,
    length_more4: DFF<U<8>>,
    valid5: DFF<Bit>,
    none5: DFF<Bit>,
    literals5: DFF<U<16>>,
    offset5: DFF<U<16>>,
    token5: DFF<U<8>>,
    place5: DFF<U<16>>,
    literals_long5: DFF<Bit>,
    length_long5: DFF<Bit>,
    literals_more5: DFF<U<8>>,
    length_more5: DFF<U<8>>,
    literals_rest5: DFF<U<8>>,
    length_rest5: DFF<U<8>>,
    next_place: DFF<U<16>>,

    moves: Signal<Local, Bit>,
    literals_sum: Signal<Local, U<16>>,
    length_sum: Signal<Local, U<16>>,
    literals_goes_on: Signal<Local, Bit>,
    length_goes_on: Signal<Local, Bit>,
    high: Signal<Local, U<8>>,
    low: Signal<Local, U<8>>,
}

impl<const BLOCK: usize> Logic for Fetch<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, running, number, valid1, valid2, literals2, length2, offset2);
        dff_setup!(self, clock, valid3, none3, literals3, length3, offset3, literals_up3, length_up3);
        dff_setup!(self, clock, valid4, none4, literals4, offset4, token4, span4, literals_up4, length_up4);
        dff_setup!(
            self,
            clock,
            literals_long4,
            length_long4,
            literals_more4,
            length_more4,
            literals_long5,
            length_long5
        );
        dff_setup!(self, clock, valid5, none5, literals5, offset5, token5, place5);
        dff_setup!(self, clock, literals_more5, length_more5, literals_rest5, length_rest5, next_place);
        self.memory.clock.next = self.clock.val();
        self.memory.write_enable.next = self.put.val();
        self.memory.write_address.next =
            (bit_cast_u::<14, 13>(self.put_index.val()) << 1) | bit_cast_b::<14>(self.put_half.val());
        self.memory.write_data.next = self.put_data.val();
        self.memory.read_address.next =
            (bit_cast_u::<14, 13>(self.number.q.val()) << 1) | bit_cast_b::<14>(self.half.val());

        self.moves.next = !self.valid5.q.val() | self.take.val();
        self.memory.read_enable.next = self.moves.val() & self.running.q.val();
        self.literals_goes_on.next =
            self.literals3.q.val().get_bits::<12>(4).any() | self.literals3.q.val().get_bits::<4>(0).all();
        self.length_goes_on.next =
            self.length3.q.val().get_bits::<12>(4).any() | self.length3.q.val().get_bits::<4>(0).all();
        self.literals_sum.next = self.literals_up3.q.val() + (self.literals_up3.q.val() >> 8) + 1;
        self.length_sum.next = self.length_up3.q.val() + (self.length_up3.q.val() >> 8) + 1;
        self.high.next = bit_cast_u::<8, 16>(self.literals3.q.val()) << 4;
        if self.literals_goes_on.val() {
            self.high.next = 0xf0.into();
        }
        self.low.next = self.length3.q.val().get_bits::<8>(0);
        if self.length_goes_on.val() {
            self.low.next = 15.into();
        }
        self.literals_range.number.next = self.memory.read_data.val().get_bits::<16>(0);
        self.length_range.number.next = self.memory.read_data.val().get_bits::<16>(16);
        self.offset_range.number.next = self.memory.read_data.val().get_bits::<16>(32);
        self.place_range.number.next = self.next_place.q.val() + self.span4.q.val();
        if self.moves.val() {
            self.valid1.d.next = self.running.q.val();
            if self.running.q.val() {
                self.number.d.next = self.number.q.val() + 1;
            }
            self.valid2.d.next = self.valid1.q.val();
            self.literals2.d.next = self.literals_range.kept.val();
            self.length2.d.next = self.length_range.kept.val();
            self.offset2.d.next = self.offset_range.kept.val();

            self.valid3.d.next = self.valid2.q.val();
            self.none3.d.next = !self.offset2.q.val().any();
            self.literals3.d.next = self.literals2.q.val();
            self.length3.d.next = self.length2.q.val();
            self.offset3.d.next = self.offset2.q.val();
            self.literals_up3.d.next = self.literals2.q.val() + 240;
            self.length_up3.d.next = self.length2.q.val() + 240;

            // Bytes that extend a length x of 15 or more: y / 255 = (y + y / 256 + 1) / 256 with y = x + 240. What is left
            // is y less 255 times that, in 8 bits y plus it.
            self.valid4.d.next = self.valid3.q.val();
            self.none4.d.next = self.none3.q.val();
            self.literals4.d.next = self.literals3.q.val();
            self.offset4.d.next = self.offset3.q.val();
            self.token4.d.next = self.high.val() | self.low.val();
            self.span4.d.next = self.literals3.q.val() + self.length3.q.val() + 4;
            self.literals_up4.d.next = self.literals_up3.q.val().get_bits::<8>(0);
            self.length_up4.d.next = self.length_up3.q.val().get_bits::<8>(0);
            self.literals_long4.d.next = self.literals_goes_on.val();
            self.length_long4.d.next = self.length_goes_on.val();
            self.literals_more4.d.next = self.literals_sum.val().get_bits::<8>(8);
            self.length_more4.d.next = self.length_sum.val().get_bits::<8>(8);

            self.valid5.d.next = self.valid4.q.val();
            self.none5.d.next = self.none4.q.val();
            self.literals5.d.next = self.literals4.q.val();
            self.offset5.d.next = self.offset4.q.val();
            self.token5.d.next = self.token4.q.val();
            self.place5.d.next = self.next_place.q.val();
            self.literals_long5.d.next = self.literals_long4.q.val();
            self.length_long5.d.next = self.length_long4.q.val();
            self.literals_more5.d.next = self.literals_more4.q.val();
            self.length_more5.d.next = self.length_more4.q.val();
            self.literals_rest5.d.next = self.literals_up4.q.val() + self.literals_more4.q.val();
            self.length_rest5.d.next = self.length_up4.q.val() + self.length_more4.q.val();
            if self.valid4.q.val() {
                self.next_place.d.next = self.place_range.kept.val();
            }
            // What was read behind the last is none.
            if self.valid2.q.val() & !self.offset2.q.val().any() {
                self.running.d.next = false;
                self.valid1.d.next = false;
                self.valid2.d.next = false;
            }
        }
        if self.start.val() {
            self.running.d.next = true;
            self.number.d.next = 0.into();
            self.next_place.d.next = 0.into();
        }
        self.valid.next = self.valid5.q.val();
        self.none.next = self.none5.q.val();
        self.literals.next = self.literals5.q.val();
        self.place.next = self.place5.q.val();
        self.literals_long.next = self.literals_long5.q.val();
        self.literals_more.next = self.literals_more5.q.val();
        self.literals_rest.next = self.literals_rest5.q.val();
        self.length_long.next = self.length_long5.q.val();
        self.length_more.next = self.length_more5.q.val();
        self.length_rest.next = self.length_rest5.q.val();
        self.token.next = self.token5.q.val();
        self.offset.next = self.offset5.q.val();

        if self.reset.val() {
            self.running.d.next = false;
            self.valid1.d.next = false;
            self.valid2.d.next = false;
            self.valid3.d.next = false;
            self.valid4.d.next = false;
            self.valid5.d.next = false;
            // With a reset it is flip-flops: shift registers would be LUTs.
            self.offset4.d.next = 0.into();
        }
    }
}
