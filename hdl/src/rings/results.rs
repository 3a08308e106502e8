//! Results of the core: words into beats, beats into bursts to the memory that the submission names.

use super::fifo::Fifo;
use super::store::Store;
use crate::base::ram::LutRam;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

/// A word a cycle. A burst ends at a page's end or with the result; it is offered when all of it is there.
#[derive(LogicBlock, Default)]
pub struct Results {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Takes and forgets what comes.
    pub halt: Signal<In, Bit>,
    /// A tag is given.
    pub alloc: Signal<In, Bit>,
    /// The tag.
    pub alloc_tag: Signal<In, U<6>>,
    /// The submission's handle.
    pub alloc_handle: Signal<In, U<64>>,
    /// Where its result goes.
    pub alloc_target: Signal<In, U<64>>,

    /// Results of the core (`debye_spec::wire`), with the tag for a handle.
    pub s_res_tvalid: Signal<In, Bit>,
    /// See `s_res_tvalid`.
    pub s_res_tready: Signal<Out, Bit>,
    /// See `s_res_tvalid`.
    pub s_res_tdata: Signal<In, U<64>>,
    /// See `s_res_tvalid`.
    pub s_res_tlast: Signal<In, Bit>,
    /// With a word: it is a chunk's, not a result's; nothing in it is for the engine. At least two words.
    pub s_made: Signal<In, Bit>,
    /// Its tag.
    pub s_made_tag: Signal<In, U<6>>,
    /// With its last word: its status.
    pub s_made_status: Signal<In, U<8>>,
    /// With its last word: its bytes (31..0) and its CRC-32 (63..32).
    pub s_made_sums: Signal<In, U<64>>,
    /// Pulse: a result has come to its end.
    pub done: Signal<Out, Bit>,

    /// A burst waits.
    pub burst_valid: Signal<Out, Bit>,
    /// Address; beats (70..64), words of the last beat less one (73..71), end of the result (74), tag (80..75),
    /// status (88..81), and for the end CRC-32 (159..128), bytes of the result (191..160).
    pub burst: Signal<Out, W<192, 3>>,
    /// It is taken.
    pub burst_ready: Signal<In, Bit>,
    /// A beat of the bursts stands here.
    pub beat_valid: Signal<Out, Bit>,
    /// The beat.
    pub beat: Signal<Out, W<512, 8>>,
    /// It is taken.
    pub beat_ready: Signal<In, Bit>,

    handles: LutRam<U<64>, 6>,
    targets: LutRam<U<64>, 6>,
    store: Store,
    bursts: Fifo<W<192, 3>, 4>,
    held: DFF<U<10>>,
    room: DFF<Bit>,
    have: DFF<Bit>,
    word: DFF<U<64>>,
    last: DFF<Bit>,
    made: DFF<Bit>,
    made_tag: DFF<U<6>>,
    made_status: DFF<U<8>>,
    made_sums: DFF<U<64>>,
    number: DFF<U<4>>,
    slot: DFF<U<3>>,
    tag: DFF<U<6>>,
    status: DFF<U<8>>,
    bytes: DFF<U<32>>,
    place: DFF<U<64>>,
    start: DFF<U<64>>,
    beats: DFF<U<7>>,
    shape: DFF<W<512, 8>>,
    full: DFF<Bit>,
    full_last: DFF<Bit>,
    full_words: DFF<U<3>>,
    full_crc: DFF<U<32>>,
    full_bytes: DFF<U<32>>,
    full_tag: DFF<U<6>>,
    full_status: DFF<U<8>>,

    word_tag: Signal<Local, U<6>>,
    payload: Signal<Local, U<64>>,
    wide: Signal<Local, W<512, 8>>,
    ends: Signal<Local, Bit>,
    all_bytes: Signal<Local, U<32>>,
    burst_beats: Signal<Local, U<7>>,
    page_ends: Signal<Local, Bit>,
    side: Signal<Local, U<64>>,
    sums: Signal<Local, U<64>>,
}

