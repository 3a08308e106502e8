//! Looks at one queue after the other and asks for submissions, as many as there are, as fit its completion ring and as
//! the engine can hold.

use crate::base::ram::LutRam;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Entries that one read asks for at most: 1 KiB, which never crosses a page.
pub const ENTRIES: u64 = 16;

/// A visit takes 7 cycles. What it knows of a queue stands in LUT RAM.
#[derive(LogicBlock, Default)]
pub struct Scan {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Asks for submissions.
    pub enable: Signal<In, Bit>,
    /// Number of the last queue (constant).
    pub last_queue: Signal<In, U<3>>,
    /// Queues that take submissions.
    pub enabled: Signal<In, U<8>>,
    /// See [`super::registers::RingRegisters`].
    pub set: Signal<In, Bit>,
    /// See `set`.
    pub set_queue: Signal<In, U<3>>,
    /// See `set`.
    pub set_index: Signal<In, U<4>>,
    /// See `set`.
    pub set_value: Signal<In, U<32>>,
    /// Submissions in flight.
    pub in_flight: Signal<In, U<8>>,
    /// Pulse: an entry came and was taken; never while `hold`.
    pub took: Signal<In, Bit>,
    /// Its queue.
    pub took_queue: Signal<In, U<3>>,
    /// A queue's number of submissions taken is being put to its start.
    pub hold: Signal<Out, Bit>,
    /// Queue whose number of submissions taken is read.
    pub look_queue: Signal<In, U<3>>,
    /// That number.
    pub look_head: Signal<Out, U<32>>,

    /// A read is wanted.
    pub ask_valid: Signal<Out, Bit>,
    /// It is granted.
    pub ask_ready: Signal<In, Bit>,
    /// Its address.
    pub ask_address: Signal<Out, U<64>>,
    /// Entries.
    pub ask_beats: Signal<Out, U<7>>,
    /// Whose.
    pub ask_queue: Signal<Out, U<3>>,
    /// The queue's number of submissions taken changes. An entry that was only asked for does not count: once the host
    /// hears of the number it may write over those that do.
    pub head_set: Signal<Out, Bit>,
    /// Whose.
    pub head_queue: Signal<Out, U<3>>,
    /// To what.
    pub head_value: Signal<Out, U<32>>,

    lows: LutRam<U<32>, 3>,
    highs: LutRam<U<32>, 3>,
    depths: LutRam<U<8>, 3>,
    tails: LutRam<U<32>, 3>,
    taken: LutRam<U<32>, 3>,
    // Entries asked for; taken, a copy for counting and one for reading.
    heads: LutRam<U<32>, 3>,
    counted: LutRam<U<32>, 3>,
    shown: LutRam<U<32>, 3>,
    state: DFF<U<3>>,
    queue: DFF<U<3>>,
    base: DFF<U<52>>,
    depth: DFF<U<8>>,
    tail: DFF<U<32>>,
    done: DFF<U<32>>,
    head: DFF<U<32>>,
    waiting: DFF<U<32>>,
    unread: DFF<U<32>>,
    room: DFF<U<32>>,
    to_end: DFF<U<32>>,
    some: DFF<U<32>>,
    place: DFF<U<64>>,
    count: DFF<U<7>>,

    shifted: Signal<Local, U<8>>,
    one: Signal<Local, U<32>>,
    entries: Signal<Local, U<32>>,
    slots: Signal<Local, U<32>>,
    wrap: Signal<Local, U<32>>,
    few: Signal<Local, U<32>>,
    few_mask: Signal<Local, U<32>>,
    free: Signal<Local, U<8>>,
    zeroes: Signal<Local, Bit>,
    next_queue: Signal<Local, U<3>>,
}

