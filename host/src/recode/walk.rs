//! From group to group: what is recoded, what is copied, what is linked.

use super::record::record;
use super::references::{self, Pending};
use super::{Note, Progress, RecodeError, Recoded, Request, Task, attributes};
use crate::codec::encode::Encoder;
use crate::hdf5_handle::object;
use crate::source::raw;
use hdf5_metno::plist::dataset_create::Layout;
use hdf5_metno::{Dataset, Error, File, Group, LinkType, Location, LocationToken, LocationType};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Of links that HDF5 follows by the name of a file.
const LEADS_BACK: &str = "it leads to the input, by its name";

/// Most groups within one another: far more than anybody makes, and a stack holds them.
pub(super) const DEEPEST: usize = 1000;

/// What was done.
#[derive(Default)]
pub(super) struct Done {
    pub datasets: Vec<Recoded>,
    pub kept: Vec<Note>,
    pub left_behind: Vec<Note>,
    /// Data sets that cards could not take, and why.
    pub by_cpu: Vec<String>,
}

/// A data set by its token, and the path by which it is known.
pub(super) type Named = (LocationToken, String);

/// Paths of objects in the output, by their tokens in the input (which print, but do not hash).
pub(super) type Seen = HashMap<String, String>;

/// A walk over the input's objects.
pub(super) struct Walk<'a> {
    pub(super) request: &'a Request,
    pub(super) stop: &'a AtomicBool,
    pub(super) progress: &'a mut dyn FnMut(Progress),
    /// Data sets that were named, by what they are: a hard link may lead to one first.
    pub(super) asked: Vec<Named>,
    /// Data sets that lossy steps are for.
    pub(super) frames: Vec<Named>,
    pub(super) state: Progress,
    /// References that wait for what they lead to.
    pending: Vec<Pending>,
}

