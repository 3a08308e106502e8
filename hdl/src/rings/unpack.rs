//! Submissions as they come out of host memory: checked as `debye_spec::rings::Submission::read` does, given a tag, and
//! sent on to the core or the copier, or refused.

use super::fifo::Fifo;
use super::tags::Tags;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u, bit_cast_w};
use debye_spec::encode_wire::KIND_ENCODE;
use debye_spec::ring_map::EncodeCapabilities;
use debye_spec::rings::chunk_room;
use debye_spec::status::Status;
use debye_spec::wire::{MAX_RESULT_BYTES_FIXED, REQUEST_MAGIC, VERSION};
use rust_hdl::prelude::*;

/// 5 cycles a submission. What goes to the core waits in a queue of its own, so that a copy does not wait for a lane.
///
/// To the core a submission goes with its tag for a handle, without its result's memory, and with the tag in bits 37..32
/// of the chunk's address, above the chunk's place in its page: so the core's fetches and results name the tag. What an
/// encoder has a part in goes with its target, and if the core has one too, with the submission's own code of its kind.
#[derive(LogicBlock)]
pub struct Unpack {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Takes on nothing more.
    pub halt: Signal<In, Bit>,
    /// A submission comes; there is room for as many as there are tags.
    pub entry: Signal<In, Bit>,
    /// It.
    pub entry_data: Signal<In, W<512, 8>>,
    /// Its queue.
    pub entry_queue: Signal<In, U<3>>,
    /// It could not be read: then it counts as zeros.
    pub entry_bad: Signal<In, Bit>,

    /// A tag is given to the submission `alloc_entry`; holds until `alloc_ready`.
    pub alloc: Signal<Out, Bit>,
    /// All have taken note.
    pub alloc_ready: Signal<In, Bit>,
    /// The tag.
    pub alloc_tag: Signal<Out, U<6>>,
    /// The submission.
    pub alloc_entry: Signal<Out, W<512, 8>>,
    /// Its queue.
    pub alloc_queue: Signal<Out, U<3>>,
    /// Beats that the core will fetch for it.
    pub alloc_beats: Signal<Out, U<25>>,
    /// A chunk will be made beside its result.
    pub alloc_makes: Signal<Out, Bit>,
    /// A tag is free again.
    pub free: Signal<In, Bit>,
    /// Which.
    pub free_tag: Signal<In, U<6>>,

    /// To the core.
    pub m_req_tvalid: Signal<Out, Bit>,
    /// See `m_req_tvalid`.
    pub m_req_tready: Signal<In, Bit>,
    /// A request header.
    pub m_req_tdata: Signal<Out, W<512, 8>>,
    /// To the copier, which has room for as many as there are tags.
    pub job: Signal<Out, Bit>,
    /// Source; target; beats (152..128), upload (153), tag (159..154).
    pub job_data: Signal<Out, W<192, 3>>,
    /// Refused; holds until `refuse_ready`.
    pub refuse: Signal<Out, Bit>,
    /// Taken.
    pub refuse_ready: Signal<In, Bit>,
    /// With this status.
    pub refuse_status: Signal<Out, U<8>>,

    entries: Fifo<W<512, 8>, 6>,
    sides: Fifo<U<4>, 6>,
    requests: Fifo<W<512, 8>, 6>,
    tags: Tags,
    state: DFF<U<3>>,
    tag: DFF<U<6>>,
    known: DFF<Bit>,
    aligned: DFF<Bit>,
    whole: DFF<Bit>,
    oversize: DFF<Bit>,
    outside: DFF<Bit>,
    need: DFF<U<38>>,
    more: DFF<U<38>>,
    status: DFF<U<8>>,
    magic: Constant<U<32>>,
    version: Constant<U<8>>,
    fixed: Constant<U<38>>,
    encodes: Constant<U<1>>,
    block: Constant<U<8>>,
    lane_kind: Constant<U<8>>,
    room: Constant<U<38>>,
    invalid: Constant<U<8>>,
    too_large: Constant<U<8>>,
    unread: Constant<U<8>>,
    memory: Constant<U<64>>,

