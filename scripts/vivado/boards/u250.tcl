# AMD Alveo U250: what differs from other boards. Read by build.tcl; checked against spec/src/board.rs.
array set board {
    name u250
    part xcu250-figd2104-2L-e
    board_part xilinx.com:au250:part0:1.3
    clock_mhz 100
    vendor 1AF4
    device 10F0
    subsystem_vendor 1AF4
    subsystem 10F4
    pcie_block X1Y0
    pcie_quad GTY_Quad_227
    flash_mib 128
    image_address 0x01002000
    memory ddr4
    memory_port C0_DDR4_S_AXI
    memory_segment_mib 16384
    ddr4_clock default_300mhz_clk0
    ddr4_pins ddr4_sdram_c0
    memory_segments C0_DDR4_ADDRESS_BLOCK
}
