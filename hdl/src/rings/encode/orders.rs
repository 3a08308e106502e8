//! Requests that an encoder has a part in: they wait here, and what each lane is to be told is made of them.

use super::super::fifo::Fifo;
use crate::base::word::{U, W, bit_cast_u, bit_cast_w};
use debye_spec::encode_wire::KIND_ENCODE;
use debye_spec::rings::chunk_room;
use debye_spec::wire::{KIND_INTEGRATE, MAX_RESULT_BYTES_FIXED, REQUEST_PADDED};
use rust_hdl::prelude::*;

/// A queue of 32, so that the core's requests pass those that wait for an encoder. The one at its head is looked at for
/// two cycles, then offered.
#[derive(LogicBlock)]
pub struct Orders {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it.
    pub reset: Signal<In, Bit>,
    /// There is room for a request.
    pub room: Signal<Out, Bit>,
    /// A request comes; only while `room`.
    pub put: Signal<In, Bit>,
    /// The request as the ring engine makes it, with the target in its last word; see [`super::super::unpack::Unpack`].
    pub put_data: Signal<In, W<512, 8>>,

    /// An order stands.
    pub valid: Signal<Out, Bit>,
    /// It is taken; only while `valid`.
    pub take: Signal<In, Bit>,
    /// The core has a part in it too.
    pub fused: Signal<Out, Bit>,
    /// Its tag.
    pub tag: Signal<Out, U<6>>,
    /// Where its chunk goes.
    pub target: Signal<Out, U<64>>,
    /// Request to the encoder's lane (`debye_spec::rings::RawSubmission::encode_header`).
    pub encode: Signal<Out, W<512, 8>>,
    /// Request to the core, if it has a part in it (`lane_header`), but for the chunk's address.
    pub integrate: Signal<Out, W<512, 8>>,

    queue: Fifo<W<512, 8>, 5>,
    state: DFF<U<2>>,
    offset: DFF<U<38>>,
    chunk_at: DFF<U<64>>,
    bins_at: Constant<U<38>>,
    least_room: Constant<U<32>>,
    encode_word: Constant<U<64>>,
    core_word: Constant<U<64>>,

    head: Signal<Local, W<512, 8>>,
    fuses: Signal<Local, Bit>,
    bin_count: Signal<Local, U<38>>,
    bytes: Signal<Local, U<32>>,
    bound: Signal<Local, U<32>>,
    own: Signal<Local, U<64>>,
    first: Signal<Local, U<64>>,
    lane_first: Signal<Local, U<64>>,
    counts: Signal<Local, U<64>>,
    limits: Signal<Local, U<64>>,
    table_word: Signal<Local, U<64>>,
    core_first: Signal<Local, U<64>>,
    lane_third: Signal<Local, U<64>>,
}

impl Default for Orders {
    fn default() -> Self {
        Orders {
            // Rounded up by adding 63 and leaving out the lowest bits.
            bins_at: Constant::new(U(MAX_RESULT_BYTES_FIXED as u64 + 63)),
            least_room: Constant::new(U(chunk_room(0) as u64)),
            encode_word: Constant::new(U((KIND_ENCODE as u64) << 40)),
            core_word: Constant::new(U((KIND_INTEGRATE as u64) << 40 | (REQUEST_PADDED as u64) << 56)),
            clock: Default::default(),
            reset: Default::default(),
            room: Default::default(),
            put: Default::default(),
            put_data: Default::default(),
            valid: Default::default(),
            take: Default::default(),
            fused: Default::default(),
            tag: Default::default(),
            target: Default::default(),
            encode: Default::default(),
            integrate: Default::default(),
            queue: Default::default(),
            state: Default::default(),
            offset: Default::default(),
            chunk_at: Default::default(),
            head: Default::default(),
            fuses: Default::default(),
            bin_count: Default::default(),
            bytes: Default::default(),
            bound: Default::default(),
            own: Default::default(),
            first: Default::default(),
            lane_first: Default::default(),
            counts: Default::default(),
            limits: Default::default(),
            table_word: Default::default(),
            core_first: Default::default(),
            lane_third: Default::default(),
        }
    }
}

