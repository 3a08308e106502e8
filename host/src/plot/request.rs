//! What a picture shows.

use super::PlotError;
use super::scale::shows;
use crate::nexus::Output;
use crate::nexus::words::axis_words;
use crate::pattern::Pattern;
use crate::table::Description;

/// Up to so many frames are drawn one by one; from there on as a heat map.
const WATERFALL_FROM: usize = 8;
/// Most rows of a heat map: more frames than that are averaged in groups, so that memory is bounded.
const WATERFALL_ROWS: usize = 512;

/// Which pattern of an output to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// One frame, by its number.
    Frame(u64),
    /// All integrated frames as if they were one, with the single ones beside.
    Mean,
}

/// A calculated position to mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    /// Where, in the unit of the radial axis.
    pub position: f64,
    /// What it is called (`111`); may be empty.
    pub label: String,
}

/// Patterns over frames.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// Number of the first frame and of the last one.
    pub frames: [u64; 2],
    /// Rows from the first frame to the last, each with one value a radial bin (NaN where there is none).
    pub rows: Vec<Vec<f64>>,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct PlotRequest {
    /// Heading: the input's name.
    pub title: String,
    /// Second line: which frames, how they were integrated.
    pub subtitle: String,
    /// What the pattern is called in the legend.
    pub name: String,
    /// Label of the radial axis.
    pub radial_label: String,
    /// Edges of the radial bins, rising.
    pub radial_edges: Vec<f64>,
    /// Edges of the azimuthal bins in degrees; empty for a 1D pattern.
    pub azimuth_edges: Vec<f64>,
    /// The pattern.
    pub pattern: Pattern,
    /// Intensities of single frames, drawn thinly behind a 1D pattern.
    pub singles: Vec<Vec<f64>>,
    /// Frames of a 1D pattern, drawn below it.
    pub waterfall: Option<Waterfall>,
    /// Calculated positions.
    pub rings: Vec<Ring>,
    /// What the rings are called in the legend.
    pub rings_name: String,
    /// Whether intensities are on a logarithmic scale.
    pub log: bool,
}

impl PlotRequest {
    /// A picture of an output file.
    ///
    /// # Errors
    /// [`PlotError::Output`] if it cannot be read, has no such frame or no integrated frame.
    pub fn of_output(output: &Output, choice: Choice, log: bool) -> Result<PlotRequest, PlotError> {
        let (pattern, name) = match choice {
            Choice::Frame(frame) => (output.pattern(output.row_of(frame)?)?, format!("frame {frame}")),
            Choice::Mean => {
                let (pattern, frames) = output.mean()?;
                let name = match (frames, output.integrated().next().and_then(|row| output.frames.get(row))) {
                    (1, Some(frame)) => format!("frame {frame}"),
                    _ => format!("mean of {frames} frames"),
                };
                (pattern, name)
            }
        };
        let file = output.input.rsplit('/').next().unwrap_or_default();
        let mut request = PlotRequest {
            title: format!("{file}  {}", output.dataset),
            subtitle: format!("{name} · {}", how(&output.description, output.wavelength)),
            name,
            radial_label: axis_words(output.description.unit).label.into(),
            radial_edges: output.radial_edges.clone(),
            azimuth_edges: output.azimuth_edges.clone(),
            pattern,
            singles: Vec::new(),
            waterfall: None,
            rings: Vec::new(),
            rings_name: String::new(),
            log,
        };
        if choice == Choice::Mean && !output.description.caked {
            request.add_frames(output)?;
        }
        Ok(request)
    }

    /// Single frames where they are few, a heat map where they are many.
    fn add_frames(&mut self, output: &Output) -> Result<(), PlotError> {
        let count = output.integrated().count();
        if count < WATERFALL_FROM {
            if count > 1 {
                for row in output.integrated() {
                    self.singles.push(output.pattern(row)?.intensity);
                }
            }
            return Ok(());
        }
        let group = output.rows().div_ceil(WATERFALL_ROWS).max(1);
        let bins = self.radial_edges.len().saturating_sub(1);
        let mut rows = Vec::new();
        for from in (0..output.rows()).step_by(group) {
            let (mut sums, mut counts) = (vec![0.0; bins], vec![0u32; bins]);
            for row in from..(from + group).min(output.rows()) {
                for (bin, value) in output.pattern(row)?.intensity.into_iter().enumerate() {
                    if value.is_finite() {
                        sums[bin] += value;
                        counts[bin] += 1;
                    }
                }
            }
            rows.push(sums.iter().zip(&counts).map(|(&sum, &count)| sum / f64::from(count)).collect());
        }
        let (Some(&first), Some(&last)) = (output.frames.first(), output.frames.last()) else { return Ok(()) };
        self.waterfall = Some(Waterfall { frames: [first, last], rows });
        Ok(())
    }

    /// Whether the pattern is caked.
    pub fn caked(&self) -> bool {
        !self.azimuth_edges.is_empty()
    }

    /// The pattern fits its axes and has something to show.
    pub(super) fn check(&self) -> Result<(), PlotError> {
        let azimuth = if self.caked() { self.azimuth_edges.len() - 1 } else { 1 };
        let radial = self.radial_edges.len().saturating_sub(1);
        let expected = radial * azimuth;
        let rising = |edges: &[f64]| {
            edges.windows(2).all(|edge| edge[0] < edge[1]) && edges.iter().all(|&edge| edge.abs() < 1e200)
        };
        if !rising(&self.radial_edges) || !rising(&self.azimuth_edges) {
            return Err(PlotError::Edges);
        }
        let mut lengths = vec![self.pattern.intensity.len(), self.pattern.sigma.len()];
        lengths.extend(self.singles.iter().map(Vec::len));
        lengths.extend(self.waterfall.iter().flat_map(|waterfall| waterfall.rows.iter().map(Vec::len)));
        if let Some(found) = lengths.into_iter().find(|&length| length != expected) {
            return Err(PlotError::Length { expected, found });
        }
        match self.pattern.intensity.iter().any(|&value| shows(value, false)) {
            true => Ok(()),
            false => Err(PlotError::NothingToDraw { what: self.name.clone() }),
        }
    }
}

/// How the pattern was integrated, in a line.
fn how(description: &Description, wavelength: Option<f64>) -> String {
    let mut parts = vec![match description.caked {
        true => format!("{} × {} bins", description.radial_bins, description.azimuth_bins),
        false => format!("{} bins", description.radial_bins),
    }];
    parts.push(format!("{n} × {n} splitting", n = description.split.n()));
    let mut corrections = Vec::new();
    if description.solid_angle {
        corrections.push("solid angle".to_string());
    }
    if let Some(factor) = description.polarization {
        corrections.push(format!("polarization {factor}"));
    }
    if description.flat {
        corrections.push("flat field".to_string());
    }
    parts.push(if corrections.is_empty() { "no corrections".into() } else { corrections.join(", ") });
    if let Some(angstrom) = wavelength {
        parts.push(format!("λ = {} Å", (angstrom * 1e6).round() / 1e6));
    }
    parts.join(" · ")
}
