//! Cards that encode, for threads that need chunks: each hands in pixels and waits for what becomes of them. The cards
//! are driven by a thread of their own.
//!
//! A card makes the bytes that the CPU makes, so whoever waits is not told who did it: pixels that no card takes, or that
//! a card had when it died, come back for the CPU.

mod work;

use super::EngineError;
use crate::card::{Card, CardError, Driver, DriverConfig, Tally};
use crate::codec::encode::{Codec, EncodeError, Encoder};
use crossbeam_channel::{Sender, bounded, unbounded};
use debye_spec::Element;
use debye_spec::encode_wire::EncodeRequest;
use debye_spec::rings::MAX_JOB_BYTES;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use work::{Answer, Job, Worker};

pub use super::card::OnDeath;

/// What is known of the cards' work so far.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Chunks that cards made.
    pub made: u64,
    /// Pieces that cards refused: the CPU encoded them.
    pub refused: u64,
    /// Why cards were dropped.
    pub dropped: Vec<String>,
    /// Why there is no going on.
    pub failed: Option<String>,
    /// What was counted, of cards that are gone and, at the end, of all.
    pub tallies: Vec<Tally>,
}

/// See the module.
#[derive(Debug)]
pub struct EncodeCards {
    jobs: Option<Sender<Job>>,
    told: Arc<Mutex<Told>>,
    thread: Option<JoinHandle<()>>,
    description: String,
    block_bytes: usize,
    elements: Vec<Element>,
    wanted: usize,
}

fn lock(told: &Mutex<Told>) -> MutexGuard<'_, Told> {
    // Whoever panics does so between two changes, not within one.
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EncodeCards {
    /// Drives cards that were opened.
    ///
    /// # Errors
    /// A card does not encode, cannot be started, or its blocks are not those of the others.
    pub fn start(cards: Vec<Card>, config: DriverConfig, on_death: OnDeath) -> Result<EncodeCards, CardError> {
        let mut block = None;
        let mut wanted = 0;
        for card in &cards {
            let lack = |what: String| CardError::Capability { address: card.address(), what };
            let encodes = card.encodes.ok_or_else(|| lack("an encoder (its gateware has no encoder lanes)".into()))?;
            let bytes = 1usize << encodes.block_log2;
            if *block.get_or_insert(bytes) != bytes {
                return Err(lack(format!("blocks of {} bytes as the other cards have", block.unwrap_or(bytes))));
            }
            wanted += 2 * encodes.lanes as usize;
        }
        let elements = Element::ALL.into_iter();
        let elements = elements.filter(|&element| cards.iter().all(|card| card.capabilities.takes(element))).collect();
        let description = cards.iter().map(describe).collect::<Vec<_>>().join("; ");
        let drivers = cards.into_iter().map(|card| Driver::new(card, config)).collect::<Result<Vec<_>, _>>()?;
        let (jobs, inbox) = unbounded();
        let told = Arc::new(Mutex::new(Told::default()));
        let worker = Worker::new(drivers, config, matches!(on_death, OnDeath::Fail), told.clone());
        let thread = Some(std::thread::spawn(move || worker.run(&inbox)));
        let block_bytes = block.unwrap_or(debye_spec::encode::DEFAULT_BLOCK_BYTES);
        Ok(EncodeCards { jobs: Some(jobs), told, thread, description, block_bytes, elements, wanted })
    }

    /// One line: which cards.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// Pieces that should be under way for the cards to have work.
    pub fn wanted(&self) -> usize {
        self.wanted
    }

    /// Whether the cards can make those chunks; if not, why.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn takes(&self, codec: Codec, element: Element, block_bytes: usize, pixel_bytes: usize) -> Result<(), String> {
        let most = MAX_JOB_BYTES as usize;
        if codec != Codec::Debye {
            return Err(format!("a card makes the chunks of --codec debye, not those of {}", codec.name()));
        }
        if block_bytes != self.block_bytes {
            let own = self.block_bytes;
            return Err(format!("the card makes blocks of {own} bytes, asked for are blocks of {block_bytes} bytes"));
        }
        if !self.elements.contains(&element) {
            return Err(format!("a card was built without {} pixels", element.name()));
        }
        if pixel_bytes > most {
            return Err(format!("a chunk has {pixel_bytes} bytes of pixels, a card takes {most}"));
        }
        Ok(())
    }

    /// What became of the work so far.
    pub fn told(&self) -> Told {
        lock(&self.told).clone()
    }

    /// The chunk of pixels, of which those below the threshold become 0; `None` where the CPU is to encode them.
    ///
    /// # Errors
    /// A card died and that ends the work.
    pub fn encode(
        &self,
        element: Element,
        pixels: &Arc<Vec<u8>>,
        threshold: u32,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let (reply, answer) = bounded(1);
        let stopped = |reason: String| EngineError::Stopped { engine: "card".into(), reason };
        let lost = || stopped("the thread that drives the cards is gone; please report this".into());
        let jobs = self.jobs.as_ref().ok_or_else(lost)?;
        jobs.send(Job { element, pixels: pixels.clone(), threshold, reply }).map_err(|_| lost())?;
        match answer.recv().map_err(|_| lost())? {
            Answer::Made(chunk) => Ok(Some(chunk)),
            Answer::Back => Ok(None),
            Answer::Failed(reason) => Err(stopped(reason)),
        }
    }

    /// Ends the cards' work and says what it was.
    pub fn finish(mut self) -> Told {
        self.end();
        self.told()
    }

    fn end(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // One that broke has nobody left to tell.
            let _ = thread.join();
        }
    }
}

