//! Which data set of an HDF5 file is meant.

use super::{ImageError, Purpose, plane_of};
use hdf5_metno::types::TypeDescriptor;
use hdf5_metno::{Dataset, File, Group, LocationType};
use std::path::Path;

/// Where masks stand: plain files, Eiger masters (the mask in use, then NXdetector's).
const MASKS: [&str; 4] = [
    "/mask",
    "/pixel_mask",
    "/entry/instrument/detector/detectorSpecific/pixel_mask",
    "/entry/instrument/detector/pixel_mask",
];

/// Where flat fields stand.
const FLATS: [&str; 4] = [
    "/flatfield",
    "/flat",
    "/entry/instrument/detector/detectorSpecific/flatfield",
    "/entry/instrument/detector/flatfield",
];

/// The path of the data set to read: the one named, the first of the purpose's places that holds an image, or the
/// only image of the file.
pub(super) fn find(opened: &File, path: &Path, named: Option<&str>, purpose: Purpose) -> Result<String, ImageError> {
    if let Some(name) = named {
        if opened.dataset(name).is_ok() {
            return Ok(name.into());
        }
        let wanted = format!("data set {name}");
        return Err(ImageError::NoDataset { path: path.into(), wanted, candidates: images(opened) });
    }
    let places: &[&str] = match purpose {
        Purpose::Any => &[],
        Purpose::Mask => &MASKS,
        Purpose::Flat => &FLATS,
    };
    if let Some(place) = places.iter().find(|place| opened.dataset(place).is_ok_and(|dataset| is_image(&dataset))) {
        return Ok(place.to_string());
    }
    let mut candidates = images(opened);
    match candidates.len() {
        1 => Ok(candidates.remove(0)),
        0 => Err(ImageError::NoDataset { path: path.into(), wanted: "data set of one image".into(), candidates }),
        _ => Err(ImageError::Ambiguous { path: path.into(), candidates }),
    }
}

/// Whether a data set is one image of numbers.
fn is_image(dataset: &Dataset) -> bool {
    let number = dataset.dtype().and_then(|dtype| dtype.to_descriptor()).is_ok_and(|descriptor| {
        use TypeDescriptor::{Boolean, Float, Integer, Unsigned};
        matches!(descriptor, Integer(_) | Unsigned(_) | Float(_) | Boolean)
    });
    number && plane_of(&dataset.shape()).is_ok()
}

/// The paths of all images, each object once.
fn images(opened: &File) -> Vec<String> {
    let mut walk = Walk { found: Vec::new(), seen: Vec::new() };
    if let Ok(root) = opened.group("/") {
        walk.group(&root, "", 0);
    }
    walk.found.sort();
    walk.found
}

struct Walk {
    found: Vec<String>,
    /// Objects visited: file number and token, so that circles of links end.
    seen: Vec<(u64, String)>,
}

impl Walk {
    fn group(&mut self, group: &Group, path: &str, depth: usize) {
        const DEEPEST: usize = 16;
        const MOST: usize = 10_000;
        if depth > DEEPEST || self.seen.len() > MOST || !self.is_new(group) {
            return;
        }
        for name in group.member_names().unwrap_or_default() {
            let path = format!("{path}/{name}");
            match group.loc_type_by_name(&name) {
                Ok(LocationType::Group) => {
                    if let Ok(inner) = group.group(&name) {
                        self.group(&inner, &path, depth + 1);
                    }
                }
                Ok(LocationType::Dataset) => {
                    if let Ok(dataset) = group.dataset(&name)
                        && self.is_new(&dataset)
                        && is_image(&dataset)
                    {
                        self.found.push(path);
                    }
                }
                // Links that lead nowhere are no images.
                _ => {}
            }
        }
    }

    fn is_new(&mut self, object: &hdf5_metno::Location) -> bool {
        let Ok(info) = object.loc_info() else { return false };
        let key = (info.fileno, format!("{:?}", info.token));
        let new = !self.seen.contains(&key);
        if new {
            self.seen.push(key);
        }
        new
    }
}
