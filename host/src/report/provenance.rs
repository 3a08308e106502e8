//! Where the data came from, as far as the file tells, and what names them.

use super::ReportError;
use super::frames::{Failure, Picked};
use super::run::Setting;
use crate::digest::hex;
use crate::source::FrameSource;
use hdf5_metno::types::{FixedAscii, FixedUnicode, TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5_metno::{Container, File, H5Type};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Debye's version.
    pub version: String,
    /// The file that was named.
    pub input: String,
    /// Data set in it.
    pub dataset: String,
    /// All files that frames are read from.
    pub files: Vec<FileFact>,
    /// SHA-256 of the pixels of the frames that the report is about, decoded, in their order: the same however they are stored.
    pub pixels_sha256: String,
    /// Dimensions of the data set.
    pub dimensions: Vec<usize>,
    /// Rows and columns.
    pub shape: [usize; 2],
    /// numpy's name of the pixel type.
    pub dtype: String,
    /// How frames are stored.
    pub filter: String,
    /// A chunk's dimensions.
    pub chunk: Option<Vec<usize>>,
    /// Bytes that all frames take in the files.
    pub stored_bytes: u64,
    /// Frames of the data set.
    pub frames_in_all: usize,
    /// Frames that the report is about.
    pub frames: Vec<usize>,
    /// Those that could not be read.
    pub failed: Vec<Failure>,
    /// What the file says of detector, beam and sample.
    pub fields: Vec<Field>,
    /// The geometry, where one was given.
    pub geometry: Option<GeometryFact>,
    /// PONI file, masks and flat field.
    pub beside: Vec<FileFact>,
    /// Pixels that are masked.
    pub masked_pixels: usize,
    /// Largest value that counts.
    pub max_valid: u32,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileFact {
    /// Its name.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Something that the file says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Where.
    pub path: String,
    /// What.
    pub value: String,
    /// Its units.
    pub units: Option<String>,
}

/// A geometry in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeometryFact {
    /// Name of the detector.
    pub detector: String,
    /// Distance in m.
    pub distance_m: f64,
    /// Wavelength in Angstrom.
    pub wavelength_angstrom: Option<f64>,
    /// Bins, radial and azimuthal, and the radial unit.
    pub bins: [usize; 2],
    /// Unit of the radial axis.
    pub unit: String,
    /// SHA-256 of the table that was built of it.
    pub table_sha256: String,
}

/// Groups below which small fields are shown.
const GROUPS: [&str; 6] =
    ["", "/instrument", "/instrument/detector", "/instrument/beam", "/instrument/source", "/sample"];

/// Names that are shown in those groups: NeXus' and Dectris'.
const NAMES: [&str; 26] = [
    "title",
    "start_time",
    "definition",
    "name",
    "description",
    "detector_number",
    "sensor_material",
    "sensor_thickness",
    "threshold_energy",
    "photon_energy",
    "count_time",
    "frame_time",
    "bit_depth_image",
    "bit_depth_readout",
    "countrate_correction_applied",
    "flatfield_correction_applied",
    "saturation_value",
    "beam_center_x",
    "beam_center_y",
    "detector_distance",
    "x_pixel_size",
    "y_pixel_size",
    "incident_wavelength",
    "total_flux",
    "type",
    "temperature",
];

/// Longest value that is shown.
const LONGEST: usize = 200;

/// SHA-256 and size of a file; `beat` is told the bytes read.
pub fn file_fact(path: &Path, stop: &AtomicBool, beat: &mut dyn FnMut(u64)) -> Result<FileFact, ReportError> {
    let failed = |error| ReportError::Io { path: path.into(), error };
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0u64, vec![0; 1 << 20]);
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(ReportError::Stopped);
        }
        let read = file.read(&mut piece).map_err(failed)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
        bytes += read as u64;
        beat(bytes);
    }
    Ok(FileFact { file: path.display().to_string(), bytes, sha256: hex(&hash.finalize()) })
}

/// Gathers it; the hash of the pixels and the frames that failed are filled in by who reads them.
pub fn gather(picked: &Picked<'_>, setting: &Setting, files: Vec<FileFact>, beside: Vec<FileFact>) -> Provenance {
    let (info, storage) = (picked.info(), picked.storage());
    let description = &setting.table.description;
    let geometry = (!setting.stand_in).then(|| GeometryFact {
        detector: description.geometry.detector.name.clone(),
        distance_m: description.geometry.distance,
        wavelength_angstrom: description.geometry.wavelength.map(|metres| metres * 1e10),
        bins: [description.radial_bins, description.azimuth_bins],
        unit: description.unit.to_string(),
        table_sha256: setting.table.hash_hex(),
    });
    Provenance {
        version: crate::VERSION.into(),
        input: info.file.display().to_string(),
        dataset: info.dataset.clone(),
        files,
        pixels_sha256: String::new(),
        dimensions: info.dimensions.clone(),
        shape: info.shape,
        dtype: info.dtype.into(),
        filter: info.filter.clone(),
        chunk: storage.chunk,
        stored_bytes: storage.stored_bytes,
        frames_in_all: picked.of_source(),
        frames: picked.numbers().to_vec(),
        failed: Vec::new(),
        fields: fields(&info.file),
        geometry,
        beside,
        masked_pixels: setting.table.masked.iter().filter(|masked| **masked).count(),
        max_valid: setting.job.rule().max_valid(),
    }
}

/// Small fields of the groups where NeXus and Dectris keep what describes a measurement. What cannot be read is left out:
/// a report is not about it.
fn fields(path: &Path) -> Vec<Field> {
    let Ok(file) = File::open(path) else { return Vec::new() };
    let entry = ["/entry", "/entry_0000"].into_iter().find(|entry| file.group(entry).is_ok());
    let Some(entry) = entry else { return Vec::new() };
    let mut fields = Vec::new();
    for group in GROUPS {
        let Ok(group) = file.group(&format!("{entry}{group}")) else { continue };
        for name in NAMES {
            if !group.link_exists(name) {
                continue;
            }
            let Ok(dataset) = group.dataset(name) else { continue };
            let Some(words) = value(&dataset) else { continue };
            let units = dataset.attr("units").ok().and_then(|units| value(&units));
            fields.push(Field { path: dataset.name(), value: words, units });
        }
    }
    fields
}

/// The one value of a data set or an attribute, in words.
fn value(held: &Container) -> Option<String> {
    if held.size() != 1 {
        return None;
    }
    let words = match held.dtype().ok()?.to_descriptor().ok()? {
        TypeDescriptor::Integer(_) => first::<i64>(held),
        TypeDescriptor::Unsigned(_) => first::<u64>(held),
        TypeDescriptor::Float(_) => first::<f64>(held),
        TypeDescriptor::Boolean => first::<bool>(held),
        TypeDescriptor::VarLenUnicode => first::<VarLenUnicode>(held),
        TypeDescriptor::VarLenAscii => first::<VarLenAscii>(held),
        TypeDescriptor::FixedAscii(_) => first::<FixedAscii<1024>>(held),
        TypeDescriptor::FixedUnicode(_) => first::<FixedUnicode<1024>>(held),
        _ => None,
    };
    words.map(|words| words.chars().take(LONGEST).collect())
}

fn first<T: H5Type + ToString>(held: &Container) -> Option<String> {
    held.read_raw::<T>().ok()?.first().map(ToString::to_string)
}
