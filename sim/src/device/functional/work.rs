//! What a submission asks for, done.

use super::bus::Bus;
use super::core::Core;
use crate::device::table_memory::TableMemory;
use crate::device::{DmaFault, HostMemory};
use crate::functional::Functional;
use debye_spec::encode_wire::{EncodeRequest, padded_crc};
use debye_spec::rings::{RawSubmission, element_of_code};
use debye_spec::wire::TRAILER_BYTES;
use debye_spec::{Element, Status};

/// What became of a submission.
pub struct Outcome {
    /// Code of its status.
    pub status: u8,
    /// Bytes that were written.
    pub bytes: u32,
    /// CRC of a result.
    pub crc: u32,
}

impl Outcome {
    /// Nothing was written.
    pub fn refused(status: Status) -> Outcome {
        Outcome { status: status.code(), bytes: 0, crc: 0 }
    }
}

/// Integrates a frame.
pub fn integrate(
    core: &mut Core,
    memory: &TableMemory,
    bus: &mut Bus,
    raw: &RawSubmission,
    host: &dyn HostMemory,
) -> Result<Outcome, DmaFault> {
    let chunk = bus.fetch(host, raw.source(), raw.job_bytes())?;
    let header = raw.lane_header();
    // A header of an unknown type is refused whatever the table is for.
    let element = element_of_code(header[6]).unwrap_or(Element::U8);
    let table = core.table(memory, element);
    let result = Functional::answer(&core.shape, &table, &header, &chunk);
    core.count_frame();
    if result.len() > raw.capacity() as usize {
        return Ok(Outcome::refused(Status::ResultTooLarge));
    }
    bus.write(host, raw.target(), &result)?;
    let crc = result[result.len() - TRAILER_BYTES..].first_chunk().map_or(0, |&crc| u32::from_le_bytes(crc));
    Ok(Outcome { status: result[6], bytes: result.len() as u32, crc })
}

/// Fills table memory. Nothing is changed when host memory could not be read.
pub fn upload(
    memory: &mut TableMemory,
    bus: &mut Bus,
    raw: &RawSubmission,
    host: &dyn HostMemory,
) -> Result<Outcome, DmaFault> {
    if !memory.holds(raw.target(), raw.job_bytes().into()) {
        return Ok(Outcome::refused(Status::RequestInvalid));
    }
    memory.write(raw.target(), &bus.fetch(host, raw.source(), raw.job_bytes())?);
    Ok(Outcome { status: Status::Ok.code(), bytes: raw.job_bytes(), crc: 0 })
}

/// Copies from host memory to host memory, from low to high addresses.
pub fn copy(bus: &mut Bus, raw: &RawSubmission, host: &dyn HostMemory) -> Result<Outcome, DmaFault> {
    let mut buffer = vec![0; raw.job_bytes().min(1 << 20) as usize];
    let mut done = 0;
    while done < raw.job_bytes() {
        let piece = (buffer.len() as u32).min(raw.job_bytes() - done);
        let part = &mut buffer[..piece as usize];
        bus.read(host, raw.source().wrapping_add(done.into()), part)?;
        bus.write(host, raw.target().wrapping_add(done.into()), part)?;
        done += piece;
    }
    Ok(Outcome { status: Status::Ok.code(), bytes: done, crc: 0 })
}

/// Encodes pixels in blocks of `block_bytes`.
pub fn encode(
    bus: &mut Bus,
    raw: &RawSubmission,
    block_bytes: usize,
    host: &dyn HostMemory,
) -> Result<Outcome, DmaFault> {
    let mut pixels = bus.fetch(host, raw.source(), raw.job_bytes())?;
    let mut chunk = Vec::new();
    let encoded = EncodeRequest::read(&raw.lane_header()).and_then(|request| {
        request.cut(&mut pixels);
        debye_spec::encode::encode(&pixels, request.element, block_bytes, &mut chunk)
            .map_err(|_| Status::RequestInvalid)
    });
    if let Err(status) = encoded {
        return Ok(Outcome::refused(status));
    }
    let (bytes, crc) = (chunk.len() as u32, padded_crc(&chunk));
    chunk.resize(chunk.len().next_multiple_of(8), 0);
    bus.write(host, raw.target(), &chunk)?;
    Ok(Outcome { status: Status::Ok.code(), bytes, crc })
}
