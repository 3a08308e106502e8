//! Where the chunks of a data set stand in its file, asked for once for all of them: asked for one, HDF5 walks over its
//! whole index, so that a run would slow down with every frame there is.

use super::h5::{self, ChunkPlace};
use hdf5_metno::Dataset;

/// The places of all chunks that were written; some 40 bytes for each.
#[derive(Debug)]
pub(super) struct Places {
    chunk: Vec<u64>,
    /// Chunks along each dimension.
    grid: Vec<u64>,
    /// By the chunk's number in the grid, rising.
    places: Vec<(u64, ChunkPlace)>,
}

impl Places {
    /// Walks over the index of `dataset`. `None` for a grid of chunks so large that they cannot be numbered.
    pub fn of(dataset: &Dataset, chunk: &[usize], dimensions: &[usize]) -> Result<Option<Places>, String> {
        let grid: Vec<u64> = dimensions.iter().zip(chunk).map(|(&n, &size)| n.div_ceil(size.max(1)) as u64).collect();
        if grid.iter().try_fold(1u64, |product, &n| product.checked_mul(n)).is_none() {
            return Ok(None);
        }
        let chunk = chunk.iter().map(|&size| size.max(1) as u64).collect();
        let mut found = Places { chunk, grid, places: Vec::new() };
        dataset
            .chunks_visit(|info| {
                // A chunk that is outside the data set's dimensions has no frame.
                if let Some(number) = found.number(info.offset) {
                    let place = ChunkPlace { address: info.addr, bytes: info.size, mask: info.filter_mask };
                    found.places.push((number, place));
                }
                0
            })
            .map_err(|error| h5::cause(&error))?;
        found.places.sort_unstable_by_key(|&(number, _)| number);
        Ok(Some(found))
    }

    /// The place of the chunk whose first element is at `offset`; `None` when it was never written.
    pub fn at(&self, offset: &[u64]) -> Option<ChunkPlace> {
        let number = self.number(offset)?;
        let index = self.places.binary_search_by_key(&number, |&(number, _)| number).ok()?;
        Some(self.places[index].1)
    }

    fn number(&self, offset: &[u64]) -> Option<u64> {
        let mut each = offset.iter().zip(&self.chunk).zip(&self.grid);
        each.try_fold(0, |number, ((&at, &size), &count)| {
            let index = at / size;
            (index < count).then(|| number * count + index)
        })
    }
}
