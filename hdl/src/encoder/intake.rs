//! Intake: requests and pixels from the bus; the job to the emitter, pixels block by block to the shuffle.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Reads requests ([`debye_spec::encode_wire`]) and cuts the pixels behind them into blocks of 2^BLOCK bytes, a shorter
/// last one of whole groups of 8 elements, and the tail. A word a cycle but for one cycle before each block.
#[derive(LogicBlock)]
pub struct Intake<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Running count of cycles.
    pub now: Signal<In, U<40>>,
    /// A word stands.
    pub s_axis_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_axis_tready: Signal<Out, Bit>,
    /// The word, first byte in bits 7..0.
    pub s_axis_tdata: Signal<In, U<64>>,
    /// A job, for every request: before the first of its pixels.
    pub m_job_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_job_tready: Signal<In, Bit>,
    /// Comes back in the result.
    pub m_job_handle: Signal<Out, U<64>>,
    /// Comes back in the result.
    pub m_job_sequence: Signal<Out, U<32>>,
    /// Pixels.
    pub m_job_pixels: Signal<Out, U<32>>,
    /// Their bytes.
    pub m_job_bytes: Signal<Out, U<32>>,
    /// 0 or why the request is refused.
    pub m_job_status: Signal<Out, U<8>>,
    /// `now` at the request's first word.
    pub m_job_start: Signal<Out, U<40>>,
    /// A word of pixels stands.
    pub m_px_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_px_tready: Signal<In, Bit>,
    /// Pixels.
    pub m_px_tdata: Signal<Out, U<64>>,
    /// The block's last word.
    pub m_px_tlast: Signal<Out, Bit>,
    /// Constant over a block: its bytes.
    pub m_px_size: Signal<Out, U<16>>,
    /// Constant over a block: log2 of an element's bytes.
    pub m_px_esize: Signal<Out, U<2>>,
    /// Constant over a block: the tail.
    pub m_px_raw: Signal<Out, Bit>,
    /// Constant over a block: the frame's last.
    pub m_px_final: Signal<Out, Bit>,

    full_words: Constant<U<30>>,
    // 0: header, 1, 2: the header's last word is looked at, 3: job, 4: next block, 5: pixels, 6: dropped.
    state: DFF<U<3>>,
    at: DFF<U<3>>,
    held: DFF<U<64>>,
    held_valid: DFF<Bit>,
    held_at: DFF<U<3>>,
    invalid: DFF<Bit>,
    code: DFF<U<8>>,
    handle: DFF<U<64>>,
    sequence_number: DFF<U<32>>,
    bytes: DFF<U<32>>,
    pixels: DFF<U<32>>,
    start: DFF<U<40>>,
    // Words of blocks, bytes of the tail that are still to come.
    left: DFF<U<30>>,
    tail: DFF<U<5>>,
    some_left: DFF<Bit>,
    many_left: DFF<Bit>,
    looked: DFF<Bit>,
    block_left: DFF<U<30>>,
    one_left: DFF<Bit>,
    size: DFF<U<16>>,
    raw: DFF<Bit>,
    is_final: DFF<Bit>,

    low: Signal<Local, U<32>>,
    high: Signal<Local, U<32>>,
    known: Signal<Local, Bit>,
    scaled: Signal<Local, U<32>>,
    uneven: Signal<Local, Bit>,
    esize: Signal<Local, U<2>>,
    words: Signal<Local, U<30>>,
    tail_up: Signal<Local, U<6>>,
    all_up: Signal<Local, U<33>>,
    takes: Signal<Local, Bit>,
    moves: Signal<Local, Bit>,
    next_left: Signal<Local, U<30>>,
}

impl<const BLOCK: usize> Default for Intake<BLOCK> {
    fn default() -> Self {
        const { assert!(BLOCK >= 10 && BLOCK <= 15, "blocks of 1 KiB to 32 KiB") };
        Self {
            clock: Default::default(),
            reset: Default::default(),
            now: Default::default(),
            s_axis_tvalid: Default::default(),
            s_axis_tready: Default::default(),
            s_axis_tdata: Default::default(),
            m_job_tvalid: Default::default(),
            m_job_tready: Default::default(),
            m_job_handle: Default::default(),
            m_job_sequence: Default::default(),
            m_job_pixels: Default::default(),
            m_job_bytes: Default::default(),
            m_job_status: Default::default(),
            m_job_start: Default::default(),
            m_px_tvalid: Default::default(),
            m_px_tready: Default::default(),
            m_px_tdata: Default::default(),
            m_px_tlast: Default::default(),
            m_px_size: Default::default(),
            m_px_esize: Default::default(),
            m_px_raw: Default::default(),
            m_px_final: Default::default(),
            full_words: Constant::new(U(1 << (BLOCK - 3))),
            state: Default::default(),
            at: Default::default(),
            held: Default::default(),
            held_valid: Default::default(),
            held_at: Default::default(),
            invalid: Default::default(),
            code: Default::default(),
            handle: Default::default(),
            sequence_number: Default::default(),
            bytes: Default::default(),
            pixels: Default::default(),
            start: Default::default(),
            left: Default::default(),
            tail: Default::default(),
            some_left: Default::default(),
            many_left: Default::default(),
            looked: Default::default(),
            block_left: Default::default(),
            one_left: Default::default(),
            size: Default::default(),
            raw: Default::default(),
            is_final: Default::default(),
            low: Default::default(),
            high: Default::default(),
            known: Default::default(),
            scaled: Default::default(),
            uneven: Default::default(),
            esize: Default::default(),
            words: Default::default(),
            tail_up: Default::default(),
            all_up: Default::default(),
            takes: Default::default(),
            moves: Default::default(),
            next_left: Default::default(),
        }
    }
}

