//! The walk over a frame: request, chunk header, block after block, tail, end; and every way in which it can be wrong.

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::splitter::header::SizeCheck;
use crate::splitter::watchdog::Watchdog;
use rust_hdl::prelude::*;

/// Where in a frame the walk is.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum State {
    /// Header words are taken.
    Head,
    /// The last of them is looked at.
    Request,
    /// Job out; refused or begun.
    Judge,
    /// Is there a chunk header at all?
    Prime,
    /// Waits for its first word.
    Stated,
    /// The stated bytes are compared.
    Compare,
    /// Takes the block size.
    BlockSize,
    /// Block size sound?
    Verdict,
    /// Blocks too large?
    Settle,
    /// Takes a block's length, or goes on to the tail.
    Length,
    /// Is there that much?
    Check,
    /// Takes data.
    Data,
    /// Is there a tail, and nothing behind it that should not be?
    Tail,
    /// Ends a block that is given up.
    Close,
    /// Sends the end of the frame.
    End,
    /// Drops what is left of the chunk.
    Drain,
}

/// The walk. Between two blocks it loses two cycles; within a block none.
#[derive(LogicBlock, Default)]
pub struct Framing {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// An input word is there.
    pub word_valid: Signal<In, Bit>,
    /// It is taken as a header word.
    pub head_ready: Signal<Out, Bit>,
    /// Which header word.
    pub head_index: Signal<Out, U<3>>,
    /// What the request says: 0 or a refusal.
    pub request_status: Signal<In, U<8>>,
    /// What is behind the chunk's end is passed over.
    pub padded: Signal<In, Bit>,
    /// Bytes of the chunk.
    pub chunk_bytes: Signal<In, U<32>>,
    /// Log2 of a pixel's bytes.
    pub esize: Signal<In, U<2>>,
    /// Pixels of the table.
    pub table_pixels: Signal<In, U<26>>,
    /// Bytes of the largest block that fits.
    pub largest: Signal<In, U<18>>,
    /// Cycles without input until the frame is given up; 0: never.
    pub watchdog: Signal<In, U<32>>,
    /// Window: start.
    pub window_start: Signal<Out, Bit>,
    /// Window: bytes go.
    pub window_fire: Signal<Out, Bit>,
    /// Window: so many.
    pub window_take: Signal<Out, U<4>>,
    /// Window: drop all.
    pub window_drain: Signal<Out, Bit>,
    /// Window: full.
    pub window_full: Signal<In, Bit>,
    /// Window: next bytes.
    pub window_aligned: Signal<In, U<64>>,
    /// Window: older word.
    pub window_first: Signal<In, U<64>>,
    /// Window: words to come.
    pub window_more: Signal<In, Bit>,
    /// Window: wants a word that is not there.
    pub window_waiting: Signal<In, Bit>,
    /// A job stands.
    pub job_valid: Signal<Out, Bit>,
    /// It is taken.
    pub job_ready: Signal<In, Bit>,
    /// The queue has room.
    pub room: Signal<In, Bit>,
    /// A beat for the queue.
    pub push: Signal<Out, Bit>,
    /// Its data.
    pub push_data: Signal<Out, U<64>>,
    /// What goes with it: bytes (4), last (1), kind (2), block's bytes (17), log2 of a pixel's bytes (2), status (8).
    pub push_side: Signal<Out, U<34>>,
    /// Inside a frame and without input.
    pub starved: Signal<Out, Bit>,
    sizes: SizeCheck,
    watch: Watchdog,
    state: DFF<State>,
    index: DFF<U<3>>,
    job: DFF<Bit>,
    status: DFF<U<8>>,
    tail_kind: DFF<Bit>,
    // Bytes of the chunk that are left, less those of the field or block that comes next: negative if it is cut off.
    rest: DFF<U<33>>,
    // Bytes of the frame's blocks that are still to be made; the same less a block; whether there are any.
    unmade: DFF<U<28>>,
    unmade_less: DFF<U<29>>,
    blocks_left: DFF<Bit>,
    block_bytes: DFF<U<18>>,
    tail_bytes: DFF<U<5>>,
    length: DFF<U<32>>,
    size: DFF<U<17>>,
    // Beats of the block up to this one, and one more if its data ends with a full word; whether this one is the last.
    count: DFF<U<29>>,
    is_last: DFF<Bit>,
    last_take: DFF<U<4>>,
    beat: DFF<Bit>,
    beat_data: DFF<U<64>>,
    beat_bytes: DFF<U<4>>,
    beat_last: DFF<Bit>,
    beat_kind: DFF<U<2>>,
    beat_status: DFF<U<8>>,
    big_endian: Signal<Local, U<32>>,
    subtract: Signal<Local, U<33>>,
    cut_off: Signal<Local, Bit>,
    unit_mask: Signal<Local, U<5>>,
    tail_rest: Signal<Local, U<5>>,
    blocked_bytes: Signal<Local, U<28>>,
    low_tail: Signal<Local, U<5>>,
    uneven: Signal<Local, Bit>,
    whole: Signal<Local, Bit>,
    full_words: Signal<Local, U<29>>,
    below_word: Signal<Local, Bit>,
    nothing: Signal<Local, Bit>,
    counted: Signal<Local, Bit>,
    counts: Signal<Local, Bit>,
    takes: Signal<Local, Bit>,
    take: Signal<Local, U<4>>,
    many: Signal<Local, Bit>,
    few: Signal<Local, U<5>>,
    in_chunk: Signal<Local, Bit>,
}

