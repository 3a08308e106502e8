//! What is written next, up to eight bytes a cycle: token, literals and offset of a short sequence go in one.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Makes a job's chunk and its result out of steps. A step is some of: a token, up to eight bytes (literals, 255s or a
/// word of header and result, see [`super::words`]), up to four bytes behind them (offset, last byte of a length, a
/// block's length, constants). It stands for one cycle, while `room` is high in the cycle before.
#[derive(LogicBlock)]
pub struct Steps<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// There is room for steps behind this.
    pub room: Signal<In, Bit>,
    /// A job stands, until its result is written.
    pub job: Signal<In, Bit>,
    /// It was refused.
    pub refused: Signal<In, Bit>,
    /// It was given up; when its result is written.
    pub stalled: Signal<In, Bit>,
    /// It has no pixels.
    pub empty: Signal<In, Bit>,
    /// The job is done.
    pub job_done: Signal<Out, Bit>,
    /// All words of the steps so far are out of the queue.
    pub drained: Signal<In, Bit>,
    /// Upper bits of the result's cycles.
    pub cycles_high: Signal<In, U<8>>,
    /// Between jobs.
    pub fresh: Signal<Out, Bit>,
    /// A block stands.
    pub block: Signal<In, Bit>,
    /// A tail.
    pub raw: Signal<In, Bit>,
    /// The frame's last.
    pub is_final: Signal<In, Bit>,
    /// Bytes of its LZ4 data, or of a tail.
    pub bytes: Signal<In, U<16>>,
    /// The block's sequences are to be read.
    pub opens: Signal<Out, Bit>,
    /// The block is written.
    pub frees: Signal<Out, Bit>,
    /// A sequence stands.
    pub valid: Signal<In, Bit>,
    /// It is written.
    pub take: Signal<Out, Bit>,
    /// It is the last, without a match.
    pub none: Signal<In, Bit>,
    /// Its literals.
    pub literals: Signal<In, U<16>>,
    /// Where they stand in the block.
    pub place: Signal<In, U<16>>,
    /// Their length goes on behind the token.
    pub literals_long: Signal<In, Bit>,
    /// With so many bytes in all.
    pub literals_more: Signal<In, U<8>>,
    /// Of which this is the last, behind bytes of 255.
    pub literals_rest: Signal<In, U<8>>,
    /// The match's length goes on behind its offset.
    pub length_long: Signal<In, Bit>,
    /// With so many bytes in all.
    pub length_more: Signal<In, U<8>>,
    /// Of which this is the last, behind bytes of 255.
    pub length_rest: Signal<In, U<8>>,
    /// Its token.
    pub token: Signal<In, U<8>>,
    /// Its offset.
    pub offset: Signal<In, U<16>>,

    /// A step.
    pub step: Signal<Out, Bit>,
    /// Its token goes first.
    pub step_token: Signal<Out, Bit>,
    /// The token.
    pub step_token_byte: Signal<Out, U<8>>,
    /// The bytes: 0 literals, 1 all ones, 2 the word, 3 zeros.
    pub step_source: Signal<Out, U<2>>,
    /// Which word.
    pub step_word: Signal<Out, U<2>>,
    /// Where the literals stand.
    pub step_place: Signal<Out, U<16>>,
    /// They are a tail's.
    pub step_turn: Signal<Out, Bit>,
    /// How many bytes of these, and the token.
    pub step_head: Signal<Out, U<4>>,
    /// Bytes behind them, the first lowest.
    pub step_behind: Signal<Out, U<32>>,
    /// All bytes of the step.
    pub step_total: Signal<Out, U<4>>,
    /// The last word is filled up with zeros.
    pub step_flush: Signal<Out, Bit>,
    /// A word of the result.
    pub step_result: Signal<Out, Bit>,
    /// The result's last.
    pub step_last: Signal<Out, Bit>,

    full: Constant<U<32>>,
    // 0: no job, 1, 2: chunk header, 3: next block, 4: sequence, 5: its literals' length, 6: literals, 7: offset, 8: the
    // match's length, 9: the chunk's end, 10: until all is out, 11: result.
    state: DFF<U<4>>,
    // Bytes of a length that are left: bytes of 255 and a last one.
    ones: DFF<U<8>>,
    // Literals that are left, bit by bit the complement: so eight fewer are an addition, which takes no logic but carries.
    unleft: DFF<U<16>>,
    moved: DFF<Bit>,
    tail: DFF<Bit>,
    count: DFF<U<4>>,
    out: DFF<Bit>,
    out_token: DFF<Bit>,
    out_token_byte: DFF<U<8>>,
    out_source: DFF<U<2>>,
    out_word: DFF<U<2>>,
    out_place: DFF<U<16>>,
    out_head: DFF<U<4>>,
    out_behind: DFF<U<32>>,
    out_total: DFF<U<4>>,
    out_flush: DFF<Bit>,
    out_result: DFF<Bit>,
    out_last: DFF<Bit>,

    go: Signal<Local, Bit>,
    few: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    left: Signal<Local, U<4>>,
    bytes_left: Signal<Local, U<16>>,
    head: Signal<Local, U<4>>,
    behind: Signal<Local, U<4>>,
    match_head: Signal<Local, U<4>>,
    match_behind: Signal<Local, U<4>>,
    match_done: Signal<Local, Bit>,
    match_state: Signal<Local, U<4>>,
    done: Signal<Local, Bit>,
    no_match: Signal<Local, Bit>,
    short: Signal<Local, Bit>,
    run_ends: Signal<Local, Bit>,
    fewer: Signal<Local, U<3>>,
    ones_left: Signal<Local, U<4>>,
    ends_block: Signal<Local, Bit>,
}

