//! BLAKE3 of payloads on threads of their own: a card takes chunks faster than one thread hashes them.

use super::FrameJob;
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Most threads: what a link of 16 GB/s needs at 2 GB/s a thread, where instructions are few.
const MOST: usize = 8;

type Digest = [u8; 32];

/// See the module.
#[derive(Debug)]
pub struct Hashing {
    jobs: Option<Sender<(u64, Arc<FrameJob>)>>,
    digests: Receiver<(u64, Digest)>,
    known: HashMap<u64, Digest>,
    workers: Vec<JoinHandle<()>>,
}

impl Hashing {
    /// As many threads as the machine offers, within limits.
    pub fn start() -> Hashing {
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST));
        let (jobs, inbox) = unbounded::<(u64, Arc<FrameJob>)>();
        let (outbox, digests) = unbounded();
        let work = || {
            let (inbox, outbox) = (inbox.clone(), outbox.clone());
            std::thread::spawn(move || {
                for (tag, frame) in inbox {
                    let digest = frame.payload.digest();
                    // The payload may be in memory that others wait for.
                    drop(frame);
                    if outbox.send((tag, digest)).is_err() {
                        return;
                    }
                }
            })
        };
        let workers = (0..threads).map(|_| work()).collect();
        Hashing { jobs: Some(jobs), digests, known: HashMap::new(), workers }
    }

    /// Begins with a frame.
    pub fn begin(&self, tag: u64, frame: Arc<FrameJob>) {
        if let Some(jobs) = &self.jobs {
            // Workers that are gone are found out about in `take`.
            let _ = jobs.send((tag, frame));
        }
    }

    /// The digest of a frame that was begun with; waits for it.
    pub fn take(&mut self, tag: u64, frame: &FrameJob) -> Digest {
        loop {
            if let Some(digest) = self.known.remove(&tag) {
                return digest;
            }
            match self.digests.recv() {
                Ok((tag, digest)) => self.put(tag, digest),
                Err(_) => return frame.payload.digest(),
            }
        }
    }

    /// Keeps a digest for the next time that it is asked for.
    pub fn put(&mut self, tag: u64, digest: Digest) {
        self.known.insert(tag, digest);
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.jobs = None;
        for worker in self.workers.drain(..) {
            // One that broke has nobody left to tell.
            let _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Payload;

    #[test]
    fn digests_asked_for_in_any_order_are_those_of_their_frames() {
        let mut hashing = Hashing::start();
        let bytes = |tag: u64| vec![tag as u8; 100_000 * (tag as usize % 3) + 7];
        let frame = |tag| Arc::new(FrameJob { index: 0, payload: Payload::Bslz4(bytes(tag)) });
        (0..20).for_each(|tag| hashing.begin(tag, frame(tag)));
        for tag in (0..20).rev() {
            let wanted: Digest = blake3::hash(&bytes(tag)).into();
            assert_eq!(hashing.take(tag, &frame(tag)), wanted);
            hashing.put(tag, wanted);
            assert_eq!(hashing.take(tag, &frame(tag)), wanted);
        }
    }
}
