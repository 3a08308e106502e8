//! Words of pixels to words of bit-planes: a delay-switch network, 64 bits a step, without a bubble.
//!
//! 64 elements of N = 8, 16 or 32 bits come as N words of 64 / N elements and leave as N words, one a plane. In the
//! c-th word, plane p of its element b stands at place b * N + p. Each bit k of p, which is bit k of the place, is
//! exchanged with bit k of c: then the word's number is the plane, and bit b * N + c is its element c * (64 / N) + b.
//! What is left are wires ([`super::planes`]).
//!
//! One exchange takes one delay of 2^k words: a word whose number has bit k clear goes into the delay whole; one with bit
//! k set leaves its low places (bit k of the place clear) to the word coming out and takes that one's high places into its
//! own low ones. Words with number 0 (gaps, raw words) pass as they are.

use crate::base::ram::LutRam;
use crate::base::word::U;
use rust_hdl::prelude::*;

/// The network. All of it moves in steps (`enable`); a word's tag (bits 4..0 its number in the group, bits 6..5 whatever
/// goes with it) comes out with the word of the same number, 34 steps later. The words of a group come in steps that
/// follow each other; gaps of any length may be between groups.
#[derive(LogicBlock, Default)]
pub struct Exchange {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// A step.
    pub enable: Signal<In, Bit>,
    /// Word of pixels.
    pub word: Signal<In, U<64>>,
    /// Its tag.
    pub tag: Signal<In, U<7>>,
    /// Word of a plane, its bits in the order of the network.
    pub result: Signal<Out, U<64>>,
    /// Its tag.
    pub result_tag: Signal<Out, U<7>>,
    turn: DFF<U<4>>,
    turn3: Signal<Local, U<3>>,
    turn2: Signal<Local, U<2>>,
    line4: LutRam<U<64>, 4>,
    tags4: LutRam<U<7>, 4>,
    second: DFF<U<64>>,
    second_tag: DFF<U<7>>,
    line3: LutRam<U<64>, 3>,
    tags3: LutRam<U<7>, 3>,
    third: DFF<U<64>>,
    third_tag: DFF<U<7>>,
    line2: LutRam<U<64>, 2>,
    tags2: LutRam<U<7>, 2>,
    fourth: DFF<U<64>>,
    fourth_tag: DFF<U<7>>,
    line1: DFF<U<64>>,
    line1_old: DFF<U<64>>,
    tags1: DFF<U<7>>,
    tags1_old: DFF<U<7>>,
    out1: Signal<Local, U<64>>,
    tag1: Signal<Local, U<7>>,
    line0: DFF<U<64>>,
    tags0: DFF<U<7>>,
    last: DFF<U<64>>,
    last_tag: DFF<U<7>>,
}

