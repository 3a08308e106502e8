//! Steps of up to eight bytes into the lanes of words.
//!
//! The bytes of a step go into the lanes that follow the last step's, around the word's end. Every lane has a memory of
//! its own and counts its bytes, so nothing has to tell which word a byte belongs to.

use super::lanes::Lanes;
use super::turn::Turn;
use crate::base::ram::LutRam;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// Puts the bytes of a step together and behind those of the steps before. A step a cycle; six cycles until its bytes
/// are in the queue, from which words go to `m_*`. Literals are read in the cycle before `even` and `odd` hold them.
#[derive(LogicBlock, Default)]
pub struct Merge {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A step.
    pub step: Signal<In, Bit>,
    /// A token goes first.
    pub token: Signal<In, Bit>,
    /// The token.
    pub token_byte: Signal<In, U<8>>,
    /// What goes next: 0 literals, 1 bytes of 255, 2 the word, 3 zeros.
    pub source: Signal<In, U<2>>,
    /// Where the literals stand, in two words.
    pub place: Signal<In, U<4>>,
    /// They are a tail's words, with their bits turned.
    pub turn: Signal<In, Bit>,
    /// Which word.
    pub which: Signal<In, U<2>>,
    /// How many bytes, the token's among them.
    pub head: Signal<In, U<4>>,
    /// Behind them some of these four bytes.
    pub behind: Signal<In, U<32>>,
    /// How many in all: at most 8.
    pub total: Signal<In, U<4>>,
    /// No bytes: what there is of a word is filled up with zeros.
    pub flush: Signal<In, Bit>,
    /// A word of the result.
    pub result: Signal<In, Bit>,
    /// The result's last.
    pub last: Signal<In, Bit>,
    /// Words out of the even bank, the cycle after the step.
    pub even: Signal<In, U<64>>,
    /// Words out of the odd bank, the cycle after the step.
    pub odd: Signal<In, U<64>>,
    /// Which word is wanted, four cycles after the step.
    pub word_which: Signal<Out, U<2>>,
    /// It, in the same cycle.
    pub word: Signal<In, U<64>>,
    /// There is room for more steps.
    pub room: Signal<Out, Bit>,
    /// No word is left in the queue.
    pub drained: Signal<Out, Bit>,
    /// A word stands.
    pub valid: Signal<Out, Bit>,
    /// It is taken.
    pub ready: Signal<In, Bit>,
    /// The word.
    pub data: Signal<Out, U<64>>,
    /// The result's last.
    pub data_last: Signal<Out, Bit>,
    /// The word has come to `data` at the last edge and is one of the chunk's.
    pub sums: Signal<Out, Bit>,

    phase: DFF<U<3>>,
    // A step on its way: its literals 1 read, 2 in a register, 3 chosen, 4 and 5 turned around, 6 in its lanes.
    step1: DFF<Bit>,
    step2: DFF<Bit>,
    step3: DFF<Bit>,
    step4: DFF<Bit>,
    step5: DFF<Bit>,
    // From bit 0: behind 32, token's byte 8, start 3, head 4, total 4, by 3, token, source 2, which 2, result, last, turn.
    parts1: DFF<U<62>>,
    parts2: DFF<U<62>>,
    parts3: DFF<U<62>>,
    parts4: DFF<U<62>>,
    odds1: DFF<U<8>>,
    odds2: DFF<U<8>>,
    even2: DFF<U<64>>,
    odd2: DFF<U<64>>,
    even_turn: Turn,
    odd_turn: Turn,
    chosen: [DFF<U<8>>; 8],
    around4: DFF<U<64>>,
    around5: DFF<U<64>>,
    head_lanes: Lanes,
    total_lanes: Lanes,
    heads5: DFF<U<8>>,
    totals5: DFF<U<8>>,
    tokens5: DFF<U<8>>,
    token_byte5: DFF<U<8>>,
    behind5: DFF<U<32>>,
    low5: DFF<U<32>>,
    high5: DFF<U<32>>,
    result5: DFF<Bit>,
    last5: DFF<Bit>,
    lanes6: DFF<U<8>>,
    bytes6: [DFF<U<8>>; 8],
    tags6: DFF<U<2>>,
    queues: [LutRam<U<8>, 5>; 8],
    tags: LutRam<U<2>, 5>,
    write_at: [DFF<U<5>>; 8],
    read_at: DFF<U<5>>,
    above: DFF<Bit>,
    out_valid: DFF<Bit>,
    out: DFF<U<64>>,
    out_last: DFF<Bit>,
    out_sums: DFF<Bit>,

