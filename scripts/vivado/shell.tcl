# The block design around a card: PCIe bridge, clocks, table memory, flash and configuration cores.
#
#     host <-> pcie (bridge) -> control -> card's registers, SPI core, ICAP core     (BAR 0)
#                   ^-- host <- card (frames, results, rings)
#              memory (HBM or DDR4) <- table <- card
#              card -> crossing -> msix -> pcie (MSI-X)
#
# Documents: PG194 (bridge), PG153 (SPI core), PG134 (ICAP core), PG276 (HBM), PG150 (DDR4).

# Windows in BAR 0. The host's driver has them in spec/src/pci.rs; a test compares.
set card_offset 0x00000
set card_range 64K
set flash_offset 0x10000
set icap_offset 0x20000
set core_range 64K
set bar_kib 256

proc cell {kind name args} {
    set made [create_bd_cell -type ip -vlnv xilinx.com:ip:$kind $name]
    if {[llength $args]} {
        set_property -dict $args $made
    }
    return $made
}

# Connects interfaces: two pins, or a pin and a port.
proc join_interfaces {one other} {
    connect_bd_intf_net [interface $one] [interface $other]
}

proc interface {name} {
    if {[string match */* $name]} {
        return [get_bd_intf_pins $name]
    }
    return [get_bd_intf_ports $name]
}

# Connects a driver with all that it drives.
proc net {driver args} {
    set ends {}
    foreach name [linsert $args 0 $driver] {
        lappend ends [expr {[string match */* $name] ? [get_bd_pins $name] : [get_bd_ports $name]}]
    }
    connect_bd_net {*}$ends
}

proc make_shell {board_name} {
    upvar 1 $board_name board
    make_pcie board
    make_clocks board
    make_card
    make_interrupts
    make_control
    make_$board(memory) board
    make_addresses board
}

# PCIe as a bridge: what the host writes to BAR 0 comes out of M_AXI_B; what goes into S_AXI_B reads and writes host
# memory at the same address. No DMA engine of the vendor's is in it: the card's own rings are the engine.
proc make_pcie {board_name} {
    upvar 1 $board_name board
    create_bd_intf_port -mode Slave -vlnv xilinx.com:interface:diff_clock_rtl:1.0 pcie_refclk
    set_property CONFIG.FREQ_HZ 100000000 [get_bd_intf_ports pcie_refclk]
    create_bd_intf_port -mode Master -vlnv xilinx.com:interface:pcie_7x_mgt_rtl:1.0 pcie_lanes
    create_bd_port -dir I -type rst pcie_reset_n
    set_property CONFIG.POLARITY ACTIVE_LOW [get_bd_ports pcie_reset_n]

    cell util_ds_buf:2.2 refclk CONFIG.C_BUF_TYPE IBUFDSGTE
    join_interfaces pcie_refclk refclk/CLK_IN_D

    cell xdma:4.1 pcie \
        CONFIG.functional_mode AXI_Bridge \
        CONFIG.mode_selection Advanced \
        CONFIG.pl_link_cap_max_link_width X16 \
        CONFIG.pl_link_cap_max_link_speed 8.0_GT/s \
        CONFIG.axi_data_width 512_bit \
        CONFIG.axi_addr_width 64 \
        CONFIG.axisten_freq 250 \
        CONFIG.en_axi_master_if true \
        CONFIG.en_axi_slave_if true \
        CONFIG.axibar_num 1 \
        CONFIG.axibar_0 0x0000000000000000 \
        CONFIG.axibar_highaddr_0 0xFFFFFFFFFFFFFFFF \
        CONFIG.axibar2pciebar_0 0x0000000000000000 \
        CONFIG.pciebar2axibar_0 0x0000000000000000 \
        CONFIG.pf0_bar0_64bit true \
        CONFIG.pf0_bar0_scale Kilobytes \
        CONFIG.pf0_bar0_size $::bar_kib \
        CONFIG.pf0_msi_enabled false \
        CONFIG.pf0_interrupt_pin NONE \
        CONFIG.pf0_msix_enabled true \
        CONFIG.xdma_num_usr_irq 8
    # Each of these resets others of the core, so they stand apart and in this order: place, then who the card says it is.
    set pcie [get_bd_cells pcie]
    set_property -dict [list CONFIG.en_gt_selection true CONFIG.pcie_blk_locn $board(pcie_block)] $pcie
    set_property CONFIG.select_quad $board(pcie_quad) $pcie
    set_property CONFIG.vendor_id $board(vendor) $pcie
    set_property -dict [list \
        CONFIG.pf0_device_id $board(device) \
        CONFIG.pf0_subsystem_vendor_id $board(subsystem_vendor) \
        CONFIG.pf0_subsystem_id $board(subsystem) \
        CONFIG.pf0_revision_id 01 \
        CONFIG.pf0_class_code_base 12 \
        CONFIG.pf0_class_code_sub 00 \
        CONFIG.pf0_class_code_interface 00] $pcie
    # Values that the core does not like it replaces without an error.
    foreach {name wanted} [list vendor_id $board(vendor) pf0_device_id $board(device) \
        pf0_subsystem_vendor_id $board(subsystem_vendor) pf0_subsystem_id $board(subsystem)] {
        set found [get_property CONFIG.$name $pcie]
        if {![string equal -nocase $found $wanted]} {
            error "the PCIe core took $found for $name, not $wanted"
        }
    }
    net refclk/IBUF_OUT pcie/sys_clk_gt
    net refclk/IBUF_DS_ODIV2 pcie/sys_clk
    net pcie_reset_n pcie/sys_rst_n
    join_interfaces pcie/pcie_mgt pcie_lanes
}

