"""The emitted buses against cocotbext-axi: `pytest testbenches/cocotb`."""


def test_registers_axil_master_reads_and_writes_what_the_map_says(bench):
    bench("debye_registers", "bench_registers")


def test_packer_stream_sink_with_pauses_gets_whole_results(bench):
    bench("debye_packer", "bench_packer")


def test_table_reader_with_pauses_gives_what_the_memory_holds(bench):
    bench("debye_table", "bench_table")


def test_rings_with_pauses_move_what_submissions_say(bench):
    bench("debye_rings", "bench_rings")


def test_lane_streams_with_pauses_give_what_the_definition_gives(bench):
    bench("debye_lane", "bench_lane")


def test_card_registers_table_and_frames_are_what_map_and_definition_say(bench):
    bench("debye_card_1", "bench_card")


def test_encoder_lane_with_pauses_makes_chunks_that_hold_the_pixels(bench):
    bench("debye_encoder_lane", "bench_encoder")
