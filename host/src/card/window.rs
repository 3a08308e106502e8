//! A card has one driver at a time. The driver lets others look: whoever connects to a socket of the card's name gets
//! the card's counters, as one line of JSON.

use super::Snapshot;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::time::{Duration, Instant};

/// How often the driver looks whether somebody asks.
const PERIOD: Duration = Duration::from_millis(20);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// More than any answer.
const MOST_BYTES: u64 = 1 << 20;

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Lanes of the card.
    pub lanes: u32,
    /// Its counters.
    pub snapshot: Snapshot,
    /// Process that drives it.
    pub process: u32,
}

/// The driver's side.
#[derive(Debug)]
pub struct Window {
    listener: UnixListener,
    looked: Instant,
}

/// A name without a file, which goes with the process.
fn name(address: &str) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("debye-card/{address}"))
}

impl Window {
    /// Opens a window for the card; `None` where the system gives none (another process has it, or there is a limit):
    /// the card is driven all the same.
    pub fn open(address: &str) -> Option<Window> {
        let listener = UnixListener::bind_addr(&name(address).ok()?).ok()?;
        listener.set_nonblocking(true).ok()?;
        Some(Window { listener, looked: Instant::now() })
    }

    /// Somebody who asks, now and then.
    pub fn asked(&mut self) -> Option<UnixStream> {
        if self.looked.elapsed() < PERIOD {
            return None;
        }
        self.looked = Instant::now();
        self.listener.accept().ok().map(|(stream, _)| stream)
    }
}

/// Answers. Whoever does not read is not waited for.
pub fn tell(mut stream: UnixStream, view: &View) {
    if let Ok(line) = serde_json::to_string(view) {
        // A socket's buffer is larger than any view; who has gone needs no answer.
        let _ = stream.set_nonblocking(true).and_then(|()| stream.write_all(line.as_bytes()));
    }
}

/// What the driver of a card tells; `None` if nobody drives it, or does not answer.
pub fn ask(address: &str) -> Option<View> {
    let stream = UnixStream::connect_addr(&name(address).ok()?).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut text = String::new();
    stream.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_whoever_asks_is_told_and_nobody_else_drives() {
        let address = format!("test:{}", std::process::id());
        assert_eq!(ask(&address), None);
        let mut window = Window::open(&address).unwrap();
        assert!(Window::open(&address).is_none());
        let view = View { lanes: 3, snapshot: Snapshot { frames_done: 7, ..Snapshot::default() }, process: 1 };
        let asking = std::thread::spawn({
            let address = address.clone();
            move || ask(&address)
        });
        let stream = loop {
            if let Some(stream) = window.asked() {
                break stream;
            }
        };
        tell(stream, &view);
        assert_eq!(asking.join().unwrap(), Some(view));
        drop(window);
        assert_eq!(ask(&address), None);
    }
}
