//! Detectors: pixel size, shape, orientation and gaps, by name or by numbers.

use super::detectors::{self, Entry};
use super::gaps::Gaps;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Most rows or columns that a detector may have.
pub const LONGEST_AXIS: usize = 1 << 16;
/// Most pixels that a detector may have.
pub const MOST_PIXELS: usize = 1 << 30;
/// Name of a detector that is given by numbers alone.
pub const GENERIC: &str = "Detector";

/// A flat detector with a regular grid of pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    /// pyFAI's name of it (`Eiger2 4M`), or `Detector` when it is given by numbers alone.
    pub name: String,
    /// Pixel size along axis 1 (slow, Y), in m.
    pub pixel1: f64,
    /// Pixel size along axis 2 (fast, X), in m.
    pub pixel2: f64,
    /// Rows and columns, where they are known.
    pub shape: Option<[usize; 2]>,
    /// Orientation 1 to 4 of the first pixel as EXIF counts; 3 is pyFAI's default.
    pub orientation: u8,
}

/// What a PONI file or the command line says about a detector beside its name; what is `None` follows from the name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetectorConfig {
    /// Pixel size along axis 1 (slow, Y), in m.
    pub pixel1: Option<f64>,
    /// Pixel size along axis 2 (fast, X), in m.
    pub pixel2: Option<f64>,
    /// Rows and columns without binning.
    pub max_shape: Option<[usize; 2]>,
    /// Orientation, 1 to 4; 0 is unspecified and means 3.
    pub orientation: Option<u8>,
    /// Pixels of the detector per pixel of a frame along both axes.
    pub binning: Option<[usize; 2]>,
    /// Rows and columns of a module.
    pub module_size: Option<[usize; 2]>,
}

/// Why there is no such detector.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DetectorError {
    /// No detector has this name.
    #[error("no detector is named {name:?}{}: `debye geometry --list-detectors` lists them", meant(*closest))]
    Unknown {
        /// The name.
        name: String,
        /// The name that is most like it.
        closest: Option<&'static str>,
    },
    /// pyFAI has it, but it is no flat grid of rows and columns.
    #[error("detector {name:?} is not done: {why}")]
    NotDone {
        /// The name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// A detector given by numbers lacks a pixel size.
    #[error("detector {name:?} has no pixel size of its own: give {key} in m")]
    NoPixelSize {
        /// The name.
        name: String,
        /// The key that is missing.
        key: &'static str,
    },
    /// A pixel size that cannot be.
    #[error("{key} is {value} m: a pixel size is more than 0 and at most 1 m")]
    PixelSize {
        /// The key.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// The detector has no such pixels.
    #[error("detector {name:?} has no pixels of {value} m along axis {axis}: {known}")]
    NotAPixelSize {
        /// The name.
        name: String,
        /// The axis, 1 or 2.
        axis: usize,
        /// The size.
        value: f64,
        /// Which sizes it has.
        known: String,
    },
    /// A shape that cannot be.
    #[error("a detector of {} x {} pixels: rows and columns are 1 to 65536, pixels at most 2^30", .0[0], .0[1])]
    Shape([usize; 2]),
    /// The binning leaves no pixel, or the detector does not have it.
    #[error("detector {name:?} cannot be binned by {} x {}", binning[0], binning[1])]
    Binning {
        /// The name.
        name: String,
        /// Rows and columns.
        binning: [usize; 2],
    },
    /// Other modules than the detector has.
    #[error("module_size is {} x {}: other modules than those of detector {name:?} are not done", size[0], size[1])]
    ModuleSize {
        /// The name.
        name: String,
        /// Rows and columns.
        size: [usize; 2],
    },
    /// Not one of 1 to 4.
    #[error("orientation is {0}: it is 1, 2, 3 or 4 (pyFAI's, as EXIF counts; 5 to 8 transpose and are not done)")]
    Orientation(i64),
    /// The pixels are counted from a far end that is not known.
    #[error("orientation {0} counts pixels from the far end, so the detector's shape is needed: give max_shape")]
    OrientationNeedsShape(u8),
    /// The frames are not of this detector.
    #[error(
        "frames have {} x {} pixels, but detector {name:?} has {} x {}: is it the right geometry?",
        frame[0], frame[1], detector[0], detector[1]
    )]
    FrameShape {
        /// The name.
        name: String,
        /// Rows and columns of the frames.
        frame: [usize; 2],
        /// Rows and columns of the detector.
        detector: [usize; 2],
    },
}

