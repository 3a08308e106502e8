//! A card: what it is, and the driver that keeps it busy.
//!
//! ```text
//! Card (identity, capabilities, counters)  ->  Driver (queues, pinned memory, recovery)  ->  Self-test, engine
//! ```
//!
//! Frames are handed to the driver as chunks with a tag; what became of each comes back once, whatever the card does.

mod arena;
mod collect;
pub mod completion;
mod counters;
mod driver;
mod encode;
mod error;
pub mod fleet;
mod fuse;
mod jobs;
mod queue;
mod recovery;
pub mod registers;
pub mod selftest;
mod submit;
mod window;

pub use counters::{Snapshot, Tally};
pub use driver::{Chunk, Done, Driver, DriverConfig, FrameOrder, Reply};
pub use encode::EncodeOrder;
pub use error::CardError;
pub use window::{View, ask};

use crate::transport::{ALL_ONES, CardAddress, PciIdentity, Transport, open};
use debye_spec::registers as map;
use debye_spec::registers::Capabilities;
use debye_spec::ring_map::{EncodeCapabilities, MAX_QUEUES, RingCapabilities};
use debye_spec::rings::{Kind, kind_bit};
use registers::{
    BUILD, CAPABILITIES, ENCODE_CAPABILITIES, IDENTITY, MAP_HASH, MAP_VERSION, MAX_BINS, RING_CAPABILITIES,
};
use std::os::fd::RawFd;

/// A card whose identity and versions were checked.
pub struct Card {
    transport: Box<dyn Transport>,
    /// Stamp of its build.
    pub build: u32,
    /// What the core was built with.
    pub capabilities: Capabilities,
    /// What the ring engine was built with.
    pub rings: RingCapabilities,
    /// How it encodes, if it does.
    pub encodes: Option<EncodeCapabilities>,
    /// Whether it encodes and integrates a raw frame in one pass.
    pub fuses: bool,
}

impl Card {
    /// Opens the card at an address.
    ///
    /// # Errors
    /// [`CardError`]: it cannot be reached, is no card, or not of this version.
    pub fn open(address: &CardAddress) -> Result<Card, CardError> {
        Card::new(open(address)?)
    }

    /// Takes a card that was reached. Nothing is written.
    ///
    /// # Errors
    /// As [`Card::open`].
    pub fn new(mut transport: Box<dyn Transport>) -> Result<Card, CardError> {
        let address = transport.address();
        let identity = transport.read(IDENTITY.offset);
        if identity == ALL_ONES {
            let reason = "its registers read as all ones".into();
            return Err(CardError::Gone { address, reason });
        }
        if identity != map::IDENTITY {
            return Err(CardError::Identity { address, found: identity, expected: map::IDENTITY });
        }
        let version = transport.read(MAP_VERSION.offset);
        if version != map::MAP_VERSION {
            return Err(CardError::MapVersion { address, found: version, expected: map::MAP_VERSION });
        }
        let (hash, expected) = (transport.read(MAP_HASH.offset), map::map_hash());
        if hash != expected {
            return Err(CardError::MapHash { address, found: hash, expected });
        }
        let build = transport.read(BUILD.offset);
        let capabilities =
            Capabilities::from_registers(transport.read(CAPABILITIES.offset), transport.read(MAX_BINS.offset));
        let rings = RingCapabilities::from_register(transport.read(RING_CAPABILITIES.offset));
        let encodes = (rings.kinds & kind_bit(Kind::Encode) != 0)
            .then(|| EncodeCapabilities::from_register(transport.read(ENCODE_CAPABILITIES.offset)));
        let fuses = encodes.is_some() && rings.kinds & kind_bit(Kind::Fuse) != 0;
        let card = Card { transport, build, capabilities, rings, encodes, fuses };
        card.check()?;
        Ok(card)
    }

    /// Refuses what no driver could work with.
    fn check(&self) -> Result<(), CardError> {
        let lack = |what: String| Err(CardError::Capability { address: self.address(), what });
        let RingCapabilities { queues, flights_log2, kinds, memory_log2 } = self.rings;
        if queues == 0 || queues > MAX_QUEUES {
            return lack(format!("1 to {MAX_QUEUES} queues (it has {queues})"));
        }
        if flights_log2 > completion::SLOT_BITS {
            return lack(format!("a number of frames in flight that is possible (it says 2^{flights_log2})"));
        }
        for kind in [Kind::Integrate, Kind::Upload] {
            if kinds & kind_bit(kind) == 0 {
                return lack(format!("submissions of kind {kind:?}"));
            }
        }
        if memory_log2 < 12 {
            return lack(format!("table memory (it says 2^{memory_log2} bytes)"));
        }
        let Capabilities { lanes, block_log2, max_bins, .. } = self.capabilities;
        if lanes == 0 || lanes > map::MAX_LANES || max_bins == 0 || !(3..=24).contains(&block_log2) {
            return lack(format!("a sound core (lanes {lanes}, bins {max_bins}, blocks of 2^{block_log2} bytes)"));
        }
        // The room that is asked for a chunk is for blocks of 1 KiB and more.
        if let Some(EncodeCapabilities { lanes, block_log2 }) = self.encodes
            && (lanes == 0 || !(10..=24).contains(&block_log2))
        {
            return lack(format!("a sound encoder (lanes {lanes}, blocks of 2^{block_log2} bytes)"));
        }
        Ok(())
    }

    /// Its address.
    pub fn address(&self) -> String {
        self.transport.address()
    }

    /// What its configuration space says.
    pub fn identity(&self) -> PciIdentity {
        self.transport.identity()
    }

    /// The way to it.
    pub fn transport(&mut self) -> &mut dyn Transport {
        &mut *self.transport
    }

    /// Descriptors that become readable when it sends an interrupt or goes.
    pub fn signals(&self) -> Vec<RawFd> {
        self.transport.signals()
    }

    /// Whether it still answers. A card that does not is given up for good.
    pub fn answers(&mut self) -> bool {
        if !self.transport.is_gone() && self.transport.read(IDENTITY.offset) != map::IDENTITY {
            self.transport.give_up();
        }
        !self.transport.is_gone()
    }

    /// The error of a card that does not answer.
    pub(crate) fn gone(&self) -> CardError {
        let reason = "its identity register does not read as a card's any more".into();
        CardError::Gone { address: self.address(), reason }
    }

    /// Function-level reset; the card is looked at again.
    ///
    /// # Errors
    /// It does not come back.
    pub fn reset(&mut self) -> Result<(), CardError> {
        self.transport.reset()?;
        if self.answers() { Ok(()) } else { Err(self.gone()) }
    }

    /// Bytes of the largest LZ4 block that it takes.
    pub fn block_bytes(&self) -> usize {
        1 << self.capabilities.block_log2
    }
}
