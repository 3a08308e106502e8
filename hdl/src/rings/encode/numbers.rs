//! Stations' numbers as constants.

use crate::base::word::U;
use crate::card::each::Each;
use rust_hdl::prelude::*;

/// Most stations.
const MOST: usize = 4;

/// Each station's number, and that of its lane: from 63 downwards, where the core has none.
#[derive(LogicBlock)]
pub struct Numbers<const STATIONS: usize> {
    /// Its number.
    pub number: Each<Signal<Out, U<2>>, STATIONS>,
    /// Its lane's.
    pub lane: Each<Signal<Out, U<8>>, STATIONS>,
    numbers: Each<Constant<U<2>>, STATIONS>,
    lanes: Each<Constant<U<8>>, STATIONS>,
}

impl<const STATIONS: usize> Default for Numbers<STATIONS> {
    fn default() -> Self {
        const { assert!(STATIONS >= 1 && STATIONS <= MOST, "a card has 1 to 4 encoders, or none") };
        Numbers {
            number: Default::default(),
            lane: Default::default(),
            numbers: Each::new(|i| Constant::new(U(i as u64))),
            lanes: Each::new(|i| Constant::new(U(63 - i as u64))),
        }
    }
}

impl<const STATIONS: usize> Logic for Numbers<STATIONS> {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..STATIONS {
            self.number[i].next = self.numbers[i].val();
            self.lane[i].next = self.lanes[i].val();
        }
    }
}
