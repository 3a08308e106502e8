//! The thread on which a card works.

use super::interrupts::Interrupts;
use super::mappings::Mappings;
use crate::device::Device;
use crate::model::ModelError;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// What worker and server share.
pub struct Shared {
    state: Mutex<State>,
    bell: Condvar,
    /// Accesses that wait for the card: it lets them pass between two pieces of work.
    waiting: AtomicUsize,
    /// Host memory.
    pub memory: Mappings,
    /// Vectors.
    pub interrupts: Interrupts,
}

struct State {
    device: Box<dyn Device>,
    /// There is something to do.
    awake: bool,
    ends: bool,
    failed: Option<ModelError>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An access to the card, between two pieces of its work. `None`: the card is gone.
    pub fn access<T>(&self, wake: bool, act: impl FnOnce(&mut dyn Device) -> T) -> Option<T> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let mut state = self.lock();
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        if state.failed.is_some() || !state.device.present() {
            return None;
        }
        let done = act(&mut *state.device);
        if wake {
            state.awake = true;
            self.bell.notify_one();
        }
        Some(done)
    }

    /// As after power-on, even of a card that was gone; says why the model failed, if it did.
    pub fn power_cycle(&self) -> Result<(), ModelError> {
        let mut state = self.lock();
        state.device.power_cycle();
        state.awake = false;
        state.failed.take().map_or(Ok(()), Err)
    }

    fn work(&self) {
        let mut state = self.lock();
        while !state.ends {
            if !state.awake || state.failed.is_some() {
                state = self.bell.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            match state.device.run(&self.memory, &mut |vector| self.interrupts.send(vector)) {
                Ok(more) => state.awake = more,
                Err(error) => state.failed = Some(error),
            }
            if self.waiting.load(Ordering::Relaxed) > 0 {
                drop(state);
                // A lock that is taken again at once would leave the others waiting.
                while self.waiting.load(Ordering::Relaxed) > 0 {
                    thread::yield_now();
                }
                state = self.lock();
            }
        }
    }
}

/// See the module; ends when it is dropped.
pub struct Worker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts a card with so many vectors.
    pub fn start(device: Box<dyn Device>, vectors: usize) -> io::Result<Worker> {
        let state = State { device, awake: false, ends: false, failed: None };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            bell: Condvar::new(),
            waiting: AtomicUsize::new(0),
            memory: Mappings::default(),
            interrupts: Interrupts::new(vectors),
        });
        let works = shared.clone();
        let thread = thread::Builder::new().name("card".into()).spawn(move || works.work())?;
        Ok(Worker { shared, thread: Some(thread) })
    }

    /// What it shares.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.lock().ends = true;
        self.shared.bell.notify_one();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
