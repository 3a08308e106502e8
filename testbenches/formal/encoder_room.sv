// The emitter's queue never overflows, whatever jobs, blocks and sequences come and however slowly words are taken: the
// words in it and the steps on their way to it are never more than 24, of 31 that fit.
module proof (input clock);
    (* tap = "core.merge.write_at$7$q" *) wire [4:0] write_at;
    (* tap = "core.merge.read_at$q" *) wire [4:0] read_at;
    (* tap = "core.merge.above$q" *) wire above;
    (* tap = "core.steps.out$q" *) wire step0;
    (* tap = "core.merge.step1$q" *) wire step1;
    (* tap = "core.merge.step2$q" *) wire step2;
    (* tap = "core.merge.step3$q" *) wire step3;
    (* tap = "core.merge.step4$q" *) wire step4;
    (* tap = "core.merge.step5$q" *) wire step5;
    (* tap = "core.merge.lanes6$q" *) wire [7:0] lanes6;
    (* anyseq *) reg reset, s_job_tvalid, put_enable, seq_enable, s_blk_tvalid, s_blk_raw, s_blk_final, m_axis_tready;
    (* anyseq *) reg s_job_refused, s_blk_stalled;
    (* anyseq *) reg [39:0] now, s_job_start;
    (* anyseq *) reg [63:0] s_job_handle, put_data;
    (* anyseq *) reg [31:0] s_job_sequence, s_job_pixels, s_job_bytes;
    (* anyseq *) reg [12:0] put_index, seq_index;
    (* anyseq *) reg [47:0] seq_data;
    (* anyseq *) reg [15:0] s_blk_bytes;
    wire s_job_tready, s_blk_tready, m_axis_tvalid, m_axis_tlast;
    wire [63:0] m_axis_tdata;
    debye_encoder_emit core (.*);

    reg started = 0;
    reg [4:0] before_used = 0;
    wire [4:0] used = write_at - read_at;
    wire [5:0] steps = step0 + step1 + step2 + step3 + step4 + step5 + lanes6[7];
    always @(posedge clock) begin
        started <= 1;
        before_used <= reset ? 0 : used;
    end
    always @(*) begin
        if (!started) assume (reset);
        if (started) begin
            assert (above == (before_used >= 16) || used == 0);
            assert (used <= before_used + 1);
            assert (used + steps <= 24);
        end
        cover (started && used > 16 && above);
    end
endmodule
