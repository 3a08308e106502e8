//! Emit: blocks and their sequences to a chunk, and its result.

mod fetch;
mod lanes;
mod merge;
mod steps;
mod turn;
mod words;

use super::crc::CrcWord;
use super::memory::Memory;
use crate::base::pins::HdlPins;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::pins;
use fetch::Fetch;
use merge::Merge;
use rust_hdl::prelude::*;
use steps::Steps;
use words::Words;

/// Writes a chunk for each job, and behind it the job's result ([`debye_spec::encode_wire`]).
///
/// Blocks stand in two halves of the memories here, which the search fills: words and sequences while `s_blk_tready` is
/// high, up to the beat at `s_blk`. Literals are read at any byte, out of an even and an odd bank.
///
/// A step makes up to eight bytes: a sequence of up to 5 literals and a match below 19 bytes is one, any other as many as
/// it has words of literals and one or two more. A block takes 9 cycles more; a frame 40.
#[derive(LogicBlock, Default)]
pub struct Emit<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Running count of cycles.
    pub now: Signal<In, U<40>>,
    /// A job.
    pub s_job_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_job_tready: Signal<Out, Bit>,
    /// Comes back in the result.
    pub s_job_handle: Signal<In, U<64>>,
    /// Comes back in the result.
    pub s_job_sequence: Signal<In, U<32>>,
    /// Pixels.
    pub s_job_pixels: Signal<In, U<32>>,
    /// Their bytes.
    pub s_job_bytes: Signal<In, U<32>>,
    /// There is no chunk.
    pub s_job_refused: Signal<In, Bit>,
    /// `now` at the request's first word.
    pub s_job_start: Signal<In, U<40>>,
    /// Writes a word of the block.
    pub put_enable: Signal<In, Bit>,
    /// Its number.
    pub put_index: Signal<In, U<13>>,
    /// The word.
    pub put_data: Signal<In, U<64>>,
    /// Writes a sequence.
    pub seq_enable: Signal<In, Bit>,
    /// Its number.
    pub seq_index: Signal<In, U<13>>,
    /// The sequence: see `Search`.
    pub seq_data: Signal<In, U<48>>,
    /// The block is whole.
    pub s_blk_tvalid: Signal<In, Bit>,
    /// There is a free half.
    pub s_blk_tready: Signal<Out, Bit>,
    /// Bytes of its LZ4 data; of a tail, its bytes.
    pub s_blk_bytes: Signal<In, U<16>>,
    /// A tail.
    pub s_blk_raw: Signal<In, Bit>,
    /// The frame's last.
    pub s_blk_final: Signal<In, Bit>,
    /// The frame was given up.
    pub s_blk_stalled: Signal<In, Bit>,
    /// A word of chunk or result.
    pub m_axis_tvalid: Signal<Out, Bit>,
    /// Taken.
    pub m_axis_tready: Signal<In, Bit>,
    /// The word, first byte in bits 7..0.
    pub m_axis_tdata: Signal<Out, U<64>>,
    /// The result's last word.
    pub m_axis_tlast: Signal<Out, Bit>,

    even: Memory<64, BLOCK, 3>,
    odd: Memory<64, BLOCK, 3>,
    fetch: Fetch<BLOCK>,
    steps: Steps<BLOCK>,
    words: Words,
    merge: Merge,
    crc: CrcWord,

    // The job.
    job: DFF<Bit>,
    handle: DFF<U<64>>,
    sequence_number: DFF<U<32>>,
    pixels: DFF<U<32>>,
    bytes: DFF<U<32>>,
    refused: DFF<Bit>,
    stalled: DFF<Bit>,
    start: DFF<U<40>>,
    cycles: DFF<U<40>>,
    chunk_bytes: DFF<U<32>>,
    state: DFF<U<32>>,
    // The halves.
    held: DFF<U<2>>,
    put_half: DFF<Bit>,
    half: DFF<Bit>,
    half1: DFF<Bit>,
    bytes0: DFF<U<16>>,
    bytes1: DFF<U<16>>,
    // A tail, the frame's last, given up.
    kind0: DFF<U<3>>,
    kind1: DFF<U<3>>,
    read_place: Signal<Local, U<16>>,
    even_row: Signal<Local, U<16>>,
    block_bytes: Signal<Local, U<16>>,
    put_kind: Signal<Local, U<3>>,
    block_kind: Signal<Local, U<3>>,
    more: Signal<Local, Bit>,
    not_state: Signal<Local, U<32>>,
}

