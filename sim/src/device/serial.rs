//! The card behind a UART, at a pseudo-terminal: what a program writes there goes over the simulated line bit by bit, to
//! the pin of the emitted design, and what the design sends comes back in the same way.

use crate::designs::Design;
use debye_hdl::base::line::Line;
use debye_hdl::base::random::Random;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Cycles between two looks at the terminal.
const SLICE: u32 = 1024;
/// Bytes that are taken from the terminal at a time; more wait in it.
const BYTES: usize = 256;
/// Cycles without a byte on the line after which the simulation waits for one. A card has done by then what it can: it
/// works on words faster than they come.
const QUIET: u64 = 200_000;
/// Longest wait for a byte, so that an end is seen.
const WAIT: Duration = Duration::from_millis(50);
/// Cycles without a byte after which a packet is given up, in bits.
const PATIENCE: u64 = 2000;

/// How the line is.
#[derive(Clone, Copy, Debug)]
pub struct LineConfig {
    /// Cycles of a bit, 4 at least.
    pub divisor: u16,
    /// One byte in so many is harmed on its way, chosen from the seed; 0: none.
    pub noise: u64,
    /// Of the noise.
    pub seed: u64,
}

/// See the module.
pub struct SerialServer {
    pins: Design,
    line: Line,
    noise: u64,
    random: Random,
    terminal: OwnedFd,
    path: PathBuf,
    quiet: u64,
    cycle: u64,
    moved: u64,
    out: Vec<u8>,
}

impl SerialServer {
    /// A terminal for a design with the pins of [`debye_hdl::serial::SerialCard`], which is reset.
    ///
    /// # Errors
    /// The system has no terminal.
    pub fn new(mut pins: Design, config: LineConfig) -> io::Result<SerialServer> {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&terminal)?;
        unlockpt(&terminal)?;
        let path = PathBuf::from(ptsname(&terminal, Vec::new())?.to_string_lossy().into_owned());
        fcntl_setfl(&terminal, OFlags::NONBLOCK)?;
        let divisor = config.divisor.max(4);
        let line = Line::new(&*pins, divisor.into());
        let patience = PATIENCE * u64::from(divisor);
        let quiet = QUIET.max(2 * patience);
        for (name, value) in [("rxd", 1), ("divisor", divisor.into()), ("patience", patience), ("reset", 1)] {
            let port = pins.port(name);
            pins.set_u64(port, value);
        }
        (0..8).for_each(|_| pins.tick());
        let reset = pins.port("reset");
        pins.set_u64(reset, 0);
        let random = Random::new(config.seed);
        let (noise, out) = (config.noise, Vec::new());
        Ok(SerialServer { pins, line, noise, random, terminal, path, quiet, cycle: 0, moved: 0, out })
    }

    /// Where a program finds it: `/dev/pts/7`.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Cycles that were simulated.
    pub fn cycles(&self) -> u64 {
        self.cycle
    }

    /// Runs until `stop` is set.
    ///
    /// # Errors
    /// The terminal fails.
    pub fn run(&mut self, stop: &AtomicBool) -> io::Result<()> {
        while !stop.load(Ordering::Relaxed) {
            let opened = self.take()?;
            for _ in 0..SLICE {
                self.step();
            }
            self.give()?;
            if self.cycle - self.moved > self.quiet && self.out.is_empty() {
                if opened { wait(&self.terminal)? } else { std::thread::sleep(WAIT) }
            }
        }
        Ok(())
    }

    /// From the terminal to the line, as much as it has room for; whether a program has it open.
    fn take(&mut self) -> io::Result<bool> {
        if self.line.queued() > BYTES {
            return Ok(true);
        }
        let mut bytes = [0; BYTES];
        let count = match rustix::io::read(&self.terminal, &mut bytes) {
            Ok(count) => count,
            Err(Errno::AGAIN | Errno::INTR) => 0,
            Err(Errno::IO) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if count > 0 {
            self.moved = self.cycle;
        }
        for &byte in &bytes[..count] {
            let bits = u16::from(byte) << 1 | 1 << 9;
            match self.harm() {
                // Any of its bits, start and stop bit too.
                Some(0) => self.line.send_bits(bits ^ 1 << self.random.below(10)),
                Some(1) => {}
                Some(_) => {
                    self.line.send(self.random.draw() as u8);
                    self.line.send_bits(bits);
                }
                None => self.line.send_bits(bits),
            }
        }
        Ok(true)
    }

    /// Whether a byte is harmed, and how: changed, lost, or another one before it.
    fn harm(&mut self) -> Option<u64> {
        (self.noise > 0 && self.random.chance(1, self.noise)).then(|| self.random.below(3))
    }

    fn step(&mut self) {
        let pins = &mut *self.pins;
        self.line.drive(pins);
        pins.settle();
        if let Some(byte) = self.line.sample(pins) {
            match self.harm() {
                Some(0) => self.out.push(byte ^ 1 << self.random.below(8)),
                Some(1) => {}
                Some(_) => self.out.extend([self.random.draw() as u8, byte]),
                None => self.out.push(byte),
            }
        }
        self.pins.tick();
        self.cycle += 1;
        if !self.line.idle() {
            self.moved = self.cycle;
        }
    }

    /// From the line to the terminal. What nobody reads is lost when the terminal is full, as on a real one.
    fn give(&mut self) -> io::Result<()> {
        match rustix::io::write(&self.terminal, &self.out) {
            Ok(count) => drop(self.out.drain(..count)),
            Err(Errno::AGAIN | Errno::INTR | Errno::IO) => self.out.clear(),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// Waits a while for the terminal.
fn wait(terminal: &OwnedFd) -> io::Result<()> {
    let timeout = Timespec { tv_sec: 0, tv_nsec: WAIT.subsec_nanos().into() };
    match poll(&mut [PollFd::new(terminal, PollFlags::IN)], Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
