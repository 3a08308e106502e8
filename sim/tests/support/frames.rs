//! Frames for a card's rings, with the bytes that must come back.

use super::Content;
use super::rings::{DATA, Host, Queue};
use debye_sim::functional::Functional;
use debye_sim::model::Shape;
use debye_spec::Job;
use debye_spec::card_table::CardTable;
use debye_spec::rings::{Completion, Submission, result_bytes};
use debye_spec::wire::{Request, TRAILER_BYTES};

/// Bytes between the places of two frames.
const SLOT: u64 = 1 << 17;
const FIRST: u64 = DATA + (1 << 18);
/// Frames that have a place.
pub const SLOTS: usize = 16;

/// A frame that was submitted.
pub struct Flying {
    pub submission: Submission,
    pub expected: Vec<u8>,
    place: u64,
}

/// Where the chunk of the frame in a slot stands.
pub fn chunk_of(slot: usize) -> u64 {
    FIRST + SLOT * slot as u64
}

/// Where its result goes.
pub fn result_of(slot: usize) -> u64 {
    chunk_of(slot) + SLOT / 2
}

/// The request of a frame in a slot: its chunk is put into host memory, its result's place filled with a pattern.
pub fn frame(
    host: &mut impl Host,
    content: &Content,
    table: &CardTable,
    chunk: &[u8],
    slot: usize,
    sequence: u32,
) -> Flying {
    let job = Job { element: content.element, max_valid: 200, threshold: 5 };
    let request = Request { chunk_address: chunk_of(slot), table: table.id, ..content.request(&job, chunk, sequence) };
    host.put(chunk_of(slot), chunk);
    host.put(result_of(slot), &[0xa5; SLOT as usize / 2]);
    let submission =
        Submission::Integrate { request, result_address: result_of(slot), result_capacity: result_bytes(request.bins) };
    let expected = Functional::answer(&Shape::default(), table, &request.to_bytes(), chunk);
    Flying { submission, expected, place: result_of(slot) }
}

impl Flying {
    /// Holds what came back against what must.
    pub fn check(&self, host: &mut impl Host, completion: &Completion) {
        let Submission::Integrate { request, .. } = self.submission else { panic!("no frame") };
        assert_eq!((completion.handle, completion.sequence), (request.handle, request.sequence));
        assert_eq!((completion.status, completion.kind), (self.expected[6], 1));
        assert_eq!(completion.job_bytes, request.chunk_bytes);
        assert_eq!(completion.result_bytes as usize, self.expected.len());
        let result = host.get(self.place, self.expected.len() + 64);
        let (result, behind) = result.split_at(self.expected.len());
        assert!(told(result) == told(&self.expected), "the result differs: {:?}", &result[..64]);
        assert!(behind.iter().all(|&byte| byte == 0xa5), "nothing is written behind the result");
        let trailer = self.expected.len() - TRAILER_BYTES;
        assert_eq!(completion.crc.to_le_bytes(), self.expected[trailer..trailer + 4]);
    }
}

/// What a result tells: cycles differ between cards, and statistics of a frame that failed mean nothing.
pub fn told(result: &[u8]) -> Vec<u8> {
    let mut result = result.to_vec();
    result[56..64].fill(0);
    if result[6] != 0 {
        result[24..52].fill(0);
    }
    result
}

/// A frame in, its result out and checked.
pub fn round_trip(
    host: &mut impl Host,
    queue: &mut Queue,
    content: &Content,
    table: &CardTable,
    chunk: &[u8],
    sequence: u32,
) -> Completion {
    let flying = frame(host, content, table, chunk, 0, sequence);
    queue.push(host, &flying.submission);
    queue.ring(host);
    let completion = queue.wait(host);
    flying.check(host, &completion);
    completion
}
