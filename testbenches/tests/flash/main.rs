//! Flashing a card whose memory is simulated: what is written, what a cut of power leaves, what faults are told.

mod commands;

use debye::bitstream::Digest;
use debye::flash::{Content, Event, Flash, FlashError, Guard, Status, Written};
use debye_sim::designs::{self, Simulator};
use debye_sim::device::Device;
use debye_sim::device::flash::{GatewareSpi, Stuck, Wear, image};
use debye_spec::flash::configuration::Boot;
use debye_spec::flash::nor::{PROTECT_3, PROTECT_BOTTOM};
use debye_spec::flash::slot::Phase;
use debye_testbenches::flashed::{Bench, GOLDEN_BUILD, u50};
use std::sync::atomic::AtomicBool;

const OLD: u32 = 0x0001_d000;
const NEW: u32 = 0x0002_e000;

/// An image of some words: its build is told apart by `user`.
fn made(user: u32, words: usize) -> Vec<u8> {
    image::update(u50(), user, words, user.into())
}

fn content<'a>(name: &'a str, bytes: &'a [u8]) -> Content<'a> {
    Content { name, bytes, sha256: Digest::of(bytes).sha256.0 }
}

/// What `debye flash` does, without its command.
fn flash(bench: &Bench, name: &str, bytes: &[u8]) -> Result<Written, FlashError> {
    let (stop, mut events) = (AtomicBool::new(false), |_: Event| ());
    let mut flash = Flash::new(bench.transport())?;
    let old = flash.read_slot(flash.extent(bytes.len()), &stop, &mut events)?;
    flash.write(&content(name, bytes), &old, &stop, &mut events)
}

fn status(bench: &Bench) -> Status {
    Status::read(&mut Flash::new(bench.transport()).unwrap()).unwrap()
}

/// Power goes and comes; which build came up.
fn boots(bench: &Bench) -> (Boot, u32) {
    let mut card = bench.card();
    card.power_cycle();
    let boot = card.boot();
    let user = match boot {
        Boot::Update { user, .. } | Boot::Golden { user } | Boot::Fallback { user, .. } => user,
        Boot::Dead => panic!("the card is a brick"),
    };
    (boot, user)
}

#[test]
fn flash_of_an_image_is_verified_and_boots() {
    let bench = Bench::new("flash:whole", Wear::default());
    assert_eq!(boots(&bench).1, GOLDEN_BUILD);
    let (outside, image) = (bench.outside(), made(NEW, 40_000));
    let written = flash(&bench, "debye-u50", &image).unwrap();
    assert!(written.erased > 0 && written.programmed > 400 && written.retried == 0 && written.repaired == 0);
    assert!(matches!(boots(&bench), (Boot::Update { .. }, NEW)));
    let status = status(&bench);
    assert!(status.is_whole() && status.guard == Guard::Open && status.comes_up() == "update");
    let record = status.record.unwrap();
    assert_eq!((record.name(), record.phase, record.length as usize), ("debye-u50", Phase::Opened, image.len()));
    assert_eq!(bench.outside(), outside);
    // Another image that begins alike: what is the same stays.
    let mut next = image.clone();
    let place = image.len() - 100;
    next.truncate(place);
    let again = flash(&bench, "shorter", &next).unwrap();
    assert!(again.kept > 0 && again.erased < written.erased, "{again:?}");
}

#[test]
fn flash_of_an_image_over_another_comes_up_with_the_new_one() {
    let bench = Bench::new("flash:over", Wear::default());
    flash(&bench, "old", &made(OLD, 9_000)).unwrap();
    assert_eq!(boots(&bench).1, OLD);
    flash(&bench, "new", &made(NEW, 30_000)).unwrap();
    assert_eq!(boots(&bench).1, NEW);
}

/// Cuts power at a moment of flashing `new` over `old`; says which build came up and what had been told.
fn cut(old: &[u8], new: &[u8], moment: u64, seed: u64) -> (Bench, u32, FlashError) {
    let bench = Bench::new(&format!("flash:cut-{}-{moment}", new.len()), Wear { seed, ..Wear::default() });
    flash(&bench, "old", old).unwrap();
    let start = bench.card().nor().now();
    bench.card().nor_mut().cut_at(start + moment);
    let error = flash(&bench, "new", new).expect_err("power was cut");
    let (_, user) = boots(&bench);
    (bench, user, error)
}

/// Moments at which something begins, is half done, or has just been done; and some at random.
fn moments(old: &[u8], new: &[u8], every: usize) -> Vec<u64> {
    let bench = Bench::new("flash:moments", Wear::default());
    flash(&bench, "old", old).unwrap();
    let (start, done) = {
        let card = bench.card();
        (card.nor().now(), card.nor().log().len())
    };
    flash(&bench, "new", new).unwrap();
    let card = bench.card();
    let (nor, mut all) = (card.nor(), Vec::new());
    for (i, operation) in nor.log()[done..].iter().enumerate() {
        let (begin, end) = (operation.begin - start, operation.end - start);
        // Erases and the first and last operations always; of the pages every so many.
        if i % every == 0 || operation.bytes > 256 || i < 8 || i + 8 + done > nor.log().len() {
            all.extend([begin, begin + 1, begin + (end - begin) / 2, end - 1, end]);
        }
    }
    let total = nor.now() - start;
    let mut number = 0x5eed_u64;
    for _ in 0..40 {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all.push((number >> 20) % total);
    }
    all.retain(|&moment| moment > 0 && moment < total);
    all
}

