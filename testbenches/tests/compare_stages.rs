//! Sides of a comparison against each other: equal where they are, and a fault is named where it is.

use debye::compare::{Compared, Cpu, Definition, Finding, Lane, Side, Stage, around, compare};
use debye::frame::Payload;
use debye::table::Table;
use debye_sim::designs::{self, Fault, Simulator};
use debye_sim::model::Config;
use debye_sim::verilator;
use debye_sim::waves::Waves;
use debye_spec::{Element, Job};
use debye_testbenches::content::{self, Kind};
use debye_testbenches::memory::Frames;
use rand::RngExt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const SHAPE: [usize; 2] = [61, 67];

struct Case {
    table: Arc<Table>,
    job: Job,
    frames: Frames,
}

/// Frames of every kind in blocks of several sizes, and with `damaged` as many that are cut or changed somewhere.
fn case(element: Element, damaged: bool, seed: u64) -> Case {
    let table = Arc::new(content::table(SHAPE, 50, Some(7), 4, 13));
    let mut job = Job::new(element);
    job.threshold = 3;
    let pixels = SHAPE[0] * SHAPE[1];
    let mut rng = content::rng(seed);
    let mut payloads = Vec::new();
    for (number, kind) in Kind::ALL.into_iter().enumerate() {
        let frame = content::frame(kind, element, pixels, seed + number as u64);
        for block in [None, Some(8), Some(1000)] {
            let mut chunk = content::chunk(&frame, element, block);
            if damaged {
                let at = rng.random_range(0..chunk.len());
                if number % 2 == 0 { chunk[at] ^= 1 << rng.random_range(0..8) } else { chunk.truncate(at) }
            }
            payloads.push(Payload::Bslz4(chunk));
        }
    }
    Case { table, job, frames: Frames::new(SHAPE, element, payloads) }
}

impl Case {
    fn cpu(&self) -> Box<dyn Side> {
        Box::new(Cpu::new(self.table.clone(), self.job))
    }

    fn spec(&self) -> Box<dyn Side> {
        Box::new(Definition::new(self.table.clone(), self.job))
    }

    fn lane(&self, simulator: Simulator, stall_seed: Option<u64>, fault: Option<&Fault>) -> Box<dyn Side> {
        self.traced_lane(simulator, stall_seed, fault, None)
    }

    fn traced_lane(
        &self,
        simulator: Simulator,
        stall_seed: Option<u64>,
        fault: Option<&Fault>,
        waves: Option<&Waves>,
    ) -> Box<dyn Side> {
        let config = Config { stall_seed, ..Config::default() };
        let pins = designs::lane(simulator, &config, waves, fault).expect("the lane is built");
        Box::new(Lane::new(pins, "lane".into(), config, &self.table, self.job).expect("the table fits"))
    }

    fn hold(&mut self, mut a: Box<dyn Side>, mut b: Box<dyn Side>, frames: usize) -> Finding {
        self.hold_sides([&mut *a, &mut *b], frames)
    }

    fn hold_sides(&mut self, sides: [&mut dyn Side; 2], frames: usize) -> Finding {
        let stop = AtomicBool::new(false);
        compare(&mut self.frames, 0..frames, &self.job, sides, &stop, &mut |_| {}).expect("both sides go on")
    }

    fn equal(&mut self, a: Box<dyn Side>, b: Box<dyn Side>, frames: usize) -> Compared {
        let finding = self.hold(a, b, frames);
        assert_eq!(finding.difference, None);
        finding.compared
    }
}

/// Whether there is a Verilator; says so if not.
fn verilator(test: &str) -> bool {
    let found = verilator::find();
    if let Err(error) = &found {
        eprintln!("skipped: {test}: {error}");
    }
    found.is_ok()
}

