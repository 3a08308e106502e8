//! Whether elements of two files are the same: bytes where bytes say it all, text and lists by what they hold, references by
//! what they lead to.

use super::region;
use super::values::Values;
use crate::hdf5_handle::Handle;
use hdf5_metno::{Error, File, Location, from_id};
use hdf5_metno_sys::h5i::hid_t;
use hdf5_metno_sys::h5p::H5P_DEFAULT;
use hdf5_metno_sys::h5r::H5R_type_t::{H5R_DATASET_REGION1, H5R_OBJECT1};
use hdf5_metno_sys::h5r::{H5Rdereference2, H5Rget_region};
use hdf5_metno_sys::h5s::H5Sclose;
use hdf5_metno_sys::h5t::{
    H5T_STD_REF_DSETREG, H5T_STD_REF_OBJ, H5T_class_t, H5Tclose, H5Tequal, H5Tget_class, H5Tget_member_offset,
    H5Tget_member_type, H5Tget_nmembers, H5Tget_size, H5Tget_super, H5Tis_variable_str, hvl_t,
};
use std::collections::HashMap;
use std::ffi::{CStr, c_char};

/// Whether the bytes of elements of type `kind` say all: they hold neither references nor lists nor text of any length.
/// To be called with the lock held.
pub(super) fn is_plain(kind: hid_t) -> Result<bool, Error> {
    // SAFETY: the type is open; every identifier is checked and closed by its handle.
    unsafe {
        Ok(match H5Tget_class(kind) {
            H5T_class_t::H5T_REFERENCE | H5T_class_t::H5T_VLEN => false,
            H5T_class_t::H5T_STRING => H5Tis_variable_str(kind) == 0,
            H5T_class_t::H5T_ARRAY => is_plain(Handle::new(H5Tget_super(kind), H5Tclose)?.id())?,
            H5T_class_t::H5T_COMPOUND => {
                for member in 0..u32::try_from(H5Tget_nmembers(kind)).unwrap_or(0) {
                    if !is_plain(Handle::new(H5Tget_member_type(kind, member), H5Tclose)?.id())? {
                        return Ok(false);
                    }
                }
                true
            }
            _ => true,
        })
    }
}

/// Two files, and which objects of theirs belong together.
pub(super) struct Pair<'a> {
    pub input: &'a File,
    pub output: &'a File,
    /// Objects of the output by those of the input, as their tokens print.
    pub tokens: HashMap<String, String>,
}

