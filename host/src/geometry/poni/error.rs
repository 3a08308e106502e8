//! What can be wrong with a PONI file.

use crate::geometry::DetectorError;
use thiserror::Error;

/// What is wrong with a PONI file, and where.
#[derive(Debug, Error)]
#[error("{file}{}: {fault}", at(*line))]
pub struct PoniError {
    /// The file.
    pub file: String,
    /// Its line, from 1, where the fault is in one.
    pub line: Option<usize>,
    /// What is wrong.
    #[source]
    pub fault: PoniFault,
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(", line {line}")).unwrap_or_default()
}

/// What is wrong with a PONI file.
#[derive(Debug, Error)]
pub enum PoniFault {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Read(std::io::Error),
    /// It is no PONI file by its size.
    #[error("larger than {} MiB: this is no PONI file", super::LARGEST_FILE >> 20)]
    TooLarge,
    /// It is not UTF-8.
    #[error("byte {byte} is not UTF-8 text: this is no PONI file")]
    NotText {
        /// Where.
        byte: usize,
    },
    /// It is a JSON file.
    #[error("this is JSON, perhaps an integration configuration of pyFAI: name the PONI file")]
    Json,
    /// Not one key of a PONI file.
    #[error("no line of it is a key of a PONI file (Detector, Distance, Poni1, ...): is it empty, or another file?")]
    NoKeys,
    /// A key is missing.
    #[error("no {0}: the file is cut short or no PONI file")]
    Missing(&'static str),
    /// A value is no number.
    #[error("{key} is {value:?}, which is no number")]
    NotANumber {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// A number cannot be.
    #[error("{key} is {value:?}; it must be in {allowed}")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// Its value.
        value: f64,
        /// Unit and range.
        allowed: &'static str,
    },
    /// Not a version that is known.
    #[error("poni_version is {0}: versions 1, 2, 2.1 and 3 are known")]
    Version(String),
    /// Parallax is switched on.
    #[error("the correction of parallax is not done: recalibrate without it, or set Parallax: False knowing the error")]
    Parallax,
    /// Parallax is neither on nor off.
    #[error("Parallax is {0:?}: it must be True or False")]
    ParallaxValue(String),
    /// The detector is distorted.
    #[error("distortion by a spline ({0:?}) is not done: undistort the frames, or calibrate without it")]
    Spline(String),
    /// `Detector_config` is no JSON object, or holds what is not done.
    #[error("Detector_config: {0}")]
    Config(String),
    /// There is no such detector.
    #[error(transparent)]
    Detector(DetectorError),
}
