//! The integrator against the definition.

use crate::integrator_support::{Bench, Frame, OwnTable, Pauses, pixels};
use debye_hdl::base::random::Random;
use debye_hdl::integrator::pins;
use debye_spec::frame::Job;
use debye_spec::{Element, Status};

const NONE: Pauses = Pauses(0, 0, 0);

#[test]
fn integrator_any_table_and_type_gives_the_definitions_sums() {
    let mut bench = Bench::new(pins::<4>());
    for (n, pauses) in [NONE, Pauses(20, 20, 20), Pauses(50, 2, 40), Pauses(3, 50, 0)].into_iter().enumerate() {
        let mut random = Random::new(77 + n as u64);
        let mut frames = vec![];
        for element in Element::ALL {
            for count in [1, 2, 3, 5, 8, 13, 400] {
                let table = OwnTable::nasty(count, 1 + random.below(128) as usize, &mut random);
                let mut job = Job::new(element);
                if random.below(2) == 0 {
                    job.max_valid = random.draw() as u32 >> random.below(32);
                    job.threshold = random.draw() as u32 >> random.below(32);
                }
                let data = pixels(element, count, 4, &mut random);
                frames.push(Frame::new(&table, job, &data));
            }
        }
        bench.check(&frames, pauses, 5 + n as u64);
    }
}

/// Cycles without pauses are one an operation; the rest is the read-out's and the frame's borders.
#[test]
fn integrator_realistic_tables_take_a_cycle_an_operation() {
    let mut bench = Bench::new(pins::<8>());
    let mut random = Random::new(3);
    let soak = if std::env::var_os("DEBYE_SOAK").is_some() { 8 } else { 1 };
    let (width, height) = (512, 48 * soak);
    let powder = OwnTable::powder(width, height, 500);
    let cake = OwnTable::cake(10_000 * soak, 50, 8, &mut random);
    for (name, table) in [("powder", &powder), ("cake", &cake)] {
        for element in [Element::U8, Element::U16, Element::U32] {
            let data = pixels(element, table.masked.len(), 0, &mut random);
            let frames = vec![Frame::new(table, Job::new(element), &data); 2];
            bench.check(&frames, NONE, 1);
            let (operations, words) = (frames[0].ops.len() as u64, frames[0].words.len());
            println!(
                "{name} {element:?}: {words} words, {operations} operations a frame, {} cycles for two",
                bench.cycles
            );
            // a cycle a row and pass, the borders, and once a whole read-out
            let rows = 3 * 256;
            assert!(bench.cycles < 2 * operations + 2 * rows + 100 + 20_000, "{} cycles", bench.cycles);
        }
    }
}

/// Few rows in every order, so that rows are wanted while they are being written back.
#[test]
fn integrator_rows_that_return_at_once_lose_nothing() {
    let mut bench = Bench::new(pins::<3>());
    let mut random = Random::new(11);
    let mut frames = vec![];
    for period in 1..6 {
        for gap in [1, 7, 8, 9] {
            let mut table = OwnTable::new(64);
            for p in 0..120 {
                let bin = (p / 4 % period * gap) as u32;
                table.pixel(false, &[(bin, 30), (bin + 1, 34)]);
            }
            let data = pixels(Element::U16, 120, 1, &mut random);
            frames.push(Frame::new(&table, Job::new(Element::U16), &data));
        }
    }
    for n in 0..60 {
        let mut table = OwnTable::new(64);
        for p in 0..160 {
            let bin = if p % 4 == 0 { random.below(3) as u32 * 8 + 3 } else { n % 50 };
            table.pixel(false, &[(bin, 64)]);
        }
        let data = pixels(Element::U16, 160, 1, &mut random);
        frames.push(Frame::new(&table, Job::new(Element::U16), &data));
    }
    bench.check(&frames, NONE, 1);
    bench.check(&frames, Pauses(12, 12, 0), 2);
}