impl<const BLOCK: usize> Emit<BLOCK> {
    /// An emitter for a bench.
    pub fn pins() -> HdlPins<Self> {
        pins!(Box::<Emit<BLOCK>>::default();
            in reset, now, s_job_tvalid, s_job_handle, s_job_sequence, s_job_pixels, s_job_bytes, s_job_refused,
                s_job_start, put_enable, put_index, put_data, seq_enable, seq_index, seq_data, s_blk_tvalid, s_blk_bytes,
                s_blk_raw, s_blk_final, s_blk_stalled, m_axis_tready;
            out s_job_tready, s_blk_tready, m_axis_tvalid, m_axis_tdata, m_axis_tlast)
    }
}

impl<const BLOCK: usize> Logic for Emit<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            job,
            handle,
            sequence_number,
            pixels,
            bytes,
            refused,
            stalled,
            start,
            cycles,
            chunk_bytes,
            state
        );
        dff_setup!(self, clock, held, put_half, half, half1, bytes0, bytes1, kind0, kind1);
        clock!(self, clock, even, odd, fetch, steps, merge);
        self.fetch.reset.next = self.reset.val();
        self.steps.reset.next = self.reset.val();
        self.merge.reset.next = self.reset.val();

        // The job that is written; the next one is taken behind its result.
        self.s_job_tready.next = !self.job.q.val();
        if !self.job.q.val() {
            self.job.d.next = self.s_job_tvalid.val();
            self.handle.d.next = self.s_job_handle.val();
            self.sequence_number.d.next = self.s_job_sequence.val();
            self.pixels.d.next = self.s_job_pixels.val();
            self.bytes.d.next = self.s_job_bytes.val();
            self.refused.d.next = self.s_job_refused.val();
            self.start.d.next = self.s_job_start.val();
            self.stalled.d.next = false;
        }
        if self.steps.job_done.val() {
            self.job.d.next = false;
        }

        // The halves: how many are full, which is filled, which is written out.
        self.s_blk_tready.next = !self.held.q.val().get_bit(1);
        self.more.next = self.s_blk_tvalid.val() & !self.held.q.val().get_bit(1);
        self.put_kind.next = bit_cast_b::<3>(self.s_blk_raw.val())
            | (bit_cast_b::<3>(self.s_blk_final.val()) << 1)
            | (bit_cast_b::<3>(self.s_blk_stalled.val()) << 2);
        if self.more.val() {
            self.put_half.d.next = !self.put_half.q.val();
            if !self.put_half.q.val() {
                self.bytes0.d.next = self.s_blk_bytes.val();
                self.kind0.d.next = self.put_kind.val();
            } else {
                self.bytes1.d.next = self.s_blk_bytes.val();
                self.kind1.d.next = self.put_kind.val();
            }
        }
        if self.more.val() & !self.steps.frees.val() {
            self.held.d.next = self.held.q.val() + 1;
        }
        if self.steps.frees.val() & !self.more.val() {
            self.held.d.next = self.held.q.val() - 1;
        }
        self.block_bytes.next = self.bytes0.q.val();
        self.block_kind.next = self.kind0.q.val();
        if self.half.q.val() {
            self.block_bytes.next = self.bytes1.q.val();
            self.block_kind.next = self.kind1.q.val();
        }
        if self.steps.frees.val() {
            self.half.d.next = !self.half.q.val();
            self.stalled.d.next = self.block_kind.val().get_bit(2);
        }

        self.even.write_enable.next = self.put_enable.val() & !self.put_index.val().get_bit(0);
        self.odd.write_enable.next = self.put_enable.val() & self.put_index.val().get_bit(0);
        self.even.write_address.next = (bit_cast_u::<14, 12>(self.put_index.val().get_bits::<12>(1)) << 1)
            | bit_cast_b::<14>(self.put_half.q.val());
        self.odd.write_address.next = (bit_cast_u::<14, 12>(self.put_index.val().get_bits::<12>(1)) << 1)
            | bit_cast_b::<14>(self.put_half.q.val());
        self.even.write_data.next = self.put_data.val();
        self.odd.write_data.next = self.put_data.val();

        self.fetch.put.next = self.seq_enable.val();
        self.fetch.put_half.next = self.put_half.q.val();
        self.fetch.put_index.next = self.seq_index.val();
        self.fetch.put_data.next = self.seq_data.val();
        self.fetch.start.next = self.steps.opens.val();
        self.fetch.half.next = self.half.q.val();
        self.fetch.take.next = self.steps.take.val();
        self.steps.room.next = self.merge.room.val();
        self.steps.drained.next = self.merge.drained.val();
        self.steps.stalled.next = self.stalled.q.val();
        self.steps.cycles_high.next = self.cycles.q.val().get_bits::<8>(32);
        self.steps.job.next = self.job.q.val();
        self.steps.refused.next = self.refused.q.val();
        self.steps.empty.next = !self.bytes.q.val().any();
        self.steps.block.next = self.held.q.val().any();
        self.steps.raw.next = self.block_kind.val().get_bit(0);
        self.steps.is_final.next = self.block_kind.val().get_bit(1);
        self.steps.bytes.next = self.block_bytes.val();
        self.steps.valid.next = self.fetch.valid.val();
        self.steps.none.next = self.fetch.none.val();
        self.steps.literals.next = self.fetch.literals.val();
        self.steps.place.next = self.fetch.place.val();
        self.steps.literals_long.next = self.fetch.literals_long.val();
        self.steps.literals_more.next = self.fetch.literals_more.val();
        self.steps.literals_rest.next = self.fetch.literals_rest.val();
        self.steps.length_long.next = self.fetch.length_long.val();
        self.steps.length_more.next = self.fetch.length_more.val();
        self.steps.length_rest.next = self.fetch.length_rest.val();
        self.steps.token.next = self.fetch.token.val();
        self.steps.offset.next = self.fetch.offset.val();

        // A step's literals: the even and the odd word that hold them.
        self.read_place.next = self.steps.step_place.val();
        self.even_row.next = self.read_place.val() + 8;
        self.even.read_enable.next = true;
        self.odd.read_enable.next = true;
        self.even.read_address.next =
            (bit_cast_u::<14, 12>(self.even_row.val().get_bits::<12>(4)) << 1) | bit_cast_b::<14>(self.half1.q.val());
        self.odd.read_address.next =
            (bit_cast_u::<14, 12>(self.read_place.val().get_bits::<12>(4)) << 1) | bit_cast_b::<14>(self.half1.q.val());
        self.half1.d.next = self.half.q.val();
        self.merge.step.next = self.steps.step.val();
        self.merge.token.next = self.steps.step_token.val();
        self.merge.token_byte.next = self.steps.step_token_byte.val();
        self.merge.source.next = self.steps.step_source.val();
        self.merge.place.next = self.steps.step_place.val().get_bits::<4>(0);
        self.merge.turn.next = self.steps.step_turn.val();
        self.merge.which.next = self.steps.step_word.val();
        self.merge.head.next = self.steps.step_head.val();
        self.merge.behind.next = self.steps.step_behind.val();
        self.merge.total.next = self.steps.step_total.val();
        self.merge.flush.next = self.steps.step_flush.val();
        self.merge.result.next = self.steps.step_result.val();
        self.merge.last.next = self.steps.step_last.val();
        self.merge.even.next = self.even.read_data.val();
        self.merge.odd.next = self.odd.read_data.val();
        self.merge.word.next = self.words.word.val();
        self.merge.ready.next = self.m_axis_tready.val();
        self.words.which.next = self.merge.word_which.val();
        self.words.handle.next = self.handle.q.val();
        self.words.sequence_number.next = self.sequence_number.q.val();
        self.words.pixels.next = self.pixels.q.val();
        self.words.bytes.next = self.bytes.q.val();
        self.words.chunk_bytes.next = self.chunk_bytes.q.val();
        self.words.cycles.next = self.cycles.q.val();

        // Bytes of the chunk, its CRC, and the cycles.
        self.cycles.d.next = self.now.val() - self.start.q.val();
        if self.steps.step.val() & !self.steps.step_result.val() {
            self.chunk_bytes.d.next = self.chunk_bytes.q.val() + bit_cast_u::<32, 4>(self.steps.step_total.val());
        }
        self.crc.state.next = self.state.q.val();
        self.crc.word.next = self.merge.data.val();
        if self.merge.sums.val() {
            self.state.d.next = self.crc.stepped.val();
        }
        self.not_state.next = !self.state.q.val();
        self.words.crc.next = self.not_state.val();
        if self.steps.fresh.val() {
            self.chunk_bytes.d.next = 0.into();
            self.state.d.next = 0xffff_ffffu64.into();
        }
        self.m_axis_tvalid.next = self.merge.valid.val();
        self.m_axis_tdata.next = self.merge.data.val();
        self.m_axis_tlast.next = self.merge.data_last.val();

        if self.reset.val() {
            self.job.d.next = false;
            self.held.d.next = 0.into();
            self.put_half.d.next = false;
            self.half.d.next = false;
        }
    }
}