impl Logic for Orders {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, offset, chunk_at);
        self.queue.clock.next = self.clock.val();
        self.queue.reset.next = self.reset.val();
        self.queue.push.next = self.put.val();
        self.queue.push_data.next = self.put_data.val();
        self.room.next = self.queue.used.val() < 32;
        self.head.next = self.queue.data.val();

        // Where the chunk goes: behind the largest result, if there is one.
        self.fuses.next = self.head.val().get_bits::<8>(40) == 5;
        self.bin_count.next = bit_cast_u::<38, 32>(self.head.val().get_bits::<32>(224));
        self.own.next = 0.into();
        if self.fuses.val() {
            self.own.next = bit_cast_u::<64, 32>(self.offset.q.val().get_bits::<32>(6)) << 6;
        }
        self.valid.next = false;
        self.queue.pop.next = false;
        match self.state.q.val().index() {
            0 => {
                self.offset.d.next = self.bins_at.val() + (self.bin_count.val() << 4) + (self.bin_count.val() << 2);
                if self.queue.valid.val() {
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                self.chunk_at.d.next = self.head.val().get_bits::<64>(448) + self.own.val();
                self.state.d.next = 2.into();
            }
            _ => {
                self.valid.next = true;
                if self.take.val() {
                    self.queue.pop.next = true;
                    self.state.d.next = 0.into();
                }
            }
        }
        self.fused.next = self.fuses.val();
        self.tag.next = self.head.val().get_bits::<6>(64);
        self.target.next = self.chunk_at.q.val();

        // The encoder's: kind 2; of a fused one without what is the core's.
        self.first.next = bit_cast_u::<64, 40>(self.head.val().get_bits::<40>(0))
            | (bit_cast_u::<64, 8>(self.head.val().get_bits::<8>(48)) << 48);
        self.counts.next = self.head.val().get_bits::<64>(192);
        self.limits.next = self.head.val().get_bits::<64>(256);
        self.table_word.next = self.head.val().get_bits::<64>(384);
        if self.fuses.val() {
            self.counts.next = bit_cast_u::<64, 32>(self.head.val().get_bits::<32>(192));
            self.limits.next = 0.into();
            self.table_word.next = 0.into();
        }
        self.lane_first.next = self.first.val() | self.encode_word.val();
        self.encode.next = bit_cast_w::<512, 8, 64>(self.lane_first.val())
            | (bit_cast_w::<512, 8, 64>(self.head.val().get_bits::<64>(64)) << 64)
            | (bit_cast_w::<512, 8, 64>(self.head.val().get_bits::<64>(128)) << 128)
            | (bit_cast_w::<512, 8, 64>(self.counts.val()) << 192)
            | (bit_cast_w::<512, 8, 64>(self.limits.val()) << 256)
            | (bit_cast_w::<512, 8, 64>(self.head.val().get_bits::<64>(320)) << 320)
            | (bit_cast_w::<512, 8, 64>(self.table_word.val()) << 384);

        // The core's: kind 1, padded, up to the bytes that a chunk may have.
        self.bytes.next = self.head.val().get_bits::<32>(160);
        self.bound.next =
            self.least_room.val() + self.bytes.val() + bit_cast_u::<32, 26>(self.bytes.val().get_bits::<26>(6));
        self.core_first.next = self.first.val() | self.core_word.val();
        self.lane_third.next =
            bit_cast_u::<64, 32>(self.head.val().get_bits::<32>(128)) | (bit_cast_u::<64, 32>(self.bound.val()) << 32);
        self.integrate.next = bit_cast_w::<512, 8, 64>(self.core_first.val())
            | (bit_cast_w::<512, 8, 64>(self.head.val().get_bits::<64>(64)) << 64)
            | (bit_cast_w::<512, 8, 64>(self.lane_third.val()) << 128)
            | (bit_cast_w::<512, 8, 64>(self.head.val().get_bits::<64>(192)) << 192)
            | (bit_cast_w::<512, 8, 64>(self.head.val().get_bits::<64>(256)) << 256)
            | (bit_cast_w::<512, 8, 64>(self.head.val().get_bits::<64>(384)) << 384);

        if self.reset.val() {
            self.state.d.next = 0.into();
        }
    }
}