impl Logic for Exchange {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, turn, second, second_tag, third, third_tag, fourth, fourth_tag);
        dff_setup!(self, clock, line1, line1_old, tags1, tags1_old, line0, tags0, last, last_tag);
        clock!(self, clock, line4, tags4, line3, tags3, line2, tags2);
        // Long delays are LUT RAM: what is read was written as many steps before as there are words.
        self.turn3.next = self.turn.q.val().get_bits::<3>(0);
        self.turn2.next = self.turn.q.val().get_bits::<2>(0);
        self.line4.write_enable.next = self.enable.val();
        self.line4.write_address.next = self.turn.q.val();
        self.line4.read_address.next = self.turn.q.val();
        self.tags4.write_enable.next = self.enable.val();
        self.tags4.write_address.next = self.turn.q.val();
        self.tags4.read_address.next = self.turn.q.val();
        self.line3.write_enable.next = self.enable.val();
        self.line3.write_address.next = self.turn3.val();
        self.line3.read_address.next = self.turn3.val();
        self.tags3.write_enable.next = self.enable.val();
        self.tags3.write_address.next = self.turn3.val();
        self.tags3.read_address.next = self.turn3.val();
        self.line2.write_enable.next = self.enable.val();
        self.line2.write_address.next = self.turn2.val();
        self.line2.read_address.next = self.turn2.val();
        self.tags2.write_enable.next = self.enable.val();
        self.tags2.write_address.next = self.turn2.val();
        self.tags2.read_address.next = self.turn2.val();

        self.tags4.write_data.next = self.tag.val();
        self.line4.write_data.next = self.word.val();
        self.tags3.write_data.next = self.second_tag.q.val();
        self.line3.write_data.next = self.second.q.val();
        self.tags2.write_data.next = self.third_tag.q.val();
        self.line2.write_data.next = self.third.q.val();
        self.out1.next = self.line1_old.q.val();
        self.tag1.next = self.tags1_old.q.val();
        if self.enable.val() {
            self.turn.d.next = self.turn.q.val() + 1;
            self.second.d.next = self.line4.read_data.val();
            self.second_tag.d.next = self.tags4.read_data.val();
            self.third.d.next = self.line3.read_data.val();
            self.third_tag.d.next = self.tags3.read_data.val();
            self.fourth.d.next = self.line2.read_data.val();
            self.fourth_tag.d.next = self.tags2.read_data.val();
            self.line1.d.next = self.fourth.q.val();
            self.line1_old.d.next = self.line1.q.val();
            self.tags1.d.next = self.fourth_tag.q.val();
            self.tags1_old.d.next = self.tags1.q.val();
            self.last.d.next = self.line0.q.val();
            self.last_tag.d.next = self.tags0.q.val();
            self.tags0.d.next = self.tag1.val();
        }
        if self.tag.val().get_bit(4) {
            self.line4.write_data.next = ((self.line4.read_data.val() >> 16) & 0x0000_ffff_0000_ffffu64)
                | (self.word.val() & 0xffff_0000_ffff_0000u64);
            if self.enable.val() {
                self.second.d.next = (self.line4.read_data.val() & 0x0000_ffff_0000_ffffu64)
                    | ((self.word.val() & 0x0000_ffff_0000_ffffu64) << 16);
            }
        }
        if self.second_tag.q.val().get_bit(3) {
            self.line3.write_data.next = ((self.line3.read_data.val() >> 8) & 0x00ff_00ff_00ff_00ffu64)
                | (self.second.q.val() & 0xff00_ff00_ff00_ff00u64);
            if self.enable.val() {
                self.third.d.next = (self.line3.read_data.val() & 0x00ff_00ff_00ff_00ffu64)
                    | ((self.second.q.val() & 0x00ff_00ff_00ff_00ffu64) << 8);
            }
        }
        if self.third_tag.q.val().get_bit(2) {
            self.line2.write_data.next = ((self.line2.read_data.val() >> 4) & 0x0f0f_0f0f_0f0f_0f0fu64)
                | (self.third.q.val() & 0xf0f0_f0f0_f0f0_f0f0u64);
            if self.enable.val() {
                self.fourth.d.next = (self.line2.read_data.val() & 0x0f0f_0f0f_0f0f_0f0fu64)
                    | ((self.third.q.val() & 0x0f0f_0f0f_0f0f_0f0fu64) << 4);
            }
        }
        if self.fourth_tag.q.val().get_bit(1) {
            if self.enable.val() {
                self.line1.d.next = ((self.line1_old.q.val() >> 2) & 0x3333_3333_3333_3333u64)
                    | (self.fourth.q.val() & 0xcccc_cccc_cccc_ccccu64);
            }
            self.out1.next = (self.line1_old.q.val() & 0x3333_3333_3333_3333u64)
                | ((self.fourth.q.val() & 0x3333_3333_3333_3333u64) << 2);
        }
        if self.enable.val() {
            self.line0.d.next = self.out1.val();
            if self.tag1.val().get_bit(0) {
                self.line0.d.next = ((self.line0.q.val() >> 1) & 0x5555_5555_5555_5555u64)
                    | (self.out1.val() & 0xaaaa_aaaa_aaaa_aaaau64);
                self.last.d.next = (self.line0.q.val() & 0x5555_5555_5555_5555u64)
                    | ((self.out1.val() & 0x5555_5555_5555_5555u64) << 1);
            }
        }
        self.result.next = self.last.q.val();
        self.result_tag.next = self.last_tag.q.val();
    }
}
