//! A plain driver of a card's rings: registers by name, entries written and read, no more.

use debye_spec::Status;
use debye_spec::card_table::CardTable;
use debye_spec::registers::register;
use debye_spec::ring_map::{queue_offset, ring_register};
use debye_spec::rings::{Completion, CopyJob, ENTRY_BYTES, Submission, phase};

/// Where host memory begins for the card.
pub const BASE: u64 = 0x1_0000_0000;
/// Its bytes.
pub const BYTES: usize = 4 << 20;
/// Rings of queue q: submissions at `RING * 2q`, completions behind them.
const RING: u64 = 0x2000;
/// Room for what a test puts there.
pub const DATA: u64 = BASE + (1 << 20);

/// A card and host memory.
pub trait Host {
    /// Reads a register.
    fn read(&mut self, offset: u32) -> u32;
    /// Writes a register.
    fn write(&mut self, offset: u32, value: u32);
    /// Puts bytes into host memory.
    fn put(&mut self, address: u64, bytes: &[u8]);
    /// Bytes of host memory.
    fn get(&mut self, address: u64, bytes: usize) -> Vec<u8>;
    /// Lets the card work a little.
    fn pump(&mut self);
}

fn offset(name: &str) -> u32 {
    register(name).or_else(|| ring_register(name)).unwrap_or_else(|| panic!("no register {name}")).offset
}

/// Reads a register of the card.
pub fn get(host: &mut impl Host, name: &str) -> u32 {
    host.read(offset(name))
}

/// Writes a register of the card.
pub fn set(host: &mut impl Host, name: &str, value: u32) {
    host.write(offset(name), value);
}

/// A queue as its host sees it.
pub struct Queue {
    pub number: u32,
    submission_log2: u32,
    completion_log2: u32,
    /// Submissions written.
    pub tail: u32,
    /// Completions taken.
    pub head: u32,
}

impl Queue {
    /// Zeroes the rings and starts the queue.
    pub fn start(host: &mut impl Host, number: u32, submission_log2: u32, completion_log2: u32) -> Queue {
        Queue::start_at(host, number, submission_log2, completion_log2, 0)
    }

    /// As `start`, with all indices at `first`.
    pub fn start_at(
        host: &mut impl Host,
        number: u32,
        submission_log2: u32,
        completion_log2: u32,
        first: u32,
    ) -> Queue {
        let queue = Queue { number, submission_log2, completion_log2, tail: first, head: first };
        let [submissions, completions] = queue.rings();
        host.put(submissions, &[0; RING as usize]);
        host.put(completions, &[0; RING as usize]);
        for index in (0..1 << completion_log2).map(|k| first.wrapping_add(k)) {
            let at = u64::from(index & ((1 << completion_log2) - 1));
            host.put(completions + ENTRY_BYTES as u64 * at + 60, &[u8::from(!phase(index, completion_log2))]);
        }
        queue.set(host, "start", first);
        queue.set(host, "submission_low", submissions as u32);
        queue.set(host, "submission_high", (submissions >> 32) as u32);
        queue.set(host, "completion_low", completions as u32);
        queue.set(host, "completion_high", (completions >> 32) as u32);
        queue.set(host, "queue_config", submission_log2 | completion_log2 << 4 | 1 << 8);
        set(host, "ring_control", 1);
        queue
    }

    /// Where the rings stand: submissions, completions.
    pub fn rings(&self) -> [u64; 2] {
        [0, 1].map(|which| BASE + RING * (2 * self.number as u64 + which))
    }

    /// Reads a register of the queue.
    pub fn get(&self, host: &mut impl Host, name: &str) -> u32 {
        host.read(queue_offset(self.number, ring_register(name).unwrap()))
    }

    /// Writes a register of the queue.
    pub fn set(&self, host: &mut impl Host, name: &str, value: u32) {
        host.write(queue_offset(self.number, ring_register(name).unwrap()), value);
    }

    /// Writes an entry, without doorbell.
    pub fn push_bytes(&mut self, host: &mut impl Host, entry: &[u8; ENTRY_BYTES]) {
        let at = self.tail & ((1 << self.submission_log2) - 1);
        host.put(self.rings()[0] + ENTRY_BYTES as u64 * at as u64, entry);
        self.tail = self.tail.wrapping_add(1);
    }

    /// Writes an entry, without doorbell.
    pub fn push(&mut self, host: &mut impl Host, submission: &Submission) {
        self.push_bytes(host, &submission.to_bytes());
    }

    /// Tells the card of all entries.
    pub fn ring(&self, host: &mut impl Host) {
        self.set(host, "submission_tail", self.tail);
    }

    /// The entry of the next completion, whatever it says, and whether its phase has turned.
    pub fn peek(&self, host: &mut impl Host) -> (Completion, bool) {
        let at = self.head & ((1 << self.completion_log2) - 1);
        let bytes = host.get(self.rings()[1] + ENTRY_BYTES as u64 * at as u64, ENTRY_BYTES);
        let entry: [u8; ENTRY_BYTES] = bytes.try_into().unwrap();
        let turned = Completion::phase_of(entry[60].into()) == phase(self.head, self.completion_log2);
        (Completion::read(&entry), turned)
    }

    /// The next completion, if there is one; not told to the card.
    pub fn poll(&mut self, host: &mut impl Host) -> Option<Completion> {
        let (completion, turned) = self.peek(host);
        turned.then(|| {
            self.head = self.head.wrapping_add(1);
            completion
        })
    }

    /// Tells the card how many completions were taken.
    pub fn took(&self, host: &mut impl Host) {
        self.set(host, "completion_head", self.head);
    }

    /// Waits for a completion and tells the card that it was taken.
    pub fn wait(&mut self, host: &mut impl Host) -> Completion {
        for _ in 0..1_000_000 {
            if let Some(completion) = self.poll(host) {
                assert_eq!(completion.index, self.head.wrapping_sub(1));
                assert_eq!(u32::from(completion.queue), self.number);
                self.took(host);
                return completion;
            }
            host.pump();
        }
        panic!("no completion");
    }

    /// Loads a table: uploads its operations to `address` in the table memory, describes it, enables the core.
    pub fn load(&mut self, host: &mut impl Host, table: &CardTable, address: u64) {
        let mut ops: Vec<u8> = table.ops.iter().flat_map(|op| op.0.to_le_bytes()).collect();
        ops.resize(ops.len().next_multiple_of(64), 0);
        host.put(DATA, &ops);
        let bytes = ops.len() as u32;
        let job = CopyJob { handle: 0xab1e, sequence: 0, bytes, source: DATA, target: address };
        self.push(host, &Submission::Upload(job));
        self.ring(host);
        let done = self.wait(host);
        assert_eq!((done.status, done.handle, done.result_bytes), (Status::Ok.code(), 0xab1e, bytes));
        set(host, "control", 0);
        set(host, "table_address_low", address as u32);
        set(host, "table_address_high", (address >> 32) as u32);
        set(host, "table_ops", table.ops.len() as u32);
        set(host, "table_id", table.id);
        set(host, "table_pixels", table.pixels);
        set(host, "table_bins", table.bins);
        set(host, "control", 1);
    }
}
