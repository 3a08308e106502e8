//! A lane that decodes nothing: it takes a frame's words and operations at random times and answers with their hashes.

use debye_hdl::base::random::Random;
use debye_hdl::base::word::{U, W};
use rust_hdl::prelude::*;
use std::cell::Cell;
use std::collections::VecDeque;

/// FNV-1a over words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(pub u64);

impl Default for Hash {
    fn default() -> Self {
        Hash(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    pub fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0100_0000_01b3);
    }
}

#[derive(Clone, Debug, Default)]
struct Frame {
    handle: u64,
    words: Hash,
    ops: Hash,
    op_count: u64,
}

#[derive(Debug, Default)]
struct State {
    header: u64,
    left: u64,
    bytes: u64,
    coming: Frame,
    /// Frames whose header came; operations go to the first one that has not had its last.
    open: VecDeque<Frame>,
    ops_done: usize,
    words_done: usize,
    results: VecDeque<(u64, bool)>,
    waits_words: bool,
    ended: bool,
}

/// Ports as `debye_hdl::lane::Lane`.
#[derive(LogicBlock)]
pub struct StubLane {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub s_axis_tvalid: Signal<In, Bit>,
    pub s_axis_tready: Signal<Out, Bit>,
    pub s_axis_tdata: Signal<In, U<64>>,
    pub s_op_tvalid: Signal<In, Bit>,
    pub s_op_tready: Signal<Out, Bit>,
    pub s_op_tdata: Signal<In, W<128, 2>>,
    pub m_axis_tvalid: Signal<Out, Bit>,
    pub m_axis_tready: Signal<In, Bit>,
    pub m_axis_tdata: Signal<Out, U<64>>,
    pub m_axis_tlast: Signal<Out, Bit>,
    pub table_id: Signal<In, U<32>>,
    pub table_pixels: Signal<In, U<26>>,
    pub table_bins: Signal<In, U<15>>,
    pub max_bins: Signal<In, U<15>>,
    pub watchdog: Signal<In, U<32>>,
    pub now: Signal<In, U<40>>,
    pub stall: Signal<Out, U<8>>,
    _state: State,
    _random: Random,
    _pace: u64,
}

thread_local! {
    /// The next lane's seed. A test's own: it runs on one thread.
    static SEED: Cell<u64> = const { Cell::new(1) };
}

impl Default for StubLane {
    fn default() -> Self {
        let number = SEED.replace(SEED.get() + 1);
        StubLane {
            clock: Default::default(),
            reset: Default::default(),
            s_axis_tvalid: Default::default(),
            s_axis_tready: Default::default(),
            s_axis_tdata: Default::default(),
            s_op_tvalid: Default::default(),
            s_op_tready: Default::default(),
            s_op_tdata: Default::default(),
            m_axis_tvalid: Default::default(),
            m_axis_tready: Default::default(),
            m_axis_tdata: Default::default(),
            m_axis_tlast: Default::default(),
            table_id: Default::default(),
            table_pixels: Default::default(),
            table_bins: Default::default(),
            max_bins: Default::default(),
            watchdog: Default::default(),
            now: Default::default(),
            stall: Default::default(),
            _state: State { header: 8, ..State::default() },
            _random: Random::new(number),
            _pace: 4 + number * 5 % 13,
        }
    }
}

/// Words of a stub's result before the padding: handle, hash of the words, hash of the operations, operations.
pub const RESULT_WORDS: usize = 4;
/// Last word of a stub's result.
pub const RESULT_END: u64 = 0x454e_4421;

impl State {
    fn take_word(&mut self, word: u64) {
        if self.header > 0 {
            match 8 - self.header {
                0 => self.coming = Frame::default(),
                1 => self.coming.handle = word,
                2 => self.bytes = word >> 32,
                _ => {}
            }
            self.coming.words.add(word);
            self.header -= 1;
            self.left = self.bytes.div_ceil(8);
            if self.header > 0 {
                return;
            }
            self.open.push_back(self.coming.clone());
        } else {
            let tail = if self.left == 1 && !self.bytes.is_multiple_of(8) { 8 * (self.bytes % 8) } else { 64 };
            let frame = self.open.back_mut().expect("a frame is open");
            frame.words.add(word & u64::MAX >> (64 - tail));
            self.left -= 1;
        }
        if self.left == 0 {
            self.header = 8;
            self.words_done += 1;
        }
    }

    fn take_op(&mut self, op: [u64; 2]) {
        let frame = &mut self.open[self.ops_done];
        op.iter().for_each(|&word| frame.ops.add(word));
        frame.op_count += 1;
        if op[1] >> 63 != 0 {
            self.ops_done += 1;
        }
    }

    fn finish(&mut self, padding: u64) {
        if self.ops_done.min(self.words_done) == 0 || self.results.len() > 4 {
            return;
        }
        let frame = self.open.pop_front().expect("a frame is done");
        self.ops_done -= 1;
        self.words_done -= 1;
        self.ended = true;
        let words = [frame.handle, frame.words.0, frame.ops.0, frame.op_count];
        self.results.extend(words.map(|word| (word, false)));
        self.results.extend((0..padding).map(|n| (n, false)));
        self.results.push_back((RESULT_END, true));
    }
}

impl Logic for StubLane {
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        let state = &mut self._state;
        if self.reset.val() {
            *state = State { header: 8, ..State::default() };
        } else {
            if self.s_axis_tvalid.val() && self.s_axis_tready.val() {
                state.take_word(self.s_axis_tdata.val().0);
            }
            if self.s_op_tvalid.val() && self.s_op_tready.val() {
                state.take_op(self.s_op_tdata.val().0);
            }
            if self.m_axis_tvalid.val() && self.m_axis_tready.val() {
                state.results.pop_front();
            }
            state.ended = false;
            let padding = self._random.below(20);
            state.finish(padding);
        }
        let random = &mut self._random;
        // Now and then a lane does nothing for a while, so that FIFOs fill.
        if random.chance(1, 1024) {
            state.waits_words = !state.waits_words;
        }
        let pace = if state.waits_words { self._pace } else { 16 };
        // The last word of a second frame is not taken while two are open.
        self.s_axis_tready.next = random.chance(pace, 16) && state.open.len() < 3;
        self.s_op_tready.next = state.ops_done < state.open.len() && random.chance(pace, 16);
        let held = self.m_axis_tvalid.val() && !self.m_axis_tready.val();
        self.m_axis_tvalid.next = !state.results.is_empty() && (held || random.chance(12, 16));
        let (word, last) = state.results.front().copied().unwrap_or_default();
        self.m_axis_tdata.next = U(word);
        self.m_axis_tlast.next = last;
        self.stall.next = U((state.ended as u64) << 7);
    }
    fn connect(&mut self) {
        self.s_axis_tready.connect();
        self.s_op_tready.connect();
        self.m_axis_tvalid.connect();
        self.m_axis_tdata.connect();
        self.m_axis_tlast.connect();
        self.stall.connect();
    }
}
