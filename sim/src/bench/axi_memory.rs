//! An AXI4 slave in front of some memory: bursts in order, one word of all it answers behind the other.

use super::random::Stalls;
use super::stream::{LIMBS, Sink, Source, word};
use crate::device::HostMemory;
use crate::model::ModelError;
use debye_hdl::base::pins::Pins;
use std::collections::VecDeque;

/// Bytes of a beat.
const BEAT: usize = 64;
/// A burst never crosses one of these.
const PAGE: u64 = 4096;
/// Bursts of each direction that are kept until they are answered.
const BURSTS: usize = 64;
/// Bytes of a completion's phase, which must be seen after the rest of its beat.
const PHASE: usize = 4;

struct Read {
    id: u64,
    address: u64,
    beats: u64,
    /// Beats to come; `None` before the memory was asked.
    data: Option<(VecDeque<[u64; LIMBS]>, bool)>,
}

/// See the module. Without a memory at hand it stands still.
pub struct AxiMemory {
    name: &'static str,
    read_addresses: Sink<5>,
    read_data: Source<4>,
    write_addresses: Sink<5>,
    write_data: Sink<3>,
    answers: Source<2>,
    reads: VecDeque<Read>,
    writes: VecDeque<(u64, u64, u64)>,
    coming: Vec<u8>,
    /// Data of whole bursts.
    bursts: VecDeque<Vec<u8>>,
    answered: VecDeque<(u64, bool)>,
}

impl AxiMemory {
    /// On the ports `prefix_*` of all five channels.
    pub fn new<P: Pins + ?Sized>(pins: &P, name: &'static str, seed: Option<u64>, first_stream: u64) -> AxiMemory {
        let stalls = |stream| Stalls::new(seed, first_stream + stream);
        let port = |suffix: &str| format!("{name}_{suffix}");
        let ports = |channel: &str, suffixes: &[&str]| -> Vec<String> {
            suffixes.iter().map(|suffix| port(&format!("{channel}{suffix}"))).collect()
        };
        let fields = ["id", "addr", "len", "size", "burst"];
        let (ar, aw) = (ports("ar", &fields), ports("aw", &fields));
        let (r, w, b) = (
            ports("r", &["id", "data", "resp", "last"]),
            ports("w", &["data", "strb", "last"]),
            ports("b", &["id", "resp"]),
        );
        AxiMemory {
            name,
            read_addresses: Sink::new(pins, &port("arvalid"), &port("arready"), each(&ar), stalls(0)),
            read_data: Source::new(pins, &port("rvalid"), &port("rready"), each(&r), stalls(1)),
            write_addresses: Sink::new(pins, &port("awvalid"), &port("awready"), each(&aw), stalls(2)),
            write_data: Sink::new(pins, &port("wvalid"), &port("wready"), each(&w), stalls(3)),
            answers: Source::new(pins, &port("bvalid"), &port("bready"), each(&b), stalls(4)),
            reads: VecDeque::new(),
            writes: VecDeque::new(),
            coming: Vec::new(),
            bursts: VecDeque::new(),
            answered: VecDeque::new(),
        }
    }

    /// Whether nothing is under way.
    pub fn idle(&self) -> bool {
        self.reads.is_empty()
            && self.writes.is_empty()
            && self.bursts.is_empty()
            && self.coming.is_empty()
            && self.answered.is_empty()
            && self.read_data.idle()
            && self.answers.idle()
    }

    /// Before the clock.
    pub fn drive<P: Pins + ?Sized>(&mut self, pins: &mut P, memory: Option<&dyn HostMemory>) {
        self.read_addresses.drive(pins, memory.is_some() && self.reads.len() < BURSTS);
        self.write_addresses.drive(pins, memory.is_some() && self.writes.len() < BURSTS);
        self.write_data.drive(pins, memory.is_some() && self.bursts.len() < BURSTS);
        let AxiMemory { reads, writes, bursts, answered, .. } = self;
        if let (Some(memory), false, false) = (memory, writes.is_empty(), bursts.is_empty())
            && let (Some((id, address, _)), Some(bytes)) = (writes.pop_front(), bursts.pop_front())
        {
            answered.push_back((id, write(memory, address, &bytes)));
        }
        self.read_data.drive(pins, || {
            let read = reads.front_mut()?;
            if read.data.is_none() {
                read.data = Some(fetch(memory?, read.address, read.beats as usize));
            }
            let (beats, bad) = read.data.as_mut()?;
            let beat = beats.pop_front()?;
            let (last, response) = (beats.is_empty(), if *bad { 2 } else { 0 });
            let beat = [word(read.id), beat, word(response), word(last.into())];
            if last {
                reads.pop_front();
            }
            Some(beat)
        });
        self.answers.drive(pins, || {
            let (id, bad) = answered.pop_front()?;
            Some([word(id), word(if bad { 2 } else { 0 })])
        });
    }

