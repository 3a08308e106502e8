//! The card: who it is, its table, requests in and results out.

use super::{Link, Port, SerialAddress, SerialError};
use debye_spec::answer::Answer;
use debye_spec::card_table::CardTable;
use debye_spec::ops::pixels_of_op;
use debye_spec::registers::{self as map, Capabilities};
use debye_spec::serial::{self as wire, HELLO, PACKET_WORDS, PULL, PUSH, READ, TABLE, WRITE};
use debye_spec::wire::{HEADER_BYTES, ResultHeader, TRAILER_BYTES};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What stands behind a chunk in its last word.
const PADDING: u8 = 0;

/// A card behind a UART. It has a table before it takes requests.
pub struct SerialCard {
    link: Link,
    /// What it was built with.
    pub capabilities: Capabilities,
    /// Stamp of its build.
    pub build: u32,
    /// Operations that its table memory holds.
    pub table_ops: usize,
    /// Whole words that wait to be sent, and how many have been.
    waiting: VecDeque<u8>,
    pushed: u32,
    pulled: u32,
    result: Vec<u8>,
    /// Bytes of the result that is coming, once its header is there.
    whole: Option<usize>,
    moved: Instant,
}

fn register(name: &str) -> u16 {
    map::register(name).map_or(u16::MAX, |register| register.offset as u16)
}

impl SerialCard {
    /// Opens the terminal and asks who is there.
    ///
    /// # Errors
    /// Nobody answers, or a card that this program does not know.
    pub fn open(address: &SerialAddress, patience: Duration) -> Result<SerialCard, SerialError> {
        SerialCard::new(Link::new(Box::new(Port::open(address)?), patience))
    }

    /// Asks who is there.
    ///
    /// # Errors
    /// As [`SerialCard::open`].
    pub fn new(mut link: Link) -> Result<SerialCard, SerialError> {
        let said = wire::Link::from_place(link.ask(HELLO, 0, 0, Vec::new())?.place);
        let expected = wire::Link::of(said.table_log2.into());
        let path = link.path().to_owned();
        let differs = |what, found, expected| SerialError::Identity { path: path.clone(), what, found, expected };
        if said != expected || said.table_log2 > 24 {
            return Err(differs("link", said.to_place(), wire::Link::of(wire::TABLE_LOG2).to_place()));
        }
        let mut read = |name| link.ask(READ, register(name), 0, Vec::new()).map(|answer| answer.place);
        for (what, name, expected) in [
            ("identity", "identity", map::IDENTITY),
            ("version of the register map", "map_version", map::MAP_VERSION),
            ("hash of the register map", "map_hash", map::map_hash()),
        ] {
            let found = read(name)?;
            if found != expected {
                return Err(differs(what, found, expected));
            }
        }
        let capabilities = Capabilities::from_registers(read("capabilities")?, read("max_bins")?);
        let build = read("build")?;
        let Capabilities { lanes, block_log2, max_bins, .. } = capabilities;
        if lanes != 1 || !(3..=24).contains(&block_log2) || max_bins == 0 {
            let what = format!("one sound lane ({lanes}, bins {max_bins}, blocks of 2^{block_log2} bytes)");
            return Err(SerialError::Capability { path, what });
        }
        Ok(SerialCard {
            link,
            capabilities,
            build,
            table_ops: 1 << said.table_log2,
            waiting: VecDeque::new(),
            pushed: 0,
            pulled: 0,
            result: Vec::new(),
            whole: None,
            moved: Instant::now(),
        })
    }

    /// The way to it.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Reads a register of [`debye_spec::registers`]; all ones for a name that there is not.
    ///
    /// # Errors
    /// The card does not answer.
    pub fn read(&mut self, name: &str) -> Result<u32, SerialError> {
        Ok(self.link.ask(READ, register(name), 0, Vec::new())?.place)
    }

    fn write(&mut self, name: &str, value: u32) -> Result<(), SerialError> {
        self.link.ask(WRITE, register(name), value, Vec::new()).map(drop)
    }

