// The network equals the definition (spec/src/bitshuffle.rs): any 64 elements of N = 8 << ESIZE bits, given as N plane
// words in steps that follow each other, come out as N words of whole elements, 35 steps later.
module proof #(parameter ESIZE = 0) (input clock);
    localparam N = 8 << ESIZE;
    localparam PER = 64 / N;
    (* anyconst *) reg [64*N-1:0] planes;
    reg [7:0] step = 0;
    always @(posedge clock) step <= step + 1;

    wire [63:0] result;
    wire [6:0] result_tag;
    wire fed = step < N;
    debye_network network (
        .clock(clock), .reset(1'b0), .enable(1'b1), .esize(ESIZE[1:0]),
        .word(fed ? planes[64*step +: 64] : 64'd0), .tag(fed ? {2'b01, step[4:0]} : 7'd0),
        .result(result), .result_tag(result_tag));

    wire [7:0] out = step - 35;
    reg [63:0] expected;
    integer b, p;
    always @(*) begin
        expected = 0;
        for (b = 0; b < PER; b = b + 1)
            for (p = 0; p < N; p = p + 1)
                expected[N*b + p] = planes[64*p + PER*out[4:0] + b];
    end
    always @(posedge clock) begin
        if (step >= 35 && step < 35 + N) begin
            assert (result_tag == {2'b01, out[4:0]});
            assert (result == expected);
            cover (step == 34 + N && result != 0);
        end
    end
endmodule
