// debye_products for UltraScale+: read after a file of hdl/gen, instead of its module of this name. The same ports and
// the same meaning (see hdl/src/integrator/products.rs), latency 7.
//
// Each sum is a cascade of four DSP48E2, one a slot, each a cycle after the one before:
//
//     slot          0    1    2    3
//     A, B          2    3    4    5     cycle in which the register has the slot's operands
//     M, C          3    4    5    6
//     P             4    5    6    7
//
// A high half of 12 bits goes to bit 14 of A, its weights and squares have the two bits that are left of 16. Products
// of signals have 36 bits: above them, through C, the cascade adds the weights themselves.
`default_nettype none

module debye_products (
    input wire clock,
    input wire wide,
    input wire [3:0] closed,
    input wire [63:0] values,
    input wire [35:0] weights,
    input wire [59:0] squares,
    output wire [35:0] signal,
    output wire [41:0] variance,
    output wire [8:0] weight
);
    reg [25:0] v [0:3];
    reg [8:0] w [0:3];
    reg [14:0] q [0:3];
    reg [25:0] v2_1, v3_1, v3_2;
    reg [8:0] w0_1, w1_1, w1_2, w2_1, w2_2, w2_3, w3_1, w3_2, w3_3, w3_4;
    reg [14:0] q2_1, q3_1, q3_2;
    integer k;
    always @(posedge clock) begin
        for (k = 0; k < 4; k = k + 1) begin
            v[k] <= k % 2 == 1 && wide ? {values[16 * k +: 12], 14'd0} : {10'd0, values[16 * k +: 16]};
            w[k] <= closed[k] ? 9'd0 : weights[9 * k +: 9];
            q[k] <= closed[k] ? 15'd0 : squares[15 * k +: 15];
        end
        v2_1 <= v[2]; v3_1 <= v[3]; v3_2 <= v3_1;
        q2_1 <= q[2]; q3_1 <= q[3]; q3_2 <= q3_1;
        w0_1 <= w[0];
        w1_1 <= w[1]; w1_2 <= w1_1;
        w2_1 <= w[2]; w2_2 <= w2_1; w2_3 <= w2_2;
        w3_1 <= w[3]; w3_2 <= w3_1; w3_3 <= w3_2; w3_4 <= w3_3;
    end

    wire [47:0] s_c0, s_c1, s_c2, q_c0, q_c1, q_c2, s_p, q_p;
    debye_dsp #(.STAGES(1), .OPMODE(9'b11_000_01_01)) s_0 (clock, 1'b0, v[0], {6'd0, w[0]}, w0_1, 48'd0, s_c0, );
    debye_dsp #(.STAGES(2), .OPMODE(9'b11_001_01_01)) s_1 (clock, wide, v[1], {6'd0, w[1]}, w1_2, s_c0, s_c1, );
    debye_dsp #(.STAGES(2), .OPMODE(9'b11_001_01_01)) s_2 (clock, 1'b0, v2_1, {6'd0, w2_1}, w2_3, s_c1, s_c2, );
    debye_dsp #(.STAGES(2), .OPMODE(9'b11_001_01_01)) s_3 (clock, wide, v3_2, {6'd0, w3_2}, w3_4, s_c2, , s_p);
    debye_dsp #(.STAGES(1), .OPMODE(9'b00_000_01_01)) q_0 (clock, 1'b1, v[0], q[0], 9'd0, 48'd0, q_c0, );
    debye_dsp #(.STAGES(2), .OPMODE(9'b00_001_01_01)) q_1 (clock, 1'b1, v[1], q[1], 9'd0, q_c0, q_c1, );
    debye_dsp #(.STAGES(2), .OPMODE(9'b00_001_01_01)) q_2 (clock, 1'b1, v2_1, q2_1, 9'd0, q_c1, q_c2, );
    debye_dsp #(.STAGES(2), .OPMODE(9'b00_001_01_01)) q_3 (clock, 1'b1, v3_2, q3_2, 9'd0, q_c2, , q_p);
    assign signal = s_p[35:0];
    assign weight = s_p[44:36];
    assign variance = q_p[41:0];
endmodule

// One DSP48E2: p <= pcin + a * b + (c << 36), as OPMODE chooses. STAGES: registers of A and B.
module debye_dsp #(parameter STAGES = 1, parameter [8:0] OPMODE = 9'd0) (
    input wire clock,
    input wire no_c,
    input wire [25:0] a,
    input wire [14:0] b,
    input wire [8:0] c,
    input wire [47:0] pcin,
    output wire [47:0] pcout,
    output wire [47:0] p
);
    DSP48E2 #(
        .AREG(STAGES), .ACASCREG(STAGES), .BREG(STAGES), .BCASCREG(STAGES), .CREG(1), .MREG(1), .PREG(1),
        .ADREG(0), .DREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .INMODEREG(0), .OPMODEREG(0),
        .AMULTSEL("A"), .BMULTSEL("B"), .USE_MULT("MULTIPLY"), .USE_SIMD("ONE48"), .A_INPUT("DIRECT"), .B_INPUT("DIRECT")
    ) dsp (
        .CLK(clock), .A({4'd0, a}), .B({3'd0, b}), .C({3'd0, c, 36'd0}), .D(27'd0), .PCIN(pcin), .PCOUT(pcout), .P(p),
        .OPMODE(OPMODE), .ALUMODE(4'd0), .INMODE(5'd0), .CARRYINSEL(3'd0), .CARRYIN(1'b0),
        .CEA1(1'b1), .CEA2(1'b1), .CEB1(1'b1), .CEB2(1'b1), .CEC(1'b1), .CEM(1'b1), .CEP(1'b1),
        .CEAD(1'b0), .CED(1'b0), .CEALUMODE(1'b0), .CECARRYIN(1'b0), .CECTRL(1'b0), .CEINMODE(1'b0),
        .RSTA(1'b0), .RSTB(1'b0), .RSTC(no_c), .RSTM(1'b0), .RSTP(1'b0),
        .RSTD(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTCTRL(1'b0), .RSTINMODE(1'b0),
        .ACIN(30'd0), .BCIN(18'd0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0)
    );
endmodule

`default_nettype wire