# The card's clock, and a slow one for flash and configuration, out of the bridge's 250 MHz.
proc make_clocks {board_name} {
    upvar 1 $board_name board
    cell clk_wiz:6.0 clocks \
        CONFIG.PRIM_SOURCE No_buffer \
        CONFIG.PRIM_IN_FREQ 250.000 \
        CONFIG.CLKOUT1_REQUESTED_OUT_FREQ $board(clock_mhz) \
        CONFIG.CLKOUT2_USED true \
        CONFIG.CLKOUT2_REQUESTED_OUT_FREQ 50.000 \
        CONFIG.RESET_TYPE ACTIVE_LOW
    net pcie/axi_aclk clocks/clk_in1
    net pcie/axi_aresetn clocks/resetn
    foreach {name clock} {card_reset clk_out1 slow_reset clk_out2} {
        cell proc_sys_reset:5.0 $name
        net clocks/$clock $name/slowest_sync_clk
        net clocks/locked $name/dcm_locked
        net pcie/axi_aresetn $name/ext_reset_in
    }
}

proc make_card {} {
    create_bd_cell -type module -reference debye_vivado_card card
    net clocks/clk_out1 card/aclk
    net card_reset/peripheral_aresetn card/aresetn

    # Frames, results and rings, from the card's clock to the bridge's.
    cell smartconnect:1.0 host CONFIG.NUM_SI 1 CONFIG.NUM_MI 1 CONFIG.NUM_CLKS 2
    net clocks/clk_out1 host/aclk
    net pcie/axi_aclk host/aclk1
    net card_reset/interconnect_aresetn host/aresetn
    join_interfaces card/m_axi_host host/S00_AXI
    join_interfaces host/M00_AXI pcie/S_AXI_B
}

# Interrupts: vector numbers cross to the bridge's clock, where each asks for its vector until that was sent.
proc make_interrupts {} {
    cell axis_clock_converter:1.1 crossing CONFIG.TDATA_NUM_BYTES 1
    net clocks/clk_out1 crossing/s_axis_aclk
    net card_reset/peripheral_aresetn crossing/s_axis_aresetn
    net pcie/axi_aclk crossing/m_axis_aclk
    net pcie/axi_aresetn crossing/m_axis_aresetn
    create_bd_cell -type module -reference debye_vivado_msix msix
    net pcie/axi_aclk msix/aclk
    net pcie/axi_aresetn msix/aresetn
    join_interfaces card/m_axis_irq crossing/S_AXIS
    join_interfaces crossing/M_AXIS msix/s_axis
    net msix/usr_irq_req pcie/usr_irq_req
    net pcie/usr_irq_ack msix/usr_irq_ack
    net pcie/msix_enable msix/msix_enable
}

