//! Messages of the vfio-user protocol (version 0.1), as far as a driver needs them: bytes, no socket.

use std::io;

/// Bytes of a message's header.
pub const HEADER: usize = 16;
/// Most bytes of a reply: far above any that is asked for.
const MAX_REPLY: usize = 1 << 16;

const REPLY: u32 = 1;
const TYPE_MASK: u32 = 0xf;
const NO_REPLY: u32 = 1 << 4;
const ERROR: u32 = 1 << 5;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Command {
    /// Agrees on a version.
    Version = 1,
    /// Gives memory.
    DmaMap = 2,
    /// Takes it back.
    DmaUnmap = 3,
    /// Asks for a region's size.
    RegionInfo = 5,
    /// Asks for the number of interrupts.
    IrqInfo = 7,
    /// Gives event descriptors.
    SetIrqs = 8,
    /// Reads a region.
    RegionRead = 9,
    /// Writes a region.
    RegionWrite = 10,
    /// Resets the function.
    Reset = 13,
}

/// Why a reply is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyFault {
    /// The other side refuses, with this error of the system.
    Refused(i32),
    /// The bytes are not an answer to what was asked.
    Broken(String),
}

/// A whole message.
pub fn message(id: u16, command: Command, body: &[u8], answered: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + body.len());
    bytes.extend(id.to_le_bytes());
    bytes.extend((command as u16).to_le_bytes());
    bytes.extend(((HEADER + body.len()) as u32).to_le_bytes());
    bytes.extend(if answered { 0 } else { NO_REPLY }.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(body);
    bytes
}

/// Bytes behind a reply's header, or why it is no reply to message `id`.
pub fn reply_bytes(header: &[u8; HEADER], id: u16, command: Command) -> Result<usize, ReplyFault> {
    let half = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let word = |at: usize| u32::from(half(at)) | u32::from(half(at + 2)) << 16;
    let (bytes, flags, errno) = (word(4) as usize, word(8), word(12));
    if half(0) != id || half(2) != command as u16 || flags & TYPE_MASK != REPLY {
        return Err(ReplyFault::Broken(format!(
            "message {} of command {} and flags {flags:#x} came where the reply to message {id} of command {} was due",
            half(0),
            half(2),
            command as u16
        )));
    }
    if !(HEADER..=MAX_REPLY).contains(&bytes) {
        return Err(ReplyFault::Broken(format!("a reply to {command:?} of {bytes} bytes")));
    }
    if flags & ERROR != 0 {
        // What is behind the header of an error would have to be read before the next reply.
        return match bytes {
            HEADER => Err(ReplyFault::Refused(if errno == 0 { libc::EIO } else { errno as i32 })),
            _ => Err(ReplyFault::Broken(format!("an error to {command:?} with {bytes} bytes"))),
        };
    }
    Ok(bytes - HEADER)
}

/// Words one after the other.
pub fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The body of an access to a region: offset, region, count, and the bytes of a write.
pub fn access(region: u32, offset: u64, count: usize, data: &[u8]) -> Vec<u8> {
    let mut body = offset.to_le_bytes().to_vec();
    body.extend(words(&[region, count as u32]));
    body.extend(data);
    body
}

/// The word at `at` of a reply.
pub fn word(body: &[u8], at: usize) -> Result<u32, ReplyFault> {
    let bytes = body.get(at..).and_then(|rest| rest.first_chunk());
    let short = || ReplyFault::Broken(format!("a reply of {} bytes where one of {} is due", body.len(), at + 4));
    bytes.map(|&bytes| u32::from_le_bytes(bytes)).ok_or_else(short)
}

/// The body of a version: 0.1, and what we can do.
pub fn version() -> Vec<u8> {
    let mut body = vec![0, 0, 1, 0];
    body.extend(b"{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":1048576}}\0");
    body
}

/// Refuses a major version that is not ours.
pub fn check_version(body: &[u8]) -> Result<(), ReplyFault> {
    match word(body, 0)? & 0xffff {
        0 => Ok(()),
        major => Err(ReplyFault::Broken(format!("it speaks version {major} of the protocol, we speak 0"))),
    }
}

impl ReplyFault {
    /// As an error of the system.
    pub fn into_io(self) -> io::Error {
        match self {
            ReplyFault::Refused(errno) => io::Error::from_raw_os_error(errno),
            ReplyFault::Broken(what) => io::Error::new(io::ErrorKind::InvalidData, what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(id: u16, command: u16, bytes: u32, flags: u32, errno: u32) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[..2].copy_from_slice(&id.to_le_bytes());
        header[2..4].copy_from_slice(&command.to_le_bytes());
        header[4..].copy_from_slice(&words(&[bytes, flags, errno]));
        header
    }

    #[test]
    fn reply_that_is_none_is_told_apart_from_a_refusal() {
        let of = |header| reply_bytes(&header, 7, Command::RegionRead);
        assert_eq!(of(header(7, 9, 36, 1, 0)), Ok(20));
        assert_eq!(of(header(7, 9, 16, 0x21, 22)), Err(ReplyFault::Refused(22)));
        assert_eq!(of(header(7, 9, 16, 0x21, 0)), Err(ReplyFault::Refused(libc::EIO)));
        for wrong in [
            header(8, 9, 36, 1, 0),
            header(7, 10, 36, 1, 0),
            header(7, 9, 36, 0, 0),
            header(7, 9, 15, 1, 0),
            header(7, 9, u32::MAX, 1, 0),
            header(7, 9, 20, 0x21, 5),
        ] {
            assert!(matches!(of(wrong), Err(ReplyFault::Broken(_))), "{wrong:x?}");
        }
    }

    #[test]
    fn bodies_have_the_layout_of_the_protocol() {
        assert_eq!(
            access(0, 0x9014, 4, &[1, 2, 3, 4]),
            [0x14, 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]
        );
        let whole = message(0x102, Command::RegionWrite, &[9], false);
        assert_eq!(whole, [2, 1, 10, 0, 17, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(check_version(&[0, 0, 2, 0]), Ok(()));
        assert!(check_version(&[1, 0, 0, 0]).is_err() && check_version(&[0]).is_err());
    }
}
