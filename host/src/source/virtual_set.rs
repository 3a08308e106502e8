//! Virtual data sets: frames that stand in other data sets, whole or in tiles (modules of a detector).
//!
//! HDF5 pairs the elements of a mapping's two selections in row-major order. When both are boxes of the same rows
//! and columns in the last two dimensions, that order pairs frames, and a frame is read from its source past HDF5.
//! Whatever else a mapping says (gaps within rows, file names with `%b`) goes through HDF5.

use super::error::SourceError;
use super::mapping::{self, Axis, Mapping, Selection};
use super::part::Part;
use super::sources::Sources;
use super::{Storage, flat, h5, stored};
use crate::frame::{FrameError, Lender, Payload};
use debye_spec::{Element, Status};
use hdf5_metno::Dataset;
use std::cell::RefCell;
use std::path::PathBuf;

/// Virtual data sets may lead to virtual data sets, but not round in circles.
const DEEPEST: usize = 8;

/// First row and column, rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Area {
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
}

/// One mapping, frame-wise.
#[derive(Debug)]
struct Tile {
    source: usize,
    target_frames: Vec<Axis>,
    target: Area,
    /// `None`: all of them.
    source_frames: Option<Vec<Axis>>,
    from: Area,
}

/// A data set that is put together from others.
#[derive(Debug)]
pub(super) struct VirtualSet {
    /// Dimensions.
    pub dimensions: Vec<usize>,
    /// Rows and columns of a frame.
    pub shape: [usize; 2],
    /// Pixel type.
    pub element: Element,
    file: PathBuf,
    path: String,
    dataset: Dataset,
    /// Sorted by the first frame; empty when HDF5 reads the frames.
    tiles: Vec<Tile>,
    /// Greatest last frame of the tiles up to each.
    reach: Vec<usize>,
    sources: RefCell<Sources>,
    fill: Vec<u8>,
}

impl VirtualSet {
    /// Takes an open virtual data set.
    pub fn new(dataset: Dataset, following: bool, depth: usize) -> Result<VirtualSet, SourceError> {
        let (file, path) = (PathBuf::from(dataset.filename()), dataset.name());
        let refused = |reason: String| SourceError::Virtual { file: file.clone(), dataset: path.clone(), reason };
        if depth > DEEPEST {
            return Err(refused(format!("it leads through more than {DEEPEST} other virtual data sets")));
        }
        let dimensions = dataset.shape();
        let shape = stored::frame_shape(&file, &path, &dimensions)?;
        let stored_type = h5::stored_type(&dataset).map_err(&refused)?;
        let Some(element) = stored_type.element else {
            return Err(SourceError::Dtype { file, dataset: path, dtype: stored_type.name });
        };
        stored::check_bytes(&file, &path, "a frame", &shape, element)?;
        let mappings = mapping::mappings(&dataset).map_err(&refused)?;
        if mappings.is_empty() {
            return Err(refused("it maps nothing".into()));
        }
        let mut sources = Sources::new(file.clone(), path.clone(), following, depth);
        let mut tiles: Vec<Tile> = Vec::new();
        for mapping in &mappings {
            let source = sources.add(mapping)?;
            tiles.extend(tile(mapping, source, &dimensions));
        }
        let fill = h5::fill_value(&dataset, element).map_err(&refused)?;
        if tiles.len() < mappings.len() {
            tiles.clear();
        }
        let frame = |axes: &[Axis], last: bool| {
            let place: Vec<usize> =
                axes.iter().map(|axis| if last { axis.at(axis.len().saturating_sub(1)) } else { axis.start }).collect();
            flat::index(&place, &dimensions)
        };
        tiles.sort_by_key(|tile| frame(&tile.target_frames, false));
        let mut furthest = 0;
        let reach = tiles
            .iter()
            .map(|tile| {
                furthest = furthest.max(frame(&tile.target_frames, true));
                furthest
            })
            .collect();
        let sources = RefCell::new(sources);
        let set = VirtualSet { dimensions, shape, element, file, path, dataset, tiles, reach, sources, fill };
        set.check_sources()?;
        Ok(set)
    }