impl<'a> Walk<'a> {
    /// Checks the request against the input.
    pub fn new(
        request: &'a Request,
        input: &File,
        stop: &'a AtomicBool,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Result<Walk<'a>, RecodeError> {
        let own = input.loc_info().map_err(|error| RecodeError::hdf5("look at", &request.input, &error))?.fileno;
        let mut asked: Vec<Named> = Vec::new();
        for path in &request.datasets {
            let why = match input.loc_info_by_name(path) {
                Ok(info) if info.fileno != own => "it is behind a link to another file: give that file".into(),
                Ok(info) if info.loc_type == LocationType::Dataset => {
                    asked.push((info.token, absolute(path)));
                    continue;
                }
                Ok(_) => "it is no data set".into(),
                Err(_) => "it is not there".into(),
            };
            return Err(RecodeError::Dataset { file: request.input.clone(), dataset: path.clone(), why });
        }
        let mut frames = Vec::new();
        if let Task::Compress { lossy, codec, block, .. } = &request.task {
            // A block size that cannot be is told before anything is written.
            Encoder::with_codec(debye_spec::Element::U32, *block, *codec)?;
            if !lossy.is_none() {
                frames.clone_from(&asked);
                if frames.is_empty() {
                    let found = raw::frames_of(input, &request.input).into_iter();
                    let here = |path: String| {
                        let info = input.loc_info_by_name(&path).ok()?;
                        (info.fileno == own).then_some((info.token, path))
                    };
                    frames = found.filter_map(here).collect();
                }
                if frames.is_empty() {
                    return Err(RecodeError::NoFrames(request.input.clone()));
                }
            }
        }
        let state = Progress { done: 0, stored: 0, verifying: false };
        Ok(Walk { request, stop, progress, asked, frames, state, pending: Vec::new() })
    }

    pub(super) fn hdf5(&self, action: &'static str, path: &str) -> impl Fn(Error) -> RecodeError + use<> {
        let path = path.to_owned();
        move |error| RecodeError::hdf5(action, &path, &error)
    }

    /// Copies everything from `input` to `output`.
    pub fn copy(&mut self, input: &File, output: &File) -> Result<Done, RecodeError> {
        let mut done = Done::default();
        let mut seen = Seen::new();
        self.group(input, output, "", &mut seen, &mut done)?;
        done.left_behind.extend(references::carry(&self.pending, input, output, &seen));
        for (_, path) in &self.asked {
            if let Some(note) = done.kept.iter().find(|note| note.path == *path) {
                let (dataset, why) = (path.clone(), note.why.clone());
                return Err(RecodeError::Dataset { file: self.request.input.clone(), dataset, why });
            }
        }
        if done.datasets.is_empty() {
            let kept = done.kept.iter().map(|note| format!("{} ({})", note.path, note.why)).collect();
            return Err(RecodeError::Nothing { file: self.request.input.clone(), kept });
        }
        if let Task::Compress { lossy, .. } = &self.request.task
            && !lossy.is_none()
        {
            record(output, lossy, self.request).map_err(self.hdf5("record the lossy steps in", "the output"))?;
        }
        Ok(done)
    }

    fn group(
        &mut self,
        from: &Group,
        to: &Group,
        path: &str,
        seen: &mut Seen,
        done: &mut Done,
    ) -> Result<(), RecodeError> {
        let shown = if path.is_empty() { "/" } else { path };
        let token = from.loc_info().map_err(self.hdf5("look at", shown))?.token;
        seen.insert(format!("{token:?}"), shown.to_owned());
        let waiting = attributes::copy(from, to).map_err(self.hdf5("copy the attributes of", shown))?;
        self.wait(from, to, shown, waiting);
        let mut links = Vec::new();
        from.iter_visit_default(|name, info| {
            links.push((info.creation_order, name.to_owned(), info.link_type));
            Ok(())
        })
        .map_err(self.hdf5("list", shown))?;
        // In the order in which they were made, where the group keeps it: else all are `None`.
        links.sort_by_key(|(order, ..)| *order);
        for (_, name, link) in links {
            let path = format!("{path}/{name}");
            let here = |action| self.hdf5(action, &path);
            match link {
                LinkType::Soft => {
                    let target =
                        raw::soft_link(from, &name).ok_or_else(|| here("read the link")(Error::from("no value")))?;
                    to.link_soft(&target, &name).map_err(here("link"))?;
                }
                LinkType::External => {
                    let target = raw::external_link(from, &name);
                    let (file, object) = target.ok_or_else(|| here("read the link")(Error::from("no value")))?;
                    to.link_external(&file, &object, &name).map_err(here("link"))?;
                    if let Some(why) = self.told_of_link(&file) {
                        done.left_behind.push(Note { path: path.clone(), why });
                    }
                }
                LinkType::Hard => {
                    let info = from.loc_info_by_name(&name).map_err(here("look at"))?;
                    let token = format!("{:?}", info.token);
                    if let Some(first) = seen.get(&token) {
                        to.link_hard(first, &name).map_err(here("link"))?;
                        continue;
                    }
                    if info.loc_type == LocationType::Group {
                        if path.matches('/').count() > DEEPEST {
                            return Err(RecodeError::Deep(self.request.input.clone()));
                        }
                        let group = from.group(&name).map_err(here("open"))?;
                        let made = make_group(to, &name, &group).map_err(here("make"))?;
                        self.group(&group, &made, &path, seen, done)?;
                        continue;
                    }
                    seen.insert(token, path.clone());
                    if info.loc_type == LocationType::Dataset {
                        let dataset = from.dataset(&name).map_err(here("open"))?;
                        let known = self.asked.iter().chain(&self.frames).find(|(token, _)| *token == info.token);
                        let known = known.map_or(path.clone(), |(_, known)| known.clone());
                        self.dataset(&dataset, to, &name, &known, done)?;
                    } else if info.loc_type == LocationType::NamedDatatype {
                        raw::copy_type(from, &name, to).map_err(here("copy"))?;
                        let (kind, copied) = (object(from, &name), object(to, &name));
                        let (kind, copied) = (kind.map_err(here("open"))?, copied.map_err(here("open"))?);
                        let waiting = references::attributes_of(&kind).map_err(here("look at the attributes of"))?;
                        self.wait(&kind, &copied, &path, waiting);
                    } else {
                        return Err(here("copy")(Error::from("it is neither group, data set nor type")));
                    }
                }
            }
        }
        Ok(())
    }

    fn dataset(
        &mut self,
        dataset: &Dataset,
        to: &Group,
        name: &str,
        path: &str,
        done: &mut Done,
    ) -> Result<(), RecodeError> {
        let why = match self.opened(dataset, path) {
            Ok(set) => {
                let recoded = self.recode(set, dataset, to, name, path, done)?;
                done.datasets.push(recoded);
                return Ok(());
            }
            Err(why) => why,
        };
        if dataset.layout() == Layout::Virtual && raw::takes_from_files(dataset) && !self.same_folder() {
            return Err(RecodeError::Virtual { file: self.request.input.clone(), dataset: path.into() });
        }
        dataset.copy_to(to, name).map_err(self.hdf5("copy", path))?;
        let copied = to.dataset(name).map_err(self.hdf5("open", path))?;
        let waiting = references::attributes_of(dataset).map_err(self.hdf5("look at the attributes of", path))?;
        self.wait(dataset, &copied, path, waiting);
        if references::are_in(dataset).map_err(self.hdf5("look at", path))? {
            let (from, to) = (Location::clone(dataset), Location::clone(&copied));
            self.pending.push(Pending { from, to, path: path.into(), attribute: None });
        }
        if raw::has_raw_files(dataset) && !self.same_folder() {
            let why = "its elements are in files of their own, which stay in the folder of the input".into();
            done.left_behind.push(Note { path: path.into(), why });
        }
        if raw::reads_from(dataset, &self.request.input) {
            done.left_behind.push(Note { path: path.into(), why: LEADS_BACK.into() });
        }
        done.kept.push(Note { path: path.into(), why });
        Ok(())
    }

    /// Attributes with references, of an object that is in both files.
    pub(super) fn wait(&mut self, from: &Location, to: &Location, path: &str, attributes: Vec<String>) {
        self.pending.extend(attributes.into_iter().map(|name| Pending {
            from: from.clone(),
            to: to.clone(),
            path: path.into(),
            attribute: Some(name),
        }));
    }

    /// What becomes of a link to `file`, which is written as it was, where it does not lead there any more.
    fn told_of_link(&self, file: &str) -> Option<String> {
        let folder = |path: &Path| path.parent().unwrap_or(Path::new("")).to_path_buf();
        let (input, output) = (&self.request.input, &self.request.output);
        let there = folder(input).join(file);
        if super::same_file(&there, input) {
            return Some(LEADS_BACK.into());
        }
        let lost = !self.same_folder() && there.exists() && !folder(output).join(file).exists();
        lost.then(|| format!("it leads to {file} in the folder of the input, which is not in that of the output"))
    }

    fn same_folder(&self) -> bool {
        let folder = |file: &Path| match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.canonicalize(),
            _ => Path::new(".").canonicalize(),
        };
        matches!((folder(&self.request.input), folder(&self.request.output)), (Ok(a), Ok(b)) if a == b)
    }
}

/// A path as the walk makes them.
fn absolute(path: &str) -> String {
    format!("/{}", path.trim_matches('/'))
}

/// A group that keeps the order of its links and attributes as the input's does. (The input's own property list will not
/// do: that of a group with many links says where in its file they are.)
fn make_group(to: &Group, name: &str, like: &Group) -> Result<Group, Error> {
    let kept = like.create_plist()?;
    let (links, attributes) = (kept.get_link_creation_order()?, kept.get_attr_creation_order()?);
    to.create_group_builder()
        .with_create_plist(|list| {
            list.obj_track_times(false).link_creation_order(links).attr_creation_order(attributes)
        })
        .create(name)
}
