//! Emit: blocks and their sequences to a chunk, and its result.

mod fetch;
mod merge;
mod steps;
mod words;

use super::crc::CrcWord;
use super::memory::Memory;
use crate::base::align::Aligner;
use crate::base::pins::HdlPins;
use crate::base::queue::Queue;
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
#[derive(LogicBlock)]
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
    /// Other than 0: there is no chunk.
    pub s_job_status: Signal<In, U<8>>,
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
    steps: Steps,
    words: Words<BLOCK>,
    aligner: Aligner,
    merge: Merge,
    crc: CrcWord,
    queue: Queue<64, 1, 5>,

    // The job.
    job: DFF<Bit>,
    handle: DFF<U<64>>,
    sequence_number: DFF<U<32>>,
    pixels: DFF<U<32>>,
    bytes: DFF<U<32>>,
    status: DFF<U<8>>,
    start: DFF<U<40>>,
    cycles: DFF<U<40>>,
    chunk_bytes: DFF<U<32>>,
    state: DFF<U<32>>,
    summed: DFF<U<64>>,
    sums: DFF<Bit>,
    // The halves.
    held: DFF<U<2>>,
    put_half: DFF<Bit>,
    half: DFF<Bit>,
    half1: DFF<Bit>,
    bytes0: DFF<U<16>>,
    bytes1: DFF<U<16>>,
    kind0: DFF<U<2>>,
    kind1: DFF<U<2>>,
    // A step while its literals are read: 1 at the memory, 2 read, 3 aligned.
    place1: DFF<U<4>>,
    place2: DFF<U<4>>,
    not_place2: DFF<U<2>>,
    even2: DFF<U<64>>,
    odd2: DFF<U<64>>,
    body3: DFF<U<64>>,
    source1: DFF<U<2>>,
    source2: DFF<U<2>>,
    which1: DFF<U<4>>,
    which2: DFF<U<4>>,
    // Step, token, flush and tag; token's byte, bytes, what is behind, how many, and how many in all.
    flags1: DFF<U<5>>,
    flags2: DFF<U<5>>,
    flags3: DFF<U<5>>,
    parts1: DFF<U<42>>,
    parts2: DFF<U<42>>,
    parts3: DFF<U<42>>,

    read_place: Signal<Local, U<16>>,
    even_row: Signal<Local, U<16>>,
    block_bytes: Signal<Local, U<16>>,
    block_kind: Signal<Local, U<2>>,
    more: Signal<Local, Bit>,
    not_state: Signal<Local, U<32>>,
    step_flags: Signal<Local, U<5>>,
    step_parts: Signal<Local, U<42>>,
}

impl<const BLOCK: usize> Default for Emit<BLOCK> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            now: Default::default(),
            s_job_tvalid: Default::default(),
            s_job_tready: Default::default(),
            s_job_handle: Default::default(),
            s_job_sequence: Default::default(),
            s_job_pixels: Default::default(),
            s_job_bytes: Default::default(),
            s_job_status: Default::default(),
            s_job_start: Default::default(),
            put_enable: Default::default(),
            put_index: Default::default(),
            put_data: Default::default(),
            seq_enable: Default::default(),
            seq_index: Default::default(),
            seq_data: Default::default(),
            s_blk_tvalid: Default::default(),
            s_blk_tready: Default::default(),
            s_blk_bytes: Default::default(),
            s_blk_raw: Default::default(),
            s_blk_final: Default::default(),
            m_axis_tvalid: Default::default(),
            m_axis_tready: Default::default(),
            m_axis_tdata: Default::default(),
            m_axis_tlast: Default::default(),
            even: Default::default(),
            odd: Default::default(),
            fetch: Default::default(),
            steps: Default::default(),
            words: Default::default(),
            aligner: Default::default(),
            merge: Default::default(),
            crc: Default::default(),
            // Eight steps are on their way from a step's decision to its word.
            queue: Queue::new(16),
            job: Default::default(),
            handle: Default::default(),
            sequence_number: Default::default(),
            pixels: Default::default(),
            bytes: Default::default(),
            status: Default::default(),
            start: Default::default(),
            cycles: Default::default(),
            chunk_bytes: Default::default(),
            state: Default::default(),
            summed: Default::default(),
            sums: Default::default(),
            held: Default::default(),
            put_half: Default::default(),
            half: Default::default(),
            half1: Default::default(),
            bytes0: Default::default(),
            bytes1: Default::default(),
            kind0: Default::default(),
            kind1: Default::default(),
            place1: Default::default(),
            place2: Default::default(),
            not_place2: Default::default(),
            even2: Default::default(),
            odd2: Default::default(),
            body3: Default::default(),
            source1: Default::default(),
            source2: Default::default(),
            which1: Default::default(),
            which2: Default::default(),
            flags1: Default::default(),
            flags2: Default::default(),
            flags3: Default::default(),
            parts1: Default::default(),
            parts2: Default::default(),
            parts3: Default::default(),
            read_place: Default::default(),
            even_row: Default::default(),
            block_bytes: Default::default(),
            block_kind: Default::default(),
            more: Default::default(),
            not_state: Default::default(),
            step_flags: Default::default(),
            step_parts: Default::default(),
        }
    }
}