#[test]
fn integrator_largest_values_and_weights_do_not_overflow() {
    let mut bench = Bench::new(pins::<1>());
    let mut table = OwnTable::new(16);
    for _ in 0..4000 {
        table.pixel(false, &[(9, 64)]);
    }
    let mut frames = vec![];
    for element in Element::ALL {
        let mut job = Job::new(element);
        job.max_valid = u32::MAX;
        job.threshold = 0;
        let most = job.rule().max_valid();
        let data: Vec<u8> = (0..4000).flat_map(|_| most.to_le_bytes()[..element.size()].to_vec()).collect();
        frames.push(Frame::new(&table, job, &data));
    }
    bench.check(&frames, NONE, 1);
}

#[test]
fn integrator_more_invalid_pixels_than_a_list_holds_lists_the_first() {
    let mut bench = Bench::new(pins::<2>());
    let mut random = Random::new(9);
    let mut frames = vec![];
    for element in Element::ALL {
        for (count, invalid) in [(6000, 20), (1023 * 4, 64), (1024 * 4, 64), (1025 * 4 + 1, 64), (700, 64)] {
            let mut table = OwnTable::nasty(count, 20, &mut random);
            if invalid == 64 {
                table = OwnTable::new(20);
                (0..count).for_each(|_| table.pixel(false, &[(7, 64)]));
            }
            let data = pixels(element, count, invalid, &mut random);
            frames.push(Frame::new(&table, Job::new(element), &data));
        }
    }
    bench.check(&frames, NONE, 1);
    bench.check(&frames[..7], Pauses(10, 10, 40), 2);
}

#[test]
fn integrator_failed_and_mismatched_frames_leave_nothing_behind() {
    let mut bench = Bench::new(pins::<4>());
    for (seed, pauses) in [(1, NONE), (2, Pauses(20, 20, 20))] {
        let mut random = Random::new(seed);
        let mut frames = vec![];
        for _ in 0..60 {
            let element = Element::ALL[random.below(5) as usize];
            let count = 1 + random.below(300) as usize;
            let table = OwnTable::nasty(count, 128, &mut random);
            let data = pixels(element, count, 2, &mut random);
            let frame = Frame::new(&table, Job::new(element), &data);
            let words = frame.words.len();
            let some = random.below(words as u64) as usize;
            frames.push(match random.below(8) {
                0 => frame.fail(0, Status::TableMismatch),
                1 => frame.fail(some, Status::OutputOverrun),
                2 => frame.fail(words, Status::TrailingBytes),
                3 => frame.fail(some, Status::Ok),
                4 => frame.fail(words + 1 + some, Status::Ok),
                5 => frame.fail(words + 1 + some, Status::Stalled),
                _ => frame,
            });
        }
        bench.check(&frames, pauses, seed);
    }
}

#[test]
fn integrator_frames_shorter_than_their_read_out_wait_for_it() {
    let mut bench = Bench::new(pins::<8>());
    let mut random = Random::new(21);
    let mut frames = vec![];
    for bins in [2048, 2047, 2041, 1, 8, 9, 2048] {
        let table = OwnTable::nasty(64, bins, &mut random);
        frames.push(Frame::new(&table, Job::new(Element::U16), &pixels(Element::U16, 64, 3, &mut random)));
    }
    bench.check(&frames, NONE, 1);
    bench.check(&frames[..3], Pauses(0, 0, 30), 2);
}

#[test]
fn integrator_reset_within_a_frame_begins_clean() {
    let mut bench = Bench::new(pins::<3>());
    let mut random = Random::new(31);
    let table = OwnTable::nasty(600, 64, &mut random);
    let frames: Vec<Frame> = (0..3)
        .map(|_| Frame::new(&table, Job::new(Element::U16), &pixels(Element::U16, 600, 3, &mut random)))
        .collect();
    for cycles in (40..900).step_by(61) {
        bench.abandon(&frames, cycles);
        bench.reset();
        bench.check(&frames, NONE, 1);
    }
}
