//! The frames that are kept, as a virtual data set: no pixel is copied, and h5py, silx and debye read it as any other.

use super::{Class, Decision, Features, TriageError};
use crate::beside::Beside;
use crate::put;
use crate::source::{FrameSource, Origin};
use debye_spec::Element;
use hdf5::{Hyperslab, SliceOrIndex};
use hdf5_metno as hdf5;
use std::path::Path;

/// What an output tells beside the frames.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Features of every frame.
    pub features: &'a [Features],
    /// Classes of every frame.
    pub decision: &'a Decision,
    /// Which of them are kept, as places in `features`; rising.
    pub kept: &'a [usize],
    /// The rules, as JSON.
    pub rules: &'a str,
    /// The command line.
    pub command_line: &'a str,
}

/// Consecutive frames of one data set.
struct Run {
    origin: Origin,
    frames: usize,
}

/// Writes the kept frames of `source` as `/entry/data/data`, with the frames' numbers, and what is known of every frame in
/// `/entry/triage`. A source in the same folder is named without one, so that both can be moved together.
///
/// # Errors
/// The place of a frame is not known, or the output cannot be written.
pub fn write(output: &Path, overwrite: bool, source: &dyn FrameSource, about: &About<'_>) -> Result<(), TriageError> {
    let beside = Beside::create(output, overwrite)?;
    let runs = runs(source, about)?;
    let file = file_name(&source.info().file, output)?;
    fill(beside.path(), source, &file, &runs, about)
        .map_err(|error| TriageError::Hdf5 { file: output.into(), error })?;
    Ok(beside.commit()?)
}

fn runs(source: &dyn FrameSource, about: &About<'_>) -> Result<Vec<Run>, TriageError> {
    let mut runs: Vec<Run> = Vec::new();
    for &at in about.kept {
        let frame = about.features[at].frame;
        let unknown = || TriageError::NoPlace { frame, file: source.info().file.clone() };
        let origin = source.origin(frame).ok_or_else(unknown)?;
        match runs.last_mut() {
            // Frames of more than three dimensions are not one slab.
            Some(run)
                if run.origin.dataset == origin.dataset
                    && origin.dimensions.len() == 3
                    && run.origin.frame + run.frames == origin.frame =>
            {
                run.frames += 1;
            }
            _ => runs.push(Run { origin, frames: 1 }),
        }
    }
    Ok(runs)
}

/// How the output names the source's file. HDF5 takes `%b` for a number of a block: `%` is doubled.
fn file_name(input: &Path, output: &Path) -> Result<String, TriageError> {
    let no_text = || TriageError::Name(input.into());
    let full = input.canonicalize().map_err(|_| no_text())?;
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let together = folder.canonicalize().ok().as_deref() == full.parent();
    let name = if together { full.file_name().map(Path::new) } else { Some(full.as_path()) };
    Ok(name.and_then(Path::to_str).ok_or_else(no_text)?.replace('%', "%%"))
}

fn fill(path: &Path, source: &dyn FrameSource, file_name: &str, runs: &[Run], about: &About<'_>) -> hdf5::Result<()> {
    let file = put::file(path)?;
    put::text_attribute(&file, "default", "entry")?;
    let entry = put::class(&file, "entry", "NXentry")?;
    put::text_attribute(&entry, "default", "data")?;
    let data = put::class(&entry, "data", "NXdata")?;
    put::text_attribute(&data, "signal", "data")?;
    let (shape, kept) = (source.info().shape, about.kept.len());
    match source.info().element {
        Element::U8 => virtual_set::<u8>(&data, shape, kept, file_name, runs)?,
        Element::U16 => virtual_set::<u16>(&data, shape, kept, file_name, runs)?,
        Element::U32 => virtual_set::<u32>(&data, shape, kept, file_name, runs)?,
        Element::I16 => virtual_set::<i16>(&data, shape, kept, file_name, runs)?,
        Element::I32 => virtual_set::<i32>(&data, shape, kept, file_name, runs)?,
    }
    let numbers: Vec<u64> = about.kept.iter().map(|&at| about.features[at].frame as u64).collect();
    put::vector(&data, "frame_number", &numbers)?;
    triage(&entry, source, about)?;
    file.flush()
}

