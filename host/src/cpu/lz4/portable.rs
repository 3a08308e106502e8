//! The plain kernel.

use super::tail;

/// Bytes that short literals and matches are copied by at once.
const STRIDE: usize = 16;

/// Matches beyond it may be of planes.
const LONG: usize = 64;

/// Decodes a sound block of planes of `plane` bytes, and says how many bytes were made ([`super::Decoder::decode`]); `None` at
/// the first thing that is not sound.
pub fn decode(input: &[u8], output: &mut [u8], plane: usize) -> Option<usize> {
    let mut at = 0;
    let mut made = 0;
    loop {
        let token = *input.get(at)?;
        at += 1;

        let literals = length(input, &mut at, token >> 4)?;
        made = copy_literals(input, at, output, made, literals)?;
        at += literals;
        if at == input.len() {
            return (made == output.len()).then_some(made);
        }

        let offset = u16::from_le_bytes(*input.get(at..)?.first_chunk()?) as usize;
        at += 2;
        let matched = length(input, &mut at, token & 15)? + 4;
        if offset == 0 || offset > made || matched > output.len() - made {
            return None;
        }
        if matched > LONG && output.len() - made - matched <= tail::MOST_LITERALS {
            let (rest, size) = (input.get(at..)?, output.len());
            if let Some(needed) = tail::needed(rest, &output[..made], size, offset, matched, plane) {
                copy_match(output, made, offset, needed - made);
                return Some(needed);
            }
        }
        copy_match(output, made, offset, matched);
        made += matched;
    }
}

/// A length's nibble with its extension bytes; bounded by 255 x the input's length, so it cannot overflow.
#[inline(always)]
fn length(input: &[u8], at: &mut usize, nibble: u8) -> Option<usize> {
    let mut length = nibble as usize;
    if nibble == 15 {
        loop {
            let byte = *input.get(*at)?;
            *at += 1;
            length += byte as usize;
            if byte != 255 {
                break;
            }
        }
    }
    Some(length)
}

#[inline(always)]
fn copy_literals(input: &[u8], at: usize, output: &mut [u8], made: usize, count: usize) -> Option<usize> {
    if count <= STRIDE
        && let (Some(from), Some(to)) = (input.get(at..at + STRIDE), output.get_mut(made..made + STRIDE))
    {
        // The bytes after `count` are overwritten by what follows.
        to.copy_from_slice(from);
    } else {
        output.get_mut(made..made.checked_add(count)?)?.copy_from_slice(input.get(at..at.checked_add(count)?)?);
    }
    Some(made + count)
}

#[inline(always)]
fn copy_match(output: &mut [u8], made: usize, offset: usize, count: usize) {
    let from = made - offset;
    if offset >= STRIDE && count <= STRIDE && made + STRIDE <= output.len() {
        output.copy_within(from..from + STRIDE, made);
    } else if offset >= count {
        output.copy_within(from..from + count, made);
    } else if offset == 1 {
        let byte = output[from];
        output[made..made + count].fill(byte);
    } else {
        // An overlapping match repeats its period: each copy doubles what is there to copy from.
        let (mut to, end) = (made, made + count);
        while to < end {
            let some = (to - from).min(end - to);
            output.copy_within(from..from + some, to);
            to += some;
        }
    }
}
