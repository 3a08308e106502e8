# Enough of Vivado to run scripts/vivado/build.tcl without it: tclsh mock.tcl BUILD.TCL ARGUMENTS...
#
# Cells have the pins that stand here (of IP, from the product guides) or in the Verilog that was added (of modules). A name
# that is not there is an error; so is, when the design is validated, an input or interface without a connection, one that has two,
# and two ends whose directions or widths do not go together. What this is not: the vendor's tool. That a property's value is
# taken, it cannot tell. Prints what was made, a fact a line, for the test that runs it.

proc fact {args} {
    puts [join $args \t]
}

# Pins: name, direction, width. Interfaces: name, mode, protocol. `-` before a name: need not be connected.
array set ip_pins {
    util_ds_buf {IBUF_OUT O 1 -IBUF_DS_ODIV2 O 1 -BUFG_I I 1 -BUFG_O O 1}
    xdma {sys_clk I 1 sys_clk_gt I 1 sys_rst_n I 1 axi_aclk O 1 axi_aresetn O 1 usr_irq_req I 8 usr_irq_ack O 8
        msix_enable O 1}
    clk_wiz {clk_in1 I 1 resetn I 1 clk_out1 O 1 clk_out2 O 1 locked O 1}
    proc_sys_reset {slowest_sync_clk I 1 ext_reset_in I 1 -dcm_locked I 1 -peripheral_aresetn O 1
        -interconnect_aresetn O 1}
    smartconnect {aclk I 1 -aclk1 I 1 -aclk2 I 1 aresetn I 1}
    axis_clock_converter {s_axis_aclk I 1 s_axis_aresetn I 1 m_axis_aclk I 1 m_axis_aresetn I 1}
    axi_quad_spi {s_axi_aclk I 1 s_axi_aresetn I 1 ext_spi_clk I 1}
    axi_hwicap {s_axi_aclk I 1 s_axi_aresetn I 1 icap_clk I 1}
    hbm {HBM_REF_CLK_0 I 1 HBM_REF_CLK_1 I 1 APB_0_PCLK I 1 APB_1_PCLK I 1 APB_0_PRESET_N I 1 APB_1_PRESET_N I 1
        AXI_00_ACLK I 1 AXI_00_ARESET_N I 1 DRAM_0_STAT_CATTRIP O 1 DRAM_1_STAT_CATTRIP O 1}
    ddr4 {sys_rst I 1 c0_ddr4_ui_clk O 1 c0_ddr4_ui_clk_sync_rst O 1 c0_ddr4_aresetn I 1}
    util_vector_logic {Op1 I 1 -Op2 I 1 Res O 1}
}
array set ip_interfaces {
    util_ds_buf {-CLK_IN_D Slave diff_clock}
    xdma {pcie_mgt Master pcie_7x_mgt M_AXI_B Master aximm S_AXI_B Slave aximm}
    clk_wiz {} proc_sys_reset {} util_vector_logic {}
    smartconnect {S00_AXI Slave aximm M00_AXI Master aximm -M01_AXI Master aximm -M02_AXI Master aximm}
    axis_clock_converter {S_AXIS Slave axis M_AXIS Master axis}
    axi_quad_spi {AXI_LITE Slave aximm}
    axi_hwicap {S_AXI_LITE Slave aximm}
    hbm {-SAXI_00 Slave aximm -SAXI_00_8HI Slave aximm}
    ddr4 {C0_SYS_CLK Slave diff_clock C0_DDR4 Master ddr4 C0_DDR4_S_AXI Slave aximm}
}
# What is there after that many of the property, at least.
array set ip_counts {smartconnect,NUM_MI M0%d_AXI smartconnect,NUM_CLKS aclk%d}

array set cells {}
array set properties {}
set files {}

proc end {name direction width} {
    set optional [string match -* $name]
    return [list [string trimleft $name -] [list $direction $width $optional]]
}

proc create_bd_cell {args} {
    array set given [lrange $args 0 end-1]
    set name [lindex $args end]
    if {[info exists ::cells($name)]} { error "cell $name is there already" }
    if {$given(-type) eq "module"} {
        add_module $name $given(-reference)
        fact cell $name $given(-reference)
    } else {
        lassign [split $given(-vlnv) :] vendor library kind version
        if {"$vendor:$library" ne "xilinx.com:ip" || ![info exists ::ip_pins($kind)] || ![string is double -strict $version]} {
            error "no IP $given(-vlnv)"
        }
        set ::cells($name) $kind
        foreach {pin direction width} $::ip_pins($kind) {
            lassign [end $pin $direction $width] pin ::pins($name/$pin)
        }
        foreach {interface mode protocol} $::ip_interfaces($kind) {
            lassign [end $interface $mode $protocol] interface ::interfaces($name/$interface)
        }
        fact cell $name $kind
    }
    return cell:$name
}