impl<const BLOCK: usize> Logic for Intake<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, at, held, held_valid, held_at, invalid, code, handle, sequence_number, bytes);
        dff_setup!(
            self, clock, pixels, start, left, tail, some_left, many_left, looked, block_left, one_left, size, raw
        );
        dff_setup!(self, clock, is_final);

        // The header, a word a cycle; its words are looked at a cycle later.
        self.takes.next = (self.state.q.val() == 0) & self.s_axis_tvalid.val();
        self.held_valid.d.next = self.takes.val();
        self.held_at.d.next = self.at.q.val();
        if self.takes.val() {
            self.held.d.next = self.s_axis_tdata.val();
            self.at.d.next = self.at.q.val() + 1;
            if !self.at.q.val().any() {
                self.start.d.next = self.now.val();
            }
            if self.at.q.val().all() {
                self.state.d.next = 1.into();
            }
        }
        self.low.next = self.held.q.val().get_bits::<32>(0);
        self.high.next = self.held.q.val().get_bits::<32>(32);
        self.esize.next = self.code.q.val().get_bits::<2>(0);
        // 0, 1, 2, 5 and 6.
        self.known.next = !self.high.val().get_bits::<13>(19).any()
            & !(self.high.val().get_bit(16) & self.high.val().get_bit(17))
            & !(self.high.val().get_bit(18) & !self.high.val().get_bit(16) & !self.high.val().get_bit(17));
        self.scaled.next = self.bytes.q.val();
        self.uneven.next = false;
        if self.esize.val().get_bit(0) {
            self.scaled.next = self.bytes.q.val() >> 1;
            self.uneven.next = self.bytes.q.val().get_bit(0);
        }
        if self.esize.val().get_bit(1) {
            self.scaled.next = self.bytes.q.val() >> 2;
            self.uneven.next = self.bytes.q.val().get_bits::<2>(0).any();
        }
        if self.held_valid.q.val() {
            match self.held_at.q.val().index() {
                0 => {
                    self.invalid.d.next = (self.low.val() != 0x5159_4244)
                        | (self.held.q.val().get_bits::<16>(32) != 0x0201)
                        | !self.known.val();
                    self.code.d.next = self.held.q.val().get_bits::<8>(48);
                }
                1 => {
                    self.handle.d.next = self.held.q.val();
                }
                2 => {
                    self.sequence_number.d.next = self.low.val();
                    self.bytes.d.next = self.high.val();
                }
                3 => {
                    self.pixels.d.next = self.low.val();
                    self.invalid.d.next = self.invalid.q.val() | self.high.val().any();
                }
                5 => {}
                _ => {
                    self.invalid.d.next = self.invalid.q.val() | self.held.q.val().any();
                }
            }
        }

        // Words of blocks and bytes of the tail; if the request is refused, all words.
        self.words.next = bit_cast_u::<30, 29>(self.bytes.q.val().get_bits::<29>(3));
        self.tail_up.next = bit_cast_u::<6, 3>(self.bytes.q.val().get_bits::<3>(0));
        if self.esize.val().get_bit(0) {
            self.words.next = bit_cast_u::<30, 28>(self.bytes.q.val().get_bits::<28>(4)) << 1;
            self.tail_up.next = bit_cast_u::<6, 4>(self.bytes.q.val().get_bits::<4>(0));
        }
        if self.esize.val().get_bit(1) {
            self.words.next = bit_cast_u::<30, 27>(self.bytes.q.val().get_bits::<27>(5)) << 2;
            self.tail_up.next = bit_cast_u::<6, 5>(self.bytes.q.val().get_bits::<5>(0));
        }
        self.all_up.next = bit_cast_u::<33, 32>(self.bytes.q.val()) + 7;
        if self.state.q.val() == 1 {
            self.state.d.next = 2.into();
            self.looked.d.next = (self.scaled.val() != self.pixels.q.val()) | self.uneven.val();
        }
        if self.state.q.val() == 2 {
            self.state.d.next = 3.into();
            self.invalid.d.next = self.invalid.q.val() | self.looked.q.val();
            self.left.d.next = self.words.val();
            self.tail.d.next = self.tail_up.val().get_bits::<5>(0);
        }
        self.m_job_tvalid.next = (self.state.q.val() == 3) & self.looked.q.val();
        if self.state.q.val() == 3 {
            self.looked.d.next = true;
            if self.looked.q.val() & self.m_job_tready.val() {
                self.looked.d.next = false;
                self.state.d.next = 4.into();
                self.block_left.d.next = self.all_up.val().get_bits::<30>(3);
                if self.invalid.q.val() {
                    self.state.d.next = 6.into();
                }
            }
        }
        if self.state.q.val() == 2 {
            self.looked.d.next = false;
        }
        self.m_job_handle.next = self.handle.q.val();
        self.m_job_sequence.next = self.sequence_number.q.val();
        self.m_job_pixels.next = self.pixels.q.val();
        self.m_job_bytes.next = self.bytes.q.val();
        self.m_job_start.next = self.start.q.val();
        self.m_job_status.next = 0.into();
        if self.invalid.q.val() {
            self.m_job_status.next = 35.into();
        }

        // The next block.
        self.some_left.d.next = self.left.q.val().any();
        self.many_left.d.next = self.left.q.val() > self.full_words.val();
        self.next_left.next = self.left.q.val() - self.full_words.val();
        if self.state.q.val() == 4 {
            self.state.d.next = 5.into();
            self.raw.d.next = false;
            self.one_left.d.next = false;
            if self.many_left.q.val() {
                self.left.d.next = self.next_left.val();
                self.block_left.d.next = self.full_words.val();
                self.size.d.next = bit_cast_u::<16, 30>(self.full_words.val()) << 3;
                self.is_final.d.next = false;
            } else if self.some_left.q.val() {
                self.left.d.next = 0.into();
                self.block_left.d.next = self.left.q.val();
                self.one_left.d.next = self.left.q.val() == 1;
                self.size.d.next = bit_cast_u::<16, 30>(self.left.q.val()) << 3;
                self.is_final.d.next = !self.tail.q.val().any();
            } else if self.tail.q.val().any() {
                self.tail.d.next = 0.into();
                self.block_left.d.next = bit_cast_u::<30, 2>(self.tail.q.val().get_bits::<2>(3)) + 1;
                self.one_left.d.next = !self.tail.q.val().get_bits::<2>(3).any();
                if !self.tail.q.val().get_bits::<3>(0).any() {
                    self.block_left.d.next = bit_cast_u::<30, 2>(self.tail.q.val().get_bits::<2>(3));
                    self.one_left.d.next = self.tail.q.val().get_bits::<2>(3) == 1;
                }
                self.size.d.next = bit_cast_u::<16, 5>(self.tail.q.val());
                self.raw.d.next = true;
                self.is_final.d.next = true;
            } else {
                self.state.d.next = 0.into();
            }
        }

        // Its words.
        self.s_axis_tready.next = (self.state.q.val() == 0)
            | ((self.state.q.val() == 5) & self.m_px_tready.val())
            | ((self.state.q.val() == 6) & self.block_left.q.val().any());
        self.m_px_tvalid.next = (self.state.q.val() == 5) & self.s_axis_tvalid.val();
        self.m_px_tdata.next = self.s_axis_tdata.val();
        self.m_px_tlast.next = self.one_left.q.val();
        self.m_px_size.next = self.size.q.val();
        self.m_px_esize.next = self.esize.val();
        self.m_px_raw.next = self.raw.q.val();
        self.m_px_final.next = self.is_final.q.val();
        self.moves.next = (self.state.q.val() == 5) & self.s_axis_tvalid.val() & self.m_px_tready.val();
        if self.moves.val() {
            self.block_left.d.next = self.block_left.q.val() - 1;
            self.one_left.d.next = self.block_left.q.val() == 2;
            if self.one_left.q.val() {
                self.state.d.next = 4.into();
                if self.is_final.q.val() {
                    self.state.d.next = 0.into();
                }
            }
        }
        if self.state.q.val() == 6 {
            if !self.block_left.q.val().any() {
                self.state.d.next = 0.into();
            } else if self.s_axis_tvalid.val() {
                self.block_left.d.next = self.block_left.q.val() - 1;
            }
        }

        if self.reset.val() {
            self.state.d.next = 0.into();
            self.at.d.next = 0.into();
            self.held_valid.d.next = false;
            self.looked.d.next = false;
        }
    }
}
