//! A host with rings: it submits, rings doorbells, takes completions and holds each against what the contract says.

use super::Bench;
use super::lane::{self, EARLY};
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use debye_spec::encode_wire::{EncodeRequest, padded_crc};
use debye_spec::rings::{
    Completion, CopyJob, ENTRY_BYTES, EncodeJob, FuseJob, Kind, RawSubmission, Submission, chunk_place, chunk_room,
    fuse_room, phase, result_bytes,
};
use debye_spec::wire::{HEADER_BYTES, Request};
use debye_spec::{Element, Status};
use std::collections::HashMap;

/// Where chunks, results and copies stand; every address is used once.
const HEAP: u64 = 0x7f12_3450_0000;
/// Where rings stand: a megabyte each.
const RINGS: u64 = 0x40_0000_0000;
/// Where uploads go in the table memory.
pub const TABLE: u64 = 0x1_0000_0000;
/// What stands where nothing was written.
const FILLER: u8 = 0x5a;

/// One queue of a host.
pub struct Queue {
    pub number: u32,
    pub submissions: u64,
    pub completions: u64,
    pub depths: [u32; 2],
    pub tail: u32,
    /// Completions taken.
    pub head: u32,
    /// `submission_head` of the last completion.
    pub taken: u32,
}

/// What must come of a submission.
pub struct Expected {
    pub queue: u32,
    pub sequence: u32,
    pub kind: u8,
    pub job_bytes: u32,
    pub status: Status,
    /// Memory that must hold these bytes then, and filler bytes behind them; in the table memory or the host's.
    pub memory: Vec<(bool, u64, Vec<u8>)>,
    /// Bytes and CRC of a chunk beside the result.
    pub chunk: (u32, u32),
    pub result_bytes: u32,
    pub crc: u32,
}

/// What a simple lane answers to a submission with that chunk, and zeros behind it if the lane is to expect more.
fn lane_answer(raw: &RawSubmission, chunk: &[u8]) -> Vec<u8> {
    let header = raw.lane_header();
    let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
    let mut chunk = chunk.to_vec();
    chunk.resize((word(20) as usize).next_multiple_of(8), 0);
    let early = u64::from(word(36)) == EARLY;
    let words = chunk.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap()));
    let (hash, words, status) = if early { (0, 0, 2) } else { (lane::hash(words), word(28).into(), 0) };
    let result = lane::result(raw.handle(), raw.sequence().into(), hash, words, status);
    result.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The CRC that a result states.
fn crc_of(result: &[u8]) -> u32 {
    u32::from_le_bytes(result[result.len() - 8..][..4].try_into().unwrap())
}

/// A host before a bench.
pub struct Host<P: Pins> {
    pub bench: Bench<P>,
    pub queues: Vec<Queue>,
    pub expected: HashMap<u64, Expected>,
    pub free: u64,
    pub uploaded: u64,
    handles: u64,
    /// log2 of the bytes of the blocks that the card makes, if it makes any.
    pub block_log2: u8,
    pub random: Random,
    pub done: u64,
}

impl<P: Pins> Host<P> {
    pub fn new(mut bench: Bench<P>) -> Host<P> {
        let random = Random::new(bench.random.draw());
        bench.table.map(0, 1 << 16);
        bench.write("table_ops", 9);
        bench.write("control", 1);
        bench.write("ring_control", 1);
        let block_log2 = (bench.read("encode_capabilities") >> 8) as u8;
        Host {
            bench,
            queues: vec![],
            expected: HashMap::new(),
            free: HEAP,
            uploaded: TABLE,
            handles: 0x1000,
            block_log2,
            random,
            done: 0,
        }
    }

    /// Starts a queue.
    pub fn start(&mut self, number: u32, depths: [u32; 2]) {
        self.start_at(number, depths, 0);
    }

