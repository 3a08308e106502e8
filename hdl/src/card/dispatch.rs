//! The dispatcher and the fetch engine: it looks at one lane after the other and does what can be done for it.
//!
//! A lane whose frame is not yet asked for to its end gets its next piece of up to 4 KiB asked for, if its FIFO has room
//! for all of it. A lane that has its frame whole can be dealt the next request: first lanes with nothing to do, then
//! lanes with one frame, never those with two. A visit takes 3 cycles, or 4 when a request is dealt: 48 lanes come round
//! within the time that 3 pieces take on the data bus.
//!
//! What the engine knows of a lane stands in LUT RAM: it costs the same for 1 lane and for 48.

use crate::base::ram::LutRam;
use crate::base::word::{U, W, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

/// Deals requests to lanes and asks for their chunks. Bits 5..0 of a chunk's address are taken as 0.
#[derive(LogicBlock, Default)]
pub struct Dispatcher {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset of everything.
    pub reset: Signal<In, Bit>,
    /// Forgets all requests, but not what was asked for and has not come. `sweep` must pass over all lanes meanwhile.
    pub clear: Signal<In, Bit>,
    /// The lane whose state is cleared in `clear`.
    pub sweep: Signal<In, U<6>>,
    /// Takes requests.
    pub enable: Signal<In, Bit>,
    /// Number of the last lane (constant).
    pub last_lane: Signal<In, U<6>>,

    /// Requests.
    pub s_axis_req_tvalid: Signal<In, Bit>,
    /// See `s_axis_req_tvalid`.
    pub s_axis_req_tready: Signal<Out, Bit>,
    /// A request header (`debye_spec::wire`).
    pub s_axis_req_tdata: Signal<In, W<512, 8>>,

    /// Asks for bytes of a chunk.
    pub m_axis_fetch_tvalid: Signal<Out, Bit>,
    /// See `m_axis_fetch_tvalid`.
    pub m_axis_fetch_tready: Signal<In, Bit>,
    /// Bits 63..0 address, 79..64 bytes, 87..80 lane.
    pub m_axis_fetch_tdata: Signal<Out, W<128, 2>>,

    /// The lane that is looked at; the berths answer in the same cycle.
    pub scan: Signal<Out, U<6>>,
    /// See [`super::berth::Berth`].
    pub scan_freed: Signal<In, U<10>>,
    /// See [`super::berth::Berth`].
    pub scan_filling: Signal<In, Bit>,
    /// See [`super::berth::Berth`].
    pub scan_empty: Signal<In, Bit>,
    /// See [`super::berth::Berth`].
    pub scan_single: Signal<In, Bit>,
    /// Some lane has nothing to do.
    pub any_idle: Signal<In, Bit>,
    /// The lane that is looked at gets the request.
    pub deal: Signal<Out, Bit>,
    /// Its header, in the same cycle; see [`super::arrival::Arrival`].
    pub header_tdata: Signal<Out, W<512, 8>>,
    /// Beats of its chunk.
    pub header_beats: Signal<Out, U<27>>,
    /// Words of the last of them, less one.
    pub header_words: Signal<Out, U<3>>,

    /// A beat of a chunk came in.
    pub arrived: Signal<In, Bit>,
    /// All that was asked for has come, and nothing is being asked for.
    pub quiet: Signal<Out, Bit>,
    /// A request waits for a lane.
    pub pending: Signal<Out, Bit>,

    // Of each lane: address of what is to be asked for next; bytes to be asked for (31..0) and beats that were asked for
    // or dealt (41..32).
    places: LutRam<U<64>, 6>,
    counts: LutRam<U<42>, 6>,
    have: DFF<Bit>,
    header: DFF<W<512, 8>>,
    lane: DFF<U<6>>,
    state: DFF<U<2>>,
    place: DFF<U<64>>,
    left: DFF<U<32>>,
    asked: DFF<U<10>>,
    used: DFF<U<10>>,
    piece: DFF<U<13>>,
    accepts: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_place: DFF<U<64>>,
    out_bytes: DFF<U<13>>,
    out_lane: DFF<U<6>>,
    coming: DFF<U<16>>,

    bytes: Signal<Local, U<32>>,
    chunk: Signal<Local, U<64>>,
    chunk_beats: Signal<Local, U<33>>,
    chunk_end: Signal<Local, U<6>>,
    next_lane: Signal<Local, U<6>>,
    page: Signal<Local, U<13>>,
    to_page: Signal<Local, U<13>>,
    offset: Signal<Local, U<12>>,
    piece_up: Signal<Local, U<14>>,
    piece_beats: Signal<Local, U<10>>,
    after: Signal<Local, U<10>>,
    new_left: Signal<Local, U<32>>,
    new_asked: Signal<Local, U<10>>,
    more_coming: Signal<Local, U<16>>,
    asks: Signal<Local, Bit>,
    fewer: Signal<Local, Bit>,
    meta: Signal<Local, U<24>>,
}

impl Logic for Dispatcher {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, have, header, lane, state, place, left, asked, used, piece, accepts, out_valid, out_place,
            out_bytes, out_lane, coming
        );
        self.places.clock.next = self.clock.val();
        self.counts.clock.next = self.clock.val();

        // The request that waits, and what it means for its chunk.
        self.s_axis_req_tready.next = !self.have.q.val() & self.enable.val() & !self.clear.val();
        if !self.have.q.val() & self.enable.val() & self.s_axis_req_tvalid.val() {
            self.have.d.next = true;
            self.header.d.next = self.s_axis_req_tdata.val();
        }
        self.bytes.next = self.header.q.val().get_bits::<32>(160);
        self.chunk.next = bit_cast_u::<64, 58>(self.header.q.val().get_bits::<58>(326)) << 6;
        self.chunk_beats.next = bit_cast_u::<33, 32>(self.bytes.val()) + 63;
        self.chunk_end.next = self.bytes.val().get_bits::<6>(0) - 1;
        self.header_tdata.next = self.header.q.val();
        self.header_beats.next = self.chunk_beats.val().get_bits::<27>(6);
        self.header_words.next = self.chunk_end.val().get_bits::<3>(3);

        self.scan.next = self.lane.q.val();
        self.places.read_address.next = self.lane.q.val();
        self.counts.read_address.next = self.lane.q.val();
        self.places.write_enable.next = false;
        self.counts.write_enable.next = false;
        self.places.write_address.next = self.lane.q.val();
        self.counts.write_address.next = self.lane.q.val();
        self.deal.next = false;
        self.asks.next = false;
        self.next_lane.next = self.lane.q.val() + 1;
        if self.lane.q.val() == self.last_lane.val() {
            self.next_lane.next = 0.into();
        }
        self.offset.next = self.place.q.val().get_bits::<12>(0);
        self.page.next = 4096.into();
        self.to_page.next = self.page.val() - bit_cast_u::<13, 12>(self.offset.val());
        self.piece_up.next = bit_cast_u::<14, 13>(self.piece.q.val()) + 63;
        self.piece_beats.next = bit_cast_u::<10, 8>(self.piece_up.val().get_bits::<8>(6));
        self.after.next = self.used.q.val() + self.piece_beats.val();
        self.new_left.next = self.left.q.val() - bit_cast_u::<32, 13>(self.piece.q.val());
        self.new_asked.next = self.asked.q.val() + self.piece_beats.val();
        self.places.write_data.next = self.place.q.val() + bit_cast_u::<64, 13>(self.piece.q.val());

        if self.out_valid.q.val() & self.m_axis_fetch_tready.val() {
            self.out_valid.d.next = false;
        }
        match self.state.q.val().index() {
            0 => {
                // Look.
                self.place.d.next = self.places.read_data.val();
                self.left.d.next = self.counts.read_data.val().get_bits::<32>(0);
                self.asked.d.next = self.counts.read_data.val().get_bits::<10>(32);
                self.used.d.next = self.counts.read_data.val().get_bits::<10>(32) - self.scan_freed.val();
                self.accepts.d.next = !self.scan_filling.val()
                    & (self.scan_empty.val() | (self.scan_single.val() & !self.any_idle.val()));
                self.state.d.next = 1.into();
            }
            1 => {
                // Measure: up to the page's end, or the chunk's.
                self.piece.d.next = self.to_page.val();
                if self.left.q.val() < bit_cast_u::<32, 13>(self.to_page.val()) {
                    self.piece.d.next = self.left.q.val().get_bits::<13>(0);
                }
                self.state.d.next = 2.into();
            }
            2 => {
                // Decide.
                self.state.d.next = 0.into();
                self.lane.d.next = self.next_lane.val();
                if self.left.q.val() != 0 {
                    if self.after.val() <= 512 {
                        // While the last piece is not yet taken the lane keeps its turn.
                        if self.out_valid.q.val() {
                            self.state.d.next = 2.into();
                            self.lane.d.next = self.lane.q.val();
                        } else {
                            self.asks.next = true;
                        }
                    }
                } else if self.have.q.val() & self.accepts.q.val() & !self.used.q.val().get_bit(9) {
                    self.state.d.next = 3.into();
                    self.lane.d.next = self.lane.q.val();
                }
            }
            _ => {
                // Deal.
                self.deal.next = true;
                self.have.d.next = false;
                self.new_left.next = self.bytes.val();
                self.new_asked.next = self.asked.q.val() + 1;
                self.places.write_enable.next = true;
                self.places.write_data.next = self.chunk.val();
                self.counts.write_enable.next = true;
                self.state.d.next = 0.into();
                self.lane.d.next = self.next_lane.val();
            }
        }
        if self.asks.val() {
            self.places.write_enable.next = true;
            self.counts.write_enable.next = true;
            self.out_valid.d.next = true;
            self.out_place.d.next = self.place.q.val();
            self.out_bytes.d.next = self.piece.q.val();
            self.out_lane.d.next = self.lane.q.val();
        }
        self.counts.write_data.next =
            bit_cast_u::<42, 32>(self.new_left.val()) | (bit_cast_u::<42, 10>(self.new_asked.val()) << 32);
        self.m_axis_fetch_tvalid.next = self.out_valid.q.val();
        self.meta.next =
            bit_cast_u::<24, 13>(self.out_bytes.q.val()) | (bit_cast_u::<24, 6>(self.out_lane.q.val()) << 16);
        self.m_axis_fetch_tdata.next =
            bit_cast_w::<128, 2, 64>(self.out_place.q.val()) | (bit_cast_w::<128, 2, 24>(self.meta.val()) << 64);

        // What was asked for stays asked for: a soft reset waits for it.
        self.more_coming.next = self.coming.q.val();
        if self.asks.val() & !self.clear.val() {
            self.more_coming.next = self.coming.q.val() + bit_cast_u::<16, 10>(self.piece_beats.val());
        }
        self.fewer.next = self.arrived.val() & (self.coming.q.val() != 0);
        self.coming.d.next = self.more_coming.val();
        if self.fewer.val() {
            self.coming.d.next = self.more_coming.val() - 1;
        }
        self.quiet.next = (self.coming.q.val() == 0) & !self.out_valid.q.val();
        self.pending.next = self.have.q.val();

        if self.clear.val() {
            self.have.d.next = false;
            self.state.d.next = 0.into();
            self.lane.d.next = 0.into();
            self.deal.next = false;
            self.out_valid.d.next = self.out_valid.q.val() & !self.m_axis_fetch_tready.val();
            self.places.write_enable.next = true;
            self.places.write_address.next = self.sweep.val();
            self.places.write_data.next = 0.into();
            self.counts.write_enable.next = true;
            self.counts.write_address.next = self.sweep.val();
            self.counts.write_data.next = 0.into();
        }
        if self.reset.val() {
            self.out_valid.d.next = false;
            self.coming.d.next = 0.into();
        }
    }
}
