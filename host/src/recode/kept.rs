//! A data set that stays as it is, compared with its copy: how it is stored, then its stored chunks, or its elements box by
//! box where copying makes other bytes of them.

use super::carried::Two;
use super::equal::{Pair, is_plain};
use super::region;
use super::values::Values;
use crate::hdf5_handle::Handle;
use crate::source::raw;
use hdf5_metno::plist::dataset_create::Layout;
use hdf5_metno::{Dataset, Error, h5check, sync::sync};
use hdf5_metno_sys::h5d::{H5D_fill_value_t, H5Dget_create_plist, H5Dget_space, H5Dget_type, H5Dread};
use hdf5_metno_sys::h5i::hid_t;
use hdf5_metno_sys::h5p::{
    H5P_DEFAULT, H5Pclose, H5Pfill_value_defined, H5Pget_fill_value, H5Pget_virtual_count, H5Pget_virtual_srcspace,
    H5Pget_virtual_vspace,
};
use hdf5_metno_sys::h5s::{
    H5S_class_t, H5S_seloper_t, H5Sclose, H5Screate, H5Screate_simple, H5Sextent_equal, H5Sget_simple_extent_dims,
    H5Sget_simple_extent_ndims, H5Sget_simple_extent_npoints, H5Sselect_hyperslab,
};
use hdf5_metno_sys::h5t::{H5Tclose, H5Tequal, H5Tget_size};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of elements that are in memory at once, of each file.
const BOX: u64 = 8 << 20;

/// What differs, by a word for it.
type Found = Result<Option<&'static str>, Error>;

/// Type, shape and property list of a data set.
struct Frame {
    kind: Handle,
    space: Handle,
    creation: Handle,
}

impl Frame {
    /// To be called with the lock held.
    fn of(dataset: &Dataset) -> Result<Frame, Error> {
        // SAFETY: the data set is open; every identifier is checked and closed by its handle.
        unsafe {
            Ok(Frame {
                kind: Handle::new(H5Dget_type(dataset.id()), H5Tclose)?,
                space: Handle::new(H5Dget_space(dataset.id()), H5Sclose)?,
                creation: Handle::new(H5Dget_create_plist(dataset.id()), H5Pclose)?,
            })
        }
    }
}

fn frames(two: &Two<Dataset>) -> Result<Two<Frame>, Error> {
    Ok(Two { before: Frame::of(&two.before)?, after: Frame::of(&two.after)? })
}

/// What differs between a data set and what it was recoded to, besides pixels: largest dimensions, fill value.
pub(super) fn same_frame(pair: &Pair<'_>, two: &Two<Dataset>) -> Found {
    sync(|| {
        let frames = frames(two)?;
        // SAFETY: both are open.
        if h5check(unsafe { H5Sextent_equal(frames.before.space.id(), frames.after.space.id()) })? == 0 {
            return Ok(Some("shape"));
        }
        // In the type of the output, which is the input's in the machine's own order of bytes.
        let (before, after) = (fill_status(&frames.before)?, fill_status(&frames.after)?);
        let none = H5D_fill_value_t::H5D_FILL_VALUE_UNDEFINED;
        if before != none && after != none && !same_fill(pair, &frames, &frames.after.kind)? {
            return Ok(Some("fill value"));
        }
        Ok(None)
    })
}

