//! `debye card monitor`

use crate::cmd::arguments::{count, number};
use crate::cmd::text::Table;
use crate::cmd::{Outcome, interrupt};
use clap::Args as ClapArgs;
use debye::card::{Card, CardError, Snapshot, View, ask};
use debye::transport::CardAddress;
use serde_json::{Map, Value, json};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(
    after_help = "A card has one driver at a time. While a run of debye drives the card, that run is asked for its \
                        counters; else the card itself is."
)]
pub struct Args {
    /// vfio:0000:65:00.0, vfio-user:SOCKET or sim:spec
    #[arg(value_name = "ADDR")]
    card: CardAddress,

    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", value_parser = number, default_value = "1")]
    interval: f64,

    /// End after so many looks
    #[arg(long, value_name = "N", value_parser = count::<u32>)]
    count: Option<u32>,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let stop = interrupt::flag()?;
    let interval = Duration::try_from_secs_f64(args.interval).map_err(|_| "--interval must be a time, 0 or more")?;
    let address = args.card.to_string();
    let mut card = None;
    let (mut before, mut then) = (look(&args.card, &mut card)?, Instant::now());
    let mut looks = 0;
    while args.count.is_none_or(|count| looks < count) && rest(interval, stop) {
        let (now, view) = (Instant::now(), look(&args.card, &mut card)?);
        let rates = Rates::between(&before.snapshot, &view.snapshot, (now - then).as_secs_f64(), view.lanes);
        let told = if args.json { tell_json(&address, &rates, &view) } else { tell(&address, &rates, &view) };
        if told.is_err() {
            // Nobody reads any more.
            break;
        }
        (before, then) = (view, now);
        looks += 1;
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks who drives the card, or else the card.
fn look(address: &CardAddress, card: &mut Option<Card>) -> Result<View, CardError> {
    if card.is_none()
        && let Some(view) = ask(&address.to_string())
    {
        return Ok(view);
    }
    let card = match card {
        Some(card) => card,
        None => card.insert(Card::open(address)?),
    };
    Ok(View { lanes: card.capabilities.lanes, snapshot: card.snapshot()?, process: std::process::id() })
}

/// Sleeps; whether to go on.
fn rest(interval: Duration, stop: &AtomicBool) -> bool {
    let started = Instant::now();
    while started.elapsed() < interval && !stop.load(Ordering::Relaxed) {
        std::thread::sleep((interval - started.elapsed().min(interval)).min(Duration::from_millis(50)));
    }
    !stop.load(Ordering::Relaxed)
}

/// What happened between two looks.
struct Rates {
    frames_per_s: f64,
    read_gb_per_s: f64,
    written_gb_per_s: f64,
    interrupts_per_s: f64,
    clock_mhz: f64,
    /// Part of the cycles of all lanes in which a stage waited; none for a card without a clock.
    stalls: Vec<(String, f64)>,
}

impl Rates {
    fn between(a: &Snapshot, b: &Snapshot, seconds: f64, lanes: u32) -> Rates {
        let seconds = seconds.max(1e-9);
        let short = |a: u32, b: u32| f64::from(b.wrapping_sub(a)) / seconds;
        // A card that was reset in between begins at 0 again.
        let long = |a: u64, b: u64| b.checked_sub(a).unwrap_or(b) as f64;
        let cycles = long(a.cycles, b.cycles);
        let share = |name: &String| {
            let at = |snapshot: &Snapshot| snapshot.stalls.get(name).copied().unwrap_or(0);
            (name.clone(), long(at(a), at(b)) / (cycles * f64::from(lanes)).max(1.0))
        };
        Rates {
            frames_per_s: if b.frames_done < a.frames_done { 0.0 } else { short(a.frames_done, b.frames_done) },
            read_gb_per_s: long(a.bytes_read, b.bytes_read) / 1e9 / seconds,
            written_gb_per_s: long(a.bytes_written, b.bytes_written) / 1e9 / seconds,
            interrupts_per_s: short(a.interrupts, b.interrupts),
            clock_mhz: cycles / seconds / 1e6,
            stalls: b.stalls.keys().map(share).collect(),
        }
    }
}

fn tell_json(address: &str, rates: &Rates, view: &View) -> io::Result<()> {
    let snapshot = &view.snapshot;
    let stalls: Map<String, Value> = rates.stalls.iter().map(|(name, share)| (name.clone(), json!(share))).collect();
    let object = json!({
        "address": address,
        "driven_by": view.process,
        "frames_per_s": rates.frames_per_s,
        "read_gb_per_s": rates.read_gb_per_s,
        "written_gb_per_s": rates.written_gb_per_s,
        "interrupts_per_s": rates.interrupts_per_s,
        "clock_mhz": rates.clock_mhz,
        "stall_shares": stalls,
        "in_flight": snapshot.in_flight,
        "queued": snapshot.queued,
        "counters": snapshot,
    });
    let mut out = io::stdout().lock();
    writeln!(out, "{object}")?;
    out.flush()
}

fn tell(address: &str, rates: &Rates, view: &View) -> io::Result<()> {
    let snapshot = &view.snapshot;
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        // To the top of an empty screen.
        write!(out, "\x1b[H\x1b[2J")?;
    }
    let queued: Vec<String> = snapshot.queued.iter().map(u32::to_string).collect();
    writeln!(out, "{address}, driven by process {}", view.process)?;
    writeln!(
        out,
        "  {:.1} frames/s  {:.3} GB/s in  {:.3} GB/s out  {:.0} interrupts/s  clock {:.1} MHz",
        rates.frames_per_s, rates.read_gb_per_s, rates.written_gb_per_s, rates.interrupts_per_s, rates.clock_mhz
    )?;
    writeln!(
        out,
        "  in flight {}  queued {}  DMA faults {}",
        snapshot.in_flight,
        queued.join(" "),
        snapshot.dma_faults
    )?;
    drop(out);
    let stalls: Vec<_> = rates.stalls.iter().filter(|(_, share)| *share > 0.0).collect();
    if !stalls.is_empty() {
        let mut table = Table::new(&["stage", "waiting"]);
        stalls.iter().for_each(|(name, share)| table.row([name.clone(), format!("{:.1} %", 100.0 * share)]));
        table.print();
    }
    io::stdout().flush()
}
