//! Encoders beside the card core, behind the same rings.
//!
//! **Why nothing waits in a circle.** A station makes a chunk with no help but host memory's: its pixels come for fetches that
//! it has room for, its bursts are taken whatever the core does. Only a fused chunk waits for the core too, for the lane that
//! is to integrate it. That lane comes, for the core frees its lanes one after the other: each has what it needs, its chunk
//! from host memory, or from a station that is making it now (a station hands the core one chunk at a time, and has begun
//! it). Lanes of a group wait for each other's operations, and so for each other's chunks; chunks wait for no lane but
//! their own. What the core has asked for of one station's chunk stands in a queue of that station, what it has asked
//! for behind a chunk's end in one of its own, so neither holds up the other; and a core that cannot ask now, because such a
//! queue is full, can when a chunk has gone on.
//!
//! **Reset.** With `halt` stations forget what they do at once: what they have asked for comes and is dropped. What the core
//! has asked for it gets, as zeros, for it is reset when all has come. Bursts stay until `reset`, when the writer is done.

mod exit;
mod fetch;
mod loopback;
mod numbers;
mod orders;
mod station;
mod turn;

use super::junction::Junction;
use crate::base::pins::HdlPins;
use crate::base::word::{U, W, bit_cast_u};
use crate::card::each::Each;
use debye_spec::ring_map::EncodeCapabilities;
use loopback::Loopback;
use numbers::Numbers;
use orders::Orders;
use rust_hdl::prelude::*;
use station::Station;
use turn::Turn;

/// `STATIONS` (1 to 4) encoder lanes for blocks of 2^BLOCK bytes. Requests go to them or to the core by their kind, beats by
/// their lane, chunks leave by a way of their own.
#[derive(LogicBlock, Default)]
pub struct Encoders<const STATIONS: usize, const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// See [`Junction`].
    pub halt: Signal<In, Bit>,

    /// Requests of the engine.
    pub s_req_tvalid: Signal<In, Bit>,
    /// See `s_req_tvalid`.
    pub s_req_tready: Signal<Out, Bit>,
    /// See `s_req_tvalid`.
    pub s_req_tdata: Signal<In, W<512, 8>>,
    /// Fetches to the engine.
    pub m_fetch_tvalid: Signal<Out, Bit>,
    /// See `m_fetch_tvalid`.
    pub m_fetch_tready: Signal<In, Bit>,
    /// See `m_fetch_tvalid`.
    pub m_fetch_tdata: Signal<Out, W<128, 2>>,
    /// Beats of the engine.
    pub s_data_tvalid: Signal<In, Bit>,
    /// See `s_data_tvalid`.
    pub s_data_tready: Signal<Out, Bit>,
    /// See `s_data_tvalid`.
    pub s_data_tdata: Signal<In, W<512, 8>>,
    /// See `s_data_tvalid`.
    pub s_data_tdest: Signal<In, U<8>>,
    /// Bursts of chunks to the engine; see [`super::pack::Pack`].
    pub m_chunk_valid: Signal<Out, Bit>,
    /// See `m_chunk_valid`.
    pub m_chunk_ready: Signal<In, Bit>,
    /// See `m_chunk_valid`.
    pub m_chunk: Signal<Out, W<192, 3>>,
    /// Their beats.
    pub m_chunk_beat_valid: Signal<Out, Bit>,
    /// See `m_chunk_beat_valid`.
    pub m_chunk_beat_ready: Signal<In, Bit>,
    /// See `m_chunk_beat_valid`.
    pub m_chunk_beat: Signal<Out, W<512, 8>>,

    /// Requests to the core.
    pub m_req_tvalid: Signal<Out, Bit>,
    /// See `m_req_tvalid`.
    pub m_req_tready: Signal<In, Bit>,
    /// See `m_req_tvalid`.
    pub m_req_tdata: Signal<Out, W<512, 8>>,
    /// Fetches of the core.
    pub s_fetch_tvalid: Signal<In, Bit>,
    /// See `s_fetch_tvalid`.
    pub s_fetch_tready: Signal<Out, Bit>,
    /// See `s_fetch_tvalid`.
    pub s_fetch_tdata: Signal<In, W<128, 2>>,
    /// Beats to the core.
    pub m_data_tvalid: Signal<Out, Bit>,
    /// See `m_data_tvalid`.
    pub m_data_tready: Signal<In, Bit>,
    /// See `m_data_tvalid`.
    pub m_data_tdata: Signal<Out, W<512, 8>>,
    /// See `m_data_tvalid`.
    pub m_data_tdest: Signal<Out, U<8>>,

    numbers: Numbers<STATIONS>,
    orders: Orders,
    stations: Each<Station<BLOCK>, STATIONS>,
    zeros: Loopback,
    deals: Turn<STATIONS>,
    fetches: Turn<STATIONS>,
    writes: Turn<STATIONS>,
    backs: Turn<STATIONS>,
    now: DFF<U<40>>,
    fetch_turn: DFF<Bit>,
    data_turn: DFF<Bit>,
    // Whose beats the writer takes.
    writing: DFF<U<2>>,

    forgets: Signal<Local, Bit>,
    ours: Signal<Local, Bit>,
    plain: Signal<Local, Bit>,
    heads: Signal<Local, Bit>,
    whose_head: Signal<Local, U<2>>,
    looped: Signal<Local, Bit>,
    of_station: Signal<Local, U<2>>,
    of_chunk: Signal<Local, U<23>>,
    fetch_up: Signal<Local, U<14>>,
    fetch_beats: Signal<Local, U<7>>,
    fetch_lane: Signal<Local, U<8>>,
    waits: Signal<Local, Bit>,
    ask_room: Signal<Local, Bit>,
    grants: Signal<Local, Bit>,
    for_us: Signal<Local, Bit>,
    for_core: Signal<Local, Bit>,
    back: Signal<Local, Bit>,
    back_data: Signal<Local, W<512, 8>>,
    back_lane: Signal<Local, U<8>>,
    back_grants: Signal<Local, Bit>,
    takes_back: Signal<Local, Bit>,
}

