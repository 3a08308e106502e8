//! Outputs that would destroy an input or each other.

use super::table_args::{Geometry, Pixels};
use debye::source::SourceInfo;
use std::path::{Path, PathBuf};

/// What names the files that a run reads.
pub struct Named<'a> {
    /// The frames.
    pub input: &'a Path,
    /// PONI file or table.
    pub geometry: &'a Geometry,
    /// Masks and flat field.
    pub pixels: &'a Pixels,
}

/// Refuses outputs that are files this run reads (overwriting would destroy the measurement), and two outputs of one
/// name.
pub fn check(info: &SourceInfo, named: &Named<'_>, outputs: &[Option<&Path>]) -> Result<(), String> {
    let inputs: Vec<PathBuf> = info
        .files
        .iter()
        .map(PathBuf::as_path)
        .chain([named.input])
        .chain(named.geometry.poni.as_deref())
        .chain(named.geometry.table.as_deref())
        .chain(named.pixels.mask.iter().chain(&named.pixels.flat).map(|spec| file_of(spec)))
        .map(resolved)
        .collect();
    let mut seen: Vec<PathBuf> = Vec::new();
    for target in outputs.iter().flatten() {
        let file = resolved(target);
        if inputs.contains(&file) {
            return Err(format!("{} is read by this run: give the output another name", target.display()));
        }
        if seen.contains(&file) {
            return Err(format!("{} is the name of two outputs: give each its own", target.display()));
        }
        seen.push(file);
    }
    Ok(())
}

/// The file of `FILE` or `FILE::DATASET`.
fn file_of(spec: &str) -> &Path {
    Path::new(spec.split_once("::").map_or(spec, |(file, _)| file))
}

/// The path without links, `.` and `..`, as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match (folder.canonicalize(), path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path.into(),
        }
    })
}
