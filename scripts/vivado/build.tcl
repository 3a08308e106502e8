# Builds a card's image: project, block design, constraints, synthesis, place and route, timing, bitstream, manifest.
# Called by scripts/vivado/build; its arguments stand there. All boards share this file and shell.tcl; what differs between
# them is in boards/.

set here [file normalize [file dirname [info script]]]
set root [file normalize [file join $here .. ..]]

# Arguments.
array set options {-lanes 4 -clock {} -jobs 4 -out . -debye debye -commit {}}
if {[llength $argv] % 2 != 1} {
    error "usage: build.tcl BOARD ?-lanes N? ?-clock MHZ? ?-jobs N? ?-out FOLDER? ?-debye COMMAND? ?-commit HEX?"
}
foreach {name value} [lrange $argv 1 end] {
    if {![info exists options($name)]} {
        error "there is no option $name; options: [lsort [array names options]]"
    }
    set options($name) $value
}

# What is of this board alone: the array `board`.
source [file join $here boards [lindex $argv 0].tcl]
if {$options(-clock) ne {}} {
    set board(clock_mhz) $options(-clock)
}
set top debye_ring_card_$options(-lanes)
set gateware [file join $root hdl gen $top.v]
if {![file exists $gateware]} {
    error "$gateware is not there: cards with rings are emitted with 1, 4 and 12 lanes"
}
set out [file normalize $options(-out)]
set image debye-$board(name)-$options(-lanes)

# Project. The card's wrapper names the card that it wraps: which one is known here only.
create_project -force -part $board(part) $image [file join $out project]
if {$board(board_part) ne {}} {
    set_property board_part $board(board_part) [current_project]
}
set wrapper [file join $out debye_vivado_card.v]
set source [open [file join $here rtl debye_vivado_card.v]]
set text [string map [list DEBYE_CARD $top] [read $source]]
close $source
set target [open $wrapper w]
puts -nonewline $target $text
close $target
add_files -norecurse [list $gateware $wrapper [file join $here rtl debye_vivado_msix.v]]
add_files -fileset constrs_1 -norecurse [file join $here boards $board(name).xdc]
update_compile_order -fileset sources_1

# Block design, and the module around it that is the FPGA's top.
source [file join $here shell.tcl]
create_bd_design shell
make_shell board
validate_bd_design
save_bd_design
make_wrapper -files [get_files shell.bd] -top -import
set_property top shell_wrapper [current_fileset]
update_compile_order -fileset sources_1

# Synthesis, place and route.
set_property strategy Performance_ExplorePostRoutePhysOpt [get_runs impl_1]
launch_runs impl_1 -to_step post_route_phys_opt_design -jobs $options(-jobs)
wait_on_run impl_1
set status [get_property STATUS [get_runs impl_1]]
if {![string match *Complete!* $status]} {
    error "place and route failed: $status"
}
open_run impl_1

# The reports are kept, of a build that fails too. An image that does not meet its timing is not made.
report_timing_summary -max_paths 20 -file [file join $out $image.timing.txt]
report_utilization -hierarchical -file [file join $out $image.utilization.txt]
report_clock_interaction -file [file join $out $image.clocks.txt]
foreach {what delay} {setup max hold min} {
    set slack [get_property SLACK [get_timing_paths -delay_type $delay -max_paths 1]]
    puts "worst $what slack: $slack ns"
    if {$slack < 0} {
        error "timing is not met ($what, $slack ns at $board(clock_mhz) MHz): see $image.timing.txt, or build with -clock"
    }
}

# Image. The .bit is what `debye flash` takes; the .mcs is for Vivado's own programmer, over JTAG.
set bit [file join $out $image.bit]
set mcs [file join $out $image.mcs]
write_bitstream -force $bit
write_cfgmem -force -format mcs -interface SPIx4 -size $board(flash_mib) \
    -loadbit "up $board(image_address) $bit" -file $mcs

# Manifests.
foreach file [list $bit $mcs] {
    puts [exec $options(-debye) image pack $file --overwrite --name $image --board $board(name) --kind card \
        --gateware [file join $root hdl gen $top.toml] --clock $board(clock_mhz) --commit $options(-commit) \
        --tool vivado=[version -short] \
        --rebuild "scripts/vivado/build $board(name) -lanes $options(-lanes) -clock $board(clock_mhz)"]
}
puts "done: $bit"
