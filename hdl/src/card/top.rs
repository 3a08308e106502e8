//! A card: lanes in their shell, with flat ports.

/// `card!(Name, lane type, [const parameters of it], log2 of the block, bins)` defines a card core with lanes of that
/// type: `Name<LANES, GROUPS, parameters of the lane>`. Tests put simple lanes in.
#[macro_export]
macro_rules! card {
    ($(#[$doc:meta])* $name:ident, $lane:ty, [$($parameter:ident)*], $block:expr, $bins:expr) => {
        $(#[$doc])*
        #[derive(rust_hdl::prelude::LogicBlock)]
        pub struct $name<const LANES: usize, const GROUPS: usize $(, const $parameter: usize)*> {
            /// Clock of all ports.
            pub clock: Signal<In, Clock>,
            /// Synchronous reset, active high.
            pub reset: Signal<In, Bit>,

            /// Registers (`debye_spec::registers`).
            pub s_axil_awaddr: Signal<In, U<16>>,
            /// See `s_axil_awaddr`.
            pub s_axil_awprot: Signal<In, U<3>>,
            /// See `s_axil_awaddr`.
            pub s_axil_awvalid: Signal<In, Bit>,
            /// See `s_axil_awaddr`.
            pub s_axil_awready: Signal<Out, Bit>,
            /// See `s_axil_awaddr`.
            pub s_axil_wdata: Signal<In, U<32>>,
            /// See `s_axil_awaddr`.
            pub s_axil_wstrb: Signal<In, U<4>>,
            /// See `s_axil_awaddr`.
            pub s_axil_wvalid: Signal<In, Bit>,
            /// See `s_axil_awaddr`.
            pub s_axil_wready: Signal<Out, Bit>,
            /// See `s_axil_awaddr`.
            pub s_axil_bresp: Signal<Out, U<2>>,
            /// See `s_axil_awaddr`.
            pub s_axil_bvalid: Signal<Out, Bit>,
            /// See `s_axil_awaddr`.
            pub s_axil_bready: Signal<In, Bit>,
            /// See `s_axil_awaddr`.
            pub s_axil_araddr: Signal<In, U<16>>,
            /// See `s_axil_awaddr`.
            pub s_axil_arprot: Signal<In, U<3>>,
            /// See `s_axil_awaddr`.
            pub s_axil_arvalid: Signal<In, Bit>,
            /// See `s_axil_awaddr`.
            pub s_axil_arready: Signal<Out, Bit>,
            /// See `s_axil_awaddr`.
            pub s_axil_rdata: Signal<Out, U<32>>,
            /// See `s_axil_awaddr`.
            pub s_axil_rresp: Signal<Out, U<2>>,
            /// See `s_axil_awaddr`.
            pub s_axil_rvalid: Signal<Out, Bit>,
            /// See `s_axil_awaddr`.
            pub s_axil_rready: Signal<In, Bit>,

            /// Request headers (`debye_spec::wire`), one a beat.
            pub s_axis_req_tvalid: Signal<In, Bit>,
            /// See `s_axis_req_tvalid`.
            pub s_axis_req_tready: Signal<Out, Bit>,
            /// See `s_axis_req_tvalid`.
            pub s_axis_req_tdata: Signal<In, W<512, 8>>,

            /// Asks for bytes of a chunk: bits 63..0 address, 79..64 bytes (within a 4 KiB page), 87..80 lane.
            pub m_axis_fetch_tvalid: Signal<Out, Bit>,
            /// See `m_axis_fetch_tvalid`.
            pub m_axis_fetch_tready: Signal<In, Bit>,
            /// See `m_axis_fetch_tvalid`.
            pub m_axis_fetch_tdata: Signal<Out, W<128, 2>>,

            /// What was asked for, in the order of each lane's fetches: ceil(bytes / 64) beats each.
            pub s_axis_data_tvalid: Signal<In, Bit>,
            /// See `s_axis_data_tvalid`.
            pub s_axis_data_tready: Signal<Out, Bit>,
            /// See `s_axis_data_tvalid`.
            pub s_axis_data_tdata: Signal<In, W<512, 8>>,
            /// The lane.
            pub s_axis_data_tdest: Signal<In, U<8>>,

            /// Results (`debye_spec::wire`), one whole result after the other.
            pub m_axis_res_tvalid: Signal<Out, Bit>,
            /// See `m_axis_res_tvalid`.
            pub m_axis_res_tready: Signal<In, Bit>,
            /// See `m_axis_res_tvalid`.
            pub m_axis_res_tdata: Signal<Out, U<64>>,
            /// Last word of a result.
            pub m_axis_res_tlast: Signal<Out, Bit>,
            /// The lane.
            pub m_axis_res_tdest: Signal<Out, U<8>>,

            /// Reads of the table's operations; an id a group.
            pub m_axi_arid: Signal<Out, U<4>>,
            /// See `m_axi_arid`.
            pub m_axi_araddr: Signal<Out, U<64>>,
            /// See `m_axi_arid`.
            pub m_axi_arlen: Signal<Out, U<8>>,
            /// See `m_axi_arid`.
            pub m_axi_arsize: Signal<Out, U<3>>,
            /// See `m_axi_arid`.
            pub m_axi_arburst: Signal<Out, U<2>>,
            /// See `m_axi_arid`.
            pub m_axi_arvalid: Signal<Out, Bit>,
            /// See `m_axi_arid`.
            pub m_axi_arready: Signal<In, Bit>,
            /// See `m_axi_arid`.
            pub m_axi_rid: Signal<In, U<4>>,
            /// See `m_axi_arid`.
            pub m_axi_rdata: Signal<In, W<512, 8>>,
            /// See `m_axi_arid`.
            pub m_axi_rresp: Signal<In, U<2>>,
            /// See `m_axi_arid`.
            pub m_axi_rlast: Signal<In, Bit>,
            /// See `m_axi_arid`.
            pub m_axi_rvalid: Signal<In, Bit>,
            /// See `m_axi_arid`.
            pub m_axi_rready: Signal<Out, Bit>,

            shell: $crate::card::shell::Shell<LANES, GROUPS>,
            lanes: $crate::card::each::Each<$lane, LANES>,
            max_bins: Constant<U<15>>,
        }

        impl<const LANES: usize, const GROUPS: usize $(, const $parameter: usize)*> $name<LANES, GROUPS $(, $parameter)*> {
            /// A card whose register `build` reads as `build`.
            ///
            /// # Panics
            /// When there are not 1 to 48 lanes in 1 to 4 groups of equal size, or a parameter of the lane is out of range.
            pub fn new(build: u32) -> Self {
                Self {
                    shell: $crate::card::shell::Shell::new($block, $bins, build),
                    lanes: Default::default(),
                    max_bins: Constant::new(U($bins as u64)),
                    clock: Default::default(),
                    reset: Default::default(),
                    s_axil_awaddr: Default::default(),
                    s_axil_awprot: Default::default(),
                    s_axil_awvalid: Default::default(),
                    s_axil_awready: Default::default(),
                    s_axil_wdata: Default::default(),
                    s_axil_wstrb: Default::default(),
                    s_axil_wvalid: Default::default(),
                    s_axil_wready: Default::default(),
                    s_axil_bresp: Default::default(),
                    s_axil_bvalid: Default::default(),
                    s_axil_bready: Default::default(),
                    s_axil_araddr: Default::default(),
                    s_axil_arprot: Default::default(),
                    s_axil_arvalid: Default::default(),
                    s_axil_arready: Default::default(),
                    s_axil_rdata: Default::default(),
                    s_axil_rresp: Default::default(),
                    s_axil_rvalid: Default::default(),
                    s_axil_rready: Default::default(),
                    s_axis_req_tvalid: Default::default(),
                    s_axis_req_tready: Default::default(),
                    s_axis_req_tdata: Default::default(),
                    m_axis_fetch_tvalid: Default::default(),
                    m_axis_fetch_tready: Default::default(),
                    m_axis_fetch_tdata: Default::default(),
                    s_axis_data_tvalid: Default::default(),
                    s_axis_data_tready: Default::default(),
                    s_axis_data_tdata: Default::default(),
                    s_axis_data_tdest: Default::default(),
                    m_axis_res_tvalid: Default::default(),
                    m_axis_res_tready: Default::default(),
                    m_axis_res_tdata: Default::default(),
                    m_axis_res_tlast: Default::default(),
                    m_axis_res_tdest: Default::default(),
                    m_axi_arid: Default::default(),
                    m_axi_araddr: Default::default(),
                    m_axi_arlen: Default::default(),
                    m_axi_arsize: Default::default(),
                    m_axi_arburst: Default::default(),
                    m_axi_arvalid: Default::default(),
                    m_axi_arready: Default::default(),
                    m_axi_rid: Default::default(),
                    m_axi_rdata: Default::default(),
                    m_axi_rresp: Default::default(),
                    m_axi_rlast: Default::default(),
                    m_axi_rvalid: Default::default(),
                    m_axi_rready: Default::default(),
                }
            }
        }

        impl<const LANES: usize, const GROUPS: usize $(, const $parameter: usize)*> Logic
            for $name<LANES, GROUPS $(, $parameter)*>
        {
            #[hdl_gen]
            fn update(&mut self) {
                self.shell.clock.next = self.clock.val();
                self.shell.reset.next = self.reset.val();
                self.shell.s_axil_awaddr.next = self.s_axil_awaddr.val();
                self.shell.s_axil_awprot.next = self.s_axil_awprot.val();
                self.shell.s_axil_awvalid.next = self.s_axil_awvalid.val();
                self.shell.s_axil_wdata.next = self.s_axil_wdata.val();
                self.shell.s_axil_wstrb.next = self.s_axil_wstrb.val();
                self.shell.s_axil_wvalid.next = self.s_axil_wvalid.val();
                self.shell.s_axil_bready.next = self.s_axil_bready.val();
                self.shell.s_axil_araddr.next = self.s_axil_araddr.val();
                self.shell.s_axil_arprot.next = self.s_axil_arprot.val();
                self.shell.s_axil_arvalid.next = self.s_axil_arvalid.val();
                self.shell.s_axil_rready.next = self.s_axil_rready.val();
                self.shell.s_axis_req_tvalid.next = self.s_axis_req_tvalid.val();
                self.shell.s_axis_req_tdata.next = self.s_axis_req_tdata.val();
                self.shell.m_axis_fetch_tready.next = self.m_axis_fetch_tready.val();
                self.shell.s_axis_data_tvalid.next = self.s_axis_data_tvalid.val();
                self.shell.s_axis_data_tdata.next = self.s_axis_data_tdata.val();
                self.shell.s_axis_data_tdest.next = self.s_axis_data_tdest.val();
                self.shell.m_axis_res_tready.next = self.m_axis_res_tready.val();
                self.shell.m_axi_arready.next = self.m_axi_arready.val();
                self.shell.m_axi_rid.next = self.m_axi_rid.val();
                self.shell.m_axi_rdata.next = self.m_axi_rdata.val();
                self.shell.m_axi_rresp.next = self.m_axi_rresp.val();
                self.shell.m_axi_rlast.next = self.m_axi_rlast.val();
                self.shell.m_axi_rvalid.next = self.m_axi_rvalid.val();
                self.s_axil_awready.next = self.shell.s_axil_awready.val();
                self.s_axil_wready.next = self.shell.s_axil_wready.val();
                self.s_axil_bresp.next = self.shell.s_axil_bresp.val();
                self.s_axil_bvalid.next = self.shell.s_axil_bvalid.val();
                self.s_axil_arready.next = self.shell.s_axil_arready.val();
                self.s_axil_rdata.next = self.shell.s_axil_rdata.val();
                self.s_axil_rresp.next = self.shell.s_axil_rresp.val();
                self.s_axil_rvalid.next = self.shell.s_axil_rvalid.val();
                self.s_axis_req_tready.next = self.shell.s_axis_req_tready.val();
                self.m_axis_fetch_tvalid.next = self.shell.m_axis_fetch_tvalid.val();
                self.m_axis_fetch_tdata.next = self.shell.m_axis_fetch_tdata.val();
                self.s_axis_data_tready.next = self.shell.s_axis_data_tready.val();
                self.m_axis_res_tvalid.next = self.shell.m_axis_res_tvalid.val();
                self.m_axis_res_tdata.next = self.shell.m_axis_res_tdata.val();
                self.m_axis_res_tlast.next = self.shell.m_axis_res_tlast.val();
                self.m_axis_res_tdest.next = self.shell.m_axis_res_tdest.val();
                self.m_axi_arid.next = self.shell.m_axi_arid.val();
                self.m_axi_araddr.next = self.shell.m_axi_araddr.val();
                self.m_axi_arlen.next = self.shell.m_axi_arlen.val();
                self.m_axi_arsize.next = self.shell.m_axi_arsize.val();
                self.m_axi_arburst.next = self.shell.m_axi_arburst.val();
                self.m_axi_arvalid.next = self.shell.m_axi_arvalid.val();
                self.m_axi_rready.next = self.shell.m_axi_rready.val();
                for i in 0..LANES {
                    self.lanes[i].clock.next = self.clock.val();
                    self.lanes[i].reset.next = self.shell.lane_reset.val();
                    self.lanes[i].s_axis_tvalid.next = self.shell.lane_tvalid[i].val();
                    self.shell.lane_tready[i].next = self.lanes[i].s_axis_tready.val();
                    self.lanes[i].s_axis_tdata.next = self.shell.lane_tdata[i].val();
                    self.lanes[i].s_op_tvalid.next = self.shell.lane_op_tvalid[i].val();
                    self.shell.lane_op_tready[i].next = self.lanes[i].s_op_tready.val();
                    self.lanes[i].s_op_tdata.next = self.shell.lane_op_tdata[i].val();
                    self.shell.lane_res_tvalid[i].next = self.lanes[i].m_axis_tvalid.val();
                    self.lanes[i].m_axis_tready.next = self.shell.lane_res_tready[i].val();
                    self.shell.lane_res_tdata[i].next = self.lanes[i].m_axis_tdata.val();
                    self.shell.lane_res_tlast[i].next = self.lanes[i].m_axis_tlast.val();
                    self.shell.lane_stall[i].next = self.lanes[i].stall.val();
                    self.lanes[i].table_id.next = self.shell.table_id.val();
                    self.lanes[i].table_pixels.next = self.shell.table_pixels.val();
                    self.lanes[i].table_bins.next = self.shell.table_bins.val();
                    self.lanes[i].max_bins.next = self.max_bins.val();
                    self.lanes[i].watchdog.next = self.shell.watchdog.val();
                    self.lanes[i].now.next = self.shell.now.val();
                }
            }
        }

        impl<const LANES: usize, const GROUPS: usize $(, const $parameter: usize)*> $name<LANES, GROUPS $(, $parameter)*> {
            /// The card behind pins.
            pub fn pins(build: u32) -> $crate::base::pins::HdlPins<Self> {
                $crate::pins!(Box::new(Self::new(build));
                    in reset, s_axil_awaddr, s_axil_awprot, s_axil_awvalid, s_axil_wdata, s_axil_wstrb, s_axil_wvalid, s_axil_bready, s_axil_araddr, s_axil_arprot, s_axil_arvalid, s_axil_rready, s_axis_req_tvalid, s_axis_req_tdata, m_axis_fetch_tready, s_axis_data_tvalid, s_axis_data_tdata, s_axis_data_tdest, m_axis_res_tready, m_axi_arready, m_axi_rid, m_axi_rdata, m_axi_rresp, m_axi_rlast, m_axi_rvalid;
                    out s_axil_awready, s_axil_wready, s_axil_bresp, s_axil_bvalid, s_axil_arready, s_axil_rdata, s_axil_rresp, s_axil_rvalid, s_axis_req_tready, m_axis_fetch_tvalid, m_axis_fetch_tdata, s_axis_data_tready, m_axis_res_tvalid, m_axis_res_tdata, m_axis_res_tlast, m_axis_res_tdest, m_axi_arid, m_axi_araddr, m_axi_arlen, m_axi_arsize, m_axi_arburst, m_axi_arvalid, m_axi_rready)
            }
        }
    };
}
