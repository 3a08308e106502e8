// debye_ulx3s: the card behind a UART on a ULX3S board with an LFE5U-85F: clock, reset, pins. 50 MHz out of the board's
// 25 MHz; 1 Mbaud; a packet of which nothing comes for 20 ms is given up.
`default_nettype none

module debye_ulx3s (
    input wire clk_25mhz,
    // Named from the USB bridge: it receives what the card sends.
    output wire ftdi_rxd,
    input wire ftdi_txd,
    output wire [2:0] led
);
    wire clock, locked;
    (* FREQUENCY_PIN_CLKI = "25" *) (* FREQUENCY_PIN_CLKOP = "50" *)
    (* ICP_CURRENT = "12" *) (* LPF_RESISTOR = "8" *) (* MFG_ENABLE_FILTEROPAMP = "1" *) (* MFG_GMCREF_SEL = "2" *)
    EHXPLLL #(
        .CLKI_DIV(1), .CLKFB_DIV(2), .FEEDBK_PATH("CLKOP"),
        .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(12), .CLKOP_CPHASE(5), .CLKOP_FPHASE(0),
        .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"), .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"),
        .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED")
    ) pll (
        .CLKI(clk_25mhz), .CLKFB(clock), .CLKOP(clock), .LOCK(locked),
        .RST(1'b0), .STDBY(1'b0), .ENCLKOP(1'b0), .PLLWAKESYNC(1'b0),
        .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1)
    );

    // The card leaves its reset 15 cycles after the clock is steady.
    reg [1:0] steady = 2'b00;
    reg [3:0] count = 4'd0;
    reg reset = 1'b1;
    always @(posedge clock) begin
        steady <= {steady[0], locked};
        if (!steady[1]) begin
            count <= 4'd0;
            reset <= 1'b1;
        end else if (count != 4'd15) count <= count + 4'd1;
        else reset <= 1'b0;
    end

    debye_serial_card card (
        .clock(clock), .reset(reset), .rxd(ftdi_txd), .txd(ftdi_rxd),
        .divisor(16'd50), .patience(32'd1000000),
        .alive(led[0]), .busy(led[1]), .damaged(led[2])
    );
endmodule

`default_nettype wire