# A module's ports out of its Verilog: those with X_INTERFACE_INFO belong to an interface.
proc add_module {name module} {
    set found {}
    foreach file $::files {
        set source [open $file]
        set text [read $source]
        close $source
        # Of a name that two files have, Vivado takes one.
        set start [string first "\nmodule $module (" $text]
        if {$start >= 0} { lappend found [string range $text $start [string first "\n);" $text $start]] }
    }
    if {[llength $found] != 1} { error "[llength $found] modules $module in the files that were added" }
    set ::cells($name) $module
    set member {}
    foreach line [split [lindex $found 0] \n] {
        if {[regexp {X_INTERFACE_INFO = "xilinx.com:interface:(\w+):1.0 (\w+) (\w+)"} $line - protocol interface signal]} {
            set member $signal
        } elseif {[regexp {^    (input|output) (?:wire|reg) (?:\[(\d+):0\] )?(\w+)} $line - direction high port]} {
            set width [expr {$high eq {} ? 1 : $high + 1}]
            if {$member eq {}} {
                set ::pins($name/$port) [list [string toupper [string index $direction 0]] $width 0]
            } else {
                # The master drives what is valid.
                if {$member in {AWVALID TVALID}} {
                    set mode [expr {$direction eq "output" ? "Master" : "Slave"}]
                    set ::interfaces($name/$interface) [list $mode $protocol 0]
                }
                fact member $name $interface $member $direction $port $width
            }
            set member {}
        }
    }
}

proc create_bd_port {args} {
    array set given [lrange $args 0 end-1]
    set ::pins([lindex $args end]) [list [expr {$given(-dir) eq "I" ? "O" : "I"}] 1 0]
    fact port [lindex $args end] $given(-dir)
    return [lindex $args end]
}

# From inside, a port that the design is given is a source.
proc create_bd_intf_port {args} {
    array set given [lrange $args 0 end-1]
    lassign [split $given(-vlnv) :] vendor library kind
    if {![regexp {^(\w+)_rtl$} $kind - protocol]} { error "no interface $given(-vlnv)" }
    set mode [expr {$given(-mode) eq "Slave" ? "Master" : "Slave"}]
    set ::interfaces([lindex $args end]) [list $mode $protocol 0]
    fact interface_port [lindex $args end] $protocol
    return [lindex $args end]
}

proc looked_up {table kind name} {
    upvar #0 $table entries
    if {![info exists entries($name)]} { error "there is no $kind $name" }
    return $name
}
proc get_bd_pins {name} { looked_up pins pin $name }
proc get_bd_ports {name} { looked_up pins port $name }
proc get_bd_intf_pins {name} { looked_up interfaces "interface pin" $name }
proc get_bd_intf_ports {name} { looked_up interfaces "interface port" $name }
proc get_bd_cells {name} { return cell:[looked_up cells cell $name] }

proc connect_bd_net {args} {
    set net {}
    foreach end $args {
        if {[info exists ::nets($end)]} { lappend net {*}$::nets($end) } else { lappend net $end }
    }
    set net [lsort -unique $net]
    foreach end $net { set ::nets($end) $net }
}

proc connect_bd_intf_net {one other} {
    foreach end [list $one $other] {
        if {[info exists ::joined($end)]} { error "interface $end is connected already, with $::joined($end)" }
    }
    lassign $::interfaces($one) mode protocol
    lassign $::interfaces($other) other_mode other_protocol
    if {$mode eq $other_mode || $protocol ne $other_protocol} {
        error "$one ($mode, $protocol) and $other ($other_mode, $other_protocol) do not go together"
    }
    set ::joined($one) $other
    set ::joined($other) $one
    fact joined $one $other
}

