//! What stands between the engine's parts.

use super::Engine;
use crate::base::word::{bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

impl Logic for Engine {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, now, in_flight, in_core, calm);
        clock!(
            self, clock, split, registers, restart, scan, reads, unpack, copier, upload, results, writes, complete, irq
        );
        self.now.d.next = self.now.q.val() + 1;

        // Resets.
        self.split.reset.next = self.reset.val();
        self.registers.reset.next = self.reset.val();
        self.restart.reset.next = self.reset.val();
        self.irq.reset.next = self.reset.val();
        self.inner.next = self.reset.val() | self.restart.clear.val();
        self.registers.clear.next = self.restart.clear.val();
        self.irq.clear.next = self.restart.clear.val();
        self.scan.reset.next = self.inner.val();
        self.reads.reset.next = self.inner.val();
        self.unpack.reset.next = self.inner.val();
        self.copier.reset.next = self.inner.val();
        self.upload.reset.next = self.inner.val();
        self.results.reset.next = self.inner.val();
        self.writes.reset.next = self.inner.val();
        self.complete.reset.next = self.inner.val();
        self.reads.halt.next = self.restart.halt.val();
        self.unpack.halt.next = self.restart.halt.val();
        self.copier.halt.next = self.restart.halt.val();
        self.upload.halt.next = self.restart.halt.val();
        self.results.halt.next = self.restart.halt.val();
        self.writes.halt.next = self.restart.halt.val();
        self.complete.halt.next = self.restart.halt.val();
        self.restart.asked.next = self.registers.restart.val();
        self.restart.quenched.next = self.split.quenched.val();
        self.calm.d.next = self.reads.quiet.val() & self.writes.quiet.val() & self.upload.quiet.val();
        self.restart.quiet.next = self.calm.q.val();
        self.restart.clearing.next = self.registers.clearing.val();
        self.m_halt.next = self.restart.halt.val();
        self.m_clear.next = self.restart.clear.val();
        self.registers.restarting.next = self.restart.busy.val();
        self.split.quench.next = self.restart.halt.val();

        // Registers of core and engine.
        self.split.s_axil_awaddr.next = self.s_axil_awaddr.val();
        self.split.s_axil_awvalid.next = self.s_axil_awvalid.val();
        self.split.s_axil_wdata.next = self.s_axil_wdata.val();
        self.split.s_axil_wstrb.next = self.s_axil_wstrb.val();
        self.split.s_axil_wvalid.next = self.s_axil_wvalid.val();
        self.split.s_axil_bready.next = self.s_axil_bready.val();
        self.split.s_axil_araddr.next = self.s_axil_araddr.val();
        self.split.s_axil_arvalid.next = self.s_axil_arvalid.val();
        self.split.s_axil_rready.next = self.s_axil_rready.val();
        self.s_axil_awready.next = self.split.s_axil_awready.val();
        self.s_axil_wready.next = self.split.s_axil_wready.val();
        self.s_axil_bresp.next = self.split.s_axil_bresp.val();
        self.s_axil_bvalid.next = self.split.s_axil_bvalid.val();
        self.s_axil_arready.next = self.split.s_axil_arready.val();
        self.s_axil_rdata.next = self.split.s_axil_rdata.val();
        self.s_axil_rresp.next = self.split.s_axil_rresp.val();
        self.s_axil_rvalid.next = self.split.s_axil_rvalid.val();
        self.m_axil_awaddr.next = self.split.address.val();
        self.m_axil_awprot.next = 0.into();
        self.m_axil_awvalid.next = self.split.awvalid[0].val();
        self.m_axil_wdata.next = self.split.wdata.val();
        self.m_axil_wstrb.next = self.split.wstrb.val();
        self.m_axil_wvalid.next = self.split.wvalid[0].val();
        self.m_axil_bready.next = self.split.ready.val();
        self.m_axil_araddr.next = self.split.address.val();
        self.m_axil_arprot.next = 0.into();
        self.m_axil_arvalid.next = self.split.arvalid[0].val();
        self.m_axil_rready.next = self.split.ready.val();
        self.split.awready[0].next = self.m_axil_awready.val();
        self.split.wready[0].next = self.m_axil_wready.val();
        self.split.bvalid[0].next = self.m_axil_bvalid.val();
        self.split.bresp[0].next = self.m_axil_bresp.val();
        self.split.arready[0].next = self.m_axil_arready.val();
        self.split.rvalid[0].next = self.m_axil_rvalid.val();
        self.split.rdata[0].next = self.m_axil_rdata.val();
        self.split.rresp[0].next = self.m_axil_rresp.val();
        self.registers.address.next = self.split.address.val();
        self.registers.wdata.next = self.split.wdata.val();
        self.registers.wstrb.next = self.split.wstrb.val();
        self.registers.awvalid.next = self.split.awvalid[1].val();
        self.registers.arvalid.next = self.split.arvalid[1].val();
        self.split.awready[1].next = self.registers.awready.val();
        self.split.wready[1].next = self.registers.awready.val();
        self.split.bvalid[1].next = self.registers.bvalid.val();
        self.split.bresp[1].next = self.registers.bresp.val();
        self.split.arready[1].next = self.registers.arready.val();
        self.split.rvalid[1].next = self.registers.rvalid.val();
        self.split.rdata[1].next = self.registers.rdata.val();
        self.split.rresp[1].next = self.registers.rresp.val();
        self.registers.look_head.next = self.scan.look_head.val();
        self.registers.look_tail.next = self.irq.look_tail.val();
        self.registers.in_flight.next = self.in_flight.q.val();
        self.registers.core_busy.next = self.in_core.q.val() != 0;
        self.registers.completed.next = self.writes.written.val();
        self.registers.interrupted.next = self.irq.sent.val();
        self.registers.beat_read.next = self.reads.counted.val();
        self.registers.beat_written.next = self.writes.counted.val();
        self.registers.read_fault.next = self.reads.fault.val();
        self.registers.read_fault_address.next = self.reads.fault_address.val();
        self.registers.write_fault.next = self.writes.fault.val();
        self.registers.write_fault_address.next = self.writes.fault_address.val();

        // Submissions.
        self.scan.enable.next = self.registers.enable.val() & !self.restart.busy.val();
        self.scan.last_queue.next = self.last_queue.val();
        self.scan.enabled.next = self.registers.enabled.val();
        self.scan.set.next = self.registers.set.val();
        self.scan.set_queue.next = self.registers.set_queue.val();
        self.scan.set_index.next = self.registers.set_index.val();
        self.scan.set_value.next = self.registers.set_value.val();
        self.scan.look_queue.next = self.registers.look_queue.val();
        self.scan.in_flight.next = self.in_flight.q.val();
        self.scan.ask_ready.next = self.reads.entry_ready.val();
        self.reads.entry_valid.next = self.scan.ask_valid.val();
        self.reads.entry_address.next = self.scan.ask_address.val();
        self.reads.entry_beats.next = self.scan.ask_beats.val();
        self.reads.entry_queue.next = self.scan.ask_queue.val();
        self.scans.next = self.scan.ask_valid.val() & self.reads.entry_ready.val();
        self.more_flights.next = self.in_flight.q.val();
        if self.scans.val() {
            self.more_flights.next = self.in_flight.q.val() + bit_cast_u::<8, 7>(self.scan.ask_beats.val());
        }
        self.in_flight.d.next =
            self.more_flights.val() - bit_cast_u::<8, 1>(bit_cast_b::<1>(self.writes.written.val()));
        self.unpack.entry.next = self.reads.to_entry.val();
        self.unpack.entry_data.next = self.reads.beat.val();
        self.unpack.entry_queue.next = self.reads.to_queue.val();
        self.unpack.entry_bad.next = self.reads.to_bad.val();
        self.unpack.alloc_ready.next = self.reads.alloc_ready.val() & !self.scan.hold.val();
        self.unpack.free.next = self.complete.free.val();
        self.unpack.free_tag.next = self.complete.free_tag.val();
        self.alloc.next = self.unpack.alloc.val() & self.reads.alloc_ready.val() & !self.scan.hold.val();
        self.reads.alloc.next = self.unpack.alloc.val() & !self.scan.hold.val();
        self.scan.took.next = self.alloc.val();
        self.scan.took_queue.next = self.unpack.alloc_queue.val();
        self.reads.alloc_tag.next = self.unpack.alloc_tag.val();
        self.reads.alloc_page.next = self.unpack.alloc_entry.val().get_bits::<52>(332);
        self.reads.alloc_beats.next = self.unpack.alloc_beats.val();
        self.results.alloc.next = self.alloc.val();
        self.results.alloc_tag.next = self.unpack.alloc_tag.val();
        self.results.alloc_handle.next = self.unpack.alloc_entry.val().get_bits::<64>(64);
        self.results.alloc_target.next = self.unpack.alloc_entry.val().get_bits::<64>(448);
        self.complete.alloc.next = self.alloc.val();
        self.complete.alloc_tag.next = self.unpack.alloc_tag.val();
        self.complete.alloc_entry.next = self.unpack.alloc_entry.val();
        self.complete.makes.next = self.makes.val() == 1;
        self.complete.alloc_makes.next = self.unpack.alloc_makes.val();
        self.complete.alloc_queue.next = self.unpack.alloc_queue.val();

        // The core.
        self.m_axis_req_tvalid.next = self.unpack.m_req_tvalid.val();
        self.unpack.m_req_tready.next = self.m_axis_req_tready.val();
        self.m_axis_req_tdata.next = self.unpack.m_req_tdata.val();
        self.reads.fetch_tvalid.next = self.s_axis_fetch_tvalid.val();
        self.s_axis_fetch_tready.next = self.reads.fetch_tready.val();
        self.reads.fetch_tdata.next = self.s_axis_fetch_tdata.val();
        self.m_axis_data_tvalid.next = self.reads.data_tvalid.val();
        self.reads.data_tready.next = self.m_axis_data_tready.val();
        self.m_axis_data_tdata.next = self.reads.beat.val();
        self.m_axis_data_tdest.next = self.reads.data_tdest.val();
        self.results.s_res_tvalid.next = self.s_axis_res_tvalid.val();
        self.s_axis_res_tready.next = self.results.s_res_tready.val();
        self.results.s_res_tdata.next = self.s_axis_res_tdata.val();
        self.results.s_res_tlast.next = self.s_axis_res_tlast.val();
        // A fused request is work for two lanes.
        self.grows.next = self.unpack.m_req_tvalid.val() & self.m_axis_req_tready.val();
        self.grows_twice.next = self.grows.val() & (self.unpack.m_req_tdata.val().get_bits::<8>(40) == 5);
        self.shrinks.next = self.results.done.val() & (self.in_core.q.val() != 0);
        self.shrinks_too.next = self.writes.finish.val() & self.writes.finish_chunk.val();
        self.more_core.next =
            self.in_core.q.val() + bit_cast_b::<8>(self.grows.val()) + bit_cast_b::<8>(self.grows_twice.val());
        self.less_core.next = self.more_core.val() - bit_cast_b::<8>(self.shrinks.val());
        self.in_core.d.next = self.less_core.val() - bit_cast_b::<8>(self.shrinks_too.val());

        // Copies.
        self.copier.job.next = self.unpack.job.val();
        self.copier.job_data.next = self.unpack.job_data.val();
        self.reads.copy_valid.next = self.copier.ask_valid.val();
        self.copier.ask_ready.next = self.reads.copy_ready.val();
        self.reads.copy_address.next = self.copier.ask_address.val();
        self.reads.copy_beats.next = self.copier.ask_beats.val();
        self.reads.copy_tag.next = self.copier.ask_tag.val();
        self.copier.beat_in.next = self.reads.to_copy.val();
        self.copier.beat_data.next = self.reads.beat.val();
        self.upload.burst_valid.next = self.copier.upload_valid.val();
        self.upload.burst.next = self.copier.burst.val();
        self.upload.beat_valid.next = self.copier.beat_valid.val();
        self.writes.copy_valid.next = self.copier.copy_valid.val();
        self.writes.copy.next = self.copier.burst.val();
        self.writes.copy_beat_valid.next = self.copier.beat_valid.val();
        self.writes.copy_beat.next = self.copier.beat.val();
        self.burst_taken.next = self.upload.burst_ready.val() | self.writes.copy_ready.val();
        self.beat_taken.next = self.upload.beat_ready.val() | self.writes.copy_beat_ready.val();
        self.copier.burst_ready.next = self.burst_taken.val();
        self.copier.beat_ready.next = self.beat_taken.val();

        // What is written.
        self.writes.hold.next = self.irq.hold.val();
        self.writes.entry_valid.next = self.complete.entry_valid.val();
        self.complete.entry_ready.next = self.writes.entry_ready.val();
        self.writes.entry_address.next = self.complete.entry_address.val();
        self.writes.entry_data.next = self.complete.entry_data.val();
        self.writes.entry_queue.next = self.complete.entry_queue.val();
        self.writes.chunk_valid.next = self.s_chunk_valid.val();
        self.s_chunk_ready.next = self.writes.chunk_ready.val();
        self.writes.chunk.next = self.s_chunk.val();
        self.writes.chunk_beat_valid.next = self.s_chunk_beat_valid.val();
        self.s_chunk_beat_ready.next = self.writes.chunk_beat_ready.val();
        self.writes.chunk_beat.next = self.s_chunk_beat.val();
        self.writes.result_valid.next = self.results.burst_valid.val();
        self.results.burst_ready.next = self.writes.result_ready.val();
        self.writes.result.next = self.results.burst.val();
        self.writes.result_beat_valid.next = self.results.beat_valid.val();
        self.writes.result_beat.next = self.results.beat.val();
        self.results.beat_ready.next = self.writes.result_beat_ready.val();

        // Completions and interrupts.
        self.complete.now.next = self.now.q.val();
        self.complete.set.next = self.registers.set.val();
        self.complete.set_queue.next = self.registers.set_queue.val();
        self.complete.set_index.next = self.registers.set_index.val();
        self.complete.set_value.next = self.registers.set_value.val();
        self.complete.head_set.next = self.scan.head_set.val();
        self.complete.head_queue.next = self.scan.head_queue.val();
        self.complete.head_value.next = self.scan.head_value.val();
        self.complete.finish.next = self.writes.finish.val();
        self.complete.finish_burst.next = self.writes.finish_burst.val();
        self.complete.issued.next = self.writes.issued.val();
        self.complete.answered.next = self.writes.answered.val();
        self.complete.refuse.next = self.unpack.refuse.val();
        self.unpack.refuse_ready.next = self.complete.refuse_ready.val();
        self.complete.refuse_tag.next = self.unpack.alloc_tag.val();
        self.complete.refuse_status.next = self.unpack.refuse_status.val();
        self.complete.done.next = self.upload.done.val();
        self.upload.done_ready.next = self.complete.done_ready.val();
        self.complete.done_tag.next = self.upload.done_tag.val();
        self.complete.done_bytes.next = self.upload.done_bytes.val();
        self.complete.done_bad.next = self.upload.done_bad.val();
        self.complete.made.next = self.writes.made.val();
        self.complete.made_tag.next = self.writes.fault_tag.val();
        self.complete.chunks.next = self.reads.complete.val();
        self.read_marks.next = self.reads.fault.val() & self.reads.fault_tagged.val();
        self.write_marks.next = self.writes.fault.val() & self.writes.fault_tagged.val();
        self.complete.read_fault.next = self.read_marks.val();
        self.complete.read_fault_tag.next = self.reads.fault_tag.val();
        self.complete.write_fault.next = self.write_marks.val();
        self.complete.write_fault_tag.next = self.writes.fault_tag.val();
        self.irq.now.next = self.now.q.val();
        self.irq.last_queue.next = self.last_queue.val();
        self.irq.set.next = self.registers.set.val();
        self.irq.set_zero.next = self.registers.set_zero.val();
        self.irq.set_queue.next = self.registers.set_queue.val();
        self.irq.set_index.next = self.registers.set_index.val();
        self.irq.set_value.next = self.registers.set_value.val();
        self.irq.moderation_count.next = self.registers.moderation_count.val();
        self.irq.moderation_time.next = self.registers.moderation_time.val();
        self.irq.written.next = self.writes.written.val();
        self.irq.written_queue.next = self.writes.written_queue.val();
        self.irq.look_queue.next = self.registers.look_queue.val();
        self.m_axis_irq_tvalid.next = self.irq.m_axis_irq_tvalid.val();
        self.irq.m_axis_irq_tready.next = self.m_axis_irq_tready.val();
        self.m_axis_irq_tdata.next = self.irq.m_axis_irq_tdata.val();

        // Buses.
        self.m_axi_host_arid.next = self.reads.arid.val();
        self.m_axi_host_araddr.next = self.reads.araddr.val();
        self.m_axi_host_arlen.next = self.reads.arlen.val();
        self.m_axi_host_arsize.next = self.reads.arsize.val();
        self.m_axi_host_arburst.next = self.reads.arburst.val();
        self.m_axi_host_arvalid.next = self.reads.arvalid.val();
        self.m_axi_host_rready.next = self.reads.rready.val();
        self.reads.arready.next = self.m_axi_host_arready.val();
        self.reads.rdata.next = self.m_axi_host_rdata.val();
        self.reads.rresp.next = self.m_axi_host_rresp.val();
        self.reads.rvalid.next = self.m_axi_host_rvalid.val();
        self.m_axi_host_awid.next = self.writes.awid.val();
        self.m_axi_host_awaddr.next = self.writes.awaddr.val();
        self.m_axi_host_awlen.next = self.writes.awlen.val();
        self.m_axi_host_awsize.next = self.writes.awsize.val();
        self.m_axi_host_awburst.next = self.writes.awburst.val();
        self.m_axi_host_awvalid.next = self.writes.awvalid.val();
        self.m_axi_host_wdata.next = self.writes.wdata.val();
        self.m_axi_host_wstrb.next = self.writes.wstrb.val();
        self.m_axi_host_wlast.next = self.writes.wlast.val();
        self.m_axi_host_wvalid.next = self.writes.wvalid.val();
        self.m_axi_host_bready.next = self.writes.bready.val();
        self.writes.awready.next = self.m_axi_host_awready.val();
        self.writes.wready.next = self.m_axi_host_wready.val();
        self.writes.bresp.next = self.m_axi_host_bresp.val();
        self.writes.bvalid.next = self.m_axi_host_bvalid.val();
        self.m_axi_mem_awaddr.next = self.upload.awaddr.val();
        self.m_axi_mem_awlen.next = self.upload.awlen.val();
        self.m_axi_mem_awvalid.next = self.upload.awvalid.val();
        self.m_axi_mem_wlast.next = self.upload.wlast.val();
        self.m_axi_mem_wvalid.next = self.upload.wvalid.val();
        self.m_axi_mem_awid.next = 0.into();
        self.m_axi_mem_awsize.next = 6.into();
        self.m_axi_mem_awburst.next = 1.into();
        self.m_axi_mem_wdata.next = self.copier.beat.val();
        self.m_axi_mem_wstrb.next = 0xffff_ffff_ffff_ffffu64.into();
        self.m_axi_mem_bready.next = true;
        self.upload.awready.next = self.m_axi_mem_awready.val();
        self.upload.wready.next = self.m_axi_mem_wready.val();
        self.upload.bresp.next = self.m_axi_mem_bresp.val();
        self.upload.bvalid.next = self.m_axi_mem_bvalid.val();

        if self.inner.val() {
            self.in_flight.d.next = 0.into();
            self.in_core.d.next = 0.into();
        }
        if self.reset.val() {
            self.calm.d.next = false;
        }
    }
}
