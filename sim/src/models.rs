//! Models of a card by name.

use crate::bench::card::CardBench;
use crate::designs::{self, Simulator};
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
pub fn card(kind: ModelKind, config: Config, waves: Option<&Waves>) -> Result<Box<dyn CardModel>, ModelError> {
    match kind {
        ModelKind::Spec => Ok(Box::new(Functional::new(config))),
        ModelKind::Gateware(simulator) => {
            let design = designs::card(simulator, &config, waves)?;
            let lanes = match config.shape.lanes {
                1 => "1 lane".to_owned(),
                lanes => format!("{lanes} lanes"),
            };
            let stalls = config.stall_seed.map_or(String::new(), |seed| format!(", stalls from seed {seed}"));
            Ok(Box::new(CardBench::new(design, format!("{}, {lanes}{stalls}", simulator.name()), config)?))
        }
    }
}
