//! Models by name.

use crate::bench::lane::LanePins;
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

/// A lane of that card, and what it is.
///
/// # Errors
/// [`ModelError::Build`].
pub fn lane(_kind: ModelKind, _config: &Config, _waves: Option<&Waves>) -> Result<(LanePins, String), ModelError> {
    Err(ModelError::Build("there is no lane yet".into()))
}
