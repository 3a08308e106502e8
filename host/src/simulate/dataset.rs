//! A data set of bslz4 chunks, written chunk by chunk past HDF5's filter pipeline.
//!
//! The pipeline names filter 32008 but the filter itself is not needed: it is marked optional, so that the library
//! creates the data set without it, and `H5Dwrite_chunk` stores bytes as they are (HDF5 reference manual,
//! H5Dwrite_chunk; the Dectris DCUs write their files in the same way). The safe wrapper of hdf5-metno refuses filters that are
//! not loaded, hence the raw calls here.

use crate::hdf5_handle::{Handle, write_chunk};
use debye_spec::Element;
use hdf5_metno::{Error, Group, h5check, sync::sync};
use hdf5_metno_sys::h5d::{H5Dclose, H5Dcreate2};
use hdf5_metno_sys::h5p::{
    H5P_CLS_DATASET_CREATE, H5P_DEFAULT, H5Pclose, H5Pcreate, H5Pset_chunk, H5Pset_filter, H5Pset_obj_track_times,
};
use hdf5_metno_sys::h5s::{H5Sclose, H5Screate_simple};
use hdf5_metno_sys::h5t::{H5T_STD_I16LE, H5T_STD_I32LE, H5T_STD_U8LE, H5T_STD_U16LE, H5T_STD_U32LE};
use hdf5_metno_sys::h5z::H5Z_FLAG_OPTIONAL;
use std::ffi::CString;
use std::ptr;

/// bitshuffle's filter number, as registered with the HDF Group.
pub const FILTER_BITSHUFFLE: i32 = 32008;

/// `cd_values` of the filter: version 0.2, element size, elements of a block (0: the default; the chunk's header counts), codec LZ4
/// (`bshuf_h5filter.h`: `BSHUF_H5_COMPRESS_LZ4` = 2).
pub(crate) fn filter_values(element: Element, block: u32) -> [u32; 5] {
    [0, 2, element.size() as u32, block, 2]
}

/// A data set of shape (frames, rows, columns), one frame a chunk.
pub struct ChunkDataset {
    handle: Handle,
}

impl ChunkDataset {
    /// Creates the data set `name` in `group`, for bslz4 chunks of `element` pixels. Times are not recorded: the same
    /// frames make the same file.
    ///
    /// # Errors
    /// What the HDF5 library says: the name is taken, a dimension is 0, the file cannot be written to.
    pub fn create(
        group: &Group,
        name: &str,
        element: Element,
        frames: usize,
        shape: [usize; 2],
    ) -> Result<ChunkDataset, Error> {
        let name = CString::new(name).map_err(|_| Error::from("a name with a zero byte"))?;
        let dimensions = [frames as u64, shape[0] as u64, shape[1] as u64];
        let chunk = [1, dimensions[1], dimensions[2]];
        let values = filter_values(element, 0);
        sync(|| {
            let file_type = match element {
                Element::U8 => *H5T_STD_U8LE,
                Element::U16 => *H5T_STD_U16LE,
                Element::U32 => *H5T_STD_U32LE,
                Element::I16 => *H5T_STD_I16LE,
                Element::I32 => *H5T_STD_I32LE,
            };
            // SAFETY: the lock is held; the arrays hold as many values as the rank and count say and outlive each
            // call; every identifier is checked before it is used and closed by its handle.
            unsafe {
                let space = Handle::new(H5Screate_simple(3, dimensions.as_ptr(), ptr::null()), H5Sclose)?;
                let creation = Handle::new(H5Pcreate(*H5P_CLS_DATASET_CREATE), H5Pclose)?;
                h5check(H5Pset_chunk(creation.id(), 3, chunk.as_ptr()))?;
                h5check(H5Pset_filter(
                    creation.id(),
                    FILTER_BITSHUFFLE,
                    H5Z_FLAG_OPTIONAL,
                    values.len(),
                    values.as_ptr(),
                ))?;
                h5check(H5Pset_obj_track_times(creation.id(), 0))?;
                let id = H5Dcreate2(
                    group.id(),
                    name.as_ptr(),
                    file_type,
                    space.id(),
                    H5P_DEFAULT,
                    creation.id(),
                    H5P_DEFAULT,
                );
                Ok(ChunkDataset { handle: Handle::new(id, H5Dclose)? })
            }
        })
    }

    /// Stores a frame's chunk as it is.
    ///
    /// # Errors
    /// What the HDF5 library says: the frame is out of range, the disk is full.
    pub fn write(&self, frame: usize, chunk: &[u8]) -> Result<(), Error> {
        // SAFETY: the data set is open as long as its handle is there, and has three dimensions.
        unsafe { write_chunk(self.handle.id(), &[frame as u64, 0, 0], chunk) }
    }
}
