//! Float images stored as bslz4, as Dectris masters store their flat field: no frames, so the sources do not read
//! them, and HDF5 does not know the filter.

use crate::codec::decode::{Buffers, for_each_block};
use debye_spec::Element;
use debye_spec::bounds::MAX_PIXELS;
use hdf5_metno::Dataset;
use hdf5_metno::datatype::ByteOrder;
use hdf5_metno::filters::Filter;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Registered number of the bitshuffle filter.
const BITSHUFFLE: i32 = 32008;
/// Place of the codec in its `cd_values`, and the codec LZ4 (`bshuf_h5filter.c`).
const CODEC_AT: usize = 4;
const LZ4: u32 = 2;

/// Whether bslz4 is the only filter of a data set.
pub(super) fn is_stored_so(dataset: &Dataset) -> bool {
    match dataset.filters().as_slice() {
        [Filter::User(BITSHUFFLE, values)] => values.get(CODEC_AT) == Some(&LZ4),
        _ => false,
    }
}

/// The bits of a data set of elements of 4 bytes, which is one image ([`super::plane_of`]).
pub(super) fn read(dataset: &Dataset) -> Result<Vec<u32>, String> {
    let order = dataset.dtype().map_err(|error| error.to_string())?.byte_order();
    let shape = super::plane_of(&dataset.shape()).map_err(|fault| fault.to_string())?;
    let chunk = dataset.chunk().ok_or("it has no chunks")?;
    // What stands before the last two dimensions is 1 in the data set, but a chunk may be deeper.
    let [.., chunk_rows, chunk_columns] = chunk[..] else { return Err("its chunks are not images".into()) };
    let elements = chunk.iter().try_fold(1usize, |product, &length| product.checked_mul(length));
    let elements = elements.filter(|&elements| elements > 0 && elements <= MAX_PIXELS as usize);
    let elements = elements.ok_or_else(|| format!("its chunks of {chunk:?} are too large"))?;
    let [down, across] = [shape[0].div_ceil(chunk_rows), shape[1].div_ceil(chunk_columns)];
    if dataset.num_chunks() != Some(down * across) {
        return Err(format!("{:?} of its {} chunks are written", dataset.num_chunks(), down * across));
    }
    let file = File::open(dataset.filename()).map_err(|error| error.to_string())?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();

    let mut image = vec![0; shape[0] * shape[1]];
    let mut buffers = Buffers::default();
    for index in 0..down * across {
        let info = dataset.chunk_info(index).ok_or_else(|| format!("chunk {index} cannot be found"))?;
        let wrong = |what: &str| format!("the chunk at {:?} {what}", info.offset);
        if info.filter_mask != 0 {
            return Err(wrong("was stored without its filter"));
        }
        if info.addr.checked_add(info.size).is_none_or(|end| end > length) {
            return Err(wrong("lies beyond the end of the file"));
        }
        let mut stored = vec![0; info.size as usize];
        file.read_exact_at(&mut stored, info.addr).map_err(|error| wrong(&error.to_string()))?;
        let [.., top, left] = info.offset[..] else { return Err(wrong("has no place in the image")) };
        let (top, left) = (top as usize, left as usize);
        for_each_block::<u32>(&stored, Element::U32, elements, &mut buffers, |first, pixels| {
            for (at, &pixel) in (first..).zip(pixels) {
                let (row, column) = (top + at / chunk_columns, left + at % chunk_columns);
                // A chunk at the edge runs over it, a deep one beyond the first image.
                if at < chunk_rows * chunk_columns && row < shape[0] && column < shape[1] {
                    image[row * shape[1] + column] =
                        if order == ByteOrder::BigEndian { pixel.swap_bytes() } else { pixel };
                }
            }
        })
        .map_err(|error| wrong(&format!("is damaged: {error}")))?;
    }
    Ok(image)
}
