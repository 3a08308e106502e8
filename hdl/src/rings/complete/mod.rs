//! Completions: each submission's, when all that it stands for is answered.

mod logic;

use super::fifo::Fifo;
use crate::base::ram::LutRam;
use crate::base::word::{U, W};
use debye_spec::status::Status;
use rust_hdl::prelude::*;

/// Takes what ends (a written result or copy, an upload, a refusal), waits until the bursts before it are answered and
/// the chunk has come to its end, and makes the entry. 6 cycles a completion. One whose chunk is still being drained, or made,
/// goes back to the end of the queue.
#[derive(LogicBlock)]
pub struct Complete {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Makes no more completions.
    pub halt: Signal<In, Bit>,
    /// Cycles.
    pub now: Signal<In, U<40>>,
    /// A tag is given; see [`super::unpack::Unpack`].
    pub alloc: Signal<In, Bit>,
    /// The tag.
    pub alloc_tag: Signal<In, U<6>>,
    /// Its submission.
    pub alloc_entry: Signal<In, W<512, 8>>,
    /// Its queue.
    pub alloc_queue: Signal<In, U<3>>,
    /// Chunks are made beside results (constant).
    pub makes: Signal<In, Bit>,
    /// A chunk will be made beside its result.
    pub alloc_makes: Signal<In, Bit>,
    /// See [`super::registers::RingRegisters`].
    pub set: Signal<In, Bit>,
    /// See `set`.
    pub set_queue: Signal<In, U<3>>,
    /// See `set`.
    pub set_index: Signal<In, U<4>>,
    /// See `set`.
    pub set_value: Signal<In, U<32>>,
    /// A queue's number of submissions taken changes.
    pub head_set: Signal<In, Bit>,
    /// Whose.
    pub head_queue: Signal<In, U<3>>,
    /// To what.
    pub head_value: Signal<In, U<32>>,

    /// A chunk, result or copy was taken on by the writer; see [`super::writes::Writes`]. A marked one ends nothing: its sums
    /// are kept.
    pub finish: Signal<In, Bit>,
    /// See `finish`.
    pub finish_burst: Signal<In, W<192, 3>>,
    /// See `finish`.
    pub issued: Signal<In, U<16>>,
    /// See `finish`.
    pub answered: Signal<In, U<16>>,
    /// A submission is refused.
    pub refuse: Signal<In, Bit>,
    /// Taken.
    pub refuse_ready: Signal<Out, Bit>,
    /// Its tag.
    pub refuse_tag: Signal<In, U<6>>,
    /// Why.
    pub refuse_status: Signal<In, U<8>>,
    /// An upload is done.
    pub done: Signal<In, Bit>,
    /// Taken.
    pub done_ready: Signal<Out, Bit>,
    /// Its tag.
    pub done_tag: Signal<In, U<6>>,
    /// Its bytes.
    pub done_bytes: Signal<In, U<32>>,
    /// It failed.
    pub done_bad: Signal<In, Bit>,
    /// Bit n: the chunk of tag n has come to its end.
    pub chunks: Signal<In, U<64>>,
    /// The chunk beside a result is written.
    pub made: Signal<In, Bit>,
    /// Its tag.
    pub made_tag: Signal<In, U<6>>,
    /// A burst of a tag failed.
    pub read_fault: Signal<In, Bit>,
    /// The tag.
    pub read_fault_tag: Signal<In, U<6>>,
    /// A burst of a tag failed.
    pub write_fault: Signal<In, Bit>,
    /// The tag.
    pub write_fault_tag: Signal<In, U<6>>,

    /// An entry is to be written.
    pub entry_valid: Signal<Out, Bit>,
    /// It is taken on.
    pub entry_ready: Signal<In, Bit>,
    /// Where it goes.
    pub entry_address: Signal<Out, U<64>>,
    /// The entry.
    pub entry_data: Signal<Out, W<512, 8>>,
    /// Its queue.
    pub entry_queue: Signal<Out, U<3>>,
    /// A tag is free.
    pub free: Signal<Out, Bit>,
    /// Which.
    pub free_tag: Signal<Out, U<6>>,

    // What ended: CRC-32 and bytes; count of bursts (79..64), tag (85..80), status (93..86).
    ended: Fifo<W<128, 2>, 6>,
    // Of each tag: handle; sequence and job bytes; start (39..0), kind (47..40), queue (50..48), a chunk is made (51).
    flights: LutRam<W<192, 3>, 6>,
    // Of each tag: CRC-32 and bytes of the chunk beside its result; those that are not written yet.
    chunk_sums: LutRam<U<64>, 6>,
    unmade: DFF<U<64>>,
    lows: LutRam<U<32>, 3>,
    highs: LutRam<U<32>, 3>,
    depths: LutRam<U<4>, 3>,
    heads: LutRam<U<32>, 3>,
    indices: LutRam<U<32>, 3>,
    bad: DFF<U<64>>,
    state: DFF<U<3>>,
    what: DFF<W<128, 2>>,
    flight: DFF<W<192, 3>>,
    base: DFF<U<52>>,
    depth: DFF<U<4>>,
    head: DFF<U<32>>,
    index: DFF<U<32>>,
    cycles: DFF<U<40>>,
    status: DFF<U<8>>,
    sums: DFF<U<64>>,
    more_sums: DFF<U<64>>,
    address: DFF<U<64>>,
    drained: DFF<Bit>,
    failed: DFF<Bit>,
    data: DFF<W<512, 8>>,
    fault: Constant<U<8>>,

