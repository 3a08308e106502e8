//! The plot that a run ends with.

use super::args::Args;
use debye::beside::Beside;
use debye::nexus::Output;
use debye::plot::{self, Choice, PlotRequest};
use debye::simulate::Calibrant;
use std::error::Error;
use std::path::{Path, PathBuf};

/// A plot to be drawn of the run's output.
pub struct Picture {
    target: PathBuf,
    overwrite: bool,
    log: bool,
    rings: Option<Calibrant>,
}

impl Picture {
    /// Finds out before the run whether the plot can be drawn after it.
    pub fn plan(args: &Args, target: &Path) -> Result<Picture, Box<dyn Error>> {
        let overwrite = args.output.overwrite;
        plot::check_name(target)?;
        drop(Beside::create(target, overwrite)?);
        let rings = args.output.rings.as_deref().map(Calibrant::named).transpose()?;
        Ok(Picture { target: target.into(), overwrite, log: args.output.log, rings })
    }

    /// Where the plot goes.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Draws the mean pattern of an output.
    pub fn draw(self, output: &Path) -> Result<(), Box<dyn Error>> {
        let output = Output::open(output)?;
        let mut request = PlotRequest::of_output(&output, Choice::Mean, self.log)?;
        if let Some(calibrant) = &self.rings {
            request.mark(calibrant, &output)?;
        }
        Ok(plot::draw(&self.target, self.overwrite, &request)?)
    }
}
