//! The card's numbers as constants: which lane is which, and whose group it is in.

use super::each::Each;
use crate::base::word::U;
use rust_hdl::prelude::*;

/// Most groups of lanes.
pub const MAX_GROUPS: usize = 4;
/// Cycles that a read of the table waits for more lanes, for each lane: longer than it takes to deal a request.
const BATCH_WAIT: u64 = 16;

/// Constants of `LANES` lanes in `GROUPS` groups of equal size.
#[derive(LogicBlock)]
pub struct Plan<const LANES: usize, const GROUPS: usize> {
    /// Number of each lane.
    pub number: Each<Signal<Out, U<6>>, LANES>,
    /// Group of each lane.
    pub group_of: Each<Signal<Out, U<2>>, LANES>,
    /// Number of the last lane.
    pub last_lane: Signal<Out, U<6>>,
    /// Number of the last group.
    pub last_group: Signal<Out, U<2>>,
    /// Cycles that a read of the table waits for more lanes.
    pub batch_wait: Signal<Out, U<16>>,
    numbers: Each<Constant<U<6>>, LANES>,
    groups: Each<Constant<U<2>>, LANES>,
    lanes_less_one: Constant<U<6>>,
    groups_less_one: Constant<U<2>>,
    longest: Constant<U<16>>,
}

impl<const LANES: usize, const GROUPS: usize> Default for Plan<LANES, GROUPS> {
    fn default() -> Self {
        let of_a_group = LANES / GROUPS;
        Plan {
            number: Default::default(),
            group_of: Default::default(),
            last_lane: Default::default(),
            last_group: Default::default(),
            batch_wait: Default::default(),
            numbers: Each::new(|lane| Constant::new(U(lane as u64))),
            groups: Each::new(|lane| Constant::new(U((lane / of_a_group) as u64))),
            lanes_less_one: Constant::new(U(LANES as u64 - 1)),
            groups_less_one: Constant::new(U(GROUPS as u64 - 1)),
            longest: Constant::new(U(BATCH_WAIT * LANES as u64)),
        }
    }
}

impl<const LANES: usize, const GROUPS: usize> Logic for Plan<LANES, GROUPS> {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..LANES {
            self.number[i].next = self.numbers[i].val();
            self.group_of[i].next = self.groups[i].val();
        }
        self.last_lane.next = self.lanes_less_one.val();
        self.last_group.next = self.groups_less_one.val();
        self.batch_wait.next = self.longest.val();
    }
}
