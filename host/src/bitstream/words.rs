//! How configuration data begins: the sync word, and the IDCODE of the FPGA that it is for.
//!
//! UltraScale+ (UG570, chapter 9): 32-bit words from the sync word on, each a packet's header or what follows it. The first
//! write to the register IDCODE counts: in devices of several dies it names the device, later ones the other dies (as
//! openFPGALoader's bitstreams for VU7P, VU9P and VU37P have it). ECP5 (FPGA-TN-02039): commands of one byte, most with
//! three bytes of operands, from the preamble on; VERIFY_ID carries the IDCODE.

use super::error::Fault;
use debye_spec::board::Family;
use debye_spec::flash::configuration::{IDCODE, SYNC};

/// Bytes in which the sync word must stand. Vivado puts 80 or so before it.
const SEARCHED: usize = 4096;
const AMD_SYNC: [u8; 4] = SYNC.to_be_bytes();
const ECP5_PREAMBLE: [u8; 4] = [0xff, 0xff, 0xbd, 0xb3];
/// Most bytes behind the sync word that are looked at. The IDCODE stands within some hundred.
const LOOKED_AT: usize = 4096;

const VERIFY_ID: u8 = 0xe2;

/// What the beginning says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Family of FPGAs.
    pub family: Family,
    /// Where the sync word stands in the data.
    pub sync: usize,
    /// IDCODE of the FPGA.
    pub idcode: u32,
    /// Where it stands.
    pub idcode_at: usize,
}

/// Looks at the beginning of configuration data.
pub fn target(data: &[u8]) -> Result<Target, Fault> {
    let head = &data[..data.len().min(SEARCHED)];
    let find = |word: [u8; 4]| head.windows(4).position(|bytes| bytes == word);
    let (family, sync) = match (find(AMD_SYNC), find(ECP5_PREAMBLE)) {
        // The preamble of one may stand in the frames of the other, behind its own.
        (Some(amd), ecp5) if ecp5.is_none_or(|ecp5| amd < ecp5) => (Family::UltraScalePlus, amd),
        (_, Some(ecp5)) => (Family::Ecp5, ecp5),
        (_, None) => return Err(Fault::NoSync { searched: head.len() }),
    };
    let start = sync + 4;
    let end = data.len().min(start + LOOKED_AT);
    let (idcode, idcode_at) = match family {
        Family::UltraScalePlus => packets(&data[..end], start)?,
        Family::Ecp5 => commands(&data[..end], start)?,
    };
    Ok(Target { family, sync, idcode, idcode_at })
}

fn packets(data: &[u8], mut at: usize) -> Result<(u32, usize), Fault> {
    while let Some(word) = word_at(data, at) {
        let (kind, operation, count) = (word >> 29, word >> 27 & 3, word & 0x7ff);
        let payload = match kind {
            1 if operation == 2 && word >> 13 & 0x3fff == IDCODE && count == 1 => {
                let idcode = word_at(data, at + 4).ok_or(Fault::NoIdcode { byte: at })?;
                return Ok((idcode, at + 4));
            }
            // A NOP may carry any number where the count stands.
            1 if operation == 0 => 0,
            // A read is followed by nothing in what is written.
            1 if operation == 1 => 0,
            1 if operation == 2 => count,
            // Data before the IDCODE.
            2 => return Err(Fault::NoIdcode { byte: at }),
            _ => return Err(Fault::Packet { byte: at, word }),
        };
        at += 4 + 4 * payload as usize;
    }
    Err(Fault::NoIdcode { byte: at.min(data.len()) })
}

fn commands(data: &[u8], mut at: usize) -> Result<(u32, usize), Fault> {
    /// Commands that may stand before VERIFY_ID, and the bytes behind each: ISC_NOOP, LSC_RESET_CRC, SPI_MODE.
    const BEFORE: [(u8, usize); 3] = [(0xff, 0), (0x3b, 3), (0x79, 3)];
    while let Some(&command) = data.get(at) {
        if command == VERIFY_ID {
            let idcode = word_at(data, at + 4).ok_or(Fault::NoIdcode { byte: at })?;
            return Ok((idcode, at + 4));
        }
        let Some((_, operands)) = BEFORE.iter().find(|(code, _)| *code == command) else {
            return Err(Fault::NoIdcode { byte: at });
        };
        at += 1 + operands;
    }
    Err(Fault::NoIdcode { byte: at.min(data.len()) })
}

fn word_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*data.get(at..)?.first_chunk()?))
}
