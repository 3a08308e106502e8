//! Designs behind pins: as Rust-HDL, or as their emitted Verilog.

use crate::model::{Config, ModelError, Shape};
use crate::verilator::{Options, Trace, VerilatorModel};
use crate::waves::{Traced, Waves};
use debye_hdl::base::emit::{Stamp, emit};
use debye_hdl::base::pins::{HdlPins, Pins};
use debye_hdl::card::lanes::Card;
use debye_hdl::flash_spi::FlashSpi;
use debye_hdl::lane::{self, Lane};
use debye_hdl::rings::{EncodingCard, RingCard};
use debye_hdl::serial::SerialCard;
use debye_hdl::tops::roomy;
use debye_spec::serial::TABLE_LOG2;
use rust_hdl::prelude::Block;

/// A design behind [`Pins`].
pub type Design = Box<dyn Pins + Send>;

/// How a design is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simulator {
    /// Rust-HDL's own update of all blocks.
    Hdl,
    /// Its emitted Verilog under Verilator.
    Verilator,
}

impl Simulator {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Simulator::Hdl => "hdl: the gateware in Rust-HDL",
            Simulator::Verilator => "verilator: the gateware's emitted Verilog under Verilator",
        }
    }
}

/// A change of a design's Verilog, to see that it is found: a text of one module, which must stand there exactly once,
/// is replaced by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Module.
    pub module: String,
    /// What stands there.
    pub from: String,
    /// What stands there then.
    pub to: String,
}

impl Fault {
    /// The Verilog with the fault in it.
    ///
    /// # Errors
    /// The text does not stand in the module exactly once.
    pub fn inject(&self, verilog: &str) -> Result<String, ModelError> {
        let wrong = |what: &str| Err(ModelError::Build(format!("fault in module {}: {what}", self.module)));
        let Some(start) = verilog.find(&format!("\nmodule {} (", self.module)) else { return wrong("no such module") };
        let end = verilog[start..].find("\nendmodule").map_or(verilog.len(), |end| start + end);
        let places: Vec<usize> = verilog[start..end].match_indices(&self.from).map(|(at, _)| at).collect();
        match places[..] {
            [at] => {
                let (head, tail) = (&verilog[..start + at], &verilog[start + at + self.from.len()..]);
                Ok([head, &self.to, tail].concat())
            }
            _ => wrong(&format!("{} places of {:?}", places.len(), self.from)),
        }
    }
}

/// Puts a design behind pins.
fn simulate<T: Block + Send + 'static>(
    simulator: Simulator,
    pins: HdlPins<T>,
    stamp: &Stamp<'_>,
    waves: Option<&Waves>,
    fault: Option<&Fault>,
) -> Result<Design, ModelError> {
    if simulator == Simulator::Hdl {
        return Ok(match waves {
            Some(waves) => Box::new(Traced::new(pins, waves.clone())),
            None => Box::new(pins),
        });
    }
    let build = |error: &dyn std::fmt::Display| ModelError::Build(error.to_string());
    let mut verilog = emit(&*pins.design, stamp).map_err(|error| build(&error))?;
    if let Some(fault) = fault {
        verilog = fault.inject(&verilog)?;
    }
    let trace = waves.map(|waves| {
        let (path, failed) = (waves.path.clone(), waves.failed.clone());
        Trace { path, from: waves.cycles.start, until: waves.cycles.end, failed }
    });
    let options = Options { trace, ..Options::default() };
    let model = VerilatorModel::build(stamp.core, &verilog, pins.ports(), &options).map_err(|error| build(&error))?;
    Ok(Box::new(model))
}

const BLOCK: (&str, u64) = ("BLOCK", 13);
const ROWS: (&str, u64) = ("ROWS", 8);

/// Numbers of lanes that a card of the gateware can have here: each is a type of its own.
pub const LANES: [usize; 7] = [1, 2, 4, 8, 12, 24, 48];

/// The shape that designs are elaborated in; models of other sizes are functional alone.
fn only(shape: &Shape) -> Result<(), ModelError> {
    let Shape { block, rows, .. } = Shape::default();
    if (shape.block, shape.rows) == (block, rows) {
        return Ok(());
    }
    Err(ModelError::Build(format!("it is elaborated for blocks of 2^{block} bytes and 8 x 2^{rows} bins alone")))
}