#[test]
fn compare_cpu_and_spec_any_frames_are_equal() {
    for (seed, element) in Element::ALL.into_iter().enumerate() {
        for damaged in [false, true] {
            let mut case = case(element, damaged, seed as u64);
            let compared = case.equal(case.cpu(), case.spec(), 12);
            assert_eq!(compared.frames, 12);
            assert_eq!(damaged, compared.failed > 6, "{compared:?}");
        }
    }
}

#[test]
fn compare_cpu_and_hdl_lane_are_equal_with_and_without_stalls() {
    for (element, damaged, stalls) in
        [(Element::U16, false, None), (Element::U32, true, Some(1)), (Element::U8, false, Some(2))]
    {
        let mut case = case(element, damaged, 5);
        let compared = case.equal(case.cpu(), case.lane(Simulator::Hdl, stalls, None), 3);
        assert_eq!(compared.frames, 3, "{element:?}");
    }
}

#[test]
fn compare_spec_and_verilator_lane_any_frames_are_equal() {
    if !verilator("compare_spec_and_verilator_lane_any_frames_are_equal") {
        return;
    }
    for (seed, element) in Element::ALL.into_iter().enumerate() {
        for damaged in [false, true] {
            let mut case = case(element, damaged, 100 + seed as u64);
            let stalls = (seed % 2 == 0).then_some(seed as u64);
            let compared = case.equal(case.spec(), case.lane(Simulator::Verilator, stalls, None), 12);
            assert_eq!(compared.frames + compared.refused.len(), 12);
            assert!(compared.frames >= 6);
        }
    }
}

#[test]
fn compare_verilator_lane_with_one_wrong_bit_names_the_stage() {
    // Eight faults are eight builds of the lane: some minutes.
    if std::env::var_os("DEBYE_SOAK").is_none() {
        eprintln!("skipped: compare_verilator_lane_with_one_wrong_bit_names_the_stage: set DEBYE_SOAK=1 to run it");
        return;
    }
    if !verilator("compare_verilator_lane_with_one_wrong_bit_names_the_stage") {
        return;
    }
    let faults = [
        ("debye_splitter", "m_blk_tdata = queue$data;", "m_blk_tdata = queue$data ^ 64'h2000;", Stage::Blocks),
        ("debye_history", "q_odd1$d = odd1$read_data;", "q_odd1$d = odd1$read_data ^ 64'h20;", Stage::Planes),
        (
            "debye_network",
            "line1$d = ((line1$q >> 32'h2) & 64'h3333333333333333)",
            "line1$d = ((line1$q >> 32'h2) & 64'h3333333333333331)",
            Stage::Pixels,
        ),
        ("debye_products", "variance_even_w2 <= q[26+:13];", "variance_even_w2 <= q[26+:12];", Stage::Bins),
        ("debye_statistics", "((over_4$q) & 26'h3ffffff)", "((over_4$q) & 26'h3fffffe)", Stage::Statistics),
        ("debye_invalid", "((slots) & 32'hffffffff)", "((slots) & 32'hfffffffe)", Stage::Invalid),
        ("debye_packer", "m_axis_tdata = out_data$q;", "m_axis_tdata = out_data$q ^ 64'h1;", Stage::Result),
        ("debye_crc", "first = state ^ data[31:0];", "first = state ^ data[31:0] ^ 32'h100;", Stage::Result),
    ];
    let mut case = case(Element::U16, false, 9);
    for (module, from, to, stage) in faults {
        let fault = Fault { module: module.into(), from: from.into(), to: to.into() };
        let finding = case.hold(case.cpu(), case.lane(Simulator::Verilator, None, Some(&fault)), 12);
        let difference = finding.difference.unwrap_or_else(|| panic!("the fault in {module} is not found"));
        assert_eq!(difference.stage, stage, "{module}: {difference}");
        assert_ne!(difference.a, difference.b, "{module}: {difference}");
        assert!(difference.cycle.is_some_and(|cycle| cycle > 0), "{module}: {difference}");
        let placed = match stage {
            Stage::Blocks | Stage::Planes => difference.block.and(difference.byte).is_some(),
            Stage::Pixels | Stage::Invalid => difference.pixel.is_some(),
            Stage::Bins => difference.bin.is_some() && difference.field.is_some(),
            Stage::Statistics => difference.field == Some("over"),
            Stage::Result => true,
        };
        assert!(placed, "{module}: {difference}");
        println!("{module}: different in {difference}");
    }
}

