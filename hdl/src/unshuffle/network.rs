//! The delay-switch network: bit-planes in, elements out, 64 bits a step, without a bubble.
//!
//! 64 elements of N = 8, 16 or 32 bits come as N words, one a plane; they leave as N words of 64 / N elements. Say the
//! place of a bit in a word is p = c * (64 / N) + b: element b of the c-th word to leave. First the bits of the place
//! are rotated so that c stands lowest: q = b * N + c; these are wires. Then each bit k of c is exchanged with bit k of
//! the word's number (the plane), and q = b * N + plane is the bit's place in an element. One exchange takes one delay
//! of 2^k words: a word whose number has bit k clear goes into the delay whole; a word with bit k set ("cross") leaves
//! its low places (bit k of q clear) to the word coming out and takes that one's high places into its own low ones.
//! Narrow elements have small numbers and go straight through the stages that they do not need: the latency is the
//! same for all, and groups of any size follow each other without a gap.

use super::delay::Delay;
use crate::base::ram::LutRam;
use crate::base::word::U;
use rust_hdl::prelude::*;

/// The network. All of it moves in steps (`enable`); a word's tag (bits 4..0 its number in the group of N, 0 for words
/// that fill a gap; bits 6..5 whatever goes with the word) comes out with the word of the same number, 35 steps later.
/// The words of a group come in steps that follow each other; gaps between groups may have any length.
#[derive(LogicBlock, Default)]
pub struct Network {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Clears what stands in the short delays.
    pub reset: Signal<In, Bit>,
    /// A step.
    pub enable: Signal<In, Bit>,
    /// Log2 of the bytes of `word`'s elements: 0, 1 or 2. 3: `word`, with number 0, comes out as it is.
    pub esize: Signal<In, U<2>>,
    /// Plane word.
    pub word: Signal<In, U<64>>,
    /// Its tag.
    pub tag: Signal<In, U<7>>,
    /// Elements.
    pub result: Signal<Out, U<64>>,
    /// Their tag.
    pub result_tag: Signal<Out, U<7>>,
    u32_0: Signal<Local, U<64>>,
    u32_1: Signal<Local, U<64>>,
    u32_2: Signal<Local, U<64>>,
    u32_3: Signal<Local, U<64>>,
    u32_4: Signal<Local, U<64>>,
    u16_0: Signal<Local, U<64>>,
    u16_1: Signal<Local, U<64>>,
    u16_2: Signal<Local, U<64>>,
    u16_3: Signal<Local, U<64>>,
    u8_0: Signal<Local, U<64>>,
    u8_1: Signal<Local, U<64>>,
    u8_2: Signal<Local, U<64>>,
    turn: DFF<U<4>>,
    turn4: Signal<Local, U<4>>,
    turn3: Signal<Local, U<3>>,
    turn2: Signal<Local, U<2>>,
    first: DFF<U<64>>,
    first_tag: DFF<U<7>>,
    second: DFF<U<64>>,
    second_tag: DFF<U<7>>,
    third: DFF<U<64>>,
    third_tag: DFF<U<7>>,
    last: DFF<U<64>>,
    last_tag: DFF<U<7>>,
    line4: LutRam<U<64>, 4>,
    tags4: Delay<U<7>, 16>,
    out4: Signal<Local, U<64>>,
    tag4: Signal<Local, U<7>>,
    line3: LutRam<U<64>, 3>,
    tags3: Delay<U<7>, 8>,
    out3: Signal<Local, U<64>>,
    tag3: Signal<Local, U<7>>,
    line2: LutRam<U<64>, 2>,
    tags2: Delay<U<7>, 4>,
    out2: Signal<Local, U<64>>,
    tag2: Signal<Local, U<7>>,
    line1: DFF<U<64>>,
    line1_old: DFF<U<64>>,
    tags1: Delay<U<7>, 2>,
    into1: Signal<Local, U<64>>,
    out1: Signal<Local, U<64>>,
    tag1: Signal<Local, U<7>>,
    line0: DFF<U<64>>,
    tags0: Delay<U<7>, 1>,
    into0: Signal<Local, U<64>>,
    out0: Signal<Local, U<64>>,
    tag0: Signal<Local, U<7>>,
}

