//! Thin wrappers over the calls of the HDF5 C library that `hdf5-metno` does not have.
//!
//! Each holds the library's lock for the one call only. Messages are the innermost line of HDF5's error stack,
//! which names the cause; nothing is printed.

use crate::hdf5_handle::{FILTER_BITSHUFFLE, bitshuffle_is_named};
use debye_spec::Element;
use hdf5_metno::{Dataset, Error, sync::sync};
use hdf5_metno_sys::{h5d, h5l, h5p, h5s, h5t, h5z};
use std::ffi::{CStr, CString, c_uint, c_void};
use std::ptr;

/// The innermost line of an HDF5 error.
pub(super) fn cause(error: &Error) -> String {
    let text = match error.stack() {
        Some(stack) => stack.iter().next_back().map(|frame| frame.desc().to_owned()),
        None => None,
    };
    text.unwrap_or_else(|| error.to_string())
}

/// The error of the call that has just failed.
pub(super) fn last_cause() -> String {
    Error::query().map_or_else(|error| error.to_string(), |error| cause(&error))
}

/// Where a chunk stands in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkPlace {
    /// From the start of the file (a user block counts).
    pub address: u64,
    /// Stored bytes.
    pub bytes: u64,
    /// Bit k set: filter k of the pipeline was skipped.
    pub mask: u32,
}

/// Finds the chunk whose first element is at `offset`; `None` when it was never written.
pub(super) fn chunk_place(dataset: &Dataset, offset: &[u64]) -> Result<Option<ChunkPlace>, String> {
    debug_assert_eq!(offset.len(), dataset.ndim());
    let (mut mask, mut address, mut bytes) = (0, u64::MAX, 0);
    sync(|| {
        // SAFETY: `offset` has one entry for each dimension of the open data set, the rest are places for results.
        let status = unsafe {
            h5d::H5Dget_chunk_info_by_coord(dataset.id(), offset.as_ptr(), &mut mask, &mut address, &mut bytes)
        };
        if status < 0 { Err(last_cause()) } else { Ok(()) }
    })?;
    Ok((address != u64::MAX).then_some(ChunkPlace { address, bytes, mask }))
}

/// Reads a stored chunk of `bytes` bytes through HDF5, without its filters.
pub(super) fn read_chunk(dataset: &Dataset, offset: &[u64], bytes: usize) -> Result<Vec<u8>, String> {
    let mut chunk = vec![0_u8; bytes];
    let (mut mask, mut size) = (0, bytes);
    sync(|| {
        // SAFETY: `offset` has one entry for each dimension, `chunk` has the `size` bytes it is said to have.
        let status = unsafe {
            h5d::H5Dread_chunk(
                dataset.id(),
                h5p::H5P_DEFAULT,
                offset.as_ptr(),
                &mut mask,
                chunk.as_mut_ptr().cast::<c_void>(),
                &mut size,
            )
        };
        if status < 0 { Err(last_cause()) } else { Ok(()) }
    })?;
    if size != bytes {
        return Err(format!("the chunk changed from {bytes} to {size} bytes while it was read"));
    }
    Ok(chunk)
}

/// Reads the box at `start` of `count` elements through HDF5's filters, as little-endian `element`s, into `buffer`.
pub(super) fn read_box(
    dataset: &Dataset,
    start: &[u64],
    count: &[u64],
    element: Element,
    buffer: &mut [u8],
) -> Result<(), String> {
    let elements = count.iter().try_fold(element.size() as u64, |a, &b| a.checked_mul(b));
    if elements != Some(buffer.len() as u64) || start.len() != dataset.ndim() || count.len() != start.len() {
        return Err("the box does not fit its buffer".into());
    }
    sync(|| {
        let space = dataset.space().map_err(|error| cause(&error))?;
        // SAFETY: `start` and `count` have one entry for each dimension; the memory space made from `count` has as
        // many elements as `buffer` (checked above); both spaces are valid while the calls run.
        let status = unsafe {
            let memory = h5s::H5Screate_simple(count.len() as i32, count.as_ptr(), ptr::null());
            let mut status = h5s::H5Sselect_hyperslab(
                space.id(),
                h5s::H5S_seloper_t::H5S_SELECT_SET,
                start.as_ptr(),
                ptr::null(),
                count.as_ptr(),
                ptr::null(),
            );
            if status >= 0 && memory >= 0 {
                let to = buffer.as_mut_ptr().cast::<c_void>();
                status = h5d::H5Dread(dataset.id(), memory_type(element), memory, space.id(), h5p::H5P_DEFAULT, to);
            }
            let failed = (status < 0 || memory < 0).then(last_cause);
            if memory >= 0 {
                h5s::H5Sclose(memory);
            }
            failed
        };
        status.map_or(Ok(()), Err)
    })
}

