//! One flasher of a card at a time.

use super::FlashError;
use std::env;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a lock is waited for.
const PATIENCE: Duration = Duration::from_millis(400);

/// Held while a card is flashed; the end of the process gives it back.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a card's address.
    ///
    /// # Errors
    /// Another process has it, or its file cannot be made.
    pub fn take(address: &str) -> Result<Lock, FlashError> {
        let name: String = address.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let shared = PathBuf::from("/run/lock");
        let folder = if shared.is_dir() { shared } else { env::temp_dir() };
        let path = folder.join(format!("debye-flash-{name}.lock"));
        let refused = |source| FlashError::Lock { path: path.clone(), source };
        // The file stays: removing it would let two processes each hold a lock of that name.
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(refused)?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                // A process that has just ended may have a child that is about to start another program: a moment's wait.
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => std::thread::sleep(PATIENCE / 20),
                Err(TryLockError::WouldBlock) => return Err(FlashError::Locked { address: address.into(), path }),
                Err(TryLockError::Error(error)) => return Err(refused(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_held_by_one_is_refused_to_another_until_it_ends() {
        let name = format!("test:{}", std::process::id());
        let held = Lock::take(&name).unwrap();
        assert!(matches!(Lock::take(&name), Err(FlashError::Locked { .. })));
        Lock::take("test:another").unwrap();
        drop(held);
        Lock::take(&name).unwrap();
    }
}
