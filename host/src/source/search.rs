//! Finding the frames in a file.

use super::error::SourceError;
use super::open::open_file;
use super::{eiger, h5};
use hdf5_metno::{Dataset, File, Group, LinkType, LocationType, OpenMode};
use serde::Serialize;
use std::collections::HashSet;
use std::path::Path;

/// Data sets that make a source, in the order of their frames.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What to call the whole: a data set's path, or the group's.
    pub name: String,
    /// Paths in the named file.
    pub paths: Vec<String>,
}

impl Found {
    fn one(path: &str) -> Found {
        Found { name: path.into(), paths: vec![path.into()] }
    }
}

/// A data set that could hold frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Path in the file.
    pub path: String,
    /// Dimensions.
    pub dimensions: Vec<usize>,
    /// numpy's name of the type.
    pub dtype: String,
}

impl Candidate {
    fn elements(&self) -> usize {
        self.dimensions.iter().fold(1, |product: usize, &n| product.saturating_mul(n))
    }

    /// Path, shape and type in one.
    pub fn describe(&self) -> String {
        let mut words: Vec<String> = self.dimensions.iter().map(usize::to_string).collect();
        if words.is_empty() {
            words.push("scalar".into());
        }
        format!("{} ({} {})", self.path, words.join(" x "), self.dtype)
    }
}

/// All integer data sets of two or more dimensions in a file, each once.
///
/// # Errors
/// The file cannot be opened.
pub fn candidates(file: &Path) -> Result<Vec<Candidate>, SourceError> {
    Ok(walk(&open_file(file, OpenMode::Read)?).frames)
}

/// Everything that a walk over a file comes across.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Integer data sets of two or more dimensions.
    pub frames: Vec<Candidate>,
    /// Other data sets.
    pub others: Vec<Candidate>,
    /// External links that lead nowhere.
    pub broken: Vec<String>,
    /// Objects that are there but cannot be opened, and why.
    pub damaged: Vec<(String, String)>,
    seen: HashSet<(u64, String)>,
}

/// Finds what to read: `dataset` when it is named, else by the conventions of file writers.
pub(super) fn find(opened: &File, file: &Path, dataset: Option<&str>) -> Result<Found, SourceError> {
    if let Some(path) = dataset {
        return named(opened, file, path);
    }
    if is_image(opened, "/entry/data/data") {
        return Ok(Found::one("/entry/data/data"));
    }
    if let Some(found) = eiger::data_files(opened, "/entry/data") {
        return Ok(found);
    }
    if let Some(path) = nexus_default(opened) {
        return Ok(Found::one(&path));
    }
    for path in ["/entry/instrument/detector/data", "/entry_0000/measurement/data"] {
        if is_image(opened, path) {
            return Ok(Found::one(path));
        }
    }
    largest(walk(opened), file)
}

fn named(opened: &File, file: &Path, path: &str) -> Result<Found, SourceError> {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    match opened.loc_type_by_name(&path) {
        Ok(LocationType::Dataset) => Ok(Found::one(&path)),
        Ok(LocationType::Group) => {
            if let Some(found) = eiger::data_files(opened, &path) {
                return Ok(found);
            }
            let inner = format!("{}/data", path.trim_end_matches('/'));
            if is_image(opened, &inner) {
                return Ok(Found::one(&inner));
            }
            if let Some(signal) = opened.group(&path).ok().and_then(|group| signal_of(&group, &path)) {
                return Ok(Found::one(&signal));
            }
            let mut within = walk(opened);
            within.frames.retain(|one| one.path.starts_with(&format!("{}/", path.trim_end_matches('/'))));
            if within.frames.is_empty() {
                return Err(no_such(opened, file, &format!("image data set in the group {path}")));
            }
            largest(within, file)
        }
        // A link that leads nowhere: opening it says where it should lead.
        _ if opened.link_exists(&path) => Ok(Found::one(&path)),
        _ => Err(no_such(opened, file, &format!("data set {path}"))),
    }
}

fn no_such(opened: &File, file: &Path, dataset: &str) -> SourceError {
    let candidates = walk(opened).frames.iter().map(Candidate::describe).collect();
    SourceError::NoSuchDataset { file: file.into(), dataset: dataset.into(), candidates }
}

/// NeXus: the signal of the default plot (`default` attributes from the root down).
fn nexus_default(opened: &File) -> Option<String> {
    let mut path = String::new();
    let mut group: Group = opened.group("/").ok()?;
    for _ in 0..8 {
        if let Some(signal) = signal_of(&group, &path) {
            return is_image(opened, &signal).then_some(signal);
        }
        let next = text_attribute(&group, "default")?;
        path = if next.starts_with('/') { next } else { format!("{path}/{next}") };
        group = opened.group(&path).ok()?;
    }
    None
}

fn signal_of(group: &Group, path: &str) -> Option<String> {
    let signal = text_attribute(group, "signal")?;
    Some(if signal.starts_with('/') { signal } else { format!("{}/{signal}", path.trim_end_matches('/')) })
}