    sum: Signal<Local, U<6>>,
    bytes: Signal<Local, U<32>>,
    bin_count: Signal<Local, U<38>>,
    kind: Signal<Local, U<8>>,
    is_encode: Signal<Local, Bit>,
    is_fuse: Signal<Local, Bit>,
    is_making: Signal<Local, Bit>,
    whole_lines: Signal<Local, U<38>>,
    is_work: Signal<Local, Bit>,
    capacity: Signal<Local, U<38>>,
    bad: Signal<Local, Bit>,
    up: Signal<Local, U<33>>,
    target: Signal<Local, U<64>>,
    upload_end: Signal<Local, U<64>>,
    address: Signal<Local, U<64>>,
    word_2: Signal<Local, U<64>>,
    ends: Signal<Local, Bit>,
    kept: Signal<Local, W<512, 8>>,
    first: Signal<Local, U<64>>,
    place: Signal<Local, U<64>>,
    wide: Signal<Local, U<38>>,
}

impl Unpack {
    /// Before a table memory of 2^`memory_log2` bytes, with those encoders beside the core.
    pub fn new(memory_log2: u32, encodes: &EncodeCapabilities) -> Self {
        Unpack {
            encodes: Constant::new(U(u64::from(encodes.lanes > 0))),
            block: Constant::new(U(encodes.block_log2 as u64)),
            lane_kind: Constant::new(U(KIND_ENCODE as u64)),
            room: Constant::new(U(chunk_room(0) as u64)),
            memory: Constant::new(U(1 << memory_log2)),
            magic: Constant::new(U(REQUEST_MAGIC as u64)),
            version: Constant::new(U(VERSION as u64)),
            fixed: Constant::new(U(MAX_RESULT_BYTES_FIXED as u64)),
            invalid: Constant::new(U(Status::RequestInvalid.code() as u64)),
            too_large: Constant::new(U(Status::ResultTooLarge.code() as u64)),
            unread: Constant::new(U(Status::DmaFault.code() as u64)),
            clock: Default::default(),
            reset: Default::default(),
            halt: Default::default(),
            entry: Default::default(),
            entry_data: Default::default(),
            entry_queue: Default::default(),
            entry_bad: Default::default(),
            alloc: Default::default(),
            alloc_ready: Default::default(),
            alloc_tag: Default::default(),
            alloc_entry: Default::default(),
            alloc_queue: Default::default(),
            alloc_beats: Default::default(),
            alloc_makes: Default::default(),
            free: Default::default(),
            free_tag: Default::default(),
            m_req_tvalid: Default::default(),
            m_req_tready: Default::default(),
            m_req_tdata: Default::default(),
            job: Default::default(),
            job_data: Default::default(),
            refuse: Default::default(),
            refuse_ready: Default::default(),
            refuse_status: Default::default(),
            entries: Default::default(),
            sides: Default::default(),
            requests: Default::default(),
            tags: Default::default(),
            state: Default::default(),
            tag: Default::default(),
            known: Default::default(),
            aligned: Default::default(),
            whole: Default::default(),
            oversize: Default::default(),
            outside: Default::default(),
            target: Default::default(),
            upload_end: Default::default(),
            need: Default::default(),
            more: Default::default(),
            status: Default::default(),
            sum: Default::default(),
            bytes: Default::default(),
            bin_count: Default::default(),
            kind: Default::default(),
            is_encode: Default::default(),
            is_fuse: Default::default(),
            is_making: Default::default(),
            whole_lines: Default::default(),
            is_work: Default::default(),
            capacity: Default::default(),
            bad: Default::default(),
            up: Default::default(),
            address: Default::default(),
            word_2: Default::default(),
            ends: Default::default(),
            kept: Default::default(),
            first: Default::default(),
            place: Default::default(),
            wide: Default::default(),
        }
    }
}

