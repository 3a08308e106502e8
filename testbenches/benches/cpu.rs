//! Decode, integrate and both fused, on frames of seed-fixed content: GB/s of pixels on one thread.
//!
//! `cargo bench --bench cpu`. Figures and the machine they are from stand in `docs/benchmarks.md`.

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use debye::codec::decode::{Buffers, for_each_block};
use debye::codec::sample::Sample;
use debye::codec::{lz4, unshuffle};
use debye::engine::FrameJob;
use debye::engine::kernel::Kernel;
use debye::engine::lookup::Lookup;
use debye::frame::Payload;
use debye::geometry::{Detector, Geometry, RadialUnit};
use debye::simulate::{Calibrant, Scene, Simulation};
use debye::table::{self, Request, Split, Table};
use debye_spec::chunk::{Blocks, ChunkHeader};
use debye_spec::{Element, Job};
use debye_testbenches::content;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const SHAPE: [usize; 2] = [2162, 2068];

fn geometry() -> Geometry {
    Geometry {
        detector: Detector::named("Eiger2 4M").expect("it is in the table"),
        distance: 0.15,
        poni1: 0.081,
        poni2: 0.0775,
        rot1: 0.0,
        rot2: 0.0,
        rot3: 0.0,
        wavelength: Some(0.5e-10),
    }
}

/// Pixels of a CeO2 powder frame on an Eiger2 4M.
fn powder(element: Element, mean: f64) -> Vec<u8> {
    let geometry = geometry();
    let gaps = geometry.detector.gap_mask(SHAPE).expect("an Eiger has gaps");
    let scene = Scene {
        calibrant: Calibrant::named("CeO2").expect("it is known"),
        mean,
        background: 0.5,
        width: 0.1,
        lorentzian: 0.3,
        polarization: 0.99,
    };
    let simulation = Simulation { geometry, shape: SHAPE, gaps, scene, element, frames: 1, hot: 20, dead: 20, seed: 1 };
    let maker = simulation.maker(&AtomicBool::new(false)).expect("the scene is sound");
    let mut pixels = Vec::new();
    maker.draw(0, &mut pixels);
    pixels
}

fn table(split: u8) -> Table {
    let geometry = geometry();
    let mask = geometry.detector.gap_mask(SHAPE).expect("an Eiger has gaps");
    table::build(&Request {
        geometry,
        shape: SHAPE,
        unit: RadialUnit::QPerA,
        radial_bins: 1000,
        caked: false,
        azimuth_bins: None,
        radial_range: None,
        azimuth_range: None,
        split: Split::new(split).expect("1, 2, 4 or 8"),
        mask,
        flat: None,
        solid_angle: true,
        polarization: Some(0.99),
    })
    .expect("the request is sound")
}

/// All blocks of a chunk through `step`: (LZ4 data, bytes of the block).
fn for_blocks(chunk: &[u8], element: Element, mut step: impl FnMut(&[u8], usize)) {
    let header = ChunkHeader::read(chunk, element, SHAPE[0] * SHAPE[1]).expect("a sound chunk");
    let mut blocks = Blocks::new(chunk, header);
    while let Some(block) = blocks.next_block().expect("a sound chunk") {
        step(&chunk[block.data], block.pixels.len());
    }
}

fn parts<T: Sample>(criterion: &mut Criterion, name: &str, chunk: &[u8], element: Element, bytes: usize) {
    let count = SHAPE[0] * SHAPE[1];
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Bytes(bytes as u64)).sampling_mode(SamplingMode::Flat);
    let mut planes = vec![0u8; 8192];
    group.bench_function(BenchmarkId::new("lz4", name), |bench| {
        bench.iter(|| {
            for_blocks(chunk, element, |data, size| lz4::decode(data, &mut planes[..size]).expect("a sound block"));
        });
    });
    let mut pixels = vec![T::default(); 8192 / T::SIZE];
    group.bench_function(BenchmarkId::new("unshuffle", name), |bench| {
        bench.iter(|| {
            for _ in 0..bytes / 8192 {
                unshuffle::unshuffle(black_box(&planes), &mut pixels);
            }
        });
    });
    let mut buffers = Buffers::<T>::default();
    group.bench_function(BenchmarkId::new("chunk", name), |bench| {
        bench.iter(|| {
            for_each_block(chunk, element, count, &mut buffers, |_, pixels| {
                black_box(pixels);
            })
            .expect("a sound chunk");
        });
    });
    group.finish();
}

fn cpu(criterion: &mut Criterion) {
    let tables = [1, 4].map(|split| {
        let table = table(split);
        (split, Lookup::new(&table), table)
    });
    for (name, element, mean) in [
        ("u16 mean 0.3", Element::U16, 0.3),
        ("u16 mean 3", Element::U16, 3.0),
        ("u16 mean 30", Element::U16, 30.0),
        ("u32 mean 3", Element::U32, 3.0),
    ] {
        let pixels = powder(element, mean);
        let chunk = content::chunk(&pixels, element, None);
        println!("{name}: {} bytes of pixels, ratio {:.2}", pixels.len(), pixels.len() as f64 / chunk.len() as f64);
        match element.size() {
            2 => parts::<u16>(criterion, name, &chunk, element, pixels.len()),
            _ => parts::<u32>(criterion, name, &chunk, element, pixels.len()),
        }
        for (split, lookup, table) in &tables {
            let mut kernel = Kernel::new(table, lookup, Job::new(element));
            for (what, payload) in
                [("integrate", Payload::Pixels(pixels.clone())), ("fused", Payload::Bslz4(chunk.clone()))]
            {
                let mut group = criterion.benchmark_group(what);
                group.throughput(Throughput::Bytes(pixels.len() as u64)).sampling_mode(SamplingMode::Flat);
                let frame = FrameJob { index: 0, payload };
                group.bench_function(BenchmarkId::new(format!("split {split}"), name), |bench| {
                    bench.iter(|| kernel.run(&frame).result.expect("a sound frame"));
                });
                group.finish();
            }
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().without_plots().sample_size(20).measurement_time(Duration::from_secs(3));
    targets = cpu
}
criterion_main!(benches);
