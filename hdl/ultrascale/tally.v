// debye_tally for UltraScale+: read after a file of hdl/gen, instead of its module of this name. The same ports and the
// same meaning (see hdl/src/integrator/tally.rs), latency 4.
//
// All values stand one bit higher than they are worth: the only way from one block to the next that shifts, shifts by 17.
//
//     odd     wide: 2 * sum of slots 1 and 3 of the frame; if not, of one cycle     cycle 2
//     all     2 * sum of slots 0 and 2, and if not wide of 1 and 3, of the frame    cycle 3
//     top     that / 2^17, and if wide the frame's sum of slots 1 and 3             cycle 4
`default_nettype none

module debye_tally (
    input wire clock,
    input wire clear,
    input wire wide,
    input wire [63:0] values,
    output wire [53:0] sum
);
    reg [15:0] slot_2, low;
    wire [47:0] odd_p, odd_c, all_p, all_c, top_p;
    always @(posedge clock) begin
        slot_2 <= values[47:32];
        low <= clear ? 16'd0 : all_p[16:1];
    end
    debye_adder #(.STAGES(1)) odd (
        clock, clear, 1'b0, {1'b0, wide, 7'b000_11_11}, {31'd0, values[31:16], 1'b0}, {31'd0, values[63:48], 1'b0}, 48'd0,
        odd_c, odd_p
    );
    debye_adder #(.STAGES(2)) all (
        clock, clear, 1'b0, {4'b01_00, !wide, 4'b11_11}, {31'd0, values[15:0], 1'b0}, {31'd0, slot_2, 1'b0}, odd_c, all_c,
        all_p
    );
    debye_adder #(.STAGES(1)) top (
        clock, clear, clear, {7'b00_101_00, {2{wide}}}, {1'b0, odd_p[47:1]}, 48'd0, all_c, , top_p
    );
    assign sum = {top_p[37:0], low};
endmodule

// One DSP48E2: p <= x + c + z + w, as OPMODE chooses: x or 0, c or 0, of z nothing, pcin or pcin >> 17, of w nothing or p.
// STAGES: registers of x. Its `clear` is that of p, its `clear_x` that of x.
module debye_adder #(parameter STAGES = 1) (
    input wire clock,
    input wire clear,
    input wire clear_x,
    input wire [8:0] opmode,
    input wire [47:0] x,
    input wire [47:0] c,
    input wire [47:0] pcin,
    output wire [47:0] pcout,
    output wire [47:0] p
);
    DSP48E2 #(
        .AREG(STAGES), .ACASCREG(STAGES), .BREG(STAGES), .BCASCREG(STAGES), .CREG(1), .MREG(0), .PREG(1),
        .ADREG(0), .DREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .INMODEREG(0), .OPMODEREG(0),
        .AMULTSEL("A"), .BMULTSEL("B"), .USE_MULT("NONE"), .USE_SIMD("ONE48"), .A_INPUT("DIRECT"), .B_INPUT("DIRECT")
    ) dsp (
        .CLK(clock), .A(x[47:18]), .B(x[17:0]), .C(c), .D(27'd0), .PCIN(pcin), .PCOUT(pcout), .P(p),
        .OPMODE(opmode), .ALUMODE(4'd0), .INMODE(5'd0), .CARRYINSEL(3'd0), .CARRYIN(1'b0),
        .CEA1(1'b1), .CEA2(1'b1), .CEB1(1'b1), .CEB2(1'b1), .CEC(1'b1), .CEM(1'b1), .CEP(1'b1),
        .CEAD(1'b0), .CED(1'b0), .CEALUMODE(1'b0), .CECARRYIN(1'b0), .CECTRL(1'b0), .CEINMODE(1'b0),
        .RSTA(clear_x), .RSTB(clear_x), .RSTC(1'b0), .RSTM(1'b0), .RSTP(clear),
        .RSTD(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTCTRL(1'b0), .RSTINMODE(1'b0),
        .ACIN(30'd0), .BCIN(18'd0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0)
    );
endmodule

`default_nettype wire
