//! Intake: requests and pixels from the bus; the job to the emitter, pixels block by block to the shuffle.

use crate::base::word::{U, bit_cast_u};
use crate::splitter::watchdog::Watchdog;
use rust_hdl::prelude::*;

/// Reads requests ([`debye_spec::encode_wire`]) and cuts the pixels behind them into blocks of 2^BLOCK bytes, a shorter
/// last one of whole groups of 8 elements, and the tail. A word a cycle but for one cycle before each block.
///
/// A job is offered while its pixels pass; the next request is read when it is taken.
///
/// When the watchdog gives a frame up, its block under way is filled up with whatever the bus shows and made its last;
/// what comes late of it is dropped, counted as it would have been. Pixels behind a refused request are dropped the
/// same way.
#[derive(LogicBlock)]
pub struct Intake<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Running count of cycles.
    pub now: Signal<In, U<40>>,
    /// Cycles without a word of pixels after which a frame is given up; 0: never.
    pub watchdog: Signal<In, U<32>>,
    /// A word stands.
    pub s_axis_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_axis_tready: Signal<Out, Bit>,
    /// The word, first byte in bits 7..0.
    pub s_axis_tdata: Signal<In, U<64>>,
    /// A job, for every request: from the first of its pixels on.
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
    /// The request is refused.
    pub m_job_refused: Signal<Out, Bit>,
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
    /// Constant over a block: bytes of a plane, mod 8; of the tail 1.
    pub m_px_units: Signal<Out, U<3>>,
    /// Constant over a block: log2 of an element's bytes.
    pub m_px_esize: Signal<Out, U<2>>,
    /// Constant over a block: the tail.
    pub m_px_raw: Signal<Out, Bit>,
    /// With the block's last word: the frame's last block.
    pub m_px_final: Signal<Out, Bit>,
    /// With the block's last word: the frame was given up. It is the last block then.
    pub m_px_stalled: Signal<Out, Bit>,
    /// Constant over a block: bytes of the tail.
    pub m_px_bytes: Signal<Out, U<5>>,
    /// Constant over a frame, and for four cycles more: four bytes of pixels of the threshold.
    pub m_px_threshold: Signal<Out, U<32>>,

    block_log2: Constant<U<5>>,
    places: Constant<U<13>>,
    watch: Watchdog,
    // 0: header, 1, 2: the header's last word is looked at, 3: job, 4: next block, 5: its words.
    state: DFF<U<3>>,
    // The job was not taken yet: it stands in the registers that the next request's header goes to.
    offers: DFF<Bit>,
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
    threshold: DFF<U<32>>,
    start: DFF<U<40>>,
    uneven: DFF<Bit>,
    // What of the frame is behind: full blocks, the shorter one, the tail. How many words of a block have come, one ahead.
    blocks: DFF<U<22>>,
    no_more: DFF<Bit>,
    shorter: DFF<Bit>,
    place: DFF<U<13>>,
    goal: DFF<U<13>>,
    raw: DFF<Bit>,
    some: DFF<Bit>,
    some_tail: DFF<Bit>,
    // Words are dropped; the frame was given up and its block is filled up, and from where.
    drops: DFF<Bit>,
    fills: DFF<Bit>,
    given_up_at: DFF<U<13>>,

    low: Signal<Local, U<32>>,
    high: Signal<Local, U<32>>,
    reads: Signal<Local, Bit>,
    known: Signal<Local, Bit>,
    scaled: Signal<Local, U<32>>,
    rest: Signal<Local, U<2>>,
    esize: Signal<Local, U<2>>,
    all_blocks: Signal<Local, U<32>>,
    words: Signal<Local, U<13>>,
    tail: Signal<Local, U<5>>,
    tail_words: Signal<Local, U<3>>,
    units: Signal<Local, U<3>>,
    takes: Signal<Local, Bit>,
    streams: Signal<Local, Bit>,
    last: Signal<Local, Bit>,
    is_final: Signal<Local, Bit>,
    moves: Signal<Local, Bit>,
}

