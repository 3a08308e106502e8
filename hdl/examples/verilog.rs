//! Prints the Verilog of a core: `cargo run -p debye-hdl --example verilog -- packer`.

use debye_hdl::base::emit::{EmitError, Stamp, emit};
use debye_hdl::counters::Counters;
use debye_hdl::packer::Packer;
use debye_hdl::registers::Registers;
use debye_spec::registers::Capabilities;
use rust_hdl::prelude::*;

/// The registers of the card that the benches in Python know.
const CARD: Capabilities =
    Capabilities { lanes: 12, groups: 3, block_log2: 13, op_fifo_log2: 9, elements: 0x67, max_bins: 2048 };

fn text<T: Block>(core: &str, mut design: Box<T>) -> Result<String, EmitError> {
    design.connect_all();
    emit(&*design, &Stamp { core, parameters: &[] })
}

fn main() -> Result<(), EmitError> {
    let core = std::env::args().nth(1).unwrap_or_default();
    let verilog = match core.as_str() {
        "packer" => text("packer", Box::<Packer>::default())?,
        "counters" => text("counters", Box::<Counters>::default())?,
        "registers" => text("registers", Box::new(Registers::new(CARD, 0x2611_2026)))?,
        _ => {
            eprintln!("a core: packer, counters or registers");
            std::process::exit(2);
        }
    };
    print!("{verilog}");
    Ok(())
}
