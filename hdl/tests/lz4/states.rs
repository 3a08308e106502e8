//! What the parser's states do, seen in the simulated core: which it is in at each step, and which comes next.

use debye_hdl::base::pins::{HdlPins, Pins, Port};
use debye_hdl::lz4::Lz4;
use rust_hdl::prelude::*;
use std::collections::BTreeMap;

/// The parser's states, one flip-flop each.
pub const STATES: [&str; 5] = ["in_token", "in_more_literals", "in_literals", "in_offset", "in_more_match"];

/// Reads the parser's flip-flops and whether it steps.
#[derive(Default)]
struct Look {
    path: Vec<String>,
    on: [bool; STATES.len()],
    steps: bool,
    seen: usize,
}

impl Probe for Look {
    fn visit_start_scope(&mut self, name: &str, _: &dyn rust_hdl::prelude::Block) {
        self.path.push(name.into());
    }
    fn visit_end_scope(&mut self, _: &str, _: &dyn rust_hdl::prelude::Block) {
        self.path.pop();
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let high = || matches!(signal.vcd(), VCDValue::Single(vcd::Value::V1));
        match path[..] {
            [_, "parse"] if name == "go" => self.steps = high(),
            [_, "parse", field] if name == "q" => {
                if let Some(state) = STATES.iter().position(|&state| state == field) {
                    self.on[state] = high();
                    self.seen += 1;
                }
            }
            _ => {}
        }
    }
}

/// The core, with the steps of its parser counted: from which state to which.
pub struct Watched {
    pins: HdlPins<Lz4<13>>,
    from: Option<usize>,
    /// Steps, by the state before and the state behind.
    pub steps: BTreeMap<[&'static str; 2], usize>,
}

impl Watched {
    pub fn new() -> Watched {
        Watched { pins: Lz4::<13>::pins(), from: None, steps: BTreeMap::new() }
    }

    /// The state that the parser is in, none between blocks; and whether it steps at the next edge.
    fn look(&self) -> (Option<usize>, bool) {
        let mut look = Look::default();
        self.pins.design.accept("lz4", &mut look);
        assert_eq!(look.seen, STATES.len(), "the parser's states are there by name");
        let on: Vec<usize> = (0..STATES.len()).filter(|&state| look.on[state]).collect();
        assert!(on.len() < 2, "one state at a time: {on:?}");
        (on.first().copied(), look.steps)
    }
}

impl Pins for Watched {
    fn ports(&self) -> &[Port] {
        self.pins.ports()
    }
    fn set(&mut self, port: usize, value: &[u64]) {
        self.pins.set(port, value);
    }
    fn get(&mut self, port: usize, value: &mut [u64]) {
        self.pins.get(port, value);
    }
    fn settle(&mut self) {
        self.pins.settle();
    }
    fn tick(&mut self) {
        self.pins.settle();
        let (now, steps) = self.look();
        if let (Some(from), Some(to)) = (self.from, now) {
            *self.steps.entry([STATES[from], STATES[to]]).or_insert(0) += 1;
        }
        self.from = now.filter(|_| steps);
        self.pins.tick();
    }
}