impl<const BLOCK: usize> Default for Intake<BLOCK> {
    fn default() -> Self {
        const { assert!(BLOCK >= 10 && BLOCK <= 15, "blocks of 1 KiB to 32 KiB") };
        Self {
            clock: Default::default(),
            reset: Default::default(),
            now: Default::default(),
            watchdog: Default::default(),
            s_axis_tvalid: Default::default(),
            s_axis_tready: Default::default(),
            s_axis_tdata: Default::default(),
            m_job_tvalid: Default::default(),
            m_job_tready: Default::default(),
            m_job_handle: Default::default(),
            m_job_sequence: Default::default(),
            m_job_pixels: Default::default(),
            m_job_bytes: Default::default(),
            m_job_refused: Default::default(),
            m_job_start: Default::default(),
            m_px_tvalid: Default::default(),
            m_px_tready: Default::default(),
            m_px_tdata: Default::default(),
            m_px_tlast: Default::default(),
            m_px_units: Default::default(),
            m_px_esize: Default::default(),
            m_px_raw: Default::default(),
            m_px_final: Default::default(),
            m_px_stalled: Default::default(),
            m_px_bytes: Default::default(),
            m_px_threshold: Default::default(),
            block_log2: Constant::new(U(BLOCK as u64)),
            places: Constant::new(U((1 << (BLOCK - 3)) - 1)),
            watch: Default::default(),
            state: Default::default(),
            offers: Default::default(),
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
            threshold: Default::default(),
            start: Default::default(),
            uneven: Default::default(),
            blocks: Default::default(),
            no_more: Default::default(),
            shorter: Default::default(),
            place: Default::default(),
            goal: Default::default(),
            raw: Default::default(),
            some: Default::default(),
            some_tail: Default::default(),
            drops: Default::default(),
            fills: Default::default(),
            given_up_at: Default::default(),
            low: Default::default(),
            high: Default::default(),
            reads: Default::default(),
            known: Default::default(),
            scaled: Default::default(),
            rest: Default::default(),
            esize: Default::default(),
            all_blocks: Default::default(),
            words: Default::default(),
            tail: Default::default(),
            tail_words: Default::default(),
            units: Default::default(),
            takes: Default::default(),
            streams: Default::default(),
            last: Default::default(),
            is_final: Default::default(),
            moves: Default::default(),
        }
    }
}

