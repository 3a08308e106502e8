//! The register core does what the map in `spec` says, and AXI4-Lite's rules hold.

use debye_hdl::base::lint::assert_no_findings;
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use debye_hdl::registers::{Registers, SOFT_RESET_CYCLES, STALL_CYCLES};
use debye_spec::registers::{self as map, Access, Capabilities, REGISTERS};

const CARD: Capabilities =
    Capabilities { lanes: 12, groups: 3, block_log2: 13, op_fifo_log2: 9, elements: 0x67, max_bins: 2048 };
const BUILD: u32 = 0xdead_2611;
const OKAY: u64 = 0;
const SLVERR: u64 = 2;

/// The answer to a read of a stall counter.
fn stall_count(lane: u64, index: u64) -> u64 {
    0x1000_0000 + lane * 0x101 + index
}

/// A master with skew: each channel waits for its own random time.
struct Master<P: Pins> {
    pins: P,
    random: Random,
    /// How many cycles a channel waits at most.
    skew: u64,
    /// Answers that were there, not taken in the cycle before: they must still be there.
    held: [Option<Vec<u64>>; 2],
    /// Cycles since lane and index of the stall counter moved.
    still: u64,
    stall: (u64, u64),
}

fn master(seed: u64, skew: u64) -> Master<impl Pins> {
    let mut master = Master {
        pins: Registers::pins(CARD, BUILD),
        random: Random::new(seed),
        skew,
        held: [None, None],
        still: 0,
        stall: (0, 0),
    };
    master.set("reset", 1);
    master.pins.tick();
    master.set("reset", 0);
    master
}

/// A transaction under way: what is left to wait on each channel.
#[derive(Default)]
struct Transaction {
    address: Option<u64>,
    data: Option<u64>,
    answer: u64,
    word: u64,
    bytes: u64,
    at: u64,
}

impl<P: Pins> Master<P> {
    fn set(&mut self, name: &str, value: u64) {
        let port = self.pins.port(name);
        self.pins.set_u64(port, value);
    }
    fn get(&mut self, name: &str) -> u64 {
        let port = self.pins.port(name);
        self.pins.get_u64(port)
    }
    fn wait(&mut self) -> u64 {
        let skew = self.skew;
        self.random.below(skew + 1)
    }
    /// One cycle with what is driven; checks that untaken answers hold, and answers stall reads at the last moment.
    fn cycle(&mut self) {
        let stall = (self.get("stall_lane"), self.get("stall_index"));
        self.still = if stall == self.stall { self.still + 1 } else { 0 };
        self.stall = stall;
        let count = if self.still >= STALL_CYCLES { stall_count(stall.0, stall.1) } else { 0xbad };
        self.set("stall_count", count);
        self.pins.settle();
        for (k, names) in [
            ["s_axil_bvalid", "s_axil_bresp", "s_axil_bready"].as_slice(),
            &["s_axil_rvalid", "s_axil_rresp", "s_axil_rdata", "s_axil_rready"],
        ]
        .iter()
        .enumerate()
        {
            let (ready, payload) = names.split_last().unwrap();
            let payload: Vec<u64> = payload.iter().map(|name| self.get(name)).collect();
            if let Some(held) = &self.held[k] {
                assert_eq!(&payload, held, "held until taken");
            }
            self.held[k] = (payload[0] != 0 && self.get(ready) == 0).then_some(payload);
        }
        self.pins.tick();
    }
    /// A write and a read at the same time; gives (response of the write, response and data of the read).
    fn both(&mut self, write: Option<(u64, u64, u64)>, read: Option<u64>) -> (Option<u64>, Option<(u64, u64)>) {
        let mut w = Transaction::default();
        let mut r = Transaction::default();
        if let Some((at, word, bytes)) = write {
            w = Transaction {
                address: Some(self.wait()),
                data: Some(self.wait()),
                answer: self.wait(),
                word,
                bytes,
                at,
            };
        }
        if let Some(at) = read {
            r = Transaction { address: Some(self.wait()), answer: self.wait(), at, ..r };
        }
        let (mut written, mut got) = (None, None);
        for _ in 0..200 {
            let aw = w.address == Some(0);
            let wd = w.data == Some(0);
            let ar = r.address == Some(0);
            // Ready may be there before valid, and then must not wait for it.
            let (b, rr) = (write.is_some() && w.answer == 0, read.is_some() && r.answer == 0);
            for (name, value) in [
                ("s_axil_awvalid", aw as u64),
                ("s_axil_awaddr", if aw { w.at } else { 0xffff }),
                ("s_axil_wvalid", wd as u64),
                ("s_axil_wdata", if wd { w.word } else { 0xffff_ffff }),
                ("s_axil_wstrb", if wd { w.bytes } else { 0xf }),
                ("s_axil_arvalid", ar as u64),
                ("s_axil_araddr", if ar { r.at } else { 0xffff }),
                ("s_axil_bready", b as u64),
                ("s_axil_rready", rr as u64),
            ] {
                self.set(name, value);
            }
            self.pins.settle();
            let (bvalid, rvalid) = (self.get("s_axil_bvalid") != 0, self.get("s_axil_rvalid") != 0);
            assert!(!bvalid || (w.address, w.data) == (None, None), "an answer needs both halves");
            if bvalid && b {
                written = Some(self.get("s_axil_bresp"));
            }
            if rvalid && rr {
                got = Some((self.get("s_axil_rresp"), self.get("s_axil_rdata")));
            }
            let taken = [
                aw && self.get("s_axil_awready") != 0,
                wd && self.get("s_axil_wready") != 0,
                ar && self.get("s_axil_arready") != 0,
            ];
            for (left, taken) in [&mut w.address, &mut w.data, &mut r.address].into_iter().zip(taken) {
                *left = if taken { None } else { left.map(|n| n.saturating_sub(1)) };
            }
            (w.answer, r.answer) = (w.answer.saturating_sub(1), r.answer.saturating_sub(1));
            self.cycle();
            if written.is_some() == write.is_some() && got.is_some() == read.is_some() {
                for name in ["s_axil_bready", "s_axil_rready"] {
                    self.set(name, 0);
                }
                return (written, got);
            }
        }
        panic!("no answer to {write:x?} {read:x?}");
    }
    fn write(&mut self, at: u32, word: u32) -> u64 {
        self.both(Some((at as u64, word as u64, 15)), None).0.unwrap()
    }
    fn read(&mut self, at: u32) -> (u64, u64) {
        self.both(None, Some(at as u64)).1.unwrap()
    }
    fn value(&mut self, name: &str) -> u64 {
        let (response, value) = self.read(map::register(name).unwrap().offset);
        assert_eq!(response, OKAY, "{name}");
        value
    }
}

