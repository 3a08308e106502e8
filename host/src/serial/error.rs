//! What can be wrong with a card behind a UART, and what to do about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// See the module.
#[derive(Debug, Error)]
pub enum SerialError {
    /// No such file.
    #[error("{path} does not exist: is the board plugged in? `ls /dev/ttyUSB*` shows what there is", path = .0.display())]
    NoTerminal(PathBuf),
    /// The user may not.
    #[error("{path} may not be opened by this user: join the group that owns it (often dialout)", path = .0.display())]
    Permission(PathBuf),
    /// Somebody else has it.
    #[error("{path} is in use: another program has this terminal", path = .0.display())]
    Busy(PathBuf),
    /// Another file.
    #[error("{path} is no terminal", path = .0.display())]
    NotATerminal(PathBuf),
    /// The system cannot do that rate.
    #[error("{path} cannot be set to {baud} baud: {error}", path = .path.display())]
    Baud {
        /// Terminal.
        path: PathBuf,
        /// Asked for.
        baud: u32,
        /// Why.
        error: io::Error,
    },
    /// The terminal went away.
    #[error("{path} is gone: the board was unplugged, or what served it has ended", path = .0.display())]
    Gone(PathBuf),
    /// The system refused something.
    #[error("{path}: {error}", path = .path.display())]
    System {
        /// Terminal.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Nobody answers.
    #[error(
        "nothing answers at {path} ({sent} packets sent in {} s, {damaged} damaged answers): is the image loaded, and is \
         the rate that of the image?",
        .waited.as_secs_f64(), path = .path.display()
    )]
    Silent {
        /// Terminal.
        path: PathBuf,
        /// Packets sent.
        sent: u32,
        /// Answers that came damaged.
        damaged: u32,
        /// How long.
        waited: Duration,
    },
    /// The card says no.
    #[error("the card at {path} refused {what}: {why}", path = .path.display())]
    Refused {
        /// Terminal.
        path: PathBuf,
        /// What was asked for.
        what: &'static str,
        /// Why.
        why: &'static str,
    },
    /// What it says cannot be.
    #[error("the card at {path} breaks the protocol: {what}", path = .path.display())]
    Protocol {
        /// Terminal.
        path: PathBuf,
        /// What came.
        what: String,
    },
    /// Another card, or one of another age.
    #[error(
        "the card at {path} is not for this program: its {what} is {found:#010x}, this program's {expected:#010x}; load \
         the image of this release",
        path = .path.display()
    )]
    Identity {
        /// Terminal.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// Its own.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// It cannot do what is needed.
    #[error("the card at {path} lacks what is needed: {what}", path = .path.display())]
    Capability {
        /// Terminal.
        path: PathBuf,
        /// What.
        what: String,
    },
    /// The table is larger than its memory.
    #[error(
        "the table takes {needed} operations, the card at {path} holds {have}: take a smaller frame (some {} pixels of \
         this type) or split pixels less",
        .have * .pixels_of_op, path = .path.display()
    )]
    TableMemory {
        /// Terminal.
        path: PathBuf,
        /// Operations of the table.
        needed: usize,
        /// Operations that there is room for.
        have: usize,
        /// Pixels that an operation covers.
        pixels_of_op: usize,
    },
    /// No result comes.
    #[error("the card at {path} gave no result for {} s: load the image again, or raise --card-timeout", .waited.as_secs_f64(), path = .path.display())]
    Stuck {
        /// Terminal.
        path: PathBuf,
        /// How long.
        waited: Duration,
    },
}
