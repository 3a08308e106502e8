//! What is written next, up to eight bytes a cycle: token, literals and offset of a short sequence go in one.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Makes a job's chunk and its result out of steps. A step is some of: a token, up to eight bytes (literals, 255s or a
/// word of headers and result, see [`super::words`]), up to three bytes behind them (offset, last byte of a length). It
/// stands for one cycle, while `room` is high in the cycle before.
#[derive(LogicBlock, Default)]
pub struct Steps {
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
    /// It has no pixels.
    pub empty: Signal<In, Bit>,
    /// The job is done.
    pub job_done: Signal<Out, Bit>,
    /// Between jobs.
    pub fresh: Signal<Out, Bit>,
    /// A block stands.
    pub block: Signal<In, Bit>,
    /// A tail.
    pub raw: Signal<In, Bit>,
    /// The frame's last.
    pub is_final: Signal<In, Bit>,
    /// Bytes of a tail.
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
    /// Bytes that extend the literals' length.
    pub literals_more: Signal<In, U<8>>,
    /// The last of them.
    pub literals_rest: Signal<In, U<8>>,
    /// Bytes that extend the match's length.
    pub length_more: Signal<In, U<8>>,
    /// The last of them.
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
    /// The bytes: 0 literals, 1 all ones, 2 the word.
    pub step_source: Signal<Out, U<2>>,
    /// Which word.
    pub step_word: Signal<Out, U<4>>,
    /// Where the literals stand.
    pub step_place: Signal<Out, U<16>>,
    /// How many bytes of these.
    pub step_bytes: Signal<Out, U<4>>,
    /// Bytes behind them, the first lowest.
    pub step_behind: Signal<Out, U<24>>,
    /// How many of these.
    pub step_behind_bytes: Signal<Out, U<2>>,
    /// All bytes of the step.
    pub step_total: Signal<Out, U<4>>,
    /// The last word is filled up with zeros.
    pub step_flush: Signal<Out, Bit>,
    /// A word of the result.
    pub step_result: Signal<Out, Bit>,
    /// The result's last.
    pub step_last: Signal<Out, Bit>,

    // 0: no job, 1, 2: chunk header, 3: next block, 4: sequence, 5: its literals' length, 6: literals, 7: offset, 8: the
    // match's length, 9: the chunk's end, 10: until all is out, 11: result.
    state: DFF<U<4>>,
    left: DFF<U<16>>,
    place_q: DFF<U<16>>,
    ones: DFF<U<8>>,
    tail: DFF<Bit>,
    count: DFF<U<4>>,
    out: DFF<Bit>,
    out_token: DFF<Bit>,
    out_token_byte: DFF<U<8>>,
    out_source: DFF<U<2>>,
    out_word: DFF<U<4>>,
    out_place: DFF<U<16>>,
    out_bytes: DFF<U<4>>,
    out_behind: DFF<U<24>>,
    out_behind_bytes: DFF<U<2>>,
    out_total: DFF<U<4>>,
    out_flush: DFF<Bit>,
    out_result: DFF<Bit>,
    out_last: DFF<Bit>,

    go: Signal<Local, Bit>,
    sequence_go: Signal<Local, Bit>,
    long: Signal<Local, Bit>,
    few: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    used: Signal<Local, U<4>>,
    tokens: Signal<Local, U<4>>,
    last_ones: Signal<Local, U<8>>,
    fits3: Signal<Local, Bit>,
    fits2: Signal<Local, Bit>,
    done: Signal<Local, Bit>,
    no_match: Signal<Local, Bit>,
    one_more: Signal<Local, Bit>,
    ends_block: Signal<Local, Bit>,
    now_bytes: Signal<Local, U<4>>,
    now_behind_bytes: Signal<Local, U<2>>,
}

