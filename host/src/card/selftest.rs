//! A card's self-test: registers, copies through the card over all memory in use, an interrupt, a known frame. Each step
//! says what failed and what is likely the cause.

mod encode;

use super::registers as r;
use super::{Card, CardError, Chunk, Done, Driver, DriverConfig, FrameOrder, Reply};
use crate::codec::encode::Encoder;
use crate::transport::{Dma, Pages, wait_any};
use debye_spec::card_table::CardTable;
use debye_spec::registers::Register;
use debye_spec::rings::{Kind, kind_bit};
use debye_spec::wire::invalid_pixels;
use debye_spec::{Element, Entry, Job, Status, Table};
use serde::Serialize;
use std::time::{Duration, Instant};

/// Longest wait for an interrupt.
const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of a copy at once.
const COPY: usize = 1 << 20;
/// Least bytes of a copy in the sweep.
const PAGE: usize = 4096;
/// Bytes of the copy that shows how fast a card is.
const PILOT: usize = 16 * PAGE;
/// How long the copies should take at most, about.
const BUDGET: Duration = Duration::from_secs(10);
/// Bytes around a copy that must stay as they are.
const MARGIN: usize = 4096;

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// What was done; when it failed, what was found.
    pub detail: String,
    /// When it failed: what is likely the cause.
    pub likely_cause: Option<&'static str>,
}

impl Step {
    /// Whether it went well.
    pub fn passed(&self) -> bool {
        self.likely_cause.is_none()
    }
}

type Found = Result<String, String>;

/// Tests a card. It must be nobody else's: what it was doing is forgotten. Steps behind one without which they make no
/// sense are left out.
///
/// # Errors
/// The card cannot be driven at all.
pub fn run(mut card: Card, config: DriverConfig) -> Result<Vec<Step>, CardError> {
    let mut steps = Vec::new();
    let mut note = |name, found: Found, cause| {
        let (detail, likely_cause) = match found {
            Ok(detail) => (detail, None),
            Err(detail) => (detail, Some(cause)),
        };
        steps.push(Step { name, detail, likely_cause });
        steps.last().is_some_and(Step::passed)
    };
    let cause = "the register port: a BAR that is not mapped where the card thinks, or a clock that does not run";
    if !note("registers", registers(&mut card), cause) {
        return Ok(steps);
    }
    let copies = card.rings.kinds & kind_bit(Kind::Copy) != 0;
    let mut driver = Driver::new(card, config)?;
    if copies {
        let cause = "bus master off, the IOMMU, or the card's AXI path to host memory (see dma_faults of `debye card \
                     monitor` and the kernel's log)";
        if !note("dma", loopback(&mut driver), cause) {
            return Ok(steps);
        }
        let cause = "MSI-X not enabled, or vectors that do not reach this process; the driver still works, by polling";
        note("interrupt", interrupt(&mut driver), cause);
    }
    let cause = "the gateware's lanes or its table memory (`debye compare --b card` says in which frame and bin)";
    note("frame", frame(&mut driver), cause);
    if driver.card_ref().encodes.is_some() {
        note("encode", encode::chunk(&mut driver), "the gateware's encoder lanes");
    }
    Ok(steps)
}

/// Writes patterns into registers that can be written while the card is still, and puts back what was there.
fn registers(card: &mut Card) -> Found {
    const PATTERNS: [u32; 4] = [0x5555_5555, 0xaaaa_aaaa, u32::MAX, 0];
    let tested: [&Register; 5] =
        [r::TABLE_ADDRESS_LOW, r::TABLE_ADDRESS_HIGH, r::TABLE_OPS, r::TABLE_ID, r::TABLE_PIXELS];
    let transport = card.transport();
    let mut reads = 0;
    for register in tested {
        let before = transport.read(register.offset);
        let walking = (0..32).map(|bit| 1 << bit);
        for pattern in PATTERNS.into_iter().chain(walking) {
            transport.write(register.offset, pattern);
            let (found, expected) = (transport.read(register.offset), pattern & register.mask());
            reads += 1;
            if found != expected {
                return Err(format!(
                    "{} reads {found:#010x} after {pattern:#010x}, not {expected:#010x}",
                    register.name
                ));
            }
        }
        transport.write(register.offset, before);
    }
    let cycles = |card: &mut Card| card.transport().read(r::CYCLES_LOW.offset);
    let (first, started) = (cycles(card), Instant::now());
    std::thread::sleep(Duration::from_millis(2));
    let passed = cycles(card).wrapping_sub(first);
    let clock = match passed {
        0 => "no clock is counted (a model without one)".to_owned(),
        _ => format!("clock about {:.0} MHz", f64::from(passed) / started.elapsed().as_secs_f64() / 1e6),
    };
    let answers = card.answers();
    if answers {
        Ok(format!("{reads} patterns in {} registers; {clock}", tested.len()))
    } else {
        Err(card.gone().to_string())
    }
}

