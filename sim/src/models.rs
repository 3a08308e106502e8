//! Models of a card by name.

use crate::designs::Simulator;
use crate::functional::Functional;
use crate::model::{CardModel, Config, ModelError};
use crate::waves::Waves;

/// The models there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// The definition; no clock.
    Spec,
    /// The gateware.
    Gateware(Simulator),
}

/// A card.
///
/// # Errors
/// [`ModelError::Build`].
pub fn card(kind: ModelKind, config: Config, _waves: Option<&Waves>) -> Result<Box<dyn CardModel>, ModelError> {
    match kind {
        ModelKind::Spec => Ok(Box::new(Functional::new(config))),
        ModelKind::Gateware(_) => Err(ModelError::Build("there is no card core yet".into())),
    }
}
