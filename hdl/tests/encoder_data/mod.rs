//! Raw frames, what a lane makes of them by the definition, and a lane to run them through.

use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::{Random, Stalls};
use debye_hdl::base::stream::{Sink, Source, word};
use debye_spec::encode::{self, encode};
use debye_spec::encode_wire::{EncodeRequest, EncodeResult, padded_crc};
use debye_spec::{Element, Status};

/// A kind of frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Zeros,
    Ones,
    Random,
    Ramp,
    /// Low counts around rings, with gaps of the type's top code.
    Powder,
    /// Single counts far apart.
    Sparse,
    /// Bytes of planes that repeat in short runs, so that matches start and end at every place of a word.
    Runs,
}

pub const KINDS: [Kind; 7] =
    [Kind::Zeros, Kind::Ones, Kind::Random, Kind::Ramp, Kind::Powder, Kind::Sparse, Kind::Runs];

/// Planes of one block out of short runs, as pixels.
fn runs(rng: &mut Random, size: usize, bytes: usize) -> Vec<u8> {
    let mut planes = Vec::new();
    let plane = bytes / (8 * size);
    while planes.len() < bytes {
        let most = [3, 7, 20, 300][rng.index(4)];
        let length = 1 + rng.index(most);
        let value = if rng.index(2) == 0 { 0 } else { rng.draw() as u8 };
        for _ in 0..length {
            let copy =
                (plane != 0 && planes.len() >= plane && rng.index(64) != 0).then(|| planes[planes.len() - plane]);
            planes.push(if value & 0x80 != 0 { copy.unwrap_or(value) } else { value });
        }
        if rng.index(3) == 0 {
            planes.push(rng.draw() as u8);
        }
    }
    planes.truncate(bytes);
    let mut pixels = vec![0; bytes];
    debye_spec::bitshuffle::unshuffle(&planes, &mut pixels, size);
    pixels
}

/// Little-endian pixels; blocks of `block` bytes for the kinds that are made of planes.
pub fn pixels(rng: &mut Random, kind: Kind, element: Element, count: usize, block: usize) -> Vec<u8> {
    let size = element.size();
    if kind == Kind::Runs {
        let unit = 8 * size;
        let shuffled = count * size / unit * unit;
        let mut out = Vec::new();
        while out.len() < shuffled {
            let bytes = block.min(shuffled - out.len());
            out.extend(runs(rng, size, bytes));
        }
        out.extend((shuffled..count * size).map(|_| rng.draw() as u8));
        return out;
    }
    let gap = rng.index(count.max(1));
    (0..count)
        .flat_map(|i| {
            let value = match kind {
                Kind::Zeros => 0,
                Kind::Ones => u64::MAX,
                Kind::Random => rng.draw(),
                Kind::Ramp => i as u64,
                Kind::Sparse => u64::from(rng.index(200) == 0),
                _ if i >= gap && i < gap + count / 5 => u64::MAX,
                _ => {
                    let most = if i / 40 % 7 == 3 { 30 } else { 3 };
                    (rng.index(most) * rng.index(2)) as u64
                }
            };
            value.to_le_bytes()[..size].to_vec()
        })
        .collect()
}

/// A frame's way through a lane.
#[derive(Clone, Debug)]
pub struct Frame {
    pub request: EncodeRequest,
    pub pixels: Vec<u8>,
    pub chunk: Vec<u8>,
    /// What is changed in the request's bytes.
    pub spoilt: Option<(usize, u8)>,
    /// Nothing comes before this word for longer than the watchdog waits.
    pub pause: Option<usize>,
}

/// Cycles that the watchdog waits, and those of a pause.
const WATCHDOG: u64 = 100;
const PAUSE: usize = 3000;

impl Frame {
    pub fn new(rng: &mut Random, kind: Kind, element: Element, count: usize, block: usize) -> Frame {
        let pixels = pixels(rng, kind, element, count, block);
        let mut chunk = Vec::new();
        encode(&pixels, element, block, &mut chunk).unwrap();
        assert!(chunk.len() <= encode::max_chunk_bytes(element, pixels.len(), block));
        let (handle, sequence) = (rng.draw(), rng.draw() as u32);
        let request = EncodeRequest { handle, sequence, element, pixels: count as u32, threshold: 0 };
        Frame { request, pixels, chunk, spoilt: None, pause: None }
    }

    /// The same pixels with a threshold.
    pub fn with_threshold(mut self, threshold: u32, block: usize) -> Frame {
        let element = self.request.element;
        let mut pixels = self.pixels.clone();
        self.request.threshold = threshold;
        self.request.cut(&mut pixels);
        encode(&pixels, element, block, &mut self.chunk).unwrap();
        self
    }

    /// What goes in.
    pub fn words(&self) -> Vec<u64> {
        let mut header = self.request.to_bytes();
        if let Some((at, with)) = self.spoilt {
            header[at] ^= with;
        }
        words(&header).chain(words(&self.pixels)).collect()
    }
}

