# AMD Alveo U50: what differs from other boards. Read by build.tcl; checked against spec/src/board.rs.
array set board {
    name u50
    part xcu50-fsvh2104-2-e
    board_part {}
    clock_mhz 100
    vendor 1AF4
    device 10F0
    subsystem_vendor 1AF4
    subsystem 10F2
    pcie_block PCIE4C_X1Y0
    pcie_quad GTY_Quad_227
    flash_mib 128
    image_address 0x01002000
    memory hbm
    memory_port SAXI_00
    memory_segment_mib 256
    hbm_density 8GB
}
set board(memory_segments) {}
for {set number 0} {$number < 32} {incr number} {
    lappend board(memory_segments) [format HBM_MEM%02d $number]
}