impl Pair<'_> {
    /// Whether the elements are the same; both are of one type and number. To be called with the lock held.
    pub fn same(&self, before: &mut Values<'_>, after: &mut Values<'_>) -> Result<bool, Error> {
        let (count, size) = (before.count, before.size);
        if (count, size) != (after.count, after.size) {
            return Ok(false);
        }
        // SAFETY: both have `count` elements of the type, as HDF5 has read them.
        unsafe { self.equal(before.kind.id(), before.start(), after.start(), count, size) }
    }

    /// # Safety
    /// `a` and `b` have `count` elements of type `kind`, `stride` bytes apart, as HDF5 has read them; the lock is held.
    unsafe fn equal(
        &self,
        kind: hid_t,
        a: *const u8,
        b: *const u8,
        count: usize,
        stride: usize,
    ) -> Result<bool, Error> {
        // SAFETY: the type is open; what a type says of its members and of the length of its parts holds for elements that
        // were read in it, so every place is within them.
        unsafe {
            let size = H5Tget_size(kind);
            let mut places = (0..count).map(|number| (a.add(number * stride), b.add(number * stride)));
            let class = H5Tget_class(kind);
            Ok(match class {
                H5T_class_t::H5T_STRING if H5Tis_variable_str(kind) > 0 => places.all(|(a, b)| {
                    let (a, b) =
                        (a.cast::<*const c_char>().read_unaligned(), b.cast::<*const c_char>().read_unaligned());
                    a.is_null() == b.is_null() && (a.is_null() || CStr::from_ptr(a) == CStr::from_ptr(b))
                }),
                H5T_class_t::H5T_REFERENCE => {
                    for (a, b) in places {
                        if !self.lead_to_the_same(kind, a, b, size)? {
                            return Ok(false);
                        }
                    }
                    true
                }
                H5T_class_t::H5T_COMPOUND => {
                    for member in 0..u32::try_from(H5Tget_nmembers(kind)).unwrap_or(0) {
                        let part = Handle::new(H5Tget_member_type(kind, member), H5Tclose)?;
                        let at = H5Tget_member_offset(kind, member);
                        if !self.equal(part.id(), a.add(at), b.add(at), count, stride)? {
                            return Ok(false);
                        }
                    }
                    true
                }
                H5T_class_t::H5T_ARRAY => {
                    let part = Handle::new(H5Tget_super(kind), H5Tclose)?;
                    let each = H5Tget_size(part.id()).max(1);
                    for (a, b) in places {
                        if !self.equal(part.id(), a, b, size / each, each)? {
                            return Ok(false);
                        }
                    }
                    true
                }
                H5T_class_t::H5T_VLEN => {
                    let part = Handle::new(H5Tget_super(kind), H5Tclose)?;
                    let each = H5Tget_size(part.id());
                    for (a, b) in places {
                        let (a, b) = (a.cast::<hvl_t>().read_unaligned(), b.cast::<hvl_t>().read_unaligned());
                        let lengths = [&a, &b].map(|list| if list.p.is_null() { 0 } else { list.len });
                        if lengths[0] != lengths[1]
                            || (lengths[0] > 0 && !self.equal(part.id(), a.p.cast(), b.p.cast(), lengths[0], each)?)
                        {
                            return Ok(false);
                        }
                    }
                    true
                }
                _ => places.all(|(a, b)| std::slice::from_raw_parts(a, size) == std::slice::from_raw_parts(b, size)),
            })
        }
    }

    /// Whether two references lead to objects that belong together, and to the same region of them.
    ///
    /// # Safety
    /// As for [`Pair::equal`].
    unsafe fn lead_to_the_same(&self, kind: hid_t, a: *const u8, b: *const u8, size: usize) -> Result<bool, Error> {
        // SAFETY: `words` has room for a reference of either kind, and `size` is that of the kind when it is used; every
        // identifier is checked before it is used, and given back.
        unsafe {
            let way = if H5Tequal(kind, *H5T_STD_REF_OBJ) > 0 {
                H5R_OBJECT1
            } else if H5Tequal(kind, *H5T_STD_REF_DSETREG) > 0 {
                H5R_DATASET_REGION1
            } else {
                // References of HDF5 1.12 and later, which are not carried over.
                return Ok(false);
            };
            let take = |from: *const u8| {
                let mut words = [0u64; 2];
                words.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(from, size.min(size_of_val(&words)));
                words
            };
            let (before, after) = (take(a), take(b));
            if before == [0; 2] || after == [0; 2] {
                return Ok(before == after);
            }
            let leads_to = |file: &File, words: &[u64; 2]| {
                let object = H5Rdereference2(file.id(), H5P_DEFAULT, way, words.as_ptr().cast());
                let object = if object > 0 { from_id::<Location>(object).ok() } else { None };
                Some(format!("{:?}", object?.loc_info().ok()?.token))
            };
            let expected = leads_to(self.input, &before).and_then(|token| self.tokens.get(&token).cloned());
            if expected.is_none() || leads_to(self.output, &after) != expected {
                return Ok(false);
            }
            if way == H5R_OBJECT1 {
                return Ok(true);
            }
            let of = |file: &File, words: &[u64; 2]| {
                Handle::new(H5Rget_region(file.id(), way, words.as_ptr().cast()), H5Sclose)
            };
            region::same(&of(self.input, &before)?, &of(self.output, &after)?)
        }
    }
}
