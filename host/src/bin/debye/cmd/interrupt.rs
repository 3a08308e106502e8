//! Ctrl-C (or SIGTERM, as batch systems send it): the first asks the run to finish what is done, the second ends the process at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static STOP: AtomicBool = AtomicBool::new(false);
static FIRST: OnceLock<Instant> = OnceLock::new();

/// Who sends a signal to a process and to its group (as `timeout` and batch systems do) sends it twice, and means one.
const TWICE: Duration = Duration::from_millis(300);

/// The flag that Ctrl-C and SIGTERM set from now on.
///
/// # Errors
/// The handler could not be installed.
pub fn flag() -> Result<&'static AtomicBool, ctrlc::Error> {
    ctrlc::set_handler(|| {
        let first = *FIRST.get_or_init(Instant::now);
        if STOP.swap(true, Ordering::Relaxed) {
            if first.elapsed() > TWICE {
                std::process::exit(super::INTERRUPTED.into());
            }
            return;
        }
        eprintln!("\nstopping: finishing what is done (Ctrl-C again to give up at once)");
    })?;
    Ok(&STOP)
}
