//! `.mcs` files: Intel HEX (Hexadecimal Object File Format Specification, revision A), with the records that
//! `write_cfgmem` writes: 00 data, 01 end, 04 upper 16 bits of the addresses that follow, 05 start address (of no meaning
//! to a flash).

use super::error::{Fault, RecordFault};
use std::fmt::Write as _;

/// Most bytes of data: the largest flash of a board.
const MAX_DATA: usize = 1 << 27;

/// The data and the address of its first byte.
pub fn read(bytes: &[u8]) -> Result<(u32, Vec<u8>), Fault> {
    let mut data = Vec::new();
    let mut state = State { first: None, upper: 0, ended: false };
    let mut lines = 0;
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        lines = index + 1;
        state.take(line, &mut data).map_err(|why| Fault::Record { line: lines, why })?;
    }
    if !state.ended {
        return Err(Fault::Record { line: lines + 1, why: RecordFault::NoEnd });
    }
    let first = state.first.ok_or(Fault::Empty)?;
    Ok((first, data))
}

struct State {
    /// Address of the first byte.
    first: Option<u32>,
    /// Upper bits of addresses, in place.
    upper: u32,
    ended: bool,
}

impl State {
    fn take(&mut self, line: &[u8], data: &mut Vec<u8>) -> Result<(), RecordFault> {
        if self.ended {
            return Err(RecordFault::BehindEnd);
        }
        let mut room = [0; 260];
        let (kind, offset, payload) = record(line, &mut room)?;
        let exactly = |need| match payload.len() == need {
            true => Ok(()),
            false => Err(RecordFault::Size { kind, need, have: payload.len() }),
        };
        match kind {
            0 => self.append(offset, payload, data),
            1 => {
                self.ended = true;
                exactly(0)
            }
            4 => {
                exactly(2)?;
                self.upper = u32::from(payload[0]) << 24 | u32::from(payload[1]) << 16;
                Ok(())
            }
            5 => exactly(4),
            other => Err(RecordFault::Type(other)),
        }
    }

    fn append(&mut self, offset: u16, payload: &[u8], data: &mut Vec<u8>) -> Result<(), RecordFault> {
        if payload.is_empty() {
            return Ok(());
        }
        let found = self.upper | u32::from(offset);
        let first = *self.first.get_or_insert(found);
        let (found, expected) = (u64::from(found), u64::from(first) + data.len() as u64);
        match found.cmp(&expected) {
            std::cmp::Ordering::Less => return Err(RecordFault::Overlap { found, expected }),
            std::cmp::Ordering::Greater => return Err(RecordFault::Gap { found, expected }),
            std::cmp::Ordering::Equal => {}
        }
        // A record whose offset runs over goes on at the start of its 64 KiB: no tool writes one.
        if usize::from(offset) + payload.len() > 1 << 16 {
            return Err(RecordFault::Address);
        }
        if data.len() + payload.len() > MAX_DATA {
            return Err(RecordFault::TooMuch(MAX_DATA));
        }
        data.extend_from_slice(payload);
        Ok(())
    }
}

/// Type, offset and payload of a record.
fn record<'a>(line: &[u8], room: &'a mut [u8; 260]) -> Result<(u8, u16, &'a [u8]), RecordFault> {
    let digits = line.strip_prefix(b":").ok_or(RecordFault::Colon)?;
    let digit = |index: usize| {
        let value = digits.get(index).and_then(|&byte| (byte as char).to_digit(16));
        value.map(|value| value as u8).ok_or(RecordFault::Digit(index + 2))
    };
    let have = digits.len() / 2;
    let said = usize::from(digit(0)? << 4 | digit(1)?);
    if digits.len() != 2 * (said + 5) {
        // What is not a digit is told as such, where there is one.
        (0..digits.len()).try_for_each(|index| digit(index).map(drop))?;
        return Err(RecordFault::Count { said, have: have.saturating_sub(5) });
    }
    for (index, byte) in room.iter_mut().take(have).enumerate() {
        *byte = digit(2 * index)? << 4 | digit(2 * index + 1)?;
    }
    let (head, found) = (&room[..have - 1], room[have - 1]);
    let expected = head.iter().fold(0u8, |sum, &byte| sum.wrapping_add(byte)).wrapping_neg();
    if found != expected {
        return Err(RecordFault::Checksum { found, expected });
    }
    Ok((head[3], u16::from_be_bytes([head[1], head[2]]), &room[4..have - 1]))
}

/// Data as such a file, sixteen bytes a record, from an address on.
pub fn write(base: u32, data: &[u8]) -> String {
    let mut text = String::with_capacity(data.len() * 3);
    let (mut upper, mut rest, mut address) = (None, data, base);
    while !rest.is_empty() {
        if upper != Some(address >> 16) {
            upper = Some(address >> 16);
            put(&mut text, 4, 0, &((address >> 16) as u16).to_be_bytes());
        }
        // To the next multiple of 16, so that no record runs over the end of its 64 KiB.
        let (payload, behind) = rest.split_at(rest.len().min(16 - (address % 16) as usize));
        put(&mut text, 0, address as u16, payload);
        address = address.wrapping_add(payload.len() as u32);
        rest = behind;
    }
    put(&mut text, 1, 0, &[]);
    text
}

fn put(text: &mut String, kind: u8, offset: u16, payload: &[u8]) {
    let [high, low] = offset.to_be_bytes();
    let head = [payload.len() as u8, high, low, kind];
    let bytes = || head.iter().chain(payload);
    let sum = bytes().fold(0u8, |sum, &byte| sum.wrapping_add(byte)).wrapping_neg();
    text.push(':');
    for byte in bytes().chain([&sum]) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02X}");
    }
    text.push('\n');
}
