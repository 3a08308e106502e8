//! Starts and ends to sequences, and what they take as LZ4 data.

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::encoder::range::Range;
use rust_hdl::prelude::*;

/// Puts the sequences of a block together: bits 15..0 literals, 31..16 the match's bytes less 4, 47..32 its offset, which
/// is 0 behind the last literals. `whole` comes when the last was written and the length of the block's data is known.
///
/// A word ends the match before it and may start and end another: the second is written with the next word, in which no
/// match can be under way.
#[derive(LogicBlock, Default)]
pub struct Record<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A block begins.
    pub opens: Signal<In, Bit>,
    /// Words of a plane: the plane before is 8 times that many bytes away.
    pub stride: Signal<In, U<13>>,
    /// A word is done.
    pub done: Signal<In, Bit>,
    /// The block's last.
    pub last: Signal<In, Bit>,
    /// The match under way ended.
    pub ended: Signal<In, Bit>,
    /// First byte behind it.
    pub ended_at: Signal<In, U<3>>,
    /// Its source.
    pub ended_source: Signal<In, U<2>>,
    /// A match started.
    pub started: Signal<In, Bit>,
    /// Its first byte.
    pub started_at: Signal<In, U<3>>,
    /// It ended in this word.
    pub short: Signal<In, Bit>,
    /// First byte behind it.
    pub short_at: Signal<In, U<3>>,
    /// Its source.
    pub short_source: Signal<In, U<2>>,
    /// Start of the run of zeros that is remembered.
    pub run_start: Signal<In, U<16>>,
    /// Its length.
    pub run_length: Signal<In, U<16>>,
    /// A sequence, for this cycle.
    pub put: Signal<Out, Bit>,
    /// Its number.
    pub put_index: Signal<Out, U<13>>,
    /// The sequence.
    pub put_data: Signal<Out, U<48>>,
    /// The block is done, for this cycle.
    pub whole: Signal<Out, Bit>,
    /// Bytes of its LZ4 data.
    pub bytes: Signal<Out, U<16>>,

    index: DFF<U<13>>,
    place: Range<BLOCK>,
    literals: Range<BLOCK>,
    length: Range<BLOCK>,
    distance: Range<BLOCK>,
    sum: Range<BLOCK>,
    // The match under way, or the one that waits to be written.
    anchor: DFF<U<16>>,
    start: DFF<U<16>>,
    known_start: DFF<U<16>>,
    known_length: DFF<U<16>>,
    waits: DFF<Bit>,
    waits_end: DFF<U<16>>,
    waits_source: DFF<U<2>>,
    finish: DFF<Bit>,
    // Stages of a sequence. Source 3 stands for the last literals.
    valid1: DFF<Bit>,
    source1: DFF<U<2>>,
    anchor1: DFF<U<16>>,
    start1: DFF<U<16>>,
    end1: DFF<U<16>>,
    known_start1: DFF<U<16>>,
    known_length1: DFF<U<16>>,
    valid2: DFF<Bit>,
    source2: DFF<U<2>>,
    literals2: DFF<U<16>>,
    length2: DFF<U<16>>,
    distance2: DFF<U<16>>,
    known_length2: DFF<U<16>>,
    valid3: DFF<Bit>,
    source3: DFF<U<2>>,
    literals3: DFF<U<16>>,
    length3: DFF<U<16>>,
    distance3: DFF<U<16>>,
    over3: DFF<Bit>,
    valid4: DFF<Bit>,
    none4: DFF<Bit>,
    literals4: DFF<U<16>>,
    length4: DFF<U<16>>,
    offset4: DFF<U<16>>,
    number: DFF<U<13>>,
    // Bytes that it takes.
    valid5: DFF<Bit>,
    none5: DFF<Bit>,
    literals5: DFF<U<16>>,
    literals_up5: DFF<U<16>>,
    length_up5: DFF<U<16>>,
    literals_extend5: DFF<Bit>,
    length_extend5: DFF<Bit>,
    valid6: DFF<Bit>,
    none6: DFF<Bit>,
    fixed6: DFF<U<16>>,
    literals_more6: DFF<U<8>>,
    length_more6: DFF<U<8>>,
    valid7: DFF<Bit>,
    none7: DFF<Bit>,
    sum7: DFF<U<16>>,
    total: DFF<U<16>>,
    complete: DFF<Bit>,

    at: Signal<Local, U<16>>,
    ends_at: Signal<Local, U<16>>,
    starts_at: Signal<Local, U<16>>,
    stops_at: Signal<Local, U<16>>,
    closes: Signal<Local, Bit>,
    literals_sum: Signal<Local, U<16>>,
    length_sum: Signal<Local, U<16>>,
    more: Signal<Local, U<16>>,
    less: Signal<Local, U<16>>,
}

