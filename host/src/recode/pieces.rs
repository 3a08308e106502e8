//! The pieces of one data set: read by one thread, worked on by several, taken in order. Memory is bounded by the tickets:
//! a piece is read only when there is one for it.

use super::RecodeError;
use crate::source::raw::{Piece, RawSet};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Pieces under way for each worker.
const TICKETS: usize = 3;

/// Whose pieces they are, for messages.
pub(super) struct Place<'a> {
    pub file: &'a Path,
    pub dataset: &'a str,
}

/// What a worker makes of a piece, or why not.
pub(super) type Outcome = Result<Option<Vec<u8>>, String>;

type Read = (u64, Result<Option<Piece>, String>);

/// Hands every piece of `set` to `work` (its number, first element, pixels; `None` for one that was never written), on
/// `threads` threads, and what that makes to `take`, in order. `make` makes each thread's own state.
pub(super) fn for_each<S>(
    set: &mut RawSet,
    place: &Place<'_>,
    threads: usize,
    stop: &AtomicBool,
    make: impl Fn() -> Result<S, RecodeError>,
    work: impl Fn(&mut S, u64, &[u64], Option<Vec<u8>>) -> Outcome + Sync,
    mut take: impl FnMut(&[u64], Option<Vec<u8>>) -> Result<(), RecodeError>,
) -> Result<(), RecodeError>
where
    S: Send,
{
    let threads = threads.max(1);
    let undo = set.undo();
    let grid = set.grid();
    let pieces = grid.pieces();
    let states = (0..threads).map(|_| make()).collect::<Result<Vec<S>, _>>()?;
    thread::scope(|scope| {
        // Leaving early drops this end: the reader then finds no ticket, and the workers nothing to do.
        let (tickets, have_ticket) = bounded::<()>(TICKETS * threads);
        for _ in 0..TICKETS * threads {
            // As many as the channel takes.
            let _ = tickets.send(());
        }
        let (to_work, work_in) = bounded::<Read>(threads);
        let (to_take, taken) = unbounded::<(u64, Outcome)>();
        scope.spawn(move || read(set, pieces, &have_ticket, &to_work));
        for mut state in states {
            let (work_in, to_take, undo) = (work_in.clone(), to_take.clone(), undo.clone());
            let (work, grid) = (&work, &grid);
            scope.spawn(move || {
                for (number, piece) in work_in {
                    let pixels = piece.and_then(|piece| {
                        piece.map(|piece| undo.pixels(piece).map_err(|error| error.to_string())).transpose()
                    });
                    let made = pixels.and_then(|pixels| work(&mut state, number, &grid.at(number), pixels));
                    if to_take.send((number, made)).is_err() {
                        return;
                    }
                }
            });
        }
        drop((work_in, to_take));
        let mut early = BTreeMap::new();
        for number in 0..pieces {
            let made = loop {
                if stop.load(Ordering::Relaxed) {
                    return Err(RecodeError::Interrupted);
                }
                if let Some(made) = early.remove(&number) {
                    break made;
                }
                let lost = |_| RecodeError::WorkerLost { dataset: place.dataset.into(), chunk: number };
                let (other, made) = taken.recv().map_err(lost)?;
                early.insert(other, made);
            };
            let offset = grid.at(number);
            let made = made.map_err(|what| RecodeError::Chunk {
                file: place.file.into(),
                dataset: place.dataset.into(),
                offset: offset.clone(),
                what,
            })?;
            take(&offset, made)?;
            // The reader may have read all there is.
            let _ = tickets.try_send(());
        }
        Ok(())
    })
}

fn read(set: &mut RawSet, pieces: u64, tickets: &Receiver<()>, to_work: &Sender<Read>) {
    for number in 0..pieces {
        if tickets.recv().is_err() {
            return;
        }
        let piece = set.read(number).map_err(|error| error.to_string());
        if to_work.send((number, piece)).is_err() {
            return;
        }
    }
}
