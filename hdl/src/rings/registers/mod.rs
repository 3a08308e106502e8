//! The ring engine's registers. What can be written stands in one LUT RAM, a word for each register of each queue; each
//! write goes to the engine's parts over one bus, and they keep what they need.

mod logic;

use super::entry::RingEntry;
use crate::base::ram::LutRam;
use crate::base::word::U;
use debye_spec::ring_map::{EncodeCapabilities, MAX_QUEUES, RingCapabilities};
use rust_hdl::prelude::*;

/// AXI4-Lite slave of the engine: one access at a time, an answer 4 to 12 cycles later. `clear` puts all registers to
/// their reset values in 128 cycles, in which accesses wait; the access that asked for it is answered.
#[derive(LogicBlock, Default)]
pub struct RingRegisters {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Registers take their reset values.
    pub clear: Signal<In, Bit>,
    /// They are being put to them.
    pub clearing: Signal<Out, Bit>,
    /// Address of the access that is asked for.
    pub address: Signal<In, U<16>>,
    /// Data to write.
    pub wdata: Signal<In, U<32>>,
    /// Bytes to write.
    pub wstrb: Signal<In, U<4>>,
    /// A write; address, data and bytes hold until it is answered.
    pub awvalid: Signal<In, Bit>,
    /// It is taken.
    pub awready: Signal<Out, Bit>,
    /// The write is answered, for one cycle.
    pub bvalid: Signal<Out, Bit>,
    /// 0 or 2 (SLVERR).
    pub bresp: Signal<Out, U<2>>,
    /// A read.
    pub arvalid: Signal<In, Bit>,
    /// It is taken.
    pub arready: Signal<Out, Bit>,
    /// The read is answered, for one cycle.
    pub rvalid: Signal<Out, Bit>,
    /// What was read.
    pub rdata: Signal<Out, U<32>>,
    /// 0 or 2 (SLVERR).
    pub rresp: Signal<Out, U<2>>,

    /// A register of a queue changes.
    pub set: Signal<Out, Bit>,
    /// It is put to `start` with the queue's start, or to 0 with a reset, not written by the host.
    pub set_zero: Signal<Out, Bit>,
    /// The queue.
    pub set_queue: Signal<Out, U<3>>,
    /// Number of the register in `QUEUE_REGISTERS`.
    pub set_index: Signal<Out, U<4>>,
    /// Its value.
    pub set_value: Signal<Out, U<32>>,
    /// Queues that take submissions.
    pub enabled: Signal<Out, U<8>>,
    /// `ring_control.enable`.
    pub enable: Signal<Out, Bit>,
    /// `moderation.count`.
    pub moderation_count: Signal<Out, U<8>>,
    /// `moderation.time`.
    pub moderation_time: Signal<Out, U<16>>,
    /// `ring_control.reset` is written.
    pub restart: Signal<Out, Bit>,
    /// That reset is under way.
    pub restarting: Signal<In, Bit>,

    /// Queue whose indices are read.
    pub look_queue: Signal<Out, U<3>>,
    /// Submissions taken of that queue.
    pub look_head: Signal<In, U<32>>,
    /// Completions written of that queue.
    pub look_tail: Signal<In, U<32>>,
    /// Submissions in flight.
    pub in_flight: Signal<In, U<8>>,
    /// The core has work.
    pub core_busy: Signal<In, Bit>,
    /// Pulse: a completion was written.
    pub completed: Signal<In, Bit>,
    /// Pulse: an interrupt was sent.
    pub interrupted: Signal<In, Bit>,
    /// Pulse: a beat was read.
    pub beat_read: Signal<In, Bit>,
    /// Pulse: a beat was written.
    pub beat_written: Signal<In, Bit>,
    /// Pulse: a read failed.
    pub read_fault: Signal<In, Bit>,
    /// Its address.
    pub read_fault_address: Signal<In, U<64>>,
    /// Pulse: a write failed.
    pub write_fault: Signal<In, Bit>,
    /// Its address.
    pub write_fault_address: Signal<In, U<64>>,

    entry: RingEntry,
    values: LutRam<U<32>, 7>,
    // 0 free, 1 to 3 write, 4 and 5 read, 6 start of a queue, 7 a start that a reset ended.
    state: DFF<U<3>>,
    swept: DFF<U<7>>,
    sweeping: DFF<Bit>,
    old: DFF<U<32>>,
    value: DFF<U<32>>,
    counter: DFF<U<32>>,
    high: DFF<U<32>>,
    error: DFF<Bit>,
    zeroed: DFF<U<4>>,
    on: DFF<Bit>,
    moderation: DFF<U<24>>,
    starts: DFF<U<8>>,
    refused: DFF<U<8>>,
    faulty: DFF<Bit>,
    fault_at: DFF<U<64>>,
    faults: DFF<U<32>>,
    completions: DFF<U<32>>,
    interrupts: DFF<U<32>>,
    reads: DFF<U<64>>,
    reads_held: DFF<U<32>>,
    writes: DFF<U<64>>,
    writes_held: DFF<U<32>>,

    queue: Signal<Local, U<3>>,
    index: Signal<Local, U<4>>,
    place: Signal<Local, U<7>>,
    one: Signal<Local, U<8>>,
    here: Signal<Local, U<8>>,
    others: Signal<Local, U<8>>,
    was_on: Signal<Local, Bit>,
    was_refused: Signal<Local, Bit>,
    strobed: [Signal<Local, U<8>>; 4],
    mask: Signal<Local, U<32>>,
    keep: Signal<Local, U<32>>,
    submissions: Signal<Local, U<4>>,
    results: Signal<Local, U<4>>,
    sound: Signal<Local, Bit>,
    writes_ram: Signal<Local, Bit>,
    both_faults: Signal<Local, U<2>>,
    is_config: Signal<Local, Bit>,
    start: Signal<Local, U<4>>,
}

impl RingRegisters {
    /// Registers of an engine with those capabilities.
    ///
    /// # Panics
    /// When there are not 1 to 8 queues.
    pub fn new(capabilities: &RingCapabilities, encodes: &EncodeCapabilities) -> RingRegisters {
        assert!((1..=MAX_QUEUES).contains(&capabilities.queues), "an engine has 1 to {MAX_QUEUES} queues");
        RingRegisters { entry: RingEntry::new(capabilities, encodes), ..Default::default() }
    }
}