/// A lane.
///
/// # Errors
/// [`ModelError::Build`].
pub fn lane(
    simulator: Simulator,
    config: &Config,
    waves: Option<&Waves>,
    fault: Option<&Fault>,
) -> Result<Design, ModelError> {
    only(&config.shape)?;
    let pins: HdlPins<Lane<13, 8>> = roomy(lane::pins);
    let stamp = Stamp { core: "debye_lane", parameters: &[BLOCK, ROWS] };
    simulate(simulator, pins, &stamp, waves, fault)
}

/// A card; all lanes up to 12 share one read of the table, more lanes are in groups of 12.
///
/// # Errors
/// [`ModelError::Build`].
pub fn card(simulator: Simulator, config: &Config, waves: Option<&Waves>) -> Result<Design, ModelError> {
    only(&config.shape)?;
    macro_rules! cards {
        ($($lanes:literal $groups:literal,)*) => {
            match config.shape.lanes {
                $($lanes => {
                    let pins = roomy(|| Card::<$lanes, $groups, 13, 8>::pins(0));
                    let parameters = [("LANES", $lanes), ("GROUPS", $groups), BLOCK, ROWS];
                    let stamp = Stamp { core: concat!("debye_card_", $lanes), parameters: &parameters };
                    simulate(simulator, pins, &stamp, waves, None)
                })*
                lanes => Err(ModelError::Build(format!("a card of {lanes} lanes is not there: take one of {LANES:?}"))),
            }
        };
    }
    cards!(1 1, 2 1, 4 1, 8 1, 12 1, 24 2, 48 4,)
}

/// Numbers of lanes that a card with rings can have here: each is a type of its own.
pub const RING_LANES: [usize; 3] = [1, 4, 12];

/// A card with rings; one with one or two encoder lanes has one lane beside them.
///
/// # Errors
/// [`ModelError::Build`].
pub fn ring_card(
    simulator: Simulator,
    shape: &Shape,
    encoders: u32,
    queues: u32,
    memory_log2: u32,
) -> Result<Design, ModelError> {
    only(shape)?;
    if !(1..=8).contains(&queues) || !(12..=63).contains(&memory_log2) {
        let ranges = "a card has 1 to 8 queues and 2^12 to 2^63 bytes of table memory";
        return Err(ModelError::Build(ranges.into()));
    }
    macro_rules! cards {
        ($($lanes:literal)*; $($encoders:literal)*) => {
            match (shape.lanes, encoders) {
                $((1, $encoders) => {
                    let pins = roomy(move || EncodingCard::<1, 1, $encoders, 13, 8>::pins(queues as usize, memory_log2, 0));
                    let queues = ("QUEUES", queues.into());
                    let parameters = [("LANES", 1), ("ENCODERS", $encoders), ("GROUPS", 1), BLOCK, ROWS, queues];
                    let stamp = Stamp { core: concat!("debye_ring_card_1_", $encoders), parameters: &parameters };
                    simulate(simulator, pins, &stamp, None, None)
                })*
                $(($lanes, 0) => {
                    let pins = roomy(move || RingCard::<$lanes, 1, 13, 8>::pins(queues as usize, memory_log2, 0));
                    let queues = ("QUEUES", queues.into());
                    let parameters = [("LANES", $lanes), ("GROUPS", 1), BLOCK, ROWS, queues];
                    let stamp = Stamp { core: concat!("debye_ring_card_", $lanes), parameters: &parameters };
                    simulate(simulator, pins, &stamp, None, None)
                })*
                (lanes, encoders) => Err(ModelError::Build(format!(
                    "a card of {lanes} lanes and {encoders} encoder lanes with rings is not there: take one of \
                     {RING_LANES:?} without an encoder, or 1 with 1 or 2"
                ))),
            }
        };
    }
    cards!(1 4 12; 1 2)
}

/// The SPI core before a card's flash.
///
/// # Errors
/// [`ModelError::Build`].
pub fn flash_spi(simulator: Simulator) -> Result<Design, ModelError> {
    simulate(simulator, FlashSpi::pins(), &Stamp { core: "debye_flash_spi", parameters: &[] }, None, None)
}

/// The card behind a UART, as it is emitted.
///
/// # Errors
/// [`ModelError::Build`].
pub fn serial_card(simulator: Simulator) -> Result<Design, ModelError> {
    let pins = roomy(|| SerialCard::<{ TABLE_LOG2 as usize }, 13, 8>::pins(0));
    let stamp = Stamp { core: "debye_serial_card", parameters: &[("TABLE", TABLE_LOG2 as u64), BLOCK, ROWS] };
    simulate(simulator, pins, &stamp, None, None)
}
