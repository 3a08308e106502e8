//! A short queue in LUT RAM that lets a pipeline run without a stall wire: the pipeline starts a word only while `room`
//! is high, and what is on its way then still fits.

use super::ram::LutRamPair;
use super::word::U;
use rust_hdl::prelude::*;

/// Queue of up to 2^A - 1 entries of `N` + `M` bits with a register behind it. `room` falls a cycle after the entries
/// reach the limit: one more and what is on its way by then must fit above it. An entry pushed into an empty queue
/// stands at the output two cycles later.
#[derive(LogicBlock)]
pub struct Queue<const N: usize, const M: usize, const A: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Empties the queue.
    pub reset: Signal<In, Bit>,
    /// Takes an entry at the next edge.
    pub push: Signal<In, Bit>,
    /// Entry's first word.
    pub push_data: Signal<In, U<N>>,
    /// Entry's second word.
    pub push_side: Signal<In, U<M>>,
    /// Fewer entries than the limit.
    pub room: Signal<Out, Bit>,
    /// There is an entry.
    pub valid: Signal<Out, Bit>,
    /// Its first word.
    pub data: Signal<Out, U<N>>,
    /// Its second word.
    pub side: Signal<Out, U<M>>,
    /// It is taken.
    pub ready: Signal<In, Bit>,
    limit: Constant<U<A>>,
    words: LutRamPair<U<N>, U<M>, A>,
    write_at: DFF<U<A>>,
    read_at: DFF<U<A>>,
    above: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_data: DFF<U<N>>,
    out_side: DFF<U<M>>,
    used: Signal<Local, U<A>>,
    moves: Signal<Local, Bit>,
}

impl<const N: usize, const M: usize, const A: usize> Queue<N, M, A> {
    /// A queue that has room below `limit` entries.
    pub fn new(limit: u64) -> Self {
        assert!(limit < (1 << A) - 1, "a queue's limit leaves room for entries on their way");
        Self {
            clock: Default::default(),
            reset: Default::default(),
            push: Default::default(),
            push_data: Default::default(),
            push_side: Default::default(),
            room: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            side: Default::default(),
            ready: Default::default(),
            limit: Constant::new(U(limit)),
            words: Default::default(),
            write_at: Default::default(),
            read_at: Default::default(),
            above: Default::default(),
            out_valid: Default::default(),
            out_data: Default::default(),
            out_side: Default::default(),
            used: Default::default(),
            moves: Default::default(),
        }
    }
}

impl<const N: usize, const M: usize, const A: usize> Logic for Queue<N, M, A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, write_at, read_at, above, out_valid, out_data, out_side);
        self.words.clock.next = self.clock.val();
        self.words.write_enable.next = self.push.val();
        self.words.write_address.next = self.write_at.q.val();
        self.words.write_data.next = self.push_data.val();
        self.words.read_address.next = self.read_at.q.val();
        self.words.write_side.next = self.push_side.val();
        if self.push.val() {
            self.write_at.d.next = self.write_at.q.val() + 1;
        }
        self.used.next = self.write_at.q.val() - self.read_at.q.val();
        self.above.d.next = self.used.val() >= self.limit.val();
        self.moves.next = self.ready.val() | !self.out_valid.q.val();
        if self.moves.val() {
            self.out_data.d.next = self.words.read_data.val();
            self.out_side.d.next = self.words.read_side.val();
            self.out_valid.d.next = self.write_at.q.val() != self.read_at.q.val();
            if self.write_at.q.val() != self.read_at.q.val() {
                self.read_at.d.next = self.read_at.q.val() + 1;
            }
        }
        self.room.next = !self.above.q.val();
        self.valid.next = self.out_valid.q.val();
        self.data.next = self.out_data.q.val();
        self.side.next = self.out_side.q.val();
        if self.reset.val() {
            self.write_at.d.next = 0.into();
            self.read_at.d.next = 0.into();
            self.out_valid.d.next = false;
        }
    }
}
