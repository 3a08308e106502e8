//! One data set of the input: whether it is recoded, and how it is written anew.

use super::pieces::{Place, for_each};
use super::record::check_thresholds;
use super::target::Target;
use super::walk::{Done, Named, Walk};
use super::{Lossy, RecodeError, Recoded, Task, Threshold, ratio};
use crate::codec::encode::{Codec, Encoder};
use crate::engine::encode::{Chunker, EncodeCards};
use crate::put;
use crate::source::raw::RawSet;
use hdf5_metno::{Dataset, Group};

/// Data sets of fewer bytes are copied as they are.
const SMALLEST: u64 = 4096;

/// Most threads that wait for cards, beside those that were asked for.
const MOST_WAITING: usize = 32;

impl<'a> Walk<'a> {
    /// The data set, if it is to be recoded; else why not.
    pub(super) fn opened(&self, dataset: &Dataset, path: &str) -> Result<RawSet, String> {
        if !self.asked.is_empty() && !is_among(&self.asked, path) {
            return Err("it was not asked for".into());
        }
        let frames = matches!(self.request.task, Task::Compress { frame_chunks: true, .. });
        let set = RawSet::open(dataset.clone(), frames)?;
        match self.request.task {
            Task::Decompress if !set.is_bslz4 => return Err("it is not bslz4".into()),
            Task::Decompress => {}
            Task::Compress { recompress: false, .. } if set.is_bslz4 && !is_among(&self.frames, path) => {
                return Err("it is bslz4 already (--recompress does it again)".into());
            }
            Task::Compress { .. } if set.bytes() < SMALLEST => return Err("it is small".into()),
            Task::Compress { .. } => {}
        }
        Ok(set)
    }

    /// Writes one data set anew.
    pub(super) fn recode(
        &mut self,
        mut set: RawSet,
        dataset: &Dataset,
        to: &Group,
        name: &str,
        path: &str,
        done: &mut Done,
    ) -> Result<Recoded, RecodeError> {
        let (element, chunk) = (set.element, set.piece.clone());
        let block = match &self.request.task {
            Task::Compress { block, .. } => Some(block.unwrap_or(0) as u32),
            Task::Decompress => None,
        };
        let lossy = self.lossy_for(path);
        check_thresholds(lossy, path, &set.dimensions)?;
        let (target, waiting) =
            Target::create(to, name, dataset, element, &chunk, block).map_err(self.hdf5("make", path))?;
        let made = to.dataset(name).map_err(self.hdf5("open", path))?;
        self.wait(dataset, &made, path, waiting);
        if !lossy.is_none() {
            put::text_attribute(&made, "debye_lossy", &lossy.describe()).map_err(self.hdf5("write to", path))?;
        }
        let (mut chunks, mut stored) = (0, 0);
        let place = Place { file: &self.request.input, dataset: path };
        let dimensions = set.dimensions.clone();
        let piece_bytes = set.piece_bytes() as u64;
        let task = &self.request.task;
        let cards = match task {
            Task::Compress { codec, block, .. } => self.cards_for(path, &set, *codec, *block, done)?,
            Task::Decompress => None,
        };
        let of_card = cards.and(lossy.for_card(element));
        let make = || match task {
            Task::Compress { codec, block, .. } => {
                let chunker = Chunker::new(cards, element, *block, *codec)?;
                Ok(Some(chunker.with_threshold(of_card.unwrap_or(0))))
            }
            Task::Decompress => Ok(None),
        };
        let work = |chunker: &mut Option<Chunker<'_>>, _, offset: &[u64], pixels: Option<Vec<u8>>| {
            let Some(mut pixels) = pixels else { return Ok(None) };
            if of_card.is_none() {
                lossy.apply(element, &dimensions, &chunk, offset, &mut pixels);
            }
            let Some(chunker) = chunker else { return Ok(Some(pixels)) };
            chunker.encode(pixels).map(Some)
        };
        // Those that wait for a card leave their processors to others.
        let threads = self.request.threads + cards.map_or(0, |cards| cards.wanted().min(MOST_WAITING));
        let (state, progress) = (&mut self.state, &mut *self.progress);
        let walked = for_each(&mut set, &place, threads, self.stop, make, work, |offset, made| {
            if let Some(made) = made {
                target.write(offset, &made).map_err(|error| RecodeError::hdf5("write", path, &error))?;
                chunks += 1;
                stored += made.len() as u64;
                state.stored += made.len() as u64;
            }
            state.done += piece_bytes;
            progress(*state);
            Ok(())
        });
        if let (Err(_), Some(reason)) = (&walked, cards.and_then(|cards| cards.told().failed)) {
            return Err(RecodeError::Card(reason));
        }
        walked?;
        Ok(Recoded {
            path: path.into(),
            dtype: element.name(),
            pixel_bytes: set.bytes(),
            stored_before: set.stored_bytes(),
            stored_after: stored,
            ratio: ratio(set.bytes(), stored),
            dimensions: dimensions.clone(),
            chunk: chunk.clone(),
            chunks,
            lossy: !lossy.is_none(),
        })
    }

    /// The cards, if there are some and they can make the data set's chunks.
    fn cards_for(
        &self,
        path: &str,
        set: &RawSet,
        codec: Codec,
        block: Option<usize>,
        done: &mut Done,
    ) -> Result<Option<&'a EncodeCards>, RecodeError> {
        let Some(cards) = &self.request.cards else { return Ok(None) };
        let block_bytes = Encoder::with_codec(set.element, block, codec)?.block_bytes();
        match cards.cards.takes(codec, set.element, block_bytes, set.piece_bytes()) {
            Ok(()) => Ok(Some(&*cards.cards)),
            Err(why) if cards.only => Err(RecodeError::Unfit { dataset: path.into(), why }),
            Err(why) => {
                done.by_cpu.push(format!("{path} was done by the CPU: {why}"));
                Ok(None)
            }
        }
    }

    pub(super) fn lossy_for(&self, path: &str) -> &'a Lossy {
        static NONE: Lossy = Lossy { threshold: Threshold::None, step: None };
        match &self.request.task {
            Task::Compress { lossy, .. } if is_among(&self.frames, path) => lossy,
            _ => &NONE,
        }
    }
}

fn is_among(named: &[Named], path: &str) -> bool {
    named.iter().any(|(_, known)| known == path)
}
