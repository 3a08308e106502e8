//! References to objects and regions: those that were read lead into the input, those that are written have to lead to the
//! same objects of the output. So they wait until all objects have their places there.

use super::Note;
use super::values::Values;
use super::walk::Seen;
use crate::hdf5_handle::Handle;
use crate::hdf5_words::reason;
use hdf5_metno::{Dataset, Error, File, Location, from_id, h5check, sync::sync};
use hdf5_metno_sys::h5::herr_t;
use hdf5_metno_sys::h5a::{H5Aclose, H5Acreate2, H5Aexists, H5Aget_space, H5Aget_type, H5Aopen, H5Aread, H5Awrite};
use hdf5_metno_sys::h5d::{H5Dget_space, H5Dget_type, H5Dread, H5Dwrite};
use hdf5_metno_sys::h5i::hid_t;
use hdf5_metno_sys::h5p::H5P_DEFAULT;
use hdf5_metno_sys::h5r::H5R_type_t::{H5R_DATASET_REGION1, H5R_OBJECT1};
use hdf5_metno_sys::h5r::{H5Rcreate, H5Rdereference2, H5Rget_region};
use hdf5_metno_sys::h5s::{H5S_ALL, H5Sclose};
use hdf5_metno_sys::h5t::{
    H5T_STD_REF_DSETREG, H5T_STD_REF_OBJ, H5T_class_t, H5Tclose, H5Tdetect_class, H5Tequal, H5Tget_class,
    H5Tget_member_offset, H5Tget_member_type, H5Tget_nmembers, H5Tget_size, H5Tget_super, hvl_t,
};
use std::ffi::CString;

/// Where references are, in the input and in the output.
pub(super) struct Pending {
    pub from: Location,
    pub to: Location,
    /// The object's path, for notes.
    pub path: String,
    /// An attribute of the object, or the data set's own elements.
    pub attribute: Option<String>,
}

/// The names of an object's attributes that hold references.
pub(super) fn attributes_of(object: &Location) -> Result<Vec<String>, Error> {
    let holds = |name: &String| {
        let name = CString::new(name.as_str()).map_err(|_| Error::from("a name with a zero byte"))?;
        sync(|| {
            // SAFETY: the lock is held; both identifiers are checked and closed by their handles.
            unsafe {
                let attribute = Handle::new(H5Aopen(object.id(), name.as_ptr(), H5P_DEFAULT), H5Aclose)?;
                let kind = Handle::new(H5Aget_type(attribute.id()), H5Tclose)?;
                Ok::<_, Error>(h5check(H5Tdetect_class(kind.id(), H5T_class_t::H5T_REFERENCE))? > 0)
            }
        })
    };
    let mut found = Vec::new();
    for name in object.attr_names()? {
        if holds(&name)? {
            found.push(name);
        }
    }
    Ok(found)
}

/// Whether a data set's elements hold references.
pub(super) fn are_in(dataset: &Dataset) -> Result<bool, Error> {
    let kind = dataset.dtype()?;
    // SAFETY: the type is open, the lock held.
    sync(|| Ok(h5check(unsafe { H5Tdetect_class(kind.id(), H5T_class_t::H5T_REFERENCE) })? > 0))
}

/// Carries all over; gives what could not be.
pub(super) fn carry(pending: &[Pending], input: &File, output: &File, seen: &Seen) -> Vec<Note> {
    let paths = Paths { input, output, seen };
    let mut notes = Vec::new();
    for Pending { from, to, path, attribute } in pending {
        let (carried, path) = match attribute {
            Some(name) => (sync(|| paths.attribute(from, to, name)), format!("{path}@{name}")),
            None => (sync(|| paths.elements(from, to)), path.clone()),
        };
        let why = match carried {
            Ok(0) => continue,
            Ok(1) => "a reference in it leads to nothing that is in the output".into(),
            Ok(lost) => format!("{lost} references in it lead to nothing that is in the output"),
            // Filters that this program has not, for instance.
            Err(error) => format!("its references cannot be carried over: {}", reason(&error)),
        };
        notes.push(Note { path, why });
    }
    notes
}

struct Paths<'a> {
    input: &'a File,
    output: &'a File,
    seen: &'a Seen,
}