impl<const BLOCK: usize> Emit<BLOCK> {
    /// An emitter for a bench.
    pub fn pins() -> HdlPins<Self> {
        pins!(Box::<Emit<BLOCK>>::default();
            in reset, now, s_job_tvalid, s_job_handle, s_job_sequence, s_job_pixels, s_job_bytes, s_job_status,
                s_job_start, put_enable, put_index, put_data, seq_enable, seq_index, seq_data, s_blk_tvalid,
                s_blk_bytes, s_blk_raw, s_blk_final, m_axis_tready;
            out s_job_tready, s_blk_tready, m_axis_tvalid, m_axis_tdata, m_axis_tlast)
    }
}

impl<const BLOCK: usize> Logic for Emit<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, job, handle, sequence_number, pixels, bytes, status, start, cycles, chunk_bytes, state);
        dff_setup!(
            self, clock, held, put_half, half, half1, bytes0, bytes1, kind0, kind1, place1, place2, not_place2, even2,
            odd2, body3
        );
        dff_setup!(self, clock, source1, source2, which1, which2, flags1, flags2, flags3, parts1, parts2, parts3);
        dff_setup!(self, clock, summed, sums);
        clock!(self, clock, even, odd, fetch, steps, merge, queue);
        self.fetch.reset.next = self.reset.val();
        self.steps.reset.next = self.reset.val();
        self.merge.reset.next = self.reset.val();
        self.queue.reset.next = self.reset.val();

        // The job that is written; the next one is taken behind its result.
        self.s_job_tready.next = !self.job.q.val();
        if !self.job.q.val() {
            self.job.d.next = self.s_job_tvalid.val();
            self.handle.d.next = self.s_job_handle.val();
            self.sequence_number.d.next = self.s_job_sequence.val();
            self.pixels.d.next = self.s_job_pixels.val();
            self.bytes.d.next = self.s_job_bytes.val();
            self.status.d.next = self.s_job_status.val();
            self.start.d.next = self.s_job_start.val();
        }
        if self.steps.job_done.val() {
            self.job.d.next = false;
        }

        // The halves: how many are full, which is filled, which is written out.
        self.s_blk_tready.next = !self.held.q.val().get_bit(1);
        self.more.next = self.s_blk_tvalid.val() & !self.held.q.val().get_bit(1);
        if self.more.val() {
            self.put_half.d.next = !self.put_half.q.val();
            if !self.put_half.q.val() {
                self.bytes0.d.next = self.s_blk_bytes.val();
                self.kind0.d.next =
                    bit_cast_b::<2>(self.s_blk_raw.val()) | (bit_cast_b::<2>(self.s_blk_final.val()) << 1);
            } else {
                self.bytes1.d.next = self.s_blk_bytes.val();
                self.kind1.d.next =
                    bit_cast_b::<2>(self.s_blk_raw.val()) | (bit_cast_b::<2>(self.s_blk_final.val()) << 1);
            }
        }
        if self.more.val() & !self.steps.frees.val() {
            self.held.d.next = self.held.q.val() + 1;
        }
        if self.steps.frees.val() & !self.more.val() {
            self.held.d.next = self.held.q.val() - 1;
        }
        if self.steps.frees.val() {
            self.half.d.next = !self.half.q.val();
        }
        self.block_bytes.next = self.bytes0.q.val();
        self.block_kind.next = self.kind0.q.val();
        if self.half.q.val() {
            self.block_bytes.next = self.bytes1.q.val();
            self.block_kind.next = self.kind1.q.val();
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
        self.steps.room.next = self.queue.room.val();
        self.steps.job.next = self.job.q.val();
        self.steps.refused.next = self.status.q.val().any();
        self.steps.empty.next = !self.bytes.q.val().any();
        self.steps.block.next = self.held.q.val().any();
        self.steps.raw.next = self.block_kind.val().get_bit(0);
        self.steps.is_final.next = self.block_kind.val().get_bit(1);
        self.steps.bytes.next = self.block_bytes.val();
        self.steps.valid.next = self.fetch.valid.val();
        self.steps.none.next = self.fetch.none.val();
        self.steps.literals.next = self.fetch.literals.val();
        self.steps.place.next = self.fetch.place.val();
        self.steps.literals_more.next = self.fetch.literals_more.val();
        self.steps.literals_rest.next = self.fetch.literals_rest.val();
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
        self.step_flags.next = bit_cast_b::<5>(self.steps.step.val())
            | (bit_cast_b::<5>(self.steps.step_token.val()) << 1)
            | (bit_cast_b::<5>(self.steps.step_flush.val()) << 2)
            | (bit_cast_b::<5>(self.steps.step_last.val()) << 3)
            | (bit_cast_b::<5>(self.steps.step_result.val()) << 4);
        self.step_parts.next = bit_cast_u::<42, 8>(self.steps.step_token_byte.val())
            | (bit_cast_u::<42, 4>(self.steps.step_bytes.val()) << 8)
            | (bit_cast_u::<42, 24>(self.steps.step_behind.val()) << 12)
            | (bit_cast_u::<42, 2>(self.steps.step_behind_bytes.val()) << 36)
            | (bit_cast_u::<42, 4>(self.steps.step_total.val()) << 38);
        self.flags1.d.next = self.step_flags.val();
        self.flags2.d.next = self.flags1.q.val();
        self.flags3.d.next = self.flags2.q.val();
        self.parts1.d.next = self.step_parts.val();
        self.parts2.d.next = self.parts1.q.val();
        self.parts3.d.next = self.parts2.q.val();
        self.source1.d.next = self.steps.step_source.val();
        self.source2.d.next = self.source1.q.val();
        self.which1.d.next = self.steps.step_word.val();
        self.which2.d.next = self.which1.q.val();
        self.place1.d.next = self.steps.step_place.val().get_bits::<4>(0);
        self.place2.d.next = self.place1.q.val();
        self.not_place2.d.next = !self.place1.q.val().get_bits::<2>(1);
        self.even2.d.next = self.even.read_data.val();
        self.odd2.d.next = self.odd.read_data.val();
        self.aligner.by.next = self.place2.q.val().get_bits::<3>(0);
        self.aligner.not_by.next = self.not_place2.q.val();
        self.aligner.older.next = self.even2.q.val();
        self.aligner.newer.next = self.odd2.q.val();
        if self.place2.q.val().get_bit(3) {
            self.aligner.older.next = self.odd2.q.val();
            self.aligner.newer.next = self.even2.q.val();
        }
        self.words.which.next = self.which2.q.val();
        self.words.block_bytes.next = self.block_bytes.val();
        self.words.handle.next = self.handle.q.val();
        self.words.sequence_number.next = self.sequence_number.q.val();
        self.words.pixels.next = self.pixels.q.val();
        self.words.bytes.next = self.bytes.q.val();
        self.words.status.next = self.status.q.val();
        self.words.chunk_bytes.next = self.chunk_bytes.q.val();
        self.words.cycles.next = self.cycles.q.val();
        match self.source2.q.val().index() {
            0 => self.body3.d.next = self.aligner.aligned.val(),
            1 => self.body3.d.next = 0xffff_ffff_ffff_ffffu64.into(),
            _ => self.body3.d.next = self.words.word.val(),
        }
        self.merge.step.next = self.flags3.q.val().get_bit(0);
        self.merge.token.next = self.flags3.q.val().get_bit(1);
        self.merge.flush.next = self.flags3.q.val().get_bit(2);
        self.merge.tag.next = self.flags3.q.val().get_bits::<2>(3);
        self.merge.token_byte.next = self.parts3.q.val().get_bits::<8>(0);
        self.merge.body.next = self.body3.q.val();
        self.merge.bytes.next = self.parts3.q.val().get_bits::<4>(8);
        self.merge.behind.next = self.parts3.q.val().get_bits::<24>(12);
        self.merge.behind_bytes.next = self.parts3.q.val().get_bits::<2>(36);
        self.merge.total.next = self.parts3.q.val().get_bits::<4>(38);

        // Bytes of the chunk, its CRC, and the cycles.
        self.cycles.d.next = self.now.val() - self.start.q.val();
        if self.flags1.q.val().get_bit(0) & !self.flags1.q.val().get_bit(4) {
            self.chunk_bytes.d.next =
                self.chunk_bytes.q.val() + bit_cast_u::<32, 4>(self.parts1.q.val().get_bits::<4>(38));
        }
        // The word in a register of its own: the CRC is deep, and its place need not be the queue's.
        self.summed.d.next = self.merge.word.val();
        self.sums.d.next = self.merge.full.val() & !self.merge.word_tag.val().get_bit(1);
        self.crc.state.next = self.state.q.val();
        self.crc.word.next = self.summed.q.val();
        if self.sums.q.val() {
            self.state.d.next = self.crc.stepped.val();
        }
        self.not_state.next = !self.state.q.val();
        self.words.crc.next = self.not_state.val();
        if self.steps.fresh.val() {
            self.chunk_bytes.d.next = 0.into();
            self.state.d.next = 0xffff_ffffu64.into();
        }
        self.queue.push.next = self.merge.full.val();
        self.queue.push_data.next = self.merge.word.val();
        self.queue.push_side.next = bit_cast_b::<1>(self.merge.word_tag.val().get_bit(0));
        self.queue.ready.next = self.m_axis_tready.val();
        self.m_axis_tvalid.next = self.queue.valid.val();
        self.m_axis_tdata.next = self.queue.data.val();
        self.m_axis_tlast.next = self.queue.side.val().any();

        if self.reset.val() {
            self.job.d.next = false;
            self.sums.d.next = false;
            self.held.d.next = 0.into();
            self.put_half.d.next = false;
            self.half.d.next = false;
            self.flags1.d.next = 0.into();
            self.flags2.d.next = 0.into();
            self.flags3.d.next = 0.into();
        }
    }
}