    /// Starts a queue with its indices at `first`.
    pub fn start_at(&mut self, number: u32, depths: [u32; 2], first: u32) {
        let base = RINGS + ((number as u64) << 20);
        let [tail, head, taken] = [first; 3];
        let queue = Queue { number, submissions: base, completions: base + (1 << 19), depths, tail, head, taken };
        for (address, depth) in [(queue.submissions, depths[0]), (queue.completions, depths[1])] {
            self.bench.host.map(address, 64 << depth);
            self.bench.host.put(address, &vec![0; 64 << depth]);
        }
        for index in (0..1 << depths[1]).map(|k| first.wrapping_add(k)) {
            if !phase(index, depths[1]) {
                let slot = u64::from(index & ((1 << depths[1]) - 1));
                self.bench.host.put(queue.completions + 64 * slot + 60, &[1, 0, 0, 0]);
            }
        }
        let bench = &mut self.bench;
        bench.write_queue(number, "start", first);
        bench.write_queue(number, "submission_low", queue.submissions as u32);
        bench.write_queue(number, "submission_high", (queue.submissions >> 32) as u32);
        bench.write_queue(number, "completion_low", queue.completions as u32);
        bench.write_queue(number, "completion_high", (queue.completions >> 32) as u32);
        bench.write_queue(number, "queue_config", depths[0] | depths[1] << 4 | 1 << 8);
        self.queues.retain(|other| other.number != number);
        self.queues.push(queue);
        self.queues.sort_by_key(|queue| queue.number);
    }

    /// Memory of its own, at a random multiple of 64, filled with filler.
    pub fn memory(&mut self, bytes: u64) -> u64 {
        let address = self.free + 64 * self.random.below(70);
        self.free = (address + bytes + 64).next_multiple_of(64);
        self.bench.host.map(address, bytes + 128);
        self.bench.host.put(address, &vec![FILLER; bytes as usize]);
        address
    }

    pub fn bytes(&mut self, bytes: usize) -> Vec<u8> {
        (0..bytes).map(|_| self.random.draw() as u8).collect()
    }

    fn handle(&mut self) -> (u64, u32) {
        self.handles += 1;
        (self.random.draw() << 16 | self.handles & 0xffff, self.handles as u32)
    }

    /// Room in a queue's rings.
    pub fn room(&self, queue: usize) -> u32 {
        let queue = &self.queues[queue];
        (1 << queue.depths[0]) - queue.tail.wrapping_sub(queue.taken)
    }

    /// Puts an entry into the submission ring.
    pub fn push(&mut self, queue: usize, entry: &[u8; ENTRY_BYTES]) {
        let queue = &mut self.queues[queue];
        let slot = queue.tail as u64 & ((1 << queue.depths[0]) - 1);
        self.bench.host.put(queue.submissions + 64 * slot, entry);
        queue.tail = queue.tail.wrapping_add(1);
    }

    pub fn doorbell(&mut self, queue: usize) {
        let (number, tail) = (self.queues[queue].number, self.queues[queue].tail);
        self.bench.write_queue(number, "submission_tail", tail);
    }

    fn expect(&mut self, queue: usize, raw: &RawSubmission, status: Status) -> &mut Expected {
        let expected = Expected {
            queue: self.queues[queue].number,
            sequence: raw.sequence(),
            kind: raw.bytes[5],
            job_bytes: raw.job_bytes(),
            status,
            memory: vec![],
            chunk: (0, 0),
            result_bytes: 0,
            crc: 0,
        };
        self.expected.entry(raw.handle()).insert_entry(expected).into_mut()
    }

    /// A request with a chunk of so many bytes and a result of so many words; `threshold` makes lanes misbehave.
    pub fn integrate(&mut self, queue: usize, bytes: usize, words: u32, threshold: u64) -> [u8; ENTRY_BYTES] {
        let chunk = self.bytes(bytes);
        let address = self.memory(bytes as u64);
        self.bench.host.put(address, &chunk);
        let capacity = result_bytes(words);
        let target = self.memory(capacity as u64 + 64);
        let (handle, sequence) = self.handle();
        let request = Request {
            handle,
            sequence,
            element: debye_spec::Element::U16,
            chunk_bytes: bytes as u32,
            pixels: 1,
            bins: words,
            max_valid: 0,
            threshold: threshold as u32,
            chunk_address: address,
            table: 0,
        };
        let entry = Submission::Integrate { request, result_address: target, result_capacity: capacity }.to_bytes();
        let raw = RawSubmission { bytes: entry };
        let result = lane_answer(&raw, &chunk);
        let expected = self.expect(queue, &raw, Status::from_code(result[6]).unwrap());
        (expected.result_bytes, expected.crc) = (result.len() as u32, crc_of(&result));
        expected.memory = vec![(false, target, result)];
        self.push(queue, &entry);
        entry
    }

