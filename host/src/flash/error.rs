//! Why a card was not flashed.

use crate::transport::TransportError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// See the module. What is said of the slot holds when the error is returned.
#[derive(Debug, Error)]
pub enum FlashError {
    /// The way to the card.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card does not answer any more.
    #[error(
        "the card {address} is gone ({during}): the slot is not finished and its guard is closed, so the card comes up with \
         its golden image; power it up again, then `debye flash recover`"
    )]
    Gone {
        /// Card.
        address: String,
        /// What was under way.
        during: &'static str,
    },
    /// Something else answers there.
    #[error("{address} is no Debye card: its identity register holds {found:#010x}; nothing was written")]
    Identity {
        /// Card.
        address: String,
        /// Register.
        found: u32,
    },
    /// Nobody knows the board.
    #[error(
        "the card {address} says subsystem {subsystem:04x}, which is no board that Debye flashes ({known}); nothing was \
         written"
    )]
    Board {
        /// Card.
        address: String,
        /// Its subsystem.
        subsystem: u16,
        /// Boards.
        known: String,
    },
    /// The image is for another board.
    #[error(
        "the image is for the board {image}, the card {address} is a {card}: take the image for {card}; nothing was written"
    )]
    WrongBoard {
        /// Card.
        address: String,
        /// Board of the image.
        image: String,
        /// Board of the card.
        card: &'static str,
    },
    /// The FPGA is another one.
    #[error(
        "the FPGA of card {address} has IDCODE {found:#010x}, a {board} has {expected:#010x}: the card is not what its PCI \
         ids say; nothing was written"
    )]
    Part {
        /// Card.
        address: String,
        /// Board.
        board: &'static str,
        /// As read.
        found: u32,
        /// As in the table of boards.
        expected: u32,
    },
    /// The image's registers are another release's.
    #[error(
        "the image has the register map {image:#010x}, this debye knows {expected:#010x}: after flashing, this debye could \
         not drive the card. Take the image of this release, or say --other-release; nothing was written"
    )]
    MapHash {
        /// Of the manifest.
        image: u32,
        /// Ours.
        expected: u32,
    },
    /// It is no image for the update slot.
    #[error("an image of kind {kind} does not go into the update slot; nothing was written")]
    Kind {
        /// Of the manifest.
        kind: String,
    },
    /// There is no SPI core.
    #[error(
        "the card {address} has no SPI core at {offset:#x} of its registers (status {found:#010x}): its image was built \
         without one, and it can be flashed over JTAG only"
    )]
    NoCore {
        /// Card.
        address: String,
        /// Where it should stand.
        offset: u32,
        /// What its status reads as.
        found: u32,
    },
    /// The SPI core does not do as it should.
    #[error(
        "the SPI core of card {address} does not answer ({what}, status {status:#010x}): power the card down and up"
    )]
    Core {
        /// Card.
        address: String,
        /// What did not happen.
        what: &'static str,
        /// Its status.
        status: u32,
    },
    /// The memory does not say who it is.
    #[error(
        "the flash of card {address} answers {id:02x?} to READ ID, as if it were not there: {hint}; nothing was written"
    )]
    NoMemory {
        /// Card.
        address: String,
        /// What it answers.
        id: [u8; 3],
        /// What that may mean.
        hint: &'static str,
    },
    /// The memory is another one.
    #[error("the flash of card {address} has the JEDEC id {id:02x?}, a {board} has {expected}; nothing was written")]
    Jedec {
        /// Card.
        address: String,
        /// What it answers.
        id: [u8; 3],
        /// Board.
        board: &'static str,
        /// Its parts.
        expected: String,
    },
    /// Frames run.
    #[error("the card {address} is at work ({what}): end what drives it, then flash it; nothing was written")]
    Busy {
        /// Card.
        address: String,
        /// What it does.
        what: &'static str,
    },
    /// Somebody else flashes.
    #[error("another debye flashes the card {address} ({}): wait for it to end", path.display())]
    Locked {
        /// Card.
        address: String,
        /// Lock.
        path: PathBuf,
    },
    /// The image does not fit.
    #[error("the image has {bytes} bytes, the slot of a {board} has room for {room}; nothing was written")]
    TooLarge {
        /// Of the image.
        bytes: usize,
        /// Of the slot.
        room: u32,
        /// Board.
        board: &'static str,
    },
    /// A part of the memory is protected.
    #[error(
        "the flash refuses to {what} at {address:#010x}: the place is protected (status register {status:#04x}, bytes \
         {low:#x} to {high:#x}); clear its block protection with the vendor's tool. The guard is {guard}"
    )]
    Protected {
        /// What was tried.
        what: &'static str,
        /// Where.
        address: u32,
        /// Status register.
        status: u8,
        /// First byte that is protected.
        low: u32,
        /// Behind the last.
        high: u32,
        /// State of the guard.
        guard: &'static str,
    },
    /// It does not get done.
    #[error(
        "the flash could not {what} at {address:#010x} in {tries} tries (flag status {flags:#04x}): it is worn or broken. The \
         guard is {guard}, so the card comes up with {comes_up}"
    )]
    Failed {
        /// What was tried.
        what: &'static str,
        /// Where.
        address: u32,
        /// Flag status register.
        flags: u8,
        /// How often.
        tries: u32,
        /// State of the guard.
        guard: &'static str,
        /// What boots.
        comes_up: &'static str,
    },
    /// It does not end.
    #[error(
        "the flash is still busy after {seconds} s ({what} at {address:#010x}): power the card down and up, then `debye flash recover`"
    )]
    Timeout {
        /// What is under way.
        what: &'static str,
        /// Where.
        address: u32,
        /// How long was waited.
        seconds: f64,
    },
    /// What was written does not read back.
    #[error(
        "the flash reads {found:#04x} at {address:#010x} where {wanted:#04x} was written ({count} bytes differ), also after \
         erasing and programming anew: bits are stuck. The guard stays closed: the card comes up with its golden image"
    )]
    Stuck {
        /// First place.
        address: u32,
        /// As read.
        found: u8,
        /// As it should be.
        wanted: u8,
        /// How many bytes.
        count: usize,
    },
    /// The slot does not hold the image.
    #[error(
        "the slot does not hold this image: {count} bytes differ, the first at {address:#010x} ({found:#04x}, the image has {wanted:#04x})"
    )]
    Differs {
        /// First place.
        address: u32,
        /// As read.
        found: u8,
        /// Of the image.
        wanted: u8,
        /// How many bytes.
        count: usize,
    },
    /// The slot says that it holds another image.
    #[error(
        "the slot's record is of the image {found} (SHA-256 {sha256}), not of this one: give that image, or its backup; `debye flash IMAGE` writes this one"
    )]
    OtherImage {
        /// Name in the record.
        found: String,
        /// SHA-256 in the record.
        sha256: String,
    },
    /// There is nothing to recover.
    #[error("nothing to recover: {0}")]
    NothingToRecover(String),
    /// There is nothing to back up.
    #[error("the slot is empty: there is nothing to back up")]
    NothingToBackUp,
    /// The backup could not be written.
    #[error("the backup {} could not be written; nothing was erased", path.display())]
    Backup {
        /// File.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of the lock.
    #[error("{}: the lock could not be taken", path.display())]
    Lock {
        /// File.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Ctrl-C.
    #[error("stopped: the guard is closed, so the card comes up with its golden image; `debye flash recover` goes on")]
    Stopped,
    /// It did not come back.
    #[error("the card {address} did not come back after it was told to boot: a cold reboot is needed")]
    NotBack {
        /// Card.
        address: String,
    },
}
