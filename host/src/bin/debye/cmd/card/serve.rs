//! `debye card serve`: a simulated card on a socket.

use crate::cmd::Outcome;
use crate::cmd::arguments::count;
use clap::{Args as ClapArgs, ValueEnum};
use debye_sim::designs::{self, Simulator};
use debye_sim::device::Device;
use debye_sim::device::fault::{Fault, FaultyCard, NAMES};
use debye_sim::device::flash::{Cells, FlashedCard, GatewareSpi, Nor, QuadSpi, SpiCore, Wear};
use debye_sim::device::functional::Build;
use debye_sim::device::models::{self, CardKind};
use debye_sim::device::server::{Server, Visit};
use debye_sim::model::Shape;
use debye_spec::board::{BOARDS, Board};
use serde_json::{Value, json};
use std::error::Error;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(after_help = after_help())]
pub struct Args {
    /// Socket to listen on; one that a dead server left is replaced
    #[arg(long, value_name = "SOCKET")]
    socket: PathBuf,

    /// Which model: the definition, or the gateware's emitted Verilog under Verilator
    #[arg(long, value_enum, default_value_t = Model::Spec, help_heading = "Card")]
    model: Model,

    /// Lanes of the card
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=48), default_value = "1",
          help_heading = "Card")]
    lanes: u16,

    /// Encoder lanes; they make blocks of the size of the largest that is decoded [default: 1 with the model spec, else 0]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=48), help_heading = "Card")]
    encoders: Option<u32>,

    /// Bytes of the largest LZ4 block, a power of two
    #[arg(long, value_name = "BYTES", value_parser = block, default_value = "8192", help_heading = "Card")]
    block: u32,

    /// Bins of the lanes' histograms: 8 times a power of two
    #[arg(long, value_name = "N", value_parser = bins, default_value = "2048", help_heading = "Card")]
    bins: u32,

    /// Queues of the card
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=8), default_value = "1",
          help_heading = "Card")]
    queues: u32,

    /// MiB of the card's table memory, a power of two
    #[arg(long, value_name = "MIB", value_parser = mebibytes, default_value = "256", help_heading = "Card")]
    table_memory: u32,

    /// Board that the card is: it has that board's flash, boots out of it, and can be flashed
    #[arg(long, value_name = "BOARD", value_parser = flashed_board, help_heading = "Flash")]
    board: Option<&'static Board>,

    /// File that holds the flash; made, with a factory image in it, where there is none [default: it lasts as long as
    /// the server]
    #[arg(long, value_name = "FILE", requires = "board", help_heading = "Flash")]
    flash: Option<PathBuf>,

    /// Fault to inject, with options: NAME[,OPTION=VALUE]...; see below. May be given several times
    #[arg(long, value_name = "SPEC", help_heading = "Faults")]
    fault: Vec<Fault>,

    /// End when the first client is gone
    #[arg(long)]
    once: bool,

    /// Print JSON objects, one a line
    #[arg(long)]
    json: bool,
}

/// Exit code of the fault `die`.
const DIED: i32 = 70;

fn after_help() -> String {
    let names: String = NAMES.iter().map(|(name, does)| format!("  {name:<22} {does}\n")).collect();
    format!(
        "Serves one client after the other; between two clients the card is as after power-on. SIGTERM or Ctrl-C ends it \
         and removes the socket.\n\n\
         Faults:\n{names}\n\
         When: after=N lets N frames go well first (0), count=N is for how many frames it happens then (1); or \
         seed=S,rate=R for a share R of the frames, chosen from the seed. For interrupt-lost interrupts are counted. \
         Counts go on over resets and from client to client."
    )
}

/// Which model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Model {
    /// The definition; no clock.
    Spec,
    /// The emitted Verilog under Verilator.
    Verilator,
}

impl From<Model> for CardKind {
    fn from(model: Model) -> CardKind {
        match model {
            Model::Spec => CardKind::Spec,
            Model::Verilator => CardKind::Verilator,
        }
    }
}

