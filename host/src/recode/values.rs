//! Elements in memory as HDF5 reads them, with what it allocates for them.

use crate::hdf5_handle::Handle;
use hdf5_metno::Error;
use hdf5_metno_sys::h5p::H5P_DEFAULT;
use hdf5_metno_sys::h5s::H5Sget_simple_extent_npoints;
use hdf5_metno_sys::h5t::{H5Tget_size, H5Treclaim};

/// Most bytes of elements that are held at once.
const MOST: usize = 1 << 30;

/// The elements of a data set or an attribute; what HDF5 allocates for those of variable length goes with them.
pub(super) struct Values<'a> {
    /// Whole words, as pointers and references are aligned.
    words: Vec<u64>,
    /// Elements.
    pub count: usize,
    /// Bytes of each.
    pub size: usize,
    /// Their type, that of the file and of the memory.
    pub kind: &'a Handle,
    space: &'a Handle,
}

impl<'a> Values<'a> {
    /// The elements of `space`, which `read` writes to the place that it gets. To be called with the lock held.
    ///
    /// # Errors
    /// What `read` says; elements of more than [`MOST`] bytes.
    pub fn read(
        kind: &'a Handle,
        space: &'a Handle,
        read: impl FnOnce(*mut u8) -> Result<(), Error>,
    ) -> Result<Values<'a>, Error> {
        // SAFETY: both are open; the calls only look at them.
        let (count, size) = unsafe { (H5Sget_simple_extent_npoints(space.id()), H5Tget_size(kind.id())) };
        let count = usize::try_from(count).unwrap_or(0);
        let bytes = count.checked_mul(size).filter(|&bytes| bytes <= MOST);
        let bytes = bytes.ok_or_else(|| Error::from(format!("its elements take more than {MOST} bytes")))?;
        let mut values = Values { words: vec![0; bytes.div_ceil(8)], count, size, kind, space };
        if count > 0 {
            read(values.start())?;
        }
        Ok(values)
    }

    /// The first element.
    pub fn start(&mut self) -> *mut u8 {
        self.words.as_mut_ptr().cast()
    }
}

impl Drop for Values<'_> {
    fn drop(&mut self) {
        let place = self.start();
        if self.count > 0 {
            // SAFETY: there are such elements at the place: HDF5's, or zeros where it could not read, which hold nothing.
            unsafe { H5Treclaim(self.kind.id(), self.space.id(), H5P_DEFAULT, place.cast()) };
        }
    }
}
