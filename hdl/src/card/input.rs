//! A lane's input: 512-bit beats in, 64-bit words out.

use super::beats::BeatFifo;
use crate::base::word::{U, W};
use rust_hdl::prelude::*;

/// FIFO of 512 beats (32 KiB of chunk) that gives the words of each beat in turn, as many as the beat's tag says. Latency
/// from a beat to its first word: 3 cycles; a word a cycle.
#[derive(LogicBlock, Default)]
pub struct LaneInput {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it.
    pub reset: Signal<In, Bit>,
    /// A beat comes in; there must be room.
    pub write_enable: Signal<In, Bit>,
    /// The beat.
    pub write_data: Signal<In, W<512, 8>>,
    /// Words of the beat that count, less one.
    pub write_tag: Signal<In, U<4>>,
    /// Beats that have left the memory since reset, modulo 1024.
    pub freed: Signal<Out, U<10>>,
    /// A word goes out.
    pub m_axis_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_axis_tready: Signal<In, Bit>,
    /// First byte in bits 7..0.
    pub m_axis_tdata: Signal<Out, U<64>>,

    beats: BeatFifo,
    place: DFF<U<3>>,
    have: DFF<Bit>,
    word: DFF<U<64>>,
    last: Signal<Local, U<3>>,
    advance: Signal<Local, Bit>,
}

impl Logic for LaneInput {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, place, have, word);
        self.beats.clock.next = self.clock.val();
        self.beats.reset.next = self.reset.val();
        self.beats.write_enable.next = self.write_enable.val();
        self.beats.write_data.next = self.write_data.val();
        self.beats.write_tag.next = self.write_tag.val();
        self.freed.next = self.beats.freed.val();

        self.last.next = self.beats.beat.val().get_bits::<3>(512);
        self.advance.next = !self.have.q.val() | self.m_axis_tready.val();
        self.beats.take.next = false;
        if self.advance.val() {
            self.have.d.next = self.beats.valid.val();
            if self.beats.valid.val() {
                self.place.d.next = self.place.q.val() + 1;
                if self.place.q.val() == self.last.val() {
                    self.place.d.next = 0.into();
                    self.beats.take.next = true;
                }
            }
            match self.place.q.val().index() {
                0 => self.word.d.next = self.beats.beat.val().get_bits::<64>(0),
                1 => self.word.d.next = self.beats.beat.val().get_bits::<64>(64),
                2 => self.word.d.next = self.beats.beat.val().get_bits::<64>(128),
                3 => self.word.d.next = self.beats.beat.val().get_bits::<64>(192),
                4 => self.word.d.next = self.beats.beat.val().get_bits::<64>(256),
                5 => self.word.d.next = self.beats.beat.val().get_bits::<64>(320),
                6 => self.word.d.next = self.beats.beat.val().get_bits::<64>(384),
                _ => self.word.d.next = self.beats.beat.val().get_bits::<64>(448),
            }
        }
        self.m_axis_tvalid.next = self.have.q.val();
        self.m_axis_tdata.next = self.word.q.val();

        if self.reset.val() {
            self.place.d.next = 0.into();
            self.have.d.next = false;
        }
    }
}
