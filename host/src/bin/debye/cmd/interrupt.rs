//! Ctrl-C (or SIGTERM, as batch systems send it): the first asks the run to finish what is done, the second ends the process at once.

use std::sync::atomic::{AtomicBool, Ordering};

static STOP: AtomicBool = AtomicBool::new(false);

/// The flag that Ctrl-C and SIGTERM set from now on.
///
/// # Errors
/// The handler could not be installed.
pub fn flag() -> Result<&'static AtomicBool, ctrlc::Error> {
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(super::INTERRUPTED.into());
        }
        eprintln!("\nstopping: finishing what is done (Ctrl-C again to give up at once)");
    })?;
    Ok(&STOP)
}