/// One filter of a data set's pipeline, in the order of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredFilter {
    /// Registered number.
    pub id: i32,
    /// `cd_values`.
    pub values: Vec<u32>,
    /// Name that the writer gave it; may be empty.
    pub name: String,
}

/// The filters of a data set.
pub(super) fn filters(dataset: &Dataset) -> Result<Vec<StoredFilter>, String> {
    let plist = dataset.dcpl().map_err(|error| cause(&error))?;
    sync(|| {
        // SAFETY: the property list is open; all pointers are to places of the stated lengths.
        let count = unsafe { h5p::H5Pget_nfilters(plist.id()) };
        let mut filters = Vec::new();
        for index in 0..c_uint::try_from(count).map_err(|_| last_cause())? {
            let mut values = vec![0_u32; 64];
            let mut count = values.len();
            let (mut flags, mut config) = (0, 0);
            let mut name = [0_u8; 128];
            // SAFETY: as above; `name` is one byte longer than HDF5 is told, so it always ends with 0.
            let id = unsafe {
                h5p::H5Pget_filter2(
                    plist.id(),
                    index,
                    &mut flags,
                    &mut count,
                    values.as_mut_ptr(),
                    name.len() - 1,
                    name.as_mut_ptr().cast(),
                    &mut config,
                )
            };
            if id < 0 {
                return Err(last_cause());
            }
            values.truncate(count);
            let name = CStr::from_bytes_until_nul(&name).map(|name| name.to_string_lossy().into_owned());
            filters.push(StoredFilter { id, values, name: name.unwrap_or_default() });
        }
        Ok(filters)
    })
}

/// Whether this build of HDF5 can undo filter `id` itself.
pub(super) fn filter_available(id: i32) -> bool {
    // SAFETY: takes any number.
    !(id == FILTER_BITSHUFFLE && bitshuffle_is_named()) && sync(|| unsafe { h5z::H5Zfilter_avail(id) }) > 0
}

/// Number of raw files outside HDF5 that hold a contiguous data set's bytes.
pub(super) fn raw_files(dataset: &Dataset) -> usize {
    let Ok(plist) = dataset.dcpl() else { return 0 };
    // SAFETY: the property list is open.
    usize::try_from(sync(|| unsafe { h5p::H5Pget_external_count(plist.id()) })).unwrap_or(0)
}

/// Name, first byte and length of those files.
pub(super) fn raw_file_list(dataset: &Dataset) -> Result<Vec<(Vec<u8>, i64, u64)>, String> {
    let plist = dataset.dcpl().map_err(|error| cause(&error))?;
    let name = |index: usize| {
        let (mut name, mut start, mut length) = (vec![0_u8; 1 << 12], 0, 0);
        // SAFETY: the property list is open, all pointers are to places of the stated lengths.
        let status = sync(|| unsafe {
            let to = name.as_mut_ptr().cast();
            h5p::H5Pget_external(plist.id(), index as c_uint, name.len(), to, &mut start, &mut length)
        });
        if status < 0 { Err(last_cause()) } else { Ok((name, start, length)) }
    };
    (0..raw_files(dataset)).map(name).collect()
}

/// Type of a data set's elements as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredType {
    /// The exact pixel type, when it is one that we read.
    pub element: Option<Element>,
    /// Elements are big-endian.
    pub big_endian: bool,
    /// numpy's name, or HDF5's class.
    pub name: String,
}

