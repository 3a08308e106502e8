//! The link against a card made of the definition, whose line does what lines do.

use super::*;
use debye_spec::Element;
use debye_spec::answer::Answer;
use debye_spec::card_table::CardTable;
use debye_spec::ops::Op;
use debye_spec::registers::{self, Capabilities};
use debye_spec::serial::{self as wire, ANSWER, PULL, PUSH, Packet, READ, REFUSED, Reader, Refusal, Sender, WRITE};
use debye_spec::wire::{HEADER_BYTES, ResultHeader};
use debye_spec::{Bins, Statistics, Status};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant};

/// What the line does to what passes: by the number of packets that went before.
type Mishap = fn(usize, Vec<u8>) -> Vec<u8>;

struct Fake {
    reader: Reader,
    registers: BTreeMap<u16, u32>,
    words: Vec<u8>,
    results: Vec<u8>,
    out: VecDeque<u8>,
    packets: usize,
    answers: usize,
    there: Mishap,
    back: Mishap,
}

const CAPABILITIES: Capabilities =
    Capabilities { lanes: 1, groups: 1, block_log2: 13, op_fifo_log2: 0, elements: 0x67, max_bins: 2048 };

fn offset(name: &str) -> u16 {
    registers::register(name).expect("it is in the map").offset as u16
}