/// What differs between a data set and its copy. Those that were `left` behind in part are not compared element by element.
pub(super) fn same(pair: &Pair<'_>, two: &Two<Dataset>, left: bool, stop: &AtomicBool) -> Found {
    let text = |cause: String| Error::from(cause.as_str());
    let frames = sync(|| frames(two))?;
    let what = sync(|| {
        // SAFETY: all are open, the lock is held.
        unsafe {
            if h5check(H5Tequal(frames.before.kind.id(), frames.after.kind.id()))? == 0 {
                return Ok(Some("type"));
            }
            if h5check(H5Sextent_equal(frames.before.space.id(), frames.after.space.id()))? == 0 {
                return Ok(Some("shape"));
            }
        }
        let (before, after) = (fill_status(&frames.before)?, fill_status(&frames.after)?);
        let defined = before != H5D_fill_value_t::H5D_FILL_VALUE_UNDEFINED;
        if before != after || defined && !same_fill(pair, &frames, &frames.before.kind)? {
            return Ok(Some("fill value"));
        }
        Ok::<_, Error>(None)
    })?;
    if what.is_some() {
        return Ok(what);
    }
    let (before, after) = (&two.before, &two.after);
    let layout = before.layout();
    if layout != after.layout() || before.chunk() != after.chunk() {
        return Ok(Some("layout"));
    }
    if raw::storage(before).map_err(text)? != raw::storage(after).map_err(text)? {
        return Ok(Some("filters, raw files or mappings"));
    }
    if layout == Layout::Virtual {
        let same = sync(|| same_mappings(&frames))?;
        return Ok((!same).then_some("mappings"));
    }
    // Elements in files of their own are where they were.
    if left || raw::has_raw_files(before) {
        return Ok(None);
    }
    let plain = sync(|| is_plain(frames.before.kind.id()))?;
    let equal =
        if plain && layout == Layout::Chunked { chunks(two, stop)? } else { elements(pair, two, &frames, stop)? };
    Ok((!equal).then_some("elements"))
}

fn fill_status(frame: &Frame) -> Result<H5D_fill_value_t, Error> {
    let mut status = H5D_fill_value_t::H5D_FILL_VALUE_DEFAULT;
    // SAFETY: the list is open, `status` is a place for the result.
    h5check(unsafe { H5Pfill_value_defined(frame.creation.id(), &mut status) })?;
    Ok(status)
}

/// To be called with the lock held, as those that follow.
fn same_fill(pair: &Pair<'_>, frames: &Two<Frame>, kind: &Handle) -> Result<bool, Error> {
    // SAFETY: the list and type are open; the place has room for one element of the type.
    unsafe {
        let one = Handle::new(H5Screate(H5S_class_t::H5S_SCALAR), H5Sclose)?;
        let read = |frame: &Frame, place: *mut u8| {
            h5check(H5Pget_fill_value(frame.creation.id(), kind.id(), place.cast())).map(|_| ())
        };
        let mut before = Values::read(kind, &one, |place| read(&frames.before, place))?;
        let mut after = Values::read(kind, &one, |place| read(&frames.after, place))?;
        pair.same(&mut before, &mut after)
    }
}

