//! Waves of a window of cycles, as a VCD file.

use debye_hdl::base::pins::{HdlPins, Pins, Port};
use rust_hdl::core::vcd_probe::{VCDProbe, write_vcd_change, write_vcd_dump, write_vcd_header};
use rust_hdl::prelude::Block;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// Nanoseconds of a cycle in a file of waves, times 1000: 250 MHz.
const PERIOD: u64 = 4000;

/// Which waves to write, and where.
#[derive(Clone, Debug)]
pub struct Waves {
    /// The file; it is replaced.
    pub path: PathBuf,
    /// Cycles.
    pub cycles: Range<u64>,
    /// Why they could not be written.
    pub(crate) failed: Arc<OnceLock<String>>,
}

impl Waves {
    /// Waves of `cycles` into `path`.
    pub fn new(path: PathBuf, cycles: Range<u64>) -> Waves {
        Waves { path, cycles, failed: Arc::default() }
    }

    /// Why the file is not whole, once the model is gone.
    pub fn failure(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }
}

/// A Rust-HDL design that writes waves.
pub struct Traced<T: Block> {
    pins: HdlPins<T>,
    waves: Waves,
    cycle: u64,
    probe: Option<VCDProbe<Patient>>,
}

impl<T: Block> Traced<T> {
    /// The design with its waves.
    pub fn new(pins: HdlPins<T>, waves: Waves) -> Traced<T> {
        Traced { pins, waves, cycle: 0, probe: None }
    }

    fn start(&mut self) {
        let file = match File::create(&self.waves.path) {
            Ok(file) => Some(BufWriter::new(file)),
            Err(error) => {
                let _ = self.waves.failed.set(error.to_string());
                None
            }
        };
        let writer = Patient { file, failed: self.waves.failed.clone() };
        let probe = write_vcd_header(writer, &*self.pins.design);
        self.probe = Some(write_vcd_dump(probe, &*self.pins.design));
    }
}

impl<T: Block> Pins for Traced<T> {
    fn ports(&self) -> &[Port] {
        self.pins.ports()
    }
    fn set(&mut self, port: usize, value: &[u64]) {
        self.pins.set(port, value);
    }
    fn get(&mut self, port: usize, value: &mut [u64]) {
        self.pins.get(port, value);
    }
    fn settle(&mut self) {
        self.pins.settle();
    }
    fn tick(&mut self) {
        if self.cycle == self.waves.cycles.start {
            self.pins.settle();
            self.start();
        }
        let mut probe = self.probe.take();
        let start = self.cycle * PERIOD;
        self.pins.tick_watched(|design, level| {
            if let Some(mut at) = probe.take() {
                // Writing never fails: see `Patient`.
                let _ = at.timestamp(start + if level { PERIOD / 2 } else { PERIOD });
                probe = Some(write_vcd_change(at, design));
            }
        });
        self.cycle += 1;
        if self.cycle < self.waves.cycles.end {
            self.probe = probe;
        }
    }
}

/// A file that takes all that is written and remembers when it could not: Rust-HDL's writer panics at an error.
struct Patient {
    file: Option<BufWriter<File>>,
    failed: Arc<OnceLock<String>>,
}

impl Patient {
    fn check(&mut self, done: std::io::Result<()>) {
        if let Err(error) = done {
            let _ = self.failed.set(error.to_string());
            self.file = None;
        }
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let done = self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes));
        self.check(done);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        let done = self.file.as_mut().map_or(Ok(()), Write::flush);
        self.check(done);
        Ok(())
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}
