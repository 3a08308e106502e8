//! The AXI4 read master: bursts of the groups' readers go out in turn, beats come back to the reader that their id names.

use crate::base::word::{U, W, bit_cast_u};
use rust_hdl::prelude::*;

/// Looks at one group after the other, a cycle each. Every beat is taken at once: readers ask for what they have room
/// for. Latency 1 cycle both ways.
#[derive(LogicBlock, Default)]
pub struct Memory {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset of everything.
    pub reset: Signal<In, Bit>,
    /// Takes no bursts over, and drops the beats that come.
    pub clear: Signal<In, Bit>,
    /// Number of the last group (constant).
    pub last_group: Signal<In, U<2>>,

    /// The group that is looked at.
    pub chosen: Signal<Out, U<2>>,
    /// It wants a burst.
    pub ask_valid: Signal<In, Bit>,
    /// Its address.
    pub ask_address: Signal<In, U<64>>,
    /// Its beats, 1 to 64.
    pub ask_beats: Signal<In, U<7>>,
    /// It is taken over.
    pub take: Signal<Out, Bit>,

    /// Read address channel: the group's number.
    pub m_axi_arid: Signal<Out, U<4>>,
    /// Read address channel: aligned to 64 bytes.
    pub m_axi_araddr: Signal<Out, U<64>>,
    /// Read address channel: beats less one.
    pub m_axi_arlen: Signal<Out, U<8>>,
    /// Read address channel: always 64 bytes a beat.
    pub m_axi_arsize: Signal<Out, U<3>>,
    /// Read address channel: always incrementing.
    pub m_axi_arburst: Signal<Out, U<2>>,
    /// Read address channel.
    pub m_axi_arvalid: Signal<Out, Bit>,
    /// Read address channel.
    pub m_axi_arready: Signal<In, Bit>,
    /// Read data channel.
    pub m_axi_rid: Signal<In, U<4>>,
    /// Read data channel.
    pub m_axi_rdata: Signal<In, W<512, 8>>,
    /// Read data channel: 2 and 3 are errors.
    pub m_axi_rresp: Signal<In, U<2>>,
    /// Read data channel; not looked at: beats are counted.
    pub m_axi_rlast: Signal<In, Bit>,
    /// Read data channel.
    pub m_axi_rvalid: Signal<In, Bit>,
    /// Read data channel: always ready.
    pub m_axi_rready: Signal<Out, Bit>,

    /// A beat came back.
    pub r_enable: Signal<Out, Bit>,
    /// Whose.
    pub r_group: Signal<Out, U<4>>,
    /// The beat.
    pub r_data: Signal<Out, W<512, 8>>,
    /// It came with an error.
    pub r_bad: Signal<Out, Bit>,
    /// All beats that were asked for have come.
    pub quiet: Signal<Out, Bit>,

    group: DFF<U<2>>,
    ar_valid: DFF<Bit>,
    ar_group: DFF<U<2>>,
    ar_address: DFF<U<64>>,
    ar_length: DFF<U<7>>,
    coming: DFF<U<12>>,
    have: DFF<Bit>,
    from: DFF<U<4>>,
    beat: DFF<W<512, 8>>,
    bad: DFF<Bit>,
    takes: Signal<Local, Bit>,
    fewer: Signal<Local, Bit>,
    more_coming: Signal<Local, U<12>>,
}

impl Logic for Memory {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, group, ar_valid, ar_group, ar_address, ar_length, coming, have, from, beat, bad);
        self.chosen.next = self.group.q.val();
        self.m_axi_arid.next = bit_cast_u::<4, 2>(self.ar_group.q.val());
        self.m_axi_araddr.next = self.ar_address.q.val();
        self.m_axi_arlen.next = bit_cast_u::<8, 7>(self.ar_length.q.val());
        self.m_axi_arsize.next = 6.into();
        self.m_axi_arburst.next = 1.into();
        self.m_axi_arvalid.next = self.ar_valid.q.val();
        self.m_axi_rready.next = true;

        if self.m_axi_arready.val() {
            self.ar_valid.d.next = false;
        }
        self.takes.next =
            self.ask_valid.val() & !self.clear.val() & (!self.ar_valid.q.val() | self.m_axi_arready.val());
        self.take.next = self.takes.val();
        if self.takes.val() {
            self.ar_valid.d.next = true;
            self.ar_group.d.next = self.group.q.val();
            self.ar_address.d.next = self.ask_address.val();
            self.ar_length.d.next = self.ask_beats.val() - 1;
        }
        // A group that asks keeps its turn until it is served.
        if self.takes.val() | !self.ask_valid.val() {
            self.group.d.next = self.group.q.val() + 1;
            if self.group.q.val() == self.last_group.val() {
                self.group.d.next = 0.into();
            }
        }

        self.have.d.next = self.m_axi_rvalid.val() & !self.clear.val();
        self.from.d.next = self.m_axi_rid.val();
        self.beat.d.next = self.m_axi_rdata.val();
        self.bad.d.next = self.m_axi_rresp.val().get_bit(1);
        self.r_enable.next = self.have.q.val();
        self.r_group.next = self.from.q.val();
        self.r_data.next = self.beat.q.val();
        self.r_bad.next = self.bad.q.val();

        self.more_coming.next = self.coming.q.val();
        if self.takes.val() {
            self.more_coming.next = self.coming.q.val() + bit_cast_u::<12, 7>(self.ask_beats.val());
        }
        self.fewer.next = self.m_axi_rvalid.val() & (self.coming.q.val() != 0);
        self.coming.d.next = self.more_coming.val();
        if self.fewer.val() {
            self.coming.d.next = self.more_coming.val() - 1;
        }
        self.quiet.next = (self.coming.q.val() == 0) & !self.ar_valid.q.val();

        if self.reset.val() {
            self.group.d.next = 0.into();
            self.ar_valid.d.next = false;
            self.coming.d.next = 0.into();
            self.have.d.next = false;
        }
    }
}
