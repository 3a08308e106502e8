//! The sum of a frame's pixels.
//!
//! For UltraScale+ `hdl/ultrascale/tally.v` takes this module's place: the same ports, the same meaning, in three DSP
//! blocks instead of a hundred LUTs.
//!
//! ```text
//! stage 5    sums of the slots 0 and 2, and 1 and 3
//! stage 6    of all four; the high halves of wide pixels are worth 2^16
//! stage 7    of the frame
//! stage 8    the same, a cycle later
//! ```

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Adds four slots a cycle. Values are at stage 4; the sum holds all that came 4 cycles ago or before. `wide` must be
/// still while anything is under way.
#[derive(LogicBlock, Default)]
pub struct Tally {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Begins at 0: between frames, when nothing is under way.
    pub clear: Signal<In, Bit>,
    /// Pixels have 32 bits: slots 1 and 3 hold the high halves of those in slots 0 and 2.
    pub wide: Signal<In, Bit>,
    /// Values, 16 bits a slot; 0 where a slot does not count.
    pub values: Signal<In, U<64>>,
    /// Their sum.
    pub sum: Signal<Out, U<54>>,
    even_5: DFF<U<17>>,
    odd_5: DFF<U<17>>,
    sum_6: DFF<U<33>>,
    sum_7: DFF<U<54>>,
    sum_8: DFF<U<54>>,
}

impl Logic for Tally {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, even_5, odd_5, sum_6, sum_7, sum_8);
        self.even_5.d.next = bit_cast_u::<17, 16>(self.values.val().get_bits::<16>(0))
            + bit_cast_u::<17, 16>(self.values.val().get_bits::<16>(32));
        self.odd_5.d.next = bit_cast_u::<17, 16>(self.values.val().get_bits::<16>(16))
            + bit_cast_u::<17, 16>(self.values.val().get_bits::<16>(48));
        self.sum_6.d.next = bit_cast_u::<33, 17>(self.even_5.q.val()) + bit_cast_u::<33, 17>(self.odd_5.q.val());
        if self.wide.val() {
            self.sum_6.d.next =
                bit_cast_u::<33, 17>(self.even_5.q.val()) + (bit_cast_u::<33, 17>(self.odd_5.q.val()) << 16);
        }
        self.sum_7.d.next = self.sum_7.q.val() + bit_cast_u::<54, 33>(self.sum_6.q.val());
        self.sum_8.d.next = self.sum_7.q.val();
        self.sum.next = self.sum_8.q.val();
        if self.clear.val() {
            self.sum_7.d.next = 0.into();
            self.sum_8.d.next = 0.into();
        }
    }
}