fn virtual_set<T: hdf5::H5Type>(
    group: &hdf5::Group,
    [rows, columns]: [usize; 2],
    kept: usize,
    file: &str,
    runs: &[Run],
) -> hdf5::Result<()> {
    let extents = [kept, rows, columns];
    let mut builder = group.new_dataset::<T>().shape(extents).obj_track_times(false);
    let mut at = 0;
    for run in runs {
        let target = slab(&[at..at + run.frames, 0..rows, 0..columns]);
        let dimensions = &run.origin.dimensions;
        let name = run.origin.dataset.replace('%', "%%");
        let from = slab(&place(dimensions, run.origin.frame, run.frames));
        builder = builder.virtual_map(file, name, dimensions.as_slice(), from, extents, target);
        at += run.frames;
    }
    builder.create("data").map(drop)
}

/// Where frames stand in a data set of any rank: leading dimensions are counted through.
fn place(dimensions: &[usize], frame: usize, frames: usize) -> Vec<std::ops::Range<usize>> {
    let leading = dimensions.len().saturating_sub(2);
    let mut left = frame;
    let mut ranges: Vec<_> = dimensions.iter().map(|&length| 0..length).collect();
    for k in (0..leading).rev() {
        let index = left % dimensions[k].max(1);
        left /= dimensions[k].max(1);
        ranges[k] = index..index + if k + 1 == leading { frames } else { 1 };
    }
    ranges
}

fn slab(ranges: &[std::ops::Range<usize>]) -> Hyperslab {
    Hyperslab::from(ranges.iter().map(|range| SliceOrIndex::from(range.clone())).collect::<Vec<SliceOrIndex>>())
}

fn triage(entry: &hdf5::Group, source: &dyn FrameSource, about: &About<'_>) -> hdf5::Result<()> {
    let group = put::class(entry, "triage", "NXprocess")?;
    put::text(&group, "program", "debye")?;
    put::text(&group, "version", crate::VERSION)?;
    put::text(&group, "command_line", about.command_line)?;
    put::text(&group, "file", &source.info().file.to_string_lossy())?;
    put::text(&group, "dataset", &source.info().dataset)?;
    put::text(&group, "rules", about.rules)?;
    put::number(&group, "lit_above", about.decision.lit_above)?;
    let column = |of: fn(&Features) -> u64| about.features.iter().map(of).collect::<Vec<u64>>();
    put::vector(&group, "frame_number", &column(|one| one.frame as u64))?;
    let classes: Vec<u8> = about.decision.classes.iter().map(|&class| class as u8).collect();
    let set = put::vector(&group, "class", &classes)?;
    let names = [Class::Dark, Class::Lit, Class::Hit, Class::Failed].map(Class::name);
    put::texts_attribute(&set, "names", &names)?;
    put::vector(&group, "valid_pixels", &column(|one| u64::from(one.valid)))?;
    put::vector(&group, "invalid_pixels", &column(|one| u64::from(one.invalid)))?;
    put::vector(&group, "sum", &column(|one| one.sum))?;
    put::vector(&group, "max", &column(|one| u64::from(one.max)))?;
    put::vector(&group, "over_threshold", &column(|one| u64::from(one.over)))?;
    if about.features.iter().any(|one| one.spots.is_some()) {
        put::vector(&group, "spots", &column(|one| one.spots.unwrap_or(0) as u64))?;
    }
    if about.features.iter().any(|one| one.outliers.is_some()) {
        put::vector(&group, "outliers", &column(|one| one.outliers.unwrap_or(0) as u64))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_counts_through_leading_dimensions() {
        assert_eq!(place(&[9, 4, 5], 3, 2), [3..5, 0..4, 0..5]);
        assert_eq!(place(&[2, 3, 4, 5], 4, 1), [1..2, 1..2, 0..4, 0..5]);
        assert_eq!(place(&[4, 5], 0, 1), [0..4, 0..5]);
    }
}
