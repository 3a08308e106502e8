//! Drives QEMU's `edu` device (docs/specs/edu.rst of QEMU) through the VFIO transport: a PCI device that Debye did not
//! write. Registers, an interrupt, DMA both ways, and DMA that the IOMMU stops. `edu 0000:00:03.0`; exit code 0 when all
//! of it worked.

use debye::transport::iova::Allocator;
use debye::transport::{Transport, Vfio};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const IDENTITY: u32 = 0x00;
const LIVENESS: u32 = 0x04;
const FACTORIAL: u32 = 0x08;
const STATUS: u32 = 0x20;
const INTERRUPT_STATUS: u32 = 0x24;
const INTERRUPT_ACKNOWLEDGE: u32 = 0x64;
const DMA_SOURCE: u32 = 0x80;
const DMA_TARGET: u32 = 0x88;
const DMA_COUNT: u32 = 0x90;
const DMA_COMMAND: u32 = 0x98;
/// The device's own memory, as its DMA engine addresses it.
const BUFFER: u32 = 0x4_0000;
const BYTES: usize = 4096;
/// The device reaches 28 bits.
const REACH: u64 = (1 << 28) - 1;

type Failure = Box<dyn std::error::Error>;

/// One DMA transfer; `from_device` says which way.
fn dma(edu: &mut Vfio, iova: u64, from_device: bool) -> Result<(), Failure> {
    let memory = u32::try_from(iova)?;
    let (source, target) = if from_device { (BUFFER, memory) } else { (memory, BUFFER) };
    edu.write(DMA_SOURCE, source);
    edu.write(DMA_TARGET, target);
    edu.write(DMA_COUNT, BYTES as u32);
    edu.write(DMA_COMMAND, 1 | u32::from(from_device) << 1);
    let begin = Instant::now();
    while edu.read(DMA_COMMAND) & 1 != 0 {
        if begin.elapsed() > Duration::from_secs(10) {
            return Err("the DMA engine does not come to an end".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn expect(what: &str, holds: bool) -> Result<(), Failure> {
    println!("{}: {what}", if holds { "ok" } else { "FAILED" });
    if holds { Ok(()) } else { Err(what.into()) }
}

fn run(function: &str) -> Result<(), Failure> {
    let mut edu = Vfio::open_within(function, Allocator::within(1 << 22, REACH, &[]))?;
    expect("the device says that it is edu", edu.read(IDENTITY) & 0xff == 0xed)?;
    edu.write(LIVENESS, 0x1234_5678);
    expect("registers are written and read", edu.read(LIVENESS) == !0x1234_5678)?;

    edu.write(STATUS, 0x80);
    edu.write(FACTORIAL, 10);
    expect("an interrupt comes", edu.wait(0, Duration::from_secs(10))?)?;
    let raised = edu.read(INTERRUPT_STATUS);
    edu.write(INTERRUPT_ACKNOWLEDGE, raised);
    expect("10! was computed", edu.read(FACTORIAL) == 3_628_800)?;
    expect("no interrupt comes unasked", !edu.wait(0, Duration::from_millis(50))?)?;

    let (there, back, closed) = (edu.map(BYTES)?, edu.map(BYTES)?, edu.map(BYTES)?);
    let pattern: Vec<u8> = (0..BYTES).map(|n| (n * 7 + n / 256) as u8).collect();
    there.write(0, &pattern);
    dma(&mut edu, there.iova(), false)?;
    dma(&mut edu, back.iova(), true)?;
    expect("DMA to the device and back", back.to_vec(0, BYTES) == pattern)?;

    let iova = closed.iova();
    edu.unmap(&closed)?;
    dma(&mut edu, iova, true)?;
    expect("DMA to memory that was unmapped does not arrive", closed.to_vec(0, BYTES) == vec![0; BYTES])?;
    back.zero(0, BYTES);
    dma(&mut edu, back.iova(), true)?;
    expect("the device goes on after it", back.to_vec(0, BYTES) == pattern)
}

fn main() -> ExitCode {
    let Some(function) = std::env::args().nth(1) else {
        eprintln!("usage: edu 0000:00:03.0");
        return ExitCode::from(2);
    };
    match run(&function) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