    /// Gives the card a table. What it was doing is forgotten.
    ///
    /// # Errors
    /// The table is too large, or the card does not answer.
    pub fn load(&mut self, table: &CardTable) -> Result<(), SerialError> {
        let path = || self.link.path().to_owned();
        if !self.capabilities.takes(table.element) {
            let what = format!("{} pixels", table.element.name());
            return Err(SerialError::Capability { path: path(), what });
        }
        if table.ops.len() > self.table_ops {
            let (needed, have) = (table.ops.len(), self.table_ops);
            let pixels_of_op = pixels_of_op(table.element);
            return Err(SerialError::TableMemory { path: path(), needed, have, pixels_of_op });
        }
        // Requests find no table until this one is whole.
        self.write("control", 0)?;
        self.write("table_ops", 0)?;
        for (n, ops) in table.ops.chunks(PACKET_WORDS / 2).enumerate() {
            let payload = ops.iter().flat_map(|op| op.0.to_le_bytes()).collect();
            self.link.ask(TABLE, 2 * ops.len() as u16, (n * PACKET_WORDS / 2) as u32, payload)?;
        }
        for (name, value) in [
            ("table_address_low", 0),
            ("table_address_high", 0),
            ("table_ops", table.ops.len() as u32),
            ("table_id", table.id),
            ("table_pixels", table.pixels),
            ("table_bins", table.bins),
            // Words come as the line has them: the host watches in the card's place.
            ("watchdog", 0),
            ("control", map::SOFT_RESET.mask() | map::CLEAR_COUNTERS.mask()),
            ("control", map::ENABLE.mask()),
        ] {
            self.write(name, value)?;
        }
        (self.pushed, self.pulled, self.whole) = (0, 0, None);
        self.waiting.clear();
        self.result.clear();
        Ok(())
    }

    /// Puts a request and its chunk behind those that wait.
    pub fn submit(&mut self, header: &[u8; HEADER_BYTES], chunk: &[u8]) {
        if self.waiting.is_empty() {
            self.moved = Instant::now();
        }
        self.waiting.extend(header);
        self.waiting.extend(chunk);
        self.waiting.extend(std::iter::repeat_n(PADDING, chunk.len().next_multiple_of(8) - chunk.len()));
    }

    /// Sends and fetches once. Gives a result when one is whole.
    ///
    /// # Errors
    /// The card does not answer, sends what is no result, or does nothing for too long.
    pub fn work(&mut self) -> Result<Option<Answer>, SerialError> {
        // What is full here is emptied before more is sent.
        let moved = self.push()? || self.pull()?;
        if moved {
            self.moved = Instant::now();
        } else if self.moved.elapsed() > self.link.patience() {
            let path = self.link.path().to_owned();
            return Err(SerialError::Stuck { path, waited: self.link.patience() });
        }
        if self.whole.is_none() && self.result.len() >= HEADER_BYTES {
            let header = ResultHeader::read(&self.result).map_err(|error| self.link.breaks(format!("{error:?}")))?;
            self.whole = Some(HEADER_BYTES + header.payload_bytes as usize + TRAILER_BYTES);
        }
        let Some(whole) = self.whole.filter(|&whole| self.result.len() >= whole) else { return Ok(None) };
        let rest = self.result.split_off(whole);
        let bytes = std::mem::replace(&mut self.result, rest);
        self.whole = None;
        Answer::read(&bytes).map(Some).map_err(|fault| self.link.breaks(fault.to_string()))
    }

    fn push(&mut self) -> Result<bool, SerialError> {
        let words = (self.waiting.len() / 8).min(PACKET_WORDS);
        if words == 0 {
            return Ok(false);
        }
        let payload = self.waiting.range(..8 * words).copied().collect();
        let answer = self.link.ask(PUSH, words as u16, self.pushed, payload)?;
        let taken = answer.place.wrapping_sub(self.pushed) as usize;
        if taken != 0 && taken != words {
            return Err(self.link.breaks(format!("it took {taken} words of {words}")));
        }
        self.waiting.drain(..8 * taken);
        self.pushed = answer.place;
        Ok(taken > 0)
    }

    fn pull(&mut self) -> Result<bool, SerialError> {
        let answer = self.link.ask(PULL, PACKET_WORDS as u16, self.pulled, Vec::new())?;
        if answer.place != self.pulled || answer.payload.len() != 8 * usize::from(answer.count) {
            return Err(self.link.breaks(format!("words from {} in place of {}", answer.place, self.pulled)));
        }
        self.pulled = self.pulled.wrapping_add(answer.count.into());
        self.result.extend(&answer.payload);
        Ok(answer.count > 0)
    }
}
