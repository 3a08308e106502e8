//! A data set of bslz4 chunks, written chunk by chunk past HDF5's filter pipeline.
//!
//! The pipeline names filter 32008 but the filter itself is not needed: it is marked optional, so that the library
//! creates the data set without it, and `H5Dwrite_chunk` stores bytes as they are (HDF5 reference manual,
//! H5Dwrite_chunk; the Dectris DCUs write their files in the same way). The safe wrapper of hdf5-metno refuses filters that are
//! not loaded, hence the raw calls here.

use crate::hdf5_handle::{Handle, set_bitshuffle, write_chunk};
use debye_spec::Element;
use hdf5_metno::{Error, Group, h5check, sync::sync};
use hdf5_metno_sys::h5d::{H5Dclose, H5Dcreate2};
use hdf5_metno_sys::h5p::{
    H5P_CLS_DATASET_CREATE, H5P_DEFAULT, H5Pclose, H5Pcreate, H5Pset_chunk, H5Pset_fill_value, H5Pset_obj_track_times,
};
use hdf5_metno_sys::h5s::{H5Sclose, H5Screate_simple};
use hdf5_metno_sys::h5t::{H5T_STD_I16LE, H5T_STD_I32LE, H5T_STD_U8LE, H5T_STD_U16LE, H5T_STD_U32LE};
use std::ffi::CString;
use std::ptr;

/// `cd_values` of the filter: version 0.2, element size, elements of a block (0: the default; the chunk's header counts), codec LZ4
/// (`bshuf_h5filter.h`: `BSHUF_H5_COMPRESS_LZ4` = 2).
pub(crate) fn filter_values(element: Element, block: u32) -> [u32; 5] {
    [0, 2, element.size() as u32, block, 2]
}

/// A data set of frames, one a chunk.
pub struct ChunkDataset {
    handle: Handle,
    /// Those before a frame's two.
    leading: Vec<u64>,
}

/// What a data set of chunks is like.
#[derive(Clone, Debug)]
pub(crate) struct ChunkLayout {
    /// Pixel type.
    pub element: Element,
    /// Dimensions, two at least; the last two are a frame's.
    pub dimensions: Vec<u64>,
    /// Elements of a block, for the filter's values; 0: the default.
    pub block: u32,
    /// What readers see of a frame that has no chunk, as a little-endian element.
    pub fill: [u8; 4],
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
        let dimensions = vec![frames as u64, shape[0] as u64, shape[1] as u64];
        ChunkDataset::with(group, name, &ChunkLayout { element, dimensions, block: 0, fill: [0; 4] })
    }

    /// As [`ChunkDataset::create`], of any layout.
    pub(crate) fn with(group: &Group, name: &str, layout: &ChunkLayout) -> Result<ChunkDataset, Error> {
        let name = CString::new(name).map_err(|_| Error::from("a name with a zero byte"))?;
        let ChunkLayout { element, dimensions, block, fill } = layout;
        let Some(leading) = dimensions.len().checked_sub(2) else { return Err("frames have two dimensions".into()) };
        let chunk: Vec<u64> = (0..).zip(dimensions).map(|(at, &n)| if at < leading { 1 } else { n }).collect();
        let values = filter_values(*element, *block);
        let handle = sync(|| {
            let file_type = match element {
                Element::U8 => *H5T_STD_U8LE,
                Element::U16 => *H5T_STD_U16LE,
                Element::U32 => *H5T_STD_U32LE,
                Element::I16 => *H5T_STD_I16LE,
                Element::I32 => *H5T_STD_I32LE,
            };
            // SAFETY: the lock is held; the arrays hold as many values as the rank and count say, `fill` an element of
            // the type, and all outlive each call; every identifier is checked before it is used and closed by its handle.
            unsafe {
                let space =
                    Handle::new(H5Screate_simple(chunk.len() as i32, dimensions.as_ptr(), ptr::null()), H5Sclose)?;
                let creation = Handle::new(H5Pcreate(*H5P_CLS_DATASET_CREATE), H5Pclose)?;
                h5check(H5Pset_chunk(creation.id(), chunk.len() as i32, chunk.as_ptr()))?;
                if *fill != [0; 4] {
                    h5check(H5Pset_fill_value(creation.id(), file_type, fill.as_ptr().cast()))?;
                }
                set_bitshuffle(creation.id(), &values)?;
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
                Handle::new(id, H5Dclose)
            }
        })?;
        Ok(ChunkDataset { handle, leading: dimensions[..leading].to_vec() })
    }

    /// Stores a frame's chunk as it is; leading dimensions are flattened to its number.
    ///
    /// # Errors
    /// What the HDF5 library says: the frame is out of range, the disk is full.
    pub fn write(&self, frame: usize, chunk: &[u8]) -> Result<(), Error> {
        // The first dimension takes what is over.
        let (mut rest, mut offset) = (frame as u64, vec![0; self.leading.len() + 2]);
        for (at, &size) in offset.iter_mut().zip(&self.leading).skip(1).rev() {
            *at = rest % size.max(1);
            rest /= size.max(1);
        }
        offset[0] = rest;
        // SAFETY: the data set is open as long as its handle is there, and has the dimensions in `leading` and two more.
        unsafe { write_chunk(self.handle.id(), &offset, chunk) }
    }
}
