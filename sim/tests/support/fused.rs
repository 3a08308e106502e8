//! Pixels that a card encodes and integrates in one pass, among frames and pixels that it does one of it with. What must
//! come of them is made by the definition of each step alone.

use super::frames::{self, SLOTS, chunk_of, result_of};
use super::rings::{Host, Queue};
use super::{Content, element_of, rng};
use debye_sim::functional::Functional;
use debye_sim::model::Shape;
use debye_spec::card_table::CardTable;
use debye_spec::encode_wire::{EncodeRequest, padded_crc};
use debye_spec::rings::{
    Completion, ENTRY_BYTES, EncodeJob, FuseJob, Kind, Submission, chunk_place, chunk_room, fuse_room,
};
use debye_spec::wire::{Request, TRAILER_BYTES};
use debye_spec::{Job, Status};

/// A submission of pixels, and what must come of it.
pub struct Flying {
    pub entry: [u8; ENTRY_BYTES],
    status: u8,
    result: Vec<u8>,
    chunk: Vec<u8>,
    place: u64,
}

fn chunk(content: &Content) -> Vec<u8> {
    let mut chunk = Vec::new();
    debye_spec::encode::encode(&content.frame, content.element, Shape::default().block_bytes(), &mut chunk).unwrap();
    chunk
}

/// Pixels in a slot, with zeros behind them, and a pattern where something goes.
fn prepare(host: &mut impl Host, content: &Content, slot: usize) {
    let mut pixels = content.frame.clone();
    pixels.resize(pixels.len().next_multiple_of(8), 0);
    host.put(chunk_of(slot), &pixels);
    host.put(result_of(slot), &[0xa5; 1 << 16]);
}

/// Pixels to encode and integrate.
pub fn fused(host: &mut impl Host, content: &Content, table: &CardTable, slot: usize, sequence: u32) -> Flying {
    prepare(host, content, slot);
    let chunk = chunk(content);
    let job = Job { element: content.element, max_valid: 200, threshold: 5 };
    let of_chunk = content.request(&job, &chunk, sequence);
    let result = Functional::answer(&Shape::default(), table, &of_chunk.to_bytes(), &chunk);
    let bytes = content.frame.len() as u32;
    let request = Request { chunk_address: chunk_of(slot), chunk_bytes: bytes, ..of_chunk };
    let capacity = fuse_room(request.bins, bytes) as u32;
    let job = FuseJob { request, block_log2: Shape::default().block as u8, target: result_of(slot), capacity };
    Flying { entry: Submission::Fuse(job).to_bytes(), status: result[6], result, chunk, place: result_of(slot) }
}

/// Pixels to encode.
pub fn encoded(host: &mut impl Host, content: &Content, slot: usize, sequence: u32) -> Flying {
    prepare(host, content, slot);
    let chunk = chunk(content);
    let (element, pixels) = (content.element, content.pixels as u32);
    let request = EncodeRequest { handle: 0xc0de << 32 | u64::from(sequence), sequence, element, pixels, threshold: 0 };
    let capacity = chunk_room(content.frame.len() as u32);
    let block_log2 = Shape::default().block as u8;
    let job = EncodeJob { request, block_log2, source: chunk_of(slot), target: result_of(slot), capacity };
    Flying { entry: Submission::Encode(job).to_bytes(), status: 0, result: vec![], chunk, place: result_of(slot) }
}

