// What hdl/ultrascale uses of a DSP48E2, after AMD's UG579 (v1.9), chapter 2: A and B through one register or two, C, M
// and P through one, P = W + X + Y + Z by OPMODE. With the multiplier X and Y are the product, Z is 0 or PCIN, W is 0 or
// C. Without it X is 0 or A and B side by side, Y is 0 or C, Z is 0, PCIN or that shifted by 17 bits (with its sign), W is
// 0 or P. Whatever else is asked for ends the simulation. Resets are synchronous; enables are all on or all off.
`default_nettype none

module DSP48E2 #(
    parameter integer AREG = 1, parameter integer ACASCREG = 1, parameter integer BREG = 1, parameter integer BCASCREG = 1,
    parameter integer CREG = 1, parameter integer MREG = 1, parameter integer PREG = 1, parameter integer ADREG = 1,
    parameter integer DREG = 1, parameter integer ALUMODEREG = 1, parameter integer CARRYINREG = 1,
    parameter integer CARRYINSELREG = 1, parameter integer INMODEREG = 1, parameter integer OPMODEREG = 1,
    parameter AMULTSEL = "A", parameter BMULTSEL = "B", parameter USE_MULT = "MULTIPLY", parameter USE_SIMD = "ONE48",
    parameter A_INPUT = "DIRECT", parameter B_INPUT = "DIRECT"
) (
    input wire CLK,
    input wire [29:0] A, ACIN,
    input wire [17:0] B, BCIN,
    input wire [47:0] C, PCIN,
    input wire [26:0] D,
    input wire [8:0] OPMODE,
    input wire [4:0] INMODE,
    input wire [3:0] ALUMODE,
    input wire [2:0] CARRYINSEL,
    input wire CARRYIN, CARRYCASCIN, MULTSIGNIN,
    input wire CEA1, CEA2, CEB1, CEB2, CEC, CEM, CEP, CEAD, CED, CEALUMODE, CECARRYIN, CECTRL, CEINMODE,
    input wire RSTA, RSTB, RSTC, RSTM, RSTP, RSTD, RSTALLCARRYIN, RSTALUMODE, RSTCTRL, RSTINMODE,
    output wire [47:0] P, PCOUT
);
    initial if (
        (AREG != 1 && AREG != 2) || ACASCREG != AREG || BREG != AREG || BCASCREG != BREG || CREG != 1
        || MREG != (USE_MULT == "MULTIPLY" ? 1 : 0) || PREG != 1 || ADREG != 0 || DREG != 0 || ALUMODEREG != 0 || CARRYINREG != 0 || CARRYINSELREG != 0
        || INMODEREG != 0 || OPMODEREG != 0 || AMULTSEL != "A" || BMULTSEL != "B" || (USE_MULT != "MULTIPLY" && USE_MULT != "NONE")
        || USE_SIMD != "ONE48" || A_INPUT != "DIRECT" || B_INPUT != "DIRECT"
    ) $fatal(1, "the model of DSP48E2 lacks one of these attributes");

    wire multiplies = OPMODE[3:0] == 4'b0101 && (OPMODE[6:4] == 3'b000 || OPMODE[6:4] == 3'b001)
        && (OPMODE[8:7] == 2'b00 || OPMODE[8:7] == 2'b11) && !RSTA && !RSTB && !RSTP;
    wire adds = (OPMODE[1:0] == 2'b00 || OPMODE[1:0] == 2'b11) && (OPMODE[3:2] == 2'b00 || OPMODE[3:2] == 2'b11)
        && (OPMODE[6:4] == 3'b000 || OPMODE[6:4] == 3'b001 || OPMODE[6:4] == 3'b101) && !OPMODE[8] && !RSTC;
    wire known = (USE_MULT == "NONE" ? adds : multiplies) && INMODE == 0 && ALUMODE == 0 && CARRYINSEL == 0
        && CARRYIN == 0 && CEA1 && CEA2 && CEB1 && CEB2 && CEC && CEM && CEP && !RSTM;

    reg signed [29:0] a1, a2;
    reg signed [17:0] b1, b2;
    reg signed [44:0] m;
    reg [47:0] c, p;
    wire [47:0] w = OPMODE[8:7] == 2'b11 ? c : OPMODE[8:7] == 2'b01 ? p : 48'd0;
    wire [47:0] z = OPMODE[6:4] == 3'b001 ? PCIN : OPMODE[6:4] == 3'b101 ? {{17{PCIN[47]}}, PCIN[47:17]} : 48'd0;
    wire [47:0] x = OPMODE[1:0] == 2'b11 ? {a2, b2} : 48'd0;
    wire [47:0] y = OPMODE[3:2] == 2'b11 ? c : 48'd0;
    wire signed [26:0] a_port = a2[26:0];
    always @(posedge CLK) begin
        if (!known) $fatal(1, "the model of DSP48E2 lacks one of these modes");
        a1 <= RSTA ? 30'd0 : A;
        b1 <= RSTB ? 18'd0 : B;
        a2 <= RSTA ? 30'd0 : AREG == 2 ? a1 : A;
        b2 <= RSTB ? 18'd0 : BREG == 2 ? b1 : B;
        m <= a_port * b2;
        c <= RSTC ? 48'd0 : C;
        p <= RSTP ? 48'd0 : w + (USE_MULT == "NONE" ? x + y : {{3{m[44]}}, m}) + z;
    end
    assign P = p;
    assign PCOUT = p;
endmodule

`default_nettype wire
