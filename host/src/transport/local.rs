//! A simulated card in this process, on a thread of its own: what a driver's tests need no other process for.

use super::events::{Events, wait_any};
use super::iova::Allocator;
use super::{ALL_ONES, Dma, PciIdentity, Transport, TransportError};
use debye_sim::device::functional::Build;
use debye_sim::device::models::{self, CardKind};
use debye_sim::device::{Device, DmaFault, HostMemory};
use debye_spec::pci;
use debye_spec::ring_map::MAX_QUEUES;
use std::collections::BTreeMap;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

/// Longest sleep of a card that has nothing to do: models may have clocks of their own.
const NAP: Duration = Duration::from_millis(5);

/// See the module.
pub struct Local {
    name: String,
    shared: Arc<Shared>,
    addresses: Allocator,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    device: Mutex<Box<dyn Device>>,
    /// Registers were written: there may be something to do.
    knock: Condvar,
    /// Accesses that wait for the device: its thread steps back for them.
    waiting: AtomicUsize,
    memory: Mapped,
    events: Events,
    stop: AtomicBool,
    gone: AtomicBool,
}

/// Host memory by IOVA.
#[derive(Default)]
struct Mapped(RwLock<BTreeMap<u64, Dma>>);

impl Mapped {
    /// Does `each` with every piece of a range: buffer, place in it, place in the range, bytes. Nothing is done unless
    /// the whole range is mapped.
    fn pieces(
        &self,
        address: u64,
        bytes: usize,
        mut each: impl FnMut(&Dma, usize, usize, usize),
    ) -> Result<(), DmaFault> {
        let fault = DmaFault { address, bytes };
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut pieces = Vec::new();
        let mut done = 0;
        while done < bytes {
            let at = address.checked_add(done as u64).ok_or(fault)?;
            let (start, dma) = map.range(..=at).next_back().ok_or(fault)?;
            let place = (at - start) as usize;
            let count = dma.bytes().checked_sub(place).filter(|&left| left > 0).ok_or(fault)?.min(bytes - done);
            pieces.push((dma, place, done, count));
            done += count;
        }
        pieces.into_iter().for_each(|(dma, place, done, count)| each(dma, place, done, count));
        Ok(())
    }
}

impl HostMemory for Mapped {
    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), DmaFault> {
        let count = bytes.len();
        self.pieces(address, count, |dma, place, done, count| dma.read(place, &mut bytes[done..done + count]))
    }

    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), DmaFault> {
        self.pieces(address, bytes.len(), |dma, place, done, count| {
            // The last word is stored after the rest: calls become visible one after the other.
            let (end, words) = (place + count, count >= 4 && (place + count).is_multiple_of(4));
            let rest = if words { count - 4 } else { count };
            dma.write(place, &bytes[done..done + rest]);
            if let Some(&last) = bytes[done + rest..].first_chunk().filter(|_| words) {
                dma.store(end - 4, u32::from_le_bytes(last));
            }
        })
    }
}

impl Local {
    /// A card of a kind: one lane, one encoder lane.
    ///
    /// # Errors
    /// The model cannot be built.
    pub fn of(kind: CardKind, name: &str) -> Result<Local, TransportError> {
        let device = models::card(kind, Build { encoders: 1, ..Build::default() }).map_err(|error| {
            TransportError::System { address: name.into(), what: "building", error: std::io::Error::other(error) }
        })?;
        Local::new(device, name)
    }

    /// Plugs a card in, under a name.
    ///
    /// # Errors
    /// The system gives no event descriptors.
    pub fn new(device: Box<dyn Device>, name: &str) -> Result<Local, TransportError> {
        let events = Events::new(MAX_QUEUES).map_err(|error| TransportError::System {
            address: name.into(),
            what: "making event descriptors",
            error,
        })?;
        let shared = Arc::new(Shared {
            device: Mutex::new(device),
            knock: Condvar::new(),
            waiting: AtomicUsize::new(0),
            memory: Mapped::default(),
            events,
            stop: AtomicBool::new(false),
            gone: AtomicBool::new(false),
        });
        let thread = std::thread::spawn({
            let shared = shared.clone();
            move || shared.work()
        });
        Ok(Local { name: name.into(), shared, addresses: Allocator::new(&[]), thread: Some(thread) })
    }
}

