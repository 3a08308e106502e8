// debye_ulx3s: the card behind a UART on a ULX3S board with an LFE5U-85F: clock, reset, pins. The clock is the board's, 25 MHz;
// 1 Mbaud; a packet of which nothing comes for 20 ms is given up.
`default_nettype none

module debye_ulx3s (
    input wire clk_25mhz,
    // Named from the USB bridge: it receives what the card sends.
    output wire ftdi_rxd,
    input wire ftdi_txd,
    output wire [2:0] led
);
    // The card leaves its reset 15 cycles after the configuration.
    reg [3:0] count = 4'd0;
    reg reset = 1'b1;
    always @(posedge clk_25mhz) begin
        if (count != 4'd15) count <= count + 4'd1;
        else reset <= 1'b0;
    end

    debye_serial_card card (
        .clock(clk_25mhz), .reset(reset), .rxd(ftdi_txd), .txd(ftdi_rxd),
        .divisor(16'd25), .patience(32'd500000),
        .alive(led[0]), .busy(led[1]), .damaged(led[2])
    );
endmodule

`default_nettype wire
