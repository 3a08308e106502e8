//! The card behind a UART without its lane: what `spec` says of the link, down to the bits of the line.

use debye_hdl::base::line::Line;
use debye_hdl::base::lint::assert_no_findings;
use debye_hdl::base::pins::{HdlPins, Pins};
use debye_hdl::base::random::Random;
use debye_hdl::serial::SerialShell;
use debye_spec::registers::{self, Capabilities, IDENTITY};
use debye_spec::serial::{self as link, ANSWER, Damaged, Link, Packet, Reader, Refusal, Sender};
use std::collections::VecDeque;

const TABLE: usize = 6;
const DIVISOR: u64 = 5;
/// In bits: several bytes.
const PATIENCE: u64 = 40;

/// A host at one side of the shell, what a lane would see at the other.
struct Bench {
    pins: HdlPins<SerialShell<TABLE>>,
    line: Line,
    reader: Reader,
    number: u8,
    divisor: u64,
    answers: VecDeque<Result<Packet, Damaged>>,
    /// Words that the lane took, in cycles in which it did.
    words: Vec<u64>,
    ops: Vec<u128>,
    /// The lane takes operations.
    wants_ops: bool,
    /// Words that the lane has to give.
    results: VecDeque<u64>,
    random: Random,
}

impl Bench {
    fn new(seed: u64, cycles_of_a_bit: f64, divisor: u64) -> Bench {
        let pins = SerialShell::pins(13, 2048, 0x1234_5678);
        let line = Line::new(&pins, cycles_of_a_bit);
        let reader = Reader::new(Sender::Card);
        let mut bench = Bench {
            pins,
            line,
            reader,
            number: 0,
            divisor,
            answers: VecDeque::new(),
            words: Vec::new(),
            ops: Vec::new(),
            wants_ops: false,
            results: VecDeque::new(),
            random: Random::new(seed),
        };
        for (name, value) in [("rxd", 1), ("divisor", divisor), ("patience", PATIENCE * divisor), ("reset", 1)] {
            bench.set(name, value);
        }
        bench.run(4);
        bench.set("reset", 0);
        bench.run(4);
        bench
    }

    fn set(&mut self, name: &str, value: u64) {
        let port = self.pins.port(name);
        self.pins.set_u64(port, value);
    }

    fn get(&mut self, name: &str) -> u64 {
        let port = self.pins.port(name);
        self.pins.get_u64(port)
    }

    fn cycle(&mut self) {
        self.line.drive(&mut self.pins);
        let (takes, takes_op, gives) = (self.random.chance(1, 2), self.wants_ops, self.random.chance(1, 2));
        let offer = self.results.front().copied().filter(|_| gives);
        self.set("lane_tready", takes.into());
        self.set("lane_op_tready", takes_op.into());
        self.set("lane_res_tvalid", offer.is_some().into());
        self.set("lane_res_tdata", offer.unwrap_or(0));
        self.pins.settle();
        if takes && self.get("lane_tvalid") != 0 {
            let word = self.get("lane_tdata");
            self.words.push(word);
        }
        if takes_op && self.get("lane_op_tvalid") != 0 {
            let port = self.pins.port("lane_op_tdata");
            let mut limbs = [0; 2];
            self.pins.get(port, &mut limbs);
            self.ops.push(u128::from(limbs[0]) | u128::from(limbs[1]) << 64);
        }
        if offer.is_some() && self.get("lane_res_tready") != 0 {
            self.results.pop_front();
        }
        if let Some(byte) = self.line.sample(&mut self.pins) {
            self.answers.extend(self.reader.feed(byte));
        }
        self.pins.tick();
    }

    fn run(&mut self, cycles: u64) {
        (0..cycles).for_each(|_| self.cycle());
    }

    fn send(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.line.send(byte));
    }

    /// The next answer, if one comes.
    fn answer(&mut self) -> Option<Packet> {
        let mut quiet = 0;
        while self.answers.is_empty() && quiet < 4 * PATIENCE * self.divisor {
            self.cycle();
            quiet = if self.line.idle() { quiet + 1 } else { 0 };
        }
        self.answers.pop_front().map(|answer| answer.expect("nothing harms what the card sends"))
    }

    fn packet(&mut self, op: u8, count: u16, place: u32, payload: &[u64]) -> Packet {
        self.number = self.number.wrapping_add(1);
        let payload = payload.iter().flat_map(|word| word.to_le_bytes()).collect();
        Packet { op, number: self.number, count, place, payload }
    }

    /// A command and its answer.
    fn ask(&mut self, op: u8, count: u16, place: u32, payload: &[u64]) -> Packet {
        let packet = self.packet(op, count, place, payload);
        self.send(&packet.to_bytes(Sender::Host));
        let answer = self.answer().expect("an answer comes");
        assert_eq!(answer.number, packet.number);
        answer
    }

    /// As one that is done: count and place of the answer.
    fn done(&mut self, op: u8, count: u16, place: u32, payload: &[u64]) -> (u16, u32) {
        let answer = self.ask(op, count, place, payload);
        assert_eq!(answer.op, op | ANSWER, "{answer:?}");
        (answer.count, answer.place)
    }

    fn refused(&mut self, op: u8, count: u16, place: u32, payload: &[u64]) -> Option<Refusal> {
        let answer = self.ask(op, count, place, payload);
        assert_eq!((answer.op, answer.place), (link::REFUSED, place));
        Refusal::from_count(answer.count)
    }

    fn register(&mut self, name: &str) -> u32 {
        let offset = registers::register(name).unwrap().offset as u16;
        let (of, value) = self.done(link::READ, offset, 0, &[]);
        assert_eq!(of, offset);
        value
    }

    fn write(&mut self, name: &str, value: u32) {
        let offset = registers::register(name).unwrap().offset as u16;
        assert_eq!(self.done(link::WRITE, offset, value, &[]), (offset, value));
    }
}