fn whole(_: usize, bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

impl Fake {
    fn new(there: Mishap, back: Mishap) -> Fake {
        let [capabilities, max_bins] = CAPABILITIES.to_registers();
        let registers = [
            ("identity", registers::IDENTITY),
            ("map_version", registers::MAP_VERSION),
            ("map_hash", registers::map_hash()),
            ("capabilities", capabilities),
            ("max_bins", max_bins),
            ("build", 7),
        ];
        Fake {
            reader: Reader::new(Sender::Host),
            registers: registers.map(|(name, value)| (offset(name), value)).into(),
            words: Vec::new(),
            results: Vec::new(),
            out: VecDeque::new(),
            packets: 0,
            answers: 0,
            there,
            back,
        }
    }

    fn answer(&mut self, packet: Packet) -> Packet {
        let Packet { op, number, count, place, payload } = packet;
        let done = |count, place, payload| Packet { op: op | ANSWER, number, count, place, payload };
        match op {
            wire::HELLO => done(0, wire::Link::of(4).to_place(), vec![]),
            READ if self.registers.contains_key(&count) => done(count, self.registers[&count], vec![]),
            WRITE => {
                self.registers.insert(count, place);
                done(count, place, vec![])
            }
            wire::TABLE => done(count, place, vec![]),
            PUSH => {
                if place as usize * 8 == self.words.len() {
                    self.words.extend(payload);
                }
                done(1024, self.words.len() as u32 / 8, vec![])
            }
            PULL => {
                let rest = &self.results[8 * place as usize..];
                let words = (rest.len() / 8).min(count.into());
                done(words as u16, place, rest[..8 * words].to_vec())
            }
            _ => Packet { op: REFUSED, number, count: Refusal::Place as u16, place, payload: vec![] },
        }
    }
}

impl Ends for Fake {
    fn path(&self) -> &Path {
        Path::new("/dev/fake")
    }
    fn time_of(&self, _: usize) -> Duration {
        Duration::ZERO
    }
    fn write(&mut self, bytes: &[u8], _: Instant) -> Result<(), SerialError> {
        let bytes = (self.there)(self.packets, bytes.to_vec());
        self.packets += 1;
        for byte in bytes {
            let answer = match self.reader.feed(byte) {
                None => continue,
                Some(Ok(packet)) => self.answer(packet),
                Some(Err(_)) => {
                    Packet { op: REFUSED, number: 0, count: Refusal::Damaged as u16, place: 0, payload: vec![] }
                }
            };
            self.out.extend((self.back)(self.answers, answer.to_bytes(Sender::Card)));
            self.answers += 1;
        }
        Ok(())
    }
    fn read(&mut self, bytes: &mut [u8], _: Instant) -> Result<usize, SerialError> {
        let count = self.out.len().min(bytes.len()).min(7);
        bytes.iter_mut().zip(self.out.drain(..count)).for_each(|(to, from)| *to = from);
        // A packet that has begun and does not end is given up.
        if count == 0 {
            self.reader.forget();
        }
        Ok(count)
    }
}

fn card(fake: Fake) -> Result<SerialCard, SerialError> {
    SerialCard::new(Link::new(Box::new(fake), Duration::from_millis(50)))
}

fn answer(sequence: u32) -> Answer {
    Answer {
        header: ResultHeader {
            status: Status::Ok,
            handle: sequence.into(),
            sequence,
            payload_bytes: 60 + 4 + 8,
            statistics: Statistics { valid: 5, invalid: 1, sum: 9, max: 9, over: 2 },
            listed: 1,
            bins: 3,
            cycles: 99,
        },
        bins: Bins { signal: vec![1, 2, 3], variance: vec![4, 5, 6], weight: vec![7, 8, 9] },
        groups: vec![0x13],
        lane: 0,
        cycle: 0,
    }
}

fn table(ops: usize) -> CardTable {
    CardTable { id: 1, element: Element::U16, pixels: 9, bins: 3, ops: vec![Op(5); ops].into() }
}

#[test]
fn card_on_a_bad_line_gets_all_words_once_and_gives_all_results() {
    // One packet in three is cut, changed or lost on its way, there and back.
    let there: Mishap = |n, mut bytes| {
        match n % 7 {
            2 => bytes[n % 16] ^= 4,
            4 => bytes.truncate(9),
            6 => bytes.clear(),
            _ => {}
        }
        bytes
    };
    let back: Mishap = |n, mut bytes| {
        match n % 5 {
            1 => bytes[n % 16] ^= 16,
            3 => bytes.truncate(n % 16),
            _ => {}
        }
        bytes
    };
    let mut fake = Fake::new(there, back);
    fake.results = (0..40).flat_map(|sequence| answer(sequence).to_bytes()).collect();
    let mut card = card(fake).expect("it answers in the end");
    assert_eq!((card.capabilities, card.build, card.table_ops), (CAPABILITIES, 7, 16));
    card.load(&table(16)).expect("it fits");
    for sequence in 0..40 {
        card.submit(&[sequence as u8; HEADER_BYTES], &[3; 77]);
        let found = loop {
            if let Some(found) = card.work().expect("it answers in the end") {
                break found;
            }
        };
        assert_eq!(found, answer(sequence));
    }
    assert!(card.link().resent > 20);
}

#[test]
fn card_of_another_map_is_refused() {
    for (name, said) in [("identity", "identity"), ("map_version", "version of the"), ("map_hash", "hash of the")] {
        let mut fake = Fake::new(whole, whole);
        fake.registers.insert(offset(name), 9);
        let told = card(fake).err().expect("it is refused").to_string();
        assert!(told.contains(said) && told.contains("0x00000009"), "{told}");
    }
}

#[test]
fn card_that_is_silent_or_sends_noise_is_told() {
    let silent: Mishap = |_, _| vec![];
    let noise: Mishap = |_, mut bytes| {
        bytes[12] ^= 1;
        bytes
    };
    let damaged = |back| match card(Fake::new(whole, back)).err() {
        Some(SerialError::Silent { sent: 8.., damaged, .. }) => damaged,
        other => panic!("{other:?}"),
    };
    assert_eq!(damaged(silent), 0);
    assert!(damaged(noise) >= 8);
}

#[test]
fn table_larger_than_the_memory_is_refused_with_what_fits() {
    let mut card = card(Fake::new(whole, whole)).expect("a card");
    let told = card.load(&table(17)).expect_err("it is too large").to_string();
    assert!(
        told.contains("takes 17 operations") && told.contains("holds 16") && told.contains("some 64 pixels"),
        "{told}"
    );
}

#[test]
fn card_without_a_result_is_given_up() {
    let mut card = card(Fake::new(whole, whole)).expect("a card");
    card.submit(&[0; HEADER_BYTES], &[]);
    let error = (0..).find_map(|_| card.work().err()).expect("it ends");
    assert!(matches!(error, SerialError::Stuck { .. }), "{error}");
}

#[test]
fn address_each_form_is_read_and_written() {
    for (text, path, baud) in [
        ("serial:/dev/ttyUSB0", "/dev/ttyUSB0", DEFAULT_BAUD),
        ("serial:/dev/ttyUSB0@3000000", "/dev/ttyUSB0", 3_000_000),
    ] {
        let address: SerialAddress = text.parse().expect("an address");
        assert_eq!((address.path.as_path(), address.baud), (Path::new(path), baud));
        assert_eq!(address.to_string(), text);
    }
    for text in
        ["serial:", "serial", "/dev/ttyUSB0", "serial:/dev/x@", "serial:/dev/x@0", "serial:@9600", "serial:/x@fast"]
    {
        assert!(text.parse::<SerialAddress>().is_err(), "{text}");
    }
}

#[test]
fn port_that_is_none_is_told() {
    let open =
        |path: &str| Port::open(&SerialAddress { path: path.into(), baud: DEFAULT_BAUD }).expect_err("it is none");
    assert!(matches!(open("/dev/there_is_no_such_terminal"), SerialError::NoTerminal(_)));
    assert!(matches!(open("/dev/null"), SerialError::NotATerminal(_)));
    assert!(matches!(open("/"), SerialError::NotATerminal(_)));
}
