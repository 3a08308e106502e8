//! Value types of signals: `U<N>` up to 64 bits in one `u64`, `W<N, L>` wider ones in `L` of them.
//!
//! Rust-HDL's own `Bits` holds one `bool` a bit above 32 bits and simulates 5 to 15 times slower. `#[hdl_gen]` looks at
//! names alone, so any type with the same method names can stand in signals: these have the ones that cores need, with
//! Verilog's meaning (wrap at the width). `+` and `-` need equal widths; casts are [`bit_cast_u`] (zero-extends or
//! truncates) and [`bit_cast_w`], whose names the macro knows.

use rust_hdl::prelude::*;
use std::ops::{Add, BitAnd, BitOr, BitXor, Not, Shl, Shr, Sub};

const fn mask(n: usize) -> u64 {
    if n >= 64 { !0 } else { (1 << n) - 1 }
}

/// A word of `N` bits, 1 to 64. Shifts by more than the width give 0, as in Verilog.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct U<const N: usize>(pub u64);

/// A word of `N = 64 L` bits, as limbs from the lowest.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct W<const N: usize, const L: usize>(pub [u64; L]);

impl<const N: usize, const L: usize> Default for W<N, L> {
    fn default() -> Self {
        const { assert!(N == 64 * L, "a wide word has 64 bits a limb") };
        W([0; L])
    }
}

/// A literal of `n` bits. Rust-HDL's literals can only be made out of its own `Bits`.
fn literal(value: u64, n: usize) -> VerilogLiteral {
    macro_rules! widths {
        ($($k:literal)*) => {
            match n {
                $($k => Bits::<$k>::from(value).into(),)*
                _ => unreachable!("signals of {n} bits have no literal: add the width here"),
            }
        };
    }
    widths!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
        40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 128 192 256 320 384 448 512 576 640
        768 1024)
}

fn vcd_value(limbs: &[u64], n: usize) -> VCDValue {
    let bits: Vec<vcd::Value> = (0..n).rev().map(|i| (limbs[i / 64] >> (i % 64) & 1 != 0).into()).collect();
    if n == 1 { VCDValue::Single(bits[0]) } else { VCDValue::Vector(bits) }
}

fn descriptor(n: usize) -> TypeDescriptor {
    TypeDescriptor { name: format!("Bits::<{n}>"), kind: TypeKind::Bits(n) }
}

impl<const N: usize> Synth for U<N> {
    const BITS: usize = N;
    fn descriptor() -> TypeDescriptor {
        descriptor(N)
    }
    fn vcd(self) -> VCDValue {
        vcd_value(&[self.0], N)
    }
    fn verilog(self) -> VerilogLiteral {
        literal(self.0, N)
    }
}

impl<const N: usize, const L: usize> Synth for W<N, L> {
    const BITS: usize = N;
    fn descriptor() -> TypeDescriptor {
        descriptor(N)
    }
    fn vcd(self) -> VCDValue {
        vcd_value(&self.0, N)
    }
    fn verilog(self) -> VerilogLiteral {
        assert!(self.0[1..].iter().all(|&limb| limb == 0), "wide literals above 64 bits: build them from parts");
        literal(self.0[0], N)
    }
}

impl<const N: usize> From<u64> for U<N> {
    #[inline(always)]
    fn from(x: u64) -> Self {
        debug_assert!(x <= mask(N), "{x} does not fit {N} bits");
        U(x & mask(N))
    }
}

impl<const N: usize, const L: usize> From<u64> for W<N, L> {
    #[inline(always)]
    fn from(x: u64) -> Self {
        let mut word = W::default();
        word.0[0] = x;
        word
    }
}

macro_rules! operators {
    ($($name:ident $f:ident $e:expr;)*) => { $(
        impl<const N: usize> $name for U<N> {
            type Output = Self;
            #[inline(always)]
            fn $f(self, other: Self) -> Self {
                let f: fn(u64, u64) -> u64 = $e;
                U::cut(f(self.0, other.0))
            }
        }
        impl<const N: usize> $name<u64> for U<N> {
            type Output = Self;
            #[inline(always)]
            fn $f(self, other: u64) -> Self {
                let f: fn(u64, u64) -> u64 = $e;
                U::cut(f(self.0, other))
            }
        }
    )* };
}
operators! {
    Add add |a, b| a.wrapping_add(b);
    Sub sub |a, b| a.wrapping_sub(b);
    BitAnd bitand |a, b| a & b;
    BitOr bitor |a, b| a | b;
    BitXor bitxor |a, b| a ^ b;
}

impl<const N: usize> Not for U<N> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        U(!self.0 & mask(N))
    }
}

impl<const N: usize> Shl<u64> for U<N> {
    type Output = Self;
    #[inline(always)]
    fn shl(self, by: u64) -> Self {
        U(if by >= 64 { 0 } else { self.0 << by } & mask(N))
    }
}

impl<const N: usize> Shr<u64> for U<N> {
    type Output = Self;
    #[inline(always)]
    fn shr(self, by: u64) -> Self {
        U(if by >= 64 { 0 } else { self.0 >> by })
    }
}

impl<const N: usize, const M: usize> Shl<U<M>> for U<N> {
    type Output = Self;
    #[inline(always)]
    fn shl(self, by: U<M>) -> Self {
        self << by.0
    }
}

