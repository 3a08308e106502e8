//! Words to masks: which bytes equal the byte before, which the plane before, which are 0; bit i is byte i of the word.

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::encoder::memory::Memory;
use rust_hdl::prelude::*;

/// Makes masks of a block's words. A word stands at `word_*` once the masks of the one behind it are known (or once it
/// is the last): `word_valid` is high in steps only.
#[derive(LogicBlock, Default)]
pub struct Masks<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A word comes.
    pub valid: Signal<In, Bit>,
    /// The word.
    pub word: Signal<In, U<64>>,
    /// The block's first.
    pub first: Signal<In, Bit>,
    /// The block's last.
    pub last: Signal<In, Bit>,
    /// Its number in the plane.
    pub column: Signal<In, U<12>>,
    /// Its plane is an odd one.
    pub odd: Signal<In, Bit>,
    /// There is a plane before.
    pub beyond: Signal<In, Bit>,
    /// Masks move on.
    pub step: Signal<Out, Bit>,
    /// The newest word's zeros are there, with a step.
    pub newest: Signal<Out, Bit>,
    /// The newest word's zeros.
    pub newest_zero: Signal<Out, U<8>>,
    /// The word before the newest stands, with a step.
    pub word_valid: Signal<Out, Bit>,
    /// The block's last.
    pub word_last: Signal<Out, Bit>,
    /// Bytes at which a match may start.
    pub word_starts: Signal<Out, U<8>>,
    /// Bytes of it and three of the next that equal the byte before.
    pub word_before: Signal<Out, U<11>>,
    /// ... that equal the plane before.
    pub word_plane: Signal<Out, U<11>>,
    /// ... that are 0.
    pub word_zero: Signal<Out, U<11>>,

    planes: Memory<64, BLOCK, 5>,
    // While the plane before is read, in two cycles.
    word1: DFF<U<64>>,
    word2: DFF<U<64>>,
    plane2: DFF<U<64>>,
    valid1: DFF<Bit>,
    valid2: DFF<Bit>,
    first1: DFF<Bit>,
    first2: DFF<Bit>,
    last1: DFF<Bit>,
    last2: DFF<Bit>,
    beyond1: DFF<Bit>,
    beyond2: DFF<Bit>,
    byte_before: DFF<U<8>>,
    // The newest word, and the one before it.
    valid3: DFF<Bit>,
    last3: DFF<Bit>,
    before3: DFF<U<8>>,
    plane3: DFF<U<8>>,
    zero3: DFF<U<8>>,
    flush: DFF<Bit>,
    valid4: DFF<Bit>,
    last4: DFF<Bit>,
    before4: DFF<U<8>>,
    plane4: DFF<U<8>>,
    zero4: DFF<U<8>>,

    turned: Signal<Local, U<64>>,
    same: Signal<Local, U<8>>,
    plane: Signal<Local, U<8>>,
    zero: Signal<Local, U<8>>,
    here: Signal<Local, U<8>>,
    left: Signal<Local, U<8>>,
    over: Signal<Local, U<8>>,
    row: Signal<Local, U<14>>,
    row_before: Signal<Local, U<14>>,
    steps: Signal<Local, Bit>,
}

