// The queue behind a pipeline never overflows and never loses, doubles, changes or reorders a word, as long as no more
// than LATE words come after `room` fell, which is its contract.
//
// One word is marked, any that is written to one place of the memory, any. What stands at other places is free.
module proof #(parameter LATE = 6) (input clock);
    (* tap = "queue.words$read_address" *) wire [3:0] read_address;
    (* tap = "queue.words$read_data" *) wire [63:0] read_data;
    (* tap = "queue.write_at$q" *) wire [3:0] write_at;
    (* tap = "queue.read_at$q" *) wire [3:0] read_at;
    (* anyconst *) reg [3:0] place;
    (* anyseq *) reg push, ready, reset, mark, push_side;
    (* anyseq *) reg [63:0] push_data;
    wire room, valid;
    wire [63:0] data;
    debye_queue queue (
        .clock(clock), .reset(reset), .push(push), .push_data(push_data), .push_side(push_side), .room(room),
        .valid(valid), .ready(ready), .data(data));

    reg started = 0;
    reg [3:0] late = 0;
    always @(*) begin
        if (!started) assume (reset);
        if (push) assume (!reset && (room || late < LATE));
    end

    // The memory at that place.
    reg [63:0] word = 0;
    always @(posedge clock) if (push && write_at == place) word <= push_data;
    always @(*) if (read_address == place) assume (read_data == word);

    // Words in the queue, and where among them the marked one stands.
    reg [5:0] total = 0, ahead = 0;
    reg marked = 0, waited = 0;
    reg [63:0] expected;
    wire pop = valid && ready && !reset;
    wire marks = push && mark && !marked && write_at == place;
    wire [5:0] stored = total - valid;
    always @(posedge clock) begin
        started <= 1;
        late <= room || reset ? 0 : late + push;
        total <= reset ? 0 : total + push - pop;
        if (marks) begin
            marked <= 1;
            expected <= push_data;
            ahead <= total - pop;
            waited <= total == 15;
        end else if (marked && pop) begin
            if (ahead == 0) marked <= 0;
            else ahead <= ahead - 1;
        end
        if (reset) marked <= 0;
    end
    wire at_output = ahead == 0 && valid;
    wire [3:0] stands_at = read_at + ahead[3:0] - valid;
    wire [3:0] between = write_at - read_at;
    always @(*) if (started) begin
        assert (total >= valid && stored <= 15);
        assert (stored[3:0] == between);
        assert (late <= LATE && stored <= (room ? 8 : 9 + late));
        if (marked) begin
            assert (ahead < total);
            if (at_output) assert (data == expected);
            else assert (word == expected && stands_at == place);
        end
        cover (marked && at_output && ready && waited && data != 0);
    end
endmodule
