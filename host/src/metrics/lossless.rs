//! What a lossless codec makes of frames: sizes, rates, and whether the pixels came back.
//!
//! Sizes and proof come from one untimed pass over every frame. Rates come from as many passes over the first frames as the
//! time allows, each way for itself: bytes of pixels by processor time of the threads (a core), and by the clock (all of
//! them together).

use super::codecs::{Codec, CodecError, Coder};
use super::over;
use crate::bench::thread_time;
use debye_spec::Element;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A codec's figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodecFigures {
    /// Its name, with a level that is not the usual one.
    pub codec: String,
    /// Who does it, and the layout.
    pub description: String,
    /// Bytes of pixels.
    pub pixel_bytes: u64,
    /// Bytes of chunks.
    pub stored_bytes: u64,
    /// The one over the other.
    pub ratio: f64,
    /// Bits of a chunk for each pixel.
    pub bits_per_pixel: f64,
    /// Ratio of each frame, in their order.
    pub frame_ratios: Vec<f64>,
    /// Bytes of each frame's chunk.
    pub frame_bytes: Vec<u64>,
    /// Frames whose pixels came back bit for bit.
    pub returned: usize,
    /// CRC-32 of the pixels that came back, all frames in their order.
    pub returned_crc32: String,
    /// Whether all came back.
    pub lossless: bool,
    /// Rates.
    pub timing: Rates,
}

/// Rates in GB of pixels (1e9 bytes) a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Threads that worked at once.
    pub threads: usize,
    /// Encoding, by processor time of one thread.
    pub encode_gb_per_s_core: f64,
    /// Decoding, by processor time of one thread.
    pub decode_gb_per_s_core: f64,
    /// Encoding on all threads, by the clock.
    pub encode_gb_per_s: f64,
    /// Decoding on all threads, by the clock.
    pub decode_gb_per_s: f64,
}

/// Gathers a codec's figures, batch by batch.
pub struct Measurement {
    codec: Codec,
    element: Element,
    threads: usize,
    pixel_bytes: u64,
    frame_bytes: Vec<(u64, usize)>,
    returned: usize,
    crc: crc32fast::Hasher,
    rates: Option<Rates>,
}

/// What the proof of one frame gave.
struct Proof {
    stored: u64,
    crc: crc32fast::Hasher,
    equal: bool,
}

impl Measurement {
    /// Of a codec, with so many threads.
    pub fn new(codec: Codec, element: Element, threads: usize) -> Measurement {
        Measurement {
            codec,
            element,
            threads: threads.max(1),
            pixel_bytes: 0,
            frame_bytes: Vec::new(),
            returned: 0,
            crc: crc32fast::Hasher::new(),
            rates: None,
        }
    }

    /// Codes and decodes frames; the first batch is timed for `time` each way. Gives up early when `stop` is set: the figures
    /// are then of no use.
    ///
    /// # Errors
    /// The codec's library failed.
    pub fn add(&mut self, frames: &[Vec<u8>], time: Duration, stop: &AtomicBool) -> Result<(), CodecError> {
        let failed = |reason| CodecError { codec: self.codec, reason };
        let (next, proofs) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        self.on_threads(|coder| {
            let (mut stored, mut back) = (Vec::new(), Vec::new());
            while let Some((index, frame)) = take(&next, frames, stop) {
                coder.encode(frame, &mut stored)?;
                coder.decode(&stored, frame.len())?;
                back.clear();
                coder.decoded(&mut back);
                let mut crc = crc32fast::Hasher::new();
                crc.update(&back);
                let proof = Proof { stored: stored.len() as u64, crc, equal: back == *frame };
                proofs.lock().map_err(|_| "a thread broke")?.push((index, proof));
            }
            Ok(())
        })?;
        let mut proofs = proofs.into_inner().map_err(|_| failed("a thread broke".into()))?;
        proofs.sort_by_key(|(index, _)| *index);
        for ((_, proof), frame) in proofs.into_iter().zip(frames) {
            self.pixel_bytes += frame.len() as u64;
            self.frame_bytes.push((proof.stored, frame.len()));
            self.returned += usize::from(proof.equal);
            self.crc.combine(&proof.crc);
        }
        if self.rates.is_none() && !frames.is_empty() && !stop.load(Ordering::Relaxed) {
            self.rates = Some(self.time(frames, time, stop)?);
        }
        Ok(())
    }

