//! Results of the core: which submission each is of, and where it goes.

use super::pack::Pack;
use crate::base::ram::LutRam;
use crate::base::word::{U, W, bit_cast_u};
use rust_hdl::prelude::*;

/// Puts the submission's handle in the place of its tag. A word a cycle; what comes out is [`Pack`]'s.
#[derive(LogicBlock, Default)]
pub struct Results {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Takes and forgets what comes.
    pub halt: Signal<In, Bit>,
    /// A tag is given.
    pub alloc: Signal<In, Bit>,
    /// The tag.
    pub alloc_tag: Signal<In, U<6>>,
    /// The submission's handle.
    pub alloc_handle: Signal<In, U<64>>,
    /// Where its result goes.
    pub alloc_target: Signal<In, U<64>>,

    /// Results of the core (`debye_spec::wire`), with the tag for a handle.
    pub s_res_tvalid: Signal<In, Bit>,
    /// See `s_res_tvalid`.
    pub s_res_tready: Signal<Out, Bit>,
    /// See `s_res_tvalid`.
    pub s_res_tdata: Signal<In, U<64>>,
    /// See `s_res_tvalid`.
    pub s_res_tlast: Signal<In, Bit>,
    /// Pulse: a result has come to its end.
    pub done: Signal<Out, Bit>,

    /// A burst waits.
    pub burst_valid: Signal<Out, Bit>,
    /// See [`Pack`].
    pub burst: Signal<Out, W<192, 3>>,
    /// It is taken.
    pub burst_ready: Signal<In, Bit>,
    /// A beat of the bursts stands here.
    pub beat_valid: Signal<Out, Bit>,
    /// The beat.
    pub beat: Signal<Out, W<512, 8>>,
    /// It is taken.
    pub beat_ready: Signal<In, Bit>,

    handles: LutRam<U<64>, 6>,
    targets: LutRam<U<64>, 6>,
    pack: Pack,
    have: DFF<Bit>,
    word: DFF<U<64>>,
    last: DFF<Bit>,
    number: DFF<U<4>>,
    tag: DFF<U<6>>,
    status: DFF<U<8>>,
    bytes: DFF<U<32>>,

    all_bytes: Signal<Local, U<32>>,
}

impl Logic for Results {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, have, word, last, number, tag, status, bytes);
        clock!(self, clock, handles, targets, pack);
        self.pack.reset.next = self.reset.val();
        self.handles.write_enable.next = self.alloc.val();
        self.handles.write_address.next = self.alloc_tag.val();
        self.handles.write_data.next = self.alloc_handle.val();
        self.targets.write_enable.next = self.alloc.val();
        self.targets.write_address.next = self.alloc_tag.val();
        self.targets.write_data.next = self.alloc_target.val();

        // A word comes in.
        self.s_res_tready.next = self.pack.room.val() | self.halt.val();
        self.have.d.next = self.s_res_tvalid.val() & self.pack.room.val() & !self.halt.val();
        self.word.d.next = self.s_res_tdata.val();
        self.last.d.next = self.s_res_tlast.val();
        self.done.next = self.s_res_tvalid.val() & (self.pack.room.val() | self.halt.val()) & self.s_res_tlast.val();

        // Word 0 holds the status, word 1 the tag, the last one the CRC.
        self.handles.read_address.next = self.word.q.val().get_bits::<6>(0);
        self.targets.read_address.next = self.word.q.val().get_bits::<6>(0);
        self.all_bytes.next = self.bytes.q.val() + 8;
        self.pack.pause.next = false;
        self.pack.put.next = self.have.q.val();
        self.pack.word.next = self.word.q.val();
        if self.number.q.val() == 1 {
            self.pack.word.next = self.handles.read_data.val();
        }
        self.pack.last.next = self.last.q.val();
        self.pack.opens.next = self.number.q.val() == 1;
        self.pack.target.next = self.targets.read_data.val();
        self.pack.side.next = bit_cast_u::<15, 6>(self.tag.q.val()) | (bit_cast_u::<15, 8>(self.status.q.val()) << 6);
        self.pack.sums.next = bit_cast_u::<64, 32>(self.word.q.val().get_bits::<32>(0))
            | (bit_cast_u::<64, 32>(self.all_bytes.val()) << 32);
        if self.have.q.val() {
            self.bytes.d.next = self.all_bytes.val();
            if self.number.q.val() != 8 {
                self.number.d.next = self.number.q.val() + 1;
            }
            if self.number.q.val() == 0 {
                self.status.d.next = self.word.q.val().get_bits::<8>(48);
            }
            if self.number.q.val() == 1 {
                self.tag.d.next = self.word.q.val().get_bits::<6>(0);
            }
            if self.last.q.val() {
                self.number.d.next = 0.into();
                self.bytes.d.next = 0.into();
            }
        }

        self.burst_valid.next = self.pack.burst_valid.val();
        self.burst.next = self.pack.burst.val();
        self.pack.burst_ready.next = self.burst_ready.val();
        self.beat_valid.next = self.pack.beat_valid.val();
        self.beat.next = self.pack.beat.val();
        self.pack.beat_ready.next = self.beat_ready.val();

        if self.reset.val() {
            self.have.d.next = false;
            self.number.d.next = 0.into();
            self.bytes.d.next = 0.into();
        }
    }
}