impl Logic for Steps {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, left, place_q, ones, tail, count, out, out_token, out_token_byte, out_source);
        dff_setup!(self, clock, out_word, out_place, out_bytes, out_behind, out_behind_bytes, out_total, out_flush);
        dff_setup!(self, clock, out_result, out_last);

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
        self.out_word.d.next = self.count.q.val();
        self.out_place.d.next = self.place_q.q.val();
        self.now_bytes.next = 0.into();
        self.now_behind_bytes.next = 0.into();
        self.out_behind.d.next =
            bit_cast_u::<24, 16>(self.offset.val()) | (bit_cast_u::<24, 8>(self.length_rest.val()) << 16);
        self.out_flush.d.next = false;
        self.out_result.d.next = false;
        self.out_last.d.next = false;

        // The end of literals: the match's offset behind them, if there is room, and the one byte of its length.
        self.sequence_go.next = self.go.val() & self.valid.val();
        self.long.next = self.literals_more.val().any();
        self.few.next = !self.literals.val().get_bits::<13>(3).any();
        self.ends.next = !self.left.q.val().get_bits::<13>(3).any() | (self.left.q.val() == 8);
        self.used.next = bit_cast_u::<4, 16>(self.left.q.val());
        if self.state.q.val() == 4 {
            self.used.next = bit_cast_u::<4, 3>(self.literals.val().get_bits::<3>(0)) + 1;
        }
        if self.state.q.val() == 7 {
            self.used.next = 0.into();
        }
        self.fits3.next = self.used.val() <= 5;
        self.fits2.next = self.used.val() <= 6;
        self.no_match.next = self.none.val() | self.tail.q.val();
        self.one_more.next = self.length_more.val() == 1;
        self.last_ones.next = self.ones.q.val();
        self.tokens.next = 0.into();
        self.ends_block.next = false;

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
                self.out_source.d.next = 2.into();
                self.now_bytes.next = 8.into();
                if self.go.val() {
                    self.out.d.next = true;
                    self.count.d.next = 1.into();
                    self.state.d.next = 2.into();
                }
            }
            2 => {
                self.out_source.d.next = 2.into();
                self.now_bytes.next = 4.into();
                if self.go.val() {
                    self.out.d.next = true;
                    self.count.d.next = 2.into();
                    self.state.d.next = 3.into();
                    if self.empty.val() {
                        self.state.d.next = 9.into();
                    }
                }
            }
            3 => {
                self.tail.d.next = self.raw.val();
                self.left.d.next = self.bytes.val();
                self.place_q.d.next = 0.into();
                self.out_source.d.next = 2.into();
                self.now_bytes.next = 4.into();
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
                self.tokens.next = 1.into();
                self.left.d.next = self.literals.val();
                self.place_q.d.next = self.place.val();
                self.ones.d.next = self.literals_more.val() - 1;
                if self.long.val() {
                    self.out_source.d.next = 1.into();
                    self.last_ones.next = self.literals_more.val() - 1;
                    if self.last_ones.val() <= 6 {
                        self.now_bytes.next = bit_cast_u::<4, 8>(self.last_ones.val());
                        self.now_behind_bytes.next = 1.into();
                        self.out_behind.d.next = bit_cast_u::<24, 8>(self.literals_rest.val());
                        if self.sequence_go.val() {
                            self.state.d.next = 6.into();
                        }
                    } else {
                        self.now_bytes.next = 7.into();
                        self.ones.d.next = self.last_ones.val() - 7;
                        if self.sequence_go.val() {
                            self.state.d.next = 5.into();
                        }
                    }
                } else if self.few.val() {
                    self.now_bytes.next = bit_cast_u::<4, 16>(self.literals.val());
                    self.ones.d.next = self.length_more.val() - 1;
                    if !self.none.val() {
                        if self.fits3.val() & self.one_more.val() {
                            self.now_behind_bytes.next = 3.into();
                            self.done.next = self.sequence_go.val();
                        } else if self.fits2.val() {
                            self.now_behind_bytes.next = 2.into();
                            self.done.next = self.sequence_go.val() & !self.length_more.val().any();
                            if self.sequence_go.val() & self.length_more.val().any() {
                                self.state.d.next = 8.into();
                            }
                        } else if self.sequence_go.val() {
                            self.state.d.next = 7.into();
                        }
                    } else {
                        self.done.next = self.sequence_go.val();
                    }
                } else {
                    self.now_bytes.next = 7.into();
                    self.left.d.next = self.literals.val() - 7;
                    self.place_q.d.next = self.place.val() + 7;
                    if self.sequence_go.val() {
                        self.state.d.next = 6.into();
                    }
                }
                self.out.d.next = self.sequence_go.val();
            }
            5 => {
                self.out_source.d.next = 1.into();
                if self.ones.q.val() <= 7 {
                    self.now_bytes.next = bit_cast_u::<4, 8>(self.ones.q.val());
                    self.now_behind_bytes.next = 1.into();
                    self.out_behind.d.next = bit_cast_u::<24, 8>(self.literals_rest.val());
                    if self.go.val() {
                        self.state.d.next = 6.into();
                    }
                } else {
                    self.now_bytes.next = 8.into();
                    if self.go.val() {
                        self.ones.d.next = self.ones.q.val() - 8;
                    }
                }
                self.out.d.next = self.go.val();
            }
            6 => {
                self.now_bytes.next = 8.into();
                if self.ends.val() {
                    self.now_bytes.next = bit_cast_u::<4, 16>(self.left.q.val());
                    self.ones.d.next = self.length_more.val() - 1;
                    if self.no_match.val() {
                        self.done.next = self.go.val();
                    } else if self.fits3.val() & self.one_more.val() {
                        self.now_behind_bytes.next = 3.into();
                        self.done.next = self.go.val();
                    } else if self.fits2.val() {
                        self.now_behind_bytes.next = 2.into();
                        self.done.next = self.go.val() & !self.length_more.val().any();
                        if self.go.val() & self.length_more.val().any() {
                            self.state.d.next = 8.into();
                        }
                    } else if self.go.val() {
                        self.state.d.next = 7.into();
                    }
                }
                if self.go.val() {
                    self.left.d.next = self.left.q.val() - 8;
                    self.place_q.d.next = self.place_q.q.val() + 8;
                }
                self.out.d.next = self.go.val();
            }
            7 => {
                self.ones.d.next = self.length_more.val() - 1;
                self.now_behind_bytes.next = 2.into();
                if self.one_more.val() {
                    self.now_behind_bytes.next = 3.into();
                }
                self.done.next = self.go.val() & (self.one_more.val() | !self.length_more.val().any());
                if self.go.val() & self.length_more.val().any() & !self.one_more.val() {
                    self.state.d.next = 8.into();
                }
                self.out.d.next = self.go.val();
            }
            8 => {
                self.out_source.d.next = 1.into();
                self.out_behind.d.next = bit_cast_u::<24, 8>(self.length_rest.val());
                if self.ones.q.val() <= 7 {
                    self.now_bytes.next = bit_cast_u::<4, 8>(self.ones.q.val());
                    self.now_behind_bytes.next = 1.into();
                    self.done.next = self.go.val();
                } else {
                    self.now_bytes.next = 8.into();
                    if self.go.val() {
                        self.ones.d.next = self.ones.q.val() - 8;
                    }
                }
                self.out.d.next = self.go.val();
            }
            9 => {
                self.out_flush.d.next = true;
                self.count.d.next = 0.into();
                if self.go.val() {
                    self.out.d.next = true;
                    self.state.d.next = 10.into();
                }
            }
            10 => {
                self.count.d.next = self.count.q.val() + 1;
                if self.count.q.val().all() {
                    self.count.d.next = 8.into();
                    self.state.d.next = 11.into();
                }
            }
            _ => {
                self.out_source.d.next = 2.into();
                self.out_result.d.next = true;
                self.out_last.d.next = self.count.q.val().all();
                self.now_bytes.next = 8.into();
                if self.go.val() {
                    self.out.d.next = true;
                    self.count.d.next = self.count.q.val() + 1;
                    if self.count.q.val().all() {
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
        self.out_bytes.d.next = self.now_bytes.val();
        self.out_behind_bytes.d.next = self.now_behind_bytes.val();
        self.out_total.d.next =
            self.tokens.val() + self.now_bytes.val() + bit_cast_u::<4, 2>(self.now_behind_bytes.val());

        self.step.next = self.out.q.val();
        self.step_token.next = self.out_token.q.val();
        self.step_token_byte.next = self.out_token_byte.q.val();
        self.step_source.next = self.out_source.q.val();
        self.step_word.next = self.out_word.q.val();
        self.step_place.next = self.out_place.q.val();
        self.step_bytes.next = self.out_bytes.q.val();
        self.step_behind.next = self.out_behind.q.val();
        self.step_behind_bytes.next = self.out_behind_bytes.q.val();
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
