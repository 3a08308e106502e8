//! The host's memory behind PCIe: chunks stand in it, the card asks for pieces of them, pieces come after a while.

use crate::model::ModelError;
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Stalls;
use debye_hdl::base::stream::{LIMBS, Sink, Source, word};
use std::collections::{BTreeMap, VecDeque};

/// Cycles from a request for bytes to the first of them: 1 us at 250 MHz, what a read over PCIe takes.
const LATENCY: u64 = 250;
/// Bytes of a data beat.
const BEAT: usize = 64;
/// A request never crosses one of these, and asks for no more.
const PAGE: u64 = 4096;
/// Where chunks start to be put; not 0, so that an address that was not set is found.
const START: u64 = 0x10_0000_0000;
/// What stands behind a chunk: nobody may rely on zeros there.
const FILLER: u8 = 0xa5;

struct Piece {
    address: u64,
    bytes: usize,
    lane: u64,
    due: u64,
}

/// See the module.
pub struct ChunkMemory {
    chunks: BTreeMap<u64, Vec<u8>>,
    free: u64,
    /// Pieces asked for, by lane, each in its order.
    pieces: BTreeMap<u64, VecDeque<Piece>>,
    requests: Sink<1>,
    data: Source<2>,
    random: Stalls,
    fetched: u64,
}

impl ChunkMemory {
    /// On the ports `m_axis_fetch_*` and `s_axis_data_*`.
    pub fn new<P: Pins + ?Sized>(pins: &P, seed: Option<u64>, first_stream: u64) -> ChunkMemory {
        let stalls = |stream| Stalls::new(seed, first_stream + stream);
        let fetch = ["m_axis_fetch_tvalid", "m_axis_fetch_tready"];
        let data = ["s_axis_data_tvalid", "s_axis_data_tready"];
        ChunkMemory {
            chunks: BTreeMap::new(),
            free: START,
            pieces: BTreeMap::new(),
            requests: Sink::new(pins, fetch[0], fetch[1], ["m_axis_fetch_tdata"], stalls(0)),
            data: Source::new(pins, data[0], data[1], ["s_axis_data_tdata", "s_axis_data_tdest"], stalls(1)),
            random: stalls(2),
            fetched: 0,
        }
    }

    /// Puts a chunk somewhere and gives its address.
    pub fn put(&mut self, chunk: Vec<u8>) -> u64 {
        // Any multiple of 64: pages are crossed anywhere in a chunk.
        let address = self.free + BEAT as u64 * self.random.below(100);
        self.free = (address + chunk.len() as u64 + 1).next_multiple_of(BEAT as u64);
        self.chunks.insert(address, chunk);
        address
    }

    /// Forgets a chunk.
    pub fn drop_chunk(&mut self, address: u64) {
        self.chunks.remove(&address);
    }

    /// Bytes of chunks that were sent.
    pub fn fetched(&self) -> u64 {
        self.fetched
    }

    /// Before the clock.
    pub fn drive<P: Pins + ?Sized>(&mut self, pins: &mut P, cycle: u64) {
        self.requests.drive(pins, true);
        let ChunkMemory { pieces, random, chunks, fetched, .. } = self;
        self.data.drive(pins, || {
            // Lanes are answered in the order in which they asked; with a seed, in any order.
            let mut due: Vec<_> =
                pieces.values_mut().filter(|pieces| pieces.front().is_some_and(|piece| piece.due <= cycle)).collect();
            due.sort_by_key(|pieces| pieces.front().map(|piece| piece.due));
            let pick = random.below(due.len() as u64) as usize;
            let pieces = due.into_iter().nth(pick)?;
            let piece = pieces.front_mut()?;
            let count = piece.bytes.min(BEAT);
            let (beat, real) = beat(chunks, piece.address, count);
            *fetched += real as u64;
            let lane = piece.lane;
            (piece.address, piece.bytes) = (piece.address + count as u64, piece.bytes - count);
            if piece.bytes == 0 {
                pieces.pop_front();
            }
            Some([beat, word(lane)])
        });
    }

    /// After the design has settled; whether anything moved.
    ///
    /// # Errors
    /// [`ModelError::Bus`].
    pub fn look<P: Pins + ?Sized>(&mut self, pins: &mut P, cycle: u64) -> Result<bool, ModelError> {
        let sent = self.data.passed(pins).is_some();
        let Some([request]) = self.requests.passed(pins, cycle)? else { return Ok(sent) };
        let (address, bytes, lane) = (request[0], request[1] & 0xffff, request[1] >> 16 & 0xff);
        let broken = |rule: String| Err(ModelError::Bus { cycle, rule });
        if bytes == 0 || address % PAGE + bytes > PAGE {
            return broken(format!("a fetch of {bytes} bytes at {address:#x} is empty or crosses a page"));
        }
        let chunk = self.chunks.range(..=address).next_back();
        let end = chunk.map_or(0, |(&start, chunk)| (start + chunk.len() as u64).next_multiple_of(BEAT as u64));
        if address + bytes > end {
            return broken(format!("a fetch of {bytes} bytes at {address:#x} is not in a chunk"));
        }
        let due = cycle + LATENCY + self.random.below(LATENCY);
        self.pieces.entry(lane).or_default().push_back(Piece { address, bytes: bytes as usize, lane, due });
        Ok(true)
    }
}

/// A beat from `address` on, and how many of its bytes are a chunk's.
fn beat(chunks: &BTreeMap<u64, Vec<u8>>, address: u64, count: usize) -> ([u64; LIMBS], usize) {
    let mut bytes = [FILLER; BEAT];
    let mut real = 0;
    if let Some((&start, chunk)) = chunks.range(..=address).next_back() {
        let rest = chunk.get((address - start) as usize..).unwrap_or_default();
        real = rest.len().min(count);
        bytes[..real].copy_from_slice(&rest[..real]);
    }
    let mut limbs = [0; LIMBS];
    for (limb, bytes) in limbs.iter_mut().zip(bytes.as_chunks().0) {
        *limb = u64::from_le_bytes(*bytes);
    }
    (limbs, real)
}
