//! The other end of an asynchronous line for benches: 8 data bits, the lowest first, no parity, 1 stop bit. It goes bit by
//! bit and has a clock of its own: its bits may be shorter or longer than the design's.

use super::pins::Pins;
use std::collections::VecDeque;

/// Bits of a byte on the line.
const BITS: u32 = 10;
/// Ticks of a cycle of the design: the length of a bit is given in these.
const TICKS: u64 = 256;

/// See the module. In each cycle: `drive`, `settle` the design, `sample`, `tick`.
pub struct Line {
    rxd: usize,
    txd: usize,
    /// Ticks of a bit.
    bit: u64,
    waiting: VecDeque<u16>,
    /// What is left of the byte that is sent, the bit on the line lowest, and the ticks of that bit that are left.
    sending: Option<(u16, u32, u64)>,
    /// Bits that came, how many, and the ticks to the middle of the next.
    coming: Option<(u16, u32, u64)>,
}

impl Line {
    /// To a design with the pins `rxd` and `txd`; a bit takes `cycles` of its cycles.
    pub fn new<P: Pins + ?Sized>(pins: &P, cycles: f64) -> Line {
        let bit = (cycles * TICKS as f64).round() as u64;
        Line {
            rxd: pins.port("rxd"),
            txd: pins.port("txd"),
            bit,
            waiting: VecDeque::new(),
            sending: None,
            coming: None,
        }
    }

    /// Sends a byte when those before it are sent.
    pub fn send(&mut self, byte: u8) {
        self.send_bits(u16::from(byte) << 1 | 1 << (BITS - 1));
    }

    /// Sends ten bits, the lowest first: a byte is 0, its bits, 1.
    pub fn send_bits(&mut self, bits: u16) {
        self.waiting.push_back(bits);
    }

    /// Bytes that are not on the line yet.
    pub fn queued(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing is on the line.
    pub fn idle(&self) -> bool {
        self.waiting.is_empty() && self.sending.is_none() && self.coming.is_none()
    }

    /// Before the clock: the bit of this cycle.
    pub fn drive<P: Pins + ?Sized>(&mut self, pins: &mut P) {
        let next = || self.waiting.pop_front().map(|bits| (bits, BITS, self.bit));
        let level = match self.sending.take().or_else(next) {
            None => 1,
            Some((bits, left, ticks)) => {
                self.sending = match ticks.checked_sub(TICKS) {
                    Some(ticks) if ticks > 0 => Some((bits, left, ticks)),
                    // The rest of this cycle belongs to the next bit.
                    rest if left > 1 => Some((bits >> 1, left - 1, self.bit - rest.map_or(TICKS - ticks, |_| 0))),
                    _ => None,
                };
                u64::from(bits & 1)
            }
        };
        pins.set_u64(self.rxd, level);
    }

    /// After the design has settled: the byte whose stop bit was seen in this cycle. What has no stop bit is none.
    pub fn sample<P: Pins + ?Sized>(&mut self, pins: &mut P) -> Option<u8> {
        let level = pins.get_u64(self.txd) as u16;
        match self.coming.take() {
            None if level == 0 => self.coming = Some((0, 0, self.bit / 2)),
            None => {}
            Some((bits, have, ticks)) if ticks > TICKS => self.coming = Some((bits, have, ticks - TICKS)),
            Some((bits, have, ticks)) => {
                let bits = bits | level << have;
                if have + 1 == BITS {
                    return (bits & 1 == 0 && level == 1).then_some((bits >> 1) as u8);
                }
                self.coming = Some((bits, have + 1, ticks + self.bit - TICKS));
            }
        }
        None
    }
}
