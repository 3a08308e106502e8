//! A memory behind the card's AXI4 master, which may hold still: while registers are accessed nothing comes in or out.
//!
//! Reads are answered in order and written bursts in theirs, each after a latency. The master is held to the rules: whole
//! bursts of 64-byte beats, none over a page's border.

use crate::model::ModelError;
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Stalls;
use debye_hdl::base::stream::{LIMBS, Sink, Source, word};
use std::collections::VecDeque;

/// Bytes of a beat.
const BEAT: usize = 64;
/// A burst never crosses one of these.
const PAGE: u64 = 4096;
/// Bursts that are kept in each direction.
const BURSTS: usize = 64;
/// Answer of a slave that cannot.
const SLVERR: u64 = 2;

/// What stands behind the bus. An access fails as a whole.
pub trait Backing {
    /// Reads; `false`: it cannot.
    fn read(&mut self, address: u64, bytes: &mut [u8]) -> bool;
    /// Writes; `false`: it cannot.
    fn write(&mut self, address: u64, bytes: &[u8]) -> bool;
}

/// A burst that was asked for.
struct Burst {
    id: u64,
    address: u64,
    beats: usize,
    due: u64,
}

/// A burst that is being answered.
struct Answer {
    id: u64,
    response: u64,
    beats: VecDeque<[u64; LIMBS]>,
}

/// Bytes of a burst that is being written, and which of them count.
#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    enabled: Vec<bool>,
}

/// See the module.
pub struct AxiMemory {
    name: &'static str,
    latency: u64,
    read_addresses: Sink<5>,
    read_data: Source<4>,
    write_addresses: Sink<5>,
    write_data: Sink<3>,
    write_answers: Source<2>,
    reads: VecDeque<Burst>,
    answering: Option<Answer>,
    to_write: VecDeque<Burst>,
    coming: Written,
    written: VecDeque<Written>,
    /// Id, response, when.
    answers: VecDeque<(u64, u64, u64)>,
    open: bool,
}

impl AxiMemory {
    /// On the ports of this name, with so many cycles of latency.
    pub fn new<P: Pins + ?Sized>(pins: &P, name: &'static str, latency: u64) -> AxiMemory {
        let of = |port: &str| format!("{name}_{port}");
        let address = |channel: &str| {
            let fields = ["id", "addr", "len", "size", "burst"].map(|field| of(&format!("{channel}{field}")));
            let fields = fields.each_ref().map(String::as_str);
            let (valid, ready) = (of(&format!("{channel}valid")), of(&format!("{channel}ready")));
            Sink::new(pins, &valid, &ready, fields, Stalls::new(None, 0))
        };
        let fields = ["rid", "rdata", "rresp", "rlast"].map(of);
        let read = fields.each_ref().map(String::as_str);
        let fields = ["wdata", "wstrb", "wlast"].map(of);
        let write = fields.each_ref().map(String::as_str);
        let fields = ["bid", "bresp"].map(of);
        let answer = fields.each_ref().map(String::as_str);
        let still = || Stalls::new(None, 0);
        AxiMemory {
            name,
            latency,
            read_addresses: address("ar"),
            read_data: Source::new(pins, &of("rvalid"), &of("rready"), read, still()),
            write_addresses: address("aw"),
            write_data: Sink::new(pins, &of("wvalid"), &of("wready"), write, still()),
            write_answers: Source::new(pins, &of("bvalid"), &of("bready"), answer, still()),
            reads: VecDeque::new(),
            answering: None,
            to_write: VecDeque::new(),
            coming: Written::default(),
            written: VecDeque::new(),
            answers: VecDeque::new(),
            open: false,
        }
    }

    /// Bursts that are not answered yet.
    pub fn is_idle(&self) -> bool {
        let reads = self.reads.is_empty() && self.answering.is_none() && self.read_data.idle();
        let writes = self.to_write.is_empty() && self.written.is_empty() && self.coming.bytes.is_empty();
        reads && writes && self.answers.is_empty() && self.write_answers.idle()
    }

