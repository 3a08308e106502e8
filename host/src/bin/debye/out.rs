//! Standard output. Nobody reading to the end is no fault; a full disk behind it is, and is told when the command ends:
//! what it did is done by then.

use std::fmt::Arguments;
use std::io::{Error, ErrorKind, Result, Write};
use std::sync::OnceLock;

/// What the system said when it took no more.
static REFUSED: OnceLock<Error> = OnceLock::new();

/// Prints a line on standard output, formatted like `println!`, which would panic when nobody reads.
macro_rules! say {
    ($($arguments:tt)*) => {
        crate::out::line(format_args!($($arguments)*))
    };
}
pub(crate) use say;

/// What [`say!`] does.
pub fn line(arguments: Arguments<'_>) {
    // A line in one piece: what is written beside does not tear it apart.
    keep(std::io::stdout().lock().write_all(format!("{arguments}\n").as_bytes()));
}

/// What standard output did not take, if this is a fault.
pub fn refused() -> Option<&'static Error> {
    keep(std::io::stdout().lock().flush());
    REFUSED.get()
}

fn keep(outcome: Result<()>) {
    match outcome {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => drop(REFUSED.set(error)),
        _ => {}
    }
}
