//! Putting files, groups, strings, numbers and attributes into HDF5 such that h5py, silx and GSAS-II read them.
//! Objects carry no times of their own: the same content makes the same bytes.

use hdf5::types::VarLenUnicode;
use hdf5::{Dataset, File, Group, H5Type, Location, Result};
use hdf5_metno as hdf5;
use std::path::Path;

/// UTF-8 of variable length, as h5py writes Python strings. HDF5 ends strings at a NUL: one within the text (only
/// hostile file names have it) becomes the replacement character.
pub fn unicode(text: &str) -> Result<VarLenUnicode> {
    let text = text.replace('\0', "\u{fffd}");
    text.parse().map_err(|error| hdf5::Error::Internal(format!("text {text:?}: {error}")))
}

/// A new file.
pub fn file(path: &Path) -> Result<File> {
    File::with_options().with_fcpl(|creation| creation.obj_track_times(false)).create(path)
}

/// A group with its NeXus class.
pub fn class(parent: &Group, name: &str, nx_class: &str) -> Result<Group> {
    let group = parent.create_group_builder().obj_track_times(false).create(name)?;
    text_attribute(&group, "NX_class", nx_class)?;
    Ok(group)
}

/// A scalar data set of text.
pub fn text(group: &Group, name: &str, value: &str) -> Result<Dataset> {
    number(group, name, unicode(value)?)
}

/// A scalar data set (also of `bool`, which becomes the enumeration FALSE/TRUE that h5py knows).
pub fn number<T: H5Type>(group: &Group, name: &str, value: T) -> Result<Dataset> {
    let dataset = group.new_dataset::<T>().shape(()).obj_track_times(false).create(name)?;
    dataset.write_scalar(&value)?;
    Ok(dataset)
}

/// A scalar data set with its unit.
pub fn quantity(group: &Group, name: &str, value: f64, units: &str) -> Result<Dataset> {
    let dataset = number(group, name, value)?;
    text_attribute(&dataset, "units", units)?;
    Ok(dataset)
}

/// A vector.
pub fn vector<T: H5Type>(group: &Group, name: &str, values: &[T]) -> Result<Dataset> {
    group.new_dataset_builder().with_data(values).obj_track_times(false).create(name)
}

/// A vector of text.
pub fn texts(group: &Group, name: &str, values: &[String]) -> Result<Dataset> {
    let values = values.iter().map(|value| unicode(value)).collect::<Result<Vec<_>>>()?;
    vector(group, name, &values)
}

/// An attribute of text.
pub fn text_attribute(place: &Location, name: &str, value: &str) -> Result<()> {
    place.new_attr::<VarLenUnicode>().shape(()).create(name)?.write_scalar(&unicode(value)?)
}

/// An attribute that is a list of texts (`axes`).
pub fn texts_attribute(place: &Location, name: &str, values: &[&str]) -> Result<()> {
    let values = values.iter().map(|value| unicode(value)).collect::<Result<Vec<_>>>()?;
    place.new_attr_builder().with_data(values.as_slice()).create(name)?;
    Ok(())
}

/// An attribute that is a list of numbers.
pub fn numbers_attribute<T: H5Type>(place: &Location, name: &str, values: &[T]) -> Result<()> {
    place.new_attr_builder().with_data(values).create(name)?;
    Ok(())
}
