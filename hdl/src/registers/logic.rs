//! What they do.

use super::{Registers, WRITABLE};
use crate::base::word::{bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

impl Logic for Registers {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, aw_held, aw_word, w_held, w_data, w_strobe, b_valid, b_error, soft_left, clears);
        dff_setup!(self, clock, r_busy, r_word, r_wait, r_valid, r_error, r_data);
        dff_setup!(self, clock, cycles_low, cycles_high, cycles_held, accepted, done, faults, faulty);
        for i in 0..WRITABLE {
            self.value[i].clock.next = self.clock.val();
        }
        self.write_entry.word.next = self.aw_word.q.val();
        self.read_entry.word.next = self.r_word.q.val();

        // Outputs.
        self.s_axil_awready.next = !self.aw_held.q.val();
        self.s_axil_wready.next = !self.w_held.q.val();
        self.s_axil_bvalid.next = self.b_valid.q.val();
        self.s_axil_bresp.next = bit_cast_b::<2>(self.b_error.q.val()) << 1;
        self.s_axil_arready.next = !self.r_busy.q.val();
        self.s_axil_rvalid.next = self.r_valid.q.val();
        self.s_axil_rresp.next = bit_cast_b::<2>(self.r_error.q.val()) << 1;
        self.s_axil_rdata.next = self.r_data.q.val();
        self.enable.next = self.value[0].q.val().get_bit(0);
        self.soft_reset.next = self.soft_left.q.val().any();
        self.clear_counters.next = self.clears.q.val();
        self.table_address.next =
            bit_cast_u::<64, 32>(self.value[1].q.val()) | (bit_cast_u::<64, 32>(self.value[2].q.val()) << 32);
        self.table_ops.next = self.value[3].q.val();
        self.table_id.next = self.value[4].q.val();
        self.table_pixels.next = bit_cast_u::<26, 32>(self.value[5].q.val());
        self.table_bins.next = bit_cast_u::<15, 32>(self.value[6].q.val());
        self.watchdog.next = self.value[7].q.val();
        self.now.next =
            bit_cast_u::<40, 32>(self.cycles_low.q.val()) | (bit_cast_u::<40, 32>(self.cycles_high.q.val()) << 32);

        // A write: both halves are held until the answer before is gone.
        if self.s_axil_awvalid.val() & !self.aw_held.q.val() {
            self.aw_held.d.next = true;
            self.aw_word.d.next = self.s_axil_awaddr.val().get_bits::<14>(2);
        }
        if self.s_axil_wvalid.val() & !self.w_held.q.val() {
            self.w_held.d.next = true;
            self.w_data.d.next = self.s_axil_wdata.val();
            self.w_strobe.d.next = self.s_axil_wstrb.val();
        }
        self.writes.next = self.aw_held.q.val() & self.w_held.q.val() & !self.b_valid.q.val();
        for i in 0..4 {
            self.strobed[i].next = 0.into();
            if self.w_strobe.q.val().get_bit(i) {
                self.strobed[i].next = 255.into();
            }
        }
        self.mask.next = bit_cast_u::<32, 8>(self.strobed[0].val())
            | (bit_cast_u::<32, 8>(self.strobed[1].val()) << 8)
            | (bit_cast_u::<32, 8>(self.strobed[2].val()) << 16)
            | (bit_cast_u::<32, 8>(self.strobed[3].val()) << 24);
        self.keep.next = !self.mask.val();
        self.asked.next = self.w_data.q.val() & self.mask.val();
        for i in 0..WRITABLE {
            self.hit[i].next = false;
        }
        match self.aw_word.q.val().index() {
            6 => self.hit[0].next = true,
            8 => self.hit[1].next = true,
            9 => self.hit[2].next = true,
            10 => self.hit[3].next = true,
            11 => self.hit[4].next = true,
            12 => self.hit[5].next = true,
            13 => self.hit[6].next = true,
            14 => self.hit[7].next = true,
            _ => {}
        }
        for i in 0..WRITABLE {
            self.value[i].d.next = self.value[i].q.val();
            if self.writes.val() & self.hit[i].val() {
                self.value[i].d.next =
                    (self.value[i].q.val() & self.keep.val()) | (self.asked.val() & self.write_entry.mask.val());
            }
        }
        if self.b_valid.q.val() & self.s_axil_bready.val() {
            self.b_valid.d.next = false;
        }
        if self.writes.val() {
            self.aw_held.d.next = false;
            self.w_held.d.next = false;
            self.b_valid.d.next = true;
            self.b_error.d.next = !self.write_entry.writable.val();
        }
        self.is_control.next = self.writes.val() & self.hit[0].val();
        self.clears.d.next = self.is_control.val() & (self.asked.val() & 4).any();
        if self.soft_left.q.val().any() {
            self.soft_left.d.next = self.soft_left.q.val() - 1;
        }
        if self.is_control.val() & (self.asked.val() & 2).any() {
            self.soft_left.d.next = 16.into();
        }

        // Counters.
        self.cycles_low.d.next = self.cycles_low.q.val() + 1;
        if self.cycles_low.q.val().all() {
            self.cycles_high.d.next = self.cycles_high.q.val() + 1;
        }
        if self.frame_accepted.val() {
            self.accepted.d.next = self.accepted.q.val() + 1;
        }
        if self.frame_done.val() {
            self.done.d.next = self.done.q.val() + 1;
        }
        if self.table_fault.val() {
            self.faults.d.next = self.faults.q.val() + 1;
            self.faulty.d.next = true;
        }
        if self.clears.q.val() {
            self.accepted.d.next = bit_cast_b::<32>(self.frame_accepted.val());
            self.done.d.next = bit_cast_b::<32>(self.frame_done.val());
            self.faults.d.next = bit_cast_b::<32>(self.table_fault.val());
            self.faulty.d.next = self.table_fault.val();
        }

        // A read.
        self.stall_lane.next = self.r_word.q.val().get_bits::<6>(3);
        self.stall_index.next = bit_cast_u::<3, 14>(self.r_word.q.val());
        self.read.next = self.read_entry.fixed.val();
        match self.r_word.q.val().index() {
            6 => {
                self.read.next = self.value[0].q.val() | (bit_cast_b::<32>(self.soft_left.q.val().any()) << 1);
            }
            7 => self.read.next = bit_cast_b::<32>(self.busy.val()) | (bit_cast_b::<32>(self.faulty.q.val()) << 8),
            8 => self.read.next = self.value[1].q.val(),
            9 => self.read.next = self.value[2].q.val(),
            10 => self.read.next = self.value[3].q.val(),
            11 => self.read.next = self.value[4].q.val(),
            12 => self.read.next = self.value[5].q.val(),
            13 => self.read.next = self.value[6].q.val(),
            14 => self.read.next = self.value[7].q.val(),
            15 => self.read.next = self.accepted.q.val(),
            16 => self.read.next = self.done.q.val(),
            17 => self.read.next = self.faults.q.val(),
            18 => self.read.next = self.cycles_low.q.val(),
            19 => self.read.next = self.cycles_held.q.val(),
            _ => {}
        }
        if self.r_busy.q.val() & !self.r_valid.q.val() {
            self.r_wait.d.next = self.r_wait.q.val() + 1;
            if !self.read_entry.stall.val() {
                self.r_valid.d.next = true;
                self.r_error.d.next = !self.read_entry.known.val();
                self.r_data.d.next = 0.into();
                if self.read_entry.known.val() {
                    self.r_data.d.next = self.read.val();
                    if self.r_word.q.val() == 18 {
                        self.cycles_held.d.next = self.cycles_high.q.val();
                    }
                }
            } else if self.r_wait.q.val() == 32 {
                self.r_valid.d.next = true;
                self.r_error.d.next = false;
                self.r_data.d.next = self.stall_count.val();
            }
        }
        if self.r_valid.q.val() & self.s_axil_rready.val() {
            self.r_valid.d.next = false;
            self.r_busy.d.next = false;
        }
        if self.s_axil_arvalid.val() & !self.r_busy.q.val() {
            self.r_busy.d.next = true;
            self.r_wait.d.next = 0.into();
            self.r_word.d.next = self.s_axil_araddr.val().get_bits::<14>(2);
        }

        if self.reset.val() {
            self.aw_held.d.next = false;
            self.w_held.d.next = false;
            self.b_valid.d.next = false;
            self.soft_left.d.next = 0.into();
            self.clears.d.next = false;
            self.r_busy.d.next = false;
            self.r_valid.d.next = false;
            self.cycles_low.d.next = 0.into();
            self.cycles_high.d.next = 0.into();
            self.accepted.d.next = 0.into();
            self.done.d.next = 0.into();
            self.faults.d.next = 0.into();
            self.faulty.d.next = false;
            for i in 0..WRITABLE {
                self.value[i].d.next = 0.into();
            }
        }
    }
}