impl Logic for Scan {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, queue, base, depth, tail, done, head, waiting, unread, room, to_end, some);
        dff_setup!(self, clock, place, count);
        clock!(self, clock, lows, highs, depths, tails, taken, heads, counted, shown);
        self.lows.read_address.next = self.queue.q.val();
        self.highs.read_address.next = self.queue.q.val();
        self.depths.read_address.next = self.queue.q.val();
        self.tails.read_address.next = self.queue.q.val();
        self.taken.read_address.next = self.queue.q.val();
        self.heads.read_address.next = self.queue.q.val();
        self.lows.write_address.next = self.set_queue.val();
        self.highs.write_address.next = self.set_queue.val();
        self.depths.write_address.next = self.set_queue.val();
        self.tails.write_address.next = self.set_queue.val();
        self.taken.write_address.next = self.set_queue.val();
        self.lows.write_data.next = self.set_value.val();
        self.highs.write_data.next = self.set_value.val();
        self.depths.write_data.next = self.set_value.val().get_bits::<8>(0);
        self.tails.write_data.next = self.set_value.val();
        self.taken.write_data.next = self.set_value.val();
        self.lows.write_enable.next = self.set.val() & (self.set_index.val() == 0);
        self.highs.write_enable.next = self.set.val() & (self.set_index.val() == 1);
        self.depths.write_enable.next = self.set.val() & (self.set_index.val() == 4);
        self.tails.write_enable.next = self.set.val() & (self.set_index.val() == 5);
        self.taken.write_enable.next = self.set.val() & (self.set_index.val() == 6);
        self.zeroes.next = self.set.val() & (self.set_index.val() == 8);

        self.shifted.next = self.enabled.val() >> self.queue.q.val();
        self.one.next = 1.into();
        self.entries.next = self.one.val() << self.depth.q.val().get_bits::<4>(0);
        self.slots.next = self.one.val() << self.depth.q.val().get_bits::<4>(4);
        self.wrap.next = self.entries.val() - 1;
        self.few.next = 16.into();
        if self.depth.q.val().get_bits::<4>(0) < 4 {
            self.few.next = self.entries.val();
        }
        self.few_mask.next = self.few.val() - 1;
        self.free.next = bit_cast_u::<8, 7>(self.count.q.val()) + self.in_flight.val();
        self.next_queue.next = self.queue.q.val() + 1;
        if self.queue.q.val() == self.last_queue.val() {
            self.next_queue.next = 0.into();
        }

        self.ask_valid.next = false;
        self.ask_address.next = self.place.q.val();
        self.ask_beats.next = self.count.q.val();
        self.ask_queue.next = self.queue.q.val();
        self.heads.write_enable.next = false;
        match self.state.q.val().index() {
            0 => {
                // Look.
                self.base.d.next = bit_cast_u::<52, 20>(self.lows.read_data.val().get_bits::<20>(12))
                    | (bit_cast_u::<52, 32>(self.highs.read_data.val()) << 20);
                self.depth.d.next = self.depths.read_data.val();
                self.tail.d.next = self.tails.read_data.val();
                self.done.d.next = self.taken.read_data.val();
                self.head.d.next = self.heads.read_data.val();
                self.state.d.next = 1.into();
                if !self.shifted.val().get_bit(0) | !self.enable.val() {
                    self.state.d.next = 0.into();
                    self.queue.d.next = self.next_queue.val();
                }
            }
            1 => {
                self.waiting.d.next = self.tail.q.val() - self.head.q.val();
                self.unread.d.next = self.head.q.val() - self.done.q.val();
                self.to_end.d.next = self.few.val() - (self.head.q.val() & self.few_mask.val());
                self.place.d.next = bit_cast_u::<64, 32>(self.head.q.val() & self.wrap.val()) << 6;
                self.state.d.next = 2.into();
            }
            2 => {
                self.room.d.next = 0.into();
                if self.unread.q.val() < self.slots.val() {
                    self.room.d.next = self.slots.val() - self.unread.q.val();
                }
                self.some.d.next = self.to_end.q.val();
                if self.waiting.q.val() < self.to_end.q.val() {
                    self.some.d.next = self.waiting.q.val();
                }
                self.place.d.next = self.place.q.val() + (bit_cast_u::<64, 52>(self.base.q.val()) << 12);
                self.state.d.next = 3.into();
            }
            3 => {
                self.count.d.next = self.some.q.val().get_bits::<7>(0);
                if self.room.q.val() < self.some.q.val() {
                    self.count.d.next = self.room.q.val().get_bits::<7>(0);
                }
                self.state.d.next = 4.into();
            }
            4 => {
                // As many as there are tags for.
                if self.free.val() > 64 {
                    self.count.d.next = self.count.q.val() - 1;
                } else {
                    self.state.d.next = 5.into();
                }
                if self.count.q.val() == 0 {
                    self.state.d.next = 0.into();
                    self.queue.d.next = self.next_queue.val();
                }
            }
            _ => {
                self.ask_valid.next = self.enable.val() & !self.zeroes.val();
                if !self.enable.val() {
                    self.state.d.next = 0.into();
                }
                if self.enable.val() & !self.zeroes.val() & self.ask_ready.val() {
                    self.heads.write_enable.next = true;
                    self.state.d.next = 0.into();
                    self.queue.d.next = self.next_queue.val();
                }
            }
        }
        self.heads.write_address.next = self.queue.q.val();
        self.heads.write_data.next = self.head.q.val() + bit_cast_u::<32, 7>(self.count.q.val());
        self.hold.next = self.zeroes.val();
        self.counted.read_address.next = self.took_queue.val();
        self.head_set.next = self.took.val() | self.zeroes.val();
        self.head_queue.next = self.took_queue.val();
        self.head_value.next = self.counted.read_data.val() + 1;
        if self.zeroes.val() {
            self.heads.write_enable.next = true;
            self.heads.write_address.next = self.set_queue.val();
            self.heads.write_data.next = self.set_value.val();
            self.head_queue.next = self.set_queue.val();
            self.head_value.next = self.set_value.val();
            // What was looked at may be of before the start.
            self.state.d.next = 0.into();
        }
        self.counted.write_enable.next = self.head_set.val();
        self.counted.write_address.next = self.head_queue.val();
        self.counted.write_data.next = self.head_value.val();
        self.shown.write_enable.next = self.head_set.val();
        self.shown.write_address.next = self.head_queue.val();
        self.shown.write_data.next = self.head_value.val();
        self.shown.read_address.next = self.look_queue.val();
        self.look_head.next = self.shown.read_data.val();

        if self.reset.val() {
            self.state.d.next = 0.into();
            self.queue.d.next = 0.into();
        }
    }
}
