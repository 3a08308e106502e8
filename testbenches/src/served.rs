//! Cards that are served by processes, and cards in this process with faults around them.

use crate::command;
use debye::card::{Card, CardError};
use debye::transport::{CardAddress, Local, VfioUser};
use debye_sim::device::Device;
use debye_sim::device::fault::FaultyCard;
use debye_sim::device::functional::{Build, FunctionalCard};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A process that serves a card; it is killed when this goes.
pub struct Served {
    process: Child,
    socket: PathBuf,
    _folder: tempfile::TempDir,
}

impl Served {
    /// Starts `debye card serve` with more arguments, and waits until it listens.
    pub fn start(more: &[&str]) -> Served {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("card.sock");
        let mut command = Command::new(command::binary());
        command.args(["card", "serve", "--socket"]).arg(&socket).args(more).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the command starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a line");
        assert!(line.contains("listening"), "{line:?}");
        Served { process, socket, _folder: folder }
    }

    /// Where it is.
    pub fn address(&self) -> CardAddress {
        CardAddress::VfioUser(self.socket.clone())
    }

    /// Its card.
    pub fn card(&self) -> Card {
        let transport = VfioUser::connect(&self.socket).expect("somebody listens");
        Card::new(Box::new(transport)).expect("a card")
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// Whether its process runs.
    pub fn lives(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A card in this process with faults, as [`debye_sim::device::fault`] reads them.
///
/// # Errors
/// The card is not one that the driver takes.
pub fn faulty(build: Build, faults: &[&str]) -> Result<Card, CardError> {
    let faults = faults.iter().map(|fault| fault.parse().expect("a fault that there is")).collect();
    plugged(Box::new(FaultyCard::new(Box::new(FunctionalCard::new(build)), faults, Box::new(|| ()))))
}

/// A card in this process.
///
/// # Errors
/// As [`faulty`].
pub fn plugged(device: Box<dyn Device>) -> Result<Card, CardError> {
    Card::new(Box::new(Local::new(device, "sim:test").expect("event descriptors")))
}