/// A request with a chunk of so many bytes, as words.
fn request(random: &mut Random, bytes: u32) -> Vec<u64> {
    let mut words: Vec<u64> = (0..8 + bytes.div_ceil(8)).map(|_| random.draw()).collect();
    words[2] = words[2] & 0xffff_ffff | u64::from(bytes) << 32;
    words
}

#[test]
fn serial_shell_has_no_findings() {
    assert_no_findings(&*Bench::new(1, DIVISOR as f64, DIVISOR).pins.design);
}

#[test]
fn serial_identity_is_that_of_the_map_whoever_is_a_little_faster() {
    for (divisor, cycles) in [(4, 4.0), (5, 5.1), (5, 4.9), (32, 33.0), (32, 31.0)] {
        let mut bench = Bench::new(2, cycles, divisor);
        assert_eq!(bench.done(link::HELLO, 0, 0, &[]), (0, Link::of(TABLE as u32).to_place()), "{divisor} {cycles}");
        assert_eq!(bench.register("identity"), IDENTITY);
        assert_eq!(bench.register("map_hash"), registers::map_hash());
    }
}

#[test]
fn serial_registers_are_read_written_and_refused() {
    let mut bench = Bench::new(3, DIVISOR as f64, DIVISOR);
    assert_eq!(bench.register("build"), 0x1234_5678);
    let card = Capabilities::from_registers(bench.register("capabilities"), bench.register("max_bins"));
    assert_eq!((card.lanes, card.groups, card.block_log2, card.max_bins), (1, 1, 13, 2048));
    bench.write("watchdog", 0xdead_beef);
    assert_eq!(bench.register("watchdog"), 0xdead_beef);
    assert_eq!(bench.get("watchdog"), 0xdead_beef);
    assert_eq!(bench.refused(link::WRITE, 0, 7, &[]), Some(Refusal::Place));
    assert_eq!(bench.refused(link::READ, 0x3ffc, 0, &[]), Some(Refusal::Place));
    assert_eq!(bench.refused(6, 0, 0, &[]), Some(Refusal::Command));
    assert_eq!(bench.refused(link::PUSH, 0, 0, &[]), Some(Refusal::Command));
    assert_eq!(bench.refused(link::PUSH, 257, 0, &[]), Some(Refusal::Command));
    assert_eq!(bench.register("identity"), IDENTITY);
}

#[test]
fn serial_pushed_words_reach_the_lane_once_whatever_is_sent_again() {
    let mut bench = Bench::new(4, DIVISOR as f64, DIVISOR);
    let mut random = Random::new(40);
    let words: Vec<u64> = [0, 1, 8, 200, 1500, 0].iter().flat_map(|&bytes| request(&mut random, bytes)).collect();
    let mut at = 0;
    // Not enabled: the first request stays.
    while at < words.len() {
        let piece = &words[at..words.len().min(at + 1 + random.index(link::PACKET_WORDS))];
        for _ in 0..1 + random.index(2) {
            let (room, taken) = bench.done(link::PUSH, piece.len() as u16, at as u32, piece);
            // The first word leaves the memory for its register.
            let stand = at + piece.len();
            assert_eq!(taken as usize, stand);
            assert!((1024 - stand..=1025 - stand).contains(&room.into()), "{room} {stand}");
        }
        // Before or behind where it stands: nothing is taken.
        let wrong = [at as u32, (at + piece.len() + 1) as u32][random.index(2)];
        assert_eq!(bench.done(link::PUSH, 1, wrong, &[7]).1 as usize, at + piece.len());
        at += piece.len();
    }
    bench.run(2000);
    assert!(bench.words.is_empty());
    bench.write("control", 1);
    bench.run(4000);
    assert_eq!(bench.words, words);
    assert_eq!(bench.register("frames_accepted"), 6);
}