impl Logic for Results {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, held, room, have, word, last, number, slot, tag, status, bytes, place, start, beats);
        dff_setup!(self, clock, shape, full, full_last, full_words, full_crc, full_bytes, full_tag, full_status);
        dff_setup!(self, clock, made, made_tag, made_status, made_sums);
        clock!(self, clock, handles, targets, store, bursts);
        self.store.reset.next = self.reset.val();
        self.bursts.reset.next = self.reset.val();
        self.handles.write_enable.next = self.alloc.val();
        self.handles.write_address.next = self.alloc_tag.val();
        self.handles.write_data.next = self.alloc_handle.val();
        self.targets.write_enable.next = self.alloc.val();
        self.targets.write_address.next = self.alloc_tag.val();
        self.targets.write_data.next = self.alloc_target.val();

        // A word comes in.
        self.room.d.next = (self.held.q.val() < 500) & (self.bursts.used.val() < 12);
        self.s_res_tready.next = self.room.q.val() | self.halt.val();
        self.have.d.next = self.s_res_tvalid.val() & self.room.q.val() & !self.halt.val();
        self.word.d.next = self.s_res_tdata.val();
        self.last.d.next = self.s_res_tlast.val();
        self.made.d.next = self.s_made.val();
        self.made_tag.d.next = self.s_made_tag.val();
        self.made_status.d.next = self.s_made_status.val();
        self.made_sums.d.next = self.s_made_sums.val();
        self.done.next = self.s_res_tvalid.val() & (self.room.q.val() | self.halt.val()) & self.s_res_tlast.val();

        // It takes its place in the beat. Word 1 is the handle.
        self.word_tag.next = self.word.q.val().get_bits::<6>(0);
        if self.made.q.val() {
            self.word_tag.next = self.made_tag.q.val();
        }
        self.handles.read_address.next = self.word_tag.val();
        self.targets.read_address.next = self.word_tag.val();
        self.payload.next = self.word.q.val();
        if (self.number.q.val() == 1) & !self.made.q.val() {
            self.payload.next = self.handles.read_data.val();
        }
        self.wide.next = bit_cast_w::<512, 8, 64>(self.payload.val());
        self.all_bytes.next = self.bytes.q.val() + 8;
        self.full.d.next = false;
        self.full_last.d.next = self.last.q.val();
        self.full_words.d.next = self.slot.q.val();
        self.full_crc.d.next = self.word.q.val().get_bits::<32>(0);
        self.full_bytes.d.next = self.all_bytes.val();
        self.full_tag.d.next = self.tag.q.val();
        self.full_status.d.next = self.status.q.val();
        if self.made.q.val() {
            self.full_crc.d.next = self.made_sums.q.val().get_bits::<32>(32);
            self.full_bytes.d.next = self.made_sums.q.val().get_bits::<32>(0);
            self.full_status.d.next = self.made_status.q.val();
            // A chunk may end with its second word, in which its tag is taken.
            self.full_tag.d.next = self.made_tag.q.val();
        }
        if self.have.q.val() {
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
            self.bytes.d.next = self.all_bytes.val();
            if self.number.q.val() != 8 {
                self.number.d.next = self.number.q.val() + 1;
            }
            if self.number.q.val() == 0 {
                self.status.d.next = self.word.q.val().get_bits::<8>(48);
            }
            if self.number.q.val() == 1 {
                self.tag.d.next = self.word_tag.val();
                self.place.d.next = self.targets.read_data.val();
                self.start.d.next = self.targets.read_data.val();
                self.beats.d.next = 0.into();
            }
            self.full.d.next = (self.slot.q.val() == 7) | self.last.q.val();
            if self.last.q.val() {
                self.slot.d.next = 0.into();
                self.number.d.next = 0.into();
                self.bytes.d.next = 0.into();
            }
        }

        // The beat is whole.
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
        self.side.next = bit_cast_u::<64, 7>(self.burst_beats.val())
            | (bit_cast_u::<64, 3>(self.full_words.q.val()) << 7)
            | (bit_cast_b::<64>(self.full_last.q.val()) << 10)
            | (bit_cast_u::<64, 6>(self.full_tag.q.val()) << 11)
            | (bit_cast_u::<64, 8>(self.full_status.q.val()) << 17);
        self.sums.next =
            bit_cast_u::<64, 32>(self.full_crc.q.val()) | (bit_cast_u::<64, 32>(self.full_bytes.q.val()) << 32);
        self.bursts.push.next = self.ends.val();
        self.bursts.push_data.next = bit_cast_w::<192, 3, 64>(self.start.q.val())
            | (bit_cast_w::<192, 3, 64>(self.side.val()) << 64)
            | (bit_cast_w::<192, 3, 64>(self.sums.val()) << 128);

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
            self.room.d.next = false;
            self.have.d.next = false;
            self.number.d.next = 0.into();
            self.slot.d.next = 0.into();
            self.bytes.d.next = 0.into();
            self.full.d.next = false;
            self.beats.d.next = 0.into();
        }
    }
}
