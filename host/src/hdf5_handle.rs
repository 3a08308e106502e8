//! Identifiers of the HDF5 C library that close themselves.

use hdf5_metno::{Error, h5check, sync::sync};
use hdf5_metno_sys::h5i::hid_t;

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