fn meant(closest: Option<&'static str>) -> String {
    closest.map(|name| format!(" (is it {name:?}?)")).unwrap_or_default()
}

impl Detector {
    /// The detector of this name (pyFAI's, whatever its case and spacing), not binned beyond what is usual for it.
    ///
    /// # Errors
    /// There is none of this name, or it is none that is done.
    pub fn named(name: &str) -> Result<Detector, DetectorError> {
        Detector::configured(name, &DetectorConfig::default())
    }

    /// The detector of this name with what `config` says, as pyFAI's `detector_factory(name, config)` makes it.
    /// `Detector` is one by numbers alone: both pixel sizes, and a shape if it is known.
    ///
    /// # Errors
    /// The name is unknown, numbers are missing or cannot be, or do not fit the detector.
    pub fn configured(name: &str, config: &DetectorConfig) -> Result<Detector, DetectorError> {
        for (key, value) in [("pixel1", config.pixel1), ("pixel2", config.pixel2)] {
            if let Some(value) = value.filter(|value| !(*value > 0.0 && *value <= 1.0)) {
                return Err(DetectorError::PixelSize { key, value });
            }
        }
        if let Some(shape) = config.max_shape {
            check_pixels(shape)?;
        }
        if let Some(binning) = config.binning.filter(|binning| binning.contains(&0)) {
            return Err(DetectorError::Binning { name: shortened(name), binning });
        }
        let detector = if name.trim().eq_ignore_ascii_case(GENERIC) {
            generic(config)?
        } else if let Some(entry) = detectors::find(name) {
            from_table(entry, config)?
        } else if let Some(why) = detectors::not_done(name) {
            return Err(DetectorError::NotDone { name: shortened(name), why });
        } else {
            return Err(DetectorError::Unknown { name: shortened(name), closest: detectors::closest(name) });
        };
        match detector.orientation {
            0 | 5.. => Err(DetectorError::Orientation(detector.orientation.into())),
            3 => Ok(detector),
            _ if detector.shape.is_some() => Ok(detector),
            other => Err(DetectorError::OrientationNeedsShape(other)),
        }
    }

    /// Whether frames of this shape (rows, columns) may be of this detector.
    ///
    /// # Errors
    /// The detector's shape is known and another.
    pub fn check_frame(&self, frame: [usize; 2]) -> Result<(), DetectorError> {
        match self.shape {
            Some(detector) if detector != frame => {
                Err(DetectorError::FrameShape { name: self.name.clone(), frame, detector })
            }
            _ => Ok(()),
        }
    }

    /// The detector's own gaps in frames of `shape` (rows, columns), row by row, true = masked, as pyFAI's
    /// `detector.mask`. `None` where the detector has none, or is not of this shape ([`Detector::check_frame`]).
    pub fn gap_mask(&self, shape: [usize; 2]) -> Option<Vec<bool>> {
        let entry = detectors::of(self).filter(|_| self.shape.is_none_or(|own| own == shape))?;
        check_pixels(shape).ok()?;
        let binning = [entry.binning(0, self.pixel1)?, entry.binning(1, self.pixel2)?];
        entry.gaps.mask(shape, binning)
    }