/// Power is cut at moments of a whole flash: a whole image comes up each time, status says what happened, a second try
/// finishes, and nothing outside the slot changed.
fn power_is_cut(every: usize) -> usize {
    let (old, new) = (made(OLD, 3_000), made(NEW, 17_000));
    let outside = Bench::new("flash:outside", Wear::default()).outside();
    let all = moments(&old, &new, every);
    let mut came_up = [0; 3];
    for (seed, &moment) in all.iter().enumerate() {
        let (bench, user, error) = cut(&old, &new, moment, seed as u64);
        assert!(matches!(error, FlashError::Gone { .. }), "at {moment}: {error}");
        let which = [GOLDEN_BUILD, OLD, NEW].iter().position(|&build| build == user);
        came_up[which.unwrap_or_else(|| panic!("at {moment}: build {user:#x} came up"))] += 1;
        let status = status(&bench);
        let (happened, next) = status.tells();
        match (user, status.comes_up()) {
            (GOLDEN_BUILD, "golden") => assert!(next.contains("recover"), "at {moment}: {happened}; {next}"),
            (OLD | NEW, "update") => {}
            // The guard's page was half erased: what the slot holds is not said, but it is whole.
            (OLD, "unknown") if status.record.is_some_and(|record| record.name() == "old") => {}
            other => panic!("at {moment}: {other:?}, {status:?}"),
        }
        assert_eq!(bench.outside(), outside, "at {moment}");
        flash(&bench, "new", &new).unwrap_or_else(|error| panic!("at {moment}: {error}"));
        assert!(matches!(boots(&bench), (Boot::Update { .. }, NEW)), "at {moment}");
        assert_eq!(bench.outside(), outside, "at {moment}");
    }
    assert!(came_up.iter().all(|&count| count > 0), "{came_up:?} of golden, old, new");
    all.len()
}

#[test]
fn power_cut_at_any_moment_leaves_a_whole_image_and_recover_finishes() {
    let tried = power_is_cut(if std::env::var_os("DEBYE_SOAK").is_some() { 1 } else { 23 });
    println!("power was cut at {tried} moments");
}

#[test]
fn recover_after_erasing_goes_on_where_it_was() {
    let (old, new) = (made(OLD, 3_000), made(NEW, 17_000));
    let whole = {
        let bench = Bench::new("flash:resume-whole", Wear::default());
        flash(&bench, "old", &old).unwrap();
        let start = bench.card().nor().now();
        let written = flash(&bench, "new", &new).unwrap();
        (bench.card().nor().now() - start, written)
    };
    // Most of the time goes into reading back: in the middle all is erased and programmed.
    let (bench, _, _) = cut(&old, &new, whole.0 * 3 / 5, 1);
    assert!(status(&bench).record.unwrap().phase >= Phase::Erased);
    let again = flash(&bench, "new", &new).unwrap();
    assert!(again.erased < whole.1.erased && again.programmed < whole.1.programmed, "{again:?} of {:?}", whole.1);
}

#[test]
fn operation_that_fails_once_is_tried_again() {
    let wear = Wear { failing: vec![0, 5, 40, 41], ..Wear::default() };
    let bench = Bench::new("flash:retry", wear);
    let written = flash(&bench, "new", &made(NEW, 20_000)).unwrap();
    assert_eq!((written.retried, boots(&bench).1), (4, NEW));
}

#[test]
fn operation_that_fails_always_leaves_the_golden_image() {
    let wear = Wear { failing: (40..200).collect(), ..Wear::default() };
    let bench = Bench::new("flash:worn", wear);
    let error = flash(&bench, "new", &made(NEW, 20_000)).unwrap_err();
    assert!(matches!(error, FlashError::Failed { what: "program", tries: 3, .. }), "{error}");
    assert!(error.to_string().contains("golden"), "{error}");
    assert_eq!(boots(&bench).1, GOLDEN_BUILD);
}

#[test]
fn stuck_bit_is_found_by_verify_and_named() {
    let slot = u50().layout.unwrap().update;
    let address = slot.image() + 0x1234;
    let stuck = Stuck { address, mask: 0x10, value: 0 };
    let mut image = made(NEW, 20_000);
    image[0x1234] |= 0x10;
    let bench = Bench::new("flash:stuck", Wear { stuck: vec![stuck], ..Wear::default() });
    match flash(&bench, "new", &image).unwrap_err() {
        FlashError::Stuck { address: at, count: 1, found, wanted } => {
            assert_eq!((at, found, wanted), (address, image[0x1234] & !0x10, image[0x1234]));
        }
        other => panic!("{other}"),
    }
    assert_eq!(boots(&bench).1, GOLDEN_BUILD);
    assert_eq!(status(&bench).record.unwrap().phase, Phase::Programmed);
}

