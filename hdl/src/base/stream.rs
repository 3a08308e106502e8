//! Both ends of AXI4-Streams for benches, and of the channels of AXI4, which shake hands in the same way.
//!
//! In each cycle: `drive` all sources and sinks, `settle` the design, ask each what `passed`, `tick`.

use super::pins::Pins;
use super::random::Stalls;
use std::fmt;

/// Limbs of the widest port.
pub const LIMBS: usize = 8;

/// What passes in one beat: the values of a stream's ports, in their order.
pub type Beat<const N: usize> = [[u64; LIMBS]; N];

/// A design broke a rule of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Cycle.
    pub cycle: u64,
    /// Which rule of which stream.
    pub rule: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at cycle {}: {}", self.cycle, self.rule)
    }
}

impl std::error::Error for Broken {}

/// The limbs of a port of up to 64 bits.
pub fn word(value: u64) -> [u64; LIMBS] {
    let mut limbs = [0; LIMBS];
    limbs[0] = value;
    limbs
}

fn ports<P: Pins + ?Sized, const N: usize>(pins: &P, fields: [&str; N]) -> [usize; N] {
    fields.map(|field| pins.port(field))
}

/// Sends beats of `N` ports into a design: valid stays and the beat is held until it is taken.
pub struct Source<const N: usize> {
    valid: usize,
    ready: usize,
    fields: [usize; N],
    beat: Option<Beat<N>>,
    stalls: Stalls,
}

impl<const N: usize> Source<N> {
    /// By the names of the ports.
    pub fn new<P: Pins + ?Sized>(pins: &P, valid: &str, ready: &str, fields: [&str; N], stalls: Stalls) -> Source<N> {
        Source { valid: pins.port(valid), ready: pins.port(ready), fields: ports(pins, fields), beat: None, stalls }
    }

    /// Before the clock: offers the beat that waits, or the next one that `next` has.
    pub fn drive<P: Pins + ?Sized>(&mut self, pins: &mut P, next: impl FnOnce() -> Option<Beat<N>>) {
        if self.beat.is_none() && !self.stalls.stall() {
            self.beat = next();
            if let Some(beat) = &self.beat {
                for (&port, value) in self.fields.iter().zip(beat) {
                    pins.set(port, value);
                }
            }
        }
        pins.set_u64(self.valid, self.beat.is_some() as u64);
    }

    /// After the design has settled: the beat, if it passes at this clock.
    pub fn passed<P: Pins + ?Sized>(&mut self, pins: &mut P) -> Option<Beat<N>> {
        if self.beat.is_some() && pins.get_u64(self.ready) != 0 { self.beat.take() } else { None }
    }

    /// Whether no beat is offered.
    pub fn idle(&self) -> bool {
        self.beat.is_none()
    }
}

/// Takes beats of `N` ports out of a design and holds the design to the rules: valid stays and the beat is held until
/// it is taken.
pub struct Sink<const N: usize> {
    name: String,
    valid: usize,
    ready: usize,
    fields: [usize; N],
    /// What was offered in the cycle before and not taken.
    offered: Option<Beat<N>>,
    open: bool,
    stalls: Stalls,
}

impl<const N: usize> Sink<N> {
    /// By the names of the ports.
    pub fn new<P: Pins + ?Sized>(pins: &P, valid: &str, ready: &str, fields: [&str; N], stalls: Stalls) -> Sink<N> {
        let name = valid.trim_end_matches("valid").trim_end_matches("_t").to_owned();
        let (valid, ready) = (pins.port(valid), pins.port(ready));
        Sink { name, valid, ready, fields: ports(pins, fields), offered: None, open: false, stalls }
    }

    /// Before the clock: ready or not; `room` says whether a beat can be taken at all.
    pub fn drive<P: Pins + ?Sized>(&mut self, pins: &mut P, room: bool) {
        self.open = room && !self.stalls.stall();
        pins.set_u64(self.ready, self.open as u64);
    }

    /// After the design has settled: the beat, if it passes at this clock.
    ///
    /// # Errors
    /// The design took a beat back, or changed it.
    pub fn passed<P: Pins + ?Sized>(&mut self, pins: &mut P, cycle: u64) -> Result<Option<Beat<N>>, Broken> {
        let broken = |rule: &str| Err(Broken { cycle, rule: format!("{}: {rule}", self.name) });
        if pins.get_u64(self.valid) == 0 {
            return if self.offered.is_some() { broken("valid fell before ready came") } else { Ok(None) };
        }
        let mut beat = [[0; LIMBS]; N];
        for (&port, value) in self.fields.iter().zip(&mut beat) {
            pins.get(port, value);
        }
        if self.offered.is_some_and(|offered| offered != beat) {
            return broken("data changed before ready came");
        }
        self.offered = (!self.open).then_some(beat);
        Ok(self.open.then_some(beat))
    }
}