    fn time(&self, frames: &[Vec<u8>], time: Duration, stop: &AtomicBool) -> Result<Rates, CodecError> {
        let [mut encode, mut decode] = [[0.0; 2]; 2];
        for (decoding, rates) in [(false, &mut encode), (true, &mut decode)] {
            let totals = Mutex::new((0u64, Duration::ZERO));
            let next = AtomicUsize::new(0);
            // Coders and chunks are there before the clock starts.
            let started = Mutex::new(None::<Instant>);
            let ended = Mutex::new(Duration::ZERO);
            self.on_threads(|coder| {
                let (mut stored, mut bytes, mut spent) = (Vec::new(), 0u64, Duration::ZERO);
                coder.encode(&frames[0], &mut stored)?;
                let begin = *started.lock().map_err(|_| "a thread broke")?.get_or_insert_with(Instant::now);
                let mut first = true;
                let mut outside = Duration::ZERO;
                while first || (begin.elapsed() < time + outside && !stop.load(Ordering::Relaxed)) {
                    first = false;
                    let frame = &frames[next.fetch_add(1, Ordering::Relaxed) % frames.len()];
                    if decoding {
                        let before = Instant::now();
                        coder.encode(frame, &mut stored)?;
                        outside += before.elapsed();
                    }
                    let before = thread_time();
                    match decoding {
                        true => coder.decode(&stored, frame.len())?,
                        false => coder.encode(frame, &mut stored)?,
                    }
                    spent += thread_time() - before;
                    bytes += frame.len() as u64;
                }
                let mut totals = totals.lock().map_err(|_| "a thread broke")?;
                totals.0 += bytes;
                totals.1 += spent;
                // Encoding for the decoder is no part of its time by the clock.
                let mut ended = ended.lock().map_err(|_| "a thread broke")?;
                *ended = (*ended).max(begin.elapsed().saturating_sub(outside));
                Ok(())
            })?;
            let lost = |_| CodecError { codec: self.codec, reason: "a thread broke".into() };
            let (bytes, spent) = *totals.lock().map_err(|_| lost(()))?;
            let wall = *ended.lock().map_err(|_| lost(()))?;
            let gigabytes = bytes as f64 / 1e9;
            *rates = [over(gigabytes, spent.as_secs_f64()), over(gigabytes, wall.as_secs_f64())];
        }
        Ok(Rates {
            threads: self.threads,
            encode_gb_per_s_core: encode[0],
            decode_gb_per_s_core: decode[0],
            encode_gb_per_s: encode[1],
            decode_gb_per_s: decode[1],
        })
    }

    /// Runs `work` on each thread, with a coder of its own.
    fn on_threads(&self, work: impl Fn(&mut dyn Coder) -> Result<(), String> + Sync) -> Result<(), CodecError> {
        let failed = |reason| CodecError { codec: self.codec, reason };
        let coders = (0..self.threads).map(|_| self.codec.coder(self.element)).collect::<Result<Vec<_>, _>>()?;
        thread::scope(|scope| {
            let work = &work;
            let workers: Vec<_> = coders.into_iter().map(|mut coder| scope.spawn(move || work(&mut *coder))).collect();
            workers.into_iter().try_for_each(|worker| match worker.join() {
                Ok(done) => done.map_err(failed),
                Err(_) => Err(failed("a thread broke".into())),
            })
        })
    }

    /// The figures of all batches.
    pub fn figures(self) -> CodecFigures {
        let stored: u64 = self.frame_bytes.iter().map(|(stored, _)| stored).sum();
        let pixels = self.pixel_bytes as f64 / self.element.size() as f64;
        CodecFigures {
            codec: self.codec.to_string(),
            description: self.codec.describe(self.element),
            pixel_bytes: self.pixel_bytes,
            stored_bytes: stored,
            ratio: over(self.pixel_bytes as f64, stored as f64),
            bits_per_pixel: over(stored as f64 * 8.0, pixels),
            frame_ratios: self.frame_bytes.iter().map(|&(stored, bytes)| over(bytes as f64, stored as f64)).collect(),
            lossless: self.returned == self.frame_bytes.len(),
            frame_bytes: self.frame_bytes.into_iter().map(|(stored, _)| stored).collect(),
            returned: self.returned,
            returned_crc32: format!("{:08x}", self.crc.finalize()),
            timing: self.rates.unwrap_or_default(),
        }
    }
}

fn take<'a>(next: &AtomicUsize, frames: &'a [Vec<u8>], stop: &AtomicBool) -> Option<(usize, &'a Vec<u8>)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    frames.get(index).filter(|_| !stop.load(Ordering::Relaxed)).map(|frame| (index, frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_batches_are_those_of_all_frames_at_once() {
        let frames: Vec<Vec<u8>> =
            (0..5u32).map(|seed| (0..6000u32).map(|k| ((k * (seed + 3)) >> 7) as u8 % 9).collect()).collect();
        let stop = AtomicBool::new(false);
        let measure = |threads: usize, batch: usize| {
            let mut measurement = Measurement::new(Codec::Bslz4, Element::U16, threads);
            frames.chunks(batch).for_each(|frames| measurement.add(frames, Duration::ZERO, &stop).unwrap());
            CodecFigures { timing: Rates::default(), ..measurement.figures() }
        };
        let whole = measure(1, 5);
        assert_eq!(whole, measure(3, 2));
        assert!(whole.lossless && whole.returned == 5 && whole.ratio > 1.0);
        assert_eq!(whole.returned_crc32, format!("{:08x}", crc32fast::hash(&frames.concat())));
        assert_eq!(whole.frame_bytes.iter().sum::<u64>(), whole.stored_bytes);
    }

    #[test]
    fn rates_are_told_for_both_ways() {
        let frames = vec![vec![3u8; 100_000]; 2];
        let mut measurement = Measurement::new(Codec::Lz4, Element::U32, 2);
        measurement.add(&frames, Duration::from_millis(5), &AtomicBool::new(false)).unwrap();
        let Rates { threads, encode_gb_per_s_core: a, decode_gb_per_s_core: b, encode_gb_per_s: c, decode_gb_per_s: d } =
            measurement.figures().timing;
        assert!(threads == 2 && [a, b, c, d].iter().all(|rate| rate.is_finite() && *rate > 0.0), "{:?}", [a, b, c, d]);
    }
}
