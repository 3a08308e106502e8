// The queue behind a pipeline never overflows and never loses, doubles or reorders a word, as long as no more than 6
// words come after `room` fell, which is its contract at a limit of 8 of 15.
module proof (input clock);
    (* anyseq *) reg push, ready, reset;
    reg [5:0] step = 0;
    reg [3:0] late = 0;
    reg [7:0] pushed = 0, popped = 0;
    wire room, valid;
    wire [63:0] data;
    always @(posedge clock) step <= step + 1;
    always @(*) begin
        assume (reset == (step == 0));
        assume (!push || (step != 0 && (room || late < 6)));
    end
    debye_queue queue (
        .clock(clock), .reset(reset), .push(push), .push_data({56'd0, pushed}), .push_side(pushed[0]),
        .room(room), .valid(valid), .ready(ready), .data(data));
    always @(posedge clock) begin
        if (push) pushed <= pushed + 1;
        late <= room ? 0 : late + push;
        if (valid && ready && step != 0) popped <= popped + 1;
        if (step != 0) begin
            if (valid) assert (data == {56'd0, popped});
            assert (pushed - popped <= 16);
            if (valid) assert (pushed != popped);
        end
    end
endmodule
