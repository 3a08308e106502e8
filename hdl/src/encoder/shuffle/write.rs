//! Pixels of a block into the banks of the shuffle's memory.

use super::gather::Gather;
use super::lanes::Lanes;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Takes a block's words of pixels, a word a cycle, and gives a byte for each of eight planes a cycle. When the block is
/// written, it stands at `done` until `taken`; only then does the next one come in.
#[derive(LogicBlock)]
pub struct Write<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A word of pixels.
    pub valid: Signal<In, Bit>,
    /// Pixels.
    pub word: Signal<In, U<64>>,
    /// The block's last word.
    pub last: Signal<In, Bit>,
    /// Constant over a block: log2 of an element's bytes.
    pub esize: Signal<In, U<2>>,
    /// Constant over a block: a tail.
    pub raw: Signal<In, Bit>,
    /// Constant over a block: bytes of a plane, mod 8; of a tail 1.
    pub units: Signal<In, U<3>>,
    /// The block is written.
    pub done: Signal<Out, Bit>,
    /// Bytes of a plane less 1; with `done`.
    pub last_unit: Signal<Out, U<13>>,
    /// The block was taken over.
    pub taken: Signal<In, Bit>,
    /// A byte for each of eight planes.
    pub put: Signal<Out, Bit>,
    /// Row, without the half.
    pub put_row: Signal<Out, U<13>>,
    /// Byte of the row, three bits for each plane.
    pub put_lanes: Signal<Out, U<24>>,
    /// The bytes.
    pub put_data: Signal<Out, U<64>>,

    row_shift: Constant<U<4>>,
    gather: Gather,
    places: Lanes,
    at: DFF<U<2>>,
    words: [DFF<U<64>>; 4],
    full: DFF<Bit>,
    full_last: DFF<Bit>,
    held: [DFF<U<64>>; 4],
    going: DFF<Bit>,
    going_last: DFF<Bit>,
    at_byte: DFF<U<2>>,
    unit: DFF<U<13>>,
    out: DFF<Bit>,
    out_last: DFF<Bit>,
    out_row: DFF<U<13>>,
    out_lanes: DFF<U<24>>,
    out_data: DFF<U<64>>,
    stands: DFF<Bit>,

    size: Signal<Local, U<2>>,
    takes: [Signal<Local, Bit>; 4],
    unit_ends: Signal<Local, Bit>,
    last_byte: Signal<Local, Bit>,
    group: Signal<Local, U<2>>,
    above: Signal<Local, U<13>>,
}

impl<const BLOCK: usize> Default for Write<BLOCK> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            valid: Default::default(),
            word: Default::default(),
            last: Default::default(),
            esize: Default::default(),
            raw: Default::default(),
            units: Default::default(),
            done: Default::default(),
            last_unit: Default::default(),
            taken: Default::default(),
            put: Default::default(),
            put_row: Default::default(),
            put_lanes: Default::default(),
            put_data: Default::default(),
            // A row holds 8 bytes of a plane; planes 8 and more stand above those below: see `Read`.
            row_shift: Constant::new(U(BLOCK as u64 - 8)),
            gather: Default::default(),
            places: Default::default(),
            at: Default::default(),
            words: Default::default(),
            full: Default::default(),
            full_last: Default::default(),
            held: Default::default(),
            going: Default::default(),
            going_last: Default::default(),
            at_byte: Default::default(),
            unit: Default::default(),
            out: Default::default(),
            out_last: Default::default(),
            out_row: Default::default(),
            out_lanes: Default::default(),
            out_data: Default::default(),
            stands: Default::default(),
            size: Default::default(),
            takes: Default::default(),
            unit_ends: Default::default(),
            last_byte: Default::default(),
            group: Default::default(),
            above: Default::default(),
        }
    }
}

