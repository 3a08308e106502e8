//! A card with rings: the ring engine in front of a card core, with flat ports.

/// `ring_card!(Name, core type, junction type, [const parameters])` defines a card of the engine and a core made by
/// [`card!`](crate::card), with a [`Junction`](crate::rings::junction::Junction) between them: `Name<LANES, GROUPS,
/// parameters>`. Tests put cores of simple lanes in.
#[macro_export]
macro_rules! ring_card {
    ($(#[$doc:meta])* $name:ident, $core:ty, $junction:ty, [$($parameter:ident)*]) => {
        $(#[$doc])*
        #[derive(rust_hdl::prelude::LogicBlock)]
        pub struct $name<const LANES: usize, const GROUPS: usize $(, const $parameter: usize)*> {
            /// Clock of all ports.
            pub clock: Signal<In, Clock>,
            /// Synchronous reset, active high.
            pub reset: Signal<In, Bit>,
            /// Registers: of the core below 0x8000, of the engine above.
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
            /// Host memory: one id, 512 bits, bursts of up to 4 KiB within a page.
            pub m_axi_host_arid: Signal<Out, U<4>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_araddr: Signal<Out, U<64>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_arlen: Signal<Out, U<8>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_arsize: Signal<Out, U<3>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_arburst: Signal<Out, U<2>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_arvalid: Signal<Out, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_arready: Signal<In, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_rid: Signal<In, U<4>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_rdata: Signal<In, W<512, 8>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_rresp: Signal<In, U<2>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_rlast: Signal<In, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_rvalid: Signal<In, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_rready: Signal<Out, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_awid: Signal<Out, U<4>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_awaddr: Signal<Out, U<64>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_awlen: Signal<Out, U<8>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_awsize: Signal<Out, U<3>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_awburst: Signal<Out, U<2>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_awvalid: Signal<Out, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_awready: Signal<In, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_wdata: Signal<Out, W<512, 8>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_wstrb: Signal<Out, U<64>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_wlast: Signal<Out, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_wvalid: Signal<Out, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_wready: Signal<In, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_bid: Signal<In, U<4>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_bresp: Signal<In, U<2>>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_bvalid: Signal<In, Bit>,
            /// See `m_axi_host_arid`.
            pub m_axi_host_bready: Signal<Out, Bit>,
            /// Table memory: reads of operations.
            pub m_axi_mem_arid: Signal<Out, U<4>>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_araddr: Signal<Out, U<64>>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_arlen: Signal<Out, U<8>>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_arsize: Signal<Out, U<3>>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_arburst: Signal<Out, U<2>>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_arvalid: Signal<Out, Bit>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_arready: Signal<In, Bit>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_rid: Signal<In, U<4>>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_rdata: Signal<In, W<512, 8>>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_rresp: Signal<In, U<2>>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_rlast: Signal<In, Bit>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_rvalid: Signal<In, Bit>,
            /// See `m_axi_mem_arid`.
            pub m_axi_mem_rready: Signal<Out, Bit>,
            /// Table memory: uploads.
            pub m_axi_mem_awid: Signal<Out, U<4>>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_awaddr: Signal<Out, U<64>>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_awlen: Signal<Out, U<8>>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_awsize: Signal<Out, U<3>>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_awburst: Signal<Out, U<2>>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_awvalid: Signal<Out, Bit>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_awready: Signal<In, Bit>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_wdata: Signal<Out, W<512, 8>>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_wstrb: Signal<Out, U<64>>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_wlast: Signal<Out, Bit>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_wvalid: Signal<Out, Bit>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_wready: Signal<In, Bit>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_bid: Signal<In, U<4>>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_bresp: Signal<In, U<2>>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_bvalid: Signal<In, Bit>,
            /// See `m_axi_mem_awid`.
            pub m_axi_mem_bready: Signal<Out, Bit>,
            /// Interrupts: the vector.
            pub m_axis_irq_tvalid: Signal<Out, Bit>,
            /// See `m_axis_irq_tvalid`.
            pub m_axis_irq_tready: Signal<In, Bit>,
            /// See `m_axis_irq_tvalid`.
            pub m_axis_irq_tdata: Signal<Out, U<8>>,

            engine: Box<$crate::rings::engine::Engine>,
            junction: Box<$junction>,
            core: Box<$core>,
        }

        impl<const LANES: usize, const GROUPS: usize $(, const $parameter: usize)*> $name<LANES, GROUPS $(, $parameter)*> {
            /// A card with so many queues before a table memory of 2^`memory_log2` bytes, whose register `build` reads as
            /// `build`.
            ///
            /// # Panics
            /// When lanes, groups, queues or table memory are out of range.
            pub fn new(queues: usize, memory_log2: u32, build: u32) -> Self {
                Self {
                    engine: Box::new($crate::rings::engine::Engine::encoding(
                        queues,
                        memory_log2,
                        <$junction as $crate::rings::junction::Junction>::ENCODES,
                    )),
                    junction: Default::default(),
                    core: Box::new(<$core>::new(build)),
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
                    m_axi_host_arid: Default::default(),
                    m_axi_host_araddr: Default::default(),
                    m_axi_host_arlen: Default::default(),
                    m_axi_host_arsize: Default::default(),
                    m_axi_host_arburst: Default::default(),
                    m_axi_host_arvalid: Default::default(),
                    m_axi_host_arready: Default::default(),
                    m_axi_host_rid: Default::default(),
                    m_axi_host_rdata: Default::default(),
                    m_axi_host_rresp: Default::default(),
                    m_axi_host_rlast: Default::default(),
                    m_axi_host_rvalid: Default::default(),
                    m_axi_host_rready: Default::default(),
                    m_axi_host_awid: Default::default(),
                    m_axi_host_awaddr: Default::default(),
                    m_axi_host_awlen: Default::default(),
                    m_axi_host_awsize: Default::default(),
                    m_axi_host_awburst: Default::default(),
                    m_axi_host_awvalid: Default::default(),
                    m_axi_host_awready: Default::default(),
                    m_axi_host_wdata: Default::default(),
                    m_axi_host_wstrb: Default::default(),
                    m_axi_host_wlast: Default::default(),
                    m_axi_host_wvalid: Default::default(),
                    m_axi_host_wready: Default::default(),
                    m_axi_host_bid: Default::default(),
                    m_axi_host_bresp: Default::default(),
                    m_axi_host_bvalid: Default::default(),
                    m_axi_host_bready: Default::default(),
                    m_axi_mem_arid: Default::default(),
                    m_axi_mem_araddr: Default::default(),
                    m_axi_mem_arlen: Default::default(),
                    m_axi_mem_arsize: Default::default(),
                    m_axi_mem_arburst: Default::default(),
                    m_axi_mem_arvalid: Default::default(),
                    m_axi_mem_arready: Default::default(),
                    m_axi_mem_rid: Default::default(),
                    m_axi_mem_rdata: Default::default(),
                    m_axi_mem_rresp: Default::default(),
                    m_axi_mem_rlast: Default::default(),
                    m_axi_mem_rvalid: Default::default(),
                    m_axi_mem_rready: Default::default(),
                    m_axi_mem_awid: Default::default(),
                    m_axi_mem_awaddr: Default::default(),
                    m_axi_mem_awlen: Default::default(),
                    m_axi_mem_awsize: Default::default(),
                    m_axi_mem_awburst: Default::default(),
                    m_axi_mem_awvalid: Default::default(),
                    m_axi_mem_awready: Default::default(),
                    m_axi_mem_wdata: Default::default(),
                    m_axi_mem_wstrb: Default::default(),
                    m_axi_mem_wlast: Default::default(),
                    m_axi_mem_wvalid: Default::default(),
                    m_axi_mem_wready: Default::default(),
                    m_axi_mem_bid: Default::default(),
                    m_axi_mem_bresp: Default::default(),
                    m_axi_mem_bvalid: Default::default(),
                    m_axi_mem_bready: Default::default(),
                    m_axis_irq_tvalid: Default::default(),
                    m_axis_irq_tready: Default::default(),
                    m_axis_irq_tdata: Default::default(),
                }
            }

            /// The card behind pins.
            pub fn pins(queues: usize, memory_log2: u32, build: u32) -> $crate::base::pins::HdlPins<Self> {
                $crate::pins!(Box::new(Self::new(queues, memory_log2, build));
                    in reset, s_axil_awaddr, s_axil_awprot, s_axil_awvalid, s_axil_wdata, s_axil_wstrb, s_axil_wvalid, s_axil_bready, s_axil_araddr, s_axil_arprot, s_axil_arvalid, s_axil_rready, m_axi_host_arready, m_axi_host_rid, m_axi_host_rdata, m_axi_host_rresp, m_axi_host_rlast, m_axi_host_rvalid, m_axi_host_awready, m_axi_host_wready, m_axi_host_bid, m_axi_host_bresp, m_axi_host_bvalid, m_axi_mem_arready, m_axi_mem_rid, m_axi_mem_rdata, m_axi_mem_rresp, m_axi_mem_rlast, m_axi_mem_rvalid, m_axi_mem_awready, m_axi_mem_wready, m_axi_mem_bid, m_axi_mem_bresp, m_axi_mem_bvalid, m_axis_irq_tready;
                    out s_axil_awready, s_axil_wready, s_axil_bresp, s_axil_bvalid, s_axil_arready, s_axil_rdata, s_axil_rresp, s_axil_rvalid, m_axi_host_arid, m_axi_host_araddr, m_axi_host_arlen, m_axi_host_arsize, m_axi_host_arburst, m_axi_host_arvalid, m_axi_host_rready, m_axi_host_awid, m_axi_host_awaddr, m_axi_host_awlen, m_axi_host_awsize, m_axi_host_awburst, m_axi_host_awvalid, m_axi_host_wdata, m_axi_host_wstrb, m_axi_host_wlast, m_axi_host_wvalid, m_axi_host_bready, m_axi_mem_arid, m_axi_mem_araddr, m_axi_mem_arlen, m_axi_mem_arsize, m_axi_mem_arburst, m_axi_mem_arvalid, m_axi_mem_rready, m_axi_mem_awid, m_axi_mem_awaddr, m_axi_mem_awlen, m_axi_mem_awsize, m_axi_mem_awburst, m_axi_mem_awvalid, m_axi_mem_wdata, m_axi_mem_wstrb, m_axi_mem_wlast, m_axi_mem_wvalid, m_axi_mem_bready, m_axis_irq_tvalid, m_axis_irq_tdata)
            }
        }

        impl<const LANES: usize, const GROUPS: usize $(, const $parameter: usize)*> Logic
            for $name<LANES, GROUPS $(, $parameter)*>
        {
            #[hdl_gen]
            fn update(&mut self) {
                self.engine.clock.next = self.clock.val();
                self.engine.reset.next = self.reset.val();
                self.core.clock.next = self.clock.val();
                self.core.reset.next = self.reset.val();
                self.engine.s_axil_awaddr.next = self.s_axil_awaddr.val();
                self.engine.s_axil_awprot.next = self.s_axil_awprot.val();
                self.engine.s_axil_awvalid.next = self.s_axil_awvalid.val();
                self.s_axil_awready.next = self.engine.s_axil_awready.val();
                self.engine.s_axil_wdata.next = self.s_axil_wdata.val();
                self.engine.s_axil_wstrb.next = self.s_axil_wstrb.val();
                self.engine.s_axil_wvalid.next = self.s_axil_wvalid.val();
                self.s_axil_wready.next = self.engine.s_axil_wready.val();
                self.s_axil_bresp.next = self.engine.s_axil_bresp.val();
                self.s_axil_bvalid.next = self.engine.s_axil_bvalid.val();
                self.engine.s_axil_bready.next = self.s_axil_bready.val();
                self.engine.s_axil_araddr.next = self.s_axil_araddr.val();
                self.engine.s_axil_arprot.next = self.s_axil_arprot.val();
                self.engine.s_axil_arvalid.next = self.s_axil_arvalid.val();
                self.s_axil_arready.next = self.engine.s_axil_arready.val();
                self.s_axil_rdata.next = self.engine.s_axil_rdata.val();
                self.s_axil_rresp.next = self.engine.s_axil_rresp.val();
                self.s_axil_rvalid.next = self.engine.s_axil_rvalid.val();
                self.engine.s_axil_rready.next = self.s_axil_rready.val();
                self.m_axi_host_arid.next = self.engine.m_axi_host_arid.val();
                self.m_axi_host_araddr.next = self.engine.m_axi_host_araddr.val();
                self.m_axi_host_arlen.next = self.engine.m_axi_host_arlen.val();
                self.m_axi_host_arsize.next = self.engine.m_axi_host_arsize.val();
                self.m_axi_host_arburst.next = self.engine.m_axi_host_arburst.val();
                self.m_axi_host_arvalid.next = self.engine.m_axi_host_arvalid.val();
                self.engine.m_axi_host_arready.next = self.m_axi_host_arready.val();
                self.engine.m_axi_host_rid.next = self.m_axi_host_rid.val();
                self.engine.m_axi_host_rdata.next = self.m_axi_host_rdata.val();
                self.engine.m_axi_host_rresp.next = self.m_axi_host_rresp.val();
                self.engine.m_axi_host_rlast.next = self.m_axi_host_rlast.val();
                self.engine.m_axi_host_rvalid.next = self.m_axi_host_rvalid.val();
                self.m_axi_host_rready.next = self.engine.m_axi_host_rready.val();
                self.m_axi_host_awid.next = self.engine.m_axi_host_awid.val();
                self.m_axi_host_awaddr.next = self.engine.m_axi_host_awaddr.val();
                self.m_axi_host_awlen.next = self.engine.m_axi_host_awlen.val();
                self.m_axi_host_awsize.next = self.engine.m_axi_host_awsize.val();
                self.m_axi_host_awburst.next = self.engine.m_axi_host_awburst.val();
                self.m_axi_host_awvalid.next = self.engine.m_axi_host_awvalid.val();
                self.engine.m_axi_host_awready.next = self.m_axi_host_awready.val();
                self.m_axi_host_wdata.next = self.engine.m_axi_host_wdata.val();
                self.m_axi_host_wstrb.next = self.engine.m_axi_host_wstrb.val();
                self.m_axi_host_wlast.next = self.engine.m_axi_host_wlast.val();
                self.m_axi_host_wvalid.next = self.engine.m_axi_host_wvalid.val();
                self.engine.m_axi_host_wready.next = self.m_axi_host_wready.val();
                self.engine.m_axi_host_bid.next = self.m_axi_host_bid.val();
                self.engine.m_axi_host_bresp.next = self.m_axi_host_bresp.val();
                self.engine.m_axi_host_bvalid.next = self.m_axi_host_bvalid.val();
                self.m_axi_host_bready.next = self.engine.m_axi_host_bready.val();
                self.m_axi_mem_awid.next = self.engine.m_axi_mem_awid.val();
                self.m_axi_mem_awaddr.next = self.engine.m_axi_mem_awaddr.val();
                self.m_axi_mem_awlen.next = self.engine.m_axi_mem_awlen.val();
                self.m_axi_mem_awsize.next = self.engine.m_axi_mem_awsize.val();
                self.m_axi_mem_awburst.next = self.engine.m_axi_mem_awburst.val();
                self.m_axi_mem_awvalid.next = self.engine.m_axi_mem_awvalid.val();
                self.engine.m_axi_mem_awready.next = self.m_axi_mem_awready.val();
                self.m_axi_mem_wdata.next = self.engine.m_axi_mem_wdata.val();
                self.m_axi_mem_wstrb.next = self.engine.m_axi_mem_wstrb.val();
                self.m_axi_mem_wlast.next = self.engine.m_axi_mem_wlast.val();
                self.m_axi_mem_wvalid.next = self.engine.m_axi_mem_wvalid.val();
                self.engine.m_axi_mem_wready.next = self.m_axi_mem_wready.val();
                self.engine.m_axi_mem_bid.next = self.m_axi_mem_bid.val();
                self.engine.m_axi_mem_bresp.next = self.m_axi_mem_bresp.val();
                self.engine.m_axi_mem_bvalid.next = self.m_axi_mem_bvalid.val();
                self.m_axi_mem_bready.next = self.engine.m_axi_mem_bready.val();
                self.m_axis_irq_tvalid.next = self.engine.m_axis_irq_tvalid.val();
                self.engine.m_axis_irq_tready.next = self.m_axis_irq_tready.val();
                self.m_axis_irq_tdata.next = self.engine.m_axis_irq_tdata.val();
                self.m_axi_mem_arid.next = self.core.m_axi_arid.val();
                self.m_axi_mem_araddr.next = self.core.m_axi_araddr.val();
                self.m_axi_mem_arlen.next = self.core.m_axi_arlen.val();
                self.m_axi_mem_arsize.next = self.core.m_axi_arsize.val();
                self.m_axi_mem_arburst.next = self.core.m_axi_arburst.val();
                self.m_axi_mem_arvalid.next = self.core.m_axi_arvalid.val();
                self.core.m_axi_arready.next = self.m_axi_mem_arready.val();
                self.core.m_axi_rid.next = self.m_axi_mem_rid.val();
                self.core.m_axi_rdata.next = self.m_axi_mem_rdata.val();
                self.core.m_axi_rresp.next = self.m_axi_mem_rresp.val();
                self.core.m_axi_rlast.next = self.m_axi_mem_rlast.val();
                self.core.m_axi_rvalid.next = self.m_axi_mem_rvalid.val();
                self.m_axi_mem_rready.next = self.core.m_axi_rready.val();
                self.core.s_axil_awaddr.next = self.engine.m_axil_awaddr.val();
                self.core.s_axil_awprot.next = self.engine.m_axil_awprot.val();
                self.core.s_axil_awvalid.next = self.engine.m_axil_awvalid.val();
                self.engine.m_axil_awready.next = self.core.s_axil_awready.val();
                self.core.s_axil_wdata.next = self.engine.m_axil_wdata.val();
                self.core.s_axil_wstrb.next = self.engine.m_axil_wstrb.val();
                self.core.s_axil_wvalid.next = self.engine.m_axil_wvalid.val();
                self.engine.m_axil_wready.next = self.core.s_axil_wready.val();
                self.engine.m_axil_bresp.next = self.core.s_axil_bresp.val();
                self.engine.m_axil_bvalid.next = self.core.s_axil_bvalid.val();
                self.core.s_axil_bready.next = self.engine.m_axil_bready.val();
                self.core.s_axil_araddr.next = self.engine.m_axil_araddr.val();
                self.core.s_axil_arprot.next = self.engine.m_axil_arprot.val();
                self.core.s_axil_arvalid.next = self.engine.m_axil_arvalid.val();
                self.engine.m_axil_arready.next = self.core.s_axil_arready.val();
                self.engine.m_axil_rdata.next = self.core.s_axil_rdata.val();
                self.engine.m_axil_rresp.next = self.core.s_axil_rresp.val();
                self.engine.m_axil_rvalid.next = self.core.s_axil_rvalid.val();
                self.core.s_axil_rready.next = self.engine.m_axil_rready.val();
                self.junction.clock.next = self.clock.val();
                self.junction.reset.next = self.reset.val() | self.engine.m_clear.val();
                self.junction.halt.next = self.engine.m_halt.val();
                self.junction.s_req_tvalid.next = self.engine.m_axis_req_tvalid.val();
                self.engine.m_axis_req_tready.next = self.junction.s_req_tready.val();
                self.junction.s_req_tdata.next = self.engine.m_axis_req_tdata.val();
                self.engine.s_axis_fetch_tvalid.next = self.junction.m_fetch_tvalid.val();
                self.junction.m_fetch_tready.next = self.engine.s_axis_fetch_tready.val();
                self.engine.s_axis_fetch_tdata.next = self.junction.m_fetch_tdata.val();
                self.junction.s_data_tvalid.next = self.engine.m_axis_data_tvalid.val();
                self.engine.m_axis_data_tready.next = self.junction.s_data_tready.val();
                self.junction.s_data_tdata.next = self.engine.m_axis_data_tdata.val();
                self.junction.s_data_tdest.next = self.engine.m_axis_data_tdest.val();
                self.engine.s_axis_res_tvalid.next = self.core.m_axis_res_tvalid.val();
                self.core.m_axis_res_tready.next = self.engine.s_axis_res_tready.val();
                self.engine.s_axis_res_tdata.next = self.core.m_axis_res_tdata.val();
                self.engine.s_axis_res_tlast.next = self.core.m_axis_res_tlast.val();
                self.engine.s_axis_res_tdest.next = self.core.m_axis_res_tdest.val();
                self.engine.s_chunk_valid.next = self.junction.m_chunk_valid.val();
                self.junction.m_chunk_ready.next = self.engine.s_chunk_ready.val();
                self.engine.s_chunk.next = self.junction.m_chunk.val();
                self.engine.s_chunk_beat_valid.next = self.junction.m_chunk_beat_valid.val();
                self.junction.m_chunk_beat_ready.next = self.engine.s_chunk_beat_ready.val();
                self.engine.s_chunk_beat.next = self.junction.m_chunk_beat.val();
                self.core.s_axis_req_tvalid.next = self.junction.m_req_tvalid.val();
                self.junction.m_req_tready.next = self.core.s_axis_req_tready.val();
                self.core.s_axis_req_tdata.next = self.junction.m_req_tdata.val();
                self.junction.s_fetch_tvalid.next = self.core.m_axis_fetch_tvalid.val();
                self.core.m_axis_fetch_tready.next = self.junction.s_fetch_tready.val();
                self.junction.s_fetch_tdata.next = self.core.m_axis_fetch_tdata.val();
                self.core.s_axis_data_tvalid.next = self.junction.m_data_tvalid.val();
                self.junction.m_data_tready.next = self.core.s_axis_data_tready.val();
                self.core.s_axis_data_tdata.next = self.junction.m_data_tdata.val();
                self.core.s_axis_data_tdest.next = self.junction.m_data_tdest.val();
            }
        }
    };
}