/// Waves around a difference, as `--vcd-around` writes them: they cover the cycle that it names, and hold there the byte
/// that it names.
#[test]
fn compare_waves_around_a_difference_show_it() {
    // Two builds of a lane.
    if std::env::var_os("DEBYE_SOAK").is_none() {
        eprintln!("skipped: compare_waves_around_a_difference_show_it: set DEBYE_SOAK=1 to run it");
        return;
    }
    if !verilator("compare_waves_around_a_difference_show_it") {
        return;
    }
    let (module, from, to) = ("debye_splitter", "m_blk_tdata = queue$data;", "m_blk_tdata = queue$data ^ 64'h2000;");
    let fault = Fault { module: module.into(), from: from.into(), to: to.into() };
    let mut case = case(Element::U16, false, 9);
    let finding = case.hold(case.cpu(), case.lane(Simulator::Verilator, None, Some(&fault)), 12);
    let difference = finding.difference.expect("the fault is found");
    let cycle = difference.cycle.expect("a lane has a clock");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let waves = Waves::new(folder.path().join("around.vcd"), around(cycle));
    let (mut cpu, mut lane) = (case.cpu(), case.traced_lane(Simulator::Verilator, None, Some(&fault), Some(&waves)));
    let again = case.hold_sides([&mut *cpu, &mut *lane], 12);
    assert_eq!(again.difference.as_ref(), Some(&difference), "a model does the same thing again");
    lane.run_on(waves.cycles.end).expect("the lane runs on");
    drop(lane);
    assert_eq!(waves.failure(), None);
    let text = std::fs::read_to_string(&waves.path).expect("waves were written");
    let (head, changes) = text.split_once("$enddefinitions $end").expect("the head of a VCD");
    let data = head.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find_map(|words| match words[..] {
        ["$var", "wire", "64", id, "tap_blk_tdata", ..] => Some(id.to_owned()),
        _ => None,
    });
    let data = data.expect("the lane's ports are among the waves");
    // Two times a cycle; what stands at the clock's edge is what passes at it.
    let (mut times, mut now, mut seen) = (Vec::new(), 0, None);
    for line in changes.lines() {
        if let Some(time) = line.strip_prefix('#') {
            now = time.parse::<u64>().expect("a time");
            times.push(now);
        } else if let Some((value, id)) = line.strip_prefix('b').and_then(|line| line.split_once(' '))
            && id == data
            && now <= 2 * cycle
        {
            seen = Some(u64::from_str_radix(value, 2).expect("bits"));
        }
    }
    assert_eq!((times.first(), times.last()), (Some(&(2 * waves.cycles.start)), Some(&(2 * waves.cycles.end - 1))));
    let byte = seen.expect("data passed").to_le_bytes()[difference.byte.expect("a byte") % 8];
    let hex = format!("{byte:#04x}");
    assert_eq!(difference.b, hex, "the waves at cycle {cycle}: {difference}");
}

#[test]
fn fault_that_does_not_fit_the_verilog_is_refused() {
    let fault = |module: &str, from: &str| Fault { module: module.into(), from: from.into(), to: "".into() };
    let verilog = "\nmodule a (\nx\n);\nendmodule\n\nmodule b (\ny y\n);\nendmodule\n";
    assert_eq!(fault("a", "x").inject(verilog).unwrap().len(), verilog.len() - 1);
    for (module, from) in [("a", "y"), ("b", "y"), ("c", "x")] {
        assert!(fault(module, from).inject(verilog).is_err());
    }
}