/// Bytes as words, padded with zeros.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    bytes.chunks(8).map(|word| {
        let mut bytes = [0; 8];
        bytes[..word.len()].copy_from_slice(word);
        u64::from_le_bytes(bytes)
    })
}

/// Checks one frame's words of a lane's output; gives the cycles that its result states.
pub fn check(frame: &Frame, out: &[u64]) -> u64 {
    let bytes: Vec<u8> = out.iter().flat_map(|word| word.to_le_bytes()).collect();
    let (chunk, result) = bytes.split_at(bytes.len() - 64);
    let result = EncodeResult::read(result).unwrap();
    let request = frame.request;
    assert_eq!((result.handle, result.sequence), (request.handle, request.sequence));
    if frame.spoilt.is_some() {
        assert_eq!((result.status, result.chunk_bytes, chunk.len()), (Status::RequestInvalid, 0, 0));
        return result.cycles;
    }
    if frame.pause.is_some() {
        assert_eq!((result.status, result.pixels), (Status::Stalled, request.pixels));
        return result.cycles;
    }
    assert_eq!((result.status, result.pixels), (Status::Ok, request.pixels));
    let padded = frame.chunk.len().next_multiple_of(8);
    let first = chunk.iter().zip(&frame.chunk).position(|(a, b)| a != b);
    assert_eq!(first, None, "first byte that differs of {} (definition: {})", chunk.len(), frame.chunk.len());
    assert_eq!((result.chunk_bytes as usize, chunk.len()), (frame.chunk.len(), padded), "lengths");
    assert!(chunk[frame.chunk.len()..].iter().all(|&byte| byte == 0), "padding");
    assert_eq!(result.crc, padded_crc(&frame.chunk), "CRC");
    result.cycles
}

/// Runs frames through a lane and checks what comes out; gives the cycles from the first word in to the last one out.
pub fn run(lane: &mut dyn Pins, frames: &[Frame], stalls: [bool; 2], seed: u64) -> usize {
    let reset = lane.port("reset");
    lane.set_u64(reset, 1);
    lane.tick();
    lane.tick();
    lane.set_u64(reset, 0);
    for _ in 0..60 {
        lane.tick();
    }
    let [in_stalls, out_stalls] = [0, 1].map(|way| Stalls::new(stalls[way].then_some(seed), way as u64));
    let mut input = Source::new(lane, "s_axis_tvalid", "s_axis_tready", ["s_axis_tdata"], in_stalls);
    let mut output = Sink::new(lane, "m_axis_tvalid", "m_axis_tready", ["m_axis_tdata", "m_axis_tlast"], out_stalls);
    let words: Vec<(u64, bool)> = frames
        .iter()
        .flat_map(|frame| frame.words().into_iter().enumerate().map(|(n, word)| (word, frame.pause == Some(n))))
        .collect();
    let heads: Vec<usize> = frames
        .iter()
        .scan(0, |at, frame| {
            let head = *at;
            *at += frame.words().len();
            Some(head)
        })
        .collect();
    let (mut sent, mut starts) = (0, Vec::new());
    let mut waiting = words.iter().peekable();
    let now = lane.port("now");
    let watchdog = lane.port("watchdog");
    lane.set_u64(watchdog, if frames.iter().any(|frame| frame.pause.is_some()) { WATCHDOG } else { 0 });
    let (mut cycle, mut quiet, mut paused) = (0, 0, 0);
    let (mut at, mut part) = (0, Vec::new());
    while at < frames.len() {
        lane.set_u64(now, cycle as u64);
        input.drive(lane, || {
            if waiting.peek().is_some_and(|word| word.1) && paused < PAUSE {
                paused += 1;
                return None;
            }
            paused = 0;
            waiting.next().map(|&(value, _)| [word(value)])
        });
        output.drive(lane, true);
        lane.settle();
        if input.passed(lane).is_some() {
            if heads.get(starts.len()) == Some(&sent) {
                starts.push(cycle);
            }
            sent += 1;
        }
        let out = output.passed(lane, cycle as u64).unwrap_or_else(|broken| panic!("{broken}"));
        lane.tick();
        cycle += 1;
        quiet += 1;
        if let Some(beat) = out {
            quiet = 0;
            part.push(beat[0][0]);
            if beat[1][0] != 0 {
                let stated = check(&frames[at], &part) as usize;
                let taken = cycle - starts[at];
                // The last words of a result wait to be taken.
                assert!(stated < taken && taken < stated + 1000, "frame {at}: {stated} cycles stated, {taken} taken");
                part.clear();
                at += 1;
            }
        }
        assert!(
            quiet < 40_000,
            "it hangs in frame {at} after {} words out, {} in of {}",
            part.len(),
            words.len() - waiting.len(),
            words.len()
        );
    }
    assert!(waiting.len() == 0 && input.idle() && part.is_empty(), "all that went in came out");
    cycle
}
