//! Outputs that would destroy an input or each other.

use super::args::Args;
use debye::source::SourceInfo;
use std::path::{Path, PathBuf};

/// Refuses outputs that are files this run reads (overwriting would destroy the measurement), and two outputs of one
/// name.
pub fn check(args: &Args, info: &SourceInfo, output: Option<&Path>) -> Result<(), String> {
    let outputs =
        [output, args.output.export.as_deref(), args.output.plot.as_deref(), args.geometry.save_table.as_deref()];
    let inputs: Vec<PathBuf> = info
        .files
        .iter()
        .map(PathBuf::as_path)
        .chain([args.input.as_path()])
        .chain(args.geometry.poni.as_deref())
        .chain(args.geometry.table.as_deref())
        .chain(args.pixels.mask.iter().chain(&args.pixels.flat).map(|spec| file_of(spec)))
        .map(resolved)
        .collect();
    let mut seen: Vec<PathBuf> = Vec::new();
    for target in outputs.into_iter().flatten() {
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
