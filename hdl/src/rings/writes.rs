//! The write side of `m_axi_host`: bursts of completions, chunks, results and copies.

use super::fifo::Fifo;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

/// One burst after the other, up to 64 unanswered, all of one id: they are answered in order. `issued` and `answered`
/// count them; the end of a result or copy goes to the completions with the count at which all of it is answered.
#[derive(LogicBlock, Default)]
pub struct Writes {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Takes no more bursts.
    pub halt: Signal<In, Bit>,
    /// All is written and answered.
    pub quiet: Signal<Out, Bit>,
    /// Takes no answer in this cycle.
    pub hold: Signal<In, Bit>,

    /// A completion.
    pub entry_valid: Signal<In, Bit>,
    /// It is taken.
    pub entry_ready: Signal<Out, Bit>,
    /// Where it goes.
    pub entry_address: Signal<In, U<64>>,
    /// It.
    pub entry_data: Signal<In, W<512, 8>>,
    /// Its queue.
    pub entry_queue: Signal<In, U<3>>,
    /// Bursts of chunks that were made; see [`super::pack::Pack`].
    pub chunk_valid: Signal<In, Bit>,
    /// See `chunk_valid`.
    pub chunk_ready: Signal<Out, Bit>,
    /// See `chunk_valid`. Marked: the chunk's end is not the submission's.
    pub chunk: Signal<In, W<192, 3>>,
    /// Beats of chunks.
    pub chunk_beat_valid: Signal<In, Bit>,
    /// See `chunk_beat_valid`.
    pub chunk_beat: Signal<In, W<512, 8>>,
    /// See `chunk_beat_valid`.
    pub chunk_beat_ready: Signal<Out, Bit>,
    /// Bursts of results; see [`super::pack::Pack`].
    pub result_valid: Signal<In, Bit>,
    /// See `result_valid`.
    pub result_ready: Signal<Out, Bit>,
    /// See `result_valid`.
    pub result: Signal<In, W<192, 3>>,
    /// Beats of results.
    pub result_beat_valid: Signal<In, Bit>,
    /// See `result_beat_valid`.
    pub result_beat: Signal<In, W<512, 8>>,
    /// See `result_beat_valid`.
    pub result_beat_ready: Signal<Out, Bit>,
    /// Bursts of copies; see [`super::copier::Copier`].
    pub copy_valid: Signal<In, Bit>,
    /// See `copy_valid`.
    pub copy_ready: Signal<Out, Bit>,
    /// See `copy_valid`.
    pub copy: Signal<In, W<192, 3>>,
    /// Beats of copies.
    pub copy_beat_valid: Signal<In, Bit>,
    /// See `copy_beat_valid`.
    pub copy_beat: Signal<In, W<512, 8>>,
    /// See `copy_beat_valid`.
    pub copy_beat_ready: Signal<Out, Bit>,

    /// Always 0.
    pub awid: Signal<Out, U<4>>,
    /// Aligned to 64 bytes.
    pub awaddr: Signal<Out, U<64>>,
    /// Beats less one.
    pub awlen: Signal<Out, U<8>>,
    /// Always 64 bytes a beat.
    pub awsize: Signal<Out, U<3>>,
    /// Always incrementing.
    pub awburst: Signal<Out, U<2>>,
    /// Write address channel.
    pub awvalid: Signal<Out, Bit>,
    /// Write address channel.
    pub awready: Signal<In, Bit>,
    /// Write data channel.
    pub wdata: Signal<Out, W<512, 8>>,
    /// Whole, but for the last beat of a result.
    pub wstrb: Signal<Out, U<64>>,
    /// Write data channel.
    pub wlast: Signal<Out, Bit>,
    /// Write data channel.
    pub wvalid: Signal<Out, Bit>,
    /// Write data channel.
    pub wready: Signal<In, Bit>,
    /// Write answers: 2 and 3 are errors.
    pub bresp: Signal<In, U<2>>,
    /// Write answers.
    pub bvalid: Signal<In, Bit>,
    /// Write answers.
    pub bready: Signal<Out, Bit>,

