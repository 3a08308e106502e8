//! MSI-X vectors as their eventfds.

use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// The vectors of a card; those without an eventfd are disabled.
pub struct Interrupts(Mutex<Vec<Option<File>>>);

impl Interrupts {
    /// So many vectors, all disabled.
    pub fn new(vectors: usize) -> Interrupts {
        Interrupts(Mutex::new((0..vectors).map(|_| None).collect()))
    }

    fn with<T>(&self, act: impl FnOnce(&mut [Option<File>]) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives vectors from `first` on their eventfds; those without one are disabled.
    pub fn set(&self, first: u32, count: u32, eventfds: Vec<File>) {
        let mut eventfds = eventfds.into_iter();
        self.with(|vectors| {
            let range = vectors.iter_mut().skip(first as usize).take(count as usize);
            range.for_each(|vector| *vector = eventfds.next());
        });
    }

    /// Disables all.
    pub fn clear(&self) {
        self.with(|vectors| vectors.fill_with(|| None));
    }

    /// Sends one. A counter that is full has told already.
    pub fn send(&self, vector: u32) {
        self.with(|vectors| {
            if let Some(Some(eventfd)) = vectors.get_mut(vector as usize) {
                eventfd.write_all(&1u64.to_ne_bytes()).ok();
            }
        });
    }
}
