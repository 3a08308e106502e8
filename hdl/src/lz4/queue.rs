//! A queue in LUT RAM between two stages that run at their own pace. It is told early that it fills up, so that the
//! stages before it need not stop within the cycle.

use crate::base::ram::LutRam;
use crate::base::word::U;
use rust_hdl::prelude::*;

/// Queue of up to 2^A - 1 entries of two words, with a registered output. `full` rises one cycle after the entries
/// reach the limit; what was on its way by then is still taken, so the limit leaves room for it.
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
    pub push_tag: Signal<In, U<M>>,
    /// As many entries as the limit, or more.
    pub full: Signal<Out, Bit>,
    /// There is an entry.
    pub valid: Signal<Out, Bit>,
    /// Its first word.
    pub data: Signal<Out, U<N>>,
    /// Its second word.
    pub tag: Signal<Out, U<M>>,
    /// Drops it at the next edge.
    pub pop: Signal<In, Bit>,
    limit: Constant<U<A>>,
    words: LutRam<U<N>, A>,
    tags: LutRam<U<M>, A>,
    write_at: DFF<U<A>>,
    read_at: DFF<U<A>>,
    above: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_data: DFF<U<N>>,
    out_tag: DFF<U<M>>,
    used: Signal<Local, U<A>>,
    moves: Signal<Local, Bit>,
}

impl<const N: usize, const M: usize, const A: usize> Queue<N, M, A> {
    /// A queue that is full from `limit` entries on.
    pub fn new(limit: u64) -> Self {
        assert!(limit < (1 << A) - 1, "a queue's limit leaves room for entries on their way");
        Self {
            clock: Default::default(),
            reset: Default::default(),
            push: Default::default(),
            push_data: Default::default(),
            push_tag: Default::default(),
            full: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            tag: Default::default(),
            pop: Default::default(),
            limit: Constant::new(U(limit)),
            words: Default::default(),
            tags: Default::default(),
            write_at: Default::default(),
            read_at: Default::default(),
            above: Default::default(),
            out_valid: Default::default(),
            out_data: Default::default(),
            out_tag: Default::default(),
            used: Default::default(),
            moves: Default::default(),
        }
    }
}

impl<const N: usize, const M: usize, const A: usize> Logic for Queue<N, M, A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, write_at, read_at, above, out_valid, out_data, out_tag);
        self.words.clock.next = self.clock.val();
        self.tags.clock.next = self.clock.val();
        self.words.write_enable.next = self.push.val();
        self.words.write_address.next = self.write_at.q.val();
        self.words.write_data.next = self.push_data.val();
        self.words.read_address.next = self.read_at.q.val();
        self.tags.write_enable.next = self.push.val();
        self.tags.write_address.next = self.write_at.q.val();
        self.tags.write_data.next = self.push_tag.val();
        self.tags.read_address.next = self.read_at.q.val();
        if self.push.val() {
            self.write_at.d.next = self.write_at.q.val() + 1;
        }
        self.used.next = self.write_at.q.val() - self.read_at.q.val();
        self.above.d.next = self.used.val() >= self.limit.val();
        self.moves.next = self.pop.val() | !self.out_valid.q.val();
        if self.moves.val() {
            self.out_data.d.next = self.words.read_data.val();
            self.out_tag.d.next = self.tags.read_data.val();
            self.out_valid.d.next = self.write_at.q.val() != self.read_at.q.val();
            if self.write_at.q.val() != self.read_at.q.val() {
                self.read_at.d.next = self.read_at.q.val() + 1;
            }
        }
        self.full.next = self.above.q.val();
        self.valid.next = self.out_valid.q.val();
        self.data.next = self.out_data.q.val();
        self.tag.next = self.out_tag.q.val();
        if self.reset.val() {
            self.write_at.d.next = 0.into();
            self.read_at.d.next = 0.into();
            self.out_valid.d.next = false;
        }
    }
}
