//! Planes out of the shuffle's memory, as words without gaps between planes.

use super::bank::Bank;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// Reads a block after `opens`, plane by plane. Where a plane is a whole number of words, a word a cycle; where it is
/// not, which happens in the last block of a frame alone, a byte a cycle: its bytes stand in their words' places
/// already, in the rows of one plane or of two, so each is put into the word by its own enable.
///
/// Plane p stands in bank p mod 8, those above 7 behind those below. A tail is read as planes of a byte.
#[derive(LogicBlock)]
pub struct Read<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A block begins; not while one is read.
    pub opens: Signal<In, Bit>,
    /// Its half.
    pub half: Signal<In, Bit>,
    /// Bytes of a plane less 1.
    pub last_unit: Signal<In, U<13>>,
    /// Log2 of an element's bytes.
    pub esize: Signal<In, U<2>>,
    /// A tail.
    pub raw: Signal<In, Bit>,
    /// Writes a byte of each bank.
    pub put: Signal<In, Bit>,
    /// The other half is written.
    pub put_half: Signal<In, Bit>,
    /// Row, without the half.
    pub put_row: Signal<In, U<13>>,
    /// Byte of the row, three bits for each bank.
    pub put_lanes: Signal<In, U<24>>,
    /// The bytes.
    pub put_data: Signal<In, U<64>>,
    /// A word stands, for this cycle.
    pub valid: Signal<Out, Bit>,
    /// The word.
    pub word: Signal<Out, U<64>>,
    /// The block's last.
    pub last: Signal<Out, Bit>,
    /// Its number in the plane; where planes are whole words.
    pub column: Signal<Out, U<12>>,
    /// Its plane is an odd one.
    pub odd: Signal<Out, Bit>,
    /// There is a plane before, in whole words.
    pub beyond: Signal<Out, Bit>,

    row_shift: Constant<U<4>>,
    banks: [Bank<BLOCK>; 8],
    last_row: DFF<U<10>>,
    last_byte: DFF<U<3>>,
    size: DFF<U<2>>,
    serial: DFF<Bit>,
    from: DFF<Bit>,
    reading: DFF<Bit>,
    row: DFF<U<10>>,
    at_byte: DFF<U<3>>,
    plane: DFF<U<5>>,
    lane: DFF<U<3>>,
    read1: DFF<Bit>,
    each1: DFF<Bit>,
    lane1: DFF<U<3>>,
    last1: DFF<Bit>,
    column1: DFF<U<12>>,
    odd1: DFF<Bit>,
    beyond1: DFF<Bit>,
    out_valid: DFF<Bit>,
    out: [DFF<U<8>>; 8],
    out_last: DFF<Bit>,
    out_column: DFF<U<12>>,
    out_odd: DFF<Bit>,
    out_beyond: DFF<Bit>,

    plane_ends: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    group: Signal<Local, U<2>>,
    above: Signal<Local, U<13>>,
    place: Signal<Local, U<13>>,
    any: Signal<Local, U<64>>,
    one: Signal<Local, U<8>>,
    bytes: Signal<Local, U<64>>,
}

impl<const BLOCK: usize> Default for Read<BLOCK> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            opens: Default::default(),
            half: Default::default(),
            last_unit: Default::default(),
            esize: Default::default(),
            raw: Default::default(),
            put: Default::default(),
            put_half: Default::default(),
            put_row: Default::default(),
            put_lanes: Default::default(),
            put_data: Default::default(),
            valid: Default::default(),
            word: Default::default(),
            last: Default::default(),
            column: Default::default(),
            odd: Default::default(),
            beyond: Default::default(),
            // As in `Write`.
            row_shift: Constant::new(U(BLOCK as u64 - 8)),
            banks: Default::default(),
            last_row: Default::default(),
            last_byte: Default::default(),
            size: Default::default(),
            serial: Default::default(),
            from: Default::default(),
            reading: Default::default(),
            row: Default::default(),
            at_byte: Default::default(),
            plane: Default::default(),
            lane: Default::default(),
            read1: Default::default(),
            each1: Default::default(),
            lane1: Default::default(),
            last1: Default::default(),
            column1: Default::default(),
            odd1: Default::default(),
            beyond1: Default::default(),
            out_valid: Default::default(),
            out: Default::default(),
            out_last: Default::default(),
            out_column: Default::default(),
            out_odd: Default::default(),
            out_beyond: Default::default(),
            plane_ends: Default::default(),
            ends: Default::default(),
            group: Default::default(),
            above: Default::default(),
            place: Default::default(),
            any: Default::default(),
            one: Default::default(),
            bytes: Default::default(),
        }
    }
}

