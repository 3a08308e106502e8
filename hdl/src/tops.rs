//! The tops that are emitted into `hdl/gen`: every core by itself, the lane, and cards. Tests lint each, co-simulate it
//! with its Verilog and compare its file.

use crate::base::emit::{EmitError, Stamp, emit};
use crate::base::lint::{Finding, lint};
use crate::base::pins::{HdlPins, Pins};
use crate::card::lanes::Card;
use crate::rings::engine::Engine;
use crate::rings::{EncodingCard, RingCard};
use crate::serial::SerialCard;
use debye_spec::registers::Capabilities;
use rust_hdl::prelude::Block;

/// A design of any type.
pub trait Design: Pins {
    /// Its Verilog.
    fn verilog(&self, stamp: &Stamp) -> Result<String, EmitError>;
    /// What the lint finds.
    fn findings(&self) -> Vec<Finding>;
}

impl<T: Block> Design for HdlPins<T> {
    fn verilog(&self, stamp: &Stamp) -> Result<String, EmitError> {
        emit(&*self.design, stamp)
    }
    fn findings(&self) -> Vec<Finding> {
        lint(&*self.design)
    }
}

/// A module that others instantiate.
#[derive(Clone, Copy)]
pub struct Top {
    /// Name of the module, and of its file in `hdl/gen` without `.v`.
    pub name: &'static str,
    /// Elaboration parameters.
    pub parameters: &'static [(&'static str, u64)],
    /// Makes it.
    pub design: fn() -> Box<dyn Design>,
}

impl Top {
    /// Its Verilog as it stands in `hdl/gen`.
    pub fn verilog(&self) -> Result<String, EmitError> {
        roomy(|| (self.design)().verilog(&Stamp { core: self.name, parameters: self.parameters }))
    }

    /// What the lint finds in it.
    pub fn findings(&self) -> Vec<Finding> {
        roomy(|| (self.design)().findings())
    }
}

/// Large cards are made on the stack before they are boxed: a thread of a test has too little of it.
pub fn roomy<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(1 << 28).spawn_scoped(scope, work);
        match thread.map(|thread| thread.join()) {
            Ok(Ok(value)) => value,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread: {error}"),
        }
    })
}

/// Log2 of the bytes of the largest block that the emitted cores take.
const BLOCK: usize = 13;
/// Log2 of an eighth of the bins of the emitted cores.
const ROWS: usize = 8;
/// Queues of the emitted cards with rings.
const QUEUES: usize = 8;
/// Log2 of the bytes of their table memory.
const MEMORY: u32 = 33;
/// Log2 of the operations in the table memory of the emitted card behind a UART.
const TABLE: usize = debye_spec::serial::TABLE_LOG2 as usize;
const RING_QUEUES: (&str, u64) = ("QUEUES", QUEUES as u64);
const BLOCKS: (&str, u64) = ("BLOCK", BLOCK as u64);
const BINS: (&str, u64) = ("ROWS", ROWS as u64);

/// All of them, small ones first. A static: what a constant names is compiled in every crate that uses it, and these take
/// minutes.
pub static TOPS: &[Top] = &[
    Top { name: "debye_splitter", parameters: &[BLOCKS], design: || Box::new(crate::splitter::pins::<BLOCK>()) },
    Top { name: "debye_lz4", parameters: &[BLOCKS], design: || Box::new(crate::lz4::Lz4::<BLOCK>::pins()) },
    Top { name: "debye_unshuffle", parameters: &[], design: || Box::new(crate::unshuffle::pins()) },
    Top { name: "debye_integrator", parameters: &[BINS], design: || Box::new(crate::integrator::pins::<ROWS>()) },
    Top { name: "debye_packer", parameters: &[], design: || Box::new(crate::packer::Packer::pins()) },
    Top { name: "debye_counters", parameters: &[], design: || Box::new(crate::counters::Counters::pins()) },
    Top {
        name: "debye_registers",
        parameters: &[("LANES", 1)],
        design: || {
            let capabilities = Capabilities {
                lanes: 1,
                groups: 1,
                block_log2: BLOCK as u32,
                op_fifo_log2: 9,
                elements: 0x67,
                max_bins: 8 << ROWS,
            };
            Box::new(crate::registers::Registers::pins(capabilities, 0))
        },
    },
    Top { name: "debye_table", parameters: &[], design: || Box::new(crate::card::table::pins()) },
    Top { name: "debye_lane", parameters: &[BLOCKS, BINS], design: || Box::new(crate::lane::pins::<BLOCK, ROWS>()) },
    Top {
        name: "debye_encoder_shuffle",
        parameters: &[BLOCKS],
        design: || Box::new(crate::encoder::shuffle::Shuffle::<BLOCK>::pins()),
    },
    Top {
        name: "debye_encoder_search",
        parameters: &[BLOCKS],
        design: || Box::new(crate::encoder::search::Search::<BLOCK>::pins()),
    },
    Top {
        name: "debye_encoder_emit",
        parameters: &[BLOCKS],
        design: || Box::new(crate::encoder::emit::Emit::<BLOCK>::pins()),
    },
    Top {
        name: "debye_encoder_lane",
        parameters: &[BLOCKS],
        design: || Box::new(crate::encoder::EncoderLane::<BLOCK>::pins()),
    },
    Top {
        name: "debye_card_1",
        parameters: &[("LANES", 1), ("GROUPS", 1), BLOCKS, BINS],
        design: || Box::new(Card::<1, 1, BLOCK, ROWS>::pins(0)),
    },
    Top {
        name: "debye_serial_card",
        parameters: &[("TABLE", TABLE as u64), BLOCKS, BINS],
        design: || Box::new(SerialCard::<TABLE, BLOCK, ROWS>::pins(0)),
    },
    Top {
        name: "debye_card_4",
        parameters: &[("LANES", 4), ("GROUPS", 1), BLOCKS, BINS],
        design: || Box::new(Card::<4, 1, BLOCK, ROWS>::pins(0)),
    },
    Top {
        name: "debye_card_12",
        parameters: &[("LANES", 12), ("GROUPS", 1), BLOCKS, BINS],
        design: || Box::new(Card::<12, 1, BLOCK, ROWS>::pins(0)),
    },
    Top { name: "debye_rings", parameters: &[RING_QUEUES], design: || Box::new(Engine::pins(QUEUES, MEMORY)) },
    Top {
        name: "debye_ring_card_1",
        parameters: &[("LANES", 1), ("GROUPS", 1), BLOCKS, BINS, RING_QUEUES],
        design: || Box::new(RingCard::<1, 1, BLOCK, ROWS>::pins(QUEUES, MEMORY, 0)),
    },
    Top {
        name: "debye_ring_card_4",
        parameters: &[("LANES", 4), ("GROUPS", 1), BLOCKS, BINS, RING_QUEUES],
        design: || Box::new(RingCard::<4, 1, BLOCK, ROWS>::pins(QUEUES, MEMORY, 0)),
    },
    Top {
        name: "debye_ring_card_1_1",
        parameters: &[("LANES", 1), ("ENCODERS", 1), ("GROUPS", 1), BLOCKS, BINS, RING_QUEUES],
        design: || Box::new(EncodingCard::<1, 1, 1, BLOCK, ROWS>::pins(QUEUES, MEMORY, 0)),
    },
    Top {
        name: "debye_ring_card_12",
        parameters: &[("LANES", 12), ("GROUPS", 1), BLOCKS, BINS, RING_QUEUES],
        design: || Box::new(RingCard::<12, 1, BLOCK, ROWS>::pins(QUEUES, MEMORY, 0)),
    },
];