impl Flying {
    /// Holds what came back against what must.
    pub fn check(&self, host: &mut impl Host, completion: &Completion) {
        let sent = &self.entry;
        assert_eq!((completion.kind, completion.handle.to_le_bytes()), (sent[5], sent[8..16].try_into().unwrap()));
        assert_eq!(completion.status, self.status, "{completion:?}");
        assert_eq!(completion.job_bytes.to_le_bytes(), sent[20..24]);
        let of_chunk = (self.chunk.len() as u32, padded_crc(&self.chunk));
        let mut chunk = self.chunk.clone();
        chunk.resize(chunk.len().next_multiple_of(8), 0);
        let mut at = self.place;
        if sent[5] == Kind::Encode as u8 {
            assert_eq!((completion.result_bytes, completion.crc), of_chunk);
            assert_eq!((completion.chunk_bytes, completion.chunk_crc), (0, 0));
        } else {
            let bins = u32::from_le_bytes(sent[28..32].try_into().unwrap());
            at += chunk_place(bins);
            assert_eq!((completion.chunk_bytes, completion.chunk_crc), of_chunk);
            let trailer = self.result.len() - TRAILER_BYTES;
            assert_eq!(completion.crc.to_le_bytes(), self.result[trailer..trailer + 4]);
            assert_eq!(completion.result_bytes as usize, self.result.len());
            let result = host.get(self.place, chunk_place(bins) as usize);
            let (result, behind) = result.split_at(self.result.len());
            assert!(frames::told(result) == frames::told(&self.result), "the result differs: {:?}", &result[..64]);
            assert!(behind.iter().all(|&byte| byte == 0xa5), "nothing is written between result and chunk");
        }
        let found = host.get(at, chunk.len() + 64);
        assert!(found[..chunk.len()] == chunk, "the chunk differs");
        assert!(found[chunk.len()..].iter().all(|&byte| byte == 0xa5), "nothing is written behind the chunk");
    }
}

/// What flies in a slot.
enum Any {
    Frame(frames::Flying),
    Pixels(Flying),
}

/// Frames, pixels to encode, and pixels to do both with, on two queues; all come back as the definition says.
pub fn mixed(host: &mut impl Host, rounds: usize, seed: u64) {
    let mut next = rng(seed);
    let mut queues = [0, 1].map(|number| Queue::start(host, number, 4, 4));
    for round in 0..rounds {
        let count = [7, 40 + next() as usize % 900, 5000, 8 * (1 + next() as usize % 300)][round % 4];
        let mut content = Content::new(element_of(round), count, 37, next());
        if round % 3 == 2 {
            // Nothing to be found in it.
            content.frame.fill_with(|| next() as u8);
        }
        let table = CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap();
        queues[0].load(host, &table, 4096 * (next() % 1000));
        let mut flying = vec![];
        for slot in 0..SLOTS {
            let sequence = (round * SLOTS + slot) as u32;
            let queue = &mut queues[next() as usize % 2];
            let any = match next() % 5 {
                0 => Any::Frame(frames::frame(host, &content, &table, &chunk(&content), slot, sequence)),
                1 => Any::Pixels(encoded(host, &content, slot, sequence)),
                _ => Any::Pixels(fused(host, &content, &table, slot, sequence)),
            };
            match &any {
                Any::Frame(frame) => queue.push(host, &frame.submission),
                Any::Pixels(pixels) => queue.push_bytes(host, &pixels.entry),
            }
            flying.push(any);
        }
        queues.iter().for_each(|queue| queue.ring(host));
        let mut done = 0;
        while done < SLOTS {
            for queue in &mut queues {
                while let Some(completion) = queue.poll(host) {
                    queue.took(host);
                    match &flying[completion.sequence as usize % SLOTS] {
                        Any::Frame(frame) => frame.check(host, &completion),
                        Any::Pixels(pixels) => pixels.check(host, &completion),
                    }
                    done += 1;
                }
            }
            host.pump();
        }
    }
}

