//! The LZ4 blocks of [`debye_spec::lz4_encode`], bit for bit, at each level.
//!
//! Three masks of one bit a byte ([`masks`]) tell where the rules of [`debye_spec::matches`] let a match start and how
//! long it lasts: the walk ([`walk`]) then goes from match to match, not from byte to byte, and meets the runs of zeros
//! that the rules remember ([`runs`]) on its way.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod mask;
mod masks;
mod runs;
mod walk;
mod write;

#[cfg(target_arch = "x86_64")]
use super::Level;
use super::{Kernels, shuffle};
use debye_spec::lz4_encode::max_block_bytes;
use debye_spec::matches::{LAST_LITERALS, MAX_OFFSET, WORD};
use masks::{Block, Masks};
use runs::Runs;

/// Bytes that can be read before and behind a block of planes: kernels load 64 at a time.
const SLACK: usize = 64;

/// Encodes blocks; its buffers are used again from block to block.
#[derive(Debug)]
pub struct BlockEncoder {
    kernels: Kernels,
    /// [`SLACK`], a block of planes, and up to two times [`SLACK`].
    planes: Vec<u8>,
    masks: Masks,
    runs: Runs,
}

/// Bytes of one bit-plane, if the plane before is a source of matches.
fn plane_offset(bytes: usize, element_size: usize) -> Option<usize> {
    let plane = bytes / (8 * element_size);
    (plane > 0 && plane.is_multiple_of(WORD) && plane <= MAX_OFFSET).then_some(plane)
}

impl BlockEncoder {
    /// An encoder with these kernels.
    pub fn new(kernels: Kernels) -> BlockEncoder {
        BlockEncoder { kernels, planes: Vec::new(), masks: Masks::default(), runs: Runs::default() }
    }

    /// Appends to `out` the LZ4 block of `elements`, a multiple of 8 of `element_size` (1, 2 or 4) bytes.
    pub fn encode(&mut self, elements: &[u8], element_size: usize, out: &mut Vec<u8>) {
        let size = elements.len();
        // Always whole steps of 64 behind the front slack, and 64 bytes beyond them.
        let room = SLACK + size.next_multiple_of(SLACK) + SLACK;
        if self.planes.len() < room {
            self.planes.resize(room, 0);
        }
        shuffle::planes(self.kernels, elements, &mut self.planes[SLACK..SLACK + size], element_size);
        let plane = plane_offset(size, element_size);
        self.masks.prepare(size);
        out.reserve(max_block_bytes(size) + write::SLACK);
        let next = elements.as_ptr().wrapping_add(size);
        let block = Block { planes: &self.planes[..room], size, plane, next };
        let (masks, runs) = (&mut self.masks, &mut self.runs);
        match self.kernels.0 {
            // SAFETY: the kernels exist, so the processor has their instructions; `planes` has the slack on both sides, the
            // masks a word for every 64 bytes, `out` the room that a block can take.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::encode(&block, masks, runs, out) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::encode(&block, masks, runs, out) },
            _ => {
                masks::portable(&block, masks);
                // SAFETY: as above.
                unsafe { finish(&block, masks, runs, out) };
            }
        }
    }
}

/// What follows the masks: compiled anew for each level's instructions.
///
/// # Safety
/// The block has its slack; `masks` are those of the block; `out` has room for [`max_block_bytes`] and [`write::SLACK`] more.
#[inline(always)]
unsafe fn finish(block: &Block<'_>, masks: &mut Masks, runs: &mut Runs, out: &mut Vec<u8>) {
    masks.finish(block.size.saturating_sub(LAST_LITERALS));
    // SAFETY: as this function's; pieces cover the block in order, each byte once.
    unsafe {
        let mut writer = write::Writer::new(block.planes.as_ptr().add(SLACK), out);
        walk::walk(masks, runs, block.size, block.plane, |from, literals, offset, length| {
            writer.piece(from, literals, offset, length);
        });
        writer.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::{bitshuffle, lz4_encode};
    use proptest::prelude::*;

    /// Every level makes the definition's bytes of planes with this content.
    fn check(planes: &[u8], size: usize) -> Result<(), TestCaseError> {
        let planes = &planes[..planes.len() / (8 * size) * (8 * size)];
        let mut elements = vec![0; planes.len()];
        bitshuffle::unshuffle(planes, &mut elements, size);
        let mut theirs = vec![1, 2];
        lz4_encode::encode(planes, size, &mut theirs);
        for kernels in Kernels::available() {
            let mut encoder = BlockEncoder::new(kernels);
            let mut first = Vec::new();
            // A larger block first: what it leaves in the buffers must not matter.
            encoder.encode(&vec![0xff; if cfg!(miri) { 1024 } else { 16 * 1024 }], 2, &mut first);
            let mut ours = vec![1, 2];
            encoder.encode(&elements, size, &mut ours);
            prop_assert!(ours == theirs, "{} differs for {} bytes", kernels.level(), planes.len());
        }
        Ok(())
    }

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes")]
    fn encode_every_short_length_equals_the_definition() {
        for size in [1, 2, 4] {
            for length in (0..700).step_by(8) {
                let lone = (0..length).map(|i| if i % 37 == 5 { 1 << (i % 8) } else { 0 }).collect();
                let ramp = (0..length).map(|i| (i / 5) as u8).collect();
                for planes in [vec![0u8; length], vec![255; length], lone, ramp] {
                    check(&planes, size).unwrap();
                }
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes")]
    fn encode_blocks_beyond_the_reach_of_offsets_equal_the_definition() {
        let mut planes = vec![0; 300_032];
        planes[60_000] = 7;
        for at in (60_000..planes.len()).step_by(1009) {
            planes[at] = (at % 251) as u8 | 1;
        }
        for size in [1, 2, 4] {
            check(&planes, size).unwrap();
        }
    }

    proptest! {
        #![proptest_config(crate::cpu::cases(400))]

        #[test]
        fn encode_runs_and_repeated_planes_equals_the_definition(
            runs in prop::collection::vec((prop_oneof![3 => Just(0u8), 1 => any::<u8>()], 1usize..90), 1..if cfg!(miri) { 10 } else { 100 }),
            plane in 1usize..if cfg!(miri) { 20 } else { 150 },
            flips in prop::collection::vec((any::<u16>(), any::<u8>()), 0..30),
            size in prop::sample::select(vec![1usize, 2, 4]),
        ) {
            let line: Vec<u8> = runs.iter().flat_map(|&(byte, count)| std::iter::repeat_n(byte, count)).collect();
            check(&line, size)?;
            let mut planes: Vec<u8> =
                (0..8 * size * plane).map(|i| line[(i % plane) % line.len()]).collect();
            let length = planes.len();
            for (place, byte) in flips {
                planes[place as usize % length] ^= byte;
            }
            check(&planes, size)?;
        }

        #[test]
        fn encode_any_bytes_equals_the_definition(
            planes in prop::collection::vec(prop_oneof![4 => Just(0u8), 2 => 0u8..3, 1 => any::<u8>()], 0..if cfg!(miri) { 900 } else { 9000 }),
            size in prop::sample::select(vec![1usize, 2, 4]),
        ) {
            check(&planes, size)?;
        }
    }
}