    pushes: Signal<Local, Bit>,
    side: Signal<Local, U<30>>,
    pushed: Signal<Local, U<64>>,
    again: Signal<Local, Bit>,
    tag: Signal<Local, U<6>>,
    queue: Signal<Local, U<3>>,
    gap: Signal<Local, U<16>>,
    reached: Signal<Local, Bit>,
    chunk_bits: Signal<Local, U<64>>,
    unmade_bits: Signal<Local, U<64>>,
    made_bit: Signal<Local, U<64>>,
    makes_bit: Signal<Local, U<64>>,
    not_made: Signal<Local, U<64>>,
    beside: Signal<Local, Bit>,
    bad_bits: Signal<Local, U<64>>,
    one: Signal<Local, U<64>>,
    read_bit: Signal<Local, U<64>>,
    write_bit: Signal<Local, U<64>>,
    new_bit: Signal<Local, U<64>>,
    not_new: Signal<Local, U<64>>,
    marked: Signal<Local, U<64>>,
    entries: Signal<Local, U<32>>,
    wrap: Signal<Local, U<32>>,
    lap: Signal<Local, U<32>>,
    slot: Signal<Local, U<32>>,
    zeroes: Signal<Local, Bit>,
    passes: Signal<Local, Bit>,
    word_1: Signal<Local, U<64>>,
    word_2: Signal<Local, U<64>>,
    word_4: Signal<Local, U<64>>,
    word_5: Signal<Local, U<64>>,
    word_7: Signal<Local, U<64>>,
    phase: Signal<Local, Bit>,
    third: Signal<Local, U<64>>,
    done_status: Signal<Local, U<8>>,
}

impl Default for Complete {
    fn default() -> Self {
        Complete {
            fault: Constant::new(U(Status::DmaFault.code() as u64)),
            clock: Default::default(),
            reset: Default::default(),
            halt: Default::default(),
            now: Default::default(),
            alloc: Default::default(),
            alloc_tag: Default::default(),
            alloc_entry: Default::default(),
            alloc_queue: Default::default(),
            makes: Default::default(),
            alloc_makes: Default::default(),
            set: Default::default(),
            set_queue: Default::default(),
            set_index: Default::default(),
            set_value: Default::default(),
            head_set: Default::default(),
            head_queue: Default::default(),
            head_value: Default::default(),
            finish: Default::default(),
            finish_burst: Default::default(),
            issued: Default::default(),
            answered: Default::default(),
            refuse: Default::default(),
            refuse_ready: Default::default(),
            refuse_tag: Default::default(),
            refuse_status: Default::default(),
            done: Default::default(),
            done_ready: Default::default(),
            done_tag: Default::default(),
            done_bytes: Default::default(),
            done_bad: Default::default(),
            chunks: Default::default(),
            made: Default::default(),
            made_tag: Default::default(),
            read_fault: Default::default(),
            read_fault_tag: Default::default(),
            write_fault: Default::default(),
            write_fault_tag: Default::default(),
            entry_valid: Default::default(),
            entry_ready: Default::default(),
            entry_address: Default::default(),
            entry_data: Default::default(),
            entry_queue: Default::default(),
            free: Default::default(),
            free_tag: Default::default(),
            ended: Default::default(),
            flights: Default::default(),
            chunk_sums: Default::default(),
            unmade: Default::default(),
            lows: Default::default(),
            highs: Default::default(),
            depths: Default::default(),
            heads: Default::default(),
            indices: Default::default(),
            bad: Default::default(),
            state: Default::default(),
            what: Default::default(),
            flight: Default::default(),
            base: Default::default(),
            depth: Default::default(),
            head: Default::default(),
            index: Default::default(),
            cycles: Default::default(),
            status: Default::default(),
            sums: Default::default(),
            more_sums: Default::default(),
            address: Default::default(),
            drained: Default::default(),
            failed: Default::default(),
            data: Default::default(),
            pushes: Default::default(),
            side: Default::default(),
            pushed: Default::default(),
            again: Default::default(),
            tag: Default::default(),
            queue: Default::default(),
            gap: Default::default(),
            reached: Default::default(),
            chunk_bits: Default::default(),
            unmade_bits: Default::default(),
            made_bit: Default::default(),
            makes_bit: Default::default(),
            not_made: Default::default(),
            beside: Default::default(),
            bad_bits: Default::default(),
            one: Default::default(),
            read_bit: Default::default(),
            write_bit: Default::default(),
            new_bit: Default::default(),
            not_new: Default::default(),
            marked: Default::default(),
            entries: Default::default(),
            wrap: Default::default(),
            lap: Default::default(),
            slot: Default::default(),
            zeroes: Default::default(),
            passes: Default::default(),
            word_1: Default::default(),
            word_2: Default::default(),
            word_4: Default::default(),
            word_5: Default::default(),
            word_7: Default::default(),
            phase: Default::default(),
            third: Default::default(),
            done_status: Default::default(),
        }
    }
}
