//! What was carried over as it was, read again and compared with the input: links, attributes, and data sets that were not
//! recoded. With [`super::verify`] nothing of the input is left of which nobody knows whether the output has it.

use super::equal::Pair;
use super::values::Values;
use super::{RecodeError, Recoded, kept};
use crate::hdf5_handle::{Handle, object};
use crate::source::raw;
use hdf5_metno::{Dataset, Error, File, Group, LinkType, Location, LocationType, h5check, sync::sync};
use hdf5_metno_sys::h5a::{H5Aclose, H5Aget_space, H5Aget_type, H5Aopen, H5Aread};
use hdf5_metno_sys::h5p::H5P_DEFAULT;
use hdf5_metno_sys::h5s::{H5Sclose, H5Sextent_equal};
use hdf5_metno_sys::h5t::{H5Tclose, H5Tequal};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};

/// What lossy steps leave in the output: an attribute of the data set, and a group of this name or one that begins so.
const LOSSY: &str = "debye_lossy";

/// What the output has that is not the input's, and what it lacks.
pub(super) struct Known<'a> {
    /// Data sets whose pixels were compared.
    pub recoded: &'a [Recoded],
    /// Paths of data sets, and of attributes (`path@name`), that are told of as left behind: nobody removes the input then.
    pub left_behind: HashSet<&'a str>,
    /// Lossy steps are recorded.
    pub lossy: bool,
}

/// Two objects that belong together.
pub(super) struct Two<T> {
    pub before: T,
    pub after: T,
}

/// Compares all that `known` does not except.
pub(super) fn compare(input: &File, output: &File, known: &Known<'_>, stop: &AtomicBool) -> Result<(), RecodeError> {
    let mut pair = Pair { input, output, tokens: HashMap::new() };
    let objects = walk(&mut pair, known)?;
    // By what they are: hard links may lead to one under another name first.
    let mut recoded = HashMap::new();
    for set in known.recoded {
        let info =
            input.loc_info_by_name(&set.path).map_err(|error| RecodeError::hdf5("look at", &set.path, &error))?;
        recoded.insert(format!("{:?}", info.token), set);
    }
    for (path, token, kind) in &objects {
        if stop.load(Ordering::Relaxed) {
            return Err(RecodeError::Interrupted);
        }
        let set = recoded.get(token);
        let path = set.map_or(path, |set| &set.path);
        let failed = |error: Error| RecodeError::hdf5("compare", path, &error);
        let differs = |what: &str| Err(RecodeError::Carried { object: path.clone(), what: what.into() });
        let two = Two { before: object(input, path).map_err(failed)?, after: object(output, path).map_err(failed)? };
        if let Some(what) = attributes(&pair, &two, path, known, set.is_some_and(|set| set.lossy)).map_err(failed)? {
            return differs(&what);
        }
        if *kind == LocationType::NamedDatatype {
            // SAFETY: both are open types, the lock is held.
            let equal = sync(|| h5check(unsafe { H5Tequal(two.before.id(), two.after.id()) })).map_err(failed)?;
            if equal == 0 {
                return differs("type");
            }
        }
        if *kind == LocationType::Dataset {
            let open = |file: &File| file.dataset(path).map_err(failed);
            let two: Two<Dataset> = Two { before: open(input)?, after: open(output)? };
            let found = match set {
                Some(_) => kept::same_frame(&pair, &two),
                None => kept::same(&pair, &two, known.left_behind.contains(path.as_str()), stop),
            };
            if let Some(what) = found.map_err(failed)? {
                return differs(what);
            }
        }
    }
    // One that was stopped within its last object has not compared it.
    if stop.load(Ordering::Relaxed) { Err(RecodeError::Interrupted) } else { Ok(()) }
}

/// Path, token in the input and kind.
type Object = (String, String, LocationType);

