//! Cards and servers that want no good: whatever they write or answer, the driver neither hangs nor breaks, and no wrong
//! result comes of it.

use debye::card::{Card, CardError, DriverConfig};
use debye::engine::card::{CardEngine, OnDeath};
use debye::transport::{Transport, TransportError, VfioUser};
use debye_sim::device::functional::{Build, FunctionalCard};
use debye_sim::device::{Device, HostMemory};
use debye_sim::model::ModelError;
use debye_spec::ring_map::{QUEUE_COMPLETION_LOG2, QUEUE_REGISTERS};
use debye_spec::rings::{Completion, ENTRY_BYTES};
use debye_testbenches::content::rng;
use debye_testbenches::known_frames::{Frames, config};
use debye_testbenches::served::plugged;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

/// A card that works, and writes what it likes into the ring of completions.
struct Liar {
    card: FunctionalCard,
    rng: ChaCha8Rng,
    ring: u64,
    depth_log2: u32,
    tail: u32,
}

impl Liar {
    fn new(seed: u64) -> Liar {
        Liar { card: FunctionalCard::new(Build::default()), rng: rng(seed), ring: 0, depth_log2: 2, tail: 0 }
    }

    /// An entry: noise, or nearly a completion.
    fn entry(&mut self, index: u32) -> [u8; ENTRY_BYTES] {
        let mut entry = [0; ENTRY_BYTES];
        self.rng.fill_bytes(&mut entry);
        if self.rng.random_bool(0.7) {
            let handle =
                u64::from(self.rng.random_range(0..200u32)) << 12 | u64::from(self.rng.random_range(0..140u32));
            let completion = Completion {
                handle,
                sequence: self.rng.random_range(0..200),
                status: self.rng.random_range(0..70),
                kind: self.rng.random_range(0..4),
                queue: 0,
                result_bytes: self.rng.next_u32() >> self.rng.random_range(0..32u32),
                job_bytes: self.rng.next_u32() >> self.rng.random_range(0..32u32),
                cycles: 1,
                crc: 0,
                chunk_bytes: self.rng.next_u32() >> self.rng.random_range(0..32u32),
                chunk_crc: 0,
                submission_head: self.tail,
                index,
            };
            entry = completion.to_bytes(self.depth_log2);
        }
        entry
    }
}

impl Device for Liar {
    fn describe(&self) -> String {
        "a card that lies".into()
    }

    fn read(&mut self, offset: u32) -> u32 {
        self.card.read(offset)
    }

    fn write(&mut self, offset: u32, value: u32) {
        let register = |name: &str| QUEUE_REGISTERS.iter().find(|register| register.name == name).map(|r| r.offset);
        if Some(offset) == register("completion_low") {
            self.ring = self.ring >> 32 << 32 | u64::from(value);
        } else if Some(offset) == register("completion_high") {
            self.ring = self.ring & 0xffff_ffff | u64::from(value) << 32;
        } else if Some(offset) == register("queue_config") {
            self.depth_log2 = QUEUE_COMPLETION_LOG2.get(value);
        } else if Some(offset) == register("submission_tail") {
            self.tail = value;
        }
        self.card.write(offset, value);
    }

    fn run(&mut self, memory: &dyn HostMemory, interrupt: &mut dyn FnMut(u32)) -> Result<bool, ModelError> {
        let more = self.card.run(memory, interrupt)?;
        if self.ring != 0 && self.tail > 2 && self.rng.random_bool(0.05) {
            let index = self.rng.random_range(0..2 * self.tail);
            let entry = self.entry(index);
            let place = u64::from(index & ((1 << self.depth_log2) - 1));
            // Where the ring is no longer mapped nothing is written.
            let _ = memory.write(self.ring + ENTRY_BYTES as u64 * place, &entry);
        }
        Ok(more)
    }

    fn reset(&mut self) {
        self.card.reset();
    }
}

#[test]
fn card_that_writes_what_it_likes_gives_no_wrong_result_and_no_hang() {
    let mut odd = 0;
    for seed in 0..12 {
        let card = plugged(Box::new(Liar::new(seed))).unwrap();
        let config = DriverConfig { timeout: Duration::from_millis(500), ..config() };
        let mut engine = CardEngine::new(vec![card], config, OnDeath::Continue(NonZeroUsize::new(1))).unwrap();
        let started = Instant::now();
        Frames::new(200).run(&mut engine);
        let tally = engine.tallies()[0];
        println!("{seed}: {:?}, {:?}, {tally:?}", started.elapsed(), engine.dropped());
        assert!(started.elapsed() < Duration::from_secs(60));
        odd += tally.wrong + tally.stale + tally.overdue;
    }
    assert!(odd > 4, "it lied often enough: {odd}");
}

