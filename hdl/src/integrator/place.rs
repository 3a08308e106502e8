//! Where an operation adds, and what it does there: from stage 1, where that is known, to the banks.
//!
//! ```text
//! stages 1 to 7    on the way
//! stage 8          keys of the window's first row and of the one after; which banks have their bin in the latter
//! stage 9          what is to be done
//! ```

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// The pipeline beside the weights. For keys see [`Sums`](super::sums::Sums).
#[derive(LogicBlock, Default)]
pub struct Place<const ROWS: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reset: nothing is on the way.
    pub reset: Signal<In, Bit>,
    /// Stage 1: key of the row in which the window starts.
    pub entering: Signal<In, U<12>>,
    /// Stage 1: bank of the window's first bin.
    pub start: Signal<In, U<3>>,
    /// Stage 1: something is to be done (bit 0), rows become 0 (1), rows are read (2).
    pub asked: Signal<In, U<3>>,
    /// Stage 8: key of the row in which the window starts.
    pub key: Signal<Out, U<12>>,
    /// Stage 8: key of the row after that.
    pub key_after: Signal<Out, U<12>>,
    /// Stage 8: banks whose bin is in the row after.
    pub after: Signal<Out, U<8>>,
    /// Stage 9: as `asked`.
    pub what: Signal<Out, U<3>>,
    place: [DFF<U<18>>; 6],
    key_8: DFF<U<12>>,
    key_after_8: DFF<U<12>>,
    after_8: DFF<U<8>>,
    what_8: DFF<U<3>>,
    what_9: DFF<U<3>>,
    first: Signal<Local, U<18>>,
    placed: Signal<Local, U<18>>,
    row: Signal<Local, U<ROWS>>,
    row_after: Signal<Local, U<ROWS>>,
    key_half: Signal<Local, U<12>>,
    half: Signal<Local, Bit>,
}

impl<const ROWS: usize> Logic for Place<ROWS> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, key_8, key_after_8, after_8, what_8, what_9);
        self.first.next = bit_cast_u::<18, 12>(self.entering.val())
            | (bit_cast_u::<18, 3>(self.start.val()) << 12)
            | (bit_cast_u::<18, 3>(self.asked.val()) << 15);
        for i in 0..6 {
            self.place[i].clock.next = self.clock.val();
        }
        self.place[0].d.next = self.first.val();
        self.place[1].d.next = self.place[0].q.val();
        self.place[2].d.next = self.place[1].q.val();
        self.place[3].d.next = self.place[2].q.val();
        self.place[4].d.next = self.place[3].q.val();
        self.place[5].d.next = self.place[4].q.val();
        self.placed.next = self.place[5].q.val();
        if self.reset.val() {
            for i in 0..6 {
                self.place[i].d.next = 0.into();
            }
        }
        self.row.next = self.placed.val().get_bits::<ROWS>(0);
        self.row_after.next = self.row.val() + 1;
        self.half.next = self.placed.val().get_bit(11);
        self.key_half.next = bit_cast_b::<12>(self.half.val()) << 11;
        self.key_8.d.next = self.key_half.val() | bit_cast_u::<12, ROWS>(self.row.val());
        self.key_after_8.d.next = self.key_half.val() | bit_cast_u::<12, ROWS>(self.row_after.val());
        match self.placed.val().get_bits::<3>(12).index() {
            0 => self.after_8.d.next = 0.into(),
            1 => self.after_8.d.next = 1.into(),
            2 => self.after_8.d.next = 3.into(),
            3 => self.after_8.d.next = 7.into(),
            4 => self.after_8.d.next = 15.into(),
            5 => self.after_8.d.next = 31.into(),
            6 => self.after_8.d.next = 63.into(),
            _ => self.after_8.d.next = 127.into(),
        }
        self.what_8.d.next = self.placed.val().get_bits::<3>(15);
        self.what_9.d.next = self.what_8.q.val();
        self.key.next = self.key_8.q.val();
        self.key_after.next = self.key_after_8.q.val();
        self.after.next = self.after_8.q.val();
        self.what.next = self.what_9.q.val();
    }
}
