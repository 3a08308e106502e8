//! A lane that decodes nothing, but answers as `debye_spec::wire` wants: it hashes the chunk and sends as many words as
//! the request asks for. Its request says how it misbehaves.

use debye_hdl::base::random::Random;
use debye_hdl::base::word::{U, W};
use debye_hdl::rings::encode::Encoders;
use debye_hdl::rings::engine::Engine;
use debye_spec::wire::{RESULT_MAGIC, TRAILER_MAGIC};
use rust_hdl::prelude::*;
use std::cell::Cell;
use std::collections::VecDeque;

/// Request threshold of a frame whose result comes before its chunk.
pub const EARLY: u64 = 0xea41;
/// Request threshold of a frame that is never taken.
pub const HANG: u64 = 0xdead;

/// What a lane makes of a chunk's words: FNV-1a.
pub fn hash(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, word| (hash ^ word).wrapping_mul(0x0100_0000_01b3))
}

/// The words of a result, with that status.
pub fn result(handle: u64, sequence: u64, hash: u64, words: u64, status: u64) -> Vec<u64> {
    let mut out = vec![RESULT_MAGIC as u64 | 1 << 32 | 1 << 40 | status << 48, handle, sequence | (8 * words) << 32];
    out.extend((3..8).map(|n| hash.wrapping_mul(n)));
    out.extend((0..words).map(|n| hash ^ n));
    out.push(hash & 0xffff_ffff | (TRAILER_MAGIC as u64) << 32);
    out
}

#[derive(Debug, Default)]
struct State {
    header: Vec<u64>,
    left: u64,
    hash: u64,
    open: VecDeque<(Vec<u64>, u64, bool)>,
    ops_done: usize,
    results: VecDeque<(u64, bool)>,
    ended: bool,
    hangs: bool,
}

/// Ports as `debye_hdl::lane::Lane`.
#[derive(LogicBlock)]
pub struct RingLane {
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
}

// A test's own: it runs on one thread.
thread_local! {
    /// The next lane's seed.
    static SEED: Cell<u64> = const { Cell::new(1) };
    /// Chance in 64 that a lane takes or gives a word.
    pub static PACE: Cell<u64> = const { Cell::new(50) };
}

impl Default for RingLane {
    fn default() -> Self {
        RingLane {
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
            _state: State::default(),
            _random: Random::new(SEED.replace(SEED.get() + 1)),
        }
    }
}

impl State {
    fn take_word(&mut self, word: u64) {
        if self.header.len() < 8 {
            self.header.push(word);
            if self.header.len() < 8 {
                return;
            }
            let bytes = self.header[2] >> 32;
            self.left = bytes.div_ceil(8);
            self.hash = hash([]);
            let threshold = self.header[4] >> 32;
            self.hangs = threshold == HANG;
            self.open.push_back((self.header.clone(), 0, threshold == EARLY));
        } else {
            let bytes = self.header[2] >> 32;
            let bits = if self.left == 1 && !bytes.is_multiple_of(8) { 8 * (bytes % 8) } else { 64 };
            self.hash = (self.hash ^ word & u64::MAX >> (64 - bits)).wrapping_mul(0x0100_0000_01b3);
            self.left -= 1;
        }
        if self.left == 0 {
            let (hash, frame) = (self.hash, self.open.back_mut());
            // An early frame has sent its result.
            if let Some(frame) = frame.filter(|frame| frame.0 == self.header) {
                (frame.1, frame.2) = (hash, true);
            }
            self.header.clear();
        }
    }

    fn finish(&mut self) {
        if self.ops_done == 0 || self.results.len() > 64 || !self.open.front().is_some_and(|frame| frame.2) {
            return;
        }
        let Some((header, hash, _)) = self.open.pop_front() else { return };
        self.ops_done -= 1;
        self.ended = true;
        let early = header[4] >> 32 == EARLY;
        let (hash, words) = if early { (0, 0) } else { (hash, header[3] >> 32) };
        let words = result(header[1], header[2] & 0xffff_ffff, hash, words, if early { 2 } else { 0 });
        let last = words.len() - 1;
        self.results.extend(words.into_iter().enumerate().map(|(n, word)| (word, n == last)));
    }
}

impl Logic for RingLane {
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        let state = &mut self._state;
        if self.reset.val() {
            *state = State::default();
        } else {
            if self.s_axis_tvalid.val() && self.s_axis_tready.val() {
                state.take_word(self.s_axis_tdata.val().0);
            }
            if self.s_op_tvalid.val() && self.s_op_tready.val() && self.s_op_tdata.val().0[1] >> 63 != 0 {
                state.ops_done += 1;
            }
            if self.m_axis_tvalid.val() && self.m_axis_tready.val() {
                state.results.pop_front();
            }
            state.ended = false;
            state.finish();
        }
        let (random, pace) = (&mut self._random, PACE.get());
        self.s_axis_tready.next = random.chance(pace, 64) && state.open.len() < 3 && !state.hangs;
        self.s_op_tready.next = state.ops_done < state.open.len() && random.chance(pace, 64);
        let held = self.m_axis_tvalid.val() && !self.m_axis_tready.val();
        self.m_axis_tvalid.next = !state.results.is_empty() && (held || random.chance(pace, 64));
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

debye_hdl::card!(
    /// A core of simple lanes.
    StubCore, RingLane, [], 13, 2048
);
debye_hdl::ring_card!(
    /// A card of them.
    StubRings, StubCore<LANES, GROUPS>, debye_hdl::rings::junction::Through, []
);

debye_hdl::ring_card!(
    /// A card of them with encoders beside.
    StubEncoding, StubCore<LANES, GROUPS>, Encoders<ENCODERS, BLOCK>, [ENCODERS BLOCK]
);

/// The encoders in such a card.
pub fn encoders<const LANES: usize, const GROUPS: usize, const ENCODERS: usize, const BLOCK: usize>(
    card: &StubEncoding<LANES, GROUPS, ENCODERS, BLOCK>,
) -> &Encoders<ENCODERS, BLOCK> {
    &card.junction
}

/// The engine in such a card.
pub fn engine<const LANES: usize, const GROUPS: usize>(card: &StubRings<LANES, GROUPS>) -> &Engine {
    &card.engine
}