    /// Pulse: the last burst of a chunk, result or copy was taken on.
    pub finish: Signal<Out, Bit>,
    /// That burst; see `result_valid`.
    pub finish_burst: Signal<Out, W<192, 3>>,
    /// Bursts taken on, modulo 2^16, with that one.
    pub issued: Signal<Out, U<16>>,
    /// Bursts answered, modulo 2^16.
    pub answered: Signal<Out, U<16>>,
    /// With `finish`: it was a chunk's.
    pub finish_chunk: Signal<Out, Bit>,
    /// Pulse: the last burst of a marked chunk was answered; of the tag `fault_tag`.
    pub made: Signal<Out, Bit>,
    /// Pulse: a completion was answered.
    pub written: Signal<Out, Bit>,
    /// Its queue.
    pub written_queue: Signal<Out, U<3>>,
    /// Pulse: a burst was answered with an error.
    pub fault: Signal<Out, Bit>,
    /// Its address.
    pub fault_address: Signal<Out, U<64>>,
    /// It was of a tag.
    pub fault_tagged: Signal<Out, Bit>,
    /// That tag.
    pub fault_tag: Signal<Out, U<6>>,
    /// Pulse: a beat was written.
    pub counted: Signal<Out, Bit>,

    // Unanswered: address; tag or queue (69..64), is a completion (70), ends a marked chunk (71).
    open: Fifo<W<128, 2>, 6>,
    // Beats go out; `whose`: 0 completion, 1 result, 2 copy, 3 chunk.
    busy: DFF<Bit>,
    whose: DFF<U<2>>,
    turn: DFF<Bit>,
    aw_valid: DFF<Bit>,
    aw_address: DFF<U<64>>,
    aw_length: DFF<U<7>>,
    left: DFF<U<7>>,
    words: DFF<U<3>>,
    entry: DFF<W<512, 8>>,
    count: DFF<U<16>>,
    back: DFF<U<16>>,

    room: Signal<Local, Bit>,
    grant: Signal<Local, U<3>>,
    less: Signal<Local, U<3>>,
    marks: Signal<Local, Bit>,
    place: Signal<Local, U<64>>,
    beats: Signal<Local, U<7>>,
    mark: Signal<Local, U<8>>,
    up: Signal<Local, U<16>>,
    there: Signal<Local, Bit>,
    moves: Signal<Local, Bit>,
    last: Signal<Local, Bit>,
    unused: Signal<Local, U<3>>,
    unused_bytes: Signal<Local, U<6>>,
    ones: Signal<Local, U<64>>,
    none: Signal<Local, U<64>>,
    takes: Signal<Local, Bit>,
}

