//! A bslz4 chunk taken apart: header, blocks, sequences, and every place where it is corrupt.

use debye_spec::chunk::Blocks;
use debye_spec::lz4::{Sequence, Sequences};
use debye_spec::{ChunkError, ChunkHeader, Element};
use serde::Serialize;

/// One block of a chunk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlockAnatomy {
    /// Number, from 0.
    pub block: usize,
    /// Byte of the chunk at which its LZ4 data starts.
    pub byte: usize,
    /// Bytes of its LZ4 data.
    pub stored: usize,
    /// Bytes of pixels that it makes.
    pub pixels: usize,
    /// `pixels / stored`.
    pub ratio: f64,
    /// LZ4 sequences (up to the fault, in a corrupt block).
    pub sequences: usize,
    /// Bytes of literals.
    pub literals: usize,
    /// Longest match in bytes.
    pub longest_match: usize,
    /// Largest offset in bytes.
    pub largest_offset: usize,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// A chunk taken apart.
#[derive(Clone, Debug)]
pub struct Anatomy {
    /// Bytes of the chunk.
    pub bytes: usize,
    /// The header's two fields as they stand; `None` in a chunk of under 12 bytes.
    pub fields: Option<(u64, u32)>,
    /// Number of blocks that the header asks for.
    pub blocks_stated: usize,
    /// The blocks that could be found.
    pub blocks: Vec<BlockAnatomy>,
    /// Bytes of the unshuffled tail.
    pub tail: usize,
    /// Every fault, in the order of the chunk's bytes. A corrupt block does not hide the ones behind it, a wrong
    /// block length does.
    pub faults: Vec<ChunkError>,
}

/// Takes apart a chunk that should hold `pixels` pixels of type `element`.
pub fn take_apart(chunk: &[u8], element: Element, pixels: usize) -> Anatomy {
    let fields = ChunkHeader::fields(chunk).ok();
    let mut anatomy =
        Anatomy { bytes: chunk.len(), fields, blocks_stated: 0, blocks: Vec::new(), tail: 0, faults: Vec::new() };
    let header = match ChunkHeader::read(chunk, element, pixels) {
        Ok(header) => header,
        Err(error) => {
            anatomy.faults.push(error);
            return anatomy;
        }
    };
    anatomy.blocks_stated = header.blocks();
    anatomy.tail = header.bytes - header.shuffled_bytes();
    let mut blocks = Blocks::new(chunk, header);
    loop {
        match blocks.next_block() {
            Ok(Some(block)) => {
                let data = chunk.get(block.data.clone()).unwrap_or_default();
                let (entry, fault) = one_block(block.index, block.data.start, data, block.pixels.len());
                anatomy.blocks.push(entry);
                anatomy.faults.extend(fault);
            }
            Ok(None) => break,
            Err(error) => {
                anatomy.faults.push(error);
                return anatomy;
            }
        }
    }
    anatomy.faults.extend(blocks.tail().err());
    anatomy
}

fn one_block(block: usize, byte: usize, data: &[u8], pixels: usize) -> (BlockAnatomy, Option<ChunkError>) {
    let mut entry = BlockAnatomy {
        block,
        byte,
        stored: data.len(),
        pixels,
        ratio: ratio(pixels, data.len()),
        sequences: 0,
        literals: 0,
        longest_match: 0,
        largest_offset: 0,
        fault: None,
    };
    for sequence in Sequences::new(data, pixels) {
        match sequence {
            Ok(sequence) => {
                entry.sequences += 1;
                entry.literals += sequence.literals;
                if let Some((offset, length)) = sequence.copy {
                    entry.longest_match = entry.longest_match.max(length);
                    entry.largest_offset = entry.largest_offset.max(offset);
                }
            }
            Err(error) => {
                let error = ChunkError::Block { block, byte, error };
                entry.fault = Some(error.to_string());
                return (entry, Some(error));
            }
        }
    }
    (entry, None)
}

/// The sequences of one block, up to its end or its fault.
pub fn sequences(chunk: &[u8], block: &BlockAnatomy) -> Vec<Sequence> {
    let data = chunk.get(block.byte..block.byte.saturating_add(block.stored)).unwrap_or_default();
    Sequences::new(data, block.pixels).map_while(Result::ok).collect()
}

/// Pixel bytes for each stored byte.
pub fn ratio(pixels: usize, stored: usize) -> f64 {
    if stored == 0 { 0.0 } else { pixels as f64 / stored as f64 }
}

/// Least, middle and greatest of some numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Least.
    pub min: f64,
    /// Median.
    pub median: f64,
    /// Greatest.
    pub max: f64,
}

impl Spread {
    /// Of `values`; `None` when there are none.
    pub fn of(values: impl Iterator<Item = f64>) -> Option<Spread> {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 };
        Some(Spread { min, median, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two blocks of 8 one-byte pixels, literals only, and a tail of one.
    fn chunk() -> Vec<u8> {
        let mut chunk = vec![0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 8];
        for block in 0..2 {
            chunk.extend([0, 0, 0, 9, 0x80]);
            chunk.extend([block; 8]);
        }
        chunk.push(7);
        chunk
    }

    #[test]
    fn take_apart_good_chunk_has_blocks_and_no_faults() {
        let anatomy = take_apart(&chunk(), Element::U8, 17);
        assert_eq!((anatomy.blocks.len(), anatomy.tail, anatomy.faults.len()), (2, 1, 0));
        assert_eq!((anatomy.blocks[1].byte, anatomy.blocks[1].sequences, anatomy.blocks[1].literals), (29, 1, 8));
    }

    #[test]
    fn take_apart_two_bad_blocks_are_both_named() {
        let mut bad = chunk();
        bad[16] = 0x70;
        bad[29] = 0x90;
        let places: Vec<_> = take_apart(&bad, Element::U8, 17).faults.iter().map(ToString::to_string).collect();
        assert_eq!(places.len(), 2, "{places:?}");
        assert!(places[0].starts_with("block 0") && places[1].starts_with("block 1"), "{places:?}");
    }

    #[test]
    fn take_apart_wrong_length_ends_the_walk() {
        let mut bad = chunk();
        bad[15] = 99;
        let anatomy = take_apart(&bad, Element::U8, 17);
        assert_eq!(anatomy.blocks.len(), 0);
        assert!(matches!(anatomy.faults[..], [ChunkError::BlockTruncated { block: 0, stated: 99, .. }]));
    }

    #[test]
    fn spread_of_even_count_takes_the_mean_of_the_middle() {
        let spread = Spread::of([4.0, 1.0, 3.0, 2.0].into_iter()).unwrap();
        assert_eq!((spread.min, spread.median, spread.max), (1.0, 2.5, 4.0));
        assert_eq!(Spread::of(std::iter::empty()), None);
    }
}