/// Fused submissions with which something is wrong: each completes with its status, and a chunk where one could be made.
pub fn refused(host: &mut impl Host) {
    let content = Content::new(debye_spec::Element::U16, 300, 37, 5);
    let table = CardTable::compile(&content.table(), content.element, 3, Shape::default().bins()).unwrap();
    let mut queue = Queue::start(host, 0, 4, 4);
    queue.load(host, &table, 0);
    let good = fused(host, &content, &table, 0, 1);
    let with = |changes: &[(usize, u32)]| {
        let mut entry = good.entry;
        changes.iter().for_each(|&(at, value)| entry[at..at + 4].copy_from_slice(&value.to_le_bytes()));
        entry
    };
    let byte = |at: usize, value: u8| {
        let mut entry = good.entry;
        entry[at] = value;
        entry
    };
    let room = fuse_room(37, 600) as u32;
    // Entry, status, bytes of the result, whether there is a chunk.
    let cases = [
        (good.entry, Status::Ok, good.result.len(), true),
        (byte(4, 2), Status::RequestInvalid, 0, false),
        (byte(7, 12), Status::RequestInvalid, 0, false),
        (byte(40, 8), Status::RequestInvalid, 0, false),
        (byte(56, 8), Status::RequestInvalid, 0, false),
        (with(&[(52, room - 1)]), Status::ResultTooLarge, 0, false),
        (byte(6, 3), Status::RequestInvalid, 72, false),
        (with(&[(20, 598)]), Status::SizeMismatch, 72, false),
        (with(&[(20, 0)]), Status::SizeMismatch, 72, false),
        (with(&[(24, 299)]), Status::TableMismatch, 72, false),
        (with(&[(48, 4)]), Status::TableMismatch, 72, true),
        (with(&[(28, 36)]), Status::TableMismatch, 72, true),
        (with(&[(28, 2049), (52, 60_000)]), Status::TooManyBins, 72, true),
    ];
    for (entry, status, bytes, made) in cases {
        host.put(result_of(0), &[0xa5; 1 << 16]);
        queue.push_bytes(host, &entry);
        queue.ring(host);
        let done = queue.wait(host);
        assert_eq!((done.status, done.result_bytes), (status.code(), bytes as u32), "{entry:?}");
        assert_eq!((done.kind, done.handle & 0xff), (entry[5], entry[8].into()));
        let of_chunk = if made { (good.chunk.len() as u32, padded_crc(&good.chunk)) } else { (0, 0) };
        assert_eq!((done.chunk_bytes, done.chunk_crc), of_chunk, "{entry:?}");
        if made {
            let bins = u32::from_le_bytes(entry[28..32].try_into().unwrap());
            assert!(host.get(result_of(0) + chunk_place(bins), good.chunk.len()) == good.chunk);
        }
    }
    // The card is as good as before.
    queue.push_bytes(host, &good.entry);
    queue.ring(host);
    host.put(result_of(0), &[0xa5; 1 << 16]);
    let done = queue.wait(host);
    good.check(host, &done);
}

/// Bytes of pixels a cycle from the first completion to the last: of frames that are encoded, and of frames that are
/// integrated too.
pub fn rates(host: &mut impl Host, wild: bool) -> [f64; 2] {
    // Whole blocks: a last one whose planes are not whole words takes eight times as long. Of more, what nothing is found in
    // would not fit a slot with its result.
    const PIXELS: usize = 6 * 4096;
    let mut content = Content::new(debye_spec::Element::U16, PIXELS, 200, 5);
    let mut next = rng(9);
    content.frame = (0..PIXELS).flat_map(|_| (next() as u16 & if wild { 0xffff } else { 3 }).to_le_bytes()).collect();
    // Neighbours fall into neighbouring bins, as on a detector.
    let entries: Vec<_> = (0..PIXELS).map(|k| debye_spec::Entry::new((k % 1000 / 5) as u32, 64)).collect();
    let (masked, starts) = (vec![false; PIXELS], (0..=PIXELS as u32).collect::<Vec<_>>());
    let table = debye_spec::Table { bins: 200, masked: &masked, starts: &starts, entries: &entries };
    let table = CardTable::compile(&table, content.element, 3, Shape::default().bins()).unwrap();
    let mut queue = Queue::start(host, 0, 4, 4);
    queue.load(host, &table, 0);
    [false, true].map(|both| {
        let flying: Vec<_> = (0..12)
            .map(|slot| match both {
                true => fused(host, &content, &table, slot, slot as u32),
                false => encoded(host, &content, slot, slot as u32),
            })
            .collect();
        flying.iter().for_each(|flying| queue.push_bytes(host, &flying.entry));
        queue.ring(host);
        let mut cycles = vec![];
        for _ in &flying {
            let completion = queue.wait(host);
            flying[completion.sequence as usize].check(host, &completion);
            cycles.push(super::rings::get(host, "cycles_low"));
        }
        (cycles.len() - 1) as f64 * content.frame.len() as f64 / f64::from(cycles[11] - cycles[0])
    })
}
