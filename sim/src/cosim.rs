//! Co-simulation: two designs with equal ports, driven by the same seeded stimulus, compared cycle by cycle. That
//! Rust-HDL's design and its Verilog do the same is not taken from Rust-HDL: it is tried, core by core.
//!
//! Ports are driven by what they are called: `..valid` with `..ready` and what else starts alike is a stream, whose
//! valid does not wait for ready and whose data stay until they are taken; `reset` is high at the start and now and
//! then; any other input changes now and then.

use crate::stimulus::{Stream, value};
use crate::verilator::{Options, VerilatorError, VerilatorModel};
use debye_hdl::base::emit::{EmitError, Stamp, emit, ports};
use debye_hdl::base::pins::{HdlPins, Pins};
use debye_hdl::base::random::Random;
use rust_hdl::prelude::Block;
use std::fmt;

/// How two designs are driven.
#[derive(Clone, Debug, Default)]
pub struct Stimulus {
    /// Of all that is random.
    pub seed: u64,
    /// Inputs that keep a value, by name.
    pub fixed: Vec<(String, Vec<u64>)>,
    /// Streams that send these beats, one after the other and again from the first; by the port of their valid. A beat
    /// is a list of ports and values; ports that are left out are random.
    pub scripts: Vec<(String, Vec<Beat>)>,
    /// Cycles between resets, on average; 0 for none but the first.
    pub reset_every: u64,
}

/// Values of a stream's ports.
pub type Beat = Vec<(String, Vec<u64>)>;

/// What passed in a co-simulation without a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Cycles.
    pub cycles: u64,
    /// Beats of each stream, by the port of its valid; inputs and outputs.
    pub beats: Vec<(String, u64)>,
}

impl Passed {
    /// Beats of one stream.
    pub fn beats_of(&self, valid: &str) -> u64 {
        self.beats.iter().find(|(name, _)| name == valid).map_or(0, |(_, beats)| *beats)
    }
}

/// The first difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Cycle, from 0.
    pub cycle: u64,
    /// Output.
    pub port: String,
    /// Its value in the one, in limbs from the lowest.
    pub left: Vec<u64>,
    /// Its value in the other.
    pub right: Vec<u64>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = |limbs: &[u64]| limbs.iter().rev().map(|limb| format!("{limb:016x}")).collect::<Vec<_>>().join("_");
        write!(f, "cycle {}: {} is {} and {}", self.cycle, self.port, hex(&self.left), hex(&self.right))
    }
}

impl std::error::Error for Difference {}

/// Why there is no model of a design.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It has no Verilog.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// Verilator did not build it.
    #[error(transparent)]
    Verilator(#[from] VerilatorError),
    /// The bench left a port out, which would never be driven or compared.
    #[error("port {0} of the design is not among the pins")]
    Port(String),
}

/// The emitted Verilog of a design, under Verilator, with the same ports in the same order.
pub fn verilated<T: Block>(design: &HdlPins<T>, core: &str, options: &Options) -> Result<VerilatorModel, ModelError> {
    if let Some(port) = ports(&*design.design).into_iter().find(|port| !design.ports().contains(port)) {
        return Err(ModelError::Port(port.name));
    }
    let verilog = emit(&*design.design, &Stamp { core, parameters: &[] })?;
    Ok(VerilatorModel::build(core, &verilog, design.ports(), options)?)
}

/// Drives both for some cycles; their ports must be equal and in the same order.
///
/// # Panics
/// When the ports differ, or the stimulus names one that is not there: mistakes in a bench.
pub fn compare(
    left: &mut dyn Pins,
    right: &mut dyn Pins,
    stimulus: &Stimulus,
    cycles: u64,
) -> Result<Passed, Difference> {
    let ports = left.ports().to_vec();
    assert_eq!(ports, right.ports(), "the two designs have the same ports");
    let mut random = Random::new(stimulus.seed);
    let mut streams = Stream::all(&ports, &stimulus.scripts);
    let (mut loose, mut reset) = (Vec::new(), None);
    for (number, port) in ports.iter().enumerate().filter(|(_, port)| port.input) {
        if let Some((_, value)) = stimulus.fixed.iter().find(|(name, _)| *name == port.name) {
            left.set(number, value);
            right.set(number, value);
        } else if port.name == "reset" {
            reset = Some(number);
        } else if !streams.iter().any(|stream| stream.drives(number)) {
            loose.push(number);
        }
    }
    let fixed = |number: usize| stimulus.fixed.iter().any(|(name, _)| *name == ports[number].name);
    let outputs: Vec<usize> = (0..ports.len()).filter(|&number| !ports[number].input).collect();
    let widest = ports.iter().map(|port| port.width.div_ceil(64)).max().unwrap_or(1);
    let (mut here, mut there) = (vec![0; widest], vec![0; widest]);

    for cycle in 0..cycles {
        let mut drive = |number: usize, value: &[u64]| {
            left.set(number, value);
            right.set(number, value);
        };
        if let Some(reset) = reset {
            let again = stimulus.reset_every != 0 && random.below(stimulus.reset_every) == 0;
            drive(reset, &[u64::from(cycle < 4 || again)]);
        }
        for &number in &loose {
            if cycle == 0 || random.below(16) == 0 {
                drive(number, &value(&mut random, ports[number].width));
            }
        }
        for stream in &mut streams {
            stream.next(&ports, &mut random, &fixed, &mut drive);
        }
        left.settle();
        right.settle();
        for &number in &outputs {
            let limbs = ports[number].width.div_ceil(64);
            left.get(number, &mut here[..limbs]);
            right.get(number, &mut there[..limbs]);
            if here[..limbs] != there[..limbs] {
                return Err(Difference {
                    cycle,
                    port: ports[number].name.clone(),
                    left: here[..limbs].to_vec(),
                    right: there[..limbs].to_vec(),
                });
            }
        }
        for stream in &mut streams {
            stream.look(left);
        }
        left.tick();
        right.tick();
    }
    let beats = streams.into_iter().map(|stream| (ports[stream.valid].name.clone(), stream.beats)).collect();
    Ok(Passed { cycles, beats })
}
