//! Attributes from one object to another, whatever their type.

use crate::hdf5_handle::Handle;
use hdf5_metno::{Error, IndexType, IterationOrder, Location, h5check, sync::sync};
use hdf5_metno_sys::h5a::{H5Aclose, H5Acreate2, H5Aget_space, H5Aget_type, H5Aopen, H5Aread, H5Awrite};
use hdf5_metno_sys::h5p::H5P_DEFAULT;
use hdf5_metno_sys::h5s::{H5Sclose, H5Sget_simple_extent_npoints};
use hdf5_metno_sys::h5t::{H5T_class_t, H5Tclose, H5Tdetect_class, H5Tget_size, H5Treclaim};
use std::ffi::CString;

/// Copies all attributes but those that hold references; gives their names. (They point into the input's file:
/// [`super::references`] carries them over when what they lead to is there.)
pub(crate) fn copy(from: &Location, to: &Location) -> Result<Vec<String>, Error> {
    let mut left = Vec::new();
    // In the order in which they were made, where the object keeps it.
    let names = from.attr_names_by(IndexType::CreationOrder, IterationOrder::Increasing);
    for name in names.or_else(|_| from.attr_names())? {
        let carried = sync(|| copy_one(from, to, &name))?;
        if !carried {
            left.push(name);
        }
    }
    Ok(left)
}

/// Copies the attributes of these names, where they are there and hold no references.
pub(crate) fn copy_named(from: &Location, to: &Location, names: &[&str]) -> Result<(), Error> {
    let there = from.attr_names()?;
    names.iter().filter(|&&name| there.iter().any(|there| there == name)).try_for_each(|name| {
        sync(|| copy_one(from, to, name))?;
        Ok(())
    })
}

/// Copies one attribute; false for one with references. To be called with the lock held.
fn copy_one(from: &Location, to: &Location, name: &str) -> Result<bool, Error> {
    let name = CString::new(name).map_err(|_| Error::from("a name with a zero byte"))?;
    // SAFETY: the lock is held; every identifier is checked before it is used and closed by its handle; `buffer` has
    // room for all elements in the type that is both the file's and the memory's. What HDF5 allocates for elements
    // of variable length is given back after it was written.
    unsafe {
        let attribute = Handle::new(H5Aopen(from.id(), name.as_ptr(), H5P_DEFAULT), H5Aclose)?;
        let kind = Handle::new(H5Aget_type(attribute.id()), H5Tclose)?;
        if h5check(H5Tdetect_class(kind.id(), H5T_class_t::H5T_REFERENCE))? > 0 {
            return Ok(false);
        }
        let space = Handle::new(H5Aget_space(attribute.id()), H5Sclose)?;
        let made = H5Acreate2(to.id(), name.as_ptr(), kind.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT);
        let made = Handle::new(made, H5Aclose)?;
        let count = usize::try_from(H5Sget_simple_extent_npoints(space.id())).unwrap_or(0);
        let bytes = count.saturating_mul(H5Tget_size(kind.id()));
        if bytes == 0 {
            return Ok(true);
        }
        // Whole words: pointers among the elements are aligned.
        let mut buffer = vec![0u64; bytes.div_ceil(8)];
        let place = buffer.as_mut_ptr().cast();
        h5check(H5Aread(attribute.id(), kind.id(), place))?;
        let written = h5check(H5Awrite(made.id(), kind.id(), place));
        H5Treclaim(kind.id(), space.id(), H5P_DEFAULT, place);
        written?;
    }
    Ok(true)
}