impl Shared {
    fn device(&self) -> MutexGuard<'_, Box<dyn Device>> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let device = self.device.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        device
    }

    fn work(&self) {
        let mut device = self.device.lock().unwrap_or_else(PoisonError::into_inner);
        while !self.stop.load(Ordering::SeqCst) {
            match device.run(&self.memory, &mut |vector| self.events.send(vector)) {
                Ok(true) if self.waiting.load(Ordering::SeqCst) == 0 => {}
                // Somebody is at the door, or there is nothing to do.
                Ok(more) => {
                    let nap = if more { Duration::from_micros(1) } else { NAP };
                    (device, _) = self.knock.wait_timeout(device, nap).unwrap_or_else(PoisonError::into_inner);
                }
                Err(error) => {
                    tracing::warn!("the simulated card failed: {error}");
                    self.gone.store(true, Ordering::SeqCst);
                    return;
                }
            }
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.knock.notify_all();
        if let Some(thread) = self.thread.take() {
            // A card that broke has nobody left to tell.
            let _ = thread.join();
        }
    }
}

impl Transport for Local {
    fn address(&self) -> String {
        self.name.clone()
    }

    fn identity(&self) -> PciIdentity {
        PciIdentity {
            vendor: pci::VENDOR,
            device: pci::DEVICE,
            subsystem_vendor: pci::SUBSYSTEM_VENDOR,
            subsystem: self.shared.device().subsystem(),
        }
    }

    fn read(&mut self, offset: u32) -> u32 {
        if self.is_gone() { ALL_ONES } else { self.shared.device().read(offset) }
    }

    fn write(&mut self, offset: u32, value: u32) {
        if !self.is_gone() {
            self.shared.device().write(offset, value);
            self.shared.knock.notify_all();
        }
    }

    fn map(&mut self, bytes: usize) -> Result<Dma, TransportError> {
        let iova = self.addresses.take(bytes as u64).ok_or(TransportError::Addresses { bytes })?;
        let dma = Dma::allocate(bytes, iova, None)?;
        self.shared.memory.0.write().unwrap_or_else(PoisonError::into_inner).insert(iova, dma.clone());
        Ok(dma)
    }

    fn unmap(&mut self, dma: &Dma) -> Result<(), TransportError> {
        let iova = dma.iova();
        let removed = self.shared.memory.0.write().unwrap_or_else(PoisonError::into_inner).remove(&iova);
        removed.ok_or(TransportError::NotMapped { iova })?;
        self.addresses.give_back(iova);
        Ok(())
    }

    fn vectors(&self) -> u32 {
        self.shared.events.count()
    }

    fn signals(&self) -> Vec<RawFd> {
        self.shared.events.descriptors()
    }

    fn wait(&mut self, vector: u32, timeout: Duration) -> Result<bool, TransportError> {
        let descriptors = self.signals();
        let Some(&event) = descriptors.get(vector as usize) else {
            return Err(TransportError::Vector { vector, vectors: self.vectors() });
        };
        if self.shared.events.taken(vector) {
            return Ok(true);
        }
        wait_any(&[event], timeout).map_err(|error| TransportError::System {
            address: self.address(),
            what: "waiting for an interrupt",
            error,
        })?;
        Ok(self.shared.events.taken(vector))
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.shared.device().reset();
        Ok(())
    }

    fn is_gone(&self) -> bool {
        self.shared.gone.load(Ordering::SeqCst)
    }

    fn give_up(&mut self) {
        self.shared.gone.store(true, Ordering::SeqCst);
    }
}