    /// Names of all detectors, in the table's order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        detectors::all().map(Entry::name)
    }

    /// Every name of the detector, pyFAI's class first.
    pub fn aliases(&self) -> Vec<&'static str> {
        detectors::of(self).map(|entry| detectors::names(entry).collect()).unwrap_or_default()
    }

    /// pyFAI's class of the detector: what a PONI file calls it.
    pub fn class(&self) -> &str {
        detectors::of(self).map_or(GENERIC, |entry| entry.class)
    }

    /// Rows and columns without binning, where they are not those that follow from the class and the pixel size.
    pub(super) fn unusual_max_shape(&self) -> Option<[usize; 2]> {
        let shape = self.shape?;
        let Some(entry) = detectors::of(self) else { return Some(shape) };
        let binning = [entry.binning(0, self.pixel1)?, entry.binning(1, self.pixel2)?];
        let usual = entry.shape.map(|full| [full[0] / binning[0], full[1] / binning[1]]);
        (usual != Some(shape)).then(|| [shape[0] * binning[0], shape[1] * binning[1]])
    }
}

fn generic(config: &DetectorConfig) -> Result<Detector, DetectorError> {
    let name = GENERIC.to_owned();
    let size =
        |key, size: Option<f64>| size.ok_or_else(|| DetectorError::NoPixelSize { name: GENERIC.to_owned(), key });
    let (pixel1, pixel2) = (size("pixel1", config.pixel1)?, size("pixel2", config.pixel2)?);
    let binning = config.binning.unwrap_or([1, 1]);
    let shape = config.max_shape.map(|full| binned(&name, full, binning)).transpose()?;
    Ok(Detector {
        pixel1: pixel1 * binning[0] as f64,
        pixel2: pixel2 * binning[1] as f64,
        name,
        shape,
        orientation: orientation(config),
    })
}

fn from_table(entry: &'static Entry, config: &DetectorConfig) -> Result<Detector, DetectorError> {
    let name = entry.name().to_owned();
    if let (Some(size), modules) = (config.module_size, entry.gaps) {
        let own = match modules {
            Gaps::Grid(grid) => Some(grid.module),
            Gaps::Chips { size, .. } => Some([size, size]),
            _ => entry.wide_borders,
        };
        if own != Some(size) {
            return Err(DetectorError::ModuleSize { name, size });
        }
    }
    let usual = entry.usual_size();
    let mut pixels = [config.pixel1.unwrap_or(usual[0]), config.pixel2.unwrap_or(usual[1])];
    let mut binning = [1, 1];
    for axis in [0, 1] {
        let value = pixels[axis];
        let fits = entry.wide_borders.is_none() || (value - usual[axis]).abs() <= 1e-9 * usual[axis];
        binning[axis] = entry.binning(axis, value).filter(|_| fits).ok_or_else(|| DetectorError::NotAPixelSize {
            name: name.clone(),
            axis: axis + 1,
            value,
            known: entry.known_sizes(axis),
        })?;
    }
    if let Some(wanted) = config.binning.filter(|wanted| *wanted != binning) {
        for axis in [0, 1] {
            pixels[axis] = entry
                .rebinned(pixels[axis], binning[axis], wanted[axis])
                .ok_or(DetectorError::Binning { name: name.clone(), binning: wanted })?;
        }
        binning = wanted;
    }
    let full = config.max_shape.or(entry.shape);
    let shape = full.map(|full| binned(&name, full, binning)).transpose()?;
    Ok(Detector { name, pixel1: pixels[0], pixel2: pixels[1], shape, orientation: orientation(config) })
}

fn orientation(config: &DetectorConfig) -> u8 {
    config.orientation.filter(|orientation| *orientation != 0).unwrap_or(3)
}

fn binned(name: &str, full: [usize; 2], binning: [usize; 2]) -> Result<[usize; 2], DetectorError> {
    match [full[0].checked_div(binning[0]), full[1].checked_div(binning[1])] {
        [Some(rows @ 1..), Some(columns @ 1..)] => Ok([rows, columns]),
        _ => Err(DetectorError::Binning { name: name.to_owned(), binning }),
    }
}

fn check_pixels(shape: [usize; 2]) -> Result<(), DetectorError> {
    let fits = shape.iter().all(|length| (1..=LONGEST_AXIS).contains(length)) && shape[0] * shape[1] <= MOST_PIXELS;
    fits.then_some(()).ok_or(DetectorError::Shape(shape))
}

/// A name for a message: a hostile file's may be megabytes.
fn shortened(name: &str) -> String {
    name.chars().take(80).collect()
}