fn text_attribute(group: &Group, name: &str) -> Option<String> {
    use hdf5_metno::types::{FixedAscii, FixedUnicode, VarLenAscii, VarLenUnicode};
    let attribute = group.attr(name).ok()?;
    (attribute.read_scalar::<VarLenUnicode>().map(|text| text.as_str().to_owned()))
        .or_else(|_| attribute.read_scalar::<VarLenAscii>().map(|text| text.as_str().to_owned()))
        .or_else(|_| attribute.read_scalar::<FixedUnicode<256>>().map(|text| text.as_str().to_owned()))
        .or_else(|_| attribute.read_scalar::<FixedAscii<256>>().map(|text| text.as_str().to_owned()))
        .ok()
}

/// Whether a path leads to a data set of two or more dimensions. One of a wrong type, one that is damaged and a link
/// that leads nowhere count, too: opening them says so, which is better than to read something else.
fn is_image(opened: &File, path: &str) -> bool {
    match opened.dataset(path) {
        Ok(dataset) => dataset.ndim() >= 2,
        Err(_) => match opened.loc_type_by_name(path) {
            Ok(kind) => kind == LocationType::Dataset,
            Err(_) => opened.link_exists(path),
        },
    }
}

/// The largest of what a walk found; masks are images, but not frames.
fn largest(mut walked: Walk, file: &Path) -> Result<Found, SourceError> {
    let is_mask = |one: &Candidate| one.path.rsplit('/').next().is_some_and(|name| name.contains("mask"));
    let (masks, frames) = walked.frames.into_iter().partition(is_mask);
    walked.others.splice(0..0, masks);
    walked.frames = frames;
    let most = walked.frames.iter().map(Candidate::elements).max().unwrap_or(0);
    let best: Vec<&Candidate> = walked.frames.iter().filter(|one| one.elements() == most).collect();
    match best.as_slice() {
        [] => match (walked.broken.first(), walked.damaged.first()) {
            // Opening it says which file is missing.
            (Some(path), _) => Ok(Found::one(path)),
            (None, Some((path, why))) => {
                Err(SourceError::Hdf5 { file: file.into(), message: format!("{path}: {why}") })
            }
            (None, None) => {
                let others = walked.others.iter().map(Candidate::describe).collect();
                Err(SourceError::NothingToRead { file: file.into(), others })
            }
        },
        [one] => Ok(Found::one(&one.path)),
        several => {
            let candidates = several.iter().map(|one| one.describe()).collect();
            Err(SourceError::Ambiguous { file: file.into(), candidates })
        }
    }
}

/// Visits every data set that can be reached, each once.
pub(super) fn walk(opened: &File) -> Walk {
    let mut walk = Walk::default();
    if let Ok(root) = opened.group("/") {
        walk.group(&root, "", 0);
    }
    walk
}

impl Walk {
    fn group(&mut self, group: &Group, path: &str, depth: usize) {
        const DEEPEST: usize = 32;
        const MOST: usize = 100_000;
        if depth > DEEPEST || self.seen.len() > MOST || !self.is_new(group) {
            return;
        }
        let mut links = Vec::new();
        let listed = group.iter_visit_default(|name, info| {
            links.push((name.to_owned(), info.link_type));
            Ok(())
        });
        if let Err(error) = listed {
            self.damaged.push((format!("{path}/"), h5::cause(&error)));
            return;
        }
        // Hard links first, so that an object is known by its own path rather than by a soft link's.
        links.sort_by_key(|(name, kind)| (*kind != LinkType::Hard, name.clone()));
        for (name, kind) in links {
            let path = format!("{path}/{name}");
            match group.loc_type_by_name(&name) {
                Ok(LocationType::Dataset) => match group.dataset(&name) {
                    Ok(dataset) => self.dataset(&dataset, path),
                    Err(error) => self.damaged.push((path, h5::cause(&error))),
                },
                Ok(LocationType::Group) => {
                    if let Ok(inner) = group.group(&name) {
                        self.group(&inner, &path, depth + 1);
                    }
                }
                Ok(_) => {}
                Err(_) if kind == LinkType::External => self.broken.push(path),
                Err(error) if kind == LinkType::Hard => self.damaged.push((path, h5::cause(&error))),
                Err(_) => {}
            }
        }
    }

    fn dataset(&mut self, dataset: &Dataset, path: String) {
        if !self.is_new(dataset) {
            return;
        }
        let Ok(stored) = h5::stored_type(dataset) else { return };
        let candidate = Candidate { path, dimensions: dataset.shape(), dtype: stored.name };
        if stored.element.is_some() && candidate.dimensions.len() >= 2 {
            self.frames.push(candidate);
        } else {
            self.others.push(candidate);
        }
    }

    fn is_new(&mut self, object: &hdf5_metno::Location) -> bool {
        let Ok(info) = object.loc_info() else { return false };
        self.seen.insert((info.fileno, format!("{:?}", info.token)))
    }
}