impl<const BLOCK: usize> Default for Steps<BLOCK> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            room: Default::default(),
            job: Default::default(),
            refused: Default::default(),
            stalled: Default::default(),
            empty: Default::default(),
            job_done: Default::default(),
            drained: Default::default(),
            cycles_high: Default::default(),
            fresh: Default::default(),
            block: Default::default(),
            raw: Default::default(),
            is_final: Default::default(),
            bytes: Default::default(),
            opens: Default::default(),
            frees: Default::default(),
            valid: Default::default(),
            take: Default::default(),
            none: Default::default(),
            literals: Default::default(),
            place: Default::default(),
            literals_long: Default::default(),
            literals_more: Default::default(),
            literals_rest: Default::default(),
            length_long: Default::default(),
            length_more: Default::default(),
            length_rest: Default::default(),
            token: Default::default(),
            offset: Default::default(),
            step: Default::default(),
            step_token: Default::default(),
            step_token_byte: Default::default(),
            step_source: Default::default(),
            step_word: Default::default(),
            step_place: Default::default(),
            step_turn: Default::default(),
            step_head: Default::default(),
            step_behind: Default::default(),
            step_total: Default::default(),
            step_flush: Default::default(),
            step_result: Default::default(),
            step_last: Default::default(),
            full: Constant::new(U((1u32 << BLOCK).swap_bytes() as u64)),
            state: Default::default(),
            unleft: Default::default(),
            moved: Default::default(),
            ones: Default::default(),
            tail: Default::default(),
            count: Default::default(),
            out: Default::default(),
            out_token: Default::default(),
            out_token_byte: Default::default(),
            out_source: Default::default(),
            out_word: Default::default(),
            out_place: Default::default(),
            out_head: Default::default(),
            out_behind: Default::default(),
            out_total: Default::default(),
            out_flush: Default::default(),
            out_result: Default::default(),
            out_last: Default::default(),
            go: Default::default(),
            few: Default::default(),
            ends: Default::default(),
            left: Default::default(),
            bytes_left: Default::default(),
            head: Default::default(),
            behind: Default::default(),
            match_head: Default::default(),
            match_behind: Default::default(),
            match_done: Default::default(),
            match_state: Default::default(),
            done: Default::default(),
            no_match: Default::default(),
            short: Default::default(),
            run_ends: Default::default(),
            fewer: Default::default(),
            ones_left: Default::default(),
            ends_block: Default::default(),
        }
    }
}

