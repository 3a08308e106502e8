//! Interrupts: what is written of each queue, against what its host waits for.

use crate::base::ram::LutRam;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Looks at one queue after the other, 3 cycles each.
#[derive(LogicBlock, Default)]
pub struct Irq {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Forgets all but the interrupt that is on its way.
    pub clear: Signal<In, Bit>,
    /// Cycles.
    pub now: Signal<In, U<40>>,
    /// Number of the last queue (constant).
    pub last_queue: Signal<In, U<3>>,
    /// See [`super::registers::RingRegisters`].
    pub set: Signal<In, Bit>,
    /// See `set`.
    pub set_zero: Signal<In, Bit>,
    /// See `set`.
    pub set_queue: Signal<In, U<3>>,
    /// See `set`.
    pub set_index: Signal<In, U<4>>,
    /// See `set`.
    pub set_value: Signal<In, U<32>>,
    /// See [`super::registers::RingRegisters`].
    pub moderation_count: Signal<In, U<8>>,
    /// See `moderation_count`.
    pub moderation_time: Signal<In, U<16>>,
    /// Pulse: a completion was written; never while `hold`.
    pub written: Signal<In, Bit>,
    /// Its queue.
    pub written_queue: Signal<In, U<3>>,
    /// A queue's count is being put to 0.
    pub hold: Signal<Out, Bit>,
    /// Queue whose count is read.
    pub look_queue: Signal<In, U<3>>,
    /// Completions written of that queue.
    pub look_tail: Signal<Out, U<32>>,

    /// An interrupt is wanted.
    pub m_axis_irq_tvalid: Signal<Out, Bit>,
    /// See `m_axis_irq_tvalid`.
    pub m_axis_irq_tready: Signal<In, Bit>,
    /// The vector: the queue's number.
    pub m_axis_irq_tdata: Signal<Out, U<8>>,
    /// Pulse: it was taken.
    pub sent: Signal<Out, Bit>,

    // Completions written: one copy each for counting, looking and reading.
    tails: [LutRam<U<32>, 3>; 3],
    waited: LutRam<U<32>, 3>,
    since: LutRam<U<24>, 3>,
    armed: DFF<U<8>>,
    ripe: DFF<U<8>>,
    state: DFF<U<2>>,
    queue: DFF<U<3>>,
    beyond: DFF<U<32>>,
    started: DFF<U<24>>,
    late: DFF<Bit>,
    enough: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_queue: DFF<U<3>>,

    counts: Signal<Local, Bit>,
    count_queue: Signal<Local, U<3>>,
    count_value: Signal<Local, U<32>>,
    arms: Signal<Local, Bit>,
    one: Signal<Local, U<8>>,
    arm_bit: Signal<Local, U<8>>,
    arm_others: Signal<Local, U<8>>,
    here: Signal<Local, U<8>>,
    others: Signal<Local, U<8>>,
    is_armed: Signal<Local, Bit>,
    is_ripe: Signal<Local, Bit>,
    units: Signal<Local, U<24>>,
    age: Signal<Local, U<24>>,
    next_queue: Signal<Local, U<3>>,
    fires: Signal<Local, Bit>,
    more_armed: Signal<Local, U<8>>,
    more_ripe: Signal<Local, U<8>>,
}