impl Logic for Unpack {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, tag, known, aligned, whole, oversize, outside, need, more, status);
        clock!(self, clock, entries, sides, requests, tags);
        self.entries.reset.next = self.reset.val();
        self.sides.reset.next = self.reset.val();
        self.requests.reset.next = self.reset.val();
        self.tags.reset.next = self.reset.val();
        self.tags.free.next = self.free.val();
        self.tags.free_tag.next = self.free_tag.val();
        self.tags.take.next = false;
        self.kept.next = self.entry_data.val();
        if self.entry_bad.val() {
            self.kept.next = 0.into();
        }
        self.entries.push.next = self.entry.val();
        self.entries.push_data.next = self.kept.val();
        self.sides.push.next = self.entry.val();
        self.sides.push_data.next =
            bit_cast_u::<4, 3>(self.entry_queue.val()) | (bit_cast_b::<4>(self.entry_bad.val()) << 3);

        // The submission at hand stays at the queue's output until it is sent on.
        self.bytes.next = self.entries.data.val().get_bits::<32>(160);
        self.bin_count.next = bit_cast_u::<38, 32>(self.entries.data.val().get_bits::<32>(224));
        self.kind.next = self.entries.data.val().get_bits::<8>(40);
        self.wide.next = bit_cast_u::<38, 32>(self.bytes.val());
        self.is_encode.next = (self.encodes.val() == 1) & (self.kind.val() == 4);
        self.is_fuse.next = (self.encodes.val() == 1) & (self.kind.val() == 5);
        self.is_making.next = self.is_encode.val() | self.is_fuse.val();
        self.is_work.next = (self.kind.val() == 1) | self.is_making.val();
        self.capacity.next = bit_cast_u::<38, 32>(self.entries.data.val().get_bits::<32>(416));
        self.whole_lines.next = self.need.q.val() + 63;
        self.bad.next = self.sides.data.val().get_bit(3);
        self.sum.next = self.entries.data.val().get_bits::<6>(320) | self.entries.data.val().get_bits::<6>(448);
        self.up.next = bit_cast_u::<33, 32>(self.bytes.val()) + 63;
        self.target.next = self.entries.data.val().get_bits::<64>(448);
        self.upload_end.next = self.target.val() + bit_cast_u::<64, 32>(self.bytes.val());
        self.alloc_tag.next = self.tag.q.val();
        self.alloc_entry.next = self.entries.data.val();
        self.alloc_queue.next = self.sides.data.val().get_bits::<3>(0);
        self.alloc_beats.next = 0.into();
        self.alloc_makes.next = self.is_fuse.val() & (self.status.q.val() == 0);
        if self.is_work.val() & (self.status.q.val() == 0) {
            self.alloc_beats.next = self.up.val().get_bits::<25>(6);
        }
        self.alloc.next = false;
        self.job.next = false;
        self.refuse.next = false;
        self.refuse_status.next = self.status.q.val();
        self.requests.push.next = false;
        self.ends.next = false;
        match self.state.q.val().index() {
            0 => {
                self.tag.d.next = self.tags.tag.val();
                self.known.d.next = (self.entries.data.val().get_bits::<32>(0) == self.magic.val())
                    & (self.entries.data.val().get_bits::<8>(32) == self.version.val())
                    & (((self.kind.val() >= 1) & (self.kind.val() <= 3))
                        | (self.is_making.val() & (self.entries.data.val().get_bits::<8>(56) == self.block.val())));
                self.aligned.d.next = self.sum.val() == 0;
                self.whole.d.next =
                    self.is_work.val() | ((self.bytes.val() != 0) & (self.bytes.val().get_bits::<6>(0) == 0));
                self.oversize.d.next = self.bytes.val() > 1073741824;
                self.outside.d.next = (self.kind.val() == 2)
                    & ((self.target.val() >= self.memory.val()) | (self.upload_end.val() > self.memory.val()));
                self.need.d.next = self.fixed.val() + (self.bin_count.val() << 4) + (self.bin_count.val() << 2);
                self.more.d.next =
                    self.room.val() + self.wide.val() + bit_cast_u::<38, 26>(self.wide.val().get_bits::<26>(6));
                if self.entries.valid.val() & self.tags.valid.val() & !self.halt.val() {
                    self.tags.take.next = true;
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                // A result, a chunk, or both: then the chunk stands at the next multiple of 64.
                if self.is_encode.val() {
                    self.need.d.next = self.more.q.val();
                }
                if self.is_fuse.val() {
                    self.need.d.next =
                        (bit_cast_u::<38, 32>(self.whole_lines.val().get_bits::<32>(6)) << 6) + self.more.q.val();
                }
                self.state.d.next = 2.into();
            }
            2 => {
                self.status.d.next = 0.into();
                if self.is_work.val() & (self.capacity.val() < self.need.q.val()) {
                    self.status.d.next = self.too_large.val();
                }
                if !self.known.q.val()
                    | !self.aligned.q.val()
                    | !self.whole.q.val()
                    | self.oversize.q.val()
                    | self.outside.q.val()
                {
                    self.status.d.next = self.invalid.val();
                }
                if self.bad.val() {
                    self.status.d.next = self.unread.val();
                }
                self.state.d.next = 3.into();
            }
            3 => {
                self.alloc.next = true;
                if self.alloc_ready.val() {
                    self.state.d.next = 4.into();
                }
            }
            _ => {
                if self.status.q.val() != 0 {
                    self.refuse.next = true;
                    self.ends.next = self.refuse_ready.val();
                } else {
                    self.requests.push.next = self.is_work.val();
                    self.job.next = !self.is_work.val();
                    self.ends.next = true;
                }
            }
        }
        if self.ends.val() {
            self.state.d.next = 0.into();
        }
        self.entries.pop.next = self.ends.val();
        self.sides.pop.next = self.ends.val();

        self.address.next = bit_cast_u::<64, 12>(self.entries.data.val().get_bits::<12>(320))
            | (bit_cast_u::<64, 6>(self.tag.q.val()) << 32);
        // A lane that encodes has a code of its own for that, and no block's size. Its target goes with it.
        self.first.next = self.entries.data.val().get_bits::<64>(0);
        if self.is_encode.val() {
            self.first.next = bit_cast_u::<64, 40>(self.entries.data.val().get_bits::<40>(0))
                | (bit_cast_u::<64, 8>(self.lane_kind.val()) << 40)
                | (bit_cast_u::<64, 8>(self.entries.data.val().get_bits::<8>(48)) << 48);
        }
        self.place.next = 0.into();
        if self.is_making.val() {
            self.place.next = self.target.val();
        }
        self.requests.push_data.next = bit_cast_w::<512, 8, 64>(self.first.val())
            | (bit_cast_w::<512, 8, 6>(self.tag.q.val()) << 64)
            | (bit_cast_w::<512, 8, 64>(self.entries.data.val().get_bits::<64>(128)) << 128)
            | (bit_cast_w::<512, 8, 64>(self.entries.data.val().get_bits::<64>(192)) << 192)
            | (bit_cast_w::<512, 8, 64>(self.entries.data.val().get_bits::<64>(256)) << 256)
            | (bit_cast_w::<512, 8, 64>(self.address.val()) << 320)
            | (bit_cast_w::<512, 8, 32>(self.entries.data.val().get_bits::<32>(384)) << 384)
            | (bit_cast_w::<512, 8, 64>(self.place.val()) << 448);
        self.word_2.next = bit_cast_u::<64, 25>(self.up.val().get_bits::<25>(6))
            | (bit_cast_b::<64>(self.kind.val() == 2) << 25)
            | (bit_cast_u::<64, 6>(self.tag.q.val()) << 26);
        self.job_data.next = bit_cast_w::<192, 3, 64>(self.entries.data.val().get_bits::<64>(320))
            | (bit_cast_w::<192, 3, 64>(self.target.val()) << 64)
            | (bit_cast_w::<192, 3, 64>(self.word_2.val()) << 128);
        self.m_req_tvalid.next = self.requests.valid.val() & !self.halt.val();
        self.m_req_tdata.next = self.requests.data.val();
        self.requests.pop.next = self.requests.valid.val() & !self.halt.val() & self.m_req_tready.val();

        if self.reset.val() {
            self.state.d.next = 0.into();
        }
    }
}