impl Drop for EncodeCards {
    fn drop(&mut self) {
        self.end();
    }
}

fn describe(card: &Card) -> String {
    let (lanes, block) = card.encodes.map_or((0, 0), |encodes| (encodes.lanes, 1u64 << encodes.block_log2));
    let lanes = if lanes == 1 { "1 encoder lane".into() } else { format!("{lanes} encoder lanes") };
    format!("card {}, {lanes}, blocks of {block} bytes, build {:08x}", card.address(), card.build)
}

/// Makes chunks of one pixel type: by cards where there are some, else on the CPU.
pub struct Chunker<'a> {
    cards: Option<&'a EncodeCards>,
    element: Element,
    threshold: u32,
    cpu: Encoder,
}

impl<'a> Chunker<'a> {
    /// On the CPU, with cards before it if they are given.
    ///
    /// # Errors
    /// As [`Encoder::with_codec`].
    pub fn new(
        cards: Option<&'a EncodeCards>,
        element: Element,
        block: Option<usize>,
        codec: Codec,
    ) -> Result<Chunker<'a>, EncodeError> {
        Ok(Chunker { cards, element, threshold: 0, cpu: Encoder::with_codec(element, block, codec)? })
    }

    /// Makes 0 of the pixels below a threshold first, as a card does: see [`EncodeRequest::threshold`].
    pub fn with_threshold(self, threshold: u32) -> Chunker<'a> {
        Chunker { threshold, ..self }
    }

    /// The chunk of pixels.
    ///
    /// # Errors
    /// A card died and that ends the work, or the pixels cannot be encoded: a sentence for people.
    pub fn encode(&mut self, pixels: Vec<u8>) -> Result<Vec<u8>, String> {
        let mut pixels = Arc::new(pixels);
        if let Some(cards) = self.cards
            && let Some(chunk) =
                cards.encode(self.element, &pixels, self.threshold).map_err(|error| error.to_string())?
        {
            return Ok(chunk);
        }
        if self.threshold > 0 {
            let request =
                EncodeRequest { handle: 0, sequence: 0, element: self.element, pixels: 0, threshold: self.threshold };
            request.cut(Arc::<Vec<u8>>::make_mut(&mut pixels));
        }
        let mut chunk = Vec::new();
        self.cpu.encode(&pixels, &mut chunk).map_err(|error| error.to_string())?;
        Ok(chunk)
    }
}