/// Goes along the links of both files and compares them; gives the objects, each once.
fn walk(pair: &mut Pair<'_>, known: &Known<'_>) -> Result<Vec<Object>, RecodeError> {
    let mut objects = Vec::new();
    let mut groups = vec![String::new()];
    let mut taken = HashSet::new();
    while let Some(path) = groups.pop() {
        let shown = if path.is_empty() { "/" } else { &path };
        let failed = |error: Error| RecodeError::hdf5("compare", shown, &error);
        let open = |file: &File| file.group(shown).map_err(failed);
        let two = Two { before: open(pair.input)?, after: open(pair.output)? };
        if path.is_empty() {
            let token = |group: &Group| group.loc_info().map(|info| format!("{:?}", info.token)).map_err(failed);
            let tokens = (token(&two.before)?, token(&two.after)?);
            objects.push(("/".into(), tokens.0.clone(), LocationType::Group));
            taken.insert(tokens.1.clone());
            pair.tokens.insert(tokens.0, tokens.1);
        }
        let (before, after) = (links(&two.before).map_err(failed)?, links(&two.after).map_err(failed)?);
        let more = |(name, link): &(&String, &LinkType)| {
            !(before.contains_key(*name) || known.lossy && name.starts_with(LOSSY) && **link == LinkType::Hard)
        };
        if let Some((name, _)) = after.iter().find(more) {
            return Err(RecodeError::Carried { object: format!("{path}/{name}"), what: "link".into() });
        }
        for (name, link) in before {
            let path = format!("{path}/{name}");
            let differs = |what: &str| Err(RecodeError::Carried { object: path.clone(), what: what.into() });
            let failed = |error: Error| RecodeError::hdf5("compare", &path, &error);
            if after.get(&name) != Some(&link) {
                return differs("link");
            }
            if link != LinkType::Hard {
                let value = |group| raw::link_value(group, &name).map_err(failed);
                if value(&two.before)? != value(&two.after)? {
                    return differs("link's target");
                }
                continue;
            }
            let info = |group: &Group| group.loc_info_by_name(&name).map_err(failed);
            let (from, to) = (info(&two.before)?, info(&two.after)?);
            let tokens = (format!("{:?}", from.token), format!("{:?}", to.token));
            match pair.tokens.get(&tokens.0) {
                Some(known) if *known == tokens.1 => continue,
                // Of one object were made two, or one of two.
                Some(_) => return differs("link's target"),
                None if !taken.insert(tokens.1.clone()) => return differs("link's target"),
                None if from.loc_type != to.loc_type => return differs("kind"),
                None => {}
            }
            if from.loc_type == LocationType::Group {
                groups.push(path.clone());
            }
            objects.push((path, tokens.0.clone(), from.loc_type));
            pair.tokens.insert(tokens.0, tokens.1);
        }
    }
    Ok(objects)
}

fn links(group: &Group) -> Result<BTreeMap<String, LinkType>, Error> {
    let mut links = BTreeMap::new();
    group.iter_visit_default(|name, info| {
        links.insert(name.to_owned(), info.link_type);
        Ok(())
    })?;
    Ok(links)
}

/// What differs between the attributes of two objects.
fn attributes(
    pair: &Pair<'_>,
    two: &Two<Location>,
    path: &str,
    known: &Known<'_>,
    lossy: bool,
) -> Result<Option<String>, Error> {
    let names = |object: &Location| Ok::<_, Error>(object.attr_names()?.into_iter().collect::<HashSet<_>>());
    let (before, after) = (names(&two.before)?, names(&two.after)?);
    if let Some(more) = after.iter().find(|name| !(before.contains(*name) || lossy && *name == LOSSY)) {
        return Ok(Some(format!("attribute {more}")));
    }
    for name in before {
        if known.left_behind.contains(format!("{path}@{name}").as_str()) {
            continue;
        }
        if !after.contains(&name) || !sync(|| same_attribute(pair, two, &name))? {
            return Ok(Some(format!("attribute {name}")));
        }
    }
    Ok(None)
}

/// To be called with the lock held.
fn same_attribute(pair: &Pair<'_>, two: &Two<Location>, name: &str) -> Result<bool, Error> {
    let name = CString::new(name).map_err(|_| Error::from("a name with a zero byte"))?;
    // SAFETY: the lock is held; every identifier is checked before it is used and closed by its handle; what is read has
    // room for all elements in the type that is both the file's and the memory's.
    unsafe {
        let open = |object: &Location| {
            let attribute = Handle::new(H5Aopen(object.id(), name.as_ptr(), H5P_DEFAULT), H5Aclose)?;
            let kind = Handle::new(H5Aget_type(attribute.id()), H5Tclose)?;
            let space = Handle::new(H5Aget_space(attribute.id()), H5Sclose)?;
            Ok::<_, Error>((attribute, kind, space))
        };
        let (before, after) = (open(&two.before)?, open(&two.after)?);
        if h5check(H5Tequal(before.1.id(), after.1.id()))? == 0
            || h5check(H5Sextent_equal(before.2.id(), after.2.id()))? == 0
        {
            return Ok(false);
        }
        let read = |(attribute, kind, _): &(Handle, Handle, Handle), place: *mut u8| {
            h5check(H5Aread(attribute.id(), kind.id(), place.cast())).map(|_| ())
        };
        let mut values = Values::read(&before.1, &before.2, |place| read(&before, place))?;
        let mut others = Values::read(&after.1, &after.2, |place| read(&after, place))?;
        pair.same(&mut values, &mut others)
    }
}

#[cfg(test)]
#[path = "carried_tests.rs"]
mod tests;