impl Logic for Writes {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, busy, whose, turn, aw_valid, aw_address, aw_length, left, words, entry, count, back);
        self.open.clock.next = self.clock.val();
        self.open.reset.next = self.reset.val();

        // The next burst: completions first, then chunks, which come slower than they go, then results and copies in turn.
        self.room.next = !self.busy.q.val()
            & !self.halt.val()
            & (!self.aw_valid.q.val() | self.awready.val())
            & (self.open.used.val() < 64);
        self.grant.next = 0.into();
        if self.result_valid.val() & (!self.copy_valid.val() | !self.turn.q.val()) {
            self.grant.next = 2.into();
        } else if self.copy_valid.val() {
            self.grant.next = 3.into();
        }
        if self.chunk_valid.val() {
            self.grant.next = 4.into();
        }
        if self.entry_valid.val() {
            self.grant.next = 1.into();
        }
        if !self.room.val() {
            self.grant.next = 0.into();
        }
        self.entry_ready.next = self.grant.val() == 1;
        self.result_ready.next = self.grant.val() == 2;
        self.copy_ready.next = self.grant.val() == 3;
        self.chunk_ready.next = self.grant.val() == 4;
        self.place.next = self.entry_address.val();
        self.beats.next = 1.into();
        self.mark.next = bit_cast_u::<8, 3>(self.entry_queue.val()) | 64;
        self.finish.next = false;
        self.finish_burst.next = self.result.val();
        if self.grant.val() == 2 {
            self.place.next = self.result.val().get_bits::<64>(0);
            self.beats.next = self.result.val().get_bits::<7>(64);
            self.mark.next = bit_cast_u::<8, 6>(self.result.val().get_bits::<6>(75));
            self.finish.next = self.result.val().get_bit(74);
            self.turn.d.next = true;
        }
        if self.grant.val() == 3 {
            self.place.next = self.copy.val().get_bits::<64>(0);
            self.beats.next = self.copy.val().get_bits::<7>(64);
            self.mark.next = bit_cast_u::<8, 6>(self.copy.val().get_bits::<6>(75));
            self.finish.next = self.copy.val().get_bit(74);
            self.finish_burst.next = self.copy.val();
            self.turn.d.next = false;
        }
        self.marks.next = self.chunk.val().get_bit(74) & self.chunk.val().get_bit(89);
        self.finish_chunk.next = self.grant.val() == 4;
        if self.grant.val() == 4 {
            self.place.next = self.chunk.val().get_bits::<64>(0);
            self.beats.next = self.chunk.val().get_bits::<7>(64);
            self.mark.next =
                bit_cast_u::<8, 6>(self.chunk.val().get_bits::<6>(75)) | (bit_cast_b::<8>(self.marks.val()) << 7);
            self.finish.next = self.chunk.val().get_bit(74);
            self.finish_burst.next = self.chunk.val();
        }
        self.up.next = self.count.q.val();
        self.awid.next = 0.into();
        self.awaddr.next = self.aw_address.q.val();
        self.awlen.next = bit_cast_u::<8, 7>(self.aw_length.q.val());
        self.awsize.next = 6.into();
        self.awburst.next = 1.into();
        self.awvalid.next = self.aw_valid.q.val();
        if self.awready.val() {
            self.aw_valid.d.next = false;
        }
        self.open.push.next = self.grant.val() != 0;
        self.open.push_data.next =
            bit_cast_w::<128, 2, 64>(self.place.val()) | (bit_cast_w::<128, 2, 8>(self.mark.val()) << 64);

        // Beats.
        self.there.next = self.result_beat_valid.val();
        self.wdata.next = self.result_beat.val();
        if self.whose.q.val() == 0 {
            self.there.next = true;
            self.wdata.next = self.entry.q.val();
        }
        if self.whose.q.val() == 2 {
            self.there.next = self.copy_beat_valid.val();
            self.wdata.next = self.copy_beat.val();
        }
        if self.whose.q.val() == 3 {
            self.there.next = self.chunk_beat_valid.val();
            self.wdata.next = self.chunk_beat.val();
        }
        self.wvalid.next = self.busy.q.val() & self.there.val();
        self.moves.next = self.busy.q.val() & self.there.val() & self.wready.val();
        self.counted.next = self.moves.val();
        self.last.next = self.left.q.val() == 1;
        self.wlast.next = self.last.val();
        self.none.next = 0.into();
        self.ones.next = !self.none.val();
        self.unused.next = !self.words.q.val();
        self.unused_bytes.next = bit_cast_u::<6, 3>(self.unused.val()) << 3;
        self.wstrb.next = self.ones.val();
        if self.last.val() {
            self.wstrb.next = self.ones.val() >> self.unused_bytes.val();
        }
        self.result_beat_ready.next = self.moves.val() & (self.whose.q.val() == 1);
        self.copy_beat_ready.next = self.moves.val() & (self.whose.q.val() == 2);
        self.chunk_beat_ready.next = self.moves.val() & (self.whose.q.val() == 3);
        if self.moves.val() {
            self.left.d.next = self.left.q.val() - 1;
            if self.last.val() {
                self.busy.d.next = false;
            }
        }
        self.less.next = self.grant.val() - 1;
        if self.grant.val() != 0 {
            self.busy.d.next = true;
            self.whose.d.next = self.less.val().get_bits::<2>(0);
            self.aw_valid.d.next = true;
            self.aw_address.d.next = self.place.val();
            self.aw_length.d.next = self.beats.val() - 1;
            self.left.d.next = self.beats.val();
            self.words.d.next = 7.into();
            self.entry.d.next = self.entry_data.val();
            self.up.next = self.count.q.val() + 1;
            if self.grant.val() == 2 {
                self.words.d.next = self.result.val().get_bits::<3>(71);
            }
            if self.grant.val() == 4 {
                self.words.d.next = self.chunk.val().get_bits::<3>(71);
            }
        }
        self.count.d.next = self.up.val();
        self.issued.next = self.up.val();

        // Answers.
        self.bready.next = !self.hold.val();
        self.takes.next = self.bvalid.val() & !self.hold.val() & self.open.valid.val();
        self.open.pop.next = self.takes.val();
        if self.takes.val() {
            self.back.d.next = self.back.q.val() + 1;
        }
        self.answered.next = self.back.q.val();
        self.written.next = self.takes.val() & self.open.data.val().get_bit(70);
        self.written_queue.next = self.open.data.val().get_bits::<3>(64);
        self.made.next = self.takes.val() & self.open.data.val().get_bit(71);
        self.fault.next = self.takes.val() & self.bresp.val().get_bit(1);
        self.fault_address.next = self.open.data.val().get_bits::<64>(0);
        self.fault_tagged.next = !self.open.data.val().get_bit(70);
        self.fault_tag.next = self.open.data.val().get_bits::<6>(64);
        self.quiet.next = !self.busy.q.val() & !self.aw_valid.q.val() & !self.open.valid.val();

        if self.reset.val() {
            self.busy.d.next = false;
            self.turn.d.next = false;
            self.aw_valid.d.next = false;
            self.count.d.next = 0.into();
            self.back.d.next = 0.into();
        }
    }
}