#[test]
fn stuck_bit_that_reads_as_it_should_does_no_harm() {
    let address = u50().layout.unwrap().update.image() + 0x1234;
    let mut image = made(NEW, 20_000);
    image[0x1234] &= !0x10;
    let stuck = Stuck { address, mask: 0x10, value: 0 };
    // The bitstream's CRC is wrong now: what is shown is that the slot holds it.
    let bench = Bench::new("flash:harmless", Wear { stuck: vec![stuck], ..Wear::default() });
    flash(&bench, "new", &image).unwrap();
    assert!(status(&bench).is_whole());
}

#[test]
fn protected_slot_is_refused_by_name() {
    // BP3..0 = 1001 from the bottom: the lower 16 MiB and more.
    let status_register = PROTECT_3 | PROTECT_BOTTOM | 1 << 2 | 1 << 3;
    let bench = Bench::new("flash:protected", Wear { status: status_register, ..Wear::default() });
    let error = flash(&bench, "new", &made(NEW, 2_000)).unwrap_err();
    assert!(matches!(error, FlashError::Protected { what: "erase", low: 0, .. }), "{error}");
    assert_eq!(boots(&bench).1, GOLDEN_BUILD);
}

#[test]
fn memory_of_another_kind_is_refused() {
    for (id, wanted) in [([0; 3], "held down"), ([0xff; 3], "not selected"), ([0x20, 0xba, 0x18], "JEDEC id")] {
        let bench = Bench::with_jedec("flash:jedec", Wear::default(), id);
        let error = flash(&bench, "new", &made(NEW, 2_000)).unwrap_err();
        assert!(error.to_string().contains(wanted) && error.to_string().contains("nothing was written"), "{error}");
        assert!(bench.card().nor().log().is_empty());
    }
}

#[test]
fn stop_between_two_sectors_closes_the_guard() {
    let bench = Bench::new("flash:stop", Wear::default());
    let (old, image) = (made(OLD, 3_000), made(NEW, 20_000));
    flash(&bench, "old", &old).unwrap();
    let stop = AtomicBool::new(false);
    let mut card = Flash::new(bench.transport()).unwrap();
    let error = card
        .write(&content("new", &image), &[], &stop, &mut |event| {
            if matches!(event, Event::Begins(debye::flash::Phase::Program, _)) {
                stop.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        })
        .unwrap_err();
    drop(card);
    assert!(matches!(error, FlashError::Stopped), "{error}");
    assert_eq!((boots(&bench).1, status(&bench).guard), (GOLDEN_BUILD, Guard::Closed));
}

#[test]
fn reload_boots_the_new_image_without_a_power_cycle() {
    let bench = Bench::new("flash:reload", Wear::default());
    flash(&bench, "new", &made(NEW, 2_000)).unwrap();
    let mut card = Flash::new(bench.transport()).unwrap();
    assert_eq!((card.build, card.idcode), (GOLDEN_BUILD, Some(u50().idcode)));
    assert_eq!(card.reload().unwrap(), NEW);
}

/// The gateware's own core does what the vendor's does: the same driver flashes through it, down to the memory's pins.
fn flash_through(core: Simulator) {
    let pins = designs::flash_spi(core).expect("the core is built");
    let jedec = debye_spec::board::MT25QU01G.jedec;
    let bench = Bench::with_core(&format!("flash:{core:?}"), Wear::default(), jedec, Box::new(GatewareSpi::new(pins)));
    let image = made(NEW, 1_000);
    let written = flash(&bench, "new", &image).unwrap();
    assert_eq!((written.repaired, written.retried, boots(&bench).1), (0, 0, NEW));
    let reference = Bench::new(&format!("flash:{core:?}-reference"), Wear::default());
    flash(&reference, "new", &image).unwrap();
    let cells = |bench: &Bench| {
        let slot = u50().layout.unwrap().update;
        bench.card().nor().cells().copy(slot.start..slot.end())
    };
    assert!(cells(&bench) == cells(&reference));
    // A part of the slot again, with bytes of every value.
    let mut bytes = vec![0; 4096];
    debye::flash::Flash::new(bench.transport()).unwrap().nor().unwrap().read(0, &mut bytes, |_| Ok(())).unwrap();
    assert_eq!(bytes, bench.card().nor().cells().copy(0..4096));
}

#[test]
fn gateware_core_in_rust_hdl_flashes_as_the_vendors_does() {
    flash_through(Simulator::Hdl);
}

#[test]
fn gateware_core_as_verilog_flashes_as_the_vendors_does() {
    match debye_sim::verilator::find() {
        Ok(_) => flash_through(Simulator::Verilator),
        Err(missing) => println!("gateware_core_as_verilog skipped: {missing}"),
    }
}
