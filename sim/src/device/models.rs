//! Models of a whole card by name.

use super::Device;
use super::functional::{Build, FunctionalCard};
use super::verilog::GatewareCard;
use crate::designs::Simulator;
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
        CardKind::Verilator => Ok(Box::new(GatewareCard::new(Simulator::Verilator, build)?)),
    }
}
