//! A NOR memory as its pins show it: commands in bytes while it is selected, an erase or program that takes its time after
//! it was deselected. Micron's MT25Q (`debye_spec::flash::nor`).
//!
//! Its clock are the bytes that were exchanged. Power can go at any of them: what was under way is then half done.

use super::cells::Cells;
use super::wear::Wear;
use debye_spec::flash::nor as command;
use debye_spec::flash::nor::{PAGE, SECTOR, SUBSECTOR};

/// Bytes' time that a program takes.
const PROGRAM_TIME: u64 = 24;
/// Bytes' time that the erase of a subsector takes.
const SUBSECTOR_TIME: u64 = 120;
/// Bytes' time that the erase of a sector takes.
const SECTOR_TIME: u64 = 400;
/// Bytes' time that writing the status register takes.
const STATUS_TIME: u64 = 12;

/// What changes the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Work {
    Program { address: u32, bytes: Vec<u8> },
    Erase { address: u32, bytes: u32 },
    Status(u8),
}

/// An operation: when it began and when it ends, in bytes exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// First address.
    pub address: u32,
    /// Bytes that it changes.
    pub bytes: u32,
    /// Its beginning.
    pub begin: u64,
    /// Its end.
    pub end: u64,
}

/// See the module.
pub struct Nor {
    cells: Cells,
    jedec: [u8; 3],
    wear: Wear,
    now: u64,
    status: u8,
    flags: u8,
    /// Bytes of the command that is being given; `None` while not selected.
    given: Option<Vec<u8>>,
    under_way: Option<(Work, Operation)>,
    /// Power goes when so many bytes were exchanged.
    cut: Option<u64>,
    log: Vec<Operation>,
}

impl Nor {
    /// A memory with those cells and that JEDEC id.
    pub fn new(cells: Cells, jedec: [u8; 3], wear: Wear) -> Nor {
        let (status, flags) = (wear.status, command::READY);
        Nor { cells, jedec, wear, now: 0, status, flags, given: None, under_way: None, cut: None, log: vec![] }
    }

    /// Its cells.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// Its cells, past all rules.
    pub fn cells_mut(&mut self) -> &mut Cells {
        &mut self.cells
    }

    /// What was done so far.
    pub fn log(&self) -> &[Operation] {
        &self.log
    }

    /// Bytes exchanged so far.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Has power go when so many bytes were exchanged.
    pub fn cut_at(&mut self, moment: u64) {
        self.cut = Some(moment);
    }

    /// Whether power is there.
    pub fn powered(&self) -> bool {
        self.cut.is_none_or(|cut| self.now < cut)
    }

    /// Power comes (again): nothing of what was under way is left but what it did to the cells.
    pub fn power_on(&mut self) {
        if let Some((work, operation)) = self.under_way.take() {
            let done = (self.now - operation.begin) as f64 / (operation.end - operation.begin) as f64;
            self.wear.half_done(&mut self.cells, &work.cells(), &operation, done.min(1.0));
        }
        (self.cut, self.given) = (None, None);
        // Block protection stays.
        self.status &= !(command::BUSY | command::WRITE_ENABLED);
        self.flags = command::READY;
    }

    /// The chip select goes down.
    pub fn select(&mut self) {
        self.given.get_or_insert_with(Vec::new);
    }

    /// The chip select goes up: a command that changes something begins.
    pub fn deselect(&mut self) {
        let Some(given) = self.given.take() else { return };
        if !self.powered() || self.busy() {
            return;
        }
        match given.as_slice() {
            [command::WRITE_ENABLE] => self.status |= command::WRITE_ENABLED,
            [command::WRITE_DISABLE] => self.status &= !command::WRITE_ENABLED,
            [command::CLEAR_FLAGS] => self.flags &= !command::FAILURES,
            _ if self.status & command::WRITE_ENABLED == 0 => {}
            [command::WRITE_STATUS, value] => self.begin(Work::Status(*value), 0, 0, STATUS_TIME),
            [command::ERASE_SECTOR, a, b, c, d] => {
                self.erase(u32::from_be_bytes([*a, *b, *c, *d]), SECTOR, SECTOR_TIME)
            }
            [command::ERASE_SUBSECTOR, a, b, c, d] => {
                self.erase(u32::from_be_bytes([*a, *b, *c, *d]), SUBSECTOR, SUBSECTOR_TIME);
            }
            [command::PROGRAM, a, b, c, d, data @ ..] if !data.is_empty() => {
                self.program(u32::from_be_bytes([*a, *b, *c, *d]), data);
            }
            _ => {}
        }
    }