    /// After the design has settled; whether anything moved.
    ///
    /// # Errors
    /// [`ModelError::Bus`].
    pub fn look<P: Pins + ?Sized>(&mut self, pins: &mut P, cycle: u64) -> Result<bool, ModelError> {
        let mut moved = self.read_data.passed(pins).is_some() | self.answers.passed(pins).is_some();
        if let Some(fields) = self.read_addresses.passed(pins, cycle)? {
            let (id, address, beats) = self.burst(fields, cycle)?;
            self.reads.push_back(Read { id, address, beats, data: None });
            moved = true;
        }
        if let Some(fields) = self.write_addresses.passed(pins, cycle)? {
            let burst = self.burst(fields, cycle)?;
            self.writes.push_back(burst);
            moved = true;
        }
        if let Some([data, strobe, last]) = self.write_data.passed(pins, cycle)? {
            let bytes = strobe[0].trailing_ones() as usize;
            if strobe[0].count_ones() as usize != bytes || (bytes < BEAT && last[0] == 0) {
                return self
                    .broken(cycle, format!("strobes {:#x} are not the first bytes of a burst's end", strobe[0]));
            }
            let start = self.coming.len();
            self.coming.extend(data.iter().flat_map(|limb| limb.to_le_bytes()));
            self.coming.truncate(start + bytes);
            if last[0] != 0 {
                self.bursts.push_back(std::mem::take(&mut self.coming));
            }
            moved = true;
        }
        // Address and data of a write come in any order.
        if let (Some(&(_, address, beats)), Some(bytes)) = (self.writes.front(), self.bursts.front())
            && bytes.len().div_ceil(BEAT) as u64 != beats
        {
            return self.broken(cycle, format!("{} bytes for {beats} beats at {address:#x}", bytes.len()));
        }
        Ok(moved)
    }

    fn burst(&self, fields: [[u64; LIMBS]; 5], cycle: u64) -> Result<(u64, u64, u64), ModelError> {
        let [id, address, length, size, burst] = fields.map(|field| field[0]);
        if size != 6 || burst != 1 || !address.is_multiple_of(BEAT as u64) {
            return self.broken(cycle, format!("not a burst of whole beats (size {size}, burst {burst})"));
        }
        if address % PAGE + BEAT as u64 * (length + 1) > PAGE {
            return self.broken(cycle, format!("a burst of {} beats at {address:#x} crosses a page", length + 1));
        }
        Ok((id, address, length + 1))
    }

    fn broken<T>(&self, cycle: u64, rule: String) -> Result<T, ModelError> {
        Err(ModelError::Bus { cycle, rule: format!("{}: {rule}", self.name) })
    }
}

fn each<const N: usize>(names: &[String]) -> [&str; N] {
    std::array::from_fn(|k| names[k].as_str())
}

/// Beats of a burst, and whether it failed: then all of them.
fn fetch(memory: &dyn HostMemory, address: u64, beats: usize) -> (VecDeque<[u64; LIMBS]>, bool) {
    let mut bytes = vec![0; BEAT * beats];
    let bad = memory.read(address, &mut bytes).is_err();
    let beats = bytes.chunks(BEAT).map(|beat| {
        let mut limbs = [0; LIMBS];
        for (limb, bytes) in limbs.iter_mut().zip(beat.as_chunks().0) {
            *limb = u64::from_le_bytes(*bytes);
        }
        limbs
    });
    (beats.collect(), bad)
}

/// Writes a burst; whether that failed. A single beat may be a completion: its end goes last.
fn write(memory: &dyn HostMemory, address: u64, bytes: &[u8]) -> bool {
    if bytes.len() != BEAT {
        return memory.write(address, bytes).is_err();
    }
    let (entry, phase) = bytes.split_at(BEAT - PHASE);
    memory.write(address, entry).is_err() || memory.write(address + entry.len() as u64, phase).is_err()
}
