//! A data set that grows along its first dimension, one row a frame.
//!
//! Where a chunk holds whole rows, chunks are shuffled and compressed here and stored as they are
//! (`H5Dwrite_chunk`): HDF5's own filters take several times as long, one chunk after the other.

use crate::hdf5_handle::write_chunk;
use crate::put::text_attribute;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use hdf5::{Dataset, Group, H5Type, Hyperslab, Result, SliceOrIndex};
use hdf5_metno as hdf5;
use ndarray::ArrayViewD;
use std::io::Write;

/// Largest HDF5 chunk of a pattern, in elements: 1 MiB of f64.
pub const CHUNK_ELEMENTS: usize = 1 << 17;
/// gzip level: higher ones cost much time and gain little on sums and floats.
const GZIP_LEVEL: u32 = 1;

/// A data set in the making, and its rows that are not written yet.
pub struct Column<T> {
    /// The data set.
    pub dataset: Dataset,
    row: Vec<usize>,
    chunk: Vec<usize>,
    written: usize,
    pending: Vec<T>,
}

impl<T: H5Type + Clone> Column<T> {
    /// Values of `row` a frame, `frames` frames a chunk.
    pub fn create(group: &Group, name: &str, row: &[usize], frames: usize, words: (&str, &str)) -> Result<Column<T>> {
        let shape: Vec<_> = std::iter::once((0..).into()).chain(row.iter().map(|&n| n.into())).collect();
        let chunk = chunk_shape(row, frames);
        let dataset = group
            .new_dataset::<T>()
            .chunk(chunk.clone())
            .shuffle()
            .deflate(GZIP_LEVEL as u8)
            .shape(hdf5::SimpleExtents::from_vec(shape))
            .create(name)?;
        text_attribute(&dataset, "long_name", words.0)?;
        if !words.1.is_empty() {
            text_attribute(&dataset, "units", words.1)?;
        }
        Ok(Column { dataset, row: row.to_vec(), chunk, written: 0, pending: Vec::new() })
    }

    /// Adds values, whole rows of them in the end.
    pub fn extend(&mut self, values: &[T]) {
        self.pending.extend_from_slice(values);
    }

    fn pending_rows(&self) -> usize {
        self.pending.len() / self.row.iter().product::<usize>().max(1)
    }

    /// Writes what is pending, whole rows, through HDF5.
    pub fn flush(&mut self) -> Result<()> {
        let rows = self.pending_rows();
        if rows == 0 {
            return Ok(());
        }
        self.dataset.resize(self.with_rows(self.written + rows))?;
        let view = ArrayViewD::from_shape(self.with_rows(rows).as_slice(), &self.pending)
            .map_err(|error| hdf5::Error::Internal(error.to_string()))?;
        let selection: Vec<SliceOrIndex> = std::iter::once((self.written..self.written + rows).into())
            .chain(self.row.iter().map(|&n| (0..n).into()))
            .collect();
        self.dataset.write_slice(view, Hyperslab::from(selection))?;
        self.written += rows;
        self.pending.clear();
        Ok(())
    }

    fn with_rows(&self, rows: usize) -> Vec<usize> {
        std::iter::once(rows).chain(self.row.iter().copied()).collect()
    }
}

/// A number of which a chunk is made.
pub trait Word: H5Type + Clone + Send + Sync {
    /// Byte `k` of it, from the least significant.
    fn byte(&self, k: usize) -> u8;
}

macro_rules! word {
    ($($type:ty: $bits:expr),*) => {$(
        impl Word for $type {
            #[inline(always)]
            fn byte(&self, k: usize) -> u8 {
                ($bits(*self) >> (8 * k)) as u8
            }
        }
    )*};
}

word!(u32: u32::from, u64: u64::from, f64: f64::to_bits);

/// A column as those see it who write several at once.
pub trait Pack: Sync {
    /// The pending rows as a chunk, compressed. `None` where HDF5 has to write them: they do not begin a chunk, or do not
    /// fit into one.
    fn packed(&self) -> Option<Vec<u8>>;

    /// Writes the pending rows: `packed`, or through HDF5.
    ///
    /// # Errors
    /// The disk is full.
    fn store(&mut self, packed: Option<Vec<u8>>) -> Result<()>;
}