# BAR 0: the card's registers, the SPI core of the flash (its clock goes out through STARTUPE3), the ICAP core.
proc make_control {} {
    cell smartconnect:1.0 control CONFIG.NUM_SI 1 CONFIG.NUM_MI 3 CONFIG.NUM_CLKS 3
    net pcie/axi_aclk control/aclk
    net clocks/clk_out1 control/aclk1
    net clocks/clk_out2 control/aclk2
    net pcie/axi_aresetn control/aresetn
    join_interfaces pcie/M_AXI_B control/S00_AXI
    join_interfaces control/M00_AXI card/s_axil

    # Standard mode, one data line each way: what the host's driver drives. 25 MHz.
    cell axi_quad_spi:3.2 flash \
        CONFIG.C_SPI_MODE 0 \
        CONFIG.C_FIFO_DEPTH 256 \
        CONFIG.C_SCK_RATIO 2 \
        CONFIG.C_NUM_SS_BITS 1 \
        CONFIG.C_USE_STARTUP 1 \
        CONFIG.C_USE_STARTUP_INT 1
    net clocks/clk_out2 flash/s_axi_aclk flash/ext_spi_clk
    net slow_reset/peripheral_aresetn flash/s_axi_aresetn
    join_interfaces control/M01_AXI flash/AXI_LITE

    # STARTUPE3 is the SPI core's.
    cell axi_hwicap:3.0 icap CONFIG.C_INCLUDE_STARTUP 0 CONFIG.C_WRITE_FIFO_DEPTH 64 CONFIG.C_READ_FIFO_DEPTH 128
    net clocks/clk_out2 icap/s_axi_aclk icap/icap_clk
    net slow_reset/peripheral_aresetn icap/s_axi_aresetn
    join_interfaces control/M02_AXI icap/S_AXI_LITE
}

# Table memory in HBM: one port, through the switch of the stacks to all of it.
proc make_hbm {board_name} {
    upvar 1 $board_name board
    create_bd_intf_port -mode Slave -vlnv xilinx.com:interface:diff_clock_rtl:1.0 board_clock
    set_property CONFIG.FREQ_HZ 100000000 [get_bd_intf_ports board_clock]
    create_bd_port -dir O hbm_cattrip
    cell util_ds_buf:2.2 board_buffer CONFIG.C_BUF_TYPE IBUFDS
    join_interfaces board_clock board_buffer/CLK_IN_D
    cell util_ds_buf:2.2 memory_clock CONFIG.C_BUF_TYPE BUFG
    net board_buffer/IBUF_OUT memory_clock/BUFG_I

    set port [string range $board(memory_port) 5 end]
    set properties [list \
        CONFIG.USER_HBM_DENSITY $board(hbm_density) \
        CONFIG.USER_HBM_STACK 2 \
        CONFIG.USER_APB_EN false \
        CONFIG.USER_HBM_REF_CLK_0 100 \
        CONFIG.USER_HBM_REF_CLK_1 100 \
        CONFIG.USER_AXI_INPUT_CLK_FREQ 250 \
        CONFIG.USER_AXI_INPUT_CLK1_FREQ 250 \
        CONFIG.USER_SWITCH_ENABLE_00 true \
        CONFIG.USER_SWITCH_ENABLE_01 true \
        CONFIG.USER_CLK_SEL_LIST0 AXI_00_ACLK]
    for {set number 1} {$number < 32} {incr number} {
        lappend properties [format CONFIG.USER_SAXI_%02d $number] false
    }
    cell hbm:1.0 memory {*}$properties
    net memory_clock/BUFG_O memory/HBM_REF_CLK_0 memory/HBM_REF_CLK_1 memory/APB_0_PCLK memory/APB_1_PCLK
    cell proc_sys_reset:5.0 memory_reset
    net memory_clock/BUFG_O memory_reset/slowest_sync_clk
    net pcie/axi_aresetn memory_reset/ext_reset_in
    net memory_reset/peripheral_aresetn memory/APB_0_PRESET_N memory/APB_1_PRESET_N
    net pcie/axi_aclk memory/AXI_00_ACLK
    net pcie/axi_aresetn memory/AXI_00_ARESET_N

    # A stack that gets too hot switches the card off.
    cell util_vector_logic:2.0 too_hot CONFIG.C_OPERATION or CONFIG.C_SIZE 1
    net memory/DRAM_0_STAT_CATTRIP too_hot/Op1
    net memory/DRAM_1_STAT_CATTRIP too_hot/Op2
    net too_hot/Res hbm_cattrip

    cell smartconnect:1.0 table CONFIG.NUM_SI 1 CONFIG.NUM_MI 1 CONFIG.NUM_CLKS 2
    net clocks/clk_out1 table/aclk
    net pcie/axi_aclk table/aclk1
    net card_reset/interconnect_aresetn table/aresetn
    join_interfaces card/m_axi_mem table/S00_AXI
    join_interfaces table/M00_AXI memory/$board(memory_port)
}

