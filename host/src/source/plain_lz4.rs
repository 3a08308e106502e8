//! HDF5's plain LZ4 (filter 32004, `H5Zlz4.c`).
//!
//! ```text
//! u64 BE  bytes in all      u32 BE  bytes of a block
//! per block:  u32 BE  stored bytes, then an LZ4 block - or the bytes as they are, when both lengths are equal
//! ```

use super::pipeline::filter_failed;
use crate::frame::FrameError;
use debye_spec::lz4;

/// Decodes a chunk of at most `most` bytes.
pub(super) fn decode(stored: &[u8], most: usize) -> Result<Vec<u8>, FrameError> {
    let fault = |what: String| filter_failed(format!("lz4 chunk: {what}"));
    let (Some(&total), Some(&block)) = (stored.first_chunk::<8>(), stored.get(8..).and_then(|rest| rest.first_chunk()))
    else {
        return Err(fault(format!("{} bytes are fewer than its 12-byte header", stored.len())));
    };
    let (total, block) = (u64::from_be_bytes(total), u32::from_be_bytes(block) as usize);
    if total > most as u64 {
        return Err(fault(format!("header (byte 0) states {total} bytes, expected at most {most}")));
    }
    if block == 0 && total > 0 {
        return Err(fault("header (byte 8) states a block size of 0".into()));
    }
    let mut bytes = vec![0; total as usize];
    let mut at = 12;
    for (number, output) in bytes.chunks_mut(block.max(1)).enumerate() {
        let rest = stored.get(at..).unwrap_or_default();
        let Some((length, rest)) = rest.split_first_chunk::<4>() else {
            return Err(fault(format!("block {number}: its length at byte {at} has {} of 4 bytes", rest.len())));
        };
        let length = u32::from_be_bytes(*length) as usize;
        let Some(data) = rest.get(..length) else {
            return Err(fault(format!("block {number}: {length} bytes stated at byte {at}, {} left", rest.len())));
        };
        at += 4;
        if length == output.len() {
            output.copy_from_slice(data);
        } else if lz4_flex::block::decompress_into(data, output).ok() != Some(output.len()) {
            // The quick decoder does not say where; the definition does, and has the last word.
            lz4::decode(data, output).map_err(|error| {
                fault(format!("block {number}, byte {}: {} after {} bytes", at + error.at, error.fault, error.made))
            })?;
        }
        at += length;
    }
    if at != stored.len() {
        return Err(fault(format!("{} bytes too many after its end at byte {at}", stored.len().saturating_sub(at))));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 12 bytes in blocks of 8: one of literals, one as it is.
    fn chunk() -> Vec<u8> {
        let mut chunk = vec![0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 8];
        chunk.extend([0, 0, 0, 9, 0x80, 1, 2, 3, 4, 5, 6, 7, 8]);
        chunk.extend([0, 0, 0, 4, 9, 10, 11, 12]);
        chunk
    }

    #[test]
    fn decode_takes_packed_and_raw_blocks() {
        assert_eq!(decode(&chunk(), 12).unwrap(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    }

    #[test]
    fn decode_each_fault_says_where() {
        let cases: [(usize, u8, &str); 4] = [
            // The second block then makes more than the 4 bytes that stand there as they are.
            (7, 13, "block 1, byte"),
            (11, 0, "block size of 0"),
            (15, 99, "block 0: 99 bytes stated at byte 12"),
            (16, 0x90, "block 0, byte 16"),
        ];
        for (at, value, says) in cases {
            let mut bad = chunk();
            bad[at] = value;
            let message = decode(&bad, 100).unwrap_err().message;
            assert!(message.contains(says), "byte {at}: {message}");
        }
        assert!(decode(&chunk(), 11).unwrap_err().message.contains("at most 11"));
        for length in 0..chunk().len() {
            assert!(decode(&chunk()[..length], 12).is_err(), "{length} bytes");
        }
        let mut long = chunk();
        long.push(0);
        assert!(decode(&long, 12).unwrap_err().message.contains("1 bytes too many"));
    }
}
