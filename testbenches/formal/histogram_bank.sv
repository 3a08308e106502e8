// A bank of the histogram adds up: whatever operations follow each other, for ever, what is read of a row is the sum of
// what was added to it since it was last cleared.
//
// One row is watched, any; what the other rows hold is free. The products are free too: the proof is about rows, not
// about multipliers. By induction: `last`, `done` and `total` say what the bank's registers must hold.
module proof (input clock);
    // Cycles from `valid` to the edge at which the products are added.
    localparam ADD = 2;
    // Cycles from `read` to the outputs.
    localparam READ = 2;

    (* tap = "bank.sums.row" *) wire [11:0] row;
    (* tap = "bank.sums.word" *) wire [139:0] stored;
    (* tap = "bank.products$signal" *) wire [35:0] more_signal;
    (* tap = "bank.products$variance" *) wire [41:0] more_variance;
    (* tap = "bank.products$weight" *) wire [8:0] more_weight;
    (* tap = "bank.current_key$q" *) wire [11:0] current_key;
    (* tap = "bank.current_signal$q" *) wire [53:0] current_signal;
    (* tap = "bank.current_variance$q" *) wire [59:0] current_variance;
    (* tap = "bank.current_weight$q" *) wire [25:0] current_weight;

    (* anyseq *) reg [11:0] key_in, key_after;
    (* anyseq *) reg after, valid, clear, read;
    // A key is a half (bit 11) and a row (bits 7..0).
    always @(*) assume (row[10:8] == 0 && key_in[10:8] == 0 && key_after[10:8] == 0);

    wire [53:0] signal;
    wire [59:0] variance;
    wire [25:0] weight;
    debye_bank bank (
        .clock(clock), .key(key_in), .key_after(key_after), .after(after), .valid(valid), .clear(clear), .read(read),
        .signal(signal), .variance(variance), .weight(weight));

    // What enters, until it is done.
    reg [11:0] key = 0;
    reg [11:0] keys [1:ADD];
    reg [ADD:1] valids = 0, clears = 0;
    reg [11:0] last = 0, done = 0;
    reg [139:0] total = 0;
    wire [139:0] current = {current_weight, current_variance, current_signal};
    integer i;
    always @(posedge clock) begin
        key <= after ? key_after : key_in;
        keys[1] <= key;
        valids[1] <= valid;
        clears[1] <= clear;
        for (i = 2; i <= ADD; i = i + 1) begin
            keys[i] <= keys[i - 1];
            valids[i] <= valids[i - 1];
            clears[i] <= clears[i - 1];
        end
        if (valid) last <= key;
        if (valids[ADD]) begin
            done <= keys[ADD];
            if (keys[ADD] == row) begin
                total[53:0] <= clears[ADD] ? 54'd0 : total[53:0] + more_signal;
                total[113:54] <= clears[ADD] ? 60'd0 : total[113:54] + more_variance;
                total[139:114] <= clears[ADD] ? 26'd0 : total[139:114] + more_weight;
            end
        end
    end

    // The bank keeps the row that was added to last, and the memory all others.
    reg [11:0] newest;
    always @(*) begin
        newest = done;
        for (i = ADD; i >= 1; i = i - 1) if (valids[i]) newest = keys[i];
        assert (newest == last);
        assert (current_key == last);
        assert (total == (done == row ? current : stored));
    end

    // The row again, at once, after one other, and after two others: each has its own way to the sum.
    reg [11:0] before = 0, before_that = 0;
    reg at_once = 0, after_one = 0, after_two = 0;
    always @(posedge clock) begin
        if (valid) begin
            before <= last;
            before_that <= before;
            if (key == row && !clear) begin
                if (last == row) at_once <= 1;
                else if (before == row) after_one <= 1;
                else if (before_that == row) after_two <= 1;
            end
        end
    end

    // A row can be read as soon as another has been written to for long enough: that is how the integrator does it.
    reg [3:0] away = 0;
    reg [READ:1] settled = 0, reads = 0, ways = 0;
    reg [139:0] seen [1:READ];
    reg known = 0, all_ways = 0;
    reg [139:0] answer;
    always @(posedge clock) begin
        away <= (valid ? key : last) == row ? 0 : away == 15 ? 15 : away + 1;
        reads[1] <= read;
        settled[1] <= key == row && away > ADD;
        seen[1] <= total;
        ways[1] <= at_once && after_one && after_two;
        for (i = 2; i <= READ; i = i + 1) begin
            reads[i] <= reads[i - 1];
            settled[i] <= settled[i - 1];
            seen[i] <= seen[i - 1];
            ways[i] <= ways[i - 1];
        end
        if (reads[READ - 1]) begin
            known <= settled[READ - 1];
            answer <= seen[READ - 1];
            all_ways <= ways[READ - 1];
        end
    end
    always @(*) begin
        if (known) assert ({weight, variance, signal} == answer);
        cover (known && all_ways && signal != 0 && variance != 0 && weight != 0);
    end
endmodule

// The bank's memory, in place of the gateware's: it keeps one row, and answers anything for all others, and for a row
// that is written at the same edge.
module debye_sums (
    input clock, read_enable, write_enable, input [11:0] read_key, write_key,
    input [53:0] write_signal, input [59:0] write_variance, input [25:0] write_weight,
    output reg [53:0] read_signal, output reg [59:0] read_variance, output reg [25:0] read_weight);
    (* anyconst *) reg [11:0] row;
    (* anyseq *) reg [139:0] any;
    reg [139:0] word = 0;
    wire writes = write_enable && write_key == row;
    always @(posedge clock) begin
        if (read_enable) {read_weight, read_variance, read_signal} <= read_key == row && !writes ? word : any;
        if (writes) word <= {write_weight, write_variance, write_signal};
    end
endmodule