/// Looks at a data set's type.
pub(super) fn stored_type(dataset: &Dataset) -> Result<StoredType, String> {
    let datatype = dataset.dtype().map_err(|error| cause(&error))?;
    let id = datatype.id();
    // SAFETY: the type is open; the calls only look at it.
    let (class, size, precision, offset, signed, big_endian) = sync(|| unsafe {
        (
            h5t::H5Tget_class(id),
            h5t::H5Tget_size(id),
            h5t::H5Tget_precision(id),
            h5t::H5Tget_offset(id),
            h5t::H5Tget_sign(id) == h5t::H5T_sign_t::H5T_SGN_2,
            h5t::H5Tget_order(id) == h5t::H5T_order_t::H5T_ORDER_BE,
        )
    });
    let bits = size.saturating_mul(8);
    let name = match class {
        h5t::H5T_class_t::H5T_INTEGER if precision != bits || offset != 0 => {
            format!("{precision} bit integer in {size} bytes")
        }
        h5t::H5T_class_t::H5T_INTEGER => format!("{}int{bits}", if signed { "" } else { "u" }),
        h5t::H5T_class_t::H5T_FLOAT => format!("float{bits}"),
        h5t::H5T_class_t::H5T_STRING => "string".into(),
        h5t::H5T_class_t::H5T_COMPOUND => "compound".into(),
        h5t::H5T_class_t::H5T_ENUM => "enumeration".into(),
        h5t::H5T_class_t::H5T_REFERENCE => "reference".into(),
        h5t::H5T_class_t::H5T_VLEN => "variable length".into(),
        h5t::H5T_class_t::H5T_ARRAY => "array".into(),
        h5t::H5T_class_t::H5T_BITFIELD => format!("bitfield{bits}"),
        _ => format!("opaque of {size} bytes"),
    };
    let element = Element::ALL.into_iter().find(|element| element.name() == name);
    Ok(StoredType { element, big_endian: big_endian && size > 1, name })
}

/// File and path that the external link `path` names; `None` when it is no external link.
pub(super) fn external_link(file: &hdf5_metno::Group, path: &str) -> Option<(String, String)> {
    let name = CString::new(path).ok()?;
    sync(|| {
        // SAFETY: `info` is a place for the result and is looked at only after success.
        let info = unsafe {
            let mut info = std::mem::zeroed::<h5l::H5L_info2_t>();
            if h5l::H5Lget_info2(file.id(), name.as_ptr(), &mut info, h5p::H5P_DEFAULT) < 0
                || info.type_ != h5l::H5L_type_t::H5L_TYPE_EXTERNAL
            {
                return None;
            }
            info
        };
        let mut info = info;
        // SAFETY: for an external link the union holds the length of its value.
        let length = unsafe { *info.u.val_size() };
        let mut value = vec![0_u8; length.min(1 << 16)];
        let (mut flags, mut target_file, mut target_path) = (0, ptr::null(), ptr::null());
        // SAFETY: `value` is as long as it is said to be; the two pointers point into it after success.
        unsafe {
            if h5l::H5Lget_val(file.id(), name.as_ptr(), value.as_mut_ptr().cast(), value.len(), h5p::H5P_DEFAULT) < 0
                || h5l::H5Lunpack_elink_val(
                    value.as_ptr().cast(),
                    value.len(),
                    &mut flags,
                    &mut target_file,
                    &mut target_path,
                ) < 0
            {
                return None;
            }
            let text = |from| CStr::from_ptr(from).to_string_lossy().into_owned();
            Some((text(target_file), text(target_path)))
        }
    })
}

/// What elements hold that nobody wrote, as one little-endian element.
pub(super) fn fill_value(dataset: &Dataset, element: Element) -> Result<Vec<u8>, String> {
    let plist = dataset.dcpl().map_err(|error| cause(&error))?;
    let mut value = vec![0_u8; element.size()];
    sync(|| {
        // SAFETY: `value` holds one element of the type that is asked for.
        let status = unsafe { h5p::H5Pget_fill_value(plist.id(), memory_type(element), value.as_mut_ptr().cast()) };
        if status < 0 { Err(last_cause()) } else { Ok(()) }
    })?;
    Ok(value)
}

/// HDF5's little-endian type of an element. To be called with the lock held.
fn memory_type(element: Element) -> hdf5_metno_sys::h5i::hid_t {
    match element {
        Element::U8 => *h5t::H5T_STD_U8LE,
        Element::U16 => *h5t::H5T_STD_U16LE,
        Element::U32 => *h5t::H5T_STD_U32LE,
        Element::I16 => *h5t::H5T_STD_I16LE,
        Element::I32 => *h5t::H5T_STD_I32LE,
    }
}
