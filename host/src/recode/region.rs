//! Whether two selections of elements are the same, however HDF5 keeps them.

use crate::hdf5_handle::Handle;
use hdf5_metno::{Error, h5check};
use hdf5_metno_sys::h5s::{
    H5S_sel_type, H5Sextent_equal, H5Sget_regular_hyperslab, H5Sget_select_elem_npoints, H5Sget_select_elem_pointlist,
    H5Sget_select_hyper_blocklist, H5Sget_select_hyper_nblocks, H5Sget_select_type, H5Sget_simple_extent_ndims,
    H5Sis_regular_hyperslab,
};

/// Blocks or points that are compared at once.
const MOST: u64 = 1 << 16;

/// Whether both select the same elements of spaces of one shape. To be called with the lock held.
pub(super) fn same(a: &Handle, b: &Handle) -> Result<bool, Error> {
    // SAFETY: both spaces are open; the calls only look at them, and write as many numbers as they were given room for.
    unsafe {
        let kind = H5Sget_select_type(a.id());
        if h5check(H5Sextent_equal(a.id(), b.id()))? == 0 || kind != H5Sget_select_type(b.id()) {
            return Ok(false);
        }
        let rank = usize::try_from(h5check(H5Sget_simple_extent_ndims(a.id()))?).unwrap_or(0);
        match kind {
            H5S_sel_type::H5S_SEL_HYPERSLABS => {
                let regular = h5check(H5Sis_regular_hyperslab(a.id()))? > 0;
                if regular != (h5check(H5Sis_regular_hyperslab(b.id()))? > 0) {
                    return Ok(false);
                }
                // A regular one may go on for ever, and has no blocks that could be listed then.
                if regular {
                    return Ok(regular_of(a, rank)? == regular_of(b, rank)?);
                }
                let count = |space: &Handle| h5check(H5Sget_select_hyper_nblocks(space.id()));
                let list = |space: &Handle, first, number, to| {
                    h5check(H5Sget_select_hyper_blocklist(space.id(), first, number, to)).map(|_| ())
                };
                same_lists([a, b], 2 * rank, count, list)
            }
            H5S_sel_type::H5S_SEL_POINTS => {
                let count = |space: &Handle| h5check(H5Sget_select_elem_npoints(space.id()));
                let list = |space: &Handle, first, number, to| {
                    h5check(H5Sget_select_elem_pointlist(space.id(), first, number, to)).map(|_| ())
                };
                same_lists([a, b], rank, count, list)
            }
            _ => Ok(true),
        }
    }
}

/// Start, stride, count and block of a regular selection.
///
/// # Safety
/// The space is open, of this rank, and its selection is regular; the lock is held.
unsafe fn regular_of(space: &Handle, rank: usize) -> Result<[Vec<u64>; 4], Error> {
    let mut all = [(); 4].map(|()| vec![0u64; rank]);
    let [start, stride, count, block] = &mut all;
    let (stride, count, block) = (stride.as_mut_ptr(), count.as_mut_ptr(), block.as_mut_ptr());
    // SAFETY: the caller's; each place has room for a number of every dimension.
    h5check(unsafe { H5Sget_regular_hyperslab(space.id(), start.as_mut_ptr(), stride, count, block) })?;
    Ok(all)
}

/// Compares what `list` writes of both, `numbers` an item, in parts.
fn same_lists(
    spaces: [&Handle; 2],
    numbers: usize,
    count: impl Fn(&Handle) -> Result<i64, Error>,
    list: impl Fn(&Handle, u64, u64, *mut u64) -> Result<(), Error>,
) -> Result<bool, Error> {
    let counts = [count(spaces[0])?, count(spaces[1])?].map(|count| u64::try_from(count).unwrap_or(0));
    if counts[0] != counts[1] {
        return Ok(false);
    }
    let part = |space, first, number: u64| {
        let mut items = vec![0u64; number as usize * numbers];
        list(space, first, number, items.as_mut_ptr()).map(|()| items)
    };
    for first in (0..counts[0]).step_by(MOST as usize) {
        let number = MOST.min(counts[0] - first);
        if part(spaces[0], first, number)? != part(spaces[1], first, number)? {
            return Ok(false);
        }
    }
    Ok(true)
}
