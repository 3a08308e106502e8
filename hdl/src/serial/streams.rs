//! What goes into the lane and comes out of it: the words of requests, the operations of the table, the words of results.

use super::memory::TableMemory;
use crate::base::ram::BlockRam;
use crate::base::word::{U, W, bit_cast_u};
use rust_hdl::prelude::*;

/// Words for the lane: 1024 of them, told apart by how many went before. Gives a request's words only when it is enabled,
/// those of a request that has begun in any case.
#[derive(LogicBlock, Default)]
pub struct Intake {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it, and the counts begin anew.
    pub reset: Signal<In, Bit>,
    /// Requests may begin.
    pub enable: Signal<In, Bit>,
    /// A packet with words begins: one cycle.
    pub opens: Signal<In, Bit>,
    /// Words that went before it.
    pub place: Signal<In, U<32>>,
    /// Words of it.
    pub count: Signal<In, U<16>>,
    /// A word of it.
    pub word_valid: Signal<In, Bit>,
    /// The word.
    pub word_data: Signal<In, U<64>>,
    /// It was sound: one cycle. Its words are taken, if they were the next ones and there was room for them.
    pub commit: Signal<In, Bit>,
    /// Words taken since reset, as they are behind this cycle.
    pub taken: Signal<Out, U<32>>,
    /// Room, in words, behind this cycle.
    pub room: Signal<Out, U<11>>,
    /// Pulse: a request's first word went on.
    pub accepted: Signal<Out, Bit>,
    /// A word for the lane.
    pub m_axis_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_axis_tready: Signal<In, Bit>,
    /// First byte in bits 7..0.
    pub m_axis_tdata: Signal<Out, U<64>>,

    words: BlockRam<U<64>, 10>,
    count_taken: DFF<U<32>>,
    welcome: DFF<Bit>,
    write_at: DFF<U<32>>,
    read_at: DFF<U<11>>,
    have: DFF<Bit>,
    // Of the request that goes on: words of the header that have, words to come.
    headed: DFF<U<4>>,
    left: DFF<U<30>>,
    ahead: Signal<Local, U<32>>,
    used: Signal<Local, U<11>>,
    depth: Signal<Local, U<11>>,
    free: Signal<Local, U<11>>,
    free_wide: Signal<Local, U<16>>,
    bytes: Signal<Local, U<33>>,
    fresh: Signal<Local, Bit>,
    offers: Signal<Local, Bit>,
    goes: Signal<Local, Bit>,
    fetch: Signal<Local, Bit>,
}

impl Logic for Intake {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, count_taken, welcome, write_at, read_at, have, headed, left);
        self.words.clock.next = self.clock.val();

        // In.
        self.ahead.next = self.count_taken.q.val();
        if self.commit.val() & self.welcome.q.val() {
            self.ahead.next = self.write_at.q.val();
            self.welcome.d.next = false;
        }
        self.count_taken.d.next = self.ahead.val();
        self.taken.next = self.ahead.val();
        self.used.next = bit_cast_u::<11, 32>(self.ahead.val()) - self.read_at.q.val();
        self.depth.next = 1024.into();
        self.free.next = self.depth.val() - self.used.val();
        self.room.next = self.free.val();
        self.free_wide.next = bit_cast_u::<16, 11>(self.free.val());
        if self.opens.val() {
            self.welcome.d.next =
                (self.place.val() == self.count_taken.q.val()) & (self.count.val() <= self.free_wide.val());
            self.write_at.d.next = self.count_taken.q.val();
        }
        self.words.write_enable.next = self.word_valid.val() & self.welcome.q.val();
        self.words.write_address.next = bit_cast_u::<10, 32>(self.write_at.q.val());
        self.words.write_data.next = self.word_data.val();
        if self.word_valid.val() & self.welcome.q.val() {
            self.write_at.d.next = self.write_at.q.val() + 1;
        }

        // Out: the memory's register holds the next word.
        self.fresh.next = self.headed.q.val() == 0;
        self.offers.next = self.have.q.val() & (self.enable.val() | !self.fresh.val());
        self.m_axis_tvalid.next = self.offers.val();
        self.m_axis_tdata.next = self.words.read_data.val();
        self.goes.next = self.offers.val() & self.m_axis_tready.val();
        self.accepted.next = self.goes.val() & self.fresh.val();
        self.fetch.next = (self.goes.val() | !self.have.q.val()) & (self.used.val() != 0);
        self.words.read_enable.next = self.fetch.val();
        self.words.read_address.next = bit_cast_u::<10, 11>(self.read_at.q.val());
        if self.fetch.val() {
            self.read_at.d.next = self.read_at.q.val() + 1;
            self.have.d.next = true;
        } else if self.goes.val() {
            self.have.d.next = false;
        }

        // Where a request ends: its third word has the bytes of its chunk in the upper half.
        self.bytes.next = bit_cast_u::<33, 32>(self.words.read_data.val().get_bits::<32>(32)) + 7;
        if self.goes.val() {
            if !self.headed.q.val().get_bit(3) {
                self.headed.d.next = self.headed.q.val() + 1;
                if self.headed.q.val() == 2 {
                    self.left.d.next = self.bytes.val().get_bits::<30>(3);
                }
                if (self.headed.q.val() == 7) & (self.left.q.val() == 0) {
                    self.headed.d.next = 0.into();
                }
            } else {
                self.left.d.next = self.left.q.val() - 1;
                if self.left.q.val() == 1 {
                    self.headed.d.next = 0.into();
                }
            }
        }

        if self.reset.val() {
            self.count_taken.d.next = 0.into();
            self.welcome.d.next = false;
            self.read_at.d.next = 0.into();
            self.have.d.next = false;
            self.headed.d.next = 0.into();
        }
    }
}