    /// Before the clock; without backing nothing new passes.
    pub fn drive<P: Pins + ?Sized>(&mut self, pins: &mut P, cycle: u64, backing: Option<&mut (dyn Backing + '_)>) {
        self.open = backing.is_some();
        self.read_addresses.drive(pins, self.open && self.reads.len() < BURSTS);
        self.write_addresses.drive(pins, self.open && self.to_write.len() < BURSTS);
        self.write_data.drive(pins, self.open && self.written.len() < BURSTS);
        let AxiMemory { reads, answering, answers, open, .. } = self;
        self.read_data.drive(pins, || {
            let backing = backing?;
            if answering.is_none() {
                reads.front().filter(|burst| burst.due <= cycle)?;
                let burst = reads.pop_front()?;
                *answering = Some(read(&burst, backing));
            }
            let answer = answering.as_mut()?;
            let beat = answer.beats.pop_front()?;
            let last = answer.beats.is_empty();
            let beat = [word(answer.id), beat, word(answer.response), word(last.into())];
            if last {
                *answering = None;
            }
            Some(beat)
        });
        self.write_answers.drive(pins, || {
            answers.front().filter(|(_, _, due)| *open && *due <= cycle)?;
            answers.pop_front().map(|(id, response, _)| [word(id), word(response)])
        });
    }

    /// After the design has settled; whether anything moved.
    ///
    /// # Errors
    /// [`ModelError::Bus`].
    pub fn look<P: Pins + ?Sized>(
        &mut self,
        pins: &mut P,
        cycle: u64,
        backing: Option<&mut (dyn Backing + '_)>,
    ) -> Result<bool, ModelError> {
        let mut moved = self.read_data.passed(pins).is_some() | self.write_answers.passed(pins).is_some();
        if let Some(beat) = self.read_addresses.passed(pins, cycle)? {
            self.reads.push_back(burst(self.name, cycle, &beat, self.latency)?);
            moved = true;
        }
        if let Some(beat) = self.write_addresses.passed(pins, cycle)? {
            self.to_write.push_back(burst(self.name, cycle, &beat, 0)?);
            moved = true;
        }
        if let Some([data, strobe, last]) = self.write_data.passed(pins, cycle)? {
            self.coming.bytes.extend(data.iter().flat_map(|limb| limb.to_le_bytes()));
            self.coming.enabled.extend((0..BEAT).map(|k| strobe[0] >> k & 1 != 0));
            if last[0] != 0 {
                self.written.push_back(std::mem::take(&mut self.coming));
            }
            moved = true;
        }
        let Some(backing) = backing else { return Ok(moved) };
        while let (Some(burst), Some(written)) = (self.to_write.front(), self.written.front()) {
            if written.bytes.len() != BEAT * burst.beats {
                let (stated, beats) = (burst.beats, written.bytes.len() / BEAT);
                let rule = format!("{}: a burst of {stated} beats ended after {beats}", self.name);
                return Err(ModelError::Bus { cycle, rule });
            }
            let response = if write(burst.address, written, backing) { 0 } else { SLVERR };
            self.answers.push_back((burst.id, response, cycle + self.latency));
            self.to_write.pop_front();
            self.written.pop_front();
        }
        Ok(moved)
    }
}

/// The burst of an address beat.
fn burst(name: &str, cycle: u64, beat: &[[u64; LIMBS]; 5], latency: u64) -> Result<Burst, ModelError> {
    let [id, address, length, size, kind] = beat.map(|limbs| limbs[0]);
    let beats = length + 1;
    let broken = |rule: String| Err(ModelError::Bus { cycle, rule: format!("{name}: {rule}") });
    if size != 6 || kind != 1 || address % BEAT as u64 != 0 {
        return broken(format!("not a burst of whole beats (size {size}, burst {kind}, address {address:#x})"));
    }
    if address % PAGE + BEAT as u64 * beats > PAGE {
        return broken(format!("a burst of {beats} beats at {address:#x} crosses a page"));
    }
    Ok(Burst { id, address, beats: beats as usize, due: cycle + latency })
}

fn read(burst: &Burst, backing: &mut (dyn Backing + '_)) -> Answer {
    let mut bytes = vec![0; BEAT * burst.beats];
    let response = if backing.read(burst.address, &mut bytes) { 0 } else { SLVERR };
    let limbs = |beat: &[u8; BEAT]| {
        let mut limbs = [0; LIMBS];
        for (limb, bytes) in limbs.iter_mut().zip(beat.as_chunks().0) {
            *limb = u64::from_le_bytes(*bytes);
        }
        limbs
    };
    Answer { id: burst.id, response, beats: bytes.as_chunks().0.iter().map(limbs).collect() }
}

/// Writes the runs of bytes that count. The last word of each goes last: what a host polls stands there.
fn write(address: u64, written: &Written, backing: &mut (dyn Backing + '_)) -> bool {
    let mut at = 0;
    for run in written.enabled.chunk_by(|a, b| a == b) {
        let bytes = &written.bytes[at..at + run.len()];
        if run[0] {
            let (head, tail) = bytes.split_at(bytes.len().saturating_sub(4));
            let place = address + at as u64;
            let done = head.is_empty() || backing.write(place, head);
            if !done || !backing.write(place + head.len() as u64, tail) {
                return false;
            }
        }
        at += run.len();
    }
    true
}