impl<const STATIONS: usize, const BLOCK: usize> Junction for Encoders<STATIONS, BLOCK> {
    const ENCODES: EncodeCapabilities = EncodeCapabilities { lanes: STATIONS as u32, block_log2: BLOCK as u32 };
}

impl<const STATIONS: usize, const BLOCK: usize> Encoders<STATIONS, BLOCK> {
    /// Encoders for a bench.
    pub fn pins() -> HdlPins<Self> {
        crate::pins!(Box::<Self>::default();
            in reset, halt, s_req_tvalid, s_req_tdata, m_fetch_tready, s_data_tvalid, s_data_tdata, s_data_tdest, m_chunk_ready, m_chunk_beat_ready, m_req_tready, s_fetch_tvalid, s_fetch_tdata, m_data_tready;
            out s_req_tready, m_fetch_tvalid, m_fetch_tdata, s_data_tready, m_chunk_valid, m_chunk, m_chunk_beat_valid, m_chunk_beat, m_req_tvalid, m_req_tdata, s_fetch_tready, m_data_tvalid, m_data_tdata, m_data_tdest)
    }
}

impl<const STATIONS: usize, const BLOCK: usize> Logic for Encoders<STATIONS, BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, now, fetch_turn, data_turn, writing);
        clock!(self, clock, orders, zeros, deals, fetches, writes, backs);
        self.now.d.next = self.now.q.val() + 1;
        self.forgets.next = self.reset.val() | self.halt.val();
        self.orders.reset.next = self.forgets.val();
        for i in 0..STATIONS {
            self.stations[i].clock.next = self.clock.val();
            self.stations[i].reset.next = self.reset.val();
            self.stations[i].halt.next = self.halt.val();
            self.stations[i].now.next = self.now.q.val();
            self.stations[i].number.next = self.numbers.number[i].val();
            self.stations[i].lane_number.next = self.numbers.lane[i].val();
            self.deals.numbers[i].next = self.numbers.number[i].val();
            self.fetches.numbers[i].next = self.numbers.number[i].val();
            self.writes.numbers[i].next = self.numbers.number[i].val();
            self.backs.numbers[i].next = self.numbers.number[i].val();
        }

        // Requests: byte 5 is 2 for an encoder's, 5 for one in which the core has a part too.
        self.ours.next =
            (self.s_req_tdata.val().get_bits::<8>(40) == 2) | (self.s_req_tdata.val().get_bits::<8>(40) == 5);
        self.orders.put.next = self.s_req_tvalid.val() & self.ours.val() & self.orders.room.val();
        self.orders.put_data.next = self.s_req_tdata.val();
        for i in 0..STATIONS {
            self.deals.asks[i].next = self.stations[i].order_ready.val();
            self.stations[i].order.next = self.orders.valid.val()
                & self.deals.any.val()
                & (self.deals.pick.val() == self.numbers.number[i].val());
            self.stations[i].order_fused.next = self.orders.fused.val();
            self.stations[i].order_tag.next = self.orders.tag.val();
            self.stations[i].order_target.next = self.orders.target.val();
            self.stations[i].order_encode.next = self.orders.encode.val();
            self.stations[i].order_integrate.next = self.orders.integrate.val();
        }
        self.deals.take.next = self.orders.valid.val() & self.deals.any.val();
        self.orders.take.next = self.orders.valid.val() & self.deals.any.val();

        // To the core: those of stations first, for an encoder waits.
        self.plain.next = self.s_req_tvalid.val() & !self.ours.val();
        self.heads.next = false;
        self.whose_head.next = 0.into();
        self.m_req_tdata.next = self.s_req_tdata.val();
        for i in 0..STATIONS {
            if self.stations[i].head_valid.val() {
                self.heads.next = true;
                self.whose_head.next = self.numbers.number[i].val();
            }
        }
        for i in 0..STATIONS {
            self.stations[i].head_ready.next = false;
            if self.heads.val() & (self.whose_head.val() == self.numbers.number[i].val()) {
                self.stations[i].head_ready.next = self.m_req_tready.val();
                self.m_req_tdata.next = self.stations[i].head.val();
            }
        }
        self.m_req_tvalid.next = (self.heads.val() | self.plain.val()) & !self.halt.val();
        self.s_req_tready.next = self.m_req_tready.val() & !self.heads.val();
        if self.ours.val() {
            self.s_req_tready.next = self.orders.room.val();
        }

        // What the core asks for: of a chunk that is being made, behind its end, or of host memory.
        self.looped.next = self.s_fetch_tvalid.val() & self.s_fetch_tdata.val().get_bit(38);
        self.of_station.next = self.s_fetch_tdata.val().get_bits::<2>(39);
        self.of_chunk.next = self.s_fetch_tdata.val().get_bits::<23>(41);
        self.fetch_up.next = bit_cast_u::<14, 13>(self.s_fetch_tdata.val().get_bits::<13>(64)) + 63;
        self.fetch_beats.next = bit_cast_u::<7, 8>(self.fetch_up.val().get_bits::<8>(6));
        self.fetch_lane.next = self.s_fetch_tdata.val().get_bits::<8>(80);
        self.waits.next = false;
        self.ask_room.next = self.zeros.ask_room.val();
        for i in 0..STATIONS {
            self.stations[i].ask.next = false;
            self.stations[i].ask_beats.next = self.fetch_beats.val();
            self.stations[i].ask_lane.next = self.fetch_lane.val();
            if (self.of_station.val() == self.numbers.number[i].val())
                & (self.of_chunk.val() == self.stations[i].live.val())
            {
                self.waits.next = true;
                self.ask_room.next = self.stations[i].ask_room.val();
                self.stations[i].ask.next = self.looped.val() & self.stations[i].ask_room.val();
            }
        }
        self.zeros.reset.next = self.reset.val();
        self.zeros.halt.next = true;
        self.zeros.put.next = false;
        self.zeros.put_data.next = 0.into();
        self.zeros.put_last.next = false;
        self.zeros.ask.next = self.looped.val() & !self.waits.val() & self.zeros.ask_room.val();
        self.zeros.ask_beats.next = self.fetch_beats.val();
        self.zeros.ask_lane.next = self.fetch_lane.val();
        self.zeros.ask_number.next = 0.into();

        // Fetches of host memory: the core's and the stations' in turn.
        self.grants.next =
            self.fetches.any.val() & (!self.s_fetch_tvalid.val() | self.looped.val() | self.fetch_turn.q.val());
        self.m_fetch_tvalid.next = self.fetches.any.val() | (self.s_fetch_tvalid.val() & !self.looped.val());
        self.m_fetch_tdata.next = self.s_fetch_tdata.val();
        for i in 0..STATIONS {
            self.fetches.asks[i].next = self.stations[i].fetch_valid.val();
            self.stations[i].fetch_ready.next = false;
            if self.grants.val() & (self.fetches.pick.val() == self.numbers.number[i].val()) {
                self.m_fetch_tdata.next = self.stations[i].fetch_data.val();
                self.stations[i].fetch_ready.next = self.m_fetch_tready.val();
            }
        }
        self.fetches.take.next = self.grants.val() & self.m_fetch_tready.val();
        self.s_fetch_tready.next = self.m_fetch_tready.val() & !self.grants.val();
        if self.looped.val() {
            self.s_fetch_tready.next = self.ask_room.val();
        }
        if self.m_fetch_tready.val() {
            self.fetch_turn.d.next = !self.grants.val();
        }

        // Beats: a station has room for what it asked for. To the core they go in turn with those that are looped back.
        self.for_us.next = false;
        for i in 0..STATIONS {
            self.stations[i].beat.next = false;
            self.stations[i].beat_data.next = self.s_data_tdata.val();
            if self.s_data_tdest.val() == self.numbers.lane[i].val() {
                self.for_us.next = true;
                self.stations[i].beat.next = self.s_data_tvalid.val();
            }
        }
        self.for_core.next = self.s_data_tvalid.val() & !self.for_us.val();
        self.back.next = self.backs.any.val() | self.zeros.valid.val();
        self.back_grants.next = self.back.val() & (!self.for_core.val() | self.data_turn.q.val());
        self.takes_back.next = self.back_grants.val() & self.m_data_tready.val();
        self.back_data.next = 0.into();
        self.back_lane.next = self.zeros.lane.val();
        self.zeros.take.next = self.takes_back.val() & !self.backs.any.val();
        for i in 0..STATIONS {
            self.backs.asks[i].next = self.stations[i].back_valid.val();
            self.stations[i].back_take.next = false;
            if self.backs.any.val() & (self.backs.pick.val() == self.numbers.number[i].val()) {
                self.back_data.next = self.stations[i].back_data.val();
                self.back_lane.next = self.stations[i].back_lane.val();
                self.stations[i].back_take.next = self.takes_back.val();
            }
        }
        self.backs.take.next = self.takes_back.val() & self.backs.any.val();
        self.m_data_tvalid.next = self.for_core.val() | self.back.val();
        self.m_data_tdata.next = self.s_data_tdata.val();
        self.m_data_tdest.next = self.s_data_tdest.val();
        if self.back_grants.val() {
            self.m_data_tdata.next = self.back_data.val();
            self.m_data_tdest.next = self.back_lane.val();
        }
        self.s_data_tready.next = (self.m_data_tready.val() & !self.back_grants.val()) | self.for_us.val();
        if self.m_data_tready.val() {
            self.data_turn.d.next = !self.back_grants.val();
        }

        // Chunks: the writer takes a burst, then its beats.
        self.m_chunk_valid.next = self.writes.any.val();
        self.m_chunk.next = 0.into();
        self.m_chunk_beat_valid.next = false;
        self.m_chunk_beat.next = 0.into();
        for i in 0..STATIONS {
            self.writes.asks[i].next = self.stations[i].chunk_valid.val();
            self.stations[i].chunk_ready.next = false;
            if self.writes.pick.val() == self.numbers.number[i].val() {
                self.m_chunk.next = self.stations[i].chunk.val();
                self.stations[i].chunk_ready.next = self.m_chunk_ready.val();
            }
            self.stations[i].chunk_beat_ready.next = false;
            if self.writing.q.val() == self.numbers.number[i].val() {
                self.m_chunk_beat_valid.next = self.stations[i].chunk_beat_valid.val();
                self.m_chunk_beat.next = self.stations[i].chunk_beat.val();
                self.stations[i].chunk_beat_ready.next = self.m_chunk_beat_ready.val();
            }
        }
        self.writes.take.next = self.m_chunk_ready.val();
        if self.m_chunk_ready.val() {
            self.writing.d.next = self.writes.pick.val();
        }
    }
}
