//! Reading again what was written, and comparing it with the input.

use super::carried::{self, Known};
use super::pieces::{Place, for_each};
use super::walk::{Done, Walk};
use super::{RecodeError, Task};
use crate::source::raw::RawSet;
use hdf5_metno::{File, OpenMode};
use std::path::Path;
use std::sync::Mutex;

impl Walk<'_> {
    /// Reads the output again and compares it with the input.
    pub fn verify(&mut self, input: &File, written: &Path, done: &Done) -> Result<(), RecodeError> {
        let output = File::open_as(written, OpenMode::Read).map_err(self.hdf5("open", "the output"))?;
        self.state.verifying = true;
        let frames = matches!(self.request.task, Task::Compress { frame_chunks: true, .. });
        for set in &done.datasets {
            let path = &set.path;
            let open = |file: &File, frames| {
                let dataset = file.dataset(path).map_err(|error| RecodeError::hdf5("open", path, &error))?;
                RawSet::open(dataset, frames).map_err(|why| RecodeError::Dataset {
                    file: self.request.output.clone(),
                    dataset: path.clone(),
                    why,
                })
            };
            let (mut before, after) = (open(input, frames)?, open(&output, false)?);
            let differs = |offset: &[u64]| RecodeError::Differs { dataset: path.clone(), offset: offset.to_vec() };
            if (&before.dimensions, &before.piece, before.element) != (&after.dimensions, &after.piece, after.element) {
                return Err(differs(&[]));
            }
            let lossy = self.lossy_for(path);
            let undo = after.undo();
            let after = Mutex::new(after);
            let (element, chunk, dimensions) = (before.element, before.piece.clone(), before.dimensions.clone());
            let piece_bytes = before.piece_bytes() as u64;
            let work = |_: &mut (), number, offset: &[u64], pixels: Option<Vec<u8>>| {
                let stored =
                    after.lock().map_err(|_| "a reader was lost")?.read(number).map_err(|error| error.to_string())?;
                let made = stored.map(|piece| undo.pixels(piece)).transpose().map_err(|error| error.to_string())?;
                let expected = pixels.map(|mut pixels| {
                    lossy.apply(element, &dimensions, &chunk, offset, &mut pixels);
                    pixels
                });
                Ok((made == expected).then(Vec::new))
            };
            let place = Place { file: &self.request.input, dataset: path };
            let (state, progress) = (&mut self.state, &mut *self.progress);
            for_each(
                &mut before,
                &place,
                self.request.threads,
                self.stop,
                || Ok(()),
                work,
                |offset, equal| {
                    equal.ok_or_else(|| differs(offset))?;
                    state.done += piece_bytes;
                    progress(*state);
                    Ok(())
                },
            )?;
        }
        let known = Known {
            recoded: &done.datasets,
            left_behind: done.left_behind.iter().map(|note| note.path.as_str()).collect(),
            lossy: done.datasets.iter().any(|set| set.lossy),
        };
        carried::compare(input, &output, &known, self.stop)
    }
}
