//! Frames drawn and encoded by several threads, handed on in order.

use super::error::SimulateError;
use super::frames::FrameMaker;
use crate::codec::encode::{EncodeError, Encoder};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Chunks that each worker may be ahead: memory is bounded by threads x (a frame + these).
const AHEAD: usize = 2;

/// Draws frames 0 to `frames` - 1 and passes their chunks to `take`, in order, on the calling thread. Worker t makes
/// frames t, t + threads, ...: what comes out does not depend on `threads`.
///
/// # Errors
/// [`SimulateError::Encode`], what `take` returns, [`SimulateError::Interrupted`] once `stop` is set.
pub fn produce(
    maker: &FrameMaker,
    frames: usize,
    threads: usize,
    stop: &AtomicBool,
    mut take: impl FnMut(usize, Vec<u8>) -> Result<(), SimulateError>,
) -> Result<(), SimulateError> {
    let threads = threads.clamp(1, frames.max(1));
    thread::scope(|scope| {
        let workers: Vec<Receiver<Result<Vec<u8>, EncodeError>>> = (0..threads)
            .map(|first| {
                let (sender, receiver) = bounded(AHEAD);
                scope.spawn(move || work(maker, (first..frames).step_by(threads), &sender));
                receiver
            })
            .collect();
        // Leaving early drops the receivers: workers then stop at their next chunk.
        for frame in 0..frames {
            if stop.load(Ordering::Relaxed) {
                return Err(SimulateError::Interrupted { done: frame });
            }
            let chunk = workers[frame % threads].recv().map_err(|_| SimulateError::WorkerLost { frame })?;
            take(frame, chunk.map_err(|error| SimulateError::Encode { frame, error })?)?;
        }
        Ok(())
    })
}

fn work(maker: &FrameMaker, numbers: impl Iterator<Item = usize>, sender: &Sender<Result<Vec<u8>, EncodeError>>) {
    let mut encoder = match Encoder::new(maker.element(), None) {
        Ok(encoder) => encoder,
        Err(error) => {
            // Nobody listens any more only when the run has ended already.
            let _ = sender.send(Err(error));
            return;
        }
    };
    let mut pixels = Vec::new();
    for frame in numbers {
        maker.draw(frame, &mut pixels);
        let mut chunk = Vec::new();
        let outcome = encoder.encode(&pixels, &mut chunk).map(|()| chunk);
        let failed = outcome.is_err();
        if sender.send(outcome).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::Element;

    fn chunks(threads: usize) -> Vec<Vec<u8>> {
        let maker = FrameMaker::new(Element::U16, vec![2.5; 5003], vec![], 42).unwrap();
        let mut chunks = Vec::new();
        produce(&maker, 11, threads, &AtomicBool::new(false), |frame, chunk| {
            assert_eq!(frame, chunks.len());
            chunks.push(chunk);
            Ok(())
        })
        .unwrap();
        chunks
    }

    #[test]
    fn produce_any_thread_count_same_chunks() {
        let one = chunks(1);
        assert_eq!(one.len(), 11);
        for threads in [2, 3, 16] {
            assert_eq!(chunks(threads), one, "{threads} threads");
        }
    }

    #[test]
    fn produce_stopped_ends_early() {
        let maker = FrameMaker::new(Element::U8, vec![1.0; 64], vec![], 1).unwrap();
        let stop = AtomicBool::new(false);
        let outcome = produce(&maker, 1000, 2, &stop, |frame, _| {
            stop.store(frame == 4, Ordering::Relaxed);
            Ok(())
        });
        assert!(matches!(outcome, Err(SimulateError::Interrupted { done: 5 })));
    }
}
