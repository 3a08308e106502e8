//! PONI files, versions 1, 2, 2.1 and 3, read as pyFAI reads them (`pyFAI/io/ponifile.py`, release 2026.9): one
//! `Key: value` a line, whatever the case of the key, `#` in the first column for comments, and the last entry of a
//! key wins, since calibration programs append to the file.
//!
//! Where pyFAI would go on with a default for a key that every PONI file has, this refuses: a file cut short is
//! otherwise read as one without tilts.

mod config;
mod error;
#[cfg(test)]
mod tests;

pub use error::{PoniError, PoniFault};

use super::{Detector, DetectorConfig, DetectorError, Geometry, detector};
use std::collections::HashMap;
use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use tracing::warn;

/// Largest file that is read, in bytes.
pub const LARGEST_FILE: u64 = 16 << 20;
/// Farthest that anything may be, in m: beyond it squares lose their meaning.
const FARTHEST: f64 = 1e6;
const NEWEST_VERSION: f64 = 3.0;

const KEYS: [&str; 15] = [
    "poni_version",
    "detector",
    "detector_config",
    "distance",
    "dist",
    "poni1",
    "poni2",
    "rot1",
    "rot2",
    "rot3",
    "wavelength",
    "pixelsize1",
    "pixelsize2",
    "splinefile",
    "parallax",
];

/// Reads the geometry of a PONI file. A missing wavelength is allowed.
///
/// # Errors
/// The file cannot be read or is no text, or as [`parse`].
pub fn read(path: &Path) -> Result<Geometry, PoniError> {
    let name = path.display().to_string();
    let fault = |fault| PoniError { file: name.clone(), line: None, fault };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| fault(PoniFault::Read(error)))?;
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|error| fault(PoniFault::Read(error)))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(fault(PoniFault::TooLarge));
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| fault(PoniFault::NotText { byte: error.utf8_error().valid_up_to() }))?;
    parse(&text, &name)
}

/// Reads the geometry of a PONI file's text; `name` stands in messages.
///
/// # Errors
/// A key is missing, a value is no number or impossible, the detector is unknown, or the file asks for what is not
/// done (a spline, parallax, a newer version). Names the line.
pub fn parse(text: &str, name: &str) -> Result<Geometry, PoniError> {
    let file = Entries::collect(text, name)?;
    let version = file.version()?;
    file.check_parallax(version)?;
    let detector = if version < 2.0 { file.detector_v1()? } else { file.detector_v2(version)? };
    let distance_key = if file.get("distance").is_some() { "distance" } else { "dist" };
    if file.get(distance_key).is_none() {
        return Err(file.fault(None, PoniFault::Missing("Distance")));
    }
    let within = |value: f64| value.abs() <= FARTHEST;
    Ok(Geometry {
        detector,
        distance: file
            .number(distance_key, "Distance", "m, more than 0 and at most 1e6", |value| value > 0.0 && within(value))?,
        poni1: file.number("poni1", "Poni1", "m, at most 1e6 from the corner", within)?,
        poni2: file.number("poni2", "Poni2", "m, at most 1e6 from the corner", within)?,
        rot1: file.number("rot1", "Rot1", "rad", f64::is_finite)?,
        rot2: file.number("rot2", "Rot2", "rad", f64::is_finite)?,
        rot3: file.number("rot3", "Rot3", "rad", f64::is_finite)?,
        wavelength: match file.get("wavelength") {
            None => None,
            Some(_) => Some(
                file.number("wavelength", "Wavelength", "m, 1e-15 to 1e-6", |value| (1e-15..=1e-6).contains(&value))?,
            ),
        },
    })
}

/// The text of a PONI file, version 2.1, that this and pyFAI read back to the same geometry.
pub fn format(geometry: &Geometry) -> String {
    let detector = &geometry.detector;
    let mut text = String::from("# Nota: C-Order, 1 refers to the Y axis, 2 to the X axis\n");
    let _ = write!(
        text,
        "poni_version: 2.1\nDetector: {}\nDetector_config: {{\"pixel1\": {:?}, \"pixel2\": {:?}, \"orientation\": {}",
        detector.class(),
        detector.pixel1,
        detector.pixel2,
        detector.orientation
    );
    if let Some([rows, columns]) = detector.unusual_max_shape() {
        let _ = write!(text, ", \"max_shape\": [{rows}, {columns}]");
    }
    text.push_str("}\n");
    let numbers = [
        ("Distance", geometry.distance),
        ("Poni1", geometry.poni1),
        ("Poni2", geometry.poni2),
        ("Rot1", geometry.rot1),
        ("Rot2", geometry.rot2),
        ("Rot3", geometry.rot3),
    ];
    for (key, value) in numbers.into_iter().chain(geometry.wavelength.map(|value| ("Wavelength", value))) {
        let _ = writeln!(text, "{key}: {value:?}");
    }
    text
}

/// The last entry of each key, with its line.
struct Entries<'a> {
    file: &'a str,
    last: HashMap<&'static str, (usize, String)>,
}

