//! Beats for the lanes: headers from the dispatcher and chunks from outside go over one bus.

use crate::base::ram::LutRam;
use crate::base::word::{U, W, bit_cast_u};
use rust_hdl::prelude::*;

/// Registers a beat, counts what its lane still has to get, and puts it on the bus to the lanes' FIFOs. A beat that no
/// lane waits for is dropped. Latency 1 cycle; a beat a cycle, headers first.
#[derive(LogicBlock, Default)]
pub struct Arrival {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset. Memories are cleared by `sweep`, which must pass over all lanes meanwhile.
    pub reset: Signal<In, Bit>,
    /// The lane whose account is cleared in reset.
    pub sweep: Signal<In, U<6>>,

    /// A header goes to a lane, at once.
    pub header_tvalid: Signal<In, Bit>,
    /// Whose.
    pub header_lane: Signal<In, U<6>>,
    /// The header.
    pub header_tdata: Signal<In, W<512, 8>>,
    /// Beats of its chunk.
    pub header_beats: Signal<In, U<27>>,
    /// Words of the last of them, less one.
    pub header_words: Signal<In, U<3>>,

    /// Chunks.
    pub s_axis_data_tvalid: Signal<In, Bit>,
    /// See `s_axis_data_tvalid`.
    pub s_axis_data_tready: Signal<Out, Bit>,
    /// First byte in bits 7..0.
    pub s_axis_data_tdata: Signal<In, W<512, 8>>,
    /// Whose.
    pub s_axis_data_tdest: Signal<In, U<8>>,

    /// A chunk's beat was taken in.
    pub arrived: Signal<Out, Bit>,
    /// A beat came that no lane waits for.
    pub stray: Signal<Out, Bit>,

    /// The bus to the berths.
    pub write_enable: Signal<Out, Bit>,
    /// See [`super::berth::Berth`].
    pub write_lane: Signal<Out, U<6>>,
    /// See [`super::berth::Berth`].
    pub write_last: Signal<Out, Bit>,
    /// See [`super::berth::Berth`].
    pub write_tag: Signal<Out, U<4>>,
    /// See [`super::berth::Berth`].
    pub write_data: Signal<Out, W<512, 8>>,

    // Of each lane: beats to come (26..0), words of the last one (29..27).
    accounts: LutRam<U<30>, 6>,
    have: DFF<Bit>,
    head: DFF<Bit>,
    lane: DFF<U<6>>,
    beat: DFF<W<512, 8>>,
    beats: DFF<U<27>>,
    words: DFF<U<3>>,
    takes: Signal<Local, Bit>,
    left: Signal<Local, U<27>>,
    less: Signal<Local, U<27>>,
    due: Signal<Local, Bit>,
    last_words: Signal<Local, U<3>>,
    new_left: Signal<Local, U<27>>,
    new_words: Signal<Local, U<3>>,
}

impl Logic for Arrival {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, have, head, lane, beat, beats, words);
        self.accounts.clock.next = self.clock.val();

        // Stage 1: one of both.
        self.s_axis_data_tready.next = !self.header_tvalid.val();
        self.takes.next = self.s_axis_data_tvalid.val() & !self.header_tvalid.val();
        self.arrived.next = self.takes.val();
        self.have.d.next = self.takes.val() & (self.s_axis_data_tdest.val() < 64);
        self.head.d.next = self.header_tvalid.val();
        self.beats.d.next = self.header_beats.val();
        self.words.d.next = self.header_words.val();
        self.lane.d.next = self.s_axis_data_tdest.val().get_bits::<6>(0);
        self.beat.d.next = self.s_axis_data_tdata.val();
        if self.header_tvalid.val() {
            self.lane.d.next = self.header_lane.val();
            self.beat.d.next = self.header_tdata.val();
        }

        // Stage 2: the lane's account.
        self.accounts.read_address.next = self.lane.q.val();
        self.left.next = self.accounts.read_data.val().get_bits::<27>(0);
        self.last_words.next = self.accounts.read_data.val().get_bits::<3>(27);
        self.less.next = self.left.val() - 1;
        self.due.next = self.have.q.val() & (self.left.val() != 0);
        self.stray.next = self.have.q.val() & (self.left.val() == 0);
        self.new_left.next = self.less.val();
        self.new_words.next = self.last_words.val();
        self.write_tag.next = 7.into();
        self.write_last.next = false;
        if self.left.val() == 1 {
            self.write_tag.next = bit_cast_u::<4, 3>(self.last_words.val());
            self.write_last.next = true;
        }
        if self.head.q.val() {
            self.new_left.next = self.beats.q.val();
            self.new_words.next = self.words.q.val();
            self.write_tag.next = 7.into();
            self.write_last.next = self.beats.q.val() == 0;
        }
        self.accounts.write_enable.next = self.head.q.val() | self.due.val();
        self.accounts.write_address.next = self.lane.q.val();
        self.accounts.write_data.next =
            bit_cast_u::<30, 27>(self.new_left.val()) | (bit_cast_u::<30, 3>(self.new_words.val()) << 27);
        self.write_enable.next = self.head.q.val() | self.due.val();
        self.write_lane.next = self.lane.q.val();
        self.write_data.next = self.beat.q.val();

        if self.reset.val() {
            self.have.d.next = false;
            self.head.d.next = false;
            self.accounts.write_enable.next = true;
            self.accounts.write_address.next = self.sweep.val();
            self.accounts.write_data.next = 0.into();
        }
    }
}
