//! What it does.

use super::Complete;
use crate::base::word::{bit_cast_b, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

impl Logic for Complete {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, bad, state, what, flight, base, depth, head, index, cycles, status, sums, address);
        dff_setup!(self, clock, drained, failed, data, unmade, more_sums);
        clock!(self, clock, ended, flights, chunk_sums, lows, highs, depths, heads, indices);
        self.ended.reset.next = self.reset.val();
        self.tag.next = self.what.q.val().get_bits::<6>(80);
        self.queue.next = self.flight.q.val().get_bits::<3>(176);

        // Queues.
        self.lows.write_enable.next = self.set.val() & (self.set_index.val() == 2);
        self.highs.write_enable.next = self.set.val() & (self.set_index.val() == 3);
        self.depths.write_enable.next = self.set.val() & (self.set_index.val() == 4);
        self.lows.write_address.next = self.set_queue.val();
        self.highs.write_address.next = self.set_queue.val();
        self.depths.write_address.next = self.set_queue.val();
        self.lows.write_data.next = self.set_value.val();
        self.highs.write_data.next = self.set_value.val();
        self.depths.write_data.next = self.set_value.val().get_bits::<4>(4);
        self.heads.write_enable.next = self.head_set.val();
        self.heads.write_address.next = self.head_queue.val();
        self.heads.write_data.next = self.head_value.val();
        self.lows.read_address.next = self.queue.val();
        self.highs.read_address.next = self.queue.val();
        self.depths.read_address.next = self.queue.val();
        self.heads.read_address.next = self.queue.val();
        self.indices.read_address.next = self.queue.val();
        self.zeroes.next = self.set.val() & (self.set_index.val() == 9);

        // Tags.
        self.one.next = 1.into();
        self.read_bit.next = 0.into();
        self.write_bit.next = 0.into();
        self.new_bit.next = 0.into();
        if self.read_fault.val() {
            self.read_bit.next = self.one.val() << self.read_fault_tag.val();
        }
        if self.write_fault.val() {
            self.write_bit.next = self.one.val() << self.write_fault_tag.val();
        }
        if self.alloc.val() {
            self.new_bit.next = self.one.val() << self.alloc_tag.val();
        }
        self.not_new.next = !self.new_bit.val();
        self.marked.next = self.bad.q.val() | self.read_bit.val() | self.write_bit.val();
        self.bad.d.next = self.marked.val() & self.not_new.val();
        self.third.next = bit_cast_u::<64, 40>(self.now.val())
            | (bit_cast_u::<64, 8>(self.alloc_entry.val().get_bits::<8>(40)) << 40)
            | (bit_cast_u::<64, 3>(self.alloc_queue.val()) << 48)
            | (bit_cast_b::<64>(self.alloc_makes.val()) << 51);
        self.flights.write_enable.next = self.alloc.val();
        self.flights.write_address.next = self.alloc_tag.val();
        self.flights.write_data.next = bit_cast_w::<192, 3, 64>(self.alloc_entry.val().get_bits::<64>(64))
            | (bit_cast_w::<192, 3, 64>(self.alloc_entry.val().get_bits::<64>(128)) << 64)
            | (bit_cast_w::<192, 3, 64>(self.third.val()) << 128);
        self.flights.read_address.next = self.tag.val();

        // Chunks beside results.
        self.makes_bit.next = 0.into();
        self.made_bit.next = 0.into();
        if self.alloc_makes.val() {
            self.makes_bit.next = self.new_bit.val();
        }
        if self.made.val() {
            self.made_bit.next = self.one.val() << self.made_tag.val();
        }
        self.not_made.next = !self.made_bit.val();
        self.unmade.d.next = (self.unmade.q.val() & self.not_made.val()) | self.makes_bit.val();
        self.beside.next = self.finish.val() & self.finish_burst.val().get_bit(89);
        self.chunk_sums.write_enable.next = self.beside.val();
        self.chunk_sums.write_address.next = self.finish_burst.val().get_bits::<6>(75);
        self.chunk_sums.write_data.next = self.finish_burst.val().get_bits::<64>(128);
        self.chunk_sums.read_address.next = self.tag.val();

        // What ends: the writer cannot wait, others do.
        self.again.next = self.state.q.val() == 5;
        self.refuse_ready.next = !self.finish.val();
        self.done_ready.next = !self.finish.val() & !self.refuse.val();
        self.done_status.next = 0.into();
        if self.done_bad.val() {
            self.done_status.next = self.fault.val();
        }
        self.pushes.next = true;
        self.pushed.next = self.what.q.val().get_bits::<64>(0);
        self.side.next = self.what.q.val().get_bits::<30>(64);
        if self.finish.val() {
            self.pushed.next = self.finish_burst.val().get_bits::<64>(128);
            self.side.next = bit_cast_u::<30, 16>(self.issued.val())
                | (bit_cast_u::<30, 6>(self.finish_burst.val().get_bits::<6>(75)) << 16)
                | (bit_cast_u::<30, 8>(self.finish_burst.val().get_bits::<8>(81)) << 22);
        } else if self.refuse.val() {
            self.pushed.next = 0.into();
            self.side.next = bit_cast_u::<30, 16>(self.issued.val())
                | (bit_cast_u::<30, 6>(self.refuse_tag.val()) << 16)
                | (bit_cast_u::<30, 8>(self.refuse_status.val()) << 22);
        } else if self.done.val() {
            self.pushed.next = bit_cast_u::<64, 32>(self.done_bytes.val()) << 32;
            self.side.next = bit_cast_u::<30, 16>(self.issued.val())
                | (bit_cast_u::<30, 6>(self.done_tag.val()) << 16)
                | (bit_cast_u::<30, 8>(self.done_status.val()) << 22);
        } else {
            self.pushes.next = self.again.val();
        }
        if self.beside.val() {
            self.pushes.next = false;
        }
        self.ended.push.next = self.pushes.val();
        self.ended.push_data.next =
            bit_cast_w::<128, 2, 64>(self.pushed.val()) | (bit_cast_w::<128, 2, 30>(self.side.val()) << 64);
        self.ended.pop.next = false;

        // The entry.
        self.gap.next = self.answered.val() - self.what.q.val().get_bits::<16>(64);
        self.reached.next = !self.gap.val().get_bit(15);
        self.chunk_bits.next = self.chunks.val() >> self.tag.val();
        self.unmade_bits.next = self.unmade.q.val() >> self.tag.val();
        self.bad_bits.next = self.bad.q.val() >> self.tag.val();
        self.entries.next = self.one.val().get_bits::<32>(0) << self.depth.q.val();
        self.wrap.next = self.entries.val() - 1;
        self.lap.next = self.index.q.val() >> self.depth.q.val();
        self.slot.next = self.index.q.val() & self.wrap.val();
        self.word_1.next = bit_cast_u::<64, 32>(self.flight.q.val().get_bits::<32>(64))
            | (bit_cast_u::<64, 8>(self.status.q.val()) << 32)
            | (bit_cast_u::<64, 8>(self.flight.q.val().get_bits::<8>(168)) << 40)
            | (bit_cast_u::<64, 3>(self.queue.val()) << 48);
        self.word_2.next = bit_cast_u::<64, 32>(self.sums.q.val().get_bits::<32>(32))
            | (bit_cast_u::<64, 32>(self.flight.q.val().get_bits::<32>(96)) << 32);
        self.word_4.next =
            bit_cast_u::<64, 32>(self.sums.q.val().get_bits::<32>(0)) | (bit_cast_u::<64, 32>(self.head.q.val()) << 32);
        self.word_5.next = bit_cast_u::<64, 32>(self.index.q.val())
            | (bit_cast_u::<64, 32>(self.more_sums.q.val().get_bits::<32>(32)) << 32);
        self.phase.next = !self.lap.val().get_bit(0);
        self.word_7.next = bit_cast_b::<64>(self.phase.val()) << 32;
        self.entry_valid.next = false;
        self.passes.next = false;
        match self.state.q.val().index() {
            0 => {
                self.what.d.next = self.ended.data.val();
                if self.ended.valid.val() & !self.halt.val() {
                    self.ended.pop.next = true;
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                self.flight.d.next = self.flights.read_data.val();
                self.drained.d.next =
                    self.chunk_bits.val().get_bit(0) & !(self.makes.val() & self.unmade_bits.val().get_bit(0));
                self.failed.d.next = self.bad_bits.val().get_bit(0);
                if self.reached.val() {
                    self.state.d.next = 2.into();
                }
            }
            2 => {
                self.base.d.next = bit_cast_u::<52, 20>(self.lows.read_data.val().get_bits::<20>(12))
                    | (bit_cast_u::<52, 32>(self.highs.read_data.val()) << 20);
                self.depth.d.next = self.depths.read_data.val();
                self.head.d.next = self.heads.read_data.val();
                self.index.d.next = self.indices.read_data.val();
                self.cycles.d.next = self.now.val() - self.flight.q.val().get_bits::<40>(128);
                self.status.d.next = self.what.q.val().get_bits::<8>(86);
                self.sums.d.next = self.what.q.val().get_bits::<64>(0);
                self.more_sums.d.next = 0.into();
                if self.makes.val() & self.flight.q.val().get_bit(179) {
                    self.more_sums.d.next = self.chunk_sums.read_data.val();
                }
                if self.failed.q.val() {
                    self.more_sums.d.next = 0.into();
                    self.status.d.next = self.fault.val();
                    self.sums.d.next = 0.into();
                }
                self.state.d.next = 3.into();
                if !self.drained.q.val() {
                    self.state.d.next = 5.into();
                }
            }
            3 => {
                self.address.d.next =
                    (bit_cast_u::<64, 52>(self.base.q.val()) << 12) + (bit_cast_u::<64, 32>(self.slot.val()) << 6);
                self.data.d.next = bit_cast_w::<512, 8, 64>(self.flight.q.val().get_bits::<64>(0))
                    | (bit_cast_w::<512, 8, 64>(self.word_1.val()) << 64)
                    | (bit_cast_w::<512, 8, 64>(self.word_2.val()) << 128)
                    | (bit_cast_w::<512, 8, 40>(self.cycles.q.val()) << 192)
                    | (bit_cast_w::<512, 8, 64>(self.word_4.val()) << 256)
                    | (bit_cast_w::<512, 8, 64>(self.word_5.val()) << 320)
                    | (bit_cast_w::<512, 8, 32>(self.more_sums.q.val().get_bits::<32>(0)) << 384)
                    | (bit_cast_w::<512, 8, 64>(self.word_7.val()) << 448);
                self.state.d.next = 4.into();
            }
            4 => {
                self.entry_valid.next = !self.zeroes.val() & !self.halt.val();
                if !self.zeroes.val() & !self.halt.val() & self.entry_ready.val() {
                    self.passes.next = true;
                    self.state.d.next = 0.into();
                }
            }
            _ => {
                // Back to the end of the queue.
                if !self.finish.val() & !self.refuse.val() & !self.done.val() {
                    self.state.d.next = 0.into();
                }
            }
        }
        self.entry_address.next = self.address.q.val();
        self.entry_data.next = self.data.q.val();
        self.entry_queue.next = self.queue.val();
        self.free.next = self.passes.val();
        self.free_tag.next = self.tag.val();
        self.indices.write_enable.next = self.passes.val() | self.zeroes.val();
        self.indices.write_address.next = self.queue.val();
        self.indices.write_data.next = self.index.q.val() + 1;
        if self.zeroes.val() {
            self.indices.write_address.next = self.set_queue.val();
            self.indices.write_data.next = self.set_value.val();
        }

        if self.reset.val() {
            self.state.d.next = 0.into();
            self.bad.d.next = 0.into();
            self.unmade.d.next = 0.into();
        }
    }
}