impl<const BLOCK: usize> Logic for Intake<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            offers,
            at,
            held,
            held_valid,
            held_at,
            invalid,
            code,
            handle,
            sequence_number,
            bytes
        );
        dff_setup!(self, clock, pixels, threshold, start, uneven, blocks, no_more, shorter, place, goal, raw, some);
        dff_setup!(self, clock, some_tail, drops, fills, given_up_at);
        self.watch.clock.next = self.clock.val();
        self.watch.reset.next = self.reset.val();
        self.watch.limit.next = self.watchdog.val();

        // The header, a word a cycle; its words are looked at a cycle later.
        self.reads.next = (self.state.q.val() == 0) & !self.offers.q.val();
        self.takes.next = self.reads.val() & self.s_axis_tvalid.val();
        self.held_valid.d.next = self.takes.val();
        self.held_at.d.next = self.at.q.val();
        self.held.d.next = self.s_axis_tdata.val();
        if self.takes.val() {
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
        self.rest.next = 0.into();
        if self.esize.val().get_bit(0) {
            self.scaled.next = self.bytes.q.val() >> 1;
            self.rest.next = bit_cast_u::<2, 1>(self.bytes.q.val().get_bits::<1>(0));
        }
        if self.esize.val().get_bit(1) {
            self.scaled.next = self.bytes.q.val() >> 2;
            self.rest.next = self.bytes.q.val().get_bits::<2>(0);
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
                    self.threshold.d.next = self.high.val();
                }
                5 => {}
                _ => {
                    self.invalid.d.next = self.invalid.q.val() | self.held.q.val().any();
                }
            }
        }
        self.uneven.d.next = (self.scaled.val() != self.pixels.q.val()) | self.rest.val().any();

        // Full blocks, words of the shorter one, bytes and words of the tail.
        self.all_blocks.next = self.bytes.q.val() >> self.block_log2.val();
        self.words.next = self.bytes.q.val().get_bits::<13>(3) & self.places.val();
        self.tail.next = bit_cast_u::<5, 3>(self.bytes.q.val().get_bits::<3>(0));
        self.units.next = self.bytes.q.val().get_bits::<3>(3);
        if self.esize.val().get_bit(0) {
            self.words.next = self.bytes.q.val().get_bits::<13>(3) & self.places.val() & 0x1ffe;
            self.tail.next = bit_cast_u::<5, 4>(self.bytes.q.val().get_bits::<4>(0));
            self.units.next = self.bytes.q.val().get_bits::<3>(4);
        }
        if self.esize.val().get_bit(1) {
            self.words.next = self.bytes.q.val().get_bits::<13>(3) & self.places.val() & 0x1ffc;
            self.tail.next = self.bytes.q.val().get_bits::<5>(0);
            self.units.next = self.bytes.q.val().get_bits::<3>(5);
        }
        self.tail_words.next = bit_cast_u::<3, 2>(self.tail.val().get_bits::<2>(3));
        if self.tail.val().get_bits::<3>(0).any() {
            self.tail_words.next = bit_cast_u::<3, 2>(self.tail.val().get_bits::<2>(3)) + 1;
        }
        self.no_more.d.next = self.blocks.q.val() == self.all_blocks.val().get_bits::<22>(0);
        self.some.d.next = self.words.val().any();
        self.some_tail.d.next = self.tail.val().any();
        if self.state.q.val() == 1 {
            self.state.d.next = 2.into();
        }
        if self.state.q.val() == 2 {
            self.state.d.next = 3.into();
            self.invalid.d.next = self.invalid.q.val() | self.uneven.q.val();
        }
        if self.offers.q.val() & self.m_job_tready.val() {
            self.offers.d.next = false;
        }
        if self.state.q.val() == 3 {
            self.state.d.next = 4.into();
            self.drops.d.next = self.invalid.q.val();
            self.offers.d.next = true;
        }
        self.m_job_tvalid.next = self.offers.q.val();
        self.m_job_handle.next = self.handle.q.val();
        self.m_job_sequence.next = self.sequence_number.q.val();
        self.m_job_pixels.next = self.pixels.q.val();
        self.m_job_bytes.next = self.bytes.q.val();
        self.m_job_start.next = self.start.q.val();
        self.m_job_refused.next = self.invalid.q.val();

        // The next block.
        if self.state.q.val() == 4 {
            self.state.d.next = 5.into();
            self.place.d.next = 1.into();
            self.goal.d.next = self.words.val();
            if !self.no_more.q.val() {
                self.blocks.d.next = self.blocks.q.val() + 1;
                self.goal.d.next = 0.into();
            } else if self.some.q.val() & !self.shorter.q.val() {
                self.shorter.d.next = true;
            } else if self.some_tail.q.val() & !self.raw.q.val() {
                self.raw.d.next = true;
                self.goal.d.next = bit_cast_u::<13, 3>(self.tail_words.val());
            } else {
                self.state.d.next = 0.into();
            }
        }
        if self.state.q.val() == 0 {
            self.blocks.d.next = 0.into();
            self.shorter.d.next = false;
            self.raw.d.next = false;
        }

        // Its words. A word given for one that did not come is not taken from the bus.
        self.streams.next = self.state.q.val() == 5;
        self.s_axis_tready.next = self.reads.val()
            | (self.streams.val() & !self.fills.q.val() & (self.drops.q.val() | self.m_px_tready.val()));
        self.m_px_tvalid.next =
            self.streams.val() & !self.drops.q.val() & (self.s_axis_tvalid.val() | self.fills.q.val());
        self.moves.next = self.streams.val()
            & (self.s_axis_tvalid.val() | self.fills.q.val())
            & (self.drops.q.val() | self.m_px_tready.val());
        self.last.next = ((self.place.q.val() ^ self.goal.q.val()) & self.places.val()) == 0;
        self.is_final.next = self.no_more.q.val()
            & (self.raw.q.val() | !self.some_tail.q.val())
            & (self.shorter.q.val() | !self.some.q.val());
        self.m_px_tdata.next = self.s_axis_tdata.val();
        self.m_px_tlast.next = self.last.val();
        self.m_px_units.next = 0.into();
        if self.shorter.q.val() {
            self.m_px_units.next = self.units.val();
        }
        if self.raw.q.val() {
            self.m_px_units.next = 1.into();
        }
        self.m_px_bytes.next = self.tail.val();
        self.m_px_esize.next = self.esize.val();
        self.m_px_raw.next = self.raw.q.val();
        self.m_px_final.next = self.is_final.val() | self.fills.q.val();
        self.m_px_stalled.next = self.fills.q.val();
        self.m_px_threshold.next = self.threshold.q.val();
        if self.moves.val() {
            self.place.d.next = self.place.q.val() + 1;
            if self.last.val() {
                self.state.d.next = 4.into();
                self.fills.d.next = false;
                if self.fills.q.val() {
                    // The block again, for its words that did not come.
                    self.state.d.next = 5.into();
                    self.place.d.next = self.given_up_at.q.val();
                    self.drops.d.next = true;
                }
            }
        }

        // A frame is given up where a word of it is wanted and none comes.
        self.watch.lacks.next = self.streams.val()
            & !self.s_axis_tvalid.val()
            & !self.drops.q.val()
            & !self.fills.q.val()
            & self.m_px_tready.val();
        if self.watch.expired.val() & self.streams.val() & !self.drops.q.val() & !self.fills.q.val() & !self.moves.val()
        {
            self.fills.d.next = true;
            self.given_up_at.d.next = self.place.q.val();
        }

        if self.reset.val() {
            self.state.d.next = 0.into();
            self.at.d.next = 0.into();
            self.held_valid.d.next = false;
            self.fills.d.next = false;
            self.offers.d.next = false;
        }
    }
}
