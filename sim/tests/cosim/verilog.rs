//! Designs with their Verilog beside them, where there is a Verilator.

use debye_hdl::base::pins::{HdlPins, Pins, Port};
use debye_hdl::tops::{TOPS, Top};
use debye_sim::cosim::{Passed, Stimulus, compare, verilated};
use debye_sim::verilator::{Options, Undefined, VerilatorModel, find};
use rust_hdl::prelude::Block;

/// Whether there is a Verilator; says that `what` is skipped where there is none.
pub fn is_there(what: &str) -> bool {
    find().inspect_err(|error| println!("skipped: co-simulation of {what}: {error}")).is_ok()
}

/// A top, by its name.
pub fn top(name: &str) -> &'static Top {
    TOPS.iter().find(|top| top.name == name).unwrap()
}

/// The Verilog of a top.
pub fn model_of(name: &str, ports: &[Port], undefined: Undefined) -> VerilatorModel {
    let options = Options { undefined, ..Options::default() };
    VerilatorModel::build(name, &top(name).verilog().unwrap(), ports, &options).unwrap_or_else(|e| panic!("{e}"))
}

/// Co-simulates a top with its Verilog; none when there is no Verilator.
pub fn cosimulate_top(name: &str, undefined: Undefined, stimulus: &Stimulus, cycles: u64) -> Option<Passed> {
    if !is_there(name) {
        return None;
    }
    let mut design = (top(name).design)();
    let mut model = model_of(name, design.ports(), undefined);
    let result = compare(&mut *design, &mut model, stimulus, cycles);
    Some(result.unwrap_or_else(|difference| panic!("{name}, {undefined:?}: {difference}")))
}

/// Co-simulates a design with its Verilog; none when there is no Verilator.
pub fn cosimulate<T: Block>(mut design: HdlPins<T>, core: &str, stimulus: &Stimulus, cycles: u64) -> Option<Passed> {
    if !is_there(core) {
        return None;
    }
    let mut model = verilated(&design, core, &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    Some(compare(&mut design, &mut model, stimulus, cycles).unwrap_or_else(|difference| panic!("{core}: {difference}")))
}

/// A card in which a part is shadowed by its Verilog: that is given what the part is given, and what comes out of both is
/// compared in every cycle.
pub struct Shadowed<C: Block, P: Block> {
    card: HdlPins<C>,
    part: fn(&C) -> &P,
    read: fn(&P, usize, &mut [u64]),
    model: VerilatorModel,
    ports: Vec<Port>,
    cycle: u64,
}

impl<C: Block, P: Block> Shadowed<C, P> {
    /// A card, and its part: where it stands there, and alone.
    pub fn new(card: HdlPins<C>, part: fn(&C) -> &P, alone: &HdlPins<P>, name: &str) -> Shadowed<C, P> {
        let model = verilated(alone, name, &Options::default()).unwrap_or_else(|error| panic!("{error}"));
        let ports = model.ports().to_vec();
        assert_eq!(ports, alone.ports());
        Shadowed { card, part, read: alone.reader(), model, ports, cycle: 0 }
    }
}

impl<C: Block, P: Block> Pins for Shadowed<C, P> {
    fn ports(&self) -> &[Port] {
        self.card.ports()
    }
    fn set(&mut self, port: usize, value: &[u64]) {
        self.card.set(port, value);
    }
    fn get(&mut self, port: usize, value: &mut [u64]) {
        self.card.get(port, value);
    }
    fn settle(&mut self) {
        self.card.settle();
        let of_rust = |port: usize| {
            let mut value = [0; 8];
            (self.read)((self.part)(&self.card.design), port, &mut value);
            value
        };
        for (number, port) in self.ports.iter().enumerate().filter(|(_, port)| port.input) {
            self.model.set(number, &of_rust(number)[..port.width.div_ceil(64)]);
        }
        self.model.settle();
        for (number, port) in self.ports.iter().enumerate().filter(|(_, port)| !port.input) {
            let mut value = [0; 8];
            self.model.get(number, &mut value);
            assert_eq!(of_rust(number), value, "cycle {}: {}", self.cycle, port.name);
        }
    }
    fn tick(&mut self) {
        self.settle();
        self.card.tick();
        self.model.tick();
        self.cycle += 1;
    }
}