    /// Looks at the first source there is: type and filters must be ones that are read.
    fn check_sources(&self) -> Result<(), SourceError> {
        let refused =
            |reason: String| SourceError::Virtual { file: self.file.clone(), dataset: self.path.clone(), reason };
        let mut sources = self.sources.borrow_mut();
        let Some(first) = sources.first()? else { return Ok(()) };
        if first.element() != self.element {
            return Err(refused(format!("its pixels are {}, its sources' {}", self.element.name(), first.describe())));
        }
        if self.tiles.is_empty() && !first.hdf5_can_read() {
            return Err(refused(format!(
                "its parts are not whole frames or tiles of frames, and HDF5 cannot undo the filter {} of its sources",
                first.filter()
            )));
        }
        Ok(())
    }

    /// How frames are stored, for people: as in the first source.
    pub fn filter(&self) -> String {
        match self.sources.borrow_mut().first() {
            Ok(Some(first)) => first.filter(),
            _ => "unknown".into(),
        }
    }

    /// Its own file, then those of its sources.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.file.clone()];
        files.extend(self.sources.borrow().files());
        files
    }

    /// Of the first source, but with the bytes of all.
    pub fn storage(&self) -> Storage {
        self.sources.borrow_mut().storage()
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.leading().iter().fold(1, |product: usize, &n| product.saturating_mul(n))
    }

    fn leading(&self) -> &[usize] {
        self.dimensions.split_last_chunk::<2>().map_or(&[], |(leading, _)| leading)
    }

    /// The tiles of a frame, each with its source's frame.
    fn tiles_of(&self, frame: usize) -> Vec<(&Tile, usize)> {
        let position = flat::position(frame, self.leading());
        let first = self.reach.partition_point(|&reach| reach < frame);
        self.tiles[first..]
            .iter()
            .take_while(|tile| {
                let place: Vec<usize> = tile.target_frames.iter().map(|axis| axis.start).collect();
                flat::index(&place, self.leading()) <= frame
            })
            .filter_map(|tile| Some((tile, flat::ordinal(&position, &tile.target_frames)?)))
            .collect()
    }

    /// Whether all tiles of a frame are there.
    pub fn is_there(&self, frame: usize) -> bool {
        let mut sources = self.sources.borrow_mut();
        let tiles = self.tiles_of(frame);
        let there = |(tile, ordinal): &(&Tile, usize)| match sources.get(tile.source) {
            Ok(source) => {
                let from = source_frame(source, tile, *ordinal);
                from < source.frames() && source.is_there(from)
            }
            Err(_) => false,
        };
        self.tiles.is_empty() || (!tiles.is_empty() && tiles.iter().all(there))
    }

    /// Reads a frame; one that is a whole frame of its source, as that does.
    pub fn read(&mut self, frame: usize, lender: &mut Lender<'_>) -> Result<Payload, FrameError> {
        if self.tiles.is_empty() {
            return self.read_through_hdf5(frame);
        }
        let tiles = self.tiles_of(frame);
        let mut sources = self.sources.borrow_mut();
        let whole = Area { row: 0, column: 0, rows: self.shape[0], columns: self.shape[1] };
        let mut pixels = Vec::new();
        for (tile, ordinal) in &tiles {
            let source = sources.get(tile.source).map_err(|error| {
                let absent = matches!(error, SourceError::BrokenLink { .. });
                let status = if absent { Status::Missing } else { Status::ReadFailed };
                FrameError { status, message: error.to_string() }
            })?;
            if source.element() != self.element {
                let message = format!("a source of {} has pixels of {}", self.path, source.describe());
                return Err(FrameError { status: Status::ReadFailed, message });
            }
            let from = source_frame(source, tile, *ordinal);
            if tiles.len() == 1 && tile.target == whole && tile.from == whole && source.shape() == self.shape {
                return source.read(from, lender);
            }
            let payload = source.read(from, &mut |_| None)?;
            if pixels.is_empty() {
                pixels = self.fill.repeat(self.shape[0] * self.shape[1]);
            }
            let shape = source.shape();
            let tile_pixels = super::decoded(payload, self.element, shape[0] * shape[1])?;
            self.paste(tile, &tile_pixels, shape, &mut pixels)?;
        }
        if tiles.is_empty() {
            return Err(stored::missing(format!("{} maps nothing to frame {frame}", self.path)));
        }
        Ok(Payload::Pixels(pixels))
    }

    fn paste(&self, tile: &Tile, source: &[u8], shape: [usize; 2], pixels: &mut [u8]) -> Result<(), FrameError> {
        let size = self.element.size();
        let wide = tile.from.columns * size;
        if tile.source_frames.is_none() && shape != [tile.from.rows, tile.from.columns] {
            let message = format!("a mapping of {} cuts frames of {shape:?} of its source into others", self.path);
            return Err(FrameError { status: Status::ReadFailed, message });
        }
        let end = |start: usize, length: usize| start.saturating_add(length);
        if end(tile.from.row, tile.from.rows) > shape[0] || end(tile.from.column, tile.from.columns) > shape[1] {
            let message = format!("a mapping of {} reaches beyond its source's frame {shape:?}", self.path);
            return Err(FrameError { status: Status::ReadFailed, message });
        }
        for row in 0..tile.from.rows {
            let from = ((tile.from.row + row) * shape[1] + tile.from.column) * size;
            let to = ((tile.target.row + row) * self.shape[1] + tile.target.column) * size;
            if let (Some(from), Some(to)) = (source.get(from..from + wide), pixels.get_mut(to..to + wide)) {
                to.copy_from_slice(from);
            }
        }
        Ok(())
    }

    fn read_through_hdf5(&self, frame: usize) -> Result<Payload, FrameError> {
        let mut start = flat::position(frame, self.leading());
        let mut count = vec![1; start.len()];
        start.extend([0, 0]);
        count.extend(self.shape.map(|n| n as u64));
        let mut pixels = vec![0; self.shape[0] * self.shape[1] * self.element.size()];
        h5::read_box(&self.dataset, &start, &count, self.element, &mut pixels).map_err(|what| FrameError {
            status: Status::ReadFailed,
            message: format!("{} in {} cannot be read: {what}", self.path, self.file.display()),
        })?;
        Ok(Payload::Pixels(pixels))
    }

    /// Looks at the dimensions again.
    pub fn refresh(&mut self) -> Result<(), String> {
        self.dataset.refresh().map_err(|error| h5::cause(&error))?;
        let dimensions = self.dataset.shape();
        if dimensions.len() != self.dimensions.len() || !dimensions.ends_with(&self.shape) {
            return Err(format!("{} changed its shape from {:?} to {dimensions:?}", self.path, self.dimensions));
        }
        self.dimensions = dimensions;
        self.sources.borrow_mut().refresh()
    }
}