/// Whether two virtual data sets take the same elements to the same places.
fn same_mappings(frames: &Two<Frame>) -> Result<bool, Error> {
    // SAFETY: the lists are open; `index` is below the count; every space is checked and closed by its handle.
    unsafe {
        let mut count = 0;
        h5check(H5Pget_virtual_count(frames.before.creation.id(), &mut count))?;
        for index in 0..count {
            for get in [H5Pget_virtual_vspace, H5Pget_virtual_srcspace] {
                let space = |frame: &Frame| Handle::new(get(frame.creation.id(), index), H5Sclose);
                if !region::same(&space(&frames.before)?, &space(&frames.after)?)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// Whether the stored chunks are the same, byte for byte.
fn chunks(two: &Two<Dataset>, stop: &AtomicBool) -> Result<bool, Error> {
    let list = |dataset: &Dataset| {
        let mut found = Vec::new();
        dataset.chunks_visit(|chunk| {
            found.push((chunk.offset.to_vec(), chunk.size, chunk.filter_mask));
            0
        })?;
        found.sort_unstable();
        Ok::<_, Error>(found)
    };
    let (before, after) = (list(&two.before)?, list(&two.after)?);
    if before != after {
        return Ok(false);
    }
    drop(after);
    for (offset, bytes, _) in before {
        // What HDF5 can store; a damaged index may say anything.
        let bytes = u32::try_from(bytes).map_err(|_| Error::from("a stored chunk has more than 4 GiB"))? as usize;
        let read = |dataset| raw::stored_chunk(dataset, &offset, bytes).map_err(|cause| Error::from(cause.as_str()));
        if stop.load(Ordering::Relaxed) || read(&two.before)? != read(&two.after)? {
            return Ok(stop.load(Ordering::Relaxed));
        }
    }
    Ok(true)
}

/// Whether the elements are the same, box by box.
fn elements(pair: &Pair<'_>, two: &Two<Dataset>, frames: &Two<Frame>, stop: &AtomicBool) -> Result<bool, Error> {
    let space = &frames.before.space;
    // SAFETY: space and type are open; `dimensions` has the rank's length.
    let (dimensions, count, size) = sync(|| unsafe {
        let rank = h5check(H5Sget_simple_extent_ndims(space.id()))? as usize;
        let mut dimensions = vec![0u64; rank];
        h5check(H5Sget_simple_extent_dims(space.id(), dimensions.as_mut_ptr(), ptr::null_mut()))?;
        let count = H5Sget_simple_extent_npoints(space.id());
        Ok::<_, Error>((dimensions, count, H5Tget_size(frames.before.kind.id()) as u64))
    })?;
    if count <= 0 {
        return Ok(true);
    }
    let shape = two.before.chunk().map(|chunk| chunk.iter().map(|&n| n as u64).collect::<Vec<_>>());
    let fits = |shape: &Vec<u64>| shape.iter().fold(size, |bytes, &n| bytes.saturating_mul(n)) <= BOX;
    let shape = shape.filter(fits).unwrap_or_else(|| box_of(&dimensions, BOX / size.max(1)));
    let mut start = vec![0u64; dimensions.len()];
    loop {
        if stop.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let edge = |(&at, (&size, &whole)): (&u64, (&u64, &u64))| size.min(whole - at);
        let count: Vec<u64> = start.iter().zip(shape.iter().zip(&dimensions)).map(edge).collect();
        let same = sync(|| {
            // SAFETY: `start` and `count` have the rank's length; the space of the memory has as many elements as the
            // selection, and the place has room for them; every identifier is checked and closed by its handle.
            unsafe {
                let memory = if count.is_empty() {
                    H5Screate(H5S_class_t::H5S_SCALAR)
                } else {
                    H5Screate_simple(count.len() as i32, count.as_ptr(), ptr::null())
                };
                let memory = Handle::new(memory, H5Sclose)?;
                let read = |dataset: hid_t, frame: &Frame, place: *mut u8| {
                    if !count.is_empty() {
                        let (space, set) = (frame.space.id(), H5S_seloper_t::H5S_SELECT_SET);
                        let (start, count) = (start.as_ptr(), count.as_ptr());
                        h5check(H5Sselect_hyperslab(space, set, start, ptr::null(), count, ptr::null()))?;
                    }
                    let (kind, space) = (frame.kind.id(), frame.space.id());
                    h5check(H5Dread(dataset, kind, memory.id(), space, H5P_DEFAULT, place.cast())).map(|_| ())
                };
                let (before, after) = (&frames.before, &frames.after);
                let mut values = Values::read(&before.kind, &memory, |place| read(two.before.id(), before, place))?;
                let mut others = Values::read(&after.kind, &memory, |place| read(two.after.id(), after, place))?;
                pair.same(&mut values, &mut others)
            }
        })?;
        if !same {
            return Ok(false);
        }
        // The next box: the last dimension runs first.
        let mut moved = false;
        for ((at, &size), &whole) in start.iter_mut().zip(&shape).zip(&dimensions).rev() {
            *at += size;
            if *at < whole {
                moved = true;
                break;
            }
            *at = 0;
        }
        if !moved {
            return Ok(true);
        }
    }
}

/// A box of at most `most` elements, as long as can be in the last dimensions; of one at least.
fn box_of(dimensions: &[u64], most: u64) -> Vec<u64> {
    let mut left = most.max(1);
    let mut shape = vec![1; dimensions.len()];
    for (size, &whole) in shape.iter_mut().zip(dimensions).rev() {
        *size = whole.min(left).max(1);
        left /= *size;
        left = left.max(1);
    }
    shape
}