# Table memory in one DDR4 module. Its pins and its clock come from the card's board files.
proc make_ddr4 {board_name} {
    upvar 1 $board_name board
    create_bd_intf_port -mode Slave -vlnv xilinx.com:interface:diff_clock_rtl:1.0 $board(ddr4_clock)
    set_property CONFIG.FREQ_HZ 300000000 [get_bd_intf_ports $board(ddr4_clock)]
    create_bd_intf_port -mode Master -vlnv xilinx.com:interface:ddr4_rtl:1.0 $board(ddr4_pins)
    cell ddr4:2.2 memory \
        CONFIG.C0_CLOCK_BOARD_INTERFACE $board(ddr4_clock) \
        CONFIG.C0_DDR4_BOARD_INTERFACE $board(ddr4_pins) \
        CONFIG.RESET_BOARD_INTERFACE Custom \
        CONFIG.C0.DDR4_AxiDataWidth 512 \
        CONFIG.C0.DDR4_AxiIDWidth 4 \
        CONFIG.C0.DDR4_AxiAddressWidth 34
    join_interfaces $board(ddr4_clock) memory/C0_SYS_CLK
    join_interfaces memory/C0_DDR4 $board(ddr4_pins)
    cell util_vector_logic:2.0 memory_start CONFIG.C_OPERATION not CONFIG.C_SIZE 1
    net pcie/axi_aresetn memory_start/Op1
    net memory_start/Res memory/sys_rst
    cell proc_sys_reset:5.0 memory_reset CONFIG.C_EXT_RESET_HIGH 1
    net memory/c0_ddr4_ui_clk memory_reset/slowest_sync_clk
    net memory/c0_ddr4_ui_clk_sync_rst memory_reset/ext_reset_in
    net memory_reset/peripheral_aresetn memory/c0_ddr4_aresetn

    cell smartconnect:1.0 table CONFIG.NUM_SI 1 CONFIG.NUM_MI 1 CONFIG.NUM_CLKS 2
    net clocks/clk_out1 table/aclk
    net memory/c0_ddr4_ui_clk table/aclk1
    net card_reset/interconnect_aresetn table/aresetn
    join_interfaces card/m_axi_mem table/S00_AXI
    join_interfaces table/M00_AXI memory/$board(memory_port)
}

proc window {segment space offset range} {
    assign_bd_address -offset $offset -range $range -target_address_space [get_bd_addr_spaces $space] \
        [get_bd_addr_segs $segment] -force
}

proc make_addresses {board_name} {
    upvar 1 $board_name board
    window card/s_axil/reg0 pcie/M_AXI_B $::card_offset $::card_range
    window flash/AXI_LITE/Reg pcie/M_AXI_B $::flash_offset $::core_range
    window icap/S_AXI_LITE/Reg pcie/M_AXI_B $::icap_offset $::core_range
    # All addresses of the host.
    window pcie/S_AXI_B/BAR0 card/m_axi_host 0x0 16E
    # All of the memory from 0 on, in the pieces that it has.
    set mib $board(memory_segment_mib)
    set range [expr {$mib % 1024 ? "${mib}M" : "[expr {$mib / 1024}]G"}]
    set at 0
    foreach segment $board(memory_segments) {
        window memory/$board(memory_port)/$segment card/m_axi_mem [format 0x%X $at] $range
        incr at [expr {$mib << 20}]
    }
}
