//! Models of a whole card by name.

use super::Device;
use super::functional::{Build, FunctionalCard};
use super::gateware::GatewareCard;
use crate::designs::{self, Simulator};
use crate::model::ModelError;

/// The models there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// The definition behind rings; no clock.
    Spec,
    /// The gateware's emitted Verilog under Verilator.
    Verilator,
}

/// A card as after power-on.
///
/// # Errors
/// [`ModelError::Build`].
pub fn card(kind: CardKind, build: Build) -> Result<Box<dyn Device>, ModelError> {
    match kind {
        CardKind::Spec => Ok(Box::new(FunctionalCard::new(build))),
        CardKind::Verilator => {
            let simulator = Simulator::Verilator;
            let Build { shape, queues, flights_log2, memory_log2, encoders } = build;
            if flights_log2 != Build::default().flights_log2 {
                return Err(ModelError::Build("the gateware keeps 64 submissions in flight".into()));
            }
            let design = designs::ring_card(simulator, &shape, encoders, queues, memory_log2)?;
            let description = format!(
                "{}, behind rings; lanes {}, encoder lanes {encoders}, queues {queues}, table memory {} MiB",
                simulator.name(),
                shape.lanes,
                (1u64 << memory_log2) >> 20,
            );
            Ok(Box::new(GatewareCard::new(design, description, memory_log2)))
        }
    }
}
