//! Whose turn it is.

use crate::base::word::U;
use crate::card::each::Each;
use rust_hdl::prelude::*;

/// Picks one of `N` (1 to 4) that ask: the next below the one that was taken last, else the highest.
#[derive(LogicBlock, Default)]
pub struct Turn<const N: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Their numbers (constant).
    pub numbers: Each<Signal<In, U<2>>, N>,
    /// Who asks.
    pub asks: Each<Signal<In, Bit>, N>,
    /// Somebody does.
    pub any: Signal<Out, Bit>,
    /// The one that is picked.
    pub pick: Signal<Out, U<2>>,
    /// It is taken.
    pub take: Signal<In, Bit>,
    last: DFF<U<2>>,
    chosen: Signal<Local, U<2>>,
}

impl<const N: usize> Logic for Turn<N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, last);
        self.any.next = false;
        self.chosen.next = 0.into();
        for i in 0..N {
            if self.asks[i].val() {
                self.any.next = true;
                self.chosen.next = self.numbers[i].val();
            }
        }
        for i in 0..N {
            if self.asks[i].val() & (self.numbers[i].val() < self.last.q.val()) {
                self.chosen.next = self.numbers[i].val();
            }
        }
        self.pick.next = self.chosen.val();
        if self.take.val() {
            self.last.d.next = self.chosen.val();
        }
    }
}
