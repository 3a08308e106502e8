// Interrupts of a card to the vendor's PCIe bridge (PG194, "MSI and Internal MSI-X Interrupts"): each beat is the number of
// a vector; its line is high until the bridge says that the message was sent. A beat for a vector that is still waiting
// waits itself, so none is lost. While the host has MSI-X switched off, beats go nowhere: nothing would ever acknowledge them.
`default_nettype none

module debye_vivado_msix (
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axis, ASSOCIATED_RESET aresetn" *)
    input wire aclk,
    (* X_INTERFACE_PARAMETER = "POLARITY ACTIVE_LOW" *)
    input wire aresetn,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TVALID" *)
    input wire s_axis_tvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TREADY" *)
    output wire s_axis_tready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TDATA" *)
    input wire [7:0] s_axis_tdata,
    input wire msix_enable,
    input wire [7:0] usr_irq_ack,
    output reg [7:0] usr_irq_req
);
    wire [7:0] vector = 8'd1 << s_axis_tdata[2:0];
    wire taken = s_axis_tvalid & s_axis_tready;

    assign s_axis_tready = aresetn & ~|(usr_irq_req & vector);

    always @(posedge aclk)
        if (!aresetn || !msix_enable)
            usr_irq_req <= 8'd0;
        else
            usr_irq_req <= usr_irq_req & ~usr_irq_ack | (taken ? vector : 8'd0);
endmodule

`default_nettype wire
