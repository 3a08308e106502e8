//! The command `debye`.

mod cmd;
mod out;
#[cfg(target_os = "linux")]
mod pages;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[cfg(target_os = "linux")]
#[global_allocator]
static MEMORY: pages::LargePages = pages::LargePages;

/// Azimuthal integration of bitshuffle-LZ4 detector frames, exact to the bit.
#[derive(Parser)]
#[command(version, about, max_term_width = 110, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Integrate frames azimuthally: compressed frames in, I(q) out.
    Integrate(cmd::integrate::Args),
    /// Show what a file holds: shape, type, filter, block size, ratio, frames.
    Info(cmd::info::Args),
    /// Take one frame's chunk apart: blocks, sequences, ratios, and where it is corrupt.
    Inspect(cmd::inspect::Args),
    /// Compress the images of an HDF5 file (bslz4), and keep everything else in it.
    Compress(cmd::compress::Args),
    /// Store the bslz4 images of an HDF5 file without a filter, and keep everything else in it.
    Decompress(cmd::decompress::Args),
    /// Make realistic frames: powder rings, noise, gaps, hot pixels.
    SimulateFrames(cmd::simulate_frames::Args),
    /// Run frames through a simulated card.
    #[cfg(feature = "sim")]
    Sim(cmd::sim::Args),
    /// Hold two ways of integrating against each other, bit for bit, stage by stage.
    #[cfg(feature = "sim")]
    Compare(Box<cmd::compare::Args>),
    /// Cards: which there are, what they do, and a simulated one as a PCI function.
    Card(cmd::card::Args),
    /// Write images into cards, and see to it that they come up.
    Flash(Box<cmd::flash::Args>),
    /// Test a card: registers, DMA, interrupt, a known frame.
    Selftest(cmd::selftest::Args),
    /// Images for FPGAs: make their manifests, look into them, verify them.
    Image(cmd::image::Args),
    /// Measure an engine: rates, latencies, what the host has to do.
    Bench(Box<cmd::bench::Args>),
    /// Decode, encode or integrate a set of chunks over and over, for a benchmark that pairs it with others.
    BenchContender(cmd::contender::Args),
    /// Measure what compression and reduction of a data set cost: one page, JSON and CSV; or compare two reports.
    Report(Box<cmd::report::Args>),
    /// Judge what a change of frames costs by what an analysis makes of them: powder, saxs, mx, xpcs, imaging, spectroscopy.
    Technique(Box<cmd::technique::Args>),
    /// Sort frames into dark, lit and hits; keep a list and a virtual data set.
    Triage(Box<cmd::triage::Args>),
    /// Compute 2theta, q, chi, solid angle and polarization of every pixel.
    Geometry(cmd::geometry::Args),
    /// Write patterns of an output file as .xy or .csv.
    Export(cmd::export::Args),
    /// Draw patterns of an output file as .png or .svg.
    Plot(cmd::plot::Args),
}

fn main() -> ExitCode {
    // Warnings of the library go to standard error; RUST_LOG shows more.
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .init();
    cmd::limits::tell_file_size_limit();
    let cli = Cli::parse();
    if let Err(error) = debye::cpu::Kernels::chosen() {
        return cmd::tell(&error);
    }
    let outcome: cmd::Outcome = match cli.command {
        Command::Integrate(args) => cmd::integrate::run(args),
        Command::Info(args) => cmd::info::run(args),
        Command::Inspect(args) => cmd::inspect::run(args),
        Command::Compress(args) => cmd::compress::run(args),
        Command::Decompress(args) => cmd::decompress::run(args),
        Command::SimulateFrames(args) => cmd::simulate_frames::run(args),
        #[cfg(feature = "sim")]
        Command::Sim(args) => cmd::sim::run(args),
        #[cfg(feature = "sim")]
        Command::Compare(args) => cmd::compare::run(*args),
        Command::Card(args) => cmd::card::run(args),
        Command::Flash(args) => cmd::flash::run(*args),
        Command::Selftest(args) => cmd::selftest::run(&args),
        Command::Image(args) => cmd::image::run(args),
        Command::Bench(args) => cmd::bench::run(&args),
        Command::BenchContender(args) => cmd::contender::run(&args),
        Command::Report(args) => cmd::report::run(*args),
        Command::Technique(args) => cmd::technique::run(*args),
        Command::Triage(args) => cmd::triage::run(*args),
        Command::Geometry(args) => cmd::geometry::run(args),
        Command::Export(args) => cmd::export::run(args),
        Command::Plot(args) => cmd::plot::run(args),
    };
    let code = outcome.unwrap_or_else(|failure| cmd::tell(&*failure));
    match out::refused() {
        Some(error) => {
            eprintln!("error: what was to be said on standard output was not taken: {error}");
            ExitCode::FAILURE
        }
        None => code,
    }
}
