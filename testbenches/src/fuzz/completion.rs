//! Completions: what a card may have written into its ring.

use arbitrary::{Arbitrary, Unstructured};
use debye::card::completion::{Awaited, Place, Verdict, handle, judge};
use debye_spec::answer::Answer;
use debye_spec::rings::{Completion, ENTRY_BYTES, Kind, phase};

/// Bytes as (ring's place, what is awaited, which fields are put right, entry, result): a completion is judged, and what
/// the verdict names is only what was given out. A result that is read is one that is written so.
pub fn completion(data: &[u8]) {
    type Input<'a> = (u8, u32, u8, u32, u16, u32, u16, [u8; 32], [u8; 32], &'a [u8]);
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let (queue, index, depth, submitted, slot, capacity, right, first, second, result) = input;
    let depth_log2 = 2 + u32::from(depth) % 11;
    let mut entry = [0; ENTRY_BYTES];
    entry[..32].copy_from_slice(&first);
    entry[32..].copy_from_slice(&second);
    let slot = usize::from(slot) % 128;
    let kind = Kind::ALL[usize::from(depth) % Kind::ALL.len()];
    let awaited = Awaited {
        handle: handle(u64::from(submitted), slot),
        sequence: index,
        kind,
        job_bytes: 640,
        capacity,
        chunk_capacity: capacity / 2,
    };
    // With fields put right, what is behind their checks is reached.
    let mut put = |n: u16, at: usize, bytes: &[u8]| {
        if right >> n & 1 != 0 {
            entry[at..at + bytes.len()].copy_from_slice(bytes);
        }
    };
    put(0, 60, &u32::from(phase(index, depth_log2)).to_le_bytes());
    put(1, 40, &index.to_le_bytes());
    put(2, 14, &[queue]);
    put(3, 36, &submitted.to_le_bytes());
    put(4, 0, &awaited.handle.to_le_bytes());
    put(5, 8, &index.to_le_bytes());
    put(6, 13, &[kind as u8]);
    put(7, 20, &640u32.to_le_bytes());
    put(8, 12, &[0]);
    let place = Place { queue, index, depth_log2, submitted };
    let verdict = judge(&entry, &place, |asked| Some(awaited).filter(|_| asked == slot));
    let says = Completion::read(&entry);
    match verdict {
        Verdict::Nothing => assert_ne!(Completion::phase_of(u32::from(entry[60])), phase(index, depth_log2)),
        Verdict::Finished(finished) => {
            assert_eq!((finished.slot, says.handle, says.index, says.queue), (slot, awaited.handle, index, queue));
            assert!(finished.result_bytes <= capacity && finished.chunk_bytes <= capacity / 2);
            assert!(submitted.wrapping_sub(finished.taken) <= 1 << depth_log2);
        }
        Verdict::Stale => assert_ne!(says.handle, awaited.handle),
        Verdict::Wrong(_) => {}
    }
    if let Ok(answer) = Answer::read(result) {
        assert_eq!(answer.to_bytes(), result);
    }
}
