//! The card as Verilog: nothing that Rust and Verilog understand differently, and each module once.

use crate::thin::ThinLane;
use debye_hdl::base::emit::{Stamp, emit};
use debye_hdl::base::lint::assert_no_findings;
use debye_hdl::base::word::{U, W};
use rust_hdl::prelude::*;

debye_hdl::card!(
    /// A card of thin lanes.
    ThinCard, ThinLane, [], 13, 2048
);

fn card<const LANES: usize, const GROUPS: usize>() -> Box<ThinCard<LANES, GROUPS>> {
    let mut card = Box::new(ThinCard::new(0));
    card.connect_all();
    card
}

fn emitted<const LANES: usize, const GROUPS: usize>() -> String {
    let parameters = [("LANES", LANES as u64), ("GROUPS", GROUPS as u64)];
    emit(&*card::<LANES, GROUPS>(), &Stamp { core: "card", parameters: &parameters }).unwrap()
}

#[test]
fn card_lint_finds_nothing() {
    assert_no_findings(&*card::<1, 1>());
    assert_no_findings(&*card::<6, 3>());
}

#[test]
fn card_of_many_lanes_is_emitted_with_each_module_once() {
    let modules = |text: &str| text.matches("\nmodule ").count();
    let (two, twelve) = (emitted::<2, 2>(), emitted::<12, 4>());
    // Where the text is asked for, as `scripts/synth` does with cores.
    if let Ok(folder) = std::env::var("CARD_VERILOG") {
        for (name, text) in [("card2.v", &two), ("card12.v", &twelve), ("card48.v", &emitted::<48, 4>())] {
            std::fs::write(std::path::Path::new(&folder).join(name), text).unwrap();
        }
    }
    assert_eq!(modules(&two), modules(&twelve));
}