    /// Exchanges a byte; all ones come from a memory that is not selected or has no power.
    pub fn exchange(&mut self, byte: u8) -> u8 {
        let sent = self.next_byte();
        self.take(byte);
        sent
    }

    /// What it sends while the next byte comes in.
    pub fn next_byte(&self) -> u8 {
        let Some(given) = self.given.as_ref().filter(|_| self.powered()) else { return u8::MAX };
        let busy = self.under_way.as_ref().is_some_and(|(_, operation)| operation.end > self.now + 1);
        match given.as_slice() {
            [command::READ_STATUS, ..] => self.status_of(busy),
            [command::READ_FLAGS, ..] => (self.flags & !command::READY) | if busy { 0 } else { command::READY },
            _ if busy => u8::MAX,
            [command::READ_ID, rest @ ..] => self.jedec.get(rest.len()).copied().unwrap_or(0),
            [command::READ, a, b, c, d, rest @ ..] => {
                let start = u32::from_be_bytes([*a, *b, *c, *d]);
                let address = start.wrapping_add(rest.len() as u32) % self.cells.bytes();
                self.wear.read(address, self.cells.get(address))
            }
            _ => u8::MAX,
        }
    }

    /// A byte comes in; time goes on by one.
    pub fn take(&mut self, byte: u8) {
        if !self.powered() {
            return;
        }
        self.now += 1;
        self.settle();
        if let Some(given) = &mut self.given {
            given.push(byte);
        }
    }

    /// The status register: an operation that ends with the next byte is as good as done.
    fn status_of(&self, busy: bool) -> u8 {
        let enabled =
            if busy || self.under_way.is_none() { self.status } else { self.status & !command::WRITE_ENABLED };
        enabled | if busy { command::BUSY } else { 0 }
    }

    fn busy(&self) -> bool {
        self.under_way.is_some()
    }

    /// An operation whose time is over is done.
    fn settle(&mut self) {
        let Some((work, _)) = self.under_way.take_if(|(_, operation)| operation.end <= self.now) else { return };
        match work {
            Work::Program { address, bytes } => {
                for (byte, at) in bytes.into_iter().zip(address..) {
                    // Programming clears bits and sets none.
                    self.cells.set(at, self.cells.get(at) & byte);
                }
            }
            Work::Erase { address, bytes } => (address..address + bytes).for_each(|at| self.cells.set(at, 0xff)),
            Work::Status(value) => self.status = value & !(command::BUSY | command::WRITE_ENABLED),
        }
        self.status &= !command::WRITE_ENABLED;
    }

    fn begin(&mut self, work: Work, address: u32, bytes: u32, time: u64) {
        let operation = Operation { address, bytes, begin: self.now, end: self.now + time };
        self.log.push(operation);
        self.under_way = Some((work, operation));
    }

    /// Whether an operation on a range is refused, or fails because of wear; says so in the flags.
    fn fails(&mut self, address: u32, bytes: u32, failed: u8) -> bool {
        let (low, high) = command::protected(self.status, self.cells.bytes());
        if address < high && address + bytes > low {
            self.flags |= failed | command::PROTECTION;
            return true;
        }
        let worn = self.wear.fails(self.log.len());
        if worn {
            self.flags |= failed;
            // The operation took place, to no avail: it counts.
            self.log.push(Operation { address, bytes, begin: self.now, end: self.now });
        }
        worn
    }

    fn erase(&mut self, address: u32, bytes: u32, time: u64) {
        let start = (address % self.cells.bytes()) & !(bytes - 1);
        if !self.fails(start, bytes, command::ERASE_FAILED) {
            self.begin(Work::Erase { address: start, bytes }, start, bytes, time);
        }
    }

    fn program(&mut self, address: u32, data: &[u8]) {
        let page = (address % self.cells.bytes()) & !(PAGE - 1);
        if self.fails(page, PAGE, command::PROGRAM_FAILED) {
            return;
        }
        // Bytes that reach the page's end go on at its beginning; of more than a page the last count.
        let mut bytes = vec![0xff; PAGE as usize];
        for (i, &byte) in data.iter().enumerate() {
            bytes[(address as usize + i) % PAGE as usize] = byte;
        }
        self.begin(Work::Program { address: page, bytes }, page, PAGE, PROGRAM_TIME);
    }
}

impl Work {
    /// What the cells would hold, of what they held.
    fn cells(&self) -> impl Fn(usize, u8) -> u8 {
        let bytes = match self {
            Work::Program { bytes, .. } => bytes.clone(),
            Work::Erase { .. } | Work::Status(_) => vec![],
        };
        move |place, byte| bytes.get(place).map_or(0xff, |new| byte & new)
    }
}
