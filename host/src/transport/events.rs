//! Interrupts as file descriptors, and waiting for them.

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;
use vmm_sys_util::eventfd::EventFd;

/// One event descriptor for each vector.
#[derive(Debug, Default)]
pub struct Events {
    events: Vec<EventFd>,
}

impl Events {
    /// So many.
    ///
    /// # Errors
    /// The system has none.
    pub fn new(vectors: u32) -> io::Result<Events> {
        let events = (0..vectors).map(|_| EventFd::new(libc::EFD_NONBLOCK | libc::EFD_CLOEXEC));
        Ok(Events { events: events.collect::<Result<_, _>>()? })
    }

    /// Number of vectors.
    pub fn count(&self) -> u32 {
        self.events.len() as u32
    }

    /// The descriptors.
    pub fn descriptors(&self) -> Vec<RawFd> {
        self.events.iter().map(AsRawFd::as_raw_fd).collect()
    }

    /// The events themselves.
    pub fn all(&self) -> &[EventFd] {
        &self.events
    }

    /// Whether a vector's event came since it was asked last.
    pub fn taken(&self, vector: u32) -> bool {
        self.events.get(vector as usize).is_some_and(|event| event.read().is_ok())
    }

    /// Makes a vector's event come.
    pub fn send(&self, vector: u32) {
        if let Some(event) = self.events.get(vector as usize) {
            // Fails only where 2^64 events wait: it is seen all the same.
            let _ = event.write(1);
        }
    }
}

/// Waits until one of the descriptors is readable or closed; whether one is.
///
/// # Errors
/// The system refuses.
pub fn wait_any(descriptors: &[RawFd], timeout: Duration) -> io::Result<bool> {
    let mut polled: Vec<libc::pollfd> =
        descriptors.iter().map(|&fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 }).collect();
    // Rounded up: a wait of less than a millisecond is none at all.
    let milliseconds = timeout.as_micros().div_ceil(1000).min(i32::MAX as u128) as i32;
    // SAFETY: the array has as many entries as stated.
    let count = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, milliseconds) };
    match count {
        0.. => Ok(count > 0),
        _ => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            error => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_once_and_wake_who_waits() {
        let events = Events::new(2).unwrap();
        assert!(!wait_any(&events.descriptors(), Duration::from_millis(1)).unwrap());
        events.send(1);
        events.send(1);
        events.send(9);
        assert!(wait_any(&events.descriptors(), Duration::from_secs(5)).unwrap());
        assert!(!events.taken(0) && events.taken(1) && !events.taken(1) && !events.taken(9));
    }
}