impl<const BLOCK: usize> Logic for Masks<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, word1, word2, plane2, valid1, valid2, first1, first2, last1, last2, beyond1, beyond2);
        dff_setup!(self, clock, byte_before, valid3, last3, before3, plane3, zero3, flush);
        dff_setup!(self, clock, valid4, last4, before4, plane4, zero4);
        self.planes.clock.next = self.clock.val();

        // Planes take turns in two halves.
        self.row.next = (bit_cast_u::<14, 12>(self.column.val()) << 1) | bit_cast_b::<14>(self.odd.val());
        self.row_before.next = self.row.val() ^ 1;
        self.planes.write_enable.next = self.valid.val();
        self.planes.write_address.next = self.row.val();
        self.planes.write_data.next = self.word.val();
        self.planes.read_enable.next = self.valid.val() & self.beyond.val();
        self.planes.read_address.next = self.row_before.val();
        self.word1.d.next = self.word.val();
        self.word2.d.next = self.word1.q.val();
        self.plane2.d.next = self.planes.read_data.val();
        self.valid1.d.next = self.valid.val();
        self.valid2.d.next = self.valid1.q.val();
        self.first1.d.next = self.first.val();
        self.first2.d.next = self.first1.q.val();
        self.last1.d.next = self.last.val();
        self.last2.d.next = self.last1.q.val();
        self.beyond1.d.next = self.beyond.val();
        self.beyond2.d.next = self.beyond1.q.val();

        self.turned.next = (self.word2.q.val() << 8) | bit_cast_u::<64, 8>(self.byte_before.q.val());
        self.same.next = 0.into();
        self.plane.next = 0.into();
        self.zero.next = 0.into();
        for i in 0..8 {
            self.here.next = self.word2.q.val().get_bits::<8>(8 * i);
            self.left.next = self.turned.val().get_bits::<8>(8 * i);
            self.over.next = self.plane2.q.val().get_bits::<8>(8 * i);
            self.same.next = (self.same.val() >> 1) | (bit_cast_b::<8>(self.here.val() == self.left.val()) << 7);
            self.plane.next = (self.plane.val() >> 1)
                | (bit_cast_b::<8>((self.here.val() == self.over.val()) & self.beyond2.q.val()) << 7);
            self.zero.next = (self.zero.val() >> 1) | (bit_cast_b::<8>(self.here.val() == 0) << 7);
        }
        // No word behind the last: what is not there equals nothing.
        self.valid3.d.next = self.valid2.q.val();
        self.before3.d.next = self.same.val();
        self.plane3.d.next = self.plane.val();
        self.zero3.d.next = self.zero.val();
        // The block's first byte has none before it.
        if self.first2.q.val() {
            self.before3.d.next = self.same.val() & 0xfe;
        }
        if !self.valid2.q.val() {
            self.before3.d.next = 0.into();
            self.plane3.d.next = 0.into();
            self.zero3.d.next = 0.into();
        }
        if self.valid2.q.val() {
            self.byte_before.d.next = self.word2.q.val().get_bits::<8>(56);
            self.last3.d.next = self.last2.q.val();
        }
        // LZ4's end rules: matches end five bytes before the block's end and start twelve before it.
        self.flush.d.next = self.valid3.q.val() & self.last3.q.val();
        self.steps.next = self.valid3.q.val() | self.flush.q.val();
        if self.steps.val() {
            self.valid4.d.next = self.valid3.q.val();
            self.last4.d.next = self.last3.q.val();
            self.before4.d.next = self.before3.q.val();
            self.plane4.d.next = self.plane3.q.val();
            self.zero4.d.next = self.zero3.q.val();
            if self.last3.q.val() {
                self.before4.d.next = self.before3.q.val() & 7;
                self.plane4.d.next = self.plane3.q.val() & 7;
                self.zero4.d.next = self.zero3.q.val() & 7;
            }
        }
        self.word_starts.next = 0xff.into();
        if self.last3.q.val() {
            self.word_starts.next = 0x1f.into();
        }
        self.step.next = self.steps.val();
        self.newest.next = self.valid3.q.val();
        self.newest_zero.next = self.zero3.q.val();

        self.word_valid.next = self.steps.val() & self.valid4.q.val();
        self.word_last.next = self.last4.q.val();
        self.word_before.next =
            bit_cast_u::<11, 8>(self.before4.q.val()) | (bit_cast_u::<11, 8>(self.before3.q.val()) << 8);
        self.word_plane.next =
            bit_cast_u::<11, 8>(self.plane4.q.val()) | (bit_cast_u::<11, 8>(self.plane3.q.val()) << 8);
        self.word_zero.next = bit_cast_u::<11, 8>(self.zero4.q.val()) | (bit_cast_u::<11, 8>(self.zero3.q.val()) << 8);

        if self.reset.val() {
            self.valid1.d.next = false;
            self.valid2.d.next = false;
            self.valid3.d.next = false;
            self.valid4.d.next = false;
            self.flush.d.next = false;
        }
    }
}
