//! SHA-256 of payloads, two at a time: each round of a message waits for the one before it, which leaves a processor's SHA
//! unit idle for half of the time. A second message fills it.

#[cfg(target_arch = "x86_64")]
mod x86;

use sha2::block_api::compress256;
use sha2::{Digest as _, Sha256};

/// A digest.
pub type Digest = [u8; 32];

/// A digest, or any bytes, in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of a block.
const BLOCK: usize = 64;

/// The state before the first block (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The digest of each message.
pub fn of_all(messages: &[&[u8]]) -> Vec<Digest> {
    let mut digests = Vec::with_capacity(messages.len());
    let (pairs, rest) = messages.as_chunks::<2>();
    digests.extend(pairs.iter().flat_map(|&pair| of_two(pair)));
    digests.extend(rest.iter().map(|message| Digest::from(Sha256::digest(message))));
    digests
}

fn of_two(messages: [&[u8]; 2]) -> [Digest; 2] {
    let blocks = messages.map(|message| message.as_chunks::<BLOCK>().0);
    let common = blocks[0].len().min(blocks[1].len());
    let mut states = [INITIAL; 2];
    let together = compress_two(&mut states, blocks.map(|blocks| &blocks[..common]));
    let done = if together { common } else { 0 };
    for ((state, blocks), message) in states.iter_mut().zip(blocks).zip(messages) {
        compress256(state, &blocks[done..]);
        pad(state, message);
    }
    states.map(|state| {
        let mut digest = [0; 32];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        digest
    })
}

/// Takes blocks of both messages, as many of each; false where nothing makes that quicker than one after the other.
fn compress_two(states: &mut [[u32; 8]; 2], blocks: [&[[u8; BLOCK]]; 2]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if x86::is_there() {
        // SAFETY: the processor has the instructions; there are as many blocks of each.
        unsafe { x86::compress_two(states, blocks) };
        return true;
    }
    let _ = (states, blocks);
    false
}

/// Takes what is behind the last whole block, a one, zeros, and the message's bits.
fn pad(state: &mut [u32; 8], message: &[u8]) {
    let rest = message.as_chunks::<BLOCK>().1;
    let mut last = [[0; BLOCK]; 2];
    let bytes = last.as_flattened_mut();
    bytes[..rest.len()].copy_from_slice(rest);
    bytes[rest.len()] = 0x80;
    let blocks = (rest.len() + 1 + 8).div_ceil(BLOCK);
    bytes[blocks * BLOCK - 8..blocks * BLOCK].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    compress256(state, &last[..blocks]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_messages_of_all_lengths_are_those_of_each_alone() {
        let bytes: Vec<u8> = (0..1000_u32).map(|k| (k.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let lengths = (0..200).chain([255, 256, 257, 511, 512, 513, 999]);
        let messages: Vec<&[u8]> = lengths.clone().flat_map(|n| [&bytes[..n], &bytes[1000 - n * 7 % 1000..]]).collect();
        for messages in [&messages[..], &messages[1..], &messages[..1], &[]] {
            let expected: Vec<Digest> = messages.iter().map(|message| Sha256::digest(message).into()).collect();
            assert_eq!(of_all(messages), expected);
        }
    }
}