impl<T: Word> Pack for Column<T> {
    fn packed(&self) -> Option<Vec<u8>> {
        let rows = self.pending_rows();
        let whole = self.chunk[1..] == self.row && self.written.is_multiple_of(self.chunk[0]);
        if !whole || rows == 0 || rows > self.chunk[0] {
            return None;
        }
        let elements: usize = self.chunk.iter().product();
        let mut bytes = vec![0; elements * size_of::<T>()];
        for (place, plane) in bytes.chunks_exact_mut(elements).enumerate() {
            // Numbers stand in the file as in memory.
            let k = if cfg!(target_endian = "big") { size_of::<T>() - 1 - place } else { place };
            plane.iter_mut().zip(&self.pending).for_each(|(byte, value)| *byte = value.byte(k));
        }
        let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::new(GZIP_LEVEL));
        encoder.write_all(&bytes).and_then(|()| encoder.finish()).ok()
    }

    fn store(&mut self, packed: Option<Vec<u8>>) -> Result<()> {
        let Some(packed) = packed else { return self.flush() };
        let rows = self.pending_rows();
        self.dataset.resize(self.with_rows(self.written + rows))?;
        let mut offset = vec![0; self.chunk.len()];
        offset[0] = self.written as u64;
        // SAFETY: the data set is open; `offset` is as long as its chunks' shape, so of its rank.
        unsafe { write_chunk(self.dataset.id(), &offset, &packed)? };
        self.written += rows;
        self.pending.clear();
        Ok(())
    }
}

/// A chunk of at most [`CHUNK_ELEMENTS`]: whole rows where they fit, else a part of one row.
fn chunk_shape(row: &[usize], frames: usize) -> Vec<usize> {
    let mut room = CHUNK_ELEMENTS;
    let mut shape: Vec<usize> = row
        .iter()
        .rev()
        .map(|&length| {
            let part = length.clamp(1, room.max(1));
            room /= part;
            part
        })
        .collect();
    shape.push(frames.clamp(1, room.max(1)));
    shape.reverse();
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_shape_rows_of_all_sizes_stay_within_a_mebibyte() {
        assert_eq!(chunk_shape(&[], 1024), [1024]);
        assert_eq!(chunk_shape(&[1000], 64), [64, 1000]);
        assert_eq!(chunk_shape(&[4000], 64), [32, 4000]);
        assert_eq!(chunk_shape(&[360, 1000], 64), [1, 131, 1000]);
        assert_eq!(chunk_shape(&[1_000_000], 1), [1, CHUNK_ELEMENTS]);
        assert_eq!(chunk_shape(&[5, 10], 0), [1, 5, 10]);
    }

    fn column<T: Word>(
        group: &Group,
        name: &str,
        row: &[usize],
        blocks: &[usize],
        value: impl Fn(usize) -> T,
    ) -> Vec<T> {
        let mut column = Column::create(group, name, row, 4, ("numbers", "")).unwrap();
        let length: usize = row.iter().product();
        let mut all = Vec::new();
        for &rows in blocks {
            let values: Vec<T> = (all.len()..all.len() + rows * length).map(&value).collect();
            column.extend(&values);
            let packed = column.packed();
            let begins = (all.len() / length).is_multiple_of(4);
            assert_eq!(
                packed.is_some(),
                begins && (1..=4).contains(&rows) && length <= CHUNK_ELEMENTS,
                "{name} {rows}"
            );
            column.store(packed).unwrap();
            all.extend(values);
        }
        all
    }

    #[test]
    fn chunks_made_here_read_back_through_hdf5s_filters_and_beside_those_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let file = hdf5::File::create(folder.path().join("columns.h5")).unwrap();
        // Whole chunks, a part of one at the end; rows that go on within a chunk; more than a chunk; a row above one.
        for (name, blocks) in [("whole", vec![4, 4, 4, 3]), ("parts", vec![4, 1, 2, 4, 1]), ("many", vec![9, 4, 0])] {
            for (kind, row) in [("row", vec![10]), ("cake", vec![3, 7])] {
                let name = format!("{name} {kind}");
                let wanted = column(&file, &format!("f64 {name}"), &row, &blocks, |k| (k as f64).sqrt());
                assert_eq!(file.dataset(&format!("f64 {name}")).unwrap().read_raw::<f64>().unwrap(), wanted);
                let wanted = column(&file, &format!("u64 {name}"), &row, &blocks, |k| (k as u64).pow(5) << 20);
                assert_eq!(file.dataset(&format!("u64 {name}")).unwrap().read_raw::<u64>().unwrap(), wanted);
                let wanted =
                    column(&file, &format!("u32 {name}"), &row, &blocks, |k| (k as u32).wrapping_mul(0x9e37_79b9));
                assert_eq!(file.dataset(&format!("u32 {name}")).unwrap().read_raw::<u32>().unwrap(), wanted);
            }
        }
        let wanted = column(&file, "long", &[CHUNK_ELEMENTS + 5], &[1, 1], |k| k as u32);
        assert_eq!(file.dataset("long").unwrap().read_raw::<u32>().unwrap(), wanted);
    }
}
