//! The self-test's chunk: pixels of known content, against the definition.

use super::{Found, pattern};
use crate::card::{Done, Driver, EncodeOrder, Reply};
use debye_spec::{Element, encode};

/// A whole block of the usual size, a part of one, and a tail.
const PIXELS: u64 = 5003;

pub(super) fn chunk(driver: &mut Driver) -> Found {
    let block = driver.encodes_blocks_of().ok_or("the card does not encode")?;
    let mut took = 0.0;
    for element in [Element::U8, Element::U16, Element::U32] {
        let pixels: Vec<u8> = (0..PIXELS)
            .flat_map(|k| (pattern(11, k) >> (k % 60)).to_le_bytes().into_iter().take(element.size()))
            .collect();
        let order = EncodeOrder { tag: 1, element, pixels: &pixels };
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
            Reply::Answer(_) => return Err("the card sent the result of a frame for pixels to encode".into()),
        }
    }
    Ok(format!("{PIXELS} pixels of 8, 16 and 32 bits: equal to the definition, in {:.0} us", took * 1e6))
}
