//! Reads a block's planes out of the shuffle's memory as words without gaps between planes.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Reads a block after `opens`. Where a plane is a whole number of words, a word a cycle; where it is not, which happens
/// in the last block of a frame alone, byte by byte (a word in eight cycles or more): that is little logic.
#[derive(LogicBlock, Default)]
pub struct Feed {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A block begins; not while one is read.
    pub opens: Signal<In, Bit>,
    /// Its bytes.
    pub size: Signal<In, U<16>>,
    /// Log2 of an element's bytes.
    pub esize: Signal<In, U<2>>,
    /// A tail.
    pub raw: Signal<In, Bit>,
    /// Reads.
    pub rd_enable: Signal<Out, Bit>,
    /// Word within the half.
    pub rd_address: Signal<Out, U<13>>,
    /// What was read, two cycles later.
    pub rd_data: Signal<In, U<64>>,
    /// With the last read.
    pub rd_release: Signal<Out, Bit>,
    /// A word stands, for this cycle.
    pub valid: Signal<Out, Bit>,
    /// The word.
    pub word: Signal<Out, U<64>>,
    /// Its number in the block.
    pub index: Signal<Out, U<13>>,
    /// The block's last.
    pub last: Signal<Out, Bit>,
    /// There is a plane before, in whole words.
    pub beyond: Signal<Out, Bit>,
    /// Words of a plane; from the cycle before the first word on.
    pub stride: Signal<Out, U<13>>,

    begins: DFF<Bit>,
    begins2: DFF<Bit>,
    bytes: DFF<U<16>>,
    width: DFF<U<2>>,
    is_raw: DFF<Bit>,
    plane_words: DFF<U<13>>,
    rest: DFF<U<3>>,
    serial: DFF<Bit>,
    last_index: DFF<U<13>>,
    reading: DFF<Bit>,
    address: DFF<U<13>>,
    last_read: DFF<U<13>>,
    in_plane: DFF<U<13>>,
    phase: DFF<U<3>>,
    read1: DFF<Bit>,
    read2: DFF<Bit>,
    short1: DFF<Bit>,
    short2: DFF<Bit>,
    shift: DFF<U<64>>,
    count: DFF<U<4>>,
    fill: DFF<U<3>>,
    out: DFF<U<64>>,
    out_valid: DFF<Bit>,
    out_index: DFF<U<13>>,
    past: DFF<Bit>,

    plane_bytes: Signal<Local, U<16>>,
    whole: Signal<Local, U<13>>,
    reads: Signal<Local, U<13>>,
    up: Signal<Local, U<16>>,
    go: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    plane_ends: Signal<Local, Bit>,
    next_index: Signal<Local, U<13>>,
    behind_index: Signal<Local, U<13>>,
}