impl<'a> Entries<'a> {
    fn collect(text: &str, file: &'a str) -> Result<Entries<'a>, PoniError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut entries = Entries { file, last: HashMap::new() };
        if text.trim_start().starts_with('{') {
            return Err(entries.fault(None, PoniFault::Json));
        }
        // Python's universal newlines.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for (index, line) in text.split('\n').enumerate() {
            let Some((key, value)) = line.split_once(':').filter(|_| !line.starts_with('#')) else { continue };
            let key = key.trim();
            if let Some(known) = KEYS.into_iter().find(|known| key.eq_ignore_ascii_case(known)) {
                entries.last.insert(known, (index + 1, value.trim().to_owned()));
            }
        }
        if entries.last.is_empty() {
            return Err(entries.fault(None, PoniFault::NoKeys));
        }
        Ok(entries)
    }

    fn get(&self, key: &str) -> Option<(usize, &str)> {
        self.last.get(key).map(|(line, value)| (*line, value.as_str()))
    }

    fn fault(&self, line: Option<usize>, fault: PoniFault) -> PoniError {
        PoniError { file: self.file.to_owned(), line, fault }
    }

    /// A number; `shown` is the key as PONI files write it.
    fn number(
        &self,
        key: &str,
        shown: &'static str,
        allowed: &'static str,
        fits: impl Fn(f64) -> bool,
    ) -> Result<f64, PoniError> {
        let (line, value) = self.get(key).ok_or_else(|| self.fault(None, PoniFault::Missing(shown)))?;
        let number: f64 = value
            .parse()
            .map_err(|_| self.fault(Some(line), PoniFault::NotANumber { key: shown, value: shortened(value) }))?;
        if number.is_finite() && fits(number) {
            Ok(number)
        } else {
            Err(self.fault(Some(line), PoniFault::OutOfRange { key: shown, value: number, allowed }))
        }
    }

    /// The version claimed, or the one that its keys mean.
    fn version(&self) -> Result<f64, PoniError> {
        let (line, mut version) = match self.get("poni_version") {
            None => (None, 1.0),
            Some((line, text)) => {
                let unknown = || self.fault(Some(line), PoniFault::Version(shortened(text)));
                (Some(line), text.parse().map_err(|_| unknown())?)
            }
        };
        if let Some((_, config)) = self.get("detector_config") {
            version = f64::max(version, if config.contains("orientation") { 2.1 } else { 2.0 });
        }
        if self.get("parallax").is_some() {
            version = f64::max(version, 3.0);
        }
        if version == 1.0 || (2.0..=NEWEST_VERSION).contains(&version) {
            Ok(version)
        } else {
            Err(self.fault(line, PoniFault::Version(version.to_string())))
        }
    }

    fn check_parallax(&self, version: f64) -> Result<(), PoniError> {
        match self.get("parallax") {
            None if version >= 3.0 => {
                warn!("{}: version 3, but no word on parallax: read as none", self.file);
                Ok(())
            }
            None => Ok(()),
            Some((_, value)) if value.eq_ignore_ascii_case("false") => Ok(()),
            Some((line, value)) if value.eq_ignore_ascii_case("true") => {
                Err(self.fault(Some(line), PoniFault::Parallax))
            }
            Some((line, value)) => Err(self.fault(Some(line), PoniFault::ParallaxValue(shortened(value)))),
        }
    }

    /// Version 1: a name or pixel sizes or both.
    fn detector_v1(&self) -> Result<Detector, PoniError> {
        if let Some((line, spline)) = self.get("splinefile").filter(|(_, spline)| !spline.eq_ignore_ascii_case("none"))
        {
            return Err(self.fault(Some(line), PoniFault::Spline(shortened(spline))));
        }
        let named = self.get("detector");
        let given = ["pixelsize1", "pixelsize2"].map(|key| self.get(key).is_some());
        let mut config = DetectorConfig::default();
        if named.is_none_or(|(_, name)| name.eq_ignore_ascii_case(detector::GENERIC)) || given != [false, false] {
            let sizes = "m, more than 0 and at most 1";
            let fits = |size: f64| size > 0.0 && size <= 1.0;
            config.pixel1 = Some(self.number("pixelsize1", "PixelSize1", sizes, fits)?);
            config.pixel2 = Some(self.number("pixelsize2", "PixelSize2", sizes, fits)?);
        }
        let (line, name) = named.map_or((None, detector::GENERIC), |(line, name)| (Some(line), name));
        Detector::configured(name, &config).map_err(|error| self.fault(line, PoniFault::Detector(error)))
    }

    /// Versions 2 to 3: a name and a JSON object.
    fn detector_v2(&self, version: f64) -> Result<Detector, PoniError> {
        let (line, name) = self.get("detector").ok_or_else(|| self.fault(None, PoniFault::Missing("Detector")))?;
        let json = self.get("detector_config");
        let config = match json {
            None => {
                warn!("{}: version {version}, but no Detector_config: read as the plain {name}", self.file);
                DetectorConfig::default()
            }
            Some((line, json)) => {
                let (config, unknown) = config::parse(json).map_err(|fault| self.fault(Some(line), fault))?;
                for key in unknown {
                    warn!("{}, line {line}: Detector_config has {key:?}, which has no meaning here", self.file);
                }
                config
            }
        };
        Detector::configured(name, &config).map_err(|error| {
            let by_name = matches!(error, DetectorError::Unknown { .. } | DetectorError::NotDone { .. });
            let line = json.filter(|_| !by_name).map_or(line, |(line, _)| line);
            self.fault(Some(line), PoniFault::Detector(error))
        })
    }
}

/// A value for a message: a hostile file's may be megabytes.
fn shortened(value: &str) -> String {
    value.chars().take(80).collect()
}