proc validate_bd_design {} {
    foreach pin [lsort [array names ::pins]] {
        lassign $::pins($pin) direction width optional
        if {![info exists ::nets($pin)]} {
            if {!$optional && ($direction eq "I" || ![string match */* $pin])} { error "$pin is not connected" }
            continue
        }
        set drivers {}
        foreach end $::nets($pin) {
            if {[lindex $::pins($end) 0] eq "O"} { lappend drivers $end }
            if {[lindex $::pins($end) 1] != $width} { error "$pin has $width bits, $end [lindex $::pins($end) 1]" }
        }
        if {[llength $drivers] != 1} { error "the net of $pin has the drivers: $drivers" }
    }
    foreach interface [lsort [array names ::interfaces]] {
        if {![info exists ::joined($interface)] && ![lindex $::interfaces($interface) 2]} {
            error "interface $interface is not connected"
        }
    }
    # What a count promises is used, and nothing beyond it.
    foreach {key pattern} [array get ::ip_counts] {
        lassign [split $key ,] kind property
        foreach cell [array names ::cells] {
            if {$::cells($cell) ne $kind} continue
            set count $::properties(cell:$cell,CONFIG.$property)
            for {set number 1} {$number < 4} {incr number} {
                set end $cell/[format $pattern $number]
                set used [expr {[info exists ::joined($end)] || [info exists ::nets($end)]}]
                if {$used != ($number < $count)} { error "$property of $cell is $count, $end: connected $used" }
            }
        }
    }
    fact validated
}

proc set_property {args} {
    if {[lindex $args 0] eq "-dict"} {
        lassign [lrange $args 1 end] values object
    } else {
        lassign $args name value object
        set values [list $name $value]
    }
    if {[llength $values] % 2} { error "an odd list of properties: $values" }
    # Of several objects all get them.
    foreach one $object {
        foreach {name value} $values {
            set ::properties($one,$name) $value
            fact property $one $name $value
        }
    }
}
proc get_property {name object} {
    if {$name eq "SLACK"} { return $::env(MOCK_SLACK) }
    if {$name eq "STATUS"} { return $::env(MOCK_STATUS) }
    return $::properties($object,$name)
}

proc get_bd_addr_segs {name} {
    if {![regexp {^(\w+/\w+)/\w+$} $name - interface]} { error "no segment $name" }
    return [looked_up interfaces "interface" $interface]/segment
}
proc get_bd_addr_spaces {name} { looked_up interfaces "address space" $name }
proc assign_bd_address {args} {
    set args [lsearch -all -inline -not -exact $args -force]
    array set given [lrange $args 0 end-1]
    fact address [lindex $args end] $given(-target_address_space) $given(-offset) $given(-range)
}

proc create_project {args} { fact project {*}[lrange $args 1 end] }
proc add_files {args} {
    foreach file [lindex $args end] {
        if {![file exists $file]} { error "no file $file" }
        lappend ::files $file
        fact file [file tail $file]
    }
}
proc write_bitstream {force file} { fact bitstream $file }
proc write_cfgmem {args} { fact cfgmem {*}$args }
proc get_timing_paths {args} { return path }
proc version {short} { return 2023.2 }
proc make_wrapper {args} {}
foreach object {current_project current_fileset current_design} { proc $object {} "return $object" }
foreach object {get_runs get_files} { proc $object {name} "return $object:\$name" }
foreach report {report_timing_summary report_utilization report_clock_interaction} {
    proc $report {args} "fact report $report \[file tail \[lindex \$args end\]\]"
}
foreach ignored {update_compile_order create_bd_design save_bd_design launch_runs wait_on_run open_run} {
    proc $ignored {args} {}
}
rename exec real_exec
proc exec {args} { fact exec {*}$args }

# A constraint file is read as Vivado does it: as Tcl, with ports that must be there.
proc constrain {file} {
    set ports {}
    foreach name [array names ::interfaces] {
        if {[string match */* $name]} continue
        switch [lindex $::interfaces($name) 1] {
            diff_clock { lappend ports ${name}_clk_p ${name}_clk_n }
        }
    }
    foreach name [array names ::pins] {
        if {![string match */* $name]} { lappend ports $name }
    }
    set ::constrained $ports
    proc get_ports {names} {
        set found {}
        foreach pattern $names {
            set matching [lsearch -all -inline $::constrained $pattern]
            if {![llength $matching]} { error "there is no port $pattern" }
            lappend found {*}$matching
        }
        return $found
    }
    foreach ignored {set_operating_conditions create_clock set_false_path} { proc $ignored {args} {} }
    source $file
    foreach name $ports {
        # Those of a card's board files have theirs from there.
        if {![info exists ::properties($name,PACKAGE_PIN)]} { fact unplaced $name }
    }
}

set script [lindex $argv 0]
set argv [lrange $argv 1 end]
set argv0 $script
proc finished {} {
    constrain [lindex [lsearch -all -inline $::files *.xdc] 0]
}
# `info script` must give the script's own name.
source $script
finished
