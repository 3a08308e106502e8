//! Keeping frames: the bslz4 chunk of each frame that is integrated, for a file of frames beside the patterns.
//!
//! A frame that comes as a chunk is kept as it came. One that comes as pixels is encoded: by a card that does so on its
//! way, else by the CPU (for the card that takes chunks alone, where there is one), with the same bytes. Before a chunk that was made is kept it is decoded and compared with the
//! pixels, block by block.

use super::FrameJob;
use super::kernel::TypedBuffers;
use crate::codec::decode::{Buffers, for_each_block};
use crate::codec::encode::{Codec, EncodeError, Encoder};
use crate::cpu::Kernels;
use crate::cpu::sample::Sample;
use crate::frame::Payload;
use debye_spec::Element;
use std::fmt::{self, Display, Formatter};
use thiserror::Error;

/// How chunks are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// A chunk that was made is decoded and compared with the pixels.
    pub verify: bool,
}

/// Who made a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Whoever wrote the input.
    Input,
    /// A card, while it integrated the frame.
    Card,
    /// This machine's CPU.
    Cpu,
}

impl Display for Maker {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Maker::Input => "the input",
            Maker::Card => "a card",
            Maker::Cpu => "the CPU",
        })
    }
}

/// A frame's chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The chunk.
    pub chunk: Payload,
    /// Who made it.
    pub maker: Maker,
}

/// Why a frame cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeepError {
    /// The encoder refused it.
    #[error("frame {frame} cannot be encoded: {error}")]
    Encode {
        /// Number of the frame.
        frame: usize,
        /// Why.
        error: EncodeError,
    },
    /// The chunk is not the frame's: a fault of the card, the machine or this program.
    #[error(
        "the chunk that {maker} made of frame {frame} decodes to other pixels: nothing is kept; please report this"
    )]
    Differs {
        /// Number of the frame.
        frame: usize,
        /// Whose chunk.
        maker: Maker,
    },
}

/// Makes chunks of frames, on one thread.
pub struct Keeper {
    element: Element,
    encoder: Encoder,
    /// To decode into; none where nothing is compared.
    buffers: Option<TypedBuffers>,
}

impl Keeper {
    /// For frames of a type.
    ///
    /// # Errors
    /// As [`Encoder::with_codec`].
    pub fn new(keep: Keep, element: Element) -> Result<Keeper, EncodeError> {
        let encoder = Encoder::with_codec(element, None, Codec::Debye)?;
        let buffers = keep.verify.then(|| TypedBuffers::new(element, Kernels::of_process()));
        Ok(Keeper { element, encoder, buffers })
    }

    /// The chunk of a frame that was integrated; `made` is the one that was made of it on the way, if one was.
    ///
    /// # Errors
    /// [`KeepError`]
    pub fn keep(&mut self, frame: &FrameJob, made: Option<Kept>) -> Result<Kept, KeepError> {
        let Payload::Pixels(pixels) = &frame.payload else {
            return Ok(Kept { chunk: frame.payload.clone(), maker: Maker::Input });
        };
        let kept = match made {
            Some(made) => made,
            None => {
                let mut chunk = Vec::new();
                let encoded = self.encoder.encode(pixels, &mut chunk);
                encoded.map_err(|error| KeepError::Encode { frame: frame.index, error })?;
                Kept { chunk: Payload::Bslz4(chunk), maker: Maker::Cpu }
            }
        };
        if !self.holds(&kept.chunk.bytes(), pixels) {
            return Err(KeepError::Differs { frame: frame.index, maker: kept.maker });
        }
        Ok(kept)
    }

    /// Whether a chunk holds these pixels, where that is asked.
    fn holds(&mut self, chunk: &[u8], pixels: &[u8]) -> bool {
        match &mut self.buffers {
            None => true,
            Some(TypedBuffers::U8(buffers)) => decodes_to(chunk, self.element, pixels, buffers),
            Some(TypedBuffers::U16(buffers)) => decodes_to(chunk, self.element, pixels, buffers),
            Some(TypedBuffers::U32(buffers)) => decodes_to(chunk, self.element, pixels, buffers),
        }
    }
}

/// Whether a chunk holds these pixels and nothing else.
fn decodes_to<T: Sample>(chunk: &[u8], element: Element, pixels: &[u8], buffers: &mut Buffers<T>) -> bool {
    let (count, mut same, mut seen) = (pixels.len() / T::SIZE, true, 0);
    let walked = for_each_block(chunk, element, count, buffers, |first, block: &[T]| {
        let expected = pixels[first * T::SIZE..].chunks_exact(T::SIZE);
        same &= expected.zip(block).all(|(bytes, pixel)| T::from_le(bytes).code() == pixel.code());
        seen += block.len();
    });
    walked.is_ok() && same && seen == count
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn frame(element: Element, count: usize, seed: u64) -> FrameJob {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let pixels = (0..count * element.size()).map(|_| random.random_range(0..3)).collect();
        FrameJob { index: 5, payload: Payload::Pixels(pixels) }
    }

    fn by_card(chunk: Vec<u8>) -> Option<Kept> {
        Some(Kept { chunk: Payload::Bslz4(chunk), maker: Maker::Card })
    }

    #[test]
    fn keep_pixels_gives_the_bytes_of_the_definition() {
        for (element, count) in Element::ALL.into_iter().zip([0, 1, 4097, 20_003, 8192]) {
            let job = frame(element, count, count as u64);
            let mut wanted = Vec::new();
            debye_spec::encode::encode(&job.payload.bytes(), element, 8192, &mut wanted).unwrap();
            for verify in [false, true] {
                let mut keeper = Keeper::new(Keep { verify }, element).unwrap();
                let kept = keeper.keep(&job, None).unwrap();
                assert_eq!(kept, Kept { chunk: Payload::Bslz4(wanted.clone()), maker: Maker::Cpu });
                let kept = keeper.keep(&job, by_card(wanted.clone())).unwrap();
                assert_eq!(Some(kept), by_card(wanted.clone()));
            }
        }
    }

    #[test]
    fn keep_a_chunk_as_it_came() {
        let job = FrameJob { index: 0, payload: Payload::Bslz4(vec![1, 2, 3]) };
        let kept = Keeper::new(Keep { verify: true }, Element::U16).unwrap().keep(&job, None).unwrap();
        assert_eq!(kept, Kept { chunk: job.payload, maker: Maker::Input });
    }

    #[test]
    fn keep_a_chunk_of_other_pixels_is_an_error() {
        let job = frame(Element::U16, 9001, 1);
        let mut keeper = Keeper::new(Keep { verify: true }, Element::U16).unwrap();
        let Payload::Bslz4(sound) = keeper.keep(&job, None).unwrap().chunk else { panic!("a chunk was made") };
        let of = |pixels: &[u8]| {
            let mut chunk = Vec::new();
            debye_spec::encode::encode(pixels, Element::U16, 8192, &mut chunk).unwrap();
            chunk
        };
        let pixels = job.payload.bytes().into_owned();
        let changed = |at: usize| {
            let mut pixels = pixels.clone();
            pixels[at] ^= 1;
            of(&pixels)
        };
        // In the first block, in the last, in the tail, a pixel too few, and one that is no chunk.
        let last = pixels.len() - 1;
        for wrong in [changed(0), changed(last - 100), changed(last), of(&pixels[2..]), sound[..40].to_vec()] {
            let error = keeper.keep(&job, by_card(wrong)).unwrap_err();
            assert_eq!(error, KeepError::Differs { frame: 5, maker: Maker::Card });
        }
        assert!(keeper.keep(&job, by_card(sound)).is_ok());
    }
}