    /// Pixels in memory, with zeros behind them up to a word: few values, so that there are matches, or any (`wild`).
    fn pixels(&mut self, element: Element, count: usize, wild: bool) -> (Vec<u8>, u64) {
        let most = if wild { u64::MAX } else { 3 };
        let pixels: Vec<u8> = (0..count)
            .flat_map(|_| (self.random.draw() & most).to_le_bytes().into_iter().take(element.size()))
            .collect();
        let source = self.memory(pixels.len() as u64 + 8);
        self.bench.host.put(source, &pixels);
        self.bench.host.put(source + pixels.len() as u64, &[0; 8][..pixels.len().next_multiple_of(8) - pixels.len()]);
        (pixels, source)
    }

    /// The chunk of pixels in blocks of the card's size, and the same with its padding.
    fn chunk(&self, pixels: &[u8], element: Element) -> (Vec<u8>, Vec<u8>) {
        let mut chunk = Vec::new();
        debye_spec::encode::encode(pixels, element, 1 << self.block_log2, &mut chunk).unwrap();
        let mut padded = chunk.clone();
        padded.resize(chunk.len().next_multiple_of(8), 0);
        (chunk, padded)
    }

    /// Pixels to encode in blocks of the card's size; see [`Host::pixels`].
    pub fn encode(&mut self, queue: usize, element: Element, count: usize, wild: bool) -> [u8; ENTRY_BYTES] {
        let (mut pixels, source) = self.pixels(element, count, wild);
        let capacity = chunk_room(pixels.len() as u32);
        let target = self.memory(u64::from(capacity) + 128);
        let (handle, sequence) = self.handle();
        let most = if wild { u32::MAX } else { 3 };
        let threshold = if self.random.below(2) == 0 { 0 } else { self.random.draw() as u32 & most };
        let request = EncodeRequest { handle, sequence, element, pixels: count as u32, threshold };
        request.cut(&mut pixels);
        let (chunk, padded) = self.chunk(&pixels, element);
        let block_log2 = self.block_log2;
        let entry = Submission::Encode(EncodeJob { request, block_log2, source, target, capacity }).to_bytes();
        let expected = self.expect(queue, &RawSubmission { bytes: entry }, Status::Ok);
        (expected.result_bytes, expected.crc) = (chunk.len() as u32, padded_crc(&chunk));
        expected.memory = vec![(false, target, padded)];
        self.push(queue, &entry);
        entry
    }

    /// Pixels to encode and integrate, with a result of so many words; `threshold` as for [`Host::integrate`].
    pub fn fuse(
        &mut self,
        queue: usize,
        element: Element,
        count: usize,
        wild: bool,
        threshold: u64,
    ) -> [u8; ENTRY_BYTES] {
        let (pixels, source) = self.pixels(element, count, wild);
        let (bins, bytes) = (self.random.below(100) as u32, pixels.len() as u32);
        let capacity = fuse_room(bins, bytes) as u32;
        let target = self.memory(u64::from(capacity) + 128);
        let (handle, sequence) = self.handle();
        let request = Request {
            handle,
            sequence,
            element,
            chunk_bytes: bytes,
            pixels: count as u32,
            bins,
            max_valid: 9,
            threshold: threshold as u32,
            chunk_address: source,
            table: 3,
        };
        let block_log2 = self.block_log2;
        let entry = Submission::Fuse(FuseJob { request, block_log2, target, capacity }).to_bytes();
        let (chunk, padded) = self.chunk(&pixels, element);
        let raw = RawSubmission { bytes: entry };
        let result = lane_answer(&raw, &padded);
        let status = Status::from_code(result[6]).unwrap();
        let expected = self.expect(queue, &raw, status);
        (expected.result_bytes, expected.crc) = (result.len() as u32, crc_of(&result));
        expected.chunk = (chunk.len() as u32, padded_crc(&chunk));
        expected.memory = vec![(false, target, result), (false, target + chunk_place(bins), padded)];
        self.push(queue, &entry);
        entry
    }

