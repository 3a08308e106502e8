//! Completions: each submission's, when all that it stands for is answered.

use super::fifo::Fifo;
use crate::base::ram::LutRam;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u, bit_cast_w};
use debye_spec::status::Status;
use rust_hdl::prelude::*;

/// Takes what ends (a written result or copy, an upload, a refusal), waits until the bursts before it are answered and
/// the chunk has come to its end, and makes the entry. 6 cycles a completion. One whose chunk is still being drained goes
/// back to the end of the queue.
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

    /// A result or copy was taken on by the writer; see [`super::writes::Writes`].
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
    // Of each tag: handle; sequence and job bytes; start (39..0), kind (47..40), queue (50..48).
    flights: LutRam<W<192, 3>, 6>,
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
            word_7: Default::default(),
            phase: Default::default(),
            third: Default::default(),
            done_status: Default::default(),
        }
    }
}

impl Logic for Complete {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, bad, state, what, flight, base, depth, head, index, cycles, status, sums, address);
        dff_setup!(self, clock, drained, failed, data);
        clock!(self, clock, ended, flights, lows, highs, depths, heads, indices);
        self.ended.reset.next = self.reset.val();
        self.tag.next = self.what.q.val().get_bits::<6>(80);
        self.queue.next = self.flight.q.val().get_bits::<3>(176);

        // Queues.
        self.lows.write_enable.next = self.set.val() & (self.set_index.val() == 2);
        self.highs.write_enable.next = self.set.val() & (self.set_index.val() == 3);
        self.depths.write_enable.next = self.set.val() & (self.set_index.val() == 4);
        self.lows.write_address.next = self.set_queue.val();
        self.highs.write_address.next = self.set_queue.val();
        self.depths.write_address.next = self.set_queue.val();
        self.lows.write_data.next = self.set_value.val();
        self.highs.write_data.next = self.set_value.val();
        self.depths.write_data.next = self.set_value.val().get_bits::<4>(4);
        self.heads.write_enable.next = self.head_set.val();
        self.heads.write_address.next = self.head_queue.val();
        self.heads.write_data.next = self.head_value.val();
        self.lows.read_address.next = self.queue.val();
        self.highs.read_address.next = self.queue.val();
        self.depths.read_address.next = self.queue.val();
        self.heads.read_address.next = self.queue.val();
        self.indices.read_address.next = self.queue.val();
        self.zeroes.next = self.set.val() & (self.set_index.val() == 9);

        // Tags.
        self.one.next = 1.into();
        self.read_bit.next = 0.into();
        self.write_bit.next = 0.into();
        self.new_bit.next = 0.into();
        if self.read_fault.val() {
            self.read_bit.next = self.one.val() << self.read_fault_tag.val();
        }
        if self.write_fault.val() {
            self.write_bit.next = self.one.val() << self.write_fault_tag.val();
        }
        if self.alloc.val() {
            self.new_bit.next = self.one.val() << self.alloc_tag.val();
        }
        self.not_new.next = !self.new_bit.val();
        self.marked.next = self.bad.q.val() | self.read_bit.val() | self.write_bit.val();
        self.bad.d.next = self.marked.val() & self.not_new.val();
        self.third.next = bit_cast_u::<64, 40>(self.now.val())
            | (bit_cast_u::<64, 8>(self.alloc_entry.val().get_bits::<8>(40)) << 40)
            | (bit_cast_u::<64, 3>(self.alloc_queue.val()) << 48);
        self.flights.write_enable.next = self.alloc.val();
        self.flights.write_address.next = self.alloc_tag.val();
        self.flights.write_data.next = bit_cast_w::<192, 3, 64>(self.alloc_entry.val().get_bits::<64>(64))
            | (bit_cast_w::<192, 3, 64>(self.alloc_entry.val().get_bits::<64>(128)) << 64)
            | (bit_cast_w::<192, 3, 64>(self.third.val()) << 128);
        self.flights.read_address.next = self.tag.val();

        // What ends: the writer cannot wait, others do.
        self.again.next = self.state.q.val() == 5;
        self.refuse_ready.next = !self.finish.val();
        self.done_ready.next = !self.finish.val() & !self.refuse.val();
        self.done_status.next = 0.into();
        if self.done_bad.val() {
            self.done_status.next = self.fault.val();
        }
        self.pushes.next = true;
        self.pushed.next = self.what.q.val().get_bits::<64>(0);
        self.side.next = self.what.q.val().get_bits::<30>(64);
        if self.finish.val() {
            self.pushed.next = self.finish_burst.val().get_bits::<64>(128);
            self.side.next = bit_cast_u::<30, 16>(self.issued.val())
                | (bit_cast_u::<30, 6>(self.finish_burst.val().get_bits::<6>(75)) << 16)
                | (bit_cast_u::<30, 8>(self.finish_burst.val().get_bits::<8>(81)) << 22);
        } else if self.refuse.val() {
            self.pushed.next = 0.into();
            self.side.next = bit_cast_u::<30, 16>(self.issued.val())
                | (bit_cast_u::<30, 6>(self.refuse_tag.val()) << 16)
                | (bit_cast_u::<30, 8>(self.refuse_status.val()) << 22);
        } else if self.done.val() {
            self.pushed.next = bit_cast_u::<64, 32>(self.done_bytes.val()) << 32;
            self.side.next = bit_cast_u::<30, 16>(self.issued.val())
                | (bit_cast_u::<30, 6>(self.done_tag.val()) << 16)
                | (bit_cast_u::<30, 8>(self.done_status.val()) << 22);
        } else {
            self.pushes.next = self.again.val();
        }
        self.ended.push.next = self.pushes.val();
        self.ended.push_data.next =
            bit_cast_w::<128, 2, 64>(self.pushed.val()) | (bit_cast_w::<128, 2, 30>(self.side.val()) << 64);
        self.ended.pop.next = false;

        // The entry.
        self.gap.next = self.answered.val() - self.what.q.val().get_bits::<16>(64);
        self.reached.next = !self.gap.val().get_bit(15);
        self.chunk_bits.next = self.chunks.val() >> self.tag.val();
        self.bad_bits.next = self.bad.q.val() >> self.tag.val();
        self.entries.next = self.one.val().get_bits::<32>(0) << self.depth.q.val();
        self.wrap.next = self.entries.val() - 1;
        self.lap.next = self.index.q.val() >> self.depth.q.val();
        self.slot.next = self.index.q.val() & self.wrap.val();
        self.word_1.next = bit_cast_u::<64, 32>(self.flight.q.val().get_bits::<32>(64))
            | (bit_cast_u::<64, 8>(self.status.q.val()) << 32)
            | (bit_cast_u::<64, 8>(self.flight.q.val().get_bits::<8>(168)) << 40)
            | (bit_cast_u::<64, 3>(self.queue.val()) << 48);
        self.word_2.next = bit_cast_u::<64, 32>(self.sums.q.val().get_bits::<32>(32))
            | (bit_cast_u::<64, 32>(self.flight.q.val().get_bits::<32>(96)) << 32);
        self.word_4.next =
            bit_cast_u::<64, 32>(self.sums.q.val().get_bits::<32>(0)) | (bit_cast_u::<64, 32>(self.head.q.val()) << 32);
        self.phase.next = !self.lap.val().get_bit(0);
        self.word_7.next = bit_cast_b::<64>(self.phase.val()) << 32;
        self.entry_valid.next = false;
        self.passes.next = false;
        match self.state.q.val().index() {
            0 => {
                self.what.d.next = self.ended.data.val();
                if self.ended.valid.val() & !self.halt.val() {
                    self.ended.pop.next = true;
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                self.flight.d.next = self.flights.read_data.val();
                self.drained.d.next = self.chunk_bits.val().get_bit(0);
                self.failed.d.next = self.bad_bits.val().get_bit(0);
                if self.reached.val() {
                    self.state.d.next = 2.into();
                }
            }
            2 => {
                self.base.d.next = bit_cast_u::<52, 20>(self.lows.read_data.val().get_bits::<20>(12))
                    | (bit_cast_u::<52, 32>(self.highs.read_data.val()) << 20);
                self.depth.d.next = self.depths.read_data.val();
                self.head.d.next = self.heads.read_data.val();
                self.index.d.next = self.indices.read_data.val();
                self.cycles.d.next = self.now.val() - self.flight.q.val().get_bits::<40>(128);
                self.status.d.next = self.what.q.val().get_bits::<8>(86);
                self.sums.d.next = self.what.q.val().get_bits::<64>(0);
                if self.failed.q.val() {
                    self.status.d.next = self.fault.val();
                    self.sums.d.next = 0.into();
                }
                self.state.d.next = 3.into();
                if !self.drained.q.val() {
                    self.state.d.next = 5.into();
                }
            }
            3 => {
                self.address.d.next =
                    (bit_cast_u::<64, 52>(self.base.q.val()) << 12) + (bit_cast_u::<64, 32>(self.slot.val()) << 6);
                self.data.d.next = bit_cast_w::<512, 8, 64>(self.flight.q.val().get_bits::<64>(0))
                    | (bit_cast_w::<512, 8, 64>(self.word_1.val()) << 64)
                    | (bit_cast_w::<512, 8, 64>(self.word_2.val()) << 128)
                    | (bit_cast_w::<512, 8, 40>(self.cycles.q.val()) << 192)
                    | (bit_cast_w::<512, 8, 64>(self.word_4.val()) << 256)
                    | (bit_cast_w::<512, 8, 32>(self.index.q.val()) << 320)
                    | (bit_cast_w::<512, 8, 64>(self.word_7.val()) << 448);
                self.state.d.next = 4.into();
            }
            4 => {
                self.entry_valid.next = !self.zeroes.val() & !self.halt.val();
                if !self.zeroes.val() & !self.halt.val() & self.entry_ready.val() {
                    self.passes.next = true;
                    self.state.d.next = 0.into();
                }
            }
            _ => {
                // Back to the end of the queue.
                if !self.finish.val() & !self.refuse.val() & !self.done.val() {
                    self.state.d.next = 0.into();
                }
            }
        }
        self.entry_address.next = self.address.q.val();
        self.entry_data.next = self.data.q.val();
        self.entry_queue.next = self.queue.val();
        self.free.next = self.passes.val();
        self.free_tag.next = self.tag.val();
        self.indices.write_enable.next = self.passes.val() | self.zeroes.val();
        self.indices.write_address.next = self.queue.val();
        self.indices.write_data.next = self.index.q.val() + 1;
        if self.zeroes.val() {
            self.indices.write_address.next = self.set_queue.val();
            self.indices.write_data.next = self.set_value.val();
        }

        if self.reset.val() {
            self.state.d.next = 0.into();
            self.bad.d.next = 0.into();
        }
    }
}