    by: Signal<Local, U<3>>,
    missing: Signal<Local, U<3>>,
    count: Signal<Local, U<4>>,
    parts: Signal<Local, U<62>>,
    below: Signal<Local, U<3>>,
    odds: Signal<Local, U<8>>,
    even_lane: Signal<Local, U<8>>,
    odd_lane: Signal<Local, U<8>>,
    even_turned: Signal<Local, U<8>>,
    odd_turned: Signal<Local, U<8>>,
    one: Signal<Local, U<8>>,
    mine: Signal<Local, Bit>,
    joined: Signal<Local, U<64>>,
    tail: Signal<Local, U<2>>,
    tail_start: Signal<Local, U<2>>,
    source4: Signal<Local, U<2>>,
    source3: Signal<Local, U<2>>,
    tokens: Signal<Local, U<8>>,
    body: Signal<Local, U<64>>,
    behinds: Signal<Local, U<64>>,
    used: Signal<Local, U<5>>,
    moves: Signal<Local, Bit>,
    some: Signal<Local, Bit>,
    read: Signal<Local, U<64>>,
}

impl Logic for Merge {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, step1, step2, step3, step4, step5, parts1, parts2, parts3, parts4, odds1, odds2);
        dff_setup!(self, clock, even2, odd2, around4, around5, heads5, totals5, tokens5, token_byte5, behind5, low5);
        dff_setup!(self, clock, high5, result5, last5, lanes6, tags6, read_at, above, out_valid, out, out_last);
        dff_setup!(self, clock, out_sums);
        self.tags.clock.next = self.clock.val();

        // The lane of the step's first byte; by how many lanes its literals are away from theirs.
        self.missing.next = 0.into();
        self.missing.next = self.missing.val() - self.phase.q.val();
        self.count.next = self.total.val();
        if self.flush.val() {
            self.count.next = bit_cast_u::<4, 3>(self.missing.val());
        }
        self.below.next = self.place.val().get_bits::<3>(0);
        self.by.next = self.phase.q.val() + bit_cast_b::<3>(self.token.val()) - self.below.val();
        if self.step.val() {
            self.phase.d.next = self.phase.q.val() + self.count.val().get_bits::<3>(0);
        }
        self.parts.next = bit_cast_u::<62, 32>(self.behind.val())
            | (bit_cast_u::<62, 8>(self.token_byte.val()) << 32)
            | (bit_cast_u::<62, 3>(self.phase.q.val()) << 40)
            | (bit_cast_u::<62, 4>(self.head.val()) << 43)
            | (bit_cast_u::<62, 4>(self.count.val()) << 47)
            | (bit_cast_u::<62, 3>(self.by.val()) << 51)
            | (bit_cast_b::<62>(self.token.val()) << 54)
            | (bit_cast_u::<62, 2>(self.source.val()) << 55)
            | (bit_cast_u::<62, 2>(self.which.val()) << 57)
            | (bit_cast_b::<62>(self.result.val()) << 59)
            | (bit_cast_b::<62>(self.last.val()) << 60)
            | (bit_cast_b::<62>(self.turn.val()) << 61);
        self.step1.d.next = self.step.val();
        self.step2.d.next = self.step1.q.val();
        self.step3.d.next = self.step2.q.val();
        self.step4.d.next = self.step3.q.val();
        self.step5.d.next = self.step4.q.val();
        self.parts1.d.next = self.parts.val();
        self.parts2.d.next = self.parts1.q.val();
        self.parts3.d.next = self.parts2.q.val();
        self.parts4.d.next = self.parts3.q.val();

        // Literals: each lane out of the even or the odd word.
        self.odds.next = 0.into();
        for k in 0..8 {
            self.mine.next = self.place.val().get_bit(3);
            if self.below.val().index() > k {
                self.mine.next = !self.place.val().get_bit(3);
            }
            self.odds.next = (self.odds.val() >> 1) | (bit_cast_b::<8>(self.mine.val()) << 7);
        }
        self.odds1.d.next = self.odds.val();
        self.odds2.d.next = self.odds1.q.val();
        self.even2.d.next = self.even.val();
        self.odd2.d.next = self.odd.val();
        self.even_turn.word.next = self.even2.q.val();
        self.odd_turn.word.next = self.odd2.q.val();
        self.joined.next = 0.into();
        for k in 0..8 {
            self.even_lane.next = self.even2.q.val().get_bits::<8>(8 * k);
            self.odd_lane.next = self.odd2.q.val().get_bits::<8>(8 * k);
            self.even_turned.next = self.even_turn.turned.val().get_bits::<8>(8 * k);
            self.odd_turned.next = self.odd_turn.turned.val().get_bits::<8>(8 * k);
            self.chosen[k].clock.next = self.clock.val();
            self.chosen[k].d.next = self.even_lane.val();
            if self.parts2.q.val().get_bit(61) {
                self.chosen[k].d.next = self.even_turned.val();
                if self.odds2.q.val().get_bit(k) {
                    self.chosen[k].d.next = self.odd_turned.val();
                }
            } else if self.odds2.q.val().get_bit(k) {
                self.chosen[k].d.next = self.odd_lane.val();
            }
            self.one.next = self.chosen[k].q.val();
            self.joined.next = (self.joined.val() >> 8) | (bit_cast_u::<64, 8>(self.one.val()) << 56);
        }
        match self.parts3.q.val().get_bits::<2>(52).index() {
            0 => self.around4.d.next = self.joined.val(),
            1 => self.around4.d.next = (self.joined.val() << 16) | (self.joined.val() >> 48),
            2 => self.around4.d.next = (self.joined.val() << 32) | (self.joined.val() >> 32),
            _ => self.around4.d.next = (self.joined.val() << 48) | (self.joined.val() >> 16),
        }
        self.source3.next = self.parts3.q.val().get_bits::<2>(55);
        if self.source3.val().any() {
            self.around4.d.next = 0.into();
        }
        self.around5.d.next = self.around4.q.val();
        if self.parts4.q.val().get_bit(51) {
            self.around5.d.next = (self.around4.q.val() << 8) | (self.around4.q.val() >> 56);
        }
        self.source4.next = self.parts4.q.val().get_bits::<2>(55);
        if self.source4.val() == 1 {
            self.around5.d.next = 0xffff_ffff_ffff_ffffu64.into();
        }

        // What else the lanes may get. The low half of word 1 is the result's, the high half the chunk header's.
        self.word_which.next = self.parts4.q.val().get_bits::<2>(57);
        self.low5.d.next = self.word.val().get_bits::<32>(0);
        self.high5.d.next = self.word.val().get_bits::<32>(32);
        if self.source4.val() != 2 {
            self.low5.d.next = 0.into();
            self.high5.d.next = 0.into();
        }
        if !self.parts4.q.val().get_bit(59) {
            self.low5.d.next = 0.into();
        }
        self.token_byte5.d.next = self.parts4.q.val().get_bits::<8>(32);
        self.tail.next = self.parts4.q.val().get_bits::<2>(40);
        self.tail_start.next = self.tail.val() + self.parts4.q.val().get_bits::<2>(43);
        match self.tail_start.val().index() {
            0 => self.behind5.d.next = self.parts4.q.val().get_bits::<32>(0),
            1 => {
                self.behind5.d.next = (self.parts4.q.val().get_bits::<32>(0) << 8)
                    | bit_cast_u::<32, 8>(self.parts4.q.val().get_bits::<8>(24));
            }
            2 => {
                self.behind5.d.next = (self.parts4.q.val().get_bits::<32>(0) << 16)
                    | bit_cast_u::<32, 16>(self.parts4.q.val().get_bits::<16>(16));
            }
            _ => {
                self.behind5.d.next = (self.parts4.q.val().get_bits::<32>(0) << 24)
                    | bit_cast_u::<32, 24>(self.parts4.q.val().get_bits::<24>(8));
            }
        }

        // Lanes of the token, of it and what follows, of all.
        self.head_lanes.start.next = self.parts4.q.val().get_bits::<3>(40);
        self.head_lanes.bytes.next = self.parts4.q.val().get_bits::<3>(43);
        self.total_lanes.start.next = self.parts4.q.val().get_bits::<3>(40);
        self.total_lanes.bytes.next = self.parts4.q.val().get_bits::<3>(47);
        self.heads5.d.next = self.head_lanes.lanes.val();
        if self.parts4.q.val().get_bit(46) {
            self.heads5.d.next = 0xff.into();
        }
        self.totals5.d.next = self.total_lanes.lanes.val();
        if self.parts4.q.val().get_bit(50) {
            self.totals5.d.next = 0xff.into();
        }
        self.tokens.next = 0.into();
        for k in 0..8 {
            self.mine.next = false;
            if self.parts4.q.val().get_bits::<3>(40).index() == k {
                self.mine.next = self.parts4.q.val().get_bit(54);
            }
            self.tokens.next = (self.tokens.val() >> 1) | (bit_cast_b::<8>(self.mine.val()) << 7);
        }
        self.tokens5.d.next = self.tokens.val();
        self.result5.d.next = self.parts4.q.val().get_bit(59);
        self.last5.d.next = self.parts4.q.val().get_bit(60);
        self.body.next = self.around5.q.val()
            | bit_cast_u::<64, 32>(self.low5.q.val())
            | (bit_cast_u::<64, 32>(self.high5.q.val()) << 32);
        self.behinds.next =
            bit_cast_u::<64, 32>(self.behind5.q.val()) | (bit_cast_u::<64, 32>(self.behind5.q.val()) << 32);
        self.lanes6.d.next = 0.into();
        if self.step5.q.val() {
            self.lanes6.d.next = self.totals5.q.val();
        }
        self.tags6.d.next = bit_cast_b::<2>(self.last5.q.val()) | (bit_cast_b::<2>(self.result5.q.val()) << 1);
        self.read.next = 0.into();
        for k in 0..8 {
            self.bytes6[k].clock.next = self.clock.val();
            self.bytes6[k].d.next = self.behinds.val().get_bits::<8>(8 * k);
            if self.heads5.q.val().get_bit(k) {
                self.bytes6[k].d.next = self.body.val().get_bits::<8>(8 * k);
            }
            if self.tokens5.q.val().get_bit(k) {
                self.bytes6[k].d.next = self.token_byte5.q.val();
            }

            // The queue.
            self.write_at[k].clock.next = self.clock.val();
            self.write_at[k].d.next = self.write_at[k].q.val();
            self.queues[k].clock.next = self.clock.val();
            self.queues[k].write_enable.next = self.lanes6.q.val().get_bit(k);
            self.queues[k].write_address.next = self.write_at[k].q.val();
            self.queues[k].write_data.next = self.bytes6[k].q.val();
            self.queues[k].read_address.next = self.read_at.q.val();
            if self.lanes6.q.val().get_bit(k) {
                self.write_at[k].d.next = self.write_at[k].q.val() + 1;
            }
            if self.reset.val() {
                self.write_at[k].d.next = 0.into();
            }
            self.one.next = self.queues[k].read_data.val();
            self.read.next = (self.read.val() >> 8) | (bit_cast_u::<64, 8>(self.one.val()) << 56);
        }
        self.tags.write_enable.next = self.lanes6.q.val().get_bit(7);
        self.tags.write_address.next = self.write_at[7].q.val();
        self.tags.write_data.next = self.tags6.q.val();
        self.tags.read_address.next = self.read_at.q.val();

        // A word is whole when its last lane is.
        self.used.next = self.write_at[7].q.val() - self.read_at.q.val();
        self.some.next = self.write_at[7].q.val() != self.read_at.q.val();
        self.above.d.next = self.used.val().get_bit(4);
        self.moves.next = self.ready.val() | !self.out_valid.q.val();
        self.out_sums.d.next = self.moves.val() & self.some.val() & !self.tags.read_data.val().get_bit(1);
        if self.moves.val() {
            self.out.d.next = self.read.val();
            self.out_last.d.next = self.tags.read_data.val().get_bit(0);
            self.out_valid.d.next = self.some.val();
            if self.some.val() {
                self.read_at.d.next = self.read_at.q.val() + 1;
            }
        }
        self.room.next = !self.above.q.val();
        self.drained.next = !self.some.val();
        self.valid.next = self.out_valid.q.val();
        self.data.next = self.out.q.val();
        self.data_last.next = self.out_last.q.val();
        self.sums.next = self.out_sums.q.val();

        if self.reset.val() {
            self.phase.d.next = 0.into();
            self.step1.d.next = false;
            self.step2.d.next = false;
            self.step3.d.next = false;
            self.step4.d.next = false;
            self.step5.d.next = false;
            self.lanes6.d.next = 0.into();
            self.read_at.d.next = 0.into();
            self.out_valid.d.next = false;
            self.out_sums.d.next = false;
            // With a reset they are flip-flops: shift registers would be LUTs.
            self.parts1.d.next = 0.into();
            self.parts2.d.next = 0.into();
            self.parts3.d.next = 0.into();
            self.parts4.d.next = 0.into();
        }
    }
}
