//! Models by name.

use crate::functional::Functional;
use crate::model::{CardModel, Config, ModelError};
use crate::waves::Waves;

/// The models there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// The definition; no clock.
    Spec,
    /// The gateware in Rust-HDL.
    Hdl,
    /// The emitted Verilog under Verilator.
    Verilator,
}

/// A card.
///
/// # Errors
/// [`ModelError::Build`].
pub fn card(kind: ModelKind, config: Config, _waves: Option<Waves>) -> Result<Box<dyn CardModel>, ModelError> {
    match kind {
        ModelKind::Spec => Ok(Box::new(Functional::new(config))),
        ModelKind::Hdl | ModelKind::Verilator => Err(ModelError::Build("there is no card core yet".into())),
    }
}
