//! `debye flash IMAGE` and `debye flash recover IMAGE`

use super::Slot;
use super::backup;
use super::show::Show;
use super::status::card;
use crate::cmd::{Outcome, interrupt};
use crate::out::say;
use clap::Args as ClapArgs;
use debye::bitstream::{Digest, Image};
use debye::flash::{Backup, Content, Event, Flash, FlashError, Guard, Phase, Status, Written};
use debye::transport::{CardAddress, System};
use debye_spec::manifest::Sha256;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct WriteArgs {
    /// The image, or its manifest
    image: PathBuf,
    /// The card: vfio:0000:65:00.0 or vfio-user:SOCKET
    #[arg(long, value_name = "ADDR")]
    card: CardAddress,
    /// Which part of its flash
    #[arg(long, value_enum, default_value_t = Slot::Update)]
    slot: Slot,
    /// Print one JSON object on standard output, no progress
    #[arg(long)]
    json: bool,
    /// Check everything, say what would be done, write nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Where what the slot holds goes [default: debye-BOARD-SHA256.bin in this folder]
    #[arg(long, value_name = "FILE", conflicts_with = "no_backup")]
    backup: Option<PathBuf>,
    /// Do not keep what the slot holds
    #[arg(long)]
    no_backup: bool,
    /// Have the FPGA boot the image at once instead of at the next cold reboot. A server that does not expect a card to
    /// vanish may go down with it
    #[arg(long)]
    reload: bool,
    /// Take an image whose register map this debye does not know
    #[arg(long)]
    other_release: bool,
}

/// How long an FPGA may take to boot.
const BOOT: Duration = Duration::from_secs(10);

/// What was done, and with what.
struct Outcomes {
    written: Written,
    backup: Option<Backup>,
}

