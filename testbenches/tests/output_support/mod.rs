//! A small table and rows made by hand, for the tests of outputs, exports and plots.
#![allow(dead_code)]

use debye::geometry::{Detector, Geometry, RadialUnit};
use debye::nexus::{About, Closing, Writer};
use debye::pattern::Pattern;
use debye::run::Row;
use debye::source::SourceInfo;
use debye::table::{Description, Split, Table};
use debye_spec::{Bins, Element, Entry, Job, Statistics, Status};
use rand::{RngExt, SeedableRng};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// A detector of 4 x `radial * azimuth` pixels, one column a bin.
pub fn table(unit: RadialUnit, radial: usize, azimuth: Option<usize>) -> Table {
    let bins = radial * azimuth.unwrap_or(1);
    let pixels = 4 * bins;
    let detector =
        Detector { name: "Detector".into(), pixel1: 75e-6, pixel2: 75e-6, shape: Some([4, bins]), orientation: 3 };
    let geometry = Geometry {
        detector,
        distance: 0.1,
        poni1: 0.01,
        poni2: 0.02,
        rot1: 0.001,
        rot2: 0.0,
        rot3: 0.0,
        wavelength: Some(1e-10),
    };
    let description = Description {
        version: "0.1.0".into(),
        geometry,
        shape: [4, bins],
        unit,
        radial_bins: radial,
        azimuth_bins: azimuth.unwrap_or(1),
        caked: azimuth.is_some(),
        azimuth_range: None,
        split: Split::new(1).unwrap(),
        solid_angle: true,
        polarization: Some(0.99),
        flat: false,
        masked_pixels: 0,
        flat_masked_pixels: 0,
        convention: "pyfai".into(),
    };
    let edges = |from: f64, to: f64, n: usize| (0..=n).map(|i| from + (to - from) * i as f64 / n as f64).collect();
    Table {
        description,
        radial_edges: edges(1.0, 6.0, radial),
        azimuth_edges: edges(-180.0, 180.0, azimuth.unwrap_or(1)),
        masked: vec![false; pixels],
        starts: (0..=pixels as u32).collect(),
        entries: (0..pixels).map(|pixel| Entry::new((pixel % bins) as u32, 64)).collect(),
        norm: vec![1 << 40; pixels],
        norm_exponent: -40,
        full_weight: vec![4 * 64; bins],
        full_norm: vec![(4 * 64) << 40; bins],
        hash: [0xab; 32],
    }
}

pub fn source() -> SourceInfo {
    SourceInfo {
        file: "scan_master.h5".into(),
        dataset: "/entry/data/data".into(),
        files: vec!["scan_master.h5".into(), "scan_data_000001.h5".into()],
        shape: [4, 100],
        dtype: "uint32",
        element: Element::U32,
        filter: "bslz4".into(),
        dimensions: vec![3, 4, 100],
    }
}

/// Rows of seeded counts: two peaks on a background, the last bin without valid pixels.
pub fn rows(table: &Table, count: usize, seed: u64) -> Vec<Row> {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let bins = table.bins();
    (0..count)
        .map(|frame| {
            let mut sums = Bins::new(bins);
            for bin in 0..bins - 1 {
                let x = (bin % table.description.radial_bins) as f64 / table.description.radial_bins as f64;
                let peak = |at: f64, height: f64| height * (-((x - at) / 0.02).powi(2)).exp();
                let value = 10.0 + peak(0.3, 200.0) + peak(0.7, 100.0 + frame as f64);
                let counts = (4.0 * value + random.random_range(-4.0..4.0)) as u64;
                sums.signal[bin] = 64 * counts;
                sums.variance[bin] = 64 * 64 * counts;
                sums.weight[bin] = 4 * 64;
            }
            good_row(frame, sums)
        })
        .collect()
}

/// The row of given sums, each pixel normalised by 1.
pub fn good_row(frame: usize, bins: Bins) -> Row {
    let norm: Vec<f64> = bins.weight.iter().map(|&w| w as f64 / 64.0).collect();
    let ratio = |value: f64, norm: f64| if norm > 0.0 { value / 64.0 / norm } else { f64::NAN };
    let pattern = Pattern {
        intensity: bins.signal.iter().zip(&norm).map(|(&sum, &norm)| ratio(sum as f64, norm)).collect(),
        sigma: bins.variance.iter().zip(&norm).map(|(&sum, &norm)| ratio((sum as f64).sqrt(), norm)).collect(),
        norm,
    };
    let statistics =
        Statistics { valid: 400, invalid: 3, sum: bins.signal.iter().sum::<u64>() / 64, max: 250, over: 1 };
    Row { frame, status: Status::Ok, message: String::new(), bins, statistics, pattern, kept: None }
}

/// The row of a frame that failed.
pub fn failed_row(table: &Table, frame: usize, status: Status, message: &str) -> Row {
    let bins = table.bins();
    let nan = vec![f64::NAN; bins];
    Row {
        frame,
        status,
        message: message.into(),
        bins: Bins::new(bins),
        statistics: Statistics::default(),
        pattern: Pattern { intensity: nan.clone(), sigma: nan.clone(), norm: nan },
        kept: None,
    }
}

/// CRC-32 of the rows' result records.
pub fn crc(rows: &[Row]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for row in rows {
        row.bins.record(|bytes| hasher.update(bytes));
    }
    hasher.finalize()
}

pub fn closing(rows: &[Row]) -> Closing {
    Closing {
        frames_planned: rows.len(),
        frames_done: rows.len(),
        frames_failed: rows.iter().filter(|row| row.status != Status::Ok).count(),
        interrupted: false,
        ended: UNIX_EPOCH + Duration::from_secs(1_700_000_001),
        result_crc32: crc(rows),
        input_blake3: "cd".repeat(32),
        input_blake3_over: "nothing: synthetic rows".into(),
    }
}

/// Writes an output of these rows.
pub fn write(path: &Path, table: &Table, rows: &[Row]) {
    let (source, job) = (source(), Job::new(Element::U32));
    let about = About {
        engine: "cpu",
        engine_description: "tests",
        command_line: "debye integrate scan_master.h5 --poni scan.poni",
        started: UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        frames: Some(rows.len()),
        ..About::new(table, &source, &job)
    };
    let mut writer = Writer::create(path, false, &about).unwrap();
    for row in rows {
        writer.append(row).unwrap();
    }
    writer.finish(&closing(rows)).unwrap();
}