    /// A fused request that the ring engine refuses, or the encoder: its lane then finds zeros.
    pub fn refused_fuse(&mut self, queue: usize) {
        let mut entry = self.fuse(queue, Element::U16, 100, false, 0);
        let (at, with, status) = match self.random.below(6) {
            0 => (7, 1, Some(Status::RequestInvalid)),
            1 => (56, 1, Some(Status::RequestInvalid)),
            2 => (54, 0, Some(Status::ResultTooLarge)),
            3 => (6, 3, None),
            4 => (24, 99, None),
            _ => (20, 198, None),
        };
        entry[at] = with;
        // Less than is needed, whatever the bins.
        if at == 54 {
            entry[52..54].fill(0);
        }
        let number = &mut self.queues[queue];
        number.tail = number.tail.wrapping_sub(1);
        let raw = RawSubmission { bytes: entry };
        let result = lane_answer(&raw, &[]);
        let target = raw.target();
        let expected = self.expect(queue, &raw, status.unwrap_or(Status::Ok));
        (expected.memory, expected.chunk, expected.result_bytes, expected.crc) = (vec![], (0, 0), 0, 0);
        if status.is_none() {
            (expected.result_bytes, expected.crc) = (result.len() as u32, crc_of(&result));
            expected.memory = vec![(false, target, result)];
        }
        self.push(queue, &entry);
    }

    /// A request to encode that the ring engine or the lane refuses.
    pub fn refused_encode(&mut self, queue: usize) {
        let mut entry = self.encode(queue, Element::U16, 100, false);
        let (at, with, status) = match self.random.below(5) {
            0 => (7, 11, Status::RequestInvalid),
            1 => (6, 3, Status::RequestInvalid),
            2 => (24, 99, Status::RequestInvalid),
            3 => (52, 0, Status::ResultTooLarge),
            _ => (40, 8, Status::RequestInvalid),
        };
        entry[at] = with;
        let number = &mut self.queues[queue];
        number.tail = number.tail.wrapping_sub(1);
        let expected = self.expect(queue, &RawSubmission { bytes: entry }, status);
        expected.memory = vec![];
        self.push(queue, &entry);
    }

    /// A copy or an upload.
    pub fn copy(&mut self, queue: usize, kind: Kind, bytes: u32) {
        let data = self.bytes(bytes as usize);
        let source = self.memory(bytes as u64);
        self.bench.host.put(source, &data);
        let upload = kind == Kind::Upload;
        let target = if upload {
            let target = self.uploaded + 64 * self.random.below(70);
            self.uploaded = target + bytes as u64 + 64;
            self.bench.table.map(target, bytes as u64 + 64);
            self.bench.table.put(target, &vec![FILLER; bytes as usize + 64]);
            target
        } else {
            self.memory(bytes as u64 + 64)
        };
        let (handle, sequence) = self.handle();
        let job = CopyJob { handle, sequence, bytes, source, target };
        let entry = if upload { Submission::Upload(job) } else { Submission::Copy(job) }.to_bytes();
        let expected = self.expect(queue, &RawSubmission { bytes: entry }, Status::Ok);
        expected.result_bytes = bytes;
        expected.memory = vec![(upload, target, data)];
        self.push(queue, &entry);
    }