impl<const N: usize, const M: usize> Shr<U<M>> for U<N> {
    type Output = Self;
    #[inline(always)]
    fn shr(self, by: U<M>) -> Self {
        self >> by.0
    }
}

impl<const N: usize> PartialEq<u64> for U<N> {
    #[inline(always)]
    fn eq(&self, other: &u64) -> bool {
        self.0 == *other
    }
}

impl<const N: usize> PartialOrd<u64> for U<N> {
    #[inline(always)]
    fn partial_cmp(&self, other: &u64) -> Option<std::cmp::Ordering> {
        self.0.partial_cmp(other)
    }
}

impl<const N: usize> U<N> {
    /// The lowest `N` bits of `value`.
    #[inline(always)]
    const fn cut(value: u64) -> Self {
        U(value & mask(N))
    }
    /// Bit `i`.
    #[inline(always)]
    pub fn get_bit(&self, i: usize) -> bool {
        i < 64 && self.0 >> i & 1 != 0
    }
    /// `M` bits from bit `i`.
    #[inline(always)]
    pub fn get_bits<const M: usize>(&self, i: usize) -> U<M> {
        U(if i >= 64 { 0 } else { self.0 >> i } & mask(M))
    }
    /// Any bit set.
    #[inline(always)]
    pub fn any(&self) -> bool {
        self.0 != 0
    }
    /// All bits set.
    #[inline(always)]
    pub fn all(&self) -> bool {
        self.0 == mask(N)
    }
    /// Parity.
    #[inline(always)]
    pub fn xor(&self) -> bool {
        self.0.count_ones() & 1 != 0
    }
    /// As an index; Verilog sees the signal itself.
    #[inline(always)]
    pub fn index(&self) -> usize {
        self.0 as usize
    }
}

impl<const N: usize, const L: usize> W<N, L> {
    /// `M` bits (at most 64) from bit `i`.
    #[inline(always)]
    pub fn get_bits<const M: usize>(&self, i: usize) -> U<M> {
        let (limb, by) = (i / 64, i % 64);
        let low = if limb < L { self.0[limb] >> by } else { 0 };
        let high = if by != 0 && limb + 1 < L { self.0[limb + 1] << (64 - by) } else { 0 };
        U((low | high) & mask(M))
    }
    /// Bit `i`.
    #[inline(always)]
    pub fn get_bit(&self, i: usize) -> bool {
        self.get_bits::<1>(i).0 != 0
    }
    /// Any bit set.
    #[inline(always)]
    pub fn any(&self) -> bool {
        self.0.iter().any(|&limb| limb != 0)
    }
}

impl<const N: usize, const L: usize> BitOr for W<N, L> {
    type Output = Self;
    #[inline(always)]
    fn bitor(mut self, other: Self) -> Self {
        for i in 0..L {
            self.0[i] |= other.0[i];
        }
        self
    }
}

impl<const N: usize, const L: usize> BitAnd for W<N, L> {
    type Output = Self;
    #[inline(always)]
    fn bitand(mut self, other: Self) -> Self {
        for i in 0..L {
            self.0[i] &= other.0[i];
        }
        self
    }
}

impl<const N: usize, const L: usize> Shl<u64> for W<N, L> {
    type Output = Self;
    #[inline(always)]
    fn shl(self, by: u64) -> Self {
        let (limbs, bits) = ((by / 64) as usize, by % 64);
        let mut out = [0; L];
        for (i, out) in out.iter_mut().enumerate().skip(limbs) {
            let low = if bits != 0 && i > limbs { self.0[i - limbs - 1] >> (64 - bits) } else { 0 };
            *out = self.0[i - limbs] << bits | low;
        }
        W(out)
    }
}

impl<const N: usize, const L: usize> Shr<u64> for W<N, L> {
    type Output = Self;
    #[inline(always)]
    fn shr(self, by: u64) -> Self {
        let (limbs, bits) = ((by / 64) as usize, by % 64);
        let mut out = [0; L];
        for (i, out) in out.iter_mut().enumerate().take(L.saturating_sub(limbs)) {
            let high = if bits != 0 && i + limbs + 1 < L { self.0[i + limbs + 1] << (64 - bits) } else { 0 };
            *out = self.0[i + limbs] >> bits | high;
        }
        W(out)
    }
}

impl<const N: usize, const L: usize, const M: usize> Shl<U<M>> for W<N, L> {
    type Output = Self;
    #[inline(always)]
    fn shl(self, by: U<M>) -> Self {
        self << by.0
    }
}

impl<const N: usize, const L: usize, const M: usize> Shr<U<M>> for W<N, L> {
    type Output = Self;
    #[inline(always)]
    fn shr(self, by: U<M>) -> Self {
        self >> by.0
    }
}

/// `x` in `M` bits: extended with zeros or cut. Never cast an expression that grows (`a + b`, `!a`): Verilog evaluates
/// it at the wider width. Put it into a `Local` first; the lint refuses it otherwise.
#[inline(always)]
pub fn bit_cast_u<const M: usize, const N: usize>(x: U<N>) -> U<M> {
    U(x.0 & mask(M))
}

/// `x` in the lowest bits of a wide word.
#[inline(always)]
pub fn bit_cast_w<const M: usize, const L: usize, const N: usize>(x: U<N>) -> W<M, L> {
    W::from(x.0)
}

/// A bit as a word of one bit.
#[inline(always)]
pub fn bit_cast_b<const M: usize>(x: bool) -> U<M> {
    U(x as u64)
}
