//! Stage 0: an operation and its pixels enter the pipeline, or the read-out's row does in their place.

use crate::base::word::{U, W, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// From the registers at the streams to those of stage 1. Of pixels of 32 bits one has two slots, the low half in the
/// first; both get the first one's weights. Of 8-bit pixels four are taken.
#[derive(LogicBlock, Default)]
pub struct Entry {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// The pixels.
    pub word: Signal<In, U<64>>,
    /// The operation.
    pub op: Signal<In, W<128, 2>>,
    /// Pixels have 8 bits.
    pub narrow: Signal<In, Bit>,
    /// Pixels have 32 bits.
    pub wide: Signal<In, Bit>,
    /// Of 8-bit pixels the upper four are meant.
    pub second: Signal<In, Bit>,
    /// These pixels come for the first time.
    pub fresh: Signal<In, Bit>,
    /// Operation and pixels enter.
    pub fire: Signal<In, Bit>,
    /// Half of the memory that the frame adds to.
    pub half: Signal<In, Bit>,
    /// The frame is handed over.
    pub handing: Signal<In, Bit>,
    /// The read-out's row enters.
    pub steal: Signal<In, Bit>,
    /// Its key.
    pub steal_key: Signal<In, U<12>>,
    /// It is read.
    pub steal_read: Signal<In, Bit>,
    /// It becomes 0.
    pub steal_clear: Signal<In, Bit>,
    /// Stage 1: 16 bits a slot.
    pub codes: Signal<Out, U<64>>,
    /// Stage 1: masked slots.
    pub masked: Signal<Out, U<4>>,
    /// Stage 1: the slots' places and weights.
    pub slots: [Signal<Out, U<28>>; 4],
    /// Stage 1: first operation of its pixels.
    pub opening: Signal<Out, Bit>,
    /// Stage 1: bank of the window's first bin.
    pub start: Signal<Out, U<3>>,
    /// Stage 1: key of the row in which the window starts.
    pub key: Signal<Out, U<12>>,
    /// Stage 1: something is to be done.
    pub valid: Signal<Out, Bit>,
    /// Stage 1: rows become 0.
    pub clear: Signal<Out, Bit>,
    /// Stage 1: rows are read.
    pub read: Signal<Out, Bit>,
    held_mask: DFF<U<4>>,
    codes_1: DFF<U<64>>,
    masked_1: DFF<U<4>>,
    slots_1: [DFF<U<28>>; 4],
    opening_1: DFF<Bit>,
    start_1: DFF<U<3>>,
    key_1: DFF<U<12>>,
    valid_1: DFF<Bit>,
    clear_1: DFF<Bit>,
    read_1: DFF<Bit>,
    slot: [Signal<Local, U<28>>; 4],
    mask: Signal<Local, U<4>>,
    other_half: Signal<Local, Bit>,
}

impl Logic for Entry {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, held_mask, codes_1, masked_1, opening_1, start_1, key_1, valid_1, clear_1, read_1);
        for s in 0..4 {
            self.slot[s].next = self.op.val().get_bits::<28>(28 * s);
            self.slots_1[s].clock.next = self.clock.val();
            self.slots_1[s].d.next = self.slot[s].val();
        }
        if self.wide.val() {
            self.slots_1[1].d.next = self.slot[0].val();
            self.slots_1[3].d.next = self.slot[2].val();
        }
        self.mask.next = bit_cast_b::<4>(self.slot[0].val().get_bits::<7>(3) == 127)
            | (bit_cast_b::<4>(self.slot[1].val().get_bits::<7>(3) == 127) << 1)
            | (bit_cast_b::<4>(self.slot[2].val().get_bits::<7>(3) == 127) << 2)
            | (bit_cast_b::<4>(self.slot[3].val().get_bits::<7>(3) == 127) << 3);
        if self.wide.val() {
            self.mask.next = bit_cast_b::<4>(self.slot[0].val().get_bits::<7>(3) == 127)
                | (bit_cast_b::<4>(self.slot[0].val().get_bits::<7>(3) == 127) << 1)
                | (bit_cast_b::<4>(self.slot[2].val().get_bits::<7>(3) == 127) << 2)
                | (bit_cast_b::<4>(self.slot[2].val().get_bits::<7>(3) == 127) << 3);
        }
        if self.fire.val() & self.fresh.val() {
            self.held_mask.d.next = self.mask.val();
        }
        self.masked_1.d.next = self.held_mask.q.val();
        if self.fresh.val() {
            self.masked_1.d.next = self.mask.val();
        }

        self.codes_1.d.next = self.word.val();
        if self.narrow.val() {
            if self.second.val() {
                self.codes_1.d.next = bit_cast_u::<64, 8>(self.word.val().get_bits::<8>(32))
                    | (bit_cast_u::<64, 8>(self.word.val().get_bits::<8>(40)) << 16)
                    | (bit_cast_u::<64, 8>(self.word.val().get_bits::<8>(48)) << 32)
                    | (bit_cast_u::<64, 8>(self.word.val().get_bits::<8>(56)) << 48);
            } else {
                self.codes_1.d.next = bit_cast_u::<64, 8>(self.word.val().get_bits::<8>(0))
                    | (bit_cast_u::<64, 8>(self.word.val().get_bits::<8>(8)) << 16)
                    | (bit_cast_u::<64, 8>(self.word.val().get_bits::<8>(16)) << 32)
                    | (bit_cast_u::<64, 8>(self.word.val().get_bits::<8>(24)) << 48);
            }
        }
        self.other_half.next = !self.half.val();
        self.opening_1.d.next = self.fire.val() & self.fresh.val();
        self.valid_1.d.next = self.fire.val();
        self.clear_1.d.next = false;
        self.read_1.d.next = false;
        self.start_1.d.next = self.op.val().get_bits::<3>(112);
        self.key_1.d.next =
            bit_cast_u::<12, 11>(self.op.val().get_bits::<11>(115)) | (bit_cast_b::<12>(self.half.val()) << 11);
        if self.handing.val() {
            // The row that is in the banks' registers is written back by opening the other half at its first row.
            self.valid_1.d.next = true;
            self.clear_1.d.next = true;
            self.start_1.d.next = 0.into();
            self.key_1.d.next = bit_cast_b::<12>(self.other_half.val()) << 11;
        } else if self.steal.val() {
            self.valid_1.d.next = self.steal_clear.val();
            self.clear_1.d.next = self.steal_clear.val();
            self.read_1.d.next = self.steal_read.val();
            self.start_1.d.next = 0.into();
            self.key_1.d.next = self.steal_key.val();
        }

        self.codes.next = self.codes_1.q.val();
        self.masked.next = self.masked_1.q.val();
        for s in 0..4 {
            self.slots[s].next = self.slots_1[s].q.val();
        }
        self.opening.next = self.opening_1.q.val();
        self.start.next = self.start_1.q.val();
        self.key.next = self.key_1.q.val();
        self.valid.next = self.valid_1.q.val();
        self.clear.next = self.clear_1.q.val();
        self.read.next = self.read_1.q.val();
    }
}
