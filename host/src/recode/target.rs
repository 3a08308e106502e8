//! The data set that recoded chunks go to: as the input's, but for layout and filters.

use super::attributes;
use crate::hdf5_handle::{Handle, set_bitshuffle, write_chunk};
use crate::simulate::dataset::filter_values;
use debye_spec::Element;
use hdf5_metno::{Dataset, Error, Group, h5check, sync::sync};
use hdf5_metno_sys::h5d::{H5D_alloc_time_t, H5D_layout_t, H5Dclose, H5Dcreate2, H5Dget_create_plist, H5Dget_space};
use hdf5_metno_sys::h5p::{
    H5P_CLS_DATASET_CREATE, H5P_DEFAULT, H5Pclose, H5Pcreate, H5Pget_external_count, H5Pget_fill_value, H5Pget_layout,
    H5Premove_filter, H5Pset_alloc_time, H5Pset_chunk, H5Pset_chunk_opts, H5Pset_fill_value, H5Pset_obj_track_times,
};
use hdf5_metno_sys::h5s::H5Sclose;
use hdf5_metno_sys::h5t::{H5T_STD_I16LE, H5T_STD_I32LE, H5T_STD_U8LE, H5T_STD_U16LE, H5T_STD_U32LE};
use hdf5_metno_sys::h5z::H5Z_FILTER_ALL;
use std::ffi::CString;

/// A data set in the making.
pub(super) struct Target {
    handle: Handle,
}

impl Target {
    /// Creates `name` in `group` for chunks of `chunk` elements, with the dimensions, fill value and attributes of
    /// `source`; gives the names of attributes that were left behind. `block`: bslz4 with so many elements a block (0: the
    /// default); without, no filter.
    pub fn create(
        group: &Group,
        name: &str,
        source: &Dataset,
        element: Element,
        chunk: &[u64],
        block: Option<u32>,
    ) -> Result<(Target, Vec<String>), Error> {
        let path = CString::new(name).map_err(|_| Error::from("a name with a zero byte"))?;
        let target = sync(|| {
            let file_type = match element {
                Element::U8 => *H5T_STD_U8LE,
                Element::U16 => *H5T_STD_U16LE,
                Element::U32 => *H5T_STD_U32LE,
                Element::I16 => *H5T_STD_I16LE,
                Element::I32 => *H5T_STD_I32LE,
            };
            // SAFETY: the lock is held; `chunk` has the rank's length, `fill` an element of the type, and both outlive
            // the calls; every identifier is checked before it is used and closed by its handle.
            unsafe {
                let space = Handle::new(H5Dget_space(source.id()), H5Sclose)?;
                let mut creation = Handle::new(H5Dget_create_plist(source.id()), H5Pclose)?;
                if H5Pget_external_count(creation.id()) > 0 {
                    // Raw files beside the input cannot be taken out of the list.
                    let mut fill = [0u8; 4];
                    h5check(H5Pget_fill_value(creation.id(), file_type, fill.as_mut_ptr().cast()))?;
                    creation = Handle::new(H5Pcreate(*H5P_CLS_DATASET_CREATE), H5Pclose)?;
                    h5check(H5Pset_fill_value(creation.id(), file_type, fill.as_ptr().cast()))?;
                }
                if H5Pget_layout(creation.id()) == H5D_layout_t::H5D_CHUNKED {
                    h5check(H5Premove_filter(creation.id(), H5Z_FILTER_ALL))?;
                }
                h5check(H5Pset_chunk(creation.id(), chunk.len() as i32, chunk.as_ptr()))?;
                h5check(H5Pset_chunk_opts(creation.id(), 0))?;
                // The same input makes the same file, whenever.
                h5check(H5Pset_obj_track_times(creation.id(), 0))?;
                // Chunks that nobody wrote take no room.
                h5check(H5Pset_alloc_time(creation.id(), H5D_alloc_time_t::H5D_ALLOC_TIME_INCR))?;
                if let Some(block) = block {
                    let values = filter_values(element, block);
                    set_bitshuffle(creation.id(), &values)?;
                }
                let id = H5Dcreate2(
                    group.id(),
                    path.as_ptr(),
                    file_type,
                    space.id(),
                    H5P_DEFAULT,
                    creation.id(),
                    H5P_DEFAULT,
                );
                Ok::<_, Error>(Target { handle: Handle::new(id, H5Dclose)? })
            }
        })?;
        let made = group.dataset(name)?;
        let left = attributes::copy(source, &made)?;
        Ok((target, left))
    }

    /// Stores a chunk as it is.
    pub fn write(&self, offset: &[u64], chunk: &[u8]) -> Result<(), Error> {
        // SAFETY: the data set is open as long as its handle is there; `offset` has its rank, as the input's chunks have.
        unsafe { write_chunk(self.handle.id(), offset, chunk) }
    }
}
