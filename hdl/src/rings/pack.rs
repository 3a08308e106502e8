//! Words of a record into beats, beats into bursts to where the record goes.

use super::fifo::Fifo;
use super::store::Store;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

/// A word a cycle. A burst ends at a page's end or with the record; it is offered when all of it is there.
#[derive(LogicBlock, Default)]
pub struct Pack {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Whoever takes the beats beside has no room for more than two.
    pub pause: Signal<In, Bit>,
    /// There is room for some words more.
    pub room: Signal<Out, Bit>,
    /// A word comes: while `room`, or on its way when that fell.
    pub put: Signal<In, Bit>,
    /// The word.
    pub word: Signal<In, U<64>>,
    /// The record's last.
    pub last: Signal<In, Bit>,
    /// With one of the first words of a record, and before its last: it goes to `target`.
    pub opens: Signal<In, Bit>,
    /// See `opens`; a multiple of 64.
    pub target: Signal<In, U<64>>,
    /// With all words from the eighth on, and with the last: tag (5..0), status (13..6), mark (14).
    pub side: Signal<In, U<15>>,
    /// With the last word: CRC-32 (31..0) and bytes (63..32).
    pub sums: Signal<In, U<64>>,

    /// A beat is whole.
    pub beat_put: Signal<Out, Bit>,
    /// The beat: zeros behind the record's end.
    pub beat_data: Signal<Out, W<512, 8>>,
    /// The record's last.
    pub beat_last: Signal<Out, Bit>,
    /// The record's mark.
    pub beat_mark: Signal<Out, Bit>,

    /// A burst waits.
    pub burst_valid: Signal<Out, Bit>,
    /// Address; beats (70..64), words of the last beat less one (73..71), end of the record (74), tag (80..75),
    /// status (88..81), mark (89), and for the end CRC-32 (159..128), bytes (191..160).
    pub burst: Signal<Out, W<192, 3>>,
    /// It is taken.
    pub burst_ready: Signal<In, Bit>,
    /// A beat of the bursts stands here.
    pub beat_valid: Signal<Out, Bit>,
    /// The beat.
    pub beat: Signal<Out, W<512, 8>>,
    /// It is taken.
    pub beat_ready: Signal<In, Bit>,

    store: Store,
    bursts: Fifo<W<192, 3>, 4>,
    held: DFF<U<10>>,
    open: DFF<Bit>,
    slot: DFF<U<3>>,
    place: DFF<U<64>>,
    start: DFF<U<64>>,
    beats: DFF<U<7>>,
    shape: DFF<W<512, 8>>,
    full: DFF<Bit>,
    full_last: DFF<Bit>,
    full_words: DFF<U<3>>,
    full_side: DFF<U<15>>,
    full_sums: DFF<U<64>>,

    wide: Signal<Local, W<512, 8>>,
    ends: Signal<Local, Bit>,
    burst_beats: Signal<Local, U<7>>,
    page_ends: Signal<Local, Bit>,
    about: Signal<Local, U<64>>,
}

impl Logic for Pack {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, held, open, slot, place, start, beats, shape);
        dff_setup!(self, clock, full, full_last, full_words, full_side, full_sums);
        clock!(self, clock, store, bursts);
        self.store.reset.next = self.reset.val();
        self.bursts.reset.next = self.reset.val();
        self.open.d.next = (self.held.q.val() < 500) & (self.bursts.used.val() < 12) & !self.pause.val();
        self.room.next = self.open.q.val();

        // A word takes its place in the beat.
        self.wide.next = bit_cast_w::<512, 8, 64>(self.word.val());
        self.full.d.next = false;
        self.full_last.d.next = self.last.val();
        self.full_words.d.next = self.slot.q.val();
        self.full_side.d.next = self.side.val();
        self.full_sums.d.next = self.sums.val();
        if self.put.val() {
            match self.slot.q.val().index() {
                0 => self.shape.d.next = self.wide.val(),
                1 => self.shape.d.next = self.shape.q.val() | (self.wide.val() << 64),
                2 => self.shape.d.next = self.shape.q.val() | (self.wide.val() << 128),
                3 => self.shape.d.next = self.shape.q.val() | (self.wide.val() << 192),
                4 => self.shape.d.next = self.shape.q.val() | (self.wide.val() << 256),
                5 => self.shape.d.next = self.shape.q.val() | (self.wide.val() << 320),
                6 => self.shape.d.next = self.shape.q.val() | (self.wide.val() << 384),
                _ => self.shape.d.next = self.shape.q.val() | (self.wide.val() << 448),
            }
            self.slot.d.next = self.slot.q.val() + 1;
            self.full.d.next = (self.slot.q.val() == 7) | self.last.val();
            if self.last.val() {
                self.slot.d.next = 0.into();
            }
        }

        // The beat is whole.
        self.beat_put.next = self.full.q.val();
        self.beat_data.next = self.shape.q.val();
        self.beat_last.next = self.full_last.q.val();
        self.beat_mark.next = self.full_side.q.val().get_bit(14);
        self.store.push.next = self.full.q.val();
        self.store.push_data.next = self.shape.q.val();
        self.burst_beats.next = self.beats.q.val() + 1;
        self.page_ends.next = self.place.q.val().get_bits::<6>(6) == 63;
        self.ends.next = self.full.q.val() & (self.full_last.q.val() | self.page_ends.val());
        if self.full.q.val() {
            self.place.d.next = self.place.q.val() + 64;
            self.beats.d.next = self.burst_beats.val();
        }
        if self.ends.val() {
            self.beats.d.next = 0.into();
            self.start.d.next = self.place.q.val() + 64;
        }
        // The next record may begin while the last beat of the one before is taken in.
        if self.put.val() & self.opens.val() {
            self.place.d.next = self.target.val();
            self.start.d.next = self.target.val();
            self.beats.d.next = 0.into();
        }
        self.about.next = bit_cast_u::<64, 7>(self.burst_beats.val())
            | (bit_cast_u::<64, 3>(self.full_words.q.val()) << 7)
            | (bit_cast_b::<64>(self.full_last.q.val()) << 10)
            | (bit_cast_u::<64, 15>(self.full_side.q.val()) << 11);
        self.bursts.push.next = self.ends.val();
        self.bursts.push_data.next = bit_cast_w::<192, 3, 64>(self.start.q.val())
            | (bit_cast_w::<192, 3, 64>(self.about.val()) << 64)
            | (bit_cast_w::<192, 3, 64>(self.full_sums.q.val()) << 128);

        self.burst_valid.next = self.bursts.valid.val();
        self.burst.next = self.bursts.data.val();
        self.bursts.pop.next = self.burst_ready.val();
        self.beat_valid.next = self.store.valid.val();
        self.beat.next = self.store.data.val();
        self.store.pop.next = self.beat_ready.val();
        if self.full.q.val() & !self.beat_ready.val() {
            self.held.d.next = self.held.q.val() + 1;
        }
        if self.beat_ready.val() & !self.full.q.val() {
            self.held.d.next = self.held.q.val() - 1;
        }

        if self.reset.val() {
            self.held.d.next = 0.into();
            self.open.d.next = false;
            self.slot.d.next = 0.into();
            self.full.d.next = false;
            self.beats.d.next = 0.into();
        }
    }
}
