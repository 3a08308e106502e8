//! Decode, integrate and both fused, on frames of seed-fixed content: GB/s of pixels on one thread.
//!
//! `cargo bench --bench cpu`. Figures and the machine they are from stand in `docs/benchmarks.md`.

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use debye::codec::decode::{Buffers, into_pixels};
use debye::cpu::lines::Lines;
use debye::cpu::lz4::{Decoder, OUTPUT_SLACK};
use debye::cpu::sample::Sample;
use debye::cpu::{Kernels, unshuffle};
use debye::engine::FrameJob;
use debye::engine::kernel::Kernel;
use debye::engine::plan::Plan;
use debye::frame::Payload;
use debye::geometry::{Detector, Geometry, RadialUnit};
use debye::simulate::{Calibrant, Scene, Simulation};
use debye::table::{self, Request, Split, Table};
use debye_spec::chunk::{Blocks, ChunkHeader};
use debye_spec::{Element, Job};
use debye_testbenches::content;
use std::hint::black_box;
use std::sync::Arc;
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

/// The parts of decoding, with each set of kernels.
fn parts<T: Sample>(criterion: &mut Criterion, name: &str, chunk: &[u8], element: Element, bytes: usize) {
    let count = SHAPE[0] * SHAPE[1];
    let header = ChunkHeader::read(chunk, element, count).expect("a sound chunk");
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Bytes(bytes as u64)).sampling_mode(SamplingMode::Flat);
    let mut planes = Lines::zeros(8192 + OUTPUT_SLACK);
    let mut pixels = vec![T::default(); count];
    for kernels in Kernels::available() {
        let level = kernels.level();
        let mut decoder = Decoder::default();
        group.bench_function(BenchmarkId::new(format!("lz4 {level}"), name), |bench| {
            bench.iter(|| {
                let mut blocks = Blocks::new(chunk, header);
                while let Some(block) = blocks.next_block().expect("a sound chunk") {
                    let size = block.pixels.len();
                    let plane = size / (8 * T::SIZE);
                    decoder.decode(kernels, chunk, block.data, &mut planes, size, plane).expect("a sound block");
                }
            });
        });
        group.bench_function(BenchmarkId::new(format!("unshuffle {level}"), name), |bench| {
            bench.iter(|| {
                for _ in 0..bytes / 8192 {
                    unshuffle::pixels(kernels, black_box(&planes[..8192]), &mut pixels[..8192 / T::SIZE]);
                }
            });
        });
        let mut buffers = Buffers::<T>::new(kernels);
        group.bench_function(BenchmarkId::new(format!("chunk {level}"), name), |bench| {
            bench.iter(|| into_pixels(chunk, element, black_box(&mut pixels), &mut buffers).expect("a sound chunk"));
        });
    }
    group.finish();
}

/// Frames that are integrated at once.
const TOGETHER: usize = 16;

fn cpu(criterion: &mut Criterion) {
    let tables = [1, 4].map(|split| (split, Arc::new(table(split))));
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
        for (split, table) in &tables {
            for kernels in Kernels::available() {
                let (plan, level) = (Plan::new(table.clone(), kernels), kernels.level());
                let mut kernel = Kernel::new(&plan, Job::new(element));
                let frame = FrameJob { index: 0, payload: Payload::Bslz4(chunk.clone()) };
                for (what, frames) in [("fused", 1), ("fused together", TOGETHER)] {
                    let mut group = criterion.benchmark_group(what);
                    group.throughput(Throughput::Bytes((frames * pixels.len()) as u64));
                    group.sampling_mode(SamplingMode::Flat);
                    group.bench_function(BenchmarkId::new(format!("split {split} {level}"), name), |bench| {
                        bench.iter(|| kernel.integrate(&vec![&frame; frames], |_, made| drop(black_box(made))));
                    });
                    group.finish();
                }
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