/// Gives the table's operations in turn, from the first to the last, again and again: those that the registers named
/// when the reset ended.
#[derive(LogicBlock, Default)]
pub struct Operations<const A: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Address of the first, in bytes.
    pub first: Signal<In, U<32>>,
    /// Operations of the table.
    pub count: Signal<In, U<32>>,
    /// Writes at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Operation to write.
    pub write_address: Signal<In, U<A>>,
    /// What to write.
    pub write_data: Signal<In, W<128, 2>>,
    /// An operation for the lane.
    pub m_op_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_op_tready: Signal<In, Bit>,
    /// The operation.
    pub m_op_tdata: Signal<Out, W<128, 2>>,

    memory: TableMemory<A>,
    start: DFF<U<A>>,
    all: DFF<U<32>>,
    at: DFF<U<A>>,
    left: DFF<U<32>>,
    have: DFF<Bit>,
    fetch: Signal<Local, Bit>,
}

impl<const A: usize> Logic for Operations<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, start, all, at, left, have);
        self.memory.clock.next = self.clock.val();
        self.memory.write_enable.next = self.write_enable.val();
        self.memory.write_address.next = self.write_address.val();
        self.memory.write_data.next = self.write_data.val();
        self.m_op_tvalid.next = self.have.q.val();
        self.m_op_tdata.next = self.memory.read_data.val();
        self.fetch.next = (!self.have.q.val() | self.m_op_tready.val()) & self.left.q.val().any();
        self.memory.read_enable.next = self.fetch.val();
        self.memory.read_address.next = self.at.q.val();
        if self.fetch.val() {
            self.have.d.next = true;
            self.at.d.next = self.at.q.val() + 1;
            self.left.d.next = self.left.q.val() - 1;
            if self.left.q.val() == 1 {
                self.at.d.next = self.start.q.val();
                self.left.d.next = self.all.q.val();
            }
        }
        if self.reset.val() {
            self.start.d.next = self.first.val().get_bits::<A>(4);
            self.all.d.next = self.count.val();
            self.at.d.next = self.first.val().get_bits::<A>(4);
            self.left.d.next = self.count.val();
            self.have.d.next = false;
        }
    }
}

/// Words of results: 1024 of them, kept until the host says that it has them.
#[derive(LogicBlock, Default)]
pub struct Outlet {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it, and the counts begin anew.
    pub reset: Signal<In, Bit>,
    /// A word of the lane.
    pub s_axis_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_axis_tready: Signal<Out, Bit>,
    /// First byte in bits 7..0.
    pub s_axis_tdata: Signal<In, U<64>>,
    /// The host wants the words from this one on.
    pub place: Signal<In, U<32>>,
    /// No more than so many.
    pub count: Signal<In, U<16>>,
    /// They stand here, or are the next to come.
    pub known: Signal<Out, Bit>,
    /// As many as there are of them, 256 at most.
    pub words: Signal<Out, U<9>>,
    /// Frees all before the place, which must be known: one cycle.
    pub free: Signal<In, Bit>,
    /// Words stand here.
    pub busy: Signal<Out, Bit>,
    /// Reads a word at the next edge.
    pub read_enable: Signal<In, Bit>,
    /// Which.
    pub read_address: Signal<In, U<10>>,
    /// The word.
    pub read_data: Signal<Out, U<64>>,

    memory: BlockRam<U<64>, 10>,
    come: DFF<U<32>>,
    gone: DFF<U<32>>,
    held: Signal<Local, U<32>>,
    ahead: Signal<Local, U<32>>,
    rest: Signal<Local, U<32>>,
    wanted: Signal<Local, U<32>>,
    most: Signal<Local, U<32>>,
}

impl Logic for Outlet {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, come, gone);
        self.memory.clock.next = self.clock.val();
        self.memory.read_enable.next = self.read_enable.val();
        self.memory.read_address.next = self.read_address.val();
        self.read_data.next = self.memory.read_data.val();
        self.held.next = self.come.q.val() - self.gone.q.val();
        self.s_axis_tready.next = !self.held.val().get_bit(10);
        self.busy.next = self.held.val().any();
        self.memory.write_enable.next = self.s_axis_tvalid.val() & !self.held.val().get_bit(10);
        self.memory.write_address.next = bit_cast_u::<10, 32>(self.come.q.val());
        self.memory.write_data.next = self.s_axis_tdata.val();
        if self.s_axis_tvalid.val() & !self.held.val().get_bit(10) {
            self.come.d.next = self.come.q.val() + 1;
        }

        self.ahead.next = self.place.val() - self.gone.q.val();
        self.known.next = self.ahead.val() <= self.held.val();
        self.rest.next = self.held.val() - self.ahead.val();
        self.wanted.next = bit_cast_u::<32, 16>(self.count.val());
        self.most.next = 256.into();
        if self.wanted.val() < 256 {
            self.most.next = self.wanted.val();
        }
        self.words.next = bit_cast_u::<9, 32>(self.most.val());
        if self.rest.val() < self.most.val() {
            self.words.next = bit_cast_u::<9, 32>(self.rest.val());
        }
        if self.free.val() {
            self.gone.d.next = self.place.val();
        }
        if self.reset.val() {
            self.come.d.next = 0.into();
            self.gone.d.next = 0.into();
        }
    }
}
