//! Encoders beside the card core, behind the same rings.

mod exit;
mod fetch;

use super::fifo::Fifo;
use super::junction::Junction;
use crate::base::pins::HdlPins;
use crate::base::word::{U, W};
use crate::card::input::LaneInput;
use crate::encoder::EncoderLane;
use debye_spec::ring_map::EncodeCapabilities;
use exit::Exit;
use fetch::Fetch;
use rust_hdl::prelude::*;

/// One encoder lane for blocks of 2^BLOCK bytes. Requests go to it or to the core by their kind, beats by their lane (63
/// is the encoder's), results come from one or the other whole.
///
/// A reset empties it at once: what it has asked for still comes and is dropped; the core's results pass meanwhile, for
/// the core is quiet only when they have left.
#[derive(LogicBlock, Default)]
pub struct Encoders<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,

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
    /// Results to the engine.
    pub m_res_tvalid: Signal<Out, Bit>,
    /// See `m_res_tvalid`.
    pub m_res_tready: Signal<In, Bit>,
    /// See `m_res_tvalid`.
    pub m_res_tdata: Signal<Out, U<64>>,
    /// See `m_res_tvalid`.
    pub m_res_tlast: Signal<Out, Bit>,
    /// With a result: it is a chunk; see [`super::results::Results`].
    pub m_made: Signal<Out, Bit>,
    /// Its tag.
    pub m_made_tag: Signal<Out, U<6>>,
    /// With its last word: its status.
    pub m_made_status: Signal<Out, U<8>>,
    /// With its last word: bytes (31..0) and CRC-32 (63..32).
    pub m_made_sums: Signal<Out, U<64>>,

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
    /// Results of the core.
    pub s_res_tvalid: Signal<In, Bit>,
    /// See `s_res_tvalid`.
    pub s_res_tready: Signal<Out, Bit>,
    /// See `s_res_tvalid`.
    pub s_res_tdata: Signal<In, U<64>>,
    /// See `s_res_tvalid`.
    pub s_res_tlast: Signal<In, Bit>,

    fetch: Fetch,
    beats: LaneInput,
    lane: EncoderLane<BLOCK>,
    exit: Exit,
    tags: Fifo<U<6>, 3>,
    now: DFF<U<40>>,
    turn: DFF<Bit>,
    // Whose result passes: 0 nobody's, 1 the core's, 2 the encoder's.
    owner: DFF<U<2>>,
    last_owner: DFF<Bit>,
    encodes: Signal<Local, Bit>,
    ours: Signal<Local, Bit>,
    grants: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
}

impl<const BLOCK: usize> Junction for Encoders<BLOCK> {
    const ENCODES: EncodeCapabilities = EncodeCapabilities { lanes: 1, block_log2: BLOCK as u32 };
}

impl<const BLOCK: usize> Encoders<BLOCK> {
    /// Encoders for a bench.
    pub fn pins() -> HdlPins<Self> {
        crate::pins!(Box::<Self>::default();
            in reset, s_req_tvalid, s_req_tdata, m_fetch_tready, s_data_tvalid, s_data_tdata, s_data_tdest, m_res_tready, m_req_tready, s_fetch_tvalid, s_fetch_tdata, m_data_tready, s_res_tvalid, s_res_tdata, s_res_tlast;
            out s_req_tready, m_fetch_tvalid, m_fetch_tdata, s_data_tready, m_res_tvalid, m_res_tdata, m_res_tlast, m_made, m_made_tag, m_made_status, m_made_sums, m_req_tvalid, m_req_tdata, s_fetch_tready, m_data_tvalid, m_data_tdata, m_data_tdest, s_res_tready)
    }
}