    /// An entry of random damage that `Submission::read` refuses.
    pub fn refused(&mut self, queue: usize) {
        loop {
            let job = CopyJob { handle: 0, sequence: 0, bytes: 64, source: 64, target: 128 };
            let mut entry = Submission::Copy(job).to_bytes();
            match self.random.below(4) {
                0 => self.random.draw().to_le_bytes().iter().zip(&mut entry[..8]).for_each(|(&b, at)| *at = b),
                1 => entry[20..24].copy_from_slice(&(self.random.draw() as u32).to_le_bytes()),
                2 => entry[40 + 16 * self.random.below(2) as usize] = self.random.draw() as u8,
                _ => {
                    entry[5] = 1;
                    let bins = if self.random.chance(1, 2) { u32::MAX } else { self.random.below(1000) as u32 };
                    entry[28..32].copy_from_slice(&bins.to_le_bytes());
                    let capacity = result_bytes(bins.min(1 << 20)) - 1 - self.random.below(3) as u32;
                    entry[52..56].copy_from_slice(&capacity.to_le_bytes());
                }
            }
            let (handle, sequence) = self.handle();
            entry[8..16].copy_from_slice(&handle.to_le_bytes());
            entry[16..20].copy_from_slice(&sequence.to_le_bytes());
            if let Err(status) = Submission::read(&entry) {
                self.expect(queue, &RawSubmission { bytes: entry }, status);
                self.push(queue, &entry);
                return;
            }
        }
    }

    /// The next completion of a queue, if there is one: its form is checked.
    pub fn next(&mut self, queue: usize) -> Option<Completion> {
        let (at, host) = (&mut self.queues[queue], &self.bench.host);
        let slot = at.head as u64 & ((1 << at.depths[1]) - 1);
        let entry: [u8; ENTRY_BYTES] = host.get(at.completions + 64 * slot, HEADER_BYTES).try_into().unwrap();
        let found = Completion::phase_of(u32::from_le_bytes(entry[60..].try_into().unwrap()));
        if found != phase(at.head, at.depths[1]) {
            return None;
        }
        let completion = Completion::read(&entry);
        assert_eq!(completion.to_bytes(at.depths[1]), entry, "zeros where zeros must be");
        assert_eq!((completion.index, completion.queue as u32), (at.head, at.number));
        assert!(completion.submission_head.wrapping_sub(at.taken) <= at.tail.wrapping_sub(at.taken));
        at.taken = completion.submission_head;
        at.head = at.head.wrapping_add(1);
        assert!(completion.cycles > 0 && completion.cycles < 1 << 30, "{}", completion.cycles);
        Some(completion)
    }

    /// Takes the next completion of a queue, if there is one, with what it stands for checked.
    pub fn take(&mut self, queue: usize) -> Option<Completion> {
        let completion = self.next(queue)?;
        let expected = self.expected.remove(&completion.handle);
        let expected = expected.unwrap_or_else(|| panic!("a handle in flight: {completion:?}"));
        assert_eq!(
            (completion.sequence, completion.kind, completion.queue as u32, completion.job_bytes),
            (expected.sequence, expected.kind, expected.queue, expected.job_bytes)
        );
        assert_eq!(completion.status, expected.status.code(), "{completion:?}");
        assert_eq!((completion.result_bytes, completion.crc), (expected.result_bytes, expected.crc), "{completion:?}");
        assert_eq!((completion.chunk_bytes, completion.chunk_crc), expected.chunk, "{completion:?}");
        for (table, address, mut bytes) in expected.memory {
            bytes.extend([FILLER; 64]);
            let memory = if table { &self.bench.table } else { &self.bench.host };
            assert!(memory.get(address, bytes.len()) == bytes, "{completion:?}: memory at {address:#x} differs");
        }
        self.done += 1;
        Some(completion)
    }

    /// Takes what is there of a queue and says so to the card; how many.
    pub fn drain(&mut self, queue: usize) -> u32 {
        let before = self.queues[queue].head;
        while self.take(queue).is_some() {}
        let (number, head) = (self.queues[queue].number, self.queues[queue].head);
        if head != before {
            self.bench.write_queue(number, "completion_head", head);
        }
        head.wrapping_sub(before)
    }

    /// Runs until nothing is in flight.
    pub fn finish(&mut self, cycles: u64) {
        let end = self.bench.cycle + cycles;
        while !self.expected.is_empty() {
            assert!(self.bench.cycle < end, "{} submissions are not completed", self.expected.len());
            (0..50).for_each(|_| self.bench.step());
            (0..self.queues.len()).for_each(|queue| _ = self.drain(queue));
        }
    }
}
