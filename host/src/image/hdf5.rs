//! An image out of an HDF5 file.

use super::bslz4;
use super::samples::{Kind, decode};
use super::{Fault, Image, ImageError, Purpose, plane_of, search};
use crate::source;
use debye_spec::Element;
use hdf5_metno::types::{FloatSize, IntSize, TypeDescriptor};
use hdf5_metno::{Dataset, OpenMode};
use std::path::Path;

/// Reads the data set that is named or found; integers of up to 32 bits with every filter that frames may have,
/// other types with those that HDF5 knows itself.
pub(super) fn read(path: &Path, dataset: Option<&str>, purpose: Purpose) -> Result<Image, ImageError> {
    let opened = source::open_file(path, OpenMode::Read).map_err(|error| ImageError::Source(Box::new(error)))?;
    let name = search::find(&opened, path, dataset, purpose)?;
    let source_name = format!("{}::{name}", path.display());
    let hdf5 = |message: String| ImageError::Hdf5 { source_name: source_name.clone(), message };
    let bad = |fault| ImageError::Bad { source_name: source_name.clone(), format: "HDF5", fault };

    let dataset = opened.dataset(&name).map_err(|error| hdf5(error.to_string()))?;
    let shape = plane_of(&dataset.shape()).map_err(bad)?;
    let descriptor = dataset.dtype().and_then(|dtype| dtype.to_descriptor());
    let descriptor = descriptor.map_err(|error| hdf5(error.to_string()))?;
    let values = match element_of(&descriptor) {
        Some(kind) => frame(path, &name, shape, kind).map_err(hdf5)?,
        None => {
            numbers(&dataset, &descriptor).map_err(hdf5)?.ok_or_else(|| bad(Fault::Type(descriptor.to_string())))?
        }
    };
    let pixels = shape[0] * shape[1];
    if values.len() != pixels {
        return Err(hdf5(format!("{} values were read for {pixels} pixels", values.len())));
    }
    Ok(Image { source: source_name, shape, values })
}

/// The types that frames have.
fn element_of(descriptor: &TypeDescriptor) -> Option<Kind> {
    match descriptor {
        TypeDescriptor::Unsigned(IntSize::U1) => Some(Kind::U8),
        TypeDescriptor::Unsigned(IntSize::U2) => Some(Kind::U16),
        TypeDescriptor::Unsigned(IntSize::U4) => Some(Kind::U32),
        TypeDescriptor::Integer(IntSize::U2) => Some(Kind::I16),
        TypeDescriptor::Integer(IntSize::U4) => Some(Kind::I32),
        _ => None,
    }
}

/// Reads an image as the only frame of a source.
fn frame(path: &Path, name: &str, shape: [usize; 2], kind: Kind) -> Result<Vec<f64>, String> {
    let mut frames = source::open(path, Some(name)).map_err(|error| error.to_string())?;
    let element: Element = frames.info().element;
    let pixels = shape[0] * shape[1];
    let payload = frames.read(0).map_err(|error| error.to_string())?;
    let bytes = crate::source::decoded(payload, element, pixels).map_err(|error| error.to_string())?;
    decode(&bytes, 0, pixels, kind, false).map_err(|fault| fault.to_string())
}

/// Reads other types through HDF5; `None` for what is no number.
fn numbers(dataset: &Dataset, descriptor: &TypeDescriptor) -> Result<Option<Vec<f64>>, String> {
    let whole = |error: hdf5_metno::Error| error.to_string();
    Ok(Some(match descriptor {
        TypeDescriptor::Boolean => {
            let values = dataset.read_raw::<bool>().map_err(whole)?;
            values.into_iter().map(|value| f64::from(u8::from(value))).collect()
        }
        TypeDescriptor::Float(FloatSize::U4) if bslz4::is_stored_so(dataset) => {
            bslz4::read(dataset)?.into_iter().map(|bits| f32::from_bits(bits).into()).collect()
        }
        TypeDescriptor::Float(FloatSize::U4 | FloatSize::U8)
        | TypeDescriptor::Integer(_)
        | TypeDescriptor::Unsigned(_) => dataset.read_raw::<f64>().map_err(whole)?,
        _ => return Ok(None),
    }))
}
