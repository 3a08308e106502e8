//! A design seen from outside: its ports by number, a clock to tick. The Rust-HDL design and its emitted Verilog under
//! Verilator both are [`Pins`], so that one bench drives either, or both side by side.
//!
//! Drives the design directly. Rust-HDL's own `Simulation` hands over between threads at every step and is a hundred
//! times slower.

use super::word::{U, W};
use rust_hdl::prelude::*;

/// One port of a design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Name, as in Verilog.
    pub name: String,
    /// Bits.
    pub width: usize,
    /// Whether the bench drives it.
    pub input: bool,
}

/// A clocked design with one clock, seen through its ports (the clock is not among them).
pub trait Pins {
    /// All ports but the clock, in the order of their numbers.
    fn ports(&self) -> &[Port];
    /// Drives an input; `value` holds 64-bit limbs from the lowest. Bits above the width must be 0.
    fn set(&mut self, port: usize, value: &[u64]);
    /// Reads a port into limbs, after [`Pins::settle`] or [`Pins::tick`].
    fn get(&mut self, port: usize, value: &mut [u64]);
    /// Lets inputs take effect on outputs that depend on them within the cycle.
    fn settle(&mut self);
    /// One rising edge, with what depends on it.
    fn tick(&mut self);

    /// Number of a port.
    ///
    /// # Panics
    /// When there is no such port: that is a mistake in a bench.
    fn port(&self, name: &str) -> usize {
        match self.ports().iter().position(|port| port.name == name) {
            Some(port) => port,
            None => panic!("the design has no port {name}"),
        }
    }
    /// Drives an input of up to 64 bits.
    fn set_u64(&mut self, port: usize, value: u64) {
        self.set(port, &[value]);
    }
    /// Reads a port of up to 64 bits.
    fn get_u64(&mut self, port: usize) -> u64 {
        let mut value = [0];
        self.get(port, &mut value);
        value[0]
    }
}

/// A signal's value as 64-bit limbs.
pub trait Limbs: Sized {
    /// From limbs; bits above the width are dropped.
    fn from_limbs(limbs: &[u64]) -> Self;
    /// Into limbs.
    fn to_limbs(self, limbs: &mut [u64]);
}

impl Limbs for bool {
    fn from_limbs(limbs: &[u64]) -> Self {
        limbs[0] & 1 != 0
    }
    fn to_limbs(self, limbs: &mut [u64]) {
        limbs[0] = self as u64;
    }
}

impl<const N: usize> Limbs for U<N> {
    fn from_limbs(limbs: &[u64]) -> Self {
        U(limbs[0]) & u64::MAX
    }
    fn to_limbs(self, limbs: &mut [u64]) {
        limbs[0] = self.0;
    }
}

impl<const N: usize, const L: usize> Limbs for W<N, L> {
    fn from_limbs(limbs: &[u64]) -> Self {
        let mut word = W::default();
        word.0.copy_from_slice(&limbs[..L]);
        word
    }
    fn to_limbs(self, limbs: &mut [u64]) {
        limbs[..L].copy_from_slice(&self.0);
    }
}

/// Runs a design's combinational logic until nothing changes.
pub fn settle<T: Block>(design: &mut T) {
    loop {
        design.update_all();
        if !design.has_changed() {
            break;
        }
    }
}

/// A Rust-HDL design behind [`Pins`]; made with [`pins!`](crate::pins).
pub struct HdlPins<T: Block> {
    /// The design, for a bench that looks inside.
    pub design: Box<T>,
    ports: Vec<Port>,
    set: fn(&mut T, usize, &[u64]),
    get: fn(&T, usize, &mut [u64]),
    clock: fn(&mut T, bool),
    stale: bool,
}

impl<T: Block> HdlPins<T> {
    /// See [`pins!`](crate::pins).
    pub fn new(
        mut design: Box<T>,
        ports: Vec<Port>,
        set: fn(&mut T, usize, &[u64]),
        get: fn(&T, usize, &mut [u64]),
        clock: fn(&mut T, bool),
    ) -> Self {
        design.connect_all();
        clock(&mut design, false);
        settle(&mut *design);
        HdlPins { design, ports, set, get, clock, stale: false }
    }

    /// Reads a port of any design of this type, such as one that stands inside another.
    pub fn reader(&self) -> fn(&T, usize, &mut [u64]) {
        self.get
    }

    /// One rising edge; `look` sees the design while the clock is high, and again while it is low.
    pub fn tick_watched(&mut self, mut look: impl FnMut(&T, bool)) {
        self.settle();
        for level in [true, false] {
            (self.clock)(&mut self.design, level);
            settle(&mut *self.design);
            look(&self.design, level);
        }
    }
}

impl<T: Block> Pins for HdlPins<T> {
    fn ports(&self) -> &[Port] {
        &self.ports
    }
    fn set(&mut self, port: usize, value: &[u64]) {
        (self.set)(&mut self.design, port, value);
        self.stale = true;
    }
    fn get(&mut self, port: usize, value: &mut [u64]) {
        (self.get)(&self.design, port, value);
    }
    fn settle(&mut self) {
        if self.stale {
            settle(&mut *self.design);
            self.stale = false;
        }
    }
    fn tick(&mut self) {
        self.tick_watched(|_, _| {});
    }
}

/// `pins!(Box<Design>; in a, b; out c, d)`: a Rust-HDL design with flat ports and a port `clock`, behind
/// [`Pins`](crate::base::pins::Pins).
#[macro_export]
macro_rules! pins {
    ($design:expr; in $($input:ident),* $(,)?; out $($output:ident),* $(,)?) => {{
        fn make<T: rust_hdl::prelude::Block>(
            design: Box<T>,
            ports: Vec<$crate::base::pins::Port>,
            set: fn(&mut T, usize, &[u64]),
            get: fn(&T, usize, &mut [u64]),
            clock: fn(&mut T, bool),
        ) -> $crate::base::pins::HdlPins<T> {
            $crate::base::pins::HdlPins::new(design, ports, set, get, clock)
        }
        fn width<D: rust_hdl::prelude::Direction, T: rust_hdl::prelude::Synth>(
            _: &rust_hdl::prelude::Signal<D, T>,
        ) -> usize {
            T::BITS
        }
        let design = $design;
        #[allow(unused_mut)]
        let mut ports = Vec::new();
        $(ports.push($crate::base::pins::Port {
            name: stringify!($input).into(), width: width(&design.$input), input: true,
        });)*
        $(ports.push($crate::base::pins::Port {
            name: stringify!($output).into(), width: width(&design.$output), input: false,
        });)*
        make(
            design,
            ports,
            |design, port, value| {
                #[allow(unused_mut, unused_assignments)]
                {
                    let mut at = 0;
                    $(if port == at {
                        design.$input.next = $crate::base::pins::Limbs::from_limbs(value);
                        return;
                    }
                    at += 1;)*
                }
            },
            |design, port, value| {
                #[allow(unused_mut, unused_assignments)]
                {
                    let mut at = 0;
                    $(if port == at {
                        $crate::base::pins::Limbs::to_limbs(design.$input.val(), value);
                        return;
                    }
                    at += 1;)*
                    $(if port == at {
                        $crate::base::pins::Limbs::to_limbs(design.$output.val(), value);
                        return;
                    }
                    at += 1;)*
                }
            },
            |design, level| design.clock.next = level.into(),
        )
    }};
}
