// The bank's current and victim registers stand for forwarding: any six operations in six cycles, on any three rows in
// any order and with any gaps, leave in a row exactly the sum of what was added to it.
module proof (input clock);
    (* anyconst *) reg [11:0] row_a, row_b, row_c;
    (* anyseq *) reg op_valid;
    (* anyseq *) reg [1:0] op_row;
    (* anyseq *) reg [6:0] op_weight;
    (* anyseq *) reg [1:0] op_value;
    // Keys have the half in bit 11 and the row in bits 7..0; flush rows 254 and 255 of the first half are not used.
    always @(*) begin
        assume (row_a[10:8] == 0 && row_b[10:8] == 0 && row_c[10:8] == 0);
        assume (row_a != row_b && row_b != row_c && row_a != row_c);
        assume (row_a < 254 || row_a[11]);
        assume (row_b < 254 || row_b[11]);
        assume (row_c < 254 || row_c[11]);
        assume (op_weight <= 64);
    end

    reg [5:0] step = 0;
    always @(posedge clock) step <= step + 1;
    wire adds = step < 6;
    wire flushes = step == 6 || step == 7;
    wire reads = step == 10;
    wire valid_4 = adds ? op_valid : flushes;
    wire [11:0] key_4 = adds ? (op_row == 0 ? row_a : op_row == 1 ? row_b : row_c)
                      : step == 6 ? 12'd254 : step == 7 ? 12'd255 : row_a;
    wire [6:0] weight_4 = adds && op_valid ? op_weight : 7'd0;
    wire [12:0] square_4 = weight_4 * weight_4;

    reg [11:0] key_5 = 0, key_6 = 0;
    reg valid_5 = 0, valid_6 = 0, valid_7 = 0, read_5 = 0, read_6 = 0, read_7 = 0;
    always @(posedge clock) begin
        key_5 <= key_4; key_6 <= key_5;
        valid_5 <= valid_4; valid_6 <= valid_5; valid_7 <= valid_6;
        read_5 <= reads; read_6 <= read_5; read_7 <= read_6;
    end

    wire [53:0] signal;
    wire [59:0] variance;
    wire [25:0] weight;
    debye_lower bank (
        .clock(clock), .wide(1'b0), .values({62'd0, op_value}), .weights({21'd0, weight_4}),
        .squares({39'd0, square_4}), .key(key_6), .key_after(key_6), .after(1'b0), .valid(valid_7), .clear(1'b0),
        .read(read_7), .signal(signal), .variance(variance), .weight(weight));

    reg [53:0] sum_signal = 0;
    reg [59:0] sum_variance = 0;
    reg [25:0] sum_weight = 0;
    always @(posedge clock) begin
        if (adds && op_valid && op_row == 0) begin
            sum_signal <= sum_signal + op_weight * op_value;
            sum_variance <= sum_variance + square_4 * op_value;
            sum_weight <= sum_weight + op_weight;
        end
        if (step == 15) begin
            assert (weight == sum_weight);
            assert (signal == sum_signal);
            assert (variance == sum_variance);
        end
    end
endmodule