impl Logic for Framing {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, index, job, status, tail_kind, rest, is_last);
        dff_setup!(self, clock, unmade, unmade_less, blocks_left, block_bytes, tail_bytes, length, size, count);
        dff_setup!(self, clock, last_take, beat, beat_data, beat_bytes, beat_last, beat_kind, beat_status);
        self.sizes.clock.next = self.clock.val();
        self.sizes.reset.next = self.reset.val();
        self.sizes.stated.next = self.window_first.val();
        self.sizes.pixels.next = self.table_pixels.val();
        self.sizes.esize.next = self.esize.val();
        self.sizes.run.next = false;

        self.head_ready.next = false;
        self.head_index.next = self.index.q.val();
        self.window_start.next = false;
        self.window_drain.next = false;
        self.job_valid.next = self.job.q.val();
        self.push.next = self.beat.q.val();
        self.push_data.next = self.beat_data.q.val();
        self.push_side.next = bit_cast_u::<34, 4>(self.beat_bytes.q.val())
            | (bit_cast_b::<34>(self.beat_last.q.val()) << 4)
            | (bit_cast_u::<34, 2>(self.beat_kind.q.val()) << 5)
            | (bit_cast_u::<34, 17>(self.size.q.val()) << 7)
            | (bit_cast_u::<34, 2>(self.esize.val()) << 24)
            | (bit_cast_u::<34, 8>(self.beat_status.q.val()) << 26);

        // What the states look at.
        self.big_endian.next = (bit_cast_u::<32, 8>(self.window_aligned.val().get_bits::<8>(0)) << 24)
            | (bit_cast_u::<32, 8>(self.window_aligned.val().get_bits::<8>(8)) << 16)
            | (bit_cast_u::<32, 8>(self.window_aligned.val().get_bits::<8>(16)) << 8)
            | bit_cast_u::<32, 8>(self.window_aligned.val().get_bits::<8>(24));
        self.unmade_less.d.next =
            bit_cast_u::<29, 28>(self.unmade.q.val()) - bit_cast_u::<29, 18>(self.block_bytes.q.val());
        self.blocks_left.d.next = self.unmade.q.val().any();
        // Eight elements less one byte.
        self.unit_mask.next = 7.into();
        if self.esize.val() == 1 {
            self.unit_mask.next = 15.into();
        }
        if self.esize.val() == 2 {
            self.unit_mask.next = 31.into();
        }
        self.tail_rest.next = self.sizes.bytes.val().get_bits::<5>(0) & self.unit_mask.val();
        self.blocked_bytes.next = self.sizes.bytes.val() ^ bit_cast_u::<28, 5>(self.tail_rest.val());
        self.low_tail.next = self.length.q.val().get_bits::<5>(0) & self.unit_mask.val();
        self.uneven.next = self.low_tail.val().any();
        self.whole.next = !self.length.q.val().get_bits::<3>(0).any();
        self.full_words.next = self.length.q.val().get_bits::<29>(3);
        self.below_word.next = !self.full_words.val().any();
        self.nothing.next = self.below_word.val() & self.whole.val();
        // Counting up to the length needs neither a load nor a second register of what is left.
        self.counted.next = self.count.q.val() == self.full_words.val();
        self.counts.next = false;
        self.cut_off.next = self.rest.q.val().get_bit(32);
        self.subtract.next = 0.into();
        self.many.next = self.rest.q.val().get_bits::<27>(5).any();
        self.few.next = self.rest.q.val().get_bits::<5>(0);

        self.takes.next = false;
        self.take.next = 4.into();
        self.beat.d.next = false;
        self.beat_data.d.next = self.window_aligned.val();
        self.beat_last.d.next = self.is_last.q.val();
        self.beat_kind.d.next = bit_cast_b::<2>(self.tail_kind.q.val());
        self.beat_status.d.next = 0.into();
        self.in_chunk.next = true;

        if self.job_ready.val() {
            self.job.d.next = false;
        }
        match self.state.q.val() {
            State::Head => {
                self.in_chunk.next = false;
                self.status.d.next = 0.into();
                self.tail_kind.d.next = false;
                self.rest.d.next = 0x1_ffff_ffffu64.into();
                // The job's fields stand until it is taken.
                self.head_ready.next = self.index.q.val().any() | !self.job.q.val();
                if self.word_valid.val() & (self.index.q.val().any() | !self.job.q.val()) {
                    self.index.d.next = self.index.q.val() + 1;
                    if self.index.q.val() == 7 {
                        self.state.d.next = State::Request;
                    }
                }
            }
            State::Request => {
                self.in_chunk.next = false;
                self.state.d.next = State::Judge;
            }
            State::Judge => {
                self.in_chunk.next = false;
                self.job.d.next = true;
                self.window_start.next = true;
                // -1 - !n is n: one subtractor does for all.
                self.subtract.next = !bit_cast_u::<33, 32>(self.chunk_bytes.val());
                self.status.d.next = self.request_status.val();
                self.state.d.next = State::Prime;
                if self.request_status.val().any() {
                    self.state.d.next = State::End;
                }
            }
            State::Prime => {
                self.subtract.next = 12.into();
                self.state.d.next = State::Stated;
            }
            State::Stated => {
                if self.cut_off.val() {
                    self.status.d.next = 1.into();
                    self.state.d.next = State::End;
                } else if self.window_full.val() {
                    self.sizes.run.next = true;
                    self.state.d.next = State::Compare;
                }
            }
            State::Compare => {
                self.take.next = 8.into();
                self.tail_bytes.d.next = self.tail_rest.val();
                self.unmade.d.next = self.blocked_bytes.val();
                if self.sizes.done.val() {
                    self.takes.next = true;
                    self.state.d.next = State::BlockSize;
                    if self.sizes.status.val().any() {
                        self.status.d.next = self.sizes.status.val();
                        self.state.d.next = State::End;
                    }
                }
            }
            State::BlockSize => {
                self.length.d.next = self.big_endian.val();
                if self.window_full.val() {
                    self.takes.next = true;
                    self.state.d.next = State::Verdict;
                }
            }
            State::Verdict => {
                // A block of 128 KiB or more never fits: all of them are alike.
                self.block_bytes.d.next = self.length.q.val().get_bits::<18>(0);
                if self.length.q.val().get_bits::<15>(17).any() {
                    self.block_bytes.d.next = 0x2_0000.into();
                }
                self.state.d.next = State::Settle;
                if self.uneven.val() {
                    self.status.d.next = 5.into();
                    self.state.d.next = State::End;
                }
                if self.nothing.val() {
                    self.status.d.next = 4.into();
                    self.state.d.next = State::End;
                }
            }
            State::Settle => {
                self.state.d.next = State::Length;
                if self.blocks_left.q.val() {
                    self.subtract.next = 4.into();
                }
                if (self.block_bytes.q.val() > self.largest.val())
                    & (self.unmade.q.val() > bit_cast_u::<28, 18>(self.largest.val()))
                {
                    self.status.d.next = 32.into();
                    self.state.d.next = State::End;
                }
            }
            State::Length => {
                self.length.d.next = self.big_endian.val();
                if !self.blocks_left.q.val() {
                    self.state.d.next = State::Tail;
                } else if self.cut_off.val() {
                    self.status.d.next = 6.into();
                    self.state.d.next = State::End;
                } else if self.window_full.val() {
                    self.takes.next = true;
                    self.state.d.next = State::Check;
                }
            }
            State::Check => {
                self.counts.next = self.whole.val();
                self.is_last.d.next = self.below_word.val() | (self.counted.val() & self.whole.val());
                self.last_take.d.next = bit_cast_u::<4, 3>(self.length.q.val().get_bits::<3>(0));
                if self.whole.val() & !self.below_word.val() {
                    self.last_take.d.next = 8.into();
                }
                self.state.d.next = State::Data;
                if self.tail_kind.q.val() {
                    self.size.d.next = bit_cast_u::<17, 5>(self.tail_bytes.q.val());
                } else {
                    self.subtract.next = bit_cast_u::<33, 32>(self.length.q.val());
                    self.blocks_left.d.next = !self.unmade_less.q.val().get_bit(28) & self.unmade_less.q.val().any();
                    self.size.d.next = self.block_bytes.q.val().get_bits::<17>(0);
                    self.unmade.d.next = self.unmade_less.q.val().get_bits::<28>(0);
                    if self.unmade_less.q.val().get_bit(28) {
                        self.size.d.next = self.unmade.q.val().get_bits::<17>(0);
                        self.unmade.d.next = 0.into();
                    }
                }
            }
            State::Data => {
                self.take.next = 8.into();
                if self.is_last.q.val() {
                    self.take.next = self.last_take.q.val();
                }
                if self.cut_off.val() {
                    self.status.d.next = 7.into();
                    self.state.d.next = State::End;
                } else if self.window_full.val() & self.room.val() {
                    self.takes.next = true;
                    self.beat.d.next = true;
                    self.counts.next = true;
                    self.is_last.d.next = self.counted.val();
                    if self.is_last.q.val() {
                        self.state.d.next = State::Length;
                        if self.blocks_left.q.val() & !self.tail_kind.q.val() {
                            self.subtract.next = 4.into();
                        }
                        if self.tail_kind.q.val() {
                            self.state.d.next = State::End;
                        }
                    }
                }
            }
            State::Tail => {
                self.length.d.next = bit_cast_u::<32, 5>(self.tail_bytes.q.val());
                if !self.many.val() & (self.few.val() < self.tail_bytes.q.val()) {
                    self.status.d.next = 8.into();
                    self.state.d.next = State::End;
                } else if (self.many.val() | (self.few.val() > self.tail_bytes.q.val())) & !self.padded.val() {
                    self.status.d.next = 9.into();
                    self.state.d.next = State::End;
                } else if self.tail_bytes.q.val().any() {
                    self.tail_kind.d.next = true;
                    self.state.d.next = State::Check;
                } else {
                    self.state.d.next = State::End;
                }
            }
            State::Close => {
                self.in_chunk.next = false;
                self.take.next = 0.into();
                self.beat_last.d.next = true;
                if self.room.val() {
                    self.beat.d.next = true;
                    self.state.d.next = State::End;
                }
            }
            State::End => {
                self.in_chunk.next = false;
                self.take.next = 0.into();
                self.beat_last.d.next = true;
                self.beat_kind.d.next = 2.into();
                self.beat_status.d.next = self.status.q.val();
                if self.room.val() {
                    self.beat.d.next = true;
                    self.state.d.next = State::Drain;
                }
            }
            State::Drain => {
                self.in_chunk.next = false;
                self.window_drain.next = true;
                if !self.window_more.val() {
                    self.state.d.next = State::Head;
                }
            }
        }
        if self.counts.val() {
            self.count.d.next = self.count.q.val() + 1;
        }
        if (self.state.q.val() == State::Length) | (self.state.q.val() == State::Tail) {
            self.count.d.next = 1.into();
        }
        if self.state.q.val() != State::Head {
            self.rest.d.next = self.rest.q.val() - self.subtract.val();
        }
        self.window_fire.next = self.takes.val();
        self.window_take.next = self.take.val();
        self.beat_bytes.d.next = self.take.val();

        // The watchdog: the frame ends, wherever it stands; what comes late is drained.
        self.starved.next = self.window_waiting.val() | (self.index.q.val().any() & !self.word_valid.val());
        self.watch.clock.next = self.clock.val();
        self.watch.reset.next = self.reset.val();
        self.watch.limit.next = self.watchdog.val();
        self.watch.lacks.next = self.in_chunk.val() & self.window_waiting.val();
        if self.in_chunk.val() & self.watch.expired.val() {
            self.status.d.next = 36.into();
            self.state.d.next = State::End;
            if (self.state.q.val() == State::Data) & !(self.takes.val() & self.is_last.q.val()) {
                self.state.d.next = State::Close;
            }
        }
        if self.reset.val() {
            self.state.d.next = State::Head;
            self.index.d.next = 0.into();
            self.job.d.next = false;
            self.beat.d.next = false;
        }
    }
}
