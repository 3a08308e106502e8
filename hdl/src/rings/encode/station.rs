//! One encoder beside the core, from an order to the bursts of its chunk.
//!
//! ```text
//! order -> fetch -> beats -> lane -> exit -> pack -> bursts
//!    \                                         \-> loopback -> core (what it asks for)
//!     \-> head -> core (request)
//! ```

use super::super::fifo::Fifo;
use super::super::pack::Pack;
use super::exit::Exit;
use super::fetch::Fetch;
use super::loopback::Loopback;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u, bit_cast_w};
use crate::card::input::LaneInput;
use crate::encoder::EncoderLane;
use rust_hdl::prelude::*;

/// Makes chunks in the order of its requests. Of a fused one it has the core integrate what comes: the core gets its
/// request when all of the fused chunk before has gone to it, so that it waits for no more than one chunk of a station, and
/// that is the one which is being made. The request's address names station (40..39), that it is looped back (38), and the
/// chunk's number (63..41): the core's fetches repeat them.
#[derive(LogicBlock, Default)]
pub struct Station<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset of everything.
    pub reset: Signal<In, Bit>,
    /// See [`super::super::junction::Junction`].
    pub halt: Signal<In, Bit>,
    /// Running count of cycles.
    pub now: Signal<In, U<40>>,
    /// Its number (constant).
    pub number: Signal<In, U<2>>,
    /// Its lane's number, to whom beats come (constant).
    pub lane_number: Signal<In, U<8>>,

    /// It can take an order now.
    pub order_ready: Signal<Out, Bit>,
    /// It gets it: only while `order_ready`. See [`super::orders::Orders`].
    pub order: Signal<In, Bit>,
    /// See `order`.
    pub order_fused: Signal<In, Bit>,
    /// See `order`.
    pub order_tag: Signal<In, U<6>>,
    /// See `order`.
    pub order_target: Signal<In, U<64>>,
    /// See `order`.
    pub order_encode: Signal<In, W<512, 8>>,
    /// See `order`.
    pub order_integrate: Signal<In, W<512, 8>>,

    /// Asks for bytes, as the core does.
    pub fetch_valid: Signal<Out, Bit>,
    /// See `fetch_valid`.
    pub fetch_ready: Signal<In, Bit>,
    /// See `fetch_valid`.
    pub fetch_data: Signal<Out, W<128, 2>>,
    /// A beat of what was asked for.
    pub beat: Signal<In, Bit>,
    /// It.
    pub beat_data: Signal<In, W<512, 8>>,

    /// A burst of a chunk; see [`Pack`].
    pub chunk_valid: Signal<Out, Bit>,
    /// See `chunk_valid`.
    pub chunk_ready: Signal<In, Bit>,
    /// See `chunk_valid`. Marked: of a fused order.
    pub chunk: Signal<Out, W<192, 3>>,
    /// A beat of the bursts.
    pub chunk_beat_valid: Signal<Out, Bit>,
    /// See `chunk_beat_valid`.
    pub chunk_beat_ready: Signal<In, Bit>,
    /// See `chunk_beat_valid`.
    pub chunk_beat: Signal<Out, W<512, 8>>,

    /// A request for the core.
    pub head_valid: Signal<Out, Bit>,
    /// It is taken.
    pub head_ready: Signal<In, Bit>,
    /// It.
    pub head: Signal<Out, W<512, 8>>,
    /// Number of the fused chunk at hand; see [`Loopback`].
    pub live: Signal<Out, U<23>>,
    /// The core asks for beats of it.
    pub ask: Signal<In, Bit>,
    /// It may.
    pub ask_room: Signal<Out, Bit>,
    /// How many.
    pub ask_beats: Signal<In, U<7>>,
    /// For this lane.
    pub ask_lane: Signal<In, U<8>>,
    /// A beat for the core.
    pub back_valid: Signal<Out, Bit>,
    /// It is taken; only while `back_valid`.
    pub back_take: Signal<In, Bit>,
    /// The beat.
    pub back_data: Signal<Out, W<512, 8>>,
    /// Whose.
    pub back_lane: Signal<Out, U<8>>,

    fetch: Fetch,
    beats: LaneInput,
    lane: EncoderLane<BLOCK>,
    exit: Exit,
    pack: Pack,
    loopback: Loopback,
    // Of each chunk that is to come: target; tag (69..64), fused (70).
    jobs: Fifo<W<128, 2>, 3>,
    begun: DFF<Bit>,
    held: DFF<Bit>,
    request: DFF<W<512, 8>>,
    count: DFF<U<23>>,
    request_count: DFF<U<23>>,

    forgets: Signal<Local, Bit>,
    puts: Signal<Local, Bit>,
    about: Signal<Local, U<7>>,
    mark: Signal<Local, U<15>>,
    place: Signal<Local, U<64>>,
}