fn writable(register: &map::Register) -> u32 {
    let pulses = map::SOFT_RESET.mask() | map::CLEAR_COUNTERS.mask();
    if register.name == "control" { register.mask() & !pulses } else { register.mask() }
}

#[test]
fn registers_after_reset_read_as_the_map_says() {
    let mut master = master(1, 0);
    for register in &REGISTERS {
        let (response, value) = master.read(register.offset);
        assert_eq!(response, OKAY, "{}", register.name);
        if let Some(reset) = register.reset {
            assert_eq!(value, reset as u64, "{}", register.name);
        }
    }
    let [capabilities, max_bins] = CARD.to_registers();
    for (name, value) in [
        ("map_hash", map::map_hash()),
        ("build", BUILD),
        ("capabilities", capabilities),
        ("max_bins", max_bins),
        ("status", 0),
        ("cycles_high", 0),
    ] {
        assert_eq!(master.value(name), value as u64, "{name}");
    }
}

#[test]
fn registers_written_read_back_in_their_fields_and_drive_their_ports() {
    let mut master = master(2, 3);
    for (name, port) in [
        ("control", "enable"),
        ("table_ops", "table_ops"),
        ("table_id", "table_id"),
        ("table_pixels", "table_pixels"),
        ("table_bins", "table_bins"),
        ("watchdog", "watchdog"),
        ("table_address_low", "table_address"),
        ("table_address_high", "table_address"),
    ] {
        let register = map::register(name).unwrap();
        assert_eq!(register.access, Access::ReadWrite);
        for _ in 0..8 {
            let word = master.random.draw() as u32 & !(map::SOFT_RESET.mask() | map::CLEAR_COUNTERS.mask());
            assert_eq!(master.write(register.offset, word), OKAY);
            let expected = (word & writable(register)) as u64;
            assert_eq!(master.value(name), expected, "{name}");
            let value = master.get(port);
            match name {
                "table_address_low" => assert_eq!(value & 0xffff_ffff, expected),
                "table_address_high" => assert_eq!(value >> 32, expected),
                _ => assert_eq!(value, expected, "{name}"),
            }
        }
    }
}

#[test]
fn registers_not_in_the_map_or_not_writable_answer_slverr() {
    let mut master = master(3, 2);
    let end = 4 * map::REGISTER_COUNT as u32;
    let beyond = map::STALL_WINDOW + map::STALL_STRIDE * CARD.lanes;
    for at in [end, end + 4, 0x80, 0x800, map::STALL_WINDOW - 4, beyond, beyond + 0x400, 0x1800, 0x9000, 0xfffc] {
        assert_eq!(master.read(at), (SLVERR, 0), "{at:#x}");
        assert_eq!(master.write(at, 1), SLVERR, "{at:#x}");
    }
    for register in REGISTERS.iter().filter(|register| register.access == Access::Read) {
        assert_eq!(master.write(register.offset, u32::MAX), SLVERR, "{}", register.name);
    }
    assert_eq!(master.write(map::STALL_WINDOW, 1), SLVERR);
    assert_eq!(master.value("identity"), map::IDENTITY as u64);
}