/// Runs the command; `recover`: for what ended in the middle.
pub fn run(args: &WriteArgs, recover: bool) -> Outcome {
    let image = Image::open(&args.image)?;
    let stop = interrupt::flag()?;
    let mut flash = Flash::open(&args.card)?;
    flash.takes(&image.manifest, image.bytes.len(), args.other_release)?;
    let status = Status::read(&mut flash)?;
    if recover {
        recoverable(&status, image.manifest.image.sha256)?;
    }
    let mut show = Show::new(args.json);
    let done = write(args, &mut flash, &image, &status, recover, stop, &mut show);
    let seconds = show.close();
    let Some(Outcomes { written, backup }) = done? else { return Ok(ExitCode::SUCCESS) };
    let about = card(&flash);
    let address = flash.address();
    let reloaded = args.reload.then(|| reload(&args.card, flash)).transpose()?;
    let next = match reloaded {
        Some(Reloaded::Runs(_)) => "nothing: the card runs it",
        Some(Reloaded::OnTheBus) => "bind the card to vfio-pci again (`debye card list` says how)",
        None if written.identical => "nothing",
        None => "a cold reboot: power the machine down and up, so that the FPGA boots the image",
    };
    if args.json {
        let object = json!({
            "card": about,
            "image": { "name": image.manifest.name, "bytes": image.bytes.len(), "sha256": image.manifest.image.sha256.to_string() },
            "verified": true,
            "written": written,
            "backup": backup.as_ref().map(backup::object),
            "reloaded": reloaded.is_some(),
            "build": match reloaded { Some(Reloaded::Runs(build)) => Some(format!("{build:#010x}")), _ => None },
            "seconds": seconds,
            "next": next,
        });
        say!("{object:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let name = &image.manifest.name;
    if written.identical {
        say!("the slot of {} holds {name} already, byte for byte: nothing was written", address);
    } else {
        say!("the slot of {} holds {name}, read back byte for byte ({} bytes)", address, image.bytes.len());
        say!(
            "  sectors erased {}, kept {}; pages programmed {}; tried again {}, written anew {}",
            written.erased,
            written.kept,
            written.programmed,
            written.retried,
            written.repaired
        );
    }
    if let Some(backup) = backup {
        say!("what it held is in {}", backup.path.display());
    }
    if let Some(Reloaded::Runs(build)) = reloaded {
        say!("the card came back with build {build:#010x}");
    }
    say!("to do: {next}");
    Ok(ExitCode::SUCCESS)
}

/// Whether there is anything to recover, and it is of this image.
fn recoverable(status: &Status, sha256: Sha256) -> Result<(), FlashError> {
    let (happened, _) = status.tells();
    if status.is_whole() || (status.record.is_none() && status.guard != Guard::Closed) {
        return Err(FlashError::NothingToRecover(happened));
    }
    match status.record.filter(|record| record.sha256 != sha256.0) {
        Some(record) => {
            let sha256 = Sha256(record.sha256).to_string();
            Err(FlashError::OtherImage { found: record.name().into(), sha256 })
        }
        None => Ok(()),
    }
}

fn write(
    args: &WriteArgs,
    flash: &mut Flash,
    image: &Image,
    status: &Status,
    recover: bool,
    stop: &AtomicBool,
    show: &mut Show,
) -> Result<Option<Outcomes>, Box<dyn std::error::Error>> {
    let content = Content { name: &image.manifest.name, bytes: &image.bytes, sha256: image.manifest.image.sha256.0 };
    let mut events = |event: Event| show.event(event);
    let old = flash.read_slot(flash.extent(image.bytes.len()), stop, &mut events)?;
    let written = status.is_whole() && old.starts_with(&image.bytes);
    if written && status.record.is_some_and(|record| record.sha256 == content.sha256) {
        let written = Written { identical: true, ..Written::default() };
        return Ok(Some(Outcomes { written, backup: None }));
    }
    if args.dry_run {
        say!(
            "would write {} into the slot of {}: everything that can be checked is right",
            content.name,
            flash.address()
        );
        return Ok(None);
    }
    let backup = if recover || args.no_backup { None } else { Some(kept(args, flash, status, stop, &mut events)?) };
    if !args.yes && !asked(flash, image, backup.as_ref().and_then(Option::as_ref))? {
        return Err("not written: nobody said yes".into());
    }
    let written = flash.write(&content, &old, stop, &mut events)?;
    show.end();
    Ok(Some(Outcomes { written, backup: backup.flatten() }))
}

/// Keeps what the slot holds; `None` when that is nothing.
fn kept(
    args: &WriteArgs,
    flash: &mut Flash,
    status: &Status,
    stop: &AtomicBool,
    events: &mut dyn FnMut(Event),
) -> Result<Option<Backup>, Box<dyn std::error::Error>> {
    if status.blank {
        return Ok(None);
    }
    let bytes = flash.read_image(status, stop, events)?;
    events(Event::Begins(Phase::Backup, bytes.len() as u64));
    let sha256 = Digest::of(&bytes).sha256;
    let name = status.record.map_or("unknown".into(), |record| record.name().to_owned());
    let of_hash = || format!("debye-{}-{}.bin", flash.board.name, &sha256.to_string()[..16]).into();
    let path = args.backup.clone().unwrap_or_else(of_hash);
    // The name is the content's: a file of that name that is sound is the same backup.
    let same = |path: &Path| Image::open(path).is_ok_and(|image| image.manifest.image.sha256 == sha256);
    if args.backup.is_none() && same(&path) {
        let manifest = debye::bitstream::manifest_path(&path);
        return Ok(Some(Backup { path, manifest, bytes: bytes.len(), sha256 }));
    }
    Ok(Some(flash.back_up(&path, &name, &bytes, false)?))
}

/// Asks whether to go on.
fn asked(flash: &Flash, image: &Image, backup: Option<&Backup>) -> Result<bool, Box<dyn std::error::Error>> {
    if !std::io::stdin().is_terminal() {
        return Err("nobody is there to be asked: say --yes".into());
    }
    let kept = backup.map_or("nothing of what it holds is kept".into(), |backup| {
        format!("what it holds is in {}", backup.path.display())
    });
    eprint!(
        "write {} into the update slot of {} ({})? {kept} [yes/no] ",
        image.manifest.name,
        flash.address(),
        flash.board.title
    );
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

/// What became of a reload.
enum Reloaded {
    /// The card answers: its build.
    Runs(u32),
    /// It is back on the bus, without a driver.
    OnTheBus,
}

/// Has the FPGA boot from the slot.
fn reload(address: &CardAddress, mut flash: Flash) -> Result<Reloaded, FlashError> {
    let CardAddress::Vfio(function) = address else { return flash.reload().map(Reloaded::Runs) };
    flash.begin_reload();
    // The kernel takes a function out only when nobody holds it.
    drop(flash);
    System::default().find_again(function, BOOT)?;
    Ok(Reloaded::OnTheBus)
}