impl<const BLOCK: usize> Logic for Read<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, last_row, last_byte, size, serial, from, reading, row, at_byte, plane, lane, read1, each1
        );
        dff_setup!(self, clock, lane1, last1, column1, odd1, beyond1, out_valid, out_last, out_column, out_odd);
        dff_setup!(self, clock, out_beyond);

        // Rows, and in them bytes.
        self.plane_ends.next = (self.row.q.val() == self.last_row.q.val())
            & (!self.serial.q.val() | (self.at_byte.q.val() == self.last_byte.q.val()));
        self.ends.next = self.reading.q.val()
            & self.plane_ends.val()
            & self.plane.q.val().get_bits::<3>(0).all()
            & (self.plane.q.val().get_bit(3) | !self.size.q.val().any())
            & (self.plane.q.val().get_bit(4) | !self.size.q.val().get_bit(1));
        if self.reading.q.val() {
            self.lane.d.next = self.lane.q.val() + 1;
            self.at_byte.d.next = self.at_byte.q.val() + 1;
            if !self.serial.q.val() | self.at_byte.q.val().all() {
                self.row.d.next = self.row.q.val() + 1;
            }
            if self.plane_ends.val() {
                self.row.d.next = 0.into();
                self.at_byte.d.next = 0.into();
                self.plane.d.next = self.plane.q.val() + 1;
            }
        }
        if self.ends.val() | self.reset.val() {
            self.reading.d.next = false;
        }
        if self.opens.val() {
            self.last_row.d.next = self.last_unit.val().get_bits::<10>(3);
            self.last_byte.d.next = self.last_unit.val().get_bits::<3>(0);
            self.size.d.next = self.esize.val();
            self.serial.d.next = self.raw.val() | !self.last_unit.val().get_bits::<3>(0).all();
            self.from.d.next = self.half.val();
            self.reading.d.next = true;
            self.row.d.next = 0.into();
            self.at_byte.d.next = 0.into();
            self.plane.d.next = 0.into();
            self.lane.d.next = 0.into();
        }

        self.group.next = 0.into();
        if self.size.q.val().get_bit(0) {
            self.group.next = self.plane.q.val().get_bits::<2>(3) << 1;
        }
        if self.size.q.val().get_bit(1) {
            self.group.next = self.plane.q.val().get_bits::<2>(3);
        }
        self.above.next = bit_cast_u::<13, 2>(self.group.val());
        self.place.next = bit_cast_u::<13, 10>(self.row.q.val()) | (self.above.val() << self.row_shift.val());
        self.any.next = 0.into();
        for j in 0..8 {
            self.banks[j].clock.next = self.clock.val();
            self.banks[j].read_enable.next = self.reading.q.val() & (self.plane.q.val().get_bits::<3>(0).index() == j);
            self.banks[j].read_row.next =
                (bit_cast_u::<14, 13>(self.place.val()) << 1) | bit_cast_b::<14>(self.from.q.val());
            self.banks[j].write_enable.next = self.put.val();
            self.banks[j].write_row.next =
                (bit_cast_u::<14, 13>(self.put_row.val()) << 1) | bit_cast_b::<14>(self.put_half.val());
            self.banks[j].write_lane.next = self.put_lanes.val().get_bits::<3>(3 * j);
            self.banks[j].write_data.next = self.put_data.val().get_bits::<8>(8 * j);
            self.any.next = self.any.val() | self.banks[j].read_data.val();
        }

        // What was read: a word, or one of its bytes.
        self.read1.d.next = self.reading.q.val() & (!self.serial.q.val() | self.lane.q.val().all());
        self.each1.d.next = !self.serial.q.val();
        self.lane1.d.next = self.lane.q.val();
        self.last1.d.next = self.ends.val();
        self.column1.d.next = bit_cast_u::<12, 10>(self.row.q.val());
        self.odd1.d.next = self.plane.q.val().get_bit(0);
        self.beyond1.d.next = self.plane.q.val().any() & !self.serial.q.val();
        self.bytes.next = 0.into();
        for k in 0..8 {
            self.out[k].clock.next = self.clock.val();
            self.out[k].d.next = self.out[k].q.val();
            if self.each1.q.val() | (self.lane1.q.val().index() == k) {
                self.out[k].d.next = self.any.val().get_bits::<8>(8 * k);
            }
            self.one.next = self.out[k].q.val();
            self.bytes.next = (self.bytes.val() >> 8) | (bit_cast_u::<64, 8>(self.one.val()) << 56);
        }
        self.out_valid.d.next = self.read1.q.val();
        self.out_last.d.next = self.last1.q.val();
        self.out_column.d.next = self.column1.q.val();
        self.out_odd.d.next = self.odd1.q.val();
        self.out_beyond.d.next = self.beyond1.q.val();
        self.valid.next = self.out_valid.q.val();
        self.word.next = self.bytes.val();
        self.last.next = self.out_last.q.val();
        self.column.next = self.out_column.q.val();
        self.odd.next = self.out_odd.q.val();
        self.beyond.next = self.out_beyond.q.val();

        if self.reset.val() {
            self.read1.d.next = false;
            self.out_valid.d.next = false;
        }
    }
}