impl Paths<'_> {
    /// Gives the number of references that are null now. To be called with the lock held, as all that follow.
    fn attribute(&self, from: &Location, to: &Location, name: &str) -> Result<u64, Error> {
        let name = CString::new(name).map_err(|_| Error::from("a name with a zero byte"))?;
        // SAFETY: the lock is held; every identifier is checked before it is used and closed by its handle; at the places
        // are all elements in the type that is both the file's and the memory's.
        unsafe {
            let attribute = Handle::new(H5Aopen(from.id(), name.as_ptr(), H5P_DEFAULT), H5Aclose)?;
            let kind = Handle::new(H5Aget_type(attribute.id()), H5Tclose)?;
            let space = Handle::new(H5Aget_space(attribute.id()), H5Sclose)?;
            let mut values =
                Values::read(&kind, &space, |place| done(H5Aread(attribute.id(), kind.id(), place.cast())))?;
            let made = if h5check(H5Aexists(to.id(), name.as_ptr()))? > 0 {
                H5Aopen(to.id(), name.as_ptr(), H5P_DEFAULT)
            } else {
                H5Acreate2(to.id(), name.as_ptr(), kind.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT)
            };
            let made = Handle::new(made, H5Aclose)?;
            self.redirect(&mut values, |place| done(H5Awrite(made.id(), kind.id(), place.cast())))
        }
    }

    fn elements(&self, from: &Location, to: &Location) -> Result<u64, Error> {
        // SAFETY: as for attributes; both locations are data sets of one type and shape.
        unsafe {
            let kind = Handle::new(H5Dget_type(from.id()), H5Tclose)?;
            let space = Handle::new(H5Dget_space(from.id()), H5Sclose)?;
            let (all, default) = (H5S_ALL, H5P_DEFAULT);
            let mut values = Values::read(&kind, &space, |place| {
                done(H5Dread(from.id(), kind.id(), all, all, default, place.cast()))
            })?;
            self.redirect(&mut values, |place| done(H5Dwrite(to.id(), kind.id(), all, all, default, place.cast())))
        }
    }

    /// Makes the references in elements lead into the output, and has them written.
    fn redirect(
        &self,
        values: &mut Values<'_>,
        write: impl FnOnce(*mut u8) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        if values.count == 0 {
            return Ok(0);
        }
        let place = values.start();
        // SAFETY: HDF5 has read so many elements of the type there.
        let lost = unsafe { self.point(values.kind.id(), place, values.count, values.size)? };
        write(place)?;
        Ok(lost)
    }

    /// Makes the references in `count` elements of type `kind`, `stride` bytes apart, lead into the output; gives the
    /// number of those that lead nowhere.
    ///
    /// # Safety
    /// `place` has such elements, as HDF5 has read them; the lock is held.
    unsafe fn point(&self, kind: hid_t, place: *mut u8, count: usize, stride: usize) -> Result<u64, Error> {
        // SAFETY: the type is open; what a type says of its members and of the length of its parts holds for elements
        // that were read in it, so every place is within them.
        unsafe {
            let mut lost = 0;
            match H5Tget_class(kind) {
                H5T_class_t::H5T_REFERENCE => {
                    let size = H5Tget_size(kind);
                    for at in (0..count).map(|number| place.add(number * stride)) {
                        lost += u64::from(!self.point_one(kind, at, size)?);
                    }
                }
                H5T_class_t::H5T_COMPOUND => {
                    for member in 0..u32::try_from(H5Tget_nmembers(kind)).unwrap_or(0) {
                        let part = Handle::new(H5Tget_member_type(kind, member), H5Tclose)?;
                        lost += self.point(part.id(), place.add(H5Tget_member_offset(kind, member)), count, stride)?;
                    }
                }
                H5T_class_t::H5T_ARRAY => {
                    let part = Handle::new(H5Tget_super(kind), H5Tclose)?;
                    let size = H5Tget_size(part.id()).max(1);
                    for number in 0..count {
                        lost += self.point(part.id(), place.add(number * stride), H5Tget_size(kind) / size, size)?;
                    }
                }
                H5T_class_t::H5T_VLEN => {
                    let part = Handle::new(H5Tget_super(kind), H5Tclose)?;
                    let size = H5Tget_size(part.id());
                    for number in 0..count {
                        let several = place.add(number * stride).cast::<hvl_t>().read_unaligned();
                        if !several.p.is_null() {
                            lost += self.point(part.id(), several.p.cast(), several.len, size)?;
                        }
                    }
                }
                _ => {}
            }
            Ok(lost)
        }
    }

    /// One reference of `size` bytes; false if there is nothing in the output to which it could lead, and it is null now.
    ///
    /// # Safety
    /// As for [`Paths::point`].
    unsafe fn point_one(&self, kind: hid_t, place: *mut u8, size: usize) -> Result<bool, Error> {
        // SAFETY: `words` has room for a reference of either kind, and `size` is that of the kind when it is used; every
        // identifier is checked before it is used, and given back.
        unsafe {
            let way = if H5Tequal(kind, *H5T_STD_REF_OBJ) > 0 {
                H5R_OBJECT1
            } else if H5Tequal(kind, *H5T_STD_REF_DSETREG) > 0 {
                H5R_DATASET_REGION1
            } else {
                // References of HDF5 1.12 and later: nobody is known to write them.
                return Ok(false);
            };
            let mut words = [0u64; 2];
            let reference = words.as_mut_ptr().cast::<u8>();
            let size = size.min(size_of_val(&words));
            reference.copy_from_nonoverlapping(place, size);
            if words == [0; 2] {
                return Ok(true);
            }
            let reference = words.as_mut_ptr();
            let object = H5Rdereference2(self.input.id(), H5P_DEFAULT, way, reference.cast());
            let target = if object > 0 { from_id::<Location>(object).ok() } else { None };
            let path = target.and_then(|target| {
                let path = self.seen.get(&format!("{:?}", target.loc_info().ok()?.token))?;
                CString::new(path.as_str()).ok()
            });
            let Some(path) = path else {
                place.write_bytes(0, size);
                return Ok(false);
            };
            let region = if way == H5R_DATASET_REGION1 {
                let region = H5Rget_region(self.input.id(), way, reference.cast());
                Some(Handle::new(region, H5Sclose)?)
            } else {
                None
            };
            let region = region.as_ref().map_or(-1, Handle::id);
            h5check(H5Rcreate(reference.cast(), self.output.id(), path.as_ptr(), way, region))?;
            place.copy_from_nonoverlapping(reference.cast(), size);
            Ok(true)
        }
    }
}

fn done(code: herr_t) -> Result<(), Error> {
    h5check(code).map(drop)
}
