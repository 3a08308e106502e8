//! FIFO of 512-bit beats: what waits between a memory and what reads it a word at a time.

use crate::base::ram::BlockRam;
use crate::base::word::{U, W, bit_cast_w};
use rust_hdl::prelude::*;

/// A beat with 64 zero bits above it.
fn bit_cast_wide(x: W<512, 8>) -> W<576, 9> {
    let mut wide = W([0; 9]);
    wide.0[..8].copy_from_slice(&x.0);
    wide
}

/// 512 beats with a tag of 4 bits each: 8 RAMB36, whose width of 576 bits holds the tag for nothing. The writer counts
/// the room by `freed`: there is no ready. Latency from a write to `valid`: 2 cycles; a beat a cycle.
#[derive(LogicBlock, Default)]
pub struct BeatFifo {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it.
    pub reset: Signal<In, Bit>,
    /// A beat comes in; there must be room.
    pub write_enable: Signal<In, Bit>,
    /// The beat.
    pub write_data: Signal<In, W<512, 8>>,
    /// Its tag.
    pub write_tag: Signal<In, U<4>>,
    /// A beat stands at the output.
    pub valid: Signal<Out, Bit>,
    /// The beat in bits 511..0, its tag in 515..512.
    pub beat: Signal<Out, W<576, 9>>,
    /// It is done with: the next one may come. Looked at while `valid` alone.
    pub take: Signal<In, Bit>,
    /// Beats that have left the memory since reset, modulo 1024.
    pub freed: Signal<Out, U<10>>,

    ram: BlockRam<W<576, 9>, 9>,
    written: DFF<U<10>>,
    read: DFF<U<10>>,
    loaded: DFF<Bit>,
    more: Signal<Local, Bit>,
}

impl Logic for BeatFifo {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, written, read, loaded);
        self.ram.clock.next = self.clock.val();
        self.ram.write_enable.next = self.write_enable.val();
        self.ram.write_address.next = self.written.q.val().get_bits::<9>(0);
        self.ram.write_data.next =
            bit_cast_wide(self.write_data.val()) | (bit_cast_w::<576, 9, 4>(self.write_tag.val()) << 512);
        if self.write_enable.val() {
            self.written.d.next = self.written.q.val() + 1;
        }

        // The memory's output register is the beat that is being read.
        self.more.next = self.read.q.val() != self.written.q.val();
        self.ram.read_address.next = self.read.q.val().get_bits::<9>(0);
        self.ram.read_enable.next = false;
        if !self.loaded.q.val() | self.take.val() {
            self.ram.read_enable.next = self.more.val();
            self.loaded.d.next = self.more.val();
            if self.more.val() {
                self.read.d.next = self.read.q.val() + 1;
            }
        }
        self.valid.next = self.loaded.q.val();
        self.beat.next = self.ram.read_data.val();
        self.freed.next = self.read.q.val();

        if self.reset.val() {
            self.written.d.next = 0.into();
            self.read.d.next = 0.into();
            self.loaded.d.next = false;
        }
    }
}