impl<const BLOCK: usize> Logic for Record<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            index,
            anchor,
            start,
            known_start,
            known_length,
            waits,
            waits_end,
            waits_source,
            finish
        );
        dff_setup!(self, clock, valid1, source1, anchor1, start1, end1, known_start1, known_length1);
        dff_setup!(self, clock, valid2, source2, literals2, length2, distance2, known_length2);
        dff_setup!(self, clock, valid3, source3, literals3, length3, distance3, over3);
        dff_setup!(self, clock, valid4, none4, literals4, length4, offset4, number);
        dff_setup!(self, clock, valid5, none5, literals5, literals_up5, length_up5, literals_extend5, length_extend5);
        dff_setup!(
            self,
            clock,
            valid6,
            none6,
            fixed6,
            literals_more6,
            length_more6,
            valid7,
            none7,
            sum7,
            total,
            complete
        );

        self.place.number.next = bit_cast_u::<16, 13>(self.index.q.val()) << 3;
        self.at.next = self.place.kept.val();
        self.ends_at.next = self.at.val() | bit_cast_u::<16, 3>(self.ended_at.val());
        self.starts_at.next = self.at.val() | bit_cast_u::<16, 3>(self.started_at.val());
        self.stops_at.next = self.at.val() | bit_cast_u::<16, 3>(self.short_at.val());
        self.closes.next = self.done.val() & (self.waits.q.val() | self.ended.val());
        self.valid1.d.next = self.closes.val() | self.finish.q.val();
        self.source1.d.next = self.ended_source.val();
        self.anchor1.d.next = self.anchor.q.val();
        self.start1.d.next = self.start.q.val();
        self.end1.d.next = self.ends_at.val();
        self.known_start1.d.next = self.known_start.q.val();
        self.known_length1.d.next = self.known_length.q.val();
        if self.waits.q.val() {
            self.source1.d.next = self.waits_source.q.val();
            self.end1.d.next = self.waits_end.q.val();
        }
        if self.closes.val() {
            self.anchor.d.next = self.ends_at.val();
            if self.waits.q.val() {
                self.anchor.d.next = self.waits_end.q.val();
            }
        }
        if self.finish.q.val() {
            self.source1.d.next = 3.into();
            // The words are counted: that is the block's end.
            self.start1.d.next = self.at.val();
        }
        self.finish.d.next = self.done.val() & self.last.val();
        if self.done.val() {
            self.index.d.next = self.index.q.val() + 1;
            self.waits.d.next = self.started.val() & self.short.val();
            self.waits_end.d.next = self.stops_at.val();
            self.waits_source.d.next = self.short_source.val();
            if self.started.val() {
                self.start.d.next = self.starts_at.val();
                self.known_start.d.next = self.run_start.val();
                self.known_length.d.next = self.run_length.val();
            }
        }

        self.valid2.d.next = self.valid1.q.val();
        self.source2.d.next = self.source1.q.val();
        self.literals.number.next = self.start1.q.val() - self.anchor1.q.val();
        self.literals2.d.next = self.literals.kept.val();
        self.length.number.next = self.end1.q.val() - self.start1.q.val();
        self.length2.d.next = self.length.kept.val();
        self.distance.number.next = self.start1.q.val() - self.known_start1.q.val();
        self.distance2.d.next = self.distance.kept.val();
        self.known_length2.d.next = self.known_length1.q.val();

        // Zeros beyond the run that is remembered: one literal and the byte before.
        self.valid3.d.next = self.valid2.q.val();
        self.source3.d.next = self.source2.q.val();
        self.literals3.d.next = self.literals2.q.val();
        self.length3.d.next = self.length2.q.val();
        self.distance3.d.next = self.distance2.q.val();
        self.over3.d.next = (self.source2.q.val() == 2) & (self.length2.q.val() > self.known_length2.q.val());

        self.valid4.d.next = self.valid3.q.val();
        self.none4.d.next = self.source3.q.val().all();
        self.literals4.d.next = self.literals3.q.val() + bit_cast_b::<16>(self.over3.q.val());
        // Less 4, or less 5.
        self.less.next = 0xfffc.into();
        if self.over3.q.val() {
            self.less.next = 0xfffb.into();
        }
        self.length4.d.next = self.length3.q.val() + self.less.val();
        match self.source3.q.val().index() {
            0 => self.offset4.d.next = 1.into(),
            1 => self.offset4.d.next = bit_cast_u::<16, 13>(self.stride.val()) << 3,
            2 => {
                self.offset4.d.next = self.distance3.q.val();
                if self.over3.q.val() {
                    self.offset4.d.next = 1.into();
                }
            }
            _ => {
                self.offset4.d.next = 0.into();
                self.length4.d.next = 0.into();
            }
        }
        self.put.next = self.valid4.q.val();
        self.put_index.next = self.number.q.val();
        self.put_data.next = bit_cast_u::<48, 16>(self.literals4.q.val())
            | (bit_cast_u::<48, 16>(self.length4.q.val()) << 16)
            | (bit_cast_u::<48, 16>(self.offset4.q.val()) << 32);
        if self.valid4.q.val() {
            self.number.d.next = self.number.q.val() + 1;
        }

        // Bytes that extend a length x of 15 or more: (x + 240) / 255, and y / 255 = (y + y / 256 + 1) / 256.
        self.valid5.d.next = self.valid4.q.val();
        self.none5.d.next = self.none4.q.val();
        self.literals5.d.next = self.literals4.q.val();
        self.literals_up5.d.next = self.literals4.q.val() + 240;
        self.length_up5.d.next = self.length4.q.val() + 240;
        self.literals_extend5.d.next =
            self.literals4.q.val().get_bits::<12>(4).any() | self.literals4.q.val().get_bits::<4>(0).all();
        self.length_extend5.d.next =
            self.length4.q.val().get_bits::<12>(4).any() | self.length4.q.val().get_bits::<4>(0).all();
        self.valid6.d.next = self.valid5.q.val();
        self.none6.d.next = self.none5.q.val();
        self.literals_sum.next = self.literals_up5.q.val() + (self.literals_up5.q.val() >> 8) + 1;
        self.length_sum.next = self.length_up5.q.val() + (self.length_up5.q.val() >> 8) + 1;
        self.fixed6.d.next = self.literals5.q.val() + 3;
        if self.none5.q.val() {
            self.fixed6.d.next = self.literals5.q.val() + 1;
        }
        self.literals_more6.d.next = 0.into();
        if self.literals_extend5.q.val() {
            self.literals_more6.d.next = self.literals_sum.val().get_bits::<8>(8);
        }
        self.length_more6.d.next = 0.into();
        if self.length_extend5.q.val() {
            self.length_more6.d.next = self.length_sum.val().get_bits::<8>(8);
        }
        self.valid7.d.next = self.valid6.q.val();
        self.none7.d.next = self.none6.q.val();
        self.more.next =
            bit_cast_u::<16, 8>(self.literals_more6.q.val()) + bit_cast_u::<16, 8>(self.length_more6.q.val());
        self.sum7.d.next = self.fixed6.q.val() + self.more.val();
        self.sum.number.next = self.total.q.val() + self.sum7.q.val();
        if self.valid7.q.val() {
            self.total.d.next = self.sum.kept.val();
        }
        self.complete.d.next = self.valid7.q.val() & self.none7.q.val();
        self.whole.next = self.complete.q.val();
        self.bytes.next = self.total.q.val();

        if self.opens.val() {
            self.index.d.next = 0.into();
            self.anchor.d.next = 0.into();
            self.waits.d.next = false;
            self.number.d.next = 0.into();
            self.total.d.next = 0.into();
        }
        if self.reset.val() {
            self.waits.d.next = false;
            self.finish.d.next = false;
            self.valid1.d.next = false;
            self.valid2.d.next = false;
            self.valid3.d.next = false;
            self.valid4.d.next = false;
            self.valid5.d.next = false;
            self.valid6.d.next = false;
            self.valid7.d.next = false;
            self.complete.d.next = false;
        }
    }
}
