    // The job's fields are registers that the next request's header fills: its first word waits until the job is taken.
    (* tap = "core.framing.job$q" *) wire job;
    (* tap = "core.framing.index$q" *) wire [2:0] index;
    (* tap = "core.framing.state$q" *) wire [3:0] state;
    (* tap = "core.request.held_valid$q" *) wire held;
    localparam HEAD = 0, REQUEST = 1, JUDGE = 2;
    always @(*) begin
        if (state != HEAD) assert (index == 0);
        if (job) assert (!held && index == 0 && state != REQUEST && state != JUDGE);
    end
