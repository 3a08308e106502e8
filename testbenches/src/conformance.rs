//! What every engine must do, in one body: the definition's results, bit for bit, frame by frame.

use crate::content::{self, Kind};
use crate::lend::lent;
use debye::engine::{Engine, FrameJob, Outcome};
use debye::frame::Payload;
use debye::table::Table;
use debye_spec::{Element, FrameResult, Job, Status};
use rand::RngExt;
use rand::seq::SliceRandom;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs `payloads` through an engine and gives back the outcomes by frame.
pub fn outcomes(
    engine: &mut dyn Engine,
    table: &Arc<Table>,
    job: Job,
    payloads: Vec<Payload>,
) -> BTreeMap<usize, Outcome> {
    engine.load(table.clone(), job).expect("the table is sound");
    let mut done = BTreeMap::new();
    let mut keep = |outcome: Outcome| assert!(done.insert(outcome.index, outcome).is_none(), "a frame came back twice");
    let count = payloads.len();
    // Frames are handed in in any order.
    let mut shuffled: Vec<_> = payloads.into_iter().enumerate().collect();
    shuffled.shuffle(&mut crate::content::rng(count as u64));
    for (place, (index, payload)) in shuffled.into_iter().enumerate() {
        if engine.room() == 0 {
            keep(engine.collect(true).expect("the engine lives").expect("a frame is in flight"));
        }
        // Every other chunk where the engine wants it, if it says so.
        let payload = if place % 2 == 0 { lent(engine, payload) } else { payload };
        engine.submit(FrameJob { index, payload }).expect("the engine lives");
    }
    while let Some(outcome) = engine.collect(true).expect("the engine lives") {
        keep(outcome);
    }
    assert_eq!(done.len(), count, "every frame comes back");
    done
}

/// What the definition says of a payload, with all invalid pixels listed.
pub fn expected(table: &Table, job: &Job, payload: &Payload) -> Result<FrameResult, Status> {
    let spec = table.spec();
    let mut result = match payload {
        Payload::Pixels(bytes) if bytes.len() != table.pixels() * job.element.size() => {
            return Err(Status::SizeMismatch);
        }
        Payload::Pixels(bytes) => debye_spec::frame::integrate_pixels(bytes, job, &spec),
        chunk => debye_spec::frame::integrate(&chunk.bytes(), job, &spec).map_err(|error| Status::from(&error))?,
    };
    if result.statistics.invalid as usize != result.invalid.len() {
        let pixels = pixels_of(table, job, payload);
        let rule = job.rule();
        result.invalid = (0..table.pixels())
            .filter(|&pixel| rule.judge(&pixels, pixel, table.masked[pixel]) == debye_spec::Pixel::Invalid)
            .map(|pixel| pixel as u32)
            .collect();
    }
    Ok(result)
}

fn pixels_of(table: &Table, job: &Job, payload: &Payload) -> Vec<u8> {
    match payload {
        Payload::Pixels(bytes) => bytes.clone(),
        chunk => {
            let mut pixels = vec![0; table.pixels() * job.element.size()];
            let mut scratch = pixels.clone();
            debye_spec::chunk::decode(&chunk.bytes(), job.element, &mut pixels, &mut scratch)
                .expect("it was decoded before");
            pixels
        }
    }
}

/// The body: every element type, kind of content and block size, sound and damaged, against the definition.
pub fn engine_any_frames_equal_the_definition(engine: &mut dyn Engine, seed: u64) {
    engine_frames_of_a_shape_equal_the_definition(engine, seed, [61, 67]);
}

/// The body on frames of a shape: where time is short, of a small one.
pub fn engine_frames_of_a_shape_equal_the_definition(engine: &mut dyn Engine, seed: u64, shape: [usize; 2]) {
    let count = shape[0] * shape[1];
    for (table_number, (azimuth, split)) in [(None, 1), (None, 4), (Some(7), 2), (Some(3), 8)].into_iter().enumerate() {
        let table = Arc::new(content::table(shape, 50, azimuth, split, 13));
        for element in Element::ALL {
            let mut job = Job::new(element);
            job.threshold = 3;
            job.max_valid = if table_number == 1 { 5 } else { job.max_valid };
            let mut payloads = Vec::new();
            for (number, kind) in Kind::ALL.into_iter().enumerate() {
                let pixels = content::frame(kind, element, count, seed + number as u64);
                for block in [None, Some(8), Some(1000), Some(1 << 18)] {
                    payloads.push(Payload::Bslz4(content::chunk(&pixels, element, block)));
                }
                payloads.push(Payload::Pixels(pixels));
            }
            damage(&mut payloads, seed);
            let wanted: Vec<_> = payloads.iter().map(|payload| expected(&table, &job, payload)).collect();
            for (index, outcome) in outcomes(engine, &table, job, payloads) {
                let got = outcome.result.map_err(|error| error.status);
                assert_eq!(got, wanted[index], "table {table_number}, {element:?}, frame {index}");
            }
        }
    }
}

/// Adds damaged copies: cut at any place, a byte changed at any place, bytes too many.
fn damage(payloads: &mut Vec<Payload>, seed: u64) {
    let mut rng = content::rng(seed ^ 0xbad);
    for index in 0..payloads.len() {
        let Payload::Bslz4(chunk) = &payloads[index] else { continue };
        let mut cut = chunk.clone();
        cut.truncate(rng.random_range(0..chunk.len()));
        let mut changed = chunk.clone();
        let at = rng.random_range(0..chunk.len());
        changed[at] ^= 1 << rng.random_range(0..8);
        let mut longer = chunk.clone();
        longer.push(0);
        payloads.extend([cut, changed, longer].map(Payload::Bslz4));
    }
}
