//! Identifiers of the HDF5 C library that close themselves, and what is done with them in several places.

use hdf5_metno::{Error, Location, from_id, h5check, sync::sync};
use hdf5_metno_sys::h5d::H5Dwrite_chunk;
use hdf5_metno_sys::h5i::hid_t;
use hdf5_metno_sys::h5o::H5Oopen;
use hdf5_metno_sys::h5p::{H5P_DEFAULT, H5Pset_filter};
use hdf5_metno_sys::h5z::{H5Z_CLASS_T_VERS, H5Z_FLAG_OPTIONAL, H5Z_class2_t, H5Zregister};
use std::ffi::{CString, c_uint, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// Whatever object has this name (or path) in a group or file.
///
/// # Errors
/// What the HDF5 library says: there is none, or it cannot be opened.
pub(crate) fn object(group: &Location, name: &str) -> Result<Location, Error> {
    let name = CString::new(name).map_err(|_| Error::from("a name with a zero byte"))?;
    // SAFETY: the group is open, the name ends with 0; the identifier is checked and becomes the location's.
    sync(|| unsafe { from_id(h5check(H5Oopen(group.id(), name.as_ptr(), H5P_DEFAULT))?) })
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

/// bitshuffle's filter number, as registered with the HDF Group.
pub(crate) const FILTER_BITSHUFFLE: i32 = 32008;

static NAMED: AtomicBool = AtomicBool::new(false);

/// Whether [`set_bitshuffle`] has taken the place of a filter that might undo something.
pub(crate) fn bitshuffle_is_named() -> bool {
    NAMED.load(Ordering::Relaxed)
}

unsafe extern "C" fn refuse(
    _: c_uint,
    _: usize,
    _: *const c_uint,
    _: usize,
    _: *mut usize,
    _: *mut *mut c_void,
) -> usize {
    0
}

/// Makes bitshuffle the filter of data sets of the property list `creation`, marked as optional: their chunks come from
/// [`write_chunk`], and HDF5 has none to make.
///
/// Where `HDF5_PLUGIN_PATH` leads to a plugin, HDF5 would load it all the same and ask it about the data set; one that looks
/// for HDF5 as a shared library, as hdf5plugin's does, finds none in this program and refuses. So a filter that is asked
/// nothing and has no name takes its place, for as long as the process lives: a header's size is told before it is written,
/// and has the filter's name in it.
///
/// # Errors
/// What the HDF5 library says.
///
/// # Safety
/// `creation` is an open property list for data sets.
pub(crate) unsafe fn set_bitshuffle(creation: hid_t, values: &[u32]) -> Result<(), Error> {
    let class = H5Z_class2_t {
        version: H5Z_CLASS_T_VERS as i32,
        id: FILTER_BITSHUFFLE,
        encoder_present: 1,
        decoder_present: 1,
        name: ptr::null(),
        can_apply: None,
        set_local: None,
        filter: Some(refuse),
    };
    sync(|| {
        // SAFETY: the lock is held; HDF5 copies `class`; the property list is the caller's affair, `values` has its length.
        unsafe {
            h5check(H5Zregister(ptr::from_ref(&class).cast()))?;
            NAMED.store(true, Ordering::Relaxed);
            h5check(H5Pset_filter(creation, FILTER_BITSHUFFLE, H5Z_FLAG_OPTIONAL, values.len(), values.as_ptr()))?;
        }
        Ok(())
    })
}
