//! Requests to the encoder, and the pixels that they name.

use crate::base::word::{U, W, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

/// Puts a request's header into the lane's FIFO of 512 beats, then asks for its pixels in pieces of up to 4 KiB, each as
/// soon as there is room for all of it; takes the next request when all have come. Bits 5..0 of an address are taken as 0.
#[derive(LogicBlock, Default)]
pub struct Fetch {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Its lane's number, to whom beats come (constant).
    pub number: Signal<In, U<8>>,
    /// A request.
    pub s_req_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_req_tready: Signal<Out, Bit>,
    /// Its header, with the tag for a handle, and the address as the ring engine makes it.
    pub s_req_tdata: Signal<In, W<512, 8>>,
    /// Asks for bytes.
    pub m_fetch_tvalid: Signal<Out, Bit>,
    /// See `m_fetch_tvalid`.
    pub m_fetch_tready: Signal<In, Bit>,
    /// As the core does, for that lane.
    pub m_fetch_tdata: Signal<Out, W<128, 2>>,
    /// A beat of what was asked for.
    pub beat: Signal<In, Bit>,
    /// It.
    pub beat_data: Signal<In, W<512, 8>>,
    /// To the lane's FIFO; see [`crate::card::input::LaneInput`].
    pub write_enable: Signal<Out, Bit>,
    /// See `write_enable`.
    pub write_data: Signal<Out, W<512, 8>>,
    /// See `write_enable`.
    pub write_tag: Signal<Out, U<4>>,
    /// Beats that have left that FIFO, modulo 1024.
    pub freed: Signal<In, U<10>>,

    // 0: a request, 1: a piece is measured, 2: asked for, 3: all is asked for.
    state: DFF<U<2>>,
    place: DFF<U<38>>,
    left: DFF<U<32>>,
    coming: DFF<U<25>>,
    words: DFF<U<3>>,
    asked: DFF<U<10>>,
    used: DFF<U<10>>,
    piece: DFF<U<13>>,
    out_valid: DFF<Bit>,
    out_place: DFF<U<38>>,
    out_bytes: DFF<U<13>>,

    takes: Signal<Local, Bit>,
    bytes: Signal<Local, U<32>>,
    bytes_up: Signal<Local, U<33>>,
    bytes_end: Signal<Local, U<6>>,
    held: Signal<Local, U<10>>,
    page: Signal<Local, U<13>>,
    to_page: Signal<Local, U<13>>,
    piece_up: Signal<Local, U<14>>,
    piece_beats: Signal<Local, U<10>>,
    after: Signal<Local, U<10>>,
    meta: Signal<Local, U<24>>,
}

impl Logic for Fetch {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, place, left, coming, words, asked, used, piece, out_valid, out_place, out_bytes);

        // A request. What it names follows.
        self.held.next = self.asked.q.val() - self.freed.val();
        self.s_req_tready.next = (self.state.q.val() == 0) & !self.held.val().get_bit(9);
        self.takes.next = self.s_req_tvalid.val() & (self.state.q.val() == 0) & !self.held.val().get_bit(9);
        self.bytes.next = self.s_req_tdata.val().get_bits::<32>(160);
        self.bytes_up.next = bit_cast_u::<33, 32>(self.bytes.val()) + 63;
        self.bytes_end.next = self.bytes.val().get_bits::<6>(0) - 1;

        // The next piece: up to the page's end, or the pixels'.
        self.page.next = 4096.into();
        self.to_page.next = self.page.val() - bit_cast_u::<13, 12>(self.place.q.val().get_bits::<12>(0));
        self.piece_up.next = bit_cast_u::<14, 13>(self.piece.q.val()) + 63;
        self.piece_beats.next = bit_cast_u::<10, 8>(self.piece_up.val().get_bits::<8>(6));
        self.after.next = self.used.q.val() + self.piece_beats.val();
        if self.out_valid.q.val() & self.m_fetch_tready.val() {
            self.out_valid.d.next = false;
        }
        self.used.d.next = self.held.val();
        match self.state.q.val().index() {
            0 => {
                if self.takes.val() {
                    self.place.d.next = bit_cast_u::<38, 32>(self.s_req_tdata.val().get_bits::<32>(326)) << 6;
                    self.left.d.next = self.bytes.val();
                    self.coming.d.next = self.bytes_up.val().get_bits::<25>(6);
                    self.words.d.next = self.bytes_end.val().get_bits::<3>(3);
                    self.asked.d.next = self.asked.q.val() + 1;
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                self.piece.d.next = self.to_page.val();
                if self.left.q.val() < bit_cast_u::<32, 13>(self.to_page.val()) {
                    self.piece.d.next = self.left.q.val().get_bits::<13>(0);
                }
                self.state.d.next = 2.into();
                if self.left.q.val() == 0 {
                    self.state.d.next = 3.into();
                }
            }
            2 => {
                self.state.d.next = 1.into();
                if (self.after.val() <= 512) & !self.out_valid.q.val() {
                    self.out_valid.d.next = true;
                    self.out_place.d.next = self.place.q.val();
                    self.out_bytes.d.next = self.piece.q.val();
                    self.place.d.next = self.place.q.val() + bit_cast_u::<38, 13>(self.piece.q.val());
                    self.left.d.next = self.left.q.val() - bit_cast_u::<32, 13>(self.piece.q.val());
                    self.asked.d.next = self.asked.q.val() + self.piece_beats.val();
                }
            }
            _ => {
                if self.coming.q.val() == 0 {
                    self.state.d.next = 0.into();
                }
            }
        }
        self.meta.next = bit_cast_u::<24, 13>(self.out_bytes.q.val()) | (bit_cast_u::<24, 8>(self.number.val()) << 16);
        self.m_fetch_tvalid.next = self.out_valid.q.val();
        self.m_fetch_tdata.next =
            bit_cast_w::<128, 2, 38>(self.out_place.q.val()) | (bit_cast_w::<128, 2, 24>(self.meta.val()) << 64);

        // Headers and beats to the FIFO: a header comes when no beat is due.
        self.write_enable.next = self.takes.val() | (self.beat.val() & (self.coming.q.val() != 0));
        self.write_data.next = self.beat_data.val();
        self.write_tag.next = 7.into();
        if self.takes.val() {
            self.write_data.next = self.s_req_tdata.val();
        } else if self.coming.q.val() == 1 {
            self.write_tag.next = bit_cast_u::<4, 3>(self.words.q.val());
        }
        if self.beat.val() & (self.coming.q.val() != 0) {
            self.coming.d.next = self.coming.q.val() - 1;
        }

        if self.reset.val() {
            self.state.d.next = 0.into();
            self.out_valid.d.next = false;
            self.coming.d.next = 0.into();
            self.asked.d.next = 0.into();
            self.write_enable.next = false;
        }
    }
}