impl<const BLOCK: usize> Logic for Encoders<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, now, turn, owner, last_owner);
        clock!(self, clock, fetch, beats, lane, exit, tags);
        self.fetch.reset.next = self.reset.val();
        self.beats.reset.next = self.reset.val();
        self.lane.reset.next = self.reset.val();
        self.exit.reset.next = self.reset.val();
        self.tags.reset.next = self.reset.val();
        self.now.d.next = self.now.q.val() + 1;
        self.lane.now.next = self.now.q.val();
        // Pixels that were asked for come: an interconnect answers every read.
        self.lane.watchdog.next = 0.into();

        // Requests: byte 5 is the lane's code of the kind.
        self.encodes.next = self.s_req_tdata.val().get_bits::<8>(40) == 2;
        self.m_req_tvalid.next = self.s_req_tvalid.val() & !self.encodes.val();
        self.m_req_tdata.next = self.s_req_tdata.val();
        self.fetch.s_req_tvalid.next = self.s_req_tvalid.val() & self.encodes.val();
        self.fetch.s_req_tdata.next = self.s_req_tdata.val();
        self.s_req_tready.next = self.m_req_tready.val();
        if self.encodes.val() {
            self.s_req_tready.next = self.fetch.s_req_tready.val();
        }
        self.fetch.tag_room.next = self.tags.used.val() < 7;
        self.tags.push.next = self.fetch.tag_push.val();
        self.tags.push_data.next = self.fetch.tag.val();

        // Fetches, in turn.
        self.grants.next = self.fetch.m_fetch_tvalid.val() & (!self.s_fetch_tvalid.val() | self.turn.q.val());
        self.m_fetch_tvalid.next = self.s_fetch_tvalid.val() | self.fetch.m_fetch_tvalid.val();
        self.m_fetch_tdata.next = self.s_fetch_tdata.val();
        self.s_fetch_tready.next = self.m_fetch_tready.val() & !self.grants.val();
        self.fetch.m_fetch_tready.next = self.m_fetch_tready.val() & self.grants.val();
        if self.grants.val() {
            self.m_fetch_tdata.next = self.fetch.m_fetch_tdata.val();
        }
        if self.m_fetch_tready.val() {
            self.turn.d.next = !self.grants.val();
        }

        // Beats: the encoder has room for what it asked for.
        self.ours.next = self.s_data_tdest.val() == 63;
        self.m_data_tvalid.next = self.s_data_tvalid.val() & !self.ours.val();
        self.m_data_tdata.next = self.s_data_tdata.val();
        self.m_data_tdest.next = self.s_data_tdest.val();
        self.s_data_tready.next = self.m_data_tready.val() | self.ours.val();
        self.fetch.beat.next = self.s_data_tvalid.val() & self.ours.val();
        self.fetch.beat_data.next = self.s_data_tdata.val();
        self.beats.write_enable.next = self.fetch.write_enable.val();
        self.beats.write_data.next = self.fetch.write_data.val();
        self.beats.write_tag.next = self.fetch.write_tag.val();
        self.fetch.freed.next = self.beats.freed.val();

        // The lane.
        self.lane.s_axis_tvalid.next = self.beats.m_axis_tvalid.val();
        self.beats.m_axis_tready.next = self.lane.s_axis_tready.val();
        self.lane.s_axis_tdata.next = self.beats.m_axis_tdata.val();
        self.exit.s_tvalid.next = self.lane.m_axis_tvalid.val();
        self.lane.m_axis_tready.next = self.exit.s_tready.val();
        self.exit.s_tdata.next = self.lane.m_axis_tdata.val();
        self.exit.s_tlast.next = self.lane.m_axis_tlast.val();

        // Results, one whole after the other.
        self.m_res_tvalid.next = false;
        self.m_res_tdata.next = self.s_res_tdata.val();
        self.m_res_tlast.next = self.s_res_tlast.val();
        self.s_res_tready.next = false;
        self.exit.m_tready.next = false;
        self.m_made.next = false;
        self.m_made_tag.next = self.tags.data.val();
        self.m_made_status.next = self.exit.status.val();
        self.m_made_sums.next = self.exit.sums.val();
        if self.owner.q.val() == 1 {
            self.m_res_tvalid.next = self.s_res_tvalid.val();
            self.s_res_tready.next = self.m_res_tready.val();
        }
        if self.owner.q.val() == 2 {
            self.m_res_tvalid.next = self.exit.m_tvalid.val();
            self.m_res_tdata.next = self.exit.m_tdata.val();
            self.m_res_tlast.next = self.exit.m_tlast.val();
            self.exit.m_tready.next = self.m_res_tready.val();
            self.m_made.next = true;
        }
        self.ends.next = self.m_res_tvalid.val() & self.m_res_tready.val() & self.m_res_tlast.val();
        self.tags.pop.next = self.ends.val() & (self.owner.q.val() == 2);
        if self.owner.q.val() == 0 {
            if self.s_res_tvalid.val() & (!self.exit.m_tvalid.val() | self.last_owner.q.val()) {
                self.owner.d.next = 1.into();
                self.last_owner.d.next = false;
            } else if self.exit.m_tvalid.val() {
                self.owner.d.next = 2.into();
                self.last_owner.d.next = true;
            }
        }
        if self.ends.val() {
            self.owner.d.next = 0.into();
        }

        if self.reset.val() {
            self.owner.d.next = 0.into();
            self.m_made.next = false;
            self.tags.pop.next = false;
            self.m_res_tvalid.next = self.s_res_tvalid.val();
            self.m_res_tdata.next = self.s_res_tdata.val();
            self.m_res_tlast.next = self.s_res_tlast.val();
            self.s_res_tready.next = self.m_res_tready.val();
        }
    }
}