impl<const BLOCK: usize> Logic for Station<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, begun, held, request, count, request_count);
        clock!(self, clock, fetch, beats, lane, exit, pack, loopback, jobs);
        self.forgets.next = self.reset.val() | self.halt.val();
        self.fetch.reset.next = self.forgets.val();
        self.beats.reset.next = self.forgets.val();
        self.lane.reset.next = self.forgets.val();
        self.exit.reset.next = self.forgets.val();
        self.jobs.reset.next = self.forgets.val();
        self.pack.reset.next = self.reset.val();
        self.loopback.reset.next = self.reset.val();
        self.loopback.halt.next = self.halt.val();

        // An order: to the encoder at once, to the core when its turn comes.
        self.order_ready.next =
            self.fetch.s_req_tready.val() & (self.jobs.used.val() < 7) & !(self.order_fused.val() & self.held.q.val());
        self.fetch.number.next = self.lane_number.val();
        self.fetch.s_req_tvalid.next = self.order.val();
        self.fetch.s_req_tdata.next = self.order_encode.val();
        self.about.next = bit_cast_u::<7, 6>(self.order_tag.val()) | (bit_cast_b::<7>(self.order_fused.val()) << 6);
        self.jobs.push.next = self.order.val();
        self.jobs.push_data.next =
            bit_cast_w::<128, 2, 64>(self.order_target.val()) | (bit_cast_w::<128, 2, 7>(self.about.val()) << 64);
        if self.order.val() & self.order_fused.val() {
            self.held.d.next = true;
            self.request.d.next = self.order_integrate.val();
            self.request_count.d.next = self.count.q.val();
            self.count.d.next = self.count.q.val() + 1;
        }
        self.place.next = (bit_cast_u::<64, 2>(self.number.val()) << 39)
            | (bit_cast_u::<64, 23>(self.request_count.q.val()) << 41)
            | (bit_cast_b::<64>(self.held.q.val()) << 38);
        self.head.next = self.request.q.val() | (bit_cast_w::<512, 8, 64>(self.place.val()) << 320);
        self.head_valid.next = self.held.q.val() & (self.request_count.q.val() == self.loopback.live.val());
        if self.head_ready.val() & (self.request_count.q.val() == self.loopback.live.val()) {
            self.held.d.next = false;
        }

        // Pixels.
        self.fetch_valid.next = self.fetch.m_fetch_tvalid.val();
        self.fetch.m_fetch_tready.next = self.fetch_ready.val();
        self.fetch_data.next = self.fetch.m_fetch_tdata.val();
        self.fetch.beat.next = self.beat.val();
        self.fetch.beat_data.next = self.beat_data.val();
        self.fetch.freed.next = self.beats.freed.val();
        self.beats.write_enable.next = self.fetch.write_enable.val();
        self.beats.write_data.next = self.fetch.write_data.val();
        self.beats.write_tag.next = self.fetch.write_tag.val();

        // The lane. Pixels that were asked for come: an interconnect answers every read.
        self.lane.now.next = self.now.val();
        self.lane.watchdog.next = 0.into();
        self.lane.s_axis_tvalid.next = self.beats.m_axis_tvalid.val();
        self.beats.m_axis_tready.next = self.lane.s_axis_tready.val();
        self.lane.s_axis_tdata.next = self.beats.m_axis_tdata.val();
        self.exit.s_tvalid.next = self.lane.m_axis_tvalid.val();
        self.lane.m_axis_tready.next = self.exit.s_tready.val();
        self.exit.s_tdata.next = self.lane.m_axis_tdata.val();
        self.exit.s_tlast.next = self.lane.m_axis_tlast.val();

        // Its chunk goes to host memory, and what is fused to the core too: no beat is made for which one has no room.
        self.puts.next = self.exit.m_tvalid.val() & self.pack.room.val() & !self.forgets.val();
        self.exit.m_tready.next = self.pack.room.val();
        self.pack.pause.next = self.loopback.near_full.val();
        self.pack.put.next = self.puts.val();
        self.pack.word.next = self.exit.m_tdata.val();
        self.pack.last.next = self.exit.m_tlast.val();
        self.pack.opens.next = !self.begun.q.val();
        self.pack.target.next = self.jobs.data.val().get_bits::<64>(0);
        self.mark.next = bit_cast_b::<15>(self.jobs.data.val().get_bit(70)) << 14;
        self.pack.side.next = bit_cast_u::<15, 6>(self.jobs.data.val().get_bits::<6>(64))
            | (bit_cast_u::<15, 8>(self.exit.status.val()) << 6)
            | self.mark.val();
        self.pack.sums.next = self.exit.sums.val();
        self.jobs.pop.next = self.puts.val() & self.exit.m_tlast.val();
        if self.puts.val() {
            self.begun.d.next = !self.exit.m_tlast.val();
        }
        self.loopback.put.next = self.pack.beat_put.val() & self.pack.beat_mark.val();
        self.loopback.put_data.next = self.pack.beat_data.val();
        self.loopback.put_last.next = self.pack.beat_last.val();
        self.chunk_valid.next = self.pack.burst_valid.val();
        self.pack.burst_ready.next = self.chunk_ready.val();
        self.chunk.next = self.pack.burst.val();
        self.chunk_beat_valid.next = self.pack.beat_valid.val();
        self.pack.beat_ready.next = self.chunk_beat_ready.val();
        self.chunk_beat.next = self.pack.beat.val();

        // What the core asks for.
        self.live.next = self.loopback.live.val();
        self.loopback.ask.next = self.ask.val();
        self.ask_room.next = self.loopback.ask_room.val();
        self.loopback.ask_beats.next = self.ask_beats.val();
        self.loopback.ask_lane.next = self.ask_lane.val();
        self.loopback.ask_number.next = self.loopback.live.val();
        self.back_valid.next = self.loopback.valid.val();
        self.loopback.take.next = self.back_take.val();
        self.back_data.next = self.loopback.data.val();
        self.back_lane.next = self.loopback.lane.val();

        if self.forgets.val() {
            self.begun.d.next = false;
            self.held.d.next = false;
            self.count.d.next = 0.into();
        }
    }
}