impl<const BLOCK: usize> Logic for Write<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, at, full, full_last, going, going_last, at_byte, unit, out, out_last, out_row, out_lanes
        );
        dff_setup!(self, clock, out_data, stands);

        // Words of eight elements. A tail's words are eight elements of a byte each.
        self.size.next = self.esize.val();
        if self.raw.val() {
            self.size.next = 0.into();
        }
        self.unit_ends.next =
            !self.size.val().any() | (self.size.val().get_bit(0) & self.at.q.val().get_bit(0)) | self.at.q.val().all();
        self.takes[0].next = self.valid.val() & !self.at.q.val().any();
        self.takes[1].next = self.valid.val()
            & ((self.size.val().get_bit(1) & (self.at.q.val() == 1))
                | (!self.size.val().get_bit(1) & !self.at.q.val().any()));
        self.takes[2].next = self.valid.val()
            & (!self.size.val().any()
                | (self.size.val().get_bit(0) & self.at.q.val().get_bit(0))
                | (self.size.val().get_bit(1) & (self.at.q.val() == 2)));
        self.takes[3].next = self.valid.val() & self.unit_ends.val();
        if self.valid.val() {
            self.at.d.next = self.at.q.val() + 1;
            if self.unit_ends.val() {
                self.at.d.next = 0.into();
            }
        }
        self.full.d.next = self.valid.val() & self.unit_ends.val();
        self.full_last.d.next = self.last.val();
        for i in 0..4 {
            self.words[i].clock.next = self.clock.val();
            self.words[i].d.next = self.words[i].q.val();
            if self.takes[i].val() {
                self.words[i].d.next = self.word.val();
            }
            self.held[i].clock.next = self.clock.val();
            self.held[i].d.next = self.held[i].q.val();
            if self.full.q.val() {
                self.held[i].d.next = self.words[i].q.val();
            }
            self.gather.words[i].next = self.held[i].q.val();
        }

        // Their bytes, while the next words come.
        self.gather.esize.next = self.size.val();
        self.gather.part.next = self.at_byte.q.val();
        self.last_byte.next = !self.esize.val().any()
            | (self.esize.val().get_bit(0) & self.at_byte.q.val().get_bit(0))
            | self.at_byte.q.val().all();
        if self.going.q.val() {
            self.at_byte.d.next = self.at_byte.q.val() + 1;
            if self.last_byte.val() {
                self.at_byte.d.next = 0.into();
            }
            if self.last_byte.val() | self.raw.val() {
                self.going.d.next = false;
            }
            if self.last_byte.val() & !self.raw.val() & !self.going_last.q.val() {
                self.unit.d.next = self.unit.q.val() + 1;
            }
        }
        if self.full.q.val() {
            self.going.d.next = true;
            self.going_last.d.next = self.full_last.q.val();
        }
        self.places.unit.next = self.unit.q.val().get_bits::<3>(0);
        self.places.units.next = self.units.val();
        self.group.next = 0.into();
        if self.esize.val().get_bit(0) {
            self.group.next = self.at_byte.q.val() << 1;
        }
        if self.esize.val().get_bit(1) {
            self.group.next = self.at_byte.q.val();
        }
        self.above.next = bit_cast_u::<13, 2>(self.group.val());
        self.out.d.next = self.going.q.val();
        self.out_last.d.next = self.going.q.val() & self.going_last.q.val() & (self.last_byte.val() | self.raw.val());
        self.out_row.d.next = (self.unit.q.val() >> 3) | (self.above.val() << self.row_shift.val());
        self.out_lanes.d.next = self.places.lanes.val();
        self.out_data.d.next = self.gather.planes.val();
        self.put.next = self.out.q.val();
        self.put_row.next = self.out_row.q.val();
        self.put_lanes.next = self.out_lanes.q.val();
        self.put_data.next = self.out_data.q.val();

        if self.out_last.q.val() {
            self.stands.d.next = true;
        }
        self.done.next = self.stands.q.val();
        self.last_unit.next = self.unit.q.val();
        if self.taken.val() {
            self.stands.d.next = false;
        }
        if self.taken.val() | self.reset.val() {
            self.unit.d.next = 0.into();
            self.at_byte.d.next = 0.into();
        }
        if self.reset.val() {
            self.at.d.next = 0.into();
            self.full.d.next = false;
            self.going.d.next = false;
            self.out.d.next = false;
            self.out_last.d.next = false;
            self.stands.d.next = false;
        }
    }
}
