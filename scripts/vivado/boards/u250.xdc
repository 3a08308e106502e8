# AMD Alveo U250. Pins: Corundum's and taxi's constraint files for this card, which follow the vendor's.
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
set_property BITSTREAM.CONFIG.CONFIGRATE 63.8 [current_design]
set_property BITSTREAM.CONFIG.UNUSEDPIN PULLUP [current_design]
set_property BITSTREAM.CONFIG.OVERTEMPSHUTDOWN ENABLE [current_design]
set_property BITSTREAM.GENERAL.COMPRESS TRUE [current_design]
set_operating_conditions -design_power_budget 160

# PCIe. A port of one bit may be a bus in the block design's wrapper: hence the stars.
set_property PACKAGE_PIN AM11 [get_ports pcie_refclk_clk_p*]
set_property PACKAGE_PIN AM10 [get_ports pcie_refclk_clk_n*]
create_clock -name pcie_refclk -period 10.000 [get_ports pcie_refclk_clk_p*]
set_property PACKAGE_PIN BD21 [get_ports pcie_reset_n]
set_property IOSTANDARD LVCMOS12 [get_ports pcie_reset_n]
set_property PULLUP true [get_ports pcie_reset_n]
set_false_path -from [get_ports pcie_reset_n]

# The pins of the DDR4 module and of its clock come from the card's board files.