#[test]
fn serial_push_without_room_takes_nothing_and_says_so() {
    let mut bench = Bench::new(5, DIVISOR as f64, DIVISOR);
    let words = request(&mut Random::new(50), 8 * 1272);
    let mut at = 0;
    let room = loop {
        let (room, taken) = bench.done(link::PUSH, 256, at as u32, &words[at..at + 256]);
        if taken as usize == at {
            break room;
        }
        at += 256;
    };
    // One word has left the memory for its register.
    assert_eq!((at, room), (1024, 1));
    bench.write("control", 1);
    bench.run(5000);
    assert_eq!(bench.done(link::PUSH, 256, 1024, &words[1024..]).1, 1280);
    bench.run(2000);
    assert_eq!(bench.words, words);
    // A soft reset begins anew.
    bench.write("control", 2);
    assert_eq!(bench.done(link::PUSH, 1, 0, &[1]), (1023, 1));
    assert_eq!(bench.done(link::PUSH, 1, 0, &[1]), (1024, 1));
}

#[test]
fn serial_results_are_pulled_as_often_as_they_are_asked_for() {
    let mut bench = Bench::new(6, DIVISOR as f64, DIVISOR);
    let mut random = Random::new(60);
    let words: Vec<u64> = (0..1300).map(|_| random.draw()).collect();
    bench.results = words.iter().copied().collect();
    assert_eq!(bench.refused(link::PULL, 1, 2000, &[]), Some(Refusal::Place));
    let (mut at, mut got) = (0, Vec::new());
    while at < words.len() {
        let most = 1 + random.index(300);
        let answer = bench.ask(link::PULL, most as u16, at as u32, &[]);
        assert_eq!((answer.op, answer.place as usize), (link::PULL | ANSWER, at));
        assert_eq!(8 * usize::from(answer.count), answer.payload.len());
        assert!(usize::from(answer.count) <= most.min(256));
        // As if it had been lost now and then.
        if random.chance(3, 4) {
            at += usize::from(answer.count);
            got.extend(answer.payload.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())));
        }
    }
    assert!(got == words, "the words come in order, once");
    assert_eq!(bench.done(link::PULL, 5, 1300, &[]), (0, 1300));
    assert_eq!(bench.refused(link::PULL, 5, 1299, &[]), Some(Refusal::Place));
}

#[test]
fn serial_operations_come_in_turn_from_where_the_registers_say() {
    let mut bench = Bench::new(7, DIVISOR as f64, DIVISOR);
    let mut random = Random::new(70);
    let words: Vec<u64> = (0..2 << TABLE).map(|_| random.draw()).collect();
    let ops: Vec<u128> = words.chunks_exact(2).map(|op| u128::from(op[0]) | u128::from(op[1]) << 64).collect();
    assert_eq!(bench.done(link::TABLE, 100, 0, &words[..100]), (100, 0));
    assert_eq!(bench.done(link::TABLE, 28, 50, &words[100..]), (28, 50));
    assert_eq!(bench.refused(link::TABLE, 4, 63, &[0; 4]), Some(Refusal::Place));
    assert_eq!(bench.refused(link::TABLE, 3, 0, &[0; 3]), Some(Refusal::Place));
    assert_eq!(bench.refused(link::TABLE, 2, u32::MAX, &[0; 2]), Some(Refusal::Place));
    bench.write("table_address_low", 10 * 16);
    bench.write("table_ops", 54);
    bench.write("control", 2);
    bench.run(50);
    bench.wants_ops = true;
    bench.run(200);
    assert!(bench.ops.len() > 150);
    assert!(bench.ops.iter().zip(ops[10..].iter().cycle()).all(|(have, want)| have == want));
}

#[test]
fn serial_packet_harmed_anywhere_is_told_and_the_next_one_is_taken() {
    let mut bench = Bench::new(8, DIVISOR as f64, DIVISOR);
    let mut random = Random::new(80);
    let words = request(&mut random, 40);
    let packet = bench.packet(link::PUSH, words.len() as u16, 0, &words).to_bytes(Sender::Host);
    for _ in 0..24 {
        let at = random.index(packet.len());
        match random.below(4) {
            // A bit of it, maybe the start or the stop bit.
            0 => {
                for (n, &byte) in packet.iter().enumerate() {
                    let flip = if n == at { 1 << random.below(10) } else { 0 };
                    bench.line.send_bits((u16::from(byte) << 1 | 1 << 9) ^ flip);
                }
            }
            1 => bench.send(&packet[..at]),
            2 => bench.send(&[&packet[..at], &packet[at + 1..]].concat()),
            _ => bench.send(&[&packet[..at], &[random.draw() as u8], &packet[at..]].concat()),
        }
        while let Some(answer) = bench.answer() {
            let damaged = (link::REFUSED, Some(Refusal::Damaged));
            if (answer.op, Refusal::from_count(answer.count)) != damaged {
                // A byte before it or behind it does not harm it.
                assert_eq!((answer.op, answer.place), (link::PUSH | ANSWER, words.len() as u32));
                bench.write("control", 2);
            }
        }
        assert_eq!(bench.register("identity"), IDENTITY);
    }
    assert_eq!(bench.done(link::PUSH, words.len() as u16, 0, &words).1 as usize, words.len());
    bench.write("control", 1);
    bench.run(500);
    assert_eq!(bench.words, words);
    assert_eq!(bench.get("damaged"), 1);
}
