# AMD Alveo U55C. Pins: Corundum's and taxi's constraint files for this card, which follow the vendor's.
# Never built: see docs/boards.md.

# Configuration from the SPI flash. CONFIGFALLBACK: an image that does not load gives way to the one at address 0.
set_property CONFIG_VOLTAGE 1.8 [current_design]
set_property CFGBVS GND [current_design]
set_property CONFIG_MODE SPIx4 [current_design]
set_property BITSTREAM.CONFIG.CONFIGFALLBACK ENABLE [current_design]
set_property BITSTREAM.CONFIG.SPI_BUSWIDTH 4 [current_design]
set_property BITSTREAM.CONFIG.SPI_32BIT_ADDR YES [current_design]
set_property BITSTREAM.CONFIG.SPI_FALL_EDGE YES [current_design]
set_property BITSTREAM.CONFIG.EXTMASTERCCLK_EN DISABLE [current_design]
set_property BITSTREAM.CONFIG.CONFIGRATE 85.0 [current_design]
set_property BITSTREAM.CONFIG.UNUSEDPIN PULLUP [current_design]
set_property BITSTREAM.CONFIG.OVERTEMPSHUTDOWN ENABLE [current_design]
set_property BITSTREAM.GENERAL.COMPRESS TRUE [current_design]

# PCIe. A port of one bit may be a bus in the block design's wrapper: hence the stars.
set_property PACKAGE_PIN AR15 [get_ports pcie_refclk_clk_p*]
set_property PACKAGE_PIN AR14 [get_ports pcie_refclk_clk_n*]
create_clock -name pcie_refclk -period 10.000 [get_ports pcie_refclk_clk_p*]
set_property PACKAGE_PIN BF41 [get_ports pcie_reset_n]
set_property IOSTANDARD LVCMOS18 [get_ports pcie_reset_n]
set_property PULLUP true [get_ports pcie_reset_n]
set_false_path -from [get_ports pcie_reset_n]

# 100 MHz for the memory.
set_property PACKAGE_PIN BK43 [get_ports board_clock_clk_p*]
set_property PACKAGE_PIN BK44 [get_ports board_clock_clk_n*]
set_property IOSTANDARD LVDS [get_ports board_clock_clk_*]
create_clock -name board_clock -period 10.000 [get_ports board_clock_clk_p*]

# High switches the card off. The satellite controller takes an undriven pin for high, so it is pulled low.
set_property PACKAGE_PIN BE45 [get_ports hbm_cattrip]
set_property IOSTANDARD LVCMOS18 [get_ports hbm_cattrip]
set_property PULLDOWN true [get_ports hbm_cattrip]
set_false_path -to [get_ports hbm_cattrip]