#[test]
fn registers_random_reads_and_writes_with_skew_follow_a_model() {
    for (seed, skew) in [(4, 0), (5, 1), (6, 7)] {
        let mut master = master(seed, skew);
        let mut model = [0u32; map::REGISTER_COUNT];
        let rw: Vec<usize> = (0..model.len()).filter(|&i| REGISTERS[i].access == Access::ReadWrite).collect();
        for _ in 0..600 {
            let (i, k) = (master.random.draw() as usize % rw.len(), master.random.draw() as usize % rw.len());
            let (i, k) = (rw[i], rw[k]);
            let pulses = (map::SOFT_RESET.mask() | map::CLEAR_COUNTERS.mask()) as u64;
            let word = master.random.draw() & 0xffff_ffff & if REGISTERS[i].name == "control" { !pulses } else { !0 };
            let bytes = master.random.draw() & 15;
            let kind = master.random.draw() % 3;
            let write = (kind != 0).then_some((REGISTERS[i].offset as u64, word, bytes));
            // A read beside a write goes to another register: which comes first is open.
            let read = (kind != 1 && (k != i || kind == 0)).then_some(REGISTERS[k].offset as u64);
            let (written, got) = master.both(write, read);
            assert_eq!(got, read.map(|_| (OKAY, model[k] as u64)));
            assert_eq!(written, write.map(|_| OKAY));
            if write.is_some() {
                let mask = (0..4).filter(|b| bytes >> b & 1 != 0).fold(0, |mask, b| mask | 0xff << (8 * b));
                model[i] = (model[i] & !mask | word as u32 & mask) & writable(&REGISTERS[i]);
            }
        }
    }
}

#[test]
fn registers_stall_window_reads_the_lane_and_index_of_its_address() {
    let mut master = master(7, 4);
    for _ in 0..100 {
        let (lane, index) = (master.random.draw() as u32 % CARD.lanes, master.random.draw() as u32 % 8);
        let at = map::stall_offset(lane, index).unwrap();
        assert_eq!(master.read(at), (OKAY, stall_count(lane as u64, index as u64)));
    }
}

#[test]
fn registers_pulses_are_counted_shown_and_cleared() {
    let mut master = master(8, 2);
    for (pulse, name, n) in
        [("frame_accepted", "frames_accepted", 7), ("frame_done", "frames_done", 5), ("table_fault", "table_faults", 3)]
    {
        for _ in 0..n {
            master.set(pulse, 1);
            master.cycle();
            master.set(pulse, 0);
            master.cycle();
        }
        assert_eq!(master.value(name), n);
    }
    master.set("busy", 1);
    assert_eq!(master.value("status"), (map::BUSY.mask() | map::TABLE_FAULT.mask()) as u64);
    let control = map::register("control").unwrap().offset;
    let word = map::ENABLE.put(0, 1) | map::CLEAR_COUNTERS.put(0, 1);
    assert_eq!(master.write(control, word), OKAY);
    master.set("busy", 0);
    for name in ["frames_accepted", "frames_done", "table_faults", "status"] {
        assert_eq!(master.value(name), 0, "{name}");
    }
    assert_eq!(master.value("control"), map::ENABLE.mask() as u64);
}

#[test]
fn registers_control_pulses_last_as_long_as_they_say() {
    let mut master = master(9, 0);
    let control = map::register("control").unwrap().offset as u64;
    for (name, write) in [("control", map::SOFT_RESET.mask()), ("clears", map::CLEAR_COUNTERS.mask())] {
        let (port, length) = if name == "control" { ("soft_reset", SOFT_RESET_CYCLES) } else { ("clear_counters", 1) };
        for (name, value) in [("awvalid", 1), ("wvalid", 1), ("awaddr", control), ("wdata", write as u64), ("wstrb", 1)]
        {
            master.set(&format!("s_axil_{name}"), value);
        }
        master.set("s_axil_bready", 1);
        let mut cycles = 0;
        for _ in 0..40 {
            master.cycle();
            master.set("s_axil_awvalid", 0);
            master.set("s_axil_wvalid", 0);
            cycles += master.get(port);
        }
        assert_eq!(cycles, length, "{port}");
    }
    assert_eq!(master.value("control"), 0);
}

#[test]
fn registers_cycles_count_every_cycle_and_now_is_their_low_part() {
    let mut master = master(10, 0);
    let (start, mut last) = (master.get("now"), 0);
    for n in 1..50 {
        master.cycle();
        assert_eq!(master.get("now"), start + n);
    }
    for _ in 0..20 {
        let low = master.value("cycles_low");
        assert!(low > last && master.get("now") - low < 4);
        last = low;
        assert_eq!(master.value("cycles_high"), 0);
    }
}

#[test]
fn registers_mean_the_same_in_verilog() {
    assert_no_findings(&*Registers::pins(CARD, BUILD).design);
}
