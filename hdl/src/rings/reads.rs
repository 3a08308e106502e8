//! The read side of `m_axi_host`: bursts of submissions, chunks and copies in turn, their beats back to who asked.

use super::fifo::Fifo;
use crate::base::ram::LutRam;
use crate::base::word::{U, W, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

/// Bursts of up to 64 beats that never cross a 4 KiB page, up to 64 under way, all of one id: they come back in order.
/// Whoever asks has room for what comes, so that a beat waits for nothing but the core's one cycle in between.
///
/// A fetch of the core names its frame by the tag in bits 37..32 of its address; bits 31..0 are the distance from the
/// page in which the chunk starts. Latency 2 cycles to the address channel, 1 cycle from the data channel.
#[derive(LogicBlock, Default)]
pub struct Reads {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Grants fetches of the core alone.
    pub halt: Signal<In, Bit>,
    /// Nothing is asked for, all has come.
    pub quiet: Signal<Out, Bit>,

    /// A tag is given; see [`super::unpack::Unpack`].
    pub alloc: Signal<In, Bit>,
    /// It can be now.
    pub alloc_ready: Signal<Out, Bit>,
    /// The tag.
    pub alloc_tag: Signal<In, U<6>>,
    /// Page of its chunk.
    pub alloc_page: Signal<In, U<52>>,
    /// Beats of its chunk that the core will fetch.
    pub alloc_beats: Signal<In, U<25>>,
    /// Bit n: all beats of the chunk of tag n have come.
    pub complete: Signal<Out, U<64>>,

    /// Submissions are wanted.
    pub entry_valid: Signal<In, Bit>,
    /// They are asked for.
    pub entry_ready: Signal<Out, Bit>,
    /// Where they stand.
    pub entry_address: Signal<In, U<64>>,
    /// How many.
    pub entry_beats: Signal<In, U<7>>,
    /// Their queue.
    pub entry_queue: Signal<In, U<3>>,
    /// The core's fetches.
    pub fetch_tvalid: Signal<In, Bit>,
    /// See `fetch_tvalid`.
    pub fetch_tready: Signal<Out, Bit>,
    /// See `fetch_tvalid`.
    pub fetch_tdata: Signal<In, W<128, 2>>,
    /// A piece of a copy is wanted.
    pub copy_valid: Signal<In, Bit>,
    /// It is asked for.
    pub copy_ready: Signal<Out, Bit>,
    /// Where it stands.
    pub copy_address: Signal<In, U<64>>,
    /// Beats.
    pub copy_beats: Signal<In, U<7>>,
    /// Its tag.
    pub copy_tag: Signal<In, U<6>>,

    /// Always 0.
    pub arid: Signal<Out, U<4>>,
    /// Aligned to 64 bytes.
    pub araddr: Signal<Out, U<64>>,
    /// Beats less one.
    pub arlen: Signal<Out, U<8>>,
    /// Always 64 bytes a beat.
    pub arsize: Signal<Out, U<3>>,
    /// Always incrementing.
    pub arburst: Signal<Out, U<2>>,
    /// Read address channel.
    pub arvalid: Signal<Out, Bit>,
    /// Read address channel.
    pub arready: Signal<In, Bit>,
    /// Read data channel.
    pub rdata: Signal<In, W<512, 8>>,
    /// Read data channel: 2 and 3 are errors.
    pub rresp: Signal<In, U<2>>,
    /// Read data channel.
    pub rvalid: Signal<In, Bit>,
    /// Read data channel.
    pub rready: Signal<Out, Bit>,

    /// A beat came, for whom `to_entry`, `data_tvalid` or `to_copy` say.
    pub beat: Signal<Out, W<512, 8>>,
    /// It is a submission.
    pub to_entry: Signal<Out, Bit>,
    /// Of this queue.
    pub to_queue: Signal<Out, U<3>>,
    /// It came with an error.
    pub to_bad: Signal<Out, Bit>,
    /// It is a chunk's.
    pub data_tvalid: Signal<Out, Bit>,
    /// See `data_tvalid`.
    pub data_tready: Signal<In, Bit>,
    /// The lane.
    pub data_tdest: Signal<Out, U<8>>,
    /// It is a copy's.
    pub to_copy: Signal<Out, Bit>,
    /// Pulse: a burst came with an error.
    pub fault: Signal<Out, Bit>,
    /// Its address.
    pub fault_address: Signal<Out, U<64>>,
    /// It was for a tag.
    pub fault_tagged: Signal<Out, Bit>,
    /// That tag.
    pub fault_tag: Signal<Out, U<6>>,
    /// Pulse: a beat came.
    pub counted: Signal<Out, Bit>,

    // Bursts asked for: address; beats less one (69..64), for whom (71..70: entry, core, copy), lane or queue (79..72),
    // tag (85..80).
    asked: Fifo<W<128, 2>, 6>,
    pages: LutRam<U<52>, 6>,
    left: LutRam<U<25>, 6>,
    all_in: DFF<U<64>>,
    raw_valid: DFF<Bit>,
    raw: DFF<W<128, 2>>,
    fetch_valid: DFF<Bit>,
    fetch_address: DFF<U<64>>,
    fetch_beats: DFF<U<7>>,
    fetch_lane: DFF<U<8>>,
    fetch_tag: DFF<U<6>>,
    turn: DFF<Bit>,
    ar_valid: DFF<Bit>,
    ar_address: DFF<U<64>>,
    ar_length: DFF<U<6>>,
    have: DFF<Bit>,
    data: DFF<W<512, 8>>,
    bad: DFF<Bit>,
    seen: DFF<U<6>>,
    any_bad: DFF<Bit>,

    room: Signal<Local, Bit>,
    grant: Signal<Local, U<2>>,
    place: Signal<Local, U<64>>,
    beats: Signal<Local, U<7>>,
    length: Signal<Local, U<7>>,
    lane: Signal<Local, U<8>>,
    tag: Signal<Local, U<6>>,
    whose: Signal<Local, U<2>>,
    meta: Signal<Local, U<22>>,
    raw_bytes: Signal<Local, U<14>>,
    moves: Signal<Local, Bit>,
    takes: Signal<Local, Bit>,
    head_length: Signal<Local, U<6>>,
    head_whose: Signal<Local, U<2>>,
    last: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    ends_chunk: Signal<Local, Bit>,
    burst: Signal<Local, U<25>>,
    rest: Signal<Local, U<25>>,
    tag_bit: Signal<Local, U<64>>,
    one: Signal<Local, U<64>>,
    not_bit: Signal<Local, U<64>>,
    bit_of: Signal<Local, U<6>>,
}

impl Logic for Reads {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, all_in, raw_valid, raw, fetch_valid, fetch_address, fetch_beats, fetch_lane, fetch_tag);
        dff_setup!(self, clock, turn, ar_valid, ar_address, ar_length, have, data, bad, seen, any_bad);
        clock!(self, clock, asked, pages, left);
        self.asked.reset.next = self.reset.val();

        // A fetch: first taken, then its address.
        self.fetch_tready.next = !self.raw_valid.q.val();
        if self.fetch_tvalid.val() & !self.raw_valid.q.val() {
            self.raw_valid.d.next = true;
            self.raw.d.next = self.fetch_tdata.val();
        }
        self.pages.read_address.next = self.raw.q.val().get_bits::<6>(32);
        self.raw_bytes.next = bit_cast_u::<14, 13>(self.raw.q.val().get_bits::<13>(64)) + 63;

        // Who may ask: submissions first, then fetches and copies in turn.
        self.room.next = (self.asked.used.val() < 64) & (!self.ar_valid.q.val() | self.arready.val());
        self.grant.next = 0.into();
        if self.fetch_valid.q.val() & (!self.copy_valid.val() | !self.turn.q.val() | self.halt.val()) {
            self.grant.next = 2.into();
        } else if self.copy_valid.val() & !self.halt.val() {
            self.grant.next = 3.into();
        }
        if self.entry_valid.val() & !self.halt.val() {
            self.grant.next = 1.into();
        }
        if !self.room.val() {
            self.grant.next = 0.into();
        }
        self.moves.next = self.raw_valid.q.val() & (!self.fetch_valid.q.val() | (self.grant.val() == 2));
        if self.grant.val() == 2 {
            self.fetch_valid.d.next = false;
        }
        if self.moves.val() {
            self.raw_valid.d.next = false;
            self.fetch_valid.d.next = true;
            self.fetch_address.d.next = (bit_cast_u::<64, 52>(self.pages.read_data.val()) << 12)
                + bit_cast_u::<64, 32>(self.raw.q.val().get_bits::<32>(0));
            self.fetch_beats.d.next = bit_cast_u::<7, 7>(self.raw_bytes.val().get_bits::<7>(6));
            self.fetch_lane.d.next = self.raw.q.val().get_bits::<8>(80);
            self.fetch_tag.d.next = self.raw.q.val().get_bits::<6>(32);
        }
        self.entry_ready.next = self.grant.val() == 1;
        self.copy_ready.next = self.grant.val() == 3;
        self.place.next = self.entry_address.val();
        self.beats.next = self.entry_beats.val();
        self.lane.next = bit_cast_u::<8, 3>(self.entry_queue.val());
        self.tag.next = 0.into();
        self.whose.next = 0.into();
        if self.grant.val() == 2 {
            self.place.next = self.fetch_address.q.val();
            self.beats.next = self.fetch_beats.q.val();
            self.lane.next = self.fetch_lane.q.val();
            self.tag.next = self.fetch_tag.q.val();
            self.whose.next = 1.into();
            self.turn.d.next = true;
        }
        if self.grant.val() == 3 {
            self.place.next = self.copy_address.val();
            self.beats.next = self.copy_beats.val();
            self.tag.next = self.copy_tag.val();
            self.whose.next = 2.into();
            self.turn.d.next = false;
        }
        self.length.next = self.beats.val() - 1;
        self.meta.next = bit_cast_u::<22, 6>(self.length.val().get_bits::<6>(0))
            | (bit_cast_u::<22, 2>(self.whose.val()) << 6)
            | (bit_cast_u::<22, 8>(self.lane.val()) << 8)
            | (bit_cast_u::<22, 6>(self.tag.val()) << 16);
        self.asked.push.next = self.grant.val() != 0;
        self.asked.push_data.next =
            bit_cast_w::<128, 2, 64>(self.place.val()) | (bit_cast_w::<128, 2, 22>(self.meta.val()) << 64);

        self.arid.next = 0.into();
        self.araddr.next = self.ar_address.q.val();
        self.arlen.next = bit_cast_u::<8, 6>(self.ar_length.q.val());
        self.arsize.next = 6.into();
        self.arburst.next = 1.into();
        self.arvalid.next = self.ar_valid.q.val();
        if self.arready.val() {
            self.ar_valid.d.next = false;
        }
        if self.grant.val() != 0 {
            self.ar_valid.d.next = true;
            self.ar_address.d.next = self.place.val();
            self.ar_length.d.next = self.length.val().get_bits::<6>(0);
        }

        // Beats.
        self.head_length.next = self.asked.data.val().get_bits::<6>(64);
        self.head_whose.next = self.asked.data.val().get_bits::<2>(70);
        self.beat.next = self.data.q.val();
        self.to_queue.next = self.asked.data.val().get_bits::<3>(72);
        self.data_tdest.next = self.asked.data.val().get_bits::<8>(72);
        self.fault_tag.next = self.asked.data.val().get_bits::<6>(80);
        self.fault_address.next = self.asked.data.val().get_bits::<64>(0);
        self.to_bad.next = self.bad.q.val();
        self.to_entry.next = self.have.q.val() & (self.head_whose.val() == 0);
        self.data_tvalid.next = self.have.q.val() & (self.head_whose.val() == 1);
        self.to_copy.next = self.have.q.val() & (self.head_whose.val() == 2);
        self.takes.next = self.have.q.val() & ((self.head_whose.val() != 1) | self.data_tready.val());
        self.rready.next = !self.have.q.val() | self.takes.val();
        self.counted.next = self.rvalid.val() & self.rready.val();
        if self.takes.val() {
            self.have.d.next = false;
        }
        if self.rvalid.val() & self.rready.val() {
            self.have.d.next = true;
            self.data.d.next = self.rdata.val();
            self.bad.d.next = self.rresp.val().get_bit(1);
        }
        self.last.next = self.seen.q.val() == self.head_length.val();
        self.ends.next = self.takes.val() & self.last.val();
        self.asked.pop.next = self.ends.val();
        self.fault.next = self.ends.val() & (self.bad.q.val() | self.any_bad.q.val());
        self.fault_tagged.next = self.head_whose.val() != 0;
        if self.takes.val() {
            self.seen.d.next = self.seen.q.val() + 1;
            self.any_bad.d.next = self.any_bad.q.val() | self.bad.q.val();
        }
        if self.ends.val() {
            self.seen.d.next = 0.into();
            self.any_bad.d.next = false;
        }

        // What of each chunk is still to come.
        self.ends_chunk.next = self.ends.val() & (self.head_whose.val() == 1);
        self.alloc_ready.next = !self.ends_chunk.val();
        self.left.read_address.next = self.fault_tag.val();
        self.burst.next = bit_cast_u::<25, 6>(self.head_length.val()) + 1;
        self.rest.next = self.left.read_data.val() - self.burst.val();
        self.left.write_enable.next = self.ends_chunk.val() | self.alloc.val();
        self.left.write_address.next = self.alloc_tag.val();
        self.left.write_data.next = self.alloc_beats.val();
        self.pages.write_enable.next = self.alloc.val();
        self.pages.write_address.next = self.alloc_tag.val();
        self.pages.write_data.next = self.alloc_page.val();
        self.one.next = 1.into();
        self.bit_of.next = self.alloc_tag.val();
        if self.ends_chunk.val() {
            self.left.write_address.next = self.fault_tag.val();
            self.left.write_data.next = self.rest.val();
            self.bit_of.next = self.fault_tag.val();
        }
        self.tag_bit.next = self.one.val() << self.bit_of.val();
        self.not_bit.next = !self.tag_bit.val();
        if self.ends_chunk.val() {
            if self.rest.val() == 0 {
                self.all_in.d.next = self.all_in.q.val() | self.tag_bit.val();
            }
        } else if self.alloc.val() {
            self.all_in.d.next = self.all_in.q.val() & self.not_bit.val();
            if self.alloc_beats.val() == 0 {
                self.all_in.d.next = self.all_in.q.val() | self.tag_bit.val();
            }
        }
        self.complete.next = self.all_in.q.val();
        self.quiet.next =
            !self.raw_valid.q.val() & !self.fetch_valid.q.val() & !self.ar_valid.q.val() & !self.asked.valid.val();

        if self.reset.val() {
            self.raw_valid.d.next = false;
            self.fetch_valid.d.next = false;
            self.turn.d.next = false;
            self.ar_valid.d.next = false;
            self.have.d.next = false;
            self.seen.d.next = 0.into();
            self.any_bad.d.next = false;
        }
    }
}