fn source_frame(source: &Part, tile: &Tile, ordinal: usize) -> usize {
    match &tile.source_frames {
        Some(axes) => flat::index(&flat::selected(ordinal, axes), &source.dimensions()),
        None => ordinal,
    }
}

/// A mapping as a tile of frames; `None` when it is not frame-wise.
fn tile(mapping: &Mapping, source: usize, dimensions: &[usize]) -> Option<Tile> {
    let &[.., rows, columns] = dimensions else { return None };
    let (target_frames, target) = match &mapping.target {
        Selection::All => split(&dimensions.iter().map(|&n| Axis::whole(n)).collect::<Vec<_>>())?,
        Selection::Regular(axes) if axes.len() == dimensions.len() => split(axes)?,
        _ => return None,
    };
    let (source_frames, from) = match &mapping.source {
        // Frame-wise only when the source's frames have the area's shape, which is seen when it is open.
        Selection::All => (None, Area { row: 0, column: 0, ..target }),
        Selection::Regular(axes) => split(axes).map(|(frames, from)| (Some(frames), from))?,
        Selection::Other => return None,
    };
    let fits = target.row.checked_add(target.rows)? <= rows && target.column.checked_add(target.columns)? <= columns;
    let same = (target.rows, target.columns) == (from.rows, from.columns);
    let computed = mapping.file.contains('%') || mapping.dataset.contains('%');
    (fits && same && !computed).then_some(Tile { source, target_frames, target, source_frames, from })
}

fn split(axes: &[Axis]) -> Option<(Vec<Axis>, Area)> {
    let (leading, [rows, columns]) = axes.split_last_chunk::<2>()?;
    let ((row, rows), (column, columns)) = (rows.run()?, columns.run()?);
    Some((leading.to_vec(), Area { row, column, rows, columns }))
}