impl Logic for Irq {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, armed, ripe, state, queue, beyond, started, late, enough, out_valid, out_queue);
        clock!(self, clock, waited, since);

        // Counts. They do not change while one is put to 0.
        self.hold.next = self.set.val() & (self.set_index.val() == 9);
        self.counts.next = self.written.val() | (self.set.val() & (self.set_index.val() == 9));
        self.count_queue.next = self.written_queue.val();
        self.count_value.next = self.tails[0].read_data.val() + 1;
        if self.set.val() & (self.set_index.val() == 9) {
            self.count_queue.next = self.set_queue.val();
            self.count_value.next = self.set_value.val();
        }
        self.tails[0].read_address.next = self.written_queue.val();
        self.tails[1].read_address.next = self.queue.q.val();
        self.tails[2].read_address.next = self.look_queue.val();
        for i in 0..3 {
            self.tails[i].clock.next = self.clock.val();
            self.tails[i].write_enable.next = self.counts.val();
            self.tails[i].write_address.next = self.count_queue.val();
            self.tails[i].write_data.next = self.count_value.val();
        }
        self.look_tail.next = self.tails[2].read_data.val();

        // Arming.
        self.arms.next = self.set.val() & (self.set_index.val() == 7);
        self.waited.write_enable.next = self.arms.val();
        self.waited.write_address.next = self.set_queue.val();
        self.waited.write_data.next = self.set_value.val();
        self.waited.read_address.next = self.queue.q.val();
        self.one.next = 1.into();
        self.arm_bit.next = 0.into();
        if self.arms.val() {
            self.arm_bit.next = self.one.val() << self.set_queue.val();
        }
        self.arm_others.next = !self.arm_bit.val();

        // The queue at hand.
        self.here.next = self.one.val() << self.queue.q.val();
        self.others.next = !self.here.val();
        self.is_armed.next = (self.armed.q.val() & self.here.val()) != 0;
        self.is_ripe.next = (self.ripe.q.val() & self.here.val()) != 0;
        self.next_queue.next = self.queue.q.val() + 1;
        if self.queue.q.val() == self.last_queue.val() {
            self.next_queue.next = 0.into();
        }
        self.units.next = self.now.val().get_bits::<24>(4);
        self.since.read_address.next = self.queue.q.val();
        self.since.write_enable.next = false;
        self.since.write_address.next = self.queue.q.val();
        self.since.write_data.next = self.units.val();
        self.age.next = self.units.val() - self.started.q.val();
        self.fires.next = false;
        self.more_armed.next = self.armed.q.val();
        self.more_ripe.next = self.ripe.q.val();
        match self.state.q.val().index() {
            0 => {
                // Completions behind the one waited for, less one if it is not written.
                self.beyond.d.next = self.tails[1].read_data.val() - self.waited.read_data.val() - 1;
                self.started.d.next = self.units.val();
                if self.is_ripe.val() {
                    self.started.d.next = self.since.read_data.val();
                }
                self.state.d.next = 1.into();
                if !self.is_armed.val() {
                    self.state.d.next = 0.into();
                    self.queue.d.next = self.next_queue.val();
                }
            }
            1 => {
                self.enough.d.next = (self.moderation_count.val() == 0)
                    | (self.beyond.q.val() >= bit_cast_u::<32, 8>(self.moderation_count.val()));
                self.late.d.next = self.age.val() >= bit_cast_u::<24, 16>(self.moderation_time.val());
                self.state.d.next = 2.into();
                if self.beyond.q.val().get_bit(31) {
                    self.state.d.next = 0.into();
                    self.queue.d.next = self.next_queue.val();
                }
            }
            _ => {
                self.state.d.next = 0.into();
                self.queue.d.next = self.next_queue.val();
                if self.enough.q.val() | self.late.q.val() {
                    self.fires.next = !self.out_valid.q.val();
                } else {
                    self.more_ripe.next = self.ripe.q.val() | self.here.val();
                    self.since.write_enable.next = !self.is_ripe.val();
                }
            }
        }
        if self.fires.val() {
            self.more_armed.next = self.armed.q.val() & self.others.val();
            self.more_ripe.next = self.ripe.q.val() & self.others.val();
        }
        // A queue that is armed anew is looked at from the start.
        self.armed.d.next = (self.more_armed.val() & self.arm_others.val()) | self.arm_bit.val();
        if self.set_zero.val() {
            self.armed.d.next = self.more_armed.val() & self.arm_others.val();
        }
        self.ripe.d.next = self.more_ripe.val() & self.arm_others.val();
        if self.arms.val() {
            self.state.d.next = 0.into();
        }

        self.m_axis_irq_tvalid.next = self.out_valid.q.val();
        self.m_axis_irq_tdata.next = bit_cast_u::<8, 3>(self.out_queue.q.val());
        self.sent.next = self.out_valid.q.val() & self.m_axis_irq_tready.val();
        if self.m_axis_irq_tready.val() {
            self.out_valid.d.next = false;
        }
        if self.fires.val() {
            self.out_valid.d.next = true;
            self.out_queue.d.next = self.queue.q.val();
        }

        if self.reset.val() | self.clear.val() {
            self.armed.d.next = 0.into();
            self.ripe.d.next = 0.into();
            self.state.d.next = 0.into();
            self.queue.d.next = 0.into();
        }
        if self.reset.val() {
            self.out_valid.d.next = false;
        }
    }
}
