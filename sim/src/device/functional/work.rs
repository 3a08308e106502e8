//! What a submission asks for, done.

use super::bus::Bus;
use super::core::Core;
use crate::device::table_memory::TableMemory;
use crate::device::{DmaFault, HostMemory};
use crate::functional::Functional;
use debye_spec::encode_wire::{EncodeRequest, padded_crc};
use debye_spec::rings::{RawSubmission, chunk_room, element_of_code};
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
    /// Bytes of the chunk beside a result.
    pub chunk_bytes: u32,
    /// Its CRC.
    pub chunk_crc: u32,
}

impl Outcome {
    /// Bytes were written.
    fn done(status: u8, bytes: u32, crc: u32) -> Outcome {
        Outcome { status, bytes, crc, chunk_bytes: 0, chunk_crc: 0 }
    }

    /// Nothing was written.
    pub fn refused(status: Status) -> Outcome {
        Outcome::done(status.code(), 0, 0)
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
    through_lane(core, memory, bus, raw, &chunk, host)
}

/// What a lane answers to a submission's chunk.
fn through_lane(
    core: &mut Core,
    memory: &TableMemory,
    bus: &mut Bus,
    raw: &RawSubmission,
    chunk: &[u8],
    host: &dyn HostMemory,
) -> Result<Outcome, DmaFault> {
    let header = raw.lane_header();
    // A header of an unknown type is refused whatever the table is for.
    let element = element_of_code(header[6]).unwrap_or(Element::U8);
    let table = core.table(memory, element);
    let result = Functional::answer(&core.shape, &table, &header, chunk);
    core.count_frame();
    if result.len() > raw.capacity() as usize {
        return Ok(Outcome::refused(Status::ResultTooLarge));
    }
    bus.write(host, raw.target(), &result)?;
    let crc = result[result.len() - TRAILER_BYTES..].first_chunk().map_or(0, |&crc| u32::from_le_bytes(crc));
    Ok(Outcome::done(result[6], result.len() as u32, crc))
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
    Ok(Outcome::done(Status::Ok.code(), raw.job_bytes(), 0))
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
    Ok(Outcome::done(Status::Ok.code(), done, 0))
}

/// The chunk that an encoder makes of pixels in blocks of `block_bytes`, with its length and CRC; padded to whole words.
fn chunk_of(raw: &RawSubmission, mut pixels: Vec<u8>, block_bytes: usize) -> Result<(Vec<u8>, u32, u32), Status> {
    let request = EncodeRequest::read(&raw.encode_header())?;
    request.cut(&mut pixels);
    let mut chunk = Vec::new();
    debye_spec::encode::encode(&pixels, request.element, block_bytes, &mut chunk)
        .map_err(|_| Status::RequestInvalid)?;
    let (bytes, crc) = (chunk.len() as u32, padded_crc(&chunk));
    chunk.resize(chunk.len().next_multiple_of(8), 0);
    Ok((chunk, bytes, crc))
}

/// Encodes pixels in blocks of `block_bytes`.
pub fn encode(
    bus: &mut Bus,
    raw: &RawSubmission,
    block_bytes: usize,
    host: &dyn HostMemory,
) -> Result<Outcome, DmaFault> {
    let pixels = bus.fetch(host, raw.source(), raw.job_bytes())?;
    match chunk_of(raw, pixels, block_bytes) {
        Err(status) => Ok(Outcome::refused(status)),
        Ok((chunk, bytes, crc)) => {
            bus.write(host, raw.target(), &chunk)?;
            Ok(Outcome::done(Status::Ok.code(), bytes, crc))
        }
    }
}

/// Encodes pixels and integrates what comes of it.
pub fn fuse(
    core: &mut Core,
    memory: &TableMemory,
    bus: &mut Bus,
    raw: &RawSubmission,
    host: &dyn HostMemory,
) -> Result<Outcome, DmaFault> {
    let pixels = bus.fetch(host, raw.source(), raw.job_bytes())?;
    // Of what the encoder refuses there is no chunk: the lane finds zeros.
    let (mut chunk, chunk_bytes, chunk_crc) = chunk_of(raw, pixels, core.shape.block_bytes()).unwrap_or_default();
    bus.write(host, raw.chunk_target(), &chunk)?;
    chunk.resize(chunk_room(raw.job_bytes()) as usize, 0);
    let outcome = through_lane(core, memory, bus, raw, &chunk, host)?;
    Ok(Outcome { chunk_bytes, chunk_crc, ..outcome })
}
