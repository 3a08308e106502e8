//! The pieces of a virtual data set as HDF5 keeps them (`H5Pget_virtual_*`).

use super::h5::{cause, last_cause};
use hdf5_metno::{Dataset, sync::sync};
use hdf5_metno_sys::{h5p, h5s};
use std::ptr;

/// Indices that one dimension of a regular selection takes: `block` of them every `stride`, `count` times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// First index.
    pub start: usize,
    /// From block to block.
    pub stride: usize,
    /// Blocks; `usize::MAX` for an unlimited selection.
    pub count: usize,
    /// Indices in a block.
    pub block: usize,
}

/// One piece of a virtual data set.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    /// File as it is written in the mapping; `.` for the same file.
    pub file: String,
    /// Data set in it.
    pub dataset: String,
    /// Selection in the virtual data set.
    pub target: Selection,
    /// Selection in the source.
    pub source: Selection,
}

/// What a mapping takes of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    /// Everything; the dimensions may be unknown (h5py writes them so).
    All,
    /// A regular selection in every dimension.
    Regular(Vec<Axis>),
    /// Points, or several boxes.
    Other,
}

/// The pieces of a virtual data set.
pub(super) fn mappings(dataset: &Dataset) -> Result<Vec<Mapping>, String> {
    let plist = dataset.dcpl().map_err(|error| cause(&error))?;
    let id = plist.id();
    sync(|| {
        let mut count = 0;
        // SAFETY: the property list is open; `count` is a place for the result.
        if unsafe { h5p::H5Pget_virtual_count(id, &mut count) } < 0 {
            return Err(last_cause());
        }
        let mut mappings = Vec::new();
        for index in 0..count {
            // SAFETY: `index` is below the count; the two spaces are new and closed below.
            let (target, source) =
                unsafe { (h5p::H5Pget_virtual_vspace(id, index), h5p::H5Pget_virtual_srcspace(id, index)) };
            mappings.push(Mapping {
                // SAFETY: both write at most the stated length to the stated place and return the whole length.
                file: text(|to, size| unsafe { h5p::H5Pget_virtual_filename(id, index, to, size) })?,
                // SAFETY: as above.
                dataset: text(|to, size| unsafe { h5p::H5Pget_virtual_dsetname(id, index, to, size) })?,
                target: selection(target),
                source: selection(source),
            });
            for space in [target, source] {
                if space >= 0 {
                    // SAFETY: the space is open and not used after this.
                    unsafe { h5s::H5Sclose(space) };
                }
            }
        }
        Ok(mappings)
    })
}

/// Calls `get` for the length and again for the text.
fn text(get: impl Fn(*mut std::ffi::c_char, usize) -> isize) -> Result<String, String> {
    let length = usize::try_from(get(ptr::null_mut(), 0)).map_err(|_| last_cause())?;
    let mut bytes = vec![0_u8; length + 1];
    if get(bytes.as_mut_ptr().cast(), bytes.len()) < 0 {
        return Err(last_cause());
    }
    bytes.truncate(length);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The selection of an open space. To be called with the lock held.
fn selection(space: hdf5_metno_sys::h5i::hid_t) -> Selection {
    // SAFETY: looks at the space only; an invalid one gives an error.
    let (kind, rank) = unsafe { (h5s::H5Sget_select_type(space), h5s::H5Sget_simple_extent_ndims(space)) };
    if kind == h5s::H5S_sel_type::H5S_SEL_ALL {
        return Selection::All;
    }
    let Ok(rank) = usize::try_from(rank) else { return Selection::Other };
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let (mut start, mut stride, mut count, mut block) = (vec![0; rank], vec![0; rank], vec![0; rank], vec![0; rank]);
    // SAFETY: all four have the rank's length; the second call is made for regular selections only.
    let regular = unsafe {
        kind == h5s::H5S_sel_type::H5S_SEL_HYPERSLABS
            && h5s::H5Sis_regular_hyperslab(space) > 0
            && h5s::H5Sget_regular_hyperslab(
                space,
                start.as_mut_ptr(),
                stride.as_mut_ptr(),
                count.as_mut_ptr(),
                block.as_mut_ptr(),
            ) >= 0
    };
    if !regular {
        return Selection::Other;
    }
    let axis = |k: usize| Axis {
        start: size(start[k]),
        stride: size(stride[k]),
        count: size(count[k]),
        block: size(block[k]),
    };
    Selection::Regular((0..rank).map(axis).collect())
}
