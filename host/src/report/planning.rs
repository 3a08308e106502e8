//! Rate planning with the figures of a report.

use super::lossless::Lossless;
use super::reduction::Reduction;
use crate::metrics::card_rates::CardRates;
use crate::metrics::over;
use crate::metrics::planning::{CoreRates, Inputs, Path};
use serde::{Deserialize, Serialize};

/// What the user says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    /// Frames a second.
    pub detector_rate: f64,
    /// Gbit/s of a link.
    pub link_gbps: f64,
    /// Gbit/s of a disk.
    pub disk_gbps: f64,
    /// Links.
    pub links: usize,
    /// Disks.
    pub disks: usize,
    /// Cores.
    pub cores: usize,
    /// Cards.
    pub cards: usize,
    /// A card.
    pub card: CardRates,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planning {
    /// What it was planned with.
    pub inputs: Inputs,
    /// Whose chunks.
    pub codec: String,
    /// What hangs on measured rates.
    pub timing: Plans,
}

/// See [`Planning::timing`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plans {
    /// What a core does.
    pub core: CoreRates,
    /// Ways from the detector to the disk.
    pub paths: Vec<Path>,
}

/// Plans.
pub fn plan(wish: &Wish, lossless: &Lossless, reduction: &Reduction) -> Option<Planning> {
    let usual = lossless.usual()?;
    let frames = usual.frame_bytes.len() as f64;
    let gigabytes = |gigabits: f64| gigabits / 8.0;
    let inputs = Inputs {
        frames_per_s: wish.detector_rate,
        pixel_bytes: over(usual.pixel_bytes as f64, frames),
        chunk_bytes: over(usual.stored_bytes as f64, frames),
        pattern_bytes: reduction.pattern_bytes,
        link_gb_per_s: gigabytes(wish.link_gbps),
        disk_gb_per_s: gigabytes(wish.disk_gbps),
        links: wish.links,
        disks: wish.disks,
        cores: wish.cores,
        cards: wish.cards,
        card: wish.card,
    };
    let core = CoreRates {
        encode_gb_per_s: usual.timing.encode_gb_per_s_core,
        integrate_gb_per_s: reduction.timing.integrate_gb_per_s_core,
    };
    let paths = inputs.paths(&core);
    Some(Planning { inputs, codec: usual.codec.clone(), timing: Plans { core, paths } })
}
