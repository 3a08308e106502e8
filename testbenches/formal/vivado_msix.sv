// Each vector number that is taken while MSI-X is on raises its line, which stays until the bridge has acknowledged it; no
// line rises without one, and none is asked for twice at once. While MSI-X is off nothing waits.
//
// One vector is watched, any.
module proof (input clock);
    (* anyconst *) reg [2:0] vector;
    (* anyseq *) reg aresetn, tvalid, enable;
    (* anyseq *) reg [7:0] tdata, ack;
    wire tready;
    wire [7:0] req;
    debye_vivado_msix msix (
        .aclk(clock), .aresetn(aresetn), .s_axis_tvalid(tvalid), .s_axis_tready(tready), .s_axis_tdata(tdata),
        .msix_enable(enable), .usr_irq_ack(ack), .usr_irq_req(req));

    reg started = 0;
    reg was_off = 0;
    // What the bridge owes for this vector: 0 or 1.
    reg owed = 0;
    wire takes = tvalid && tready && tdata[2:0] == vector;
    always @(posedge clock) begin
        started <= 1;
        was_off <= !aresetn || !enable;
        owed <= aresetn && enable && (takes || owed && !ack[vector]);
    end
    always @(*) begin
        if (!started) assume (!aresetn);
        // The bridge acknowledges what was asked for.
        assume (!(ack & ~req) || !started);
    end
    always @(*) if (started) begin
        assert (req[vector] == owed);
        // A beat is taken as soon as its own line is free, whatever the others do.
        if (aresetn && tvalid && tdata[2:0] == vector) assert (tready == !owed);
        if (aresetn && was_off) assert (tready);
        cover (owed && ack[vector] && !was_off);
        cover (takes && |req);
        cover (tvalid && !tready && aresetn);
    end
endmodule
