//! Identifiers of the HDF5 C library that close themselves, and what is done with them in several places.

use hdf5_metno::{Error, h5check, sync::sync};
use hdf5_metno_sys::h5d::H5Dwrite_chunk;
use hdf5_metno_sys::h5i::hid_t;
use hdf5_metno_sys::h5p::H5P_DEFAULT;

/// An identifier of the HDF5 library and the call that gives it back.
pub(crate) struct Handle {
    id: hid_t,
    close: unsafe extern "C" fn(hid_t) -> i32,
}

impl Handle {
    /// Takes an identifier that a call has just given, or that call's error.
    pub fn new(id: hid_t, close: unsafe extern "C" fn(hid_t) -> i32) -> Result<Handle, Error> {
        Ok(Handle { id: h5check(id)?, close })
    }

    /// The identifier.
    pub fn id(&self) -> hid_t {
        self.id
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        sync(|| {
            // SAFETY: `id` came from the library, is open, and belongs to this handle alone; the lock is held.
            unsafe { (self.close)(self.id) }
        });
    }
}

/// Stores a chunk as it is, past the filters of a data set, of which none was skipped.
///
/// # Errors
/// What the HDF5 library says: the place is out of range, the disk is full.
///
/// # Safety
/// `dataset` is an open data set, and `offset` has as many numbers as it has dimensions.
pub(crate) unsafe fn write_chunk(dataset: hid_t, offset: &[u64], chunk: &[u8]) -> Result<(), Error> {
    sync(|| {
        // SAFETY: the lock is held, the data set and the offset are the caller's affair, `chunk` has its length.
        let code =
            unsafe { H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, offset.as_ptr(), chunk.len(), chunk.as_ptr().cast()) };
        h5check(code).map(|_| ())
    })
}