/// Words that name their own address, so that no two places hold the same.
fn pattern(round: u64, at: u64) -> u64 {
    let mut x = at ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn bytes_of(round: u64, iova: u64, bytes: usize) -> Vec<u8> {
    (0..bytes.div_ceil(8)).flat_map(|k| pattern(round, iova + 8 * k as u64).to_le_bytes()).take(bytes).collect()
}

/// Copies patterns from and to every buffer that the driver has.
fn loopback(driver: &mut Driver) -> Found {
    let told = |error: CardError| error.to_string();
    let scratch = driver.memory(COPY + 2 * MARGIN).map_err(told)?;
    // As for frames of 256 KB.
    driver.reserve(256 << 10).map_err(told)?;
    let mut buffers: Vec<Dma> = driver.buffers();
    buffers.push(driver.memory(4 * COPY).map_err(told)?);
    let whole: usize = buffers.iter().map(Dma::bytes).sum();
    let share = share(driver, &buffers[0], &scratch, whole)?;
    let (mut copied, started) = (0u64, Instant::now());
    for (round, buffer) in buffers.iter().enumerate() {
        for (step, at) in (0..buffer.bytes()).step_by(COPY).enumerate() {
            let have = COPY.min(buffer.bytes() - at);
            let bytes = share.min(have);
            // Where not all is copied, it is another part each time.
            let skip = step * 7 * PAGE % (have - bytes + PAGE).max(PAGE) / PAGE * PAGE;
            let at = at + skip.min(have - bytes);
            pass(driver, round as u64, (buffer, at), &scratch, bytes)?;
            copied += 2 * bytes as u64;
        }
    }
    // Sizes and places about the borders of bursts and pages.
    let buffer = &buffers[buffers.len() - 1];
    for (round, bytes) in [64, 128, 4032, 4096, 4160, 65536 + 64].into_iter().enumerate() {
        for at in [0, 64, 4032, 4096] {
            pass(driver, 1000 + round as u64, (buffer, at), &scratch, bytes)?;
            copied += 2 * bytes as u64;
        }
    }
    let low = buffers.iter().map(Dma::iova).min().unwrap_or(0);
    let high = buffers.iter().map(|buffer| buffer.iova() + buffer.bytes() as u64).max().unwrap_or(0);
    let huge = buffers.iter().filter(|buffer| buffer.pages() == Pages::Huge).count();
    let pages = match buffers.len() - huge {
        0 => "huge pages",
        _ if huge == 0 => "plain pages",
        _ => "huge pages and plain ones",
    };
    Ok(format!(
        "{:.1} MB copied through the card, IOVA {low:#x} to {high:#x}, {pages}, {:.2} GB/s",
        copied as f64 / 1e6,
        copied as f64 / 1e9 / started.elapsed().as_secs_f64()
    ))
}

/// How much of each piece of [`COPY`] bytes is copied: all, unless the card is so slow (a simulated one) that the test
/// would take longer than [`BUDGET`].
fn share(driver: &mut Driver, buffer: &Dma, scratch: &Dma, whole: usize) -> Result<usize, String> {
    let started = Instant::now();
    pass(driver, 0, (buffer, 0), scratch, PILOT)?;
    let bytes_per_s = 2.0 * PILOT as f64 / started.elapsed().as_secs_f64().max(1e-6);
    // Each byte goes out and back; larger copies are faster than this one.
    let possible = 2.0 * bytes_per_s * BUDGET.as_secs_f64() / 2.0;
    let share = (possible / whole as f64 * COPY as f64) as usize / PAGE * PAGE;
    Ok(share.clamp(PAGE, COPY))
}

/// Out of a buffer into the scratch, and back to another pattern's place; what is beside the copies stays.
fn pass(
    driver: &mut Driver,
    round: u64,
    (buffer, at): (&Dma, usize),
    scratch: &Dma,
    bytes: usize,
) -> Result<(), String> {
    let told = |error: CardError| error.to_string();
    let there = bytes_of(round, buffer.iova() + at as u64, bytes);
    let mark = vec![0xe7; scratch.bytes().min(bytes + 2 * MARGIN)];
    buffer.write(at, &there);
    scratch.write(0, &mark);
    driver.copy((buffer, at), (scratch, MARGIN), bytes).map_err(told)?;
    let found = scratch.to_vec(0, mark.len());
    let mut expected = mark;
    expected[MARGIN..MARGIN + bytes].copy_from_slice(&there);
    differ(&found, &expected, scratch.iova(), "copied out")?;
    let back = bytes_of(round + 1, at as u64, bytes);
    scratch.write(MARGIN, &back);
    driver.copy((scratch, MARGIN), (buffer, at), bytes).map_err(told)?;
    differ(&buffer.to_vec(at, bytes), &back, buffer.iova() + at as u64, "copied in")
}

fn differ(found: &[u8], expected: &[u8], iova: u64, what: &str) -> Result<(), String> {
    match found.iter().zip(expected).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(at) => {
            let count = found.iter().zip(expected).filter(|(a, b)| a != b).count();
            let address = iova + at as u64;
            Err(format!(
                "{count} bytes differ when {what}, the first at IOVA {address:#x}: {:#04x}, not {:#04x}",
                found[at], expected[at]
            ))
        }
    }
}

