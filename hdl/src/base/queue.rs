//! A short queue in LUT RAM that lets a pipeline run without a stall wire: the pipeline starts a word only while
//! `room` is high, and what is on its way then still fits.

use super::ram::LutRam;
use super::word::U;
use rust_hdl::prelude::*;

/// Queue of 16 words of 64 + `S` bits with a register behind it. `room` is a register: while it is high, up to 8 words
/// may be on their way to `push`. A word pushed into an empty queue stands at the output two cycles later.
#[derive(LogicBlock, Default)]
pub struct Queue<const S: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Takes a word, always.
    pub push: Signal<In, Bit>,
    /// Word to take.
    pub push_data: Signal<In, U<64>>,
    /// What goes with it.
    pub push_side: Signal<In, U<S>>,
    /// At least 8 words fit beside those on their way.
    pub room: Signal<Out, Bit>,
    /// A word stands at the output.
    pub valid: Signal<Out, Bit>,
    /// It is taken.
    pub ready: Signal<In, Bit>,
    /// The word.
    pub data: Signal<Out, U<64>>,
    /// What goes with it.
    pub side: Signal<Out, U<S>>,
    words: LutRam<U<64>, 4>,
    sides: LutRam<U<S>, 4>,
    write_at: DFF<U<4>>,
    read_at: DFF<U<4>>,
    used: DFF<U<5>>,
    has_room: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_data: DFF<U<64>>,
    out_side: DFF<U<S>>,
    pop: Signal<Local, Bit>,
}

impl<const S: usize> Logic for Queue<S> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, write_at, read_at, used, has_room, out_valid, out_data, out_side);
        self.words.clock.next = self.clock.val();
        self.sides.clock.next = self.clock.val();
        self.words.write_enable.next = self.push.val();
        self.words.write_address.next = self.write_at.q.val();
        self.words.write_data.next = self.push_data.val();
        self.words.read_address.next = self.read_at.q.val();
        self.sides.write_enable.next = self.push.val();
        self.sides.write_address.next = self.write_at.q.val();
        self.sides.write_data.next = self.push_side.val();
        self.sides.read_address.next = self.read_at.q.val();

        self.valid.next = self.out_valid.q.val();
        self.data.next = self.out_data.q.val();
        self.side.next = self.out_side.q.val();
        self.room.next = self.has_room.q.val();
        self.has_room.d.next = self.used.q.val() < 7;

        self.pop.next = self.used.q.val().any() & (!self.out_valid.q.val() | self.ready.val());
        if self.ready.val() {
            self.out_valid.d.next = false;
        }
        if self.pop.val() {
            self.out_valid.d.next = true;
            self.out_data.d.next = self.words.read_data.val();
            self.out_side.d.next = self.sides.read_data.val();
            self.read_at.d.next = self.read_at.q.val() + 1;
        }
        if self.push.val() {
            self.write_at.d.next = self.write_at.q.val() + 1;
        }
        if self.push.val() & !self.pop.val() {
            self.used.d.next = self.used.q.val() + 1;
        }
        if !self.push.val() & self.pop.val() {
            self.used.d.next = self.used.q.val() - 1;
        }
        if self.reset.val() {
            self.write_at.d.next = 0.into();
            self.read_at.d.next = 0.into();
            self.used.d.next = 0.into();
            self.has_room.d.next = false;
            self.out_valid.d.next = false;
        }
    }
}
