//! Pictures of patterns: PNG and SVG.
//!
//! 1D: the pattern with its sigma band, single frames thinly where they are few, and a heat map of frame x radius
//! below it where they are many. Caked: a heat map of azimuth x radius. Rings are marked where they are calculated.

mod canvas;
pub mod chart;
mod curve;
mod heat;
pub mod image;
mod legend;
mod marks;
mod page;
mod request;
mod rings;
mod scale;

pub use request::{Choice, PlotRequest, Ring, Waterfall};

use crate::beside::{Beside, BesideError};
use crate::nexus::NexusError;
use canvas::Format;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a picture could not be made.
#[derive(Debug, Error)]
pub enum PlotError {
    /// The target's name does not say what to draw.
    #[error("{}: name the picture .png or .svg", .0.display())]
    Extension(PathBuf),
    /// The target is there, its folder is not, or it cannot be made.
    #[error(transparent)]
    Target(#[from] BesideError),
    /// The pattern has no value in any bin, so that there is nothing to draw.
    #[error("{what}: every bin is empty (NaN), there is nothing to draw")]
    NothingToDraw {
        /// Which pattern.
        what: String,
    },
    /// The pattern does not fit the axes.
    #[error("the pattern has {found} values, but the axes have {expected} bins")]
    Length {
        /// Bins of the axes.
        expected: usize,
        /// Values of the pattern.
        found: usize,
    },
    /// Edges of bins that fall or are not numbers.
    #[error("the bins' edges do not rise")]
    Edges,
    /// Rings are to be marked, but where they stand is not known.
    #[error("{}: no wavelength is known, so that the rings of {calibrant} cannot be calculated", path.display())]
    NoWavelength {
        /// The output.
        path: PathBuf,
        /// Whose rings.
        calibrant: String,
    },
    /// The drawing library failed.
    #[error("cannot draw: {0}")]
    Drawing(String),
    /// The output that is drawn cannot be read.
    #[error(transparent)]
    Output(#[from] NexusError),
}

/// Finds out whether a target's name says what to draw, before anything is computed.
///
/// # Errors
/// [`PlotError::Extension`].
pub fn check_name(target: &Path) -> Result<(), PlotError> {
    Format::of(target).map(|_| ())
}

/// A picture as the text of an SVG, to be put into a page.
///
/// # Errors
/// [`PlotError::NothingToDraw`], [`PlotError::Drawing`].
pub fn svg(request: &PlotRequest) -> Result<String, PlotError> {
    request.check()?;
    String::from_utf8(canvas::render(Format::Svg, request)?).map_err(canvas::drawing)
}

/// Draws a picture in the format that the target's name asks for (`.png`, `.svg`).
///
/// # Errors
/// [`PlotError::Extension`]; [`PlotError::NothingToDraw`]; [`PlotError::Target`] if the file cannot be made.
pub fn draw(target: &Path, overwrite: bool, request: &PlotRequest) -> Result<(), PlotError> {
    let format = Format::of(target)?;
    request.check()?;
    let bytes = canvas::render(format, request)?;
    Ok(Beside::filled(target, overwrite, |out| out.write_all(&bytes))?.commit()?)
}
