//! What they do.

use super::RingRegisters;
use crate::base::word::{bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

impl Logic for RingRegisters {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, state, swept, sweeping, old, value, counter, high, error, zeroed, on, moderation, starts
        );
        dff_setup!(self, clock, refused, faulty, fault_at, faults, completions, interrupts, reads, reads_held);
        dff_setup!(self, clock, writes, writes_held);
        self.values.clock.next = self.clock.val();
        self.entry.word.next = self.address.val().get_bits::<14>(2);
        self.queue.next = self.address.val().get_bits::<3>(6);
        self.index.next = self.address.val().get_bits::<4>(2);
        self.look_queue.next = self.queue.val();
        self.one.next = 1.into();
        self.here.next = self.one.val() << self.queue.val();
        self.others.next = !self.here.val();
        self.was_on.next = (self.starts.q.val() & self.here.val()) != 0;
        self.was_refused.next = (self.refused.q.val() & self.here.val()) != 0;
        self.is_config.next = self.entry.queued.val() & (self.index.val() == 4);
        self.enabled.next = self.starts.q.val();
        self.enable.next = self.on.q.val();
        self.moderation_count.next = self.moderation.q.val().get_bits::<8>(0);
        self.moderation_time.next = self.moderation.q.val().get_bits::<16>(8);
        self.clearing.next = self.sweeping.q.val();
        self.place.next = bit_cast_u::<7, 4>(self.index.val()) | (bit_cast_u::<7, 3>(self.queue.val()) << 4);
        self.start.next = 10.into();
        self.values.read_address.next = self.place.val();
        if self.state.q.val() == 6 {
            self.values.read_address.next =
                bit_cast_u::<7, 4>(self.start.val()) | (bit_cast_u::<7, 3>(self.queue.val()) << 4);
        }
        for i in 0..4 {
            self.strobed[i].next = 0.into();
            if self.wstrb.val().get_bit(i) {
                self.strobed[i].next = 255.into();
            }
        }
        self.mask.next = (bit_cast_u::<32, 8>(self.strobed[0].val())
            | (bit_cast_u::<32, 8>(self.strobed[1].val()) << 8)
            | (bit_cast_u::<32, 8>(self.strobed[2].val()) << 16)
            | (bit_cast_u::<32, 8>(self.strobed[3].val()) << 24))
            & self.entry.mask.val();
        self.keep.next = !self.mask.val();
        self.submissions.next = self.value.q.val().get_bits::<4>(0);
        self.results.next = self.value.q.val().get_bits::<4>(4);
        self.sound.next = (self.submissions.val() >= 2)
            & (self.submissions.val() <= 12)
            & (self.results.val() >= 2)
            & (self.results.val() <= 12);

        self.set.next = false;
        self.set_zero.next = false;
        self.set_queue.next = self.queue.val();
        self.set_index.next = self.index.val();
        self.set_value.next = self.value.q.val();
        self.awready.next = false;
        self.arready.next = false;
        self.bvalid.next = false;
        self.rvalid.next = false;
        self.bresp.next = bit_cast_b::<2>(self.error.q.val()) << 1;
        self.rresp.next = bit_cast_b::<2>(self.error.q.val()) << 1;
        self.rdata.next = self.value.q.val();
        self.restart.next = false;
        match self.state.q.val().index() {
            0 => {
                if !self.sweeping.q.val() & self.awvalid.val() {
                    self.awready.next = true;
                    self.state.d.next = 1.into();
                } else if !self.sweeping.q.val() & self.arvalid.val() {
                    self.arready.next = true;
                    self.state.d.next = 4.into();
                }
            }
            1 => {
                self.state.d.next = 2.into();
                self.error.d.next = !self.entry.writable.val();
                self.old.d.next = bit_cast_b::<32>(self.on.q.val());
                if self.entry.queued.val() {
                    self.old.d.next = self.values.read_data.val();
                } else if self.index.val() == 3 {
                    self.old.d.next = bit_cast_u::<32, 24>(self.moderation.q.val());
                }
                if self.is_config.val() {
                    self.old.d.next = self.values.read_data.val() | (bit_cast_b::<32>(self.was_on.val()) << 8);
                }
            }
            2 => {
                self.state.d.next = 3.into();
                self.value.d.next = (self.old.q.val() & self.keep.val()) | (self.wdata.val() & self.mask.val());
            }
            3 => {
                self.state.d.next = 0.into();
                self.bvalid.next = true;
                if self.entry.queued.val() & self.entry.writable.val() {
                    self.set.next = true;
                    if self.is_config.val() {
                        // Depths stand while the queue is enabled.
                        self.set.next = !self.was_on.val();
                        self.set_value.next = bit_cast_u::<32, 8>(self.value.q.val().get_bits::<8>(0));
                        self.refused.d.next = self.refused.q.val() & self.others.val();
                        if !self.value.q.val().get_bit(8) {
                            self.starts.d.next = self.starts.q.val() & self.others.val();
                        } else if !self.was_on.val() & self.sound.val() {
                            self.bvalid.next = false;
                            self.zeroed.d.next = 4.into();
                            self.state.d.next = 6.into();
                        } else if !self.was_on.val() {
                            self.refused.d.next = self.refused.q.val() | self.here.val();
                        }
                    }
                } else if self.entry.writable.val() & (self.index.val() == 1) {
                    self.on.d.next = self.value.q.val().get_bit(0);
                    self.restart.next = self.value.q.val().get_bit(1);
                } else if self.entry.writable.val() {
                    self.moderation.d.next = self.value.q.val().get_bits::<24>(0);
                }
            }
            4 => {
                self.state.d.next = 5.into();
                self.error.d.next = !self.entry.known.val();
                self.value.d.next = self.entry.fixed.val();
                if self.entry.queued.val() {
                    self.value.d.next = self.values.read_data.val();
                    if self.index.val() == 4 {
                        self.value.d.next = self.values.read_data.val()
                            | (bit_cast_b::<32>(self.was_on.val()) << 8)
                            | (bit_cast_b::<32>(self.was_refused.val()) << 9);
                    }
                    if self.index.val() == 8 {
                        self.value.d.next = self.look_head.val();
                    }
                    if self.index.val() == 9 {
                        self.value.d.next = self.look_tail.val();
                    }
                } else if self.entry.known.val() {
                    self.value.d.next = self.counter.q.val() | self.entry.fixed.val();
                    if self.index.val() == 10 {
                        self.reads_held.d.next = self.high.q.val();
                    }
                    if self.index.val() == 12 {
                        self.writes_held.d.next = self.high.q.val();
                    }
                }
            }
            5 => {
                self.rvalid.next = true;
                self.state.d.next = 0.into();
            }
            6 => {
                // Start: doorbells, armed index and indices become `start`, which is read first, then the queue is
                // enabled.
                self.value.d.next = self.values.read_data.val();
                self.set.next = self.zeroed.q.val() != 4;
                self.set_zero.next = true;
                self.set_index.next = self.zeroed.q.val();
                self.zeroed.d.next = self.zeroed.q.val() + 1;
                if self.zeroed.q.val() == 9 {
                    self.starts.d.next = self.starts.q.val() | self.here.val();
                    self.bvalid.next = true;
                    self.state.d.next = 0.into();
                }
            }
            _ => {
                // A reset came in between: the queue does not start.
                self.bvalid.next = true;
                self.state.d.next = 0.into();
            }
        }

        // What is counted, looked up a cycle before it is read.
        self.counter.d.next = 0.into();
        self.high.d.next = self.reads.q.val().get_bits::<32>(32);
        if self.index.val() == 12 {
            self.high.d.next = self.writes.q.val().get_bits::<32>(32);
        }
        match self.index.val().index() {
            1 => {
                self.counter.d.next =
                    bit_cast_b::<32>(self.on.q.val()) | (bit_cast_b::<32>(self.restarting.val()) << 1);
            }
            2 => {
                self.counter.d.next = bit_cast_b::<32>(self.in_flight.val() != 0)
                    | (bit_cast_b::<32>(self.faulty.q.val()) << 1)
                    | (bit_cast_b::<32>(self.core_busy.val()) << 2);
            }
            3 => self.counter.d.next = bit_cast_u::<32, 24>(self.moderation.q.val()),
            4 => self.counter.d.next = self.fault_at.q.val().get_bits::<32>(0),
            5 => self.counter.d.next = self.fault_at.q.val().get_bits::<32>(32),
            6 => self.counter.d.next = self.faults.q.val(),
            7 => self.counter.d.next = bit_cast_u::<32, 8>(self.in_flight.val()),
            8 => self.counter.d.next = self.completions.q.val(),
            9 => self.counter.d.next = self.interrupts.q.val(),
            10 => self.counter.d.next = self.reads.q.val().get_bits::<32>(0),
            11 => self.counter.d.next = self.reads_held.q.val(),
            12 => self.counter.d.next = self.writes.q.val().get_bits::<32>(0),
            13 => self.counter.d.next = self.writes_held.q.val(),
            _ => {}
        }
        if self.completed.val() {
            self.completions.d.next = self.completions.q.val() + 1;
        }
        if self.interrupted.val() {
            self.interrupts.d.next = self.interrupts.q.val() + 1;
        }
        if self.beat_read.val() {
            self.reads.d.next = self.reads.q.val() + 1;
        }
        if self.beat_written.val() {
            self.writes.d.next = self.writes.q.val() + 1;
        }
        self.both_faults.next = bit_cast_b::<2>(self.read_fault.val()) + bit_cast_b::<2>(self.write_fault.val());
        self.faults.d.next = self.faults.q.val() + bit_cast_u::<32, 2>(self.both_faults.val());
        if self.both_faults.val() != 0 {
            self.faulty.d.next = true;
            if !self.faulty.q.val() {
                self.fault_at.d.next = self.write_fault_address.val();
                if self.read_fault.val() {
                    self.fault_at.d.next = self.read_fault_address.val();
                }
            }
        }

        // Reset values.
        if self.sweeping.q.val() {
            self.set.next = true;
            self.set_zero.next = true;
            self.set_queue.next = self.swept.q.val().get_bits::<3>(4);
            self.set_index.next = self.swept.q.val().get_bits::<4>(0);
            self.set_value.next = 0.into();
            self.state.d.next = self.state.q.val();
            self.awready.next = false;
            self.arready.next = false;
            self.bvalid.next = false;
            self.rvalid.next = false;
            self.swept.d.next = self.swept.q.val() + 1;
            if self.swept.q.val() == 127 {
                self.sweeping.d.next = false;
            }
        }
        self.writes_ram.next = self.set.val();
        self.values.write_enable.next = self.writes_ram.val();
        self.values.write_address.next =
            bit_cast_u::<7, 4>(self.set_index.val()) | (bit_cast_u::<7, 3>(self.set_queue.val()) << 4);
        self.values.write_data.next = self.set_value.val();
        if self.clear.val() | self.reset.val() {
            self.sweeping.d.next = true;
            self.swept.d.next = 0.into();
            self.on.d.next = false;
            self.moderation.d.next = 0.into();
            self.starts.d.next = 0.into();
            self.refused.d.next = 0.into();
            self.faulty.d.next = false;
            self.fault_at.d.next = 0.into();
            self.faults.d.next = 0.into();
            self.completions.d.next = 0.into();
            self.interrupts.d.next = 0.into();
            self.reads.d.next = 0.into();
            self.reads_held.d.next = 0.into();
            self.writes.d.next = 0.into();
            self.writes_held.d.next = 0.into();
            if self.state.q.val() == 6 {
                self.bvalid.next = false;
                self.state.d.next = 7.into();
            }
            if self.state.q.val() == 3 {
                self.bvalid.next = false;
                self.state.d.next = 3.into();
            }
        }
        if self.reset.val() {
            self.state.d.next = 0.into();
        }
    }
}