/// Reads a message's header and body.
fn message(stream: &mut UnixStream) -> Option<(u16, u16, Vec<u8>)> {
    let mut header = [0; 16];
    stream.read_exact(&mut header).ok()?;
    let half = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let bytes = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
    let mut body = vec![0; bytes - 16];
    stream.read_exact(&mut body).ok()?;
    Some((half(0), half(2), body))
}

fn reply(id: u16, command: u16, flags: u32, errno: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = [id.to_le_bytes(), command.to_le_bytes()].concat();
    [16 + body.len() as u32, flags, errno].iter().for_each(|word| bytes.extend(word.to_le_bytes()));
    bytes.extend(body);
    bytes
}

/// A server that answers as it should until message number `sound`, then with what `odd` says.
fn serve(sound: usize, odd: impl Fn(u16, u16) -> Vec<u8> + Send + 'static) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let listener = UnixListener::bind(&path).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut number = 0;
        while let Some((id, command, body)) = message(&mut stream) {
            let region = |at: usize| u32::from_le_bytes(body[at..at + 4].try_into().unwrap());
            let good = match command {
                1 => [0u8, 0, 1, 0].to_vec(),
                // A region of 64 KiB; no interrupts.
                5 => [32u32, 3, 0, 0, 1 << 18, 0, 0, 0].iter().flat_map(|word| word.to_le_bytes()).collect(),
                7 => [16u32, 0, 2, 0].iter().flat_map(|word| word.to_le_bytes()).collect(),
                9 => [body[..16].to_vec(), vec![0; region(12) as usize]].concat(),
                _ => Vec::new(),
            };
            number += 1;
            let bytes = if number > sound { odd(id, command) } else { reply(id, command, 1, 0, &good) };
            if bytes.is_empty() || stream.write_all(&bytes).is_err() {
                return;
            }
        }
    });
    (folder, path)
}

#[test]
fn server_that_breaks_the_protocol_is_a_card_that_is_gone() {
    type Odd = fn(u16, u16) -> Vec<u8>;
    let cases: [(&str, Odd); 7] = [
        ("nothing, and it goes", |_, _| Vec::new()),
        ("another message's reply", |id, command| reply(id ^ 1, command, 1, 0, &[0; 20])),
        ("another command's reply", |id, _| reply(id, 2, 1, 0, &[0; 20])),
        ("a command in place of a reply", |id, command| reply(id, command, 0, 0, &[0; 20])),
        ("a reply without end", |id, command| {
            let mut bytes = reply(id, command, 1, 0, &[]);
            bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
            bytes
        }),
        ("a reply shorter than a header", |id, command| {
            let mut bytes = reply(id, command, 1, 0, &[]);
            bytes[4..8].copy_from_slice(&3u32.to_le_bytes());
            bytes
        }),
        ("half a reply", |id, command| reply(id, command, 1, 0, &[0; 20])[..9].to_vec()),
    ];
    for (what, odd) in cases {
        for sound in [0, 1, 3] {
            let (_folder, path) = serve(sound, odd);
            let Err(error) = VfioUser::connect_with(&path, Duration::from_millis(300)) else { panic!("{what}") };
            let told = matches!(error, TransportError::Protocol { .. } | TransportError::Busy { .. });
            assert!(told, "{what}, after {sound}: {error}");
        }
        // Version, region, configuration, interrupts, command register twice: then it is open.
        let (_folder, path) = serve(6, odd);
        let mut card = VfioUser::connect_with(&path, Duration::from_millis(300)).expect(what);
        assert!(!card.is_gone());
        assert_eq!((card.read(0), card.is_gone()), (u32::MAX, true), "{what}");
        assert!(matches!(card.map(4096), Err(TransportError::Gone { .. })), "{what}");
        assert!(matches!(Card::new(Box::new(card)), Err(CardError::Gone { .. })), "{what}");
    }
}

#[test]
fn server_that_refuses_is_told_from_one_that_is_gone() {
    let (_folder, path) = serve(6, |id, command| reply(id, command, 0x21, 22, &[]));
    let mut card = VfioUser::connect_with(&path, Duration::from_millis(300)).unwrap();
    assert_eq!((card.read(0), card.is_gone()), (u32::MAX, false));
    assert!(matches!(card.map(4096), Err(TransportError::System { .. })));
    assert!(matches!(card.reset(), Err(TransportError::System { .. })));
}

#[test]
fn server_that_never_answers_is_waited_for_no_longer_than_patience() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let _listener = UnixListener::bind(&path).unwrap();
    let started = Instant::now();
    let error = VfioUser::connect_with(&path, Duration::from_millis(200)).err().unwrap();
    assert!(matches!(error, TransportError::Busy { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
}
