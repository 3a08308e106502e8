// The bank's current and victim registers stand for forwarding: any six operations in six cycles, on any three rows in
// any order and with any gaps, leave in a row exactly the sum of what was added to it.
module proof (input clock);
    (* anyconst *) reg [11:0] row_a, row_b, row_c;
    (* anyseq *) reg op_valid;
    (* anyseq *) reg [1:0] op_row;
    (* anyseq *) reg [6:0] op_weight;
    (* anyseq *) reg op_value;
    (* anyseq *) reg [12:0] op_square;
    // Keys have the half in bit 11 and the row in bits 7..0; rows 253 to 255 of the first half are for flushing.
    always @(*) begin
        assume (row_a[10:8] == 0 && row_b[10:8] == 0 && row_c[10:8] == 0);
        assume (row_a != row_b && row_b != row_c && row_a != row_c);
        assume (row_a < 253 || row_a[11]);
        assume (row_b < 253 || row_b[11]);
        assume (row_c < 253 || row_c[11]);
        assume (op_weight <= 64);
    end

    reg [5:0] step = 0;
    always @(posedge clock) step <= step + 1;
    wire adds = step >= 4 && step < 10;
    wire flushes = step >= 10 && step < 13;
    wire reads = step == 16;
    wire valid_4 = adds ? op_valid : flushes;
    wire [11:0] key_4 = adds ? (op_row == 0 ? row_a : op_row == 1 ? row_b : row_c)
                      : step == 10 ? 12'd253 : step == 11 ? 12'd254 : step == 12 ? 12'd255 : row_a;
    wire [6:0] weight_4 = adds && op_valid ? op_weight : 7'd0;
    // Any number stands for the square, and values are 0 or 1: the proof is about rows, not about multipliers.
    wire [12:0] square_4 = adds && op_valid ? op_square : 13'd0;

    reg [11:0] key_5 = 0, key_6 = 0, key_7 = 0, key_8 = 0;
    reg [5:9] valid = 0, read = 0;
    always @(posedge clock) begin
        key_5 <= key_4; key_6 <= key_5; key_7 <= key_6; key_8 <= key_7;
        valid <= {valid_4, valid[5:8]};
        read <= {reads, read[5:8]};
    end

    wire [53:0] signal;
    wire [59:0] variance;
    wire [25:0] weight;
    debye_bank bank (
        .clock(clock), .wide(1'b0), .values({63'd0, op_value}),
        .closed_0(1'b0), .weight_0({2'd0, weight_4}), .square_0({2'd0, square_4}),
        .closed_1(1'b1), .weight_1(9'd0), .square_1(15'd0), .closed_2(1'b1), .weight_2(9'd0), .square_2(15'd0),
        .closed_3(1'b1), .weight_3(9'd0), .square_3(15'd0),
        .key(key_8), .key_after(key_8), .after(1'b0), .valid(valid[9]), .clear(1'b0),
        .read(read[9]), .signal(signal), .variance(variance), .weight(weight));

    reg [53:0] sum_signal = 0;
    reg [59:0] sum_variance = 0;
    reg [25:0] sum_weight = 0;
    always @(posedge clock) begin
        if (adds && op_valid && op_row == 0) begin
            sum_signal <= sum_signal + (op_value ? op_weight : 0);
            sum_variance <= sum_variance + (op_value ? square_4 : 0);
            sum_weight <= sum_weight + op_weight;
        end
        if (step == 25) begin
            assert (weight == sum_weight);
            assert (signal == sum_signal);
            assert (variance == sum_variance);
        end
    end
endmodule