impl Logic for Network {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, turn, first, first_tag, second, second_tag, third, third_tag, last, last_tag);
        dff_setup!(self, clock, line1, line1_old, line0);
        // The long delays are LUT RAM: what is read was written as many steps before as there are words.
        if self.enable.val() {
            self.turn.d.next = self.turn.q.val() + 1;
        }
        self.turn4.next = self.turn.q.val();
        self.turn3.next = self.turn.q.val().get_bits::<3>(0);
        self.turn2.next = self.turn.q.val().get_bits::<2>(0);
        self.line4.clock.next = self.clock.val();
        self.tags4.clock.next = self.clock.val();
        self.line4.write_enable.next = self.enable.val();
        self.line4.write_address.next = self.turn4.val();
        self.line4.read_address.next = self.turn4.val();
        self.tags4.enable.next = self.enable.val();
        self.line3.clock.next = self.clock.val();
        self.tags3.clock.next = self.clock.val();
        self.line3.write_enable.next = self.enable.val();
        self.line3.write_address.next = self.turn3.val();
        self.line3.read_address.next = self.turn3.val();
        self.tags3.enable.next = self.enable.val();
        self.line2.clock.next = self.clock.val();
        self.tags2.clock.next = self.clock.val();
        self.line2.write_enable.next = self.enable.val();
        self.line2.write_address.next = self.turn2.val();
        self.line2.read_address.next = self.turn2.val();
        self.tags2.enable.next = self.enable.val();
        self.tags1.clock.next = self.clock.val();
        self.tags1.enable.next = self.enable.val();
        self.tags0.clock.next = self.clock.val();
        self.tags0.enable.next = self.enable.val();

        // Rotations of the place's six bits, by 1, 2 and 3, out of exchanges of two of them.
        self.u32_0.next = (self.word.val() & 0x9999_9999_9999_9999u64)
            | ((self.word.val() & 0x2222_2222_2222_2222u64) << 1)
            | ((self.word.val() >> 1) & 0x2222_2222_2222_2222u64);
        self.u32_1.next = (self.u32_0.val() & 0xc3c3_c3c3_c3c3_c3c3u64)
            | ((self.u32_0.val() & 0x0c0c_0c0c_0c0c_0c0cu64) << 2)
            | ((self.u32_0.val() >> 2) & 0x0c0c_0c0c_0c0c_0c0cu64);
        self.u32_2.next = (self.u32_1.val() & 0xf00f_f00f_f00f_f00fu64)
            | ((self.u32_1.val() & 0x00f0_00f0_00f0_00f0u64) << 4)
            | ((self.u32_1.val() >> 4) & 0x00f0_00f0_00f0_00f0u64);
        self.u32_3.next = (self.u32_2.val() & 0xff00_00ff_ff00_00ffu64)
            | ((self.u32_2.val() & 0x0000_ff00_0000_ff00u64) << 8)
            | ((self.u32_2.val() >> 8) & 0x0000_ff00_0000_ff00u64);
        self.u32_4.next = (self.u32_3.val() & 0xffff_0000_0000_ffffu64)
            | ((self.u32_3.val() & 0x0000_0000_ffff_0000u64) << 16)
            | ((self.u32_3.val() >> 16) & 0x0000_0000_ffff_0000u64);
        self.u16_0.next = (self.word.val() & 0xa5a5_a5a5_a5a5_a5a5u64)
            | ((self.word.val() & 0x0a0a_0a0a_0a0a_0a0au64) << 3)
            | ((self.word.val() >> 3) & 0x0a0a_0a0a_0a0a_0a0au64);
        self.u16_1.next = (self.u16_0.val() & 0xf0f0_0f0f_f0f0_0f0fu64)
            | ((self.u16_0.val() & 0x0000_f0f0_0000_f0f0u64) << 12)
            | ((self.u16_0.val() >> 12) & 0x0000_f0f0_0000_f0f0u64);
        self.u16_2.next = (self.u16_1.val() & 0xcc33_cc33_cc33_cc33u64)
            | ((self.u16_1.val() & 0x00cc_00cc_00cc_00ccu64) << 6)
            | ((self.u16_1.val() >> 6) & 0x00cc_00cc_00cc_00ccu64);
        self.u16_3.next = (self.u16_2.val() & 0xff00_ff00_00ff_00ffu64)
            | ((self.u16_2.val() & 0x0000_0000_ff00_ff00u64) << 24)
            | ((self.u16_2.val() >> 24) & 0x0000_0000_ff00_ff00u64);
        self.u8_0.next = (self.word.val() & 0xaa55_aa55_aa55_aa55u64)
            | ((self.word.val() & 0x00aa_00aa_00aa_00aau64) << 7)
            | ((self.word.val() >> 7) & 0x00aa_00aa_00aa_00aau64);
        self.u8_1.next = (self.u8_0.val() & 0xcccc_3333_cccc_3333u64)
            | ((self.u8_0.val() & 0x0000_cccc_0000_ccccu64) << 14)
            | ((self.u8_0.val() >> 14) & 0x0000_cccc_0000_ccccu64);
        self.u8_2.next = (self.u8_1.val() & 0xf0f0_f0f0_0f0f_0f0fu64)
            | ((self.u8_1.val() & 0x0000_0000_f0f0_f0f0u64) << 28)
            | ((self.u8_1.val() >> 28) & 0x0000_0000_f0f0_f0f0u64);
        if self.enable.val() {
            self.first_tag.d.next = self.tag.val();
            match self.esize.val().index() {
                0 => self.first.d.next = self.u8_2.val(),
                1 => self.first.d.next = self.u16_3.val(),
                2 => self.first.d.next = self.u32_4.val(),
                _ => self.first.d.next = self.word.val(),
            }
        }

        self.line4.write_data.next = self.first.q.val();
        self.out4.next = self.line4.read_data.val();
        if self.first_tag.q.val().get_bit(4) {
            self.line4.write_data.next = ((self.line4.read_data.val() >> 16) & 0x0000_ffff_0000_ffffu64)
                | (self.first.q.val() & 0xffff_0000_ffff_0000u64);
            self.out4.next = (self.line4.read_data.val() & 0x0000_ffff_0000_ffffu64)
                | ((self.first.q.val() & 0x0000_ffff_0000_ffffu64) << 16);
        }
        self.tags4.d.next = self.first_tag.q.val();
        self.tag4.next = self.tags4.q.val();
        if self.enable.val() {
            self.second.d.next = self.out4.val();
            self.second_tag.d.next = self.tag4.val();
        }
        self.line3.write_data.next = self.second.q.val();
        self.out3.next = self.line3.read_data.val();
        if self.second_tag.q.val().get_bit(3) {
            self.line3.write_data.next = ((self.line3.read_data.val() >> 8) & 0x00ff_00ff_00ff_00ffu64)
                | (self.second.q.val() & 0xff00_ff00_ff00_ff00u64);
            self.out3.next = (self.line3.read_data.val() & 0x00ff_00ff_00ff_00ffu64)
                | ((self.second.q.val() & 0x00ff_00ff_00ff_00ffu64) << 8);
        }
        self.tags3.d.next = self.second_tag.q.val();
        self.tag3.next = self.tags3.q.val();
        self.line2.write_data.next = self.out3.val();
        self.out2.next = self.line2.read_data.val();
        if self.tag3.val().get_bit(2) {
            self.line2.write_data.next = ((self.line2.read_data.val() >> 4) & 0x0f0f_0f0f_0f0f_0f0fu64)
                | (self.out3.val() & 0xf0f0_f0f0_f0f0_f0f0u64);
            self.out2.next = (self.line2.read_data.val() & 0x0f0f_0f0f_0f0f_0f0fu64)
                | ((self.out3.val() & 0x0f0f_0f0f_0f0f_0f0fu64) << 4);
        }
        self.tags2.d.next = self.tag3.val();
        self.tag2.next = self.tags2.q.val();
        if self.enable.val() {
            self.third.d.next = self.out2.val();
            self.third_tag.d.next = self.tag2.val();
        }
        self.into1.next = self.third.q.val();
        self.out1.next = self.line1_old.q.val();
        if self.third_tag.q.val().get_bit(1) {
            self.into1.next = ((self.line1_old.q.val() >> 2) & 0x3333_3333_3333_3333u64)
                | (self.third.q.val() & 0xcccc_cccc_cccc_ccccu64);
            self.out1.next = (self.line1_old.q.val() & 0x3333_3333_3333_3333u64)
                | ((self.third.q.val() & 0x3333_3333_3333_3333u64) << 2);
        }
        self.tags1.d.next = self.third_tag.q.val();
        self.tag1.next = self.tags1.q.val();
        self.into0.next = self.out1.val();
        self.out0.next = self.line0.q.val();
        if self.tag1.val().get_bit(0) {
            self.into0.next =
                ((self.line0.q.val() >> 1) & 0x5555_5555_5555_5555u64) | (self.out1.val() & 0xaaaa_aaaa_aaaa_aaaau64);
            self.out0.next =
                (self.line0.q.val() & 0x5555_5555_5555_5555u64) | ((self.out1.val() & 0x5555_5555_5555_5555u64) << 1);
        }
        self.tags0.d.next = self.tag1.val();
        self.tag0.next = self.tags0.q.val();
        if self.enable.val() {
            self.last.d.next = self.out0.val();
            self.last_tag.d.next = self.tag0.val();
        }
        // Two registers a bit are less than a shift register: the reset keeps tools from making one.
        if self.enable.val() {
            self.line1.d.next = self.into1.val();
            self.line1_old.d.next = self.line1.q.val();
            self.line0.d.next = self.into0.val();
        }
        if self.reset.val() {
            self.line1.d.next = 0.into();
            self.line1_old.d.next = 0.into();
            self.line0.d.next = 0.into();
        }
        self.result.next = self.last.q.val();
        self.result_tag.next = self.last_tag.q.val();
    }
}