/// log2 of a power of two between two others.
fn log2(text: &str, least: usize, most: usize) -> Result<u32, String> {
    let value = count::<NonZeroUsize>(text)?.get();
    let fits = value.is_power_of_two() && (least..=most).contains(&value);
    fits.then(|| value.trailing_zeros()).ok_or_else(|| format!("give a power of two from {least} to {most}"))
}

fn block(text: &str) -> Result<u32, String> {
    log2(text, 1 << 10, 1 << 20)
}

fn bins(text: &str) -> Result<u32, String> {
    // The register of the table's bins has 15 bits, an operation names 2^14.
    log2(text, 8, 1 << 14).map(|log2| log2 - 3)
}

fn mebibytes(text: &str) -> Result<u32, String> {
    log2(text, 1, 1 << 14).map(|log2| log2 + 20)
}

fn flashed_board(name: &str) -> Result<&'static Board, String> {
    let flashed = || BOARDS.iter().filter(|board| board.layout.is_some());
    flashed().find(|board| board.name == name).ok_or_else(|| {
        let names: Vec<_> = flashed().map(|board| board.name).collect();
        format!("give one of {}", names.join(", "))
    })
}

/// Puts a card onto a board, with the SPI core of its model before the flash.
fn on_board(device: Box<dyn Device>, board: &'static Board, args: &Args) -> Result<Box<dyn Device>, Box<dyn Error>> {
    let part = board.flashes[0];
    let cells = match &args.flash {
        Some(path) => {
            Cells::open(path, part.bytes).map_err(|error| format!("the flash {}: {error}", path.display()))?
        }
        None => Cells::new(part.bytes)?,
    };
    let core: Box<dyn SpiCore> = match args.model {
        Model::Spec => Box::new(QuadSpi::default()),
        Model::Verilator => Box::new(GatewareSpi::new(designs::flash_spi(Simulator::Verilator)?)),
    };
    let nor = Nor::new(cells, part.jedec, Wear::default());
    let card = FlashedCard::with_core(device, board, nor, core).ok_or("this board has no flash that is written")?;
    Ok(Box::new(card))
}

impl Args {
    fn build(&self) -> Build {
        let shape = Shape { lanes: self.lanes.into(), block: self.block, rows: self.bins };
        let encoders = self.encoders.unwrap_or(if self.model == Model::Spec { 1 } else { 0 });
        Build { shape, queues: self.queues, memory_log2: self.table_memory, encoders, ..Build::default() }
    }

    /// Tells what happened. Nobody may be listening, which is no reason to stop serving.
    fn say(&self, text: &str, object: &Value) {
        let line = if self.json { object.to_string() } else { text.to_owned() };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).ok();
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let mut device = models::card(args.model.into(), args.build())?;
    if let Some(board) = args.board {
        device = on_board(device, board, args)?;
    }
    if !args.fault.is_empty() {
        device = Box::new(FaultyCard::new(device, args.fault.clone(), Box::new(|| std::process::exit(DIED))));
    }
    let model = device.describe();
    let mut server = Server::bind(&args.socket, device, args.queues)?;
    let socket = server.socket_name();
    // A client's connection is waited on in the library: nothing but the end of the process ends that. The card keeps
    // nothing but its socket's name.
    ctrlc::set_handler(move || {
        socket.remove();
        std::process::exit(0);
    })?;
    let listens = format!("listening on {}: {model}", args.socket.display());
    args.say(&listens, &json!({ "event": "listening", "socket": args.socket, "model": model, "queues": args.queues }));
    loop {
        let Visit { touched, broken } = server.serve_client()?;
        if touched {
            let how = if broken { "client gone in the middle of a message" } else { "client gone" };
            args.say(how, &json!({ "event": "client gone", "broken": broken }));
            if args.once {
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
}
