//! The self-test's chunk: pixels of known content, against the definition.

use super::{Found, pattern};
use crate::card::{Chunk, Done, Driver, EncodeOrder, FrameOrder, Reply};
use debye_spec::{Element, FrameResult, Job, encode};

/// A whole block of the usual size, a part of one, and a tail.
const PIXELS: u64 = 5003;

pub(super) fn chunk(driver: &mut Driver) -> Found {
    let block = driver.encodes_blocks_of().ok_or("the card does not encode")?;
    let mut took = 0.0;
    for element in [Element::U8, Element::U16, Element::U32] {
        let pixels: Vec<u8> = (0..PIXELS)
            .flat_map(|k| (pattern(11, k) >> (k % 60)).to_le_bytes().into_iter().take(element.size()))
            .collect();
        let order = EncodeOrder { tag: 1, element, pixels: &pixels, threshold: 0 };
        let Done { reply, latency, .. } = driver.encode_one(&order).map_err(|error| error.to_string())?;
        took += latency.as_secs_f64();
        let mut expected = Vec::new();
        encode::encode(&pixels, element, block, &mut expected).map_err(|error| error.to_string())?;
        match reply {
            Reply::Made(chunk) if chunk == expected => {}
            Reply::Made(chunk) => {
                let at = chunk.iter().zip(&expected).position(|(a, b)| a != b).unwrap_or(chunk.len());
                let name = element.name();
                return Err(format!(
                    "the chunk of {PIXELS} pixels of {name} differs from the definition's at byte {at}"
                ));
            }
            Reply::Failed(status) => return Err(format!("the card gives status {} ({status:?})", status.code())),
            Reply::Answer(_) | Reply::Fused(..) => {
                return Err("the card sent the result of a frame for pixels to encode".into());
            }
        }
    }
    Ok(format!("{PIXELS} pixels of 8, 16 and 32 bits: equal to the definition, in {:.0} us", took * 1e6))
}

/// The frame of the step before once more, raw: encoded and integrated in one pass, with the table that it left.
pub(super) fn fused(driver: &mut Driver, pixels: &[u8], job: &Job, expected: &FrameResult) -> Result<(), String> {
    let block = driver.encodes_blocks_of().ok_or("the card does not encode")?;
    let (max_valid, threshold) = (job.rule().max_valid(), job.threshold);
    let order = FrameOrder { tag: 1, chunk: Chunk::Pixels(pixels), max_valid, threshold };
    let Done { reply, .. } = driver.do_one(&order).map_err(|error| error.to_string())?;
    let mut chunk = Vec::new();
    encode::encode(pixels, job.element, block, &mut chunk).map_err(|error| error.to_string())?;
    match reply {
        Reply::Fused(answer, made) => {
            let same = answer.bins == expected.bins && answer.header.statistics == expected.statistics;
            match (same, made == chunk) {
                (true, true) => Ok(()),
                (false, _) => Err("encoded on the way, the frame's result differs from the definition's".into()),
                (_, false) => Err("encoded on the way, the frame's chunk differs from the definition's".into()),
            }
        }
        Reply::Failed(status) => {
            Err(format!("the frame encoded on the way: the card gives status {} ({status:?})", status.code()))
        }
        Reply::Made(_) | Reply::Answer(_) => {
            Err("for a frame to encode and integrate the card sent one of both alone".into())
        }
    }
}