/// Arms, makes a completion, waits for the interrupt without looking at the rings.
fn interrupt(driver: &mut Driver) -> Found {
    let told = |error: CardError| error.to_string();
    let memory = driver.memory(8192).map_err(told)?;
    // Whatever came before is taken.
    driver.woke(false).map_err(told)?;
    let before = driver.tally().interrupts;
    driver.arm();
    let started = Instant::now();
    driver.start_copy(memory.iova(), memory.iova() + 4096, 64);
    while driver.tally().interrupts == before && started.elapsed() < PATIENCE {
        let left = PATIENCE.saturating_sub(started.elapsed());
        wait_any(&driver.signals(), left).map_err(|error| error.to_string())?;
        driver.woke(false).map_err(told)?;
    }
    let (came, after) = (driver.tally().interrupts > before, started.elapsed());
    driver.await_job("copy memory").map_err(told)?;
    if !came {
        return Err(format!("no interrupt came within {PATIENCE:?}; the completion was there"));
    }
    Ok(format!("came {:.0} us after the doorbell", after.as_secs_f64() * 1e6))
}

/// A frame of known content, against the definition.
fn frame(driver: &mut Driver) -> Found {
    const PIXELS: usize = 5000;
    const BINS: u32 = 40;
    let (mut starts, mut entries) = (vec![0], Vec::new());
    let masked: Vec<bool> = (0..PIXELS).map(|pixel| pixel % 97 == 0).collect();
    for pixel in 0..PIXELS as u32 {
        let bin = pixel * (BINS - 1) / PIXELS as u32;
        if pixel % 97 != 0 {
            let weight = 1 + (pixel % 63) as u8;
            entries.extend([Entry::new(bin, weight), Entry::new(bin + 1, 64 - weight)]);
        }
        starts.push(entries.len() as u32);
    }
    let table = Table { bins: BINS as usize, masked: &masked, starts: &starts, entries: &entries };
    let element =
        [Element::U16, Element::U32, Element::U8].into_iter().find(|&e| driver.card_ref().capabilities.takes(e));
    let element = element.ok_or("the card takes no pixel type that there is")?;
    let pixels: Vec<u8> = (0..PIXELS as u64)
        .flat_map(|k| (pattern(7, k) >> (k % 40) & 0xffff).to_le_bytes().into_iter().take(element.size()))
        .collect();
    let job = Job::new(element);
    let mut chunk = Vec::new();
    let block = driver.card_ref().block_bytes().min(2048) / element.size();
    Encoder::new(element, Some(block))
        .and_then(|mut encoder| encoder.encode(&pixels, &mut chunk))
        .map_err(|error| error.to_string())?;
    let most = driver.card_ref().capabilities.max_bins as usize;
    let compiled = CardTable::compile(&table, element, 0x5e1f_7e57, most).map_err(|error| error.to_string())?;
    driver.load(compiled).map_err(|error| error.to_string())?;
    let (max_valid, threshold) = (job.rule().max_valid(), job.threshold);
    let order = FrameOrder { tag: 1, chunk: Chunk::Bytes(&chunk), max_valid, threshold };
    let Done { reply, latency, .. } = driver.do_one(&order).map_err(|error| error.to_string())?;
    let expected = debye_spec::frame::integrate(&chunk, &job, &table).map_err(|error| error.to_string())?;
    let answer = match reply {
        Reply::Answer(answer) => answer,
        Reply::Failed(status) => {
            let what = if status == Status::DmaFault { " (it could not reach host memory)" } else { "" };
            return Err(format!("the card gives status {} ({status:?}){what}", status.code()));
        }
        Reply::Made(_) | Reply::Fused(..) => return Err("the card sent a chunk for a frame to integrate".into()),
    };
    let invalid = invalid_pixels(&answer.groups, element);
    let same = answer.bins == expected.bins && answer.header.statistics == expected.statistics;
    if !same || invalid != expected.invalid {
        let bin = (0..BINS as usize).find(|&bin| {
            (answer.bins.signal.get(bin), answer.bins.weight.get(bin))
                != (expected.bins.signal.get(bin), expected.bins.weight.get(bin))
        });
        let at = bin.map_or("statistics or invalid pixels".into(), |bin| format!("bin {bin}"));
        return Err(format!("the frame's result differs from the definition's, first in {at}"));
    }
    if driver.card_ref().fuses {
        encode::fused(driver, &pixels, &job, &expected)?;
    }
    let pixels = format!("{PIXELS} pixels of {}, {BINS} bins", element.name());
    Ok(format!("{pixels}: equal to the definition, in {:.0} us", latency.as_secs_f64() * 1e6))
}