impl Logic for Feed {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, begins, begins2, bytes, width, is_raw, plane_words, rest, serial, last_index, reading);
        dff_setup!(self, clock, address, last_read, in_plane, phase, read1, read2, short1, short2, shift, count, fill);
        dff_setup!(self, clock, out, out_valid, out_index, past);

        // What the block needs, in two cycles.
        self.begins.d.next = self.opens.val();
        self.begins2.d.next = self.begins.q.val();
        if self.opens.val() {
            self.bytes.d.next = self.size.val();
            self.width.d.next = self.esize.val();
            self.is_raw.d.next = self.raw.val();
        }
        self.plane_bytes.next = self.bytes.q.val() >> 3;
        if self.width.q.val().get_bit(0) {
            self.plane_bytes.next = self.bytes.q.val() >> 4;
        }
        if self.width.q.val().get_bit(1) {
            self.plane_bytes.next = self.bytes.q.val() >> 5;
        }
        self.whole.next = self.plane_bytes.val().get_bits::<13>(3);
        self.up.next = self.bytes.q.val() - 1;
        if self.begins.q.val() {
            self.rest.d.next = self.plane_bytes.val().get_bits::<3>(0);
            self.serial.d.next = self.plane_bytes.val().get_bits::<3>(0).any() & !self.is_raw.q.val();
            self.plane_words.d.next = self.whole.val();
            if self.plane_bytes.val().get_bits::<3>(0).any() {
                self.plane_words.d.next = self.whole.val() + 1;
            }
            self.last_index.d.next = self.up.val().get_bits::<13>(3);
        }
        self.reads.next = self.plane_words.q.val() << 3;
        if self.width.q.val().get_bit(0) {
            self.reads.next = self.plane_words.q.val() << 4;
        }
        if self.width.q.val().get_bit(1) {
            self.reads.next = self.plane_words.q.val() << 5;
        }
        if self.begins2.q.val() {
            self.last_read.d.next = self.reads.val() - 1;
            if self.is_raw.q.val() {
                self.last_read.d.next = self.last_index.q.val();
            }
        }

        // Reads.
        self.go.next = self.reading.q.val() & (!self.serial.q.val() | !self.phase.q.val().any());
        self.ends.next = self.go.val() & (self.address.q.val() == self.last_read.q.val());
        self.rd_enable.next = self.go.val();
        self.rd_address.next = self.address.q.val();
        self.rd_release.next = self.ends.val();
        self.next_index.next = self.in_plane.q.val() + 1;
        self.plane_ends.next = self.next_index.val() == self.plane_words.q.val();
        self.phase.d.next = self.phase.q.val() + 1;
        if self.go.val() {
            self.address.d.next = self.address.q.val() + 1;
            self.in_plane.d.next = self.next_index.val();
            if self.plane_ends.val() {
                self.in_plane.d.next = 0.into();
            }
        }
        if self.ends.val() {
            self.reading.d.next = false;
        }
        if self.begins2.q.val() {
            self.reading.d.next = true;
            self.address.d.next = 0.into();
            self.in_plane.d.next = 0.into();
            self.phase.d.next = 0.into();
        }
        self.read1.d.next = self.go.val();
        self.read2.d.next = self.read1.q.val();
        self.short1.d.next = self.plane_ends.val();
        self.short2.d.next = self.short1.q.val();

        // Words as they are, or byte by byte.
        self.out_valid.d.next = self.read2.q.val() & !self.serial.q.val();
        if self.read2.q.val() {
            self.out.d.next = self.rd_data.val();
        }
        self.shift.d.next = self.shift.q.val() >> 8;
        if self.serial.q.val() {
            self.out.d.next = self.out.q.val();
            if self.count.q.val().any() {
                self.out.d.next =
                    (self.out.q.val() >> 8) | (bit_cast_u::<64, 8>(self.shift.q.val().get_bits::<8>(0)) << 56);
                self.count.d.next = self.count.q.val() - 1;
                self.fill.d.next = self.fill.q.val() + 1;
                self.out_valid.d.next = self.fill.q.val().all();
            }
            if self.read2.q.val() {
                self.shift.d.next = self.rd_data.val();
                self.count.d.next = 8.into();
                if self.short2.q.val() {
                    self.count.d.next = bit_cast_u::<4, 3>(self.rest.q.val());
                }
            }
        }
        self.behind_index.next = self.out_index.q.val() + 1;
        if self.out_valid.q.val() {
            self.out_index.d.next = self.behind_index.val();
            if self.behind_index.val() == self.plane_words.q.val() {
                self.past.d.next = !self.serial.q.val() & !self.is_raw.q.val();
            }
        }
        if self.begins.q.val() {
            self.out_index.d.next = 0.into();
            self.past.d.next = false;
            self.fill.d.next = 0.into();
            self.count.d.next = 0.into();
        }
        self.valid.next = self.out_valid.q.val();
        self.word.next = self.out.q.val();
        self.index.next = self.out_index.q.val();
        self.last.next = self.out_index.q.val() == self.last_index.q.val();
        self.beyond.next = self.past.q.val();
        self.stride.next = self.plane_words.q.val();

        if self.reset.val() {
            self.begins.d.next = false;
            self.begins2.d.next = false;
            self.reading.d.next = false;
            self.read1.d.next = false;
            self.read2.d.next = false;
            self.count.d.next = 0.into();
            self.out_valid.d.next = false;
        }
    }
}
