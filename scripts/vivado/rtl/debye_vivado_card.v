// A card with rings as a block of a Vivado block design: its ports grouped into interfaces, the reset turned round.
// DEBYE_CARD stands for the card's module; build.tcl writes its name there. A test holds the ports against hdl/gen.
`default_nettype none

module debye_vivado_card (
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axil:m_axi_host:m_axi_mem:m_axis_irq, ASSOCIATED_RESET aresetn" *)
    input wire aclk,
    (* X_INTERFACE_PARAMETER = "POLARITY ACTIVE_LOW" *)
    input wire aresetn,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil AWADDR" *)
    input wire [15:0] s_axil_awaddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil AWPROT" *)
    input wire [2:0] s_axil_awprot,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil AWVALID" *)
    input wire s_axil_awvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil AWREADY" *)
    output wire s_axil_awready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil WDATA" *)
    input wire [31:0] s_axil_wdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil WSTRB" *)
    input wire [3:0] s_axil_wstrb,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil WVALID" *)
    input wire s_axil_wvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil WREADY" *)
    output wire s_axil_wready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil BRESP" *)
    output wire [1:0] s_axil_bresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil BVALID" *)
    output wire s_axil_bvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil BREADY" *)
    input wire s_axil_bready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil ARADDR" *)
    input wire [15:0] s_axil_araddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil ARPROT" *)
    input wire [2:0] s_axil_arprot,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil ARVALID" *)
    input wire s_axil_arvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil ARREADY" *)
    output wire s_axil_arready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil RDATA" *)
    output wire [31:0] s_axil_rdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil RRESP" *)
    output wire [1:0] s_axil_rresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil RVALID" *)
    output wire s_axil_rvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axil RREADY" *)
    input wire s_axil_rready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host ARID" *)
    output wire [3:0] m_axi_host_arid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host ARADDR" *)
    output wire [63:0] m_axi_host_araddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host ARLEN" *)
    output wire [7:0] m_axi_host_arlen,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host ARSIZE" *)
    output wire [2:0] m_axi_host_arsize,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host ARBURST" *)
    output wire [1:0] m_axi_host_arburst,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host ARVALID" *)
    output wire m_axi_host_arvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host ARREADY" *)
    input wire m_axi_host_arready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host RID" *)
    input wire [3:0] m_axi_host_rid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host RDATA" *)
    input wire [511:0] m_axi_host_rdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host RRESP" *)
    input wire [1:0] m_axi_host_rresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host RLAST" *)
    input wire m_axi_host_rlast,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host RVALID" *)
    input wire m_axi_host_rvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host RREADY" *)
    output wire m_axi_host_rready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host AWID" *)
    output wire [3:0] m_axi_host_awid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host AWADDR" *)
    output wire [63:0] m_axi_host_awaddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host AWLEN" *)
    output wire [7:0] m_axi_host_awlen,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host AWSIZE" *)
    output wire [2:0] m_axi_host_awsize,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host AWBURST" *)
    output wire [1:0] m_axi_host_awburst,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host AWVALID" *)
    output wire m_axi_host_awvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host AWREADY" *)
    input wire m_axi_host_awready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host WDATA" *)
    output wire [511:0] m_axi_host_wdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host WSTRB" *)
    output wire [63:0] m_axi_host_wstrb,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host WLAST" *)
    output wire m_axi_host_wlast,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host WVALID" *)
    output wire m_axi_host_wvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host WREADY" *)
    input wire m_axi_host_wready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host BID" *)
    input wire [3:0] m_axi_host_bid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host BRESP" *)
    input wire [1:0] m_axi_host_bresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host BVALID" *)
    input wire m_axi_host_bvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_host BREADY" *)
    output wire m_axi_host_bready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem ARID" *)
    output wire [3:0] m_axi_mem_arid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem ARADDR" *)
    output wire [63:0] m_axi_mem_araddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem ARLEN" *)
    output wire [7:0] m_axi_mem_arlen,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem ARSIZE" *)
    output wire [2:0] m_axi_mem_arsize,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem ARBURST" *)
    output wire [1:0] m_axi_mem_arburst,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem ARVALID" *)
    output wire m_axi_mem_arvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem ARREADY" *)
    input wire m_axi_mem_arready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem RID" *)
    input wire [3:0] m_axi_mem_rid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem RDATA" *)
    input wire [511:0] m_axi_mem_rdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem RRESP" *)
    input wire [1:0] m_axi_mem_rresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem RLAST" *)
    input wire m_axi_mem_rlast,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem RVALID" *)
    input wire m_axi_mem_rvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem RREADY" *)
    output wire m_axi_mem_rready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem AWID" *)
    output wire [3:0] m_axi_mem_awid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem AWADDR" *)
    output wire [63:0] m_axi_mem_awaddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem AWLEN" *)
    output wire [7:0] m_axi_mem_awlen,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem AWSIZE" *)
    output wire [2:0] m_axi_mem_awsize,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem AWBURST" *)
    output wire [1:0] m_axi_mem_awburst,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem AWVALID" *)
    output wire m_axi_mem_awvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem AWREADY" *)
    input wire m_axi_mem_awready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem WDATA" *)
    output wire [511:0] m_axi_mem_wdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem WSTRB" *)
    output wire [63:0] m_axi_mem_wstrb,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem WLAST" *)
    output wire m_axi_mem_wlast,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem WVALID" *)
    output wire m_axi_mem_wvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem WREADY" *)
    input wire m_axi_mem_wready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem BID" *)
    input wire [3:0] m_axi_mem_bid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem BRESP" *)
    input wire [1:0] m_axi_mem_bresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem BVALID" *)
    input wire m_axi_mem_bvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi_mem BREADY" *)
    output wire m_axi_mem_bready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis_irq TVALID" *)
    output wire m_axis_irq_tvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis_irq TREADY" *)
    input wire m_axis_irq_tready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis_irq TDATA" *)
    output wire [7:0] m_axis_irq_tdata
);
    DEBYE_CARD card (
        .clock(aclk),
        .reset(~aresetn),
        .s_axil_awaddr(s_axil_awaddr),
        .s_axil_awprot(s_axil_awprot),
        .s_axil_awvalid(s_axil_awvalid),
        .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata),
        .s_axil_wstrb(s_axil_wstrb),
        .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready),
        .s_axil_bresp(s_axil_bresp),
        .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready),
        .s_axil_araddr(s_axil_araddr),
        .s_axil_arprot(s_axil_arprot),
        .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready),
        .s_axil_rdata(s_axil_rdata),
        .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid),
        .s_axil_rready(s_axil_rready),
        .m_axi_host_arid(m_axi_host_arid),
        .m_axi_host_araddr(m_axi_host_araddr),
        .m_axi_host_arlen(m_axi_host_arlen),
        .m_axi_host_arsize(m_axi_host_arsize),
        .m_axi_host_arburst(m_axi_host_arburst),
        .m_axi_host_arvalid(m_axi_host_arvalid),
        .m_axi_host_arready(m_axi_host_arready),
        .m_axi_host_rid(m_axi_host_rid),
        .m_axi_host_rdata(m_axi_host_rdata),
        .m_axi_host_rresp(m_axi_host_rresp),
        .m_axi_host_rlast(m_axi_host_rlast),
        .m_axi_host_rvalid(m_axi_host_rvalid),
        .m_axi_host_rready(m_axi_host_rready),
        .m_axi_host_awid(m_axi_host_awid),
        .m_axi_host_awaddr(m_axi_host_awaddr),
        .m_axi_host_awlen(m_axi_host_awlen),
        .m_axi_host_awsize(m_axi_host_awsize),
        .m_axi_host_awburst(m_axi_host_awburst),
        .m_axi_host_awvalid(m_axi_host_awvalid),
        .m_axi_host_awready(m_axi_host_awready),
        .m_axi_host_wdata(m_axi_host_wdata),
        .m_axi_host_wstrb(m_axi_host_wstrb),
        .m_axi_host_wlast(m_axi_host_wlast),
        .m_axi_host_wvalid(m_axi_host_wvalid),
        .m_axi_host_wready(m_axi_host_wready),
        .m_axi_host_bid(m_axi_host_bid),
        .m_axi_host_bresp(m_axi_host_bresp),
        .m_axi_host_bvalid(m_axi_host_bvalid),
        .m_axi_host_bready(m_axi_host_bready),
        .m_axi_mem_arid(m_axi_mem_arid),
        .m_axi_mem_araddr(m_axi_mem_araddr),
        .m_axi_mem_arlen(m_axi_mem_arlen),
        .m_axi_mem_arsize(m_axi_mem_arsize),
        .m_axi_mem_arburst(m_axi_mem_arburst),
        .m_axi_mem_arvalid(m_axi_mem_arvalid),
        .m_axi_mem_arready(m_axi_mem_arready),
        .m_axi_mem_rid(m_axi_mem_rid),
        .m_axi_mem_rdata(m_axi_mem_rdata),
        .m_axi_mem_rresp(m_axi_mem_rresp),
        .m_axi_mem_rlast(m_axi_mem_rlast),
        .m_axi_mem_rvalid(m_axi_mem_rvalid),
        .m_axi_mem_rready(m_axi_mem_rready),
        .m_axi_mem_awid(m_axi_mem_awid),
        .m_axi_mem_awaddr(m_axi_mem_awaddr),
        .m_axi_mem_awlen(m_axi_mem_awlen),
        .m_axi_mem_awsize(m_axi_mem_awsize),
        .m_axi_mem_awburst(m_axi_mem_awburst),
        .m_axi_mem_awvalid(m_axi_mem_awvalid),
        .m_axi_mem_awready(m_axi_mem_awready),
        .m_axi_mem_wdata(m_axi_mem_wdata),
        .m_axi_mem_wstrb(m_axi_mem_wstrb),
        .m_axi_mem_wlast(m_axi_mem_wlast),
        .m_axi_mem_wvalid(m_axi_mem_wvalid),
        .m_axi_mem_wready(m_axi_mem_wready),
        .m_axi_mem_bid(m_axi_mem_bid),
        .m_axi_mem_bresp(m_axi_mem_bresp),
        .m_axi_mem_bvalid(m_axi_mem_bvalid),
        .m_axi_mem_bready(m_axi_mem_bready),
        .m_axis_irq_tvalid(m_axis_irq_tvalid),
        .m_axis_irq_tready(m_axis_irq_tready),
        .m_axis_irq_tdata(m_axis_irq_tdata)
    );
endmodule

`default_nettype wire