impl<const BLOCK: usize> Logic for Steps<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, unleft, moved, ones, tail, count, out, out_token, out_token_byte, out_source);
        dff_setup!(self, clock, out_word, out_place, out_head, out_behind, out_total, out_flush, out_result, out_last);

        self.go.next = self.room.val();
        self.job_done.next = false;
        self.fresh.next = self.state.q.val() == 0;
        self.opens.next = false;
        self.frees.next = false;
        self.done.next = false;
        self.out.d.next = false;
        self.out_token.d.next = false;
        self.out_token_byte.d.next = self.token.val();
        self.out_source.d.next = 0.into();
        self.out_word.d.next = self.count.q.val().get_bits::<2>(0);
        self.head.next = 0.into();
        self.behind.next = 0.into();
        self.out_behind.d.next =
            bit_cast_u::<32, 16>(self.offset.val()) | (bit_cast_u::<32, 8>(self.length_rest.val()) << 16);
        self.out_flush.d.next = false;
        self.out_result.d.next = false;
        self.out_last.d.next = false;
        self.ends_block.next = false;

        self.few.next = !self.literals.val().get_bits::<13>(3).any();
        self.bytes_left.next = !self.unleft.q.val();
        self.left.next = bit_cast_u::<4, 16>(self.bytes_left.val());
        self.ends.next = self.unleft.q.val().get_bits::<13>(3).all() | (self.bytes_left.val() == 8);
        self.no_match.next = self.none.val() | self.tail.q.val();
        self.run_ends.next = !self.ones.q.val().get_bits::<5>(3).any() | (self.ones.q.val() == 8);
        self.fewer.next = self.ones.q.val().get_bits::<3>(0) - 1;
        self.ones_left.next = bit_cast_u::<4, 3>(self.fewer.val());

        // Behind the last literals of a sequence: the offset, if there is room, and the one byte of the match's length.
        self.match_head.next = self.left.val();
        if self.state.q.val() == 4 {
            self.match_head.next = bit_cast_u::<4, 3>(self.literals.val().get_bits::<3>(0)) + 1;
        }
        if self.state.q.val() == 7 {
            self.match_head.next = 0.into();
        }
        self.short.next = self.length_long.val() & (self.length_more.val() == 1);
        self.match_behind.next = 0.into();
        self.match_done.next = false;
        self.match_state.next = 7.into();
        if self.no_match.val() {
            self.match_done.next = true;
        } else if self.short.val() & (self.match_head.val() <= 5) {
            self.match_behind.next = 3.into();
            self.match_done.next = true;
        } else if self.match_head.val() <= 6 {
            self.match_behind.next = 2.into();
            self.match_done.next = !self.length_long.val();
            self.match_state.next = 8.into();
        }

        // A run of bytes of 255 goes on by eight; else the next one is made ready, that of literals before that of a match.
        self.ones.d.next = self.length_more.val();
        if (self.state.q.val() == 4) & self.literals_long.val() {
            self.ones.d.next = self.literals_more.val();
        }
        // A run of literals goes on by eight bytes.
        if !self.moved.q.val() {
            self.out_place.d.next = self.out_place.q.val();
        } else {
            self.out_place.d.next = self.out_place.q.val() + 8;
        }
        self.moved.d.next = false;

        match self.state.q.val().index() {
            0 => {
                self.count.d.next = 0.into();
                self.tail.d.next = false;
                if self.job.val() {
                    self.state.d.next = 1.into();
                    if self.refused.val() {
                        self.state.d.next = 10.into();
                    }
                }
            }
            1 => {
                // 4 bytes of 0 and the pixels' bytes.
                self.out_source.d.next = 2.into();
                self.out_word.d.next = 1.into();
                self.head.next = 8.into();
                self.out.d.next = self.go.val();
                if self.go.val() {
                    self.state.d.next = 2.into();
                }
            }
            2 => {
                self.out_behind.d.next = self.full.val();
                self.behind.next = 4.into();
                self.out.d.next = self.go.val();
                if self.go.val() {
                    self.state.d.next = 3.into();
                    if self.empty.val() {
                        self.state.d.next = 9.into();
                    }
                }
            }
            3 => {
                self.tail.d.next = self.raw.val();
                self.unleft.d.next = !self.bytes.val();
                self.out_place.d.next = 0.into();
                self.out_behind.d.next = (bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(8)) << 16)
                    | (bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(0)) << 24);
                self.behind.next = 4.into();
                if self.go.val() & self.block.val() {
                    self.state.d.next = 6.into();
                    if !self.raw.val() {
                        self.opens.next = true;
                        self.out.d.next = true;
                        self.state.d.next = 4.into();
                    }
                }
            }
            4 => {
                self.out_token.d.next = true;
                self.out_place.d.next = self.place.val();
                self.unleft.d.next = !self.literals.val();
                self.head.next = 1.into();
                self.out.d.next = self.go.val() & self.valid.val();
                if self.literals_long.val() {
                    self.out_behind.d.next = bit_cast_u::<32, 8>(self.literals_rest.val());
                    if self.literals_more.val() != 1 {
                        self.match_state.next = 5.into();
                    } else {
                        self.behind.next = 1.into();
                        self.match_state.next = 6.into();
                    }
                } else if self.few.val() {
                    self.head.next = self.match_head.val();
                    self.behind.next = self.match_behind.val();
                    self.done.next = self.go.val() & self.valid.val() & self.match_done.val();
                } else {
                    self.match_state.next = 6.into();
                }
                if self.go.val() & self.valid.val() {
                    self.state.d.next = self.match_state.val();
                }
            }
            5 => {
                self.out_source.d.next = 1.into();
                self.out_behind.d.next = bit_cast_u::<32, 8>(self.literals_rest.val());
                self.head.next = 8.into();
                self.ones.d.next = self.ones.q.val();
                self.out.d.next = self.go.val();
                if self.run_ends.val() {
                    self.head.next = self.ones_left.val();
                    self.behind.next = 1.into();
                    if self.go.val() {
                        self.state.d.next = 6.into();
                    }
                } else if self.go.val() {
                    self.ones.d.next = self.ones.q.val() - 8;
                }
            }
            6 => {
                self.head.next = 8.into();
                self.out.d.next = self.go.val();
                self.moved.d.next = self.moved.q.val();
                if !self.go.val() {
                    self.out_place.d.next = self.out_place.q.val();
                } else {
                    self.moved.d.next = true;
                    self.unleft.d.next = self.unleft.q.val() + 8;
                }
                if self.ends.val() {
                    self.head.next = self.left.val();
                    self.behind.next = self.match_behind.val();
                    self.done.next = self.go.val() & self.match_done.val();
                    if self.go.val() {
                        self.state.d.next = self.match_state.val();
                    }
                }
            }
            7 => {
                self.behind.next = self.match_behind.val();
                self.done.next = self.go.val() & self.match_done.val();
                self.out.d.next = self.go.val();
                if self.go.val() {
                    self.state.d.next = self.match_state.val();
                }
            }
            8 => {
                self.out_source.d.next = 1.into();
                self.out_behind.d.next = bit_cast_u::<32, 8>(self.length_rest.val());
                self.head.next = 8.into();
                self.ones.d.next = self.ones.q.val();
                self.out.d.next = self.go.val();
                if self.run_ends.val() {
                    self.head.next = self.ones_left.val();
                    self.behind.next = 1.into();
                    self.done.next = self.go.val();
                } else if self.go.val() {
                    self.ones.d.next = self.ones.q.val() - 8;
                }
            }
            9 => {
                self.out_flush.d.next = true;
                self.out_behind.d.next = 0.into();
                self.out.d.next = self.go.val();
                if self.go.val() {
                    self.state.d.next = 10.into();
                }
            }
            10 => {
                self.count.d.next = self.count.q.val() + 1;
                if !self.drained.val() {
                    self.count.d.next = 0.into();
                }
                if self.count.q.val().all() {
                    self.state.d.next = 11.into();
                }
            }
            _ => {
                // Magic and status, four words, two words of zeros and one that ends in a magic.
                self.out_result.d.next = true;
                self.out_last.d.next = self.count.q.val() == 8;
                self.out_source.d.next = 3.into();
                self.head.next = 8.into();
                self.out_behind.d.next = 0x4559_4244.into();
                if !self.count.q.val().get_bits::<3>(1).any() {
                    self.head.next = 0.into();
                    self.behind.next = 4.into();
                    self.out_behind.d.next = 0x4359_4244.into();
                    if self.count.q.val().get_bit(0) {
                        // Kind and version, and above them the status.
                        self.out_behind.d.next = 0x0201.into();
                        if self.refused.val() {
                            self.out_behind.d.next = 0x23_0201.into();
                        } else if self.stalled.val() {
                            self.out_behind.d.next = 0x24_0201.into();
                        }
                    }
                } else if (self.count.q.val().get_bits::<3>(1) == 1) | (self.count.q.val() == 4) {
                    self.out_source.d.next = 2.into();
                } else if self.count.q.val() == 5 {
                    self.out_source.d.next = 2.into();
                    self.head.next = 4.into();
                    self.behind.next = 4.into();
                    self.out_behind.d.next = bit_cast_u::<32, 8>(self.cycles_high.val());
                } else if self.count.q.val().get_bit(3) {
                    self.head.next = 4.into();
                    self.behind.next = 4.into();
                }
                self.out.d.next = self.go.val();
                if self.go.val() {
                    self.count.d.next = self.count.q.val() + 1;
                    if self.count.q.val() == 8 {
                        self.job_done.next = true;
                        self.state.d.next = 0.into();
                    }
                }
            }
        }
        self.take.next = self.done.val() & !self.tail.q.val();
        if self.done.val() {
            self.state.d.next = 4.into();
            self.ends_block.next = self.no_match.val();
        }
        if self.ends_block.val() {
            self.frees.next = true;
            self.state.d.next = 3.into();
            if self.is_final.val() {
                self.state.d.next = 9.into();
            }
        }
        self.out_head.d.next = self.head.val();
        self.out_total.d.next = self.head.val() + self.behind.val();

        self.step.next = self.out.q.val();
        self.step_token.next = self.out_token.q.val();
        self.step_token_byte.next = self.out_token_byte.q.val();
        self.step_source.next = self.out_source.q.val();
        self.step_word.next = self.out_word.q.val();
        self.step_place.next = self.out_place.q.val();
        self.step_turn.next = self.tail.q.val();
        self.step_head.next = self.out_head.q.val();
        self.step_behind.next = self.out_behind.q.val();
        self.step_total.next = self.out_total.q.val();
        self.step_flush.next = self.out_flush.q.val();
        self.step_result.next = self.out_result.q.val();
        self.step_last.next = self.out_last.q.val();

        if self.reset.val() {
            self.state.d.next = 0.into();
            self.out.d.next = false;
        }
    }
}
