//! Copies in pieces: each is one read burst and one write burst, up to 8 pieces of 4 KiB at a time.

use super::fifo::Fifo;
use super::store::Store;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

/// A piece ends where the source's page or the target's ends. It is asked for when there is room for it, and offered to
/// the writers (host memory or table memory) when all of it is there. Pieces of all jobs go in order.
#[derive(LogicBlock, Default)]
pub struct Copier {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Asks for nothing more.
    pub halt: Signal<In, Bit>,
    /// A job comes; see [`super::unpack::Unpack`].
    pub job: Signal<In, Bit>,
    /// It.
    pub job_data: Signal<In, W<192, 3>>,

    /// A piece is to be read.
    pub ask_valid: Signal<Out, Bit>,
    /// It is asked for.
    pub ask_ready: Signal<In, Bit>,
    /// Where it stands.
    pub ask_address: Signal<Out, U<64>>,
    /// Its beats.
    pub ask_beats: Signal<Out, U<7>>,
    /// Its tag.
    pub ask_tag: Signal<Out, U<6>>,
    /// A beat came.
    pub beat_in: Signal<In, Bit>,
    /// The beat.
    pub beat_data: Signal<In, W<512, 8>>,

    /// A piece is there whole, for host memory.
    pub copy_valid: Signal<Out, Bit>,
    /// A piece is there whole, for table memory.
    pub upload_valid: Signal<Out, Bit>,
    /// Address; beats (70..64), end of the job (74), tag (80..75), bytes of the job (191..160).
    pub burst: Signal<Out, W<192, 3>>,
    /// It is taken.
    pub burst_ready: Signal<In, Bit>,
    /// A beat of the pieces stands here.
    pub beat_valid: Signal<Out, Bit>,
    /// The beat.
    pub beat: Signal<Out, W<512, 8>>,
    /// It is taken.
    pub beat_ready: Signal<In, Bit>,

    jobs: Fifo<W<192, 3>, 6>,
    pieces: Fifo<W<192, 3>, 4>,
    store: Store,
    state: DFF<U<2>>,
    source: DFF<U<64>>,
    target: DFF<U<64>>,
    left: DFF<U<25>>,
    all: DFF<U<25>>,
    upload: DFF<Bit>,
    tag: DFF<U<6>>,
    piece: DFF<U<7>>,
    held: DFF<U<10>>,
    there: DFF<U<10>>,
    leaving: DFF<U<7>>,

    to_source: Signal<Local, U<7>>,
    to_target: Signal<Local, U<7>>,
    page: Signal<Local, U<7>>,
    rest: Signal<Local, U<25>>,
    after: Signal<Local, U<10>>,
    room: Signal<Local, Bit>,
    asks: Signal<Local, Bit>,
    step: Signal<Local, U<64>>,
    side: Signal<Local, U<64>>,
    bytes: Signal<Local, U<64>>,
    first: Signal<Local, U<7>>,
    whole: Signal<Local, Bit>,
    more_held: Signal<Local, U<10>>,
    more_there: Signal<Local, U<10>>,
}

impl Logic for Copier {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, source, target, left, all, upload, tag, piece, held, there, leaving);
        clock!(self, clock, jobs, pieces, store);
        self.jobs.reset.next = self.reset.val();
        self.pieces.reset.next = self.reset.val();
        self.store.reset.next = self.reset.val();
        self.jobs.push.next = self.job.val();
        self.jobs.push_data.next = self.job_data.val();
        self.jobs.pop.next = false;

        self.page.next = 64.into();
        self.to_source.next = self.page.val() - bit_cast_u::<7, 6>(self.source.q.val().get_bits::<6>(6));
        self.to_target.next = self.page.val() - bit_cast_u::<7, 6>(self.target.q.val().get_bits::<6>(6));
        self.rest.next = self.left.q.val() - bit_cast_u::<25, 7>(self.piece.q.val());
        self.after.next = self.held.q.val() + bit_cast_u::<10, 7>(self.piece.q.val());
        self.room.next = (self.after.val() <= 512) & (self.pieces.used.val() < 15);
        self.step.next = bit_cast_u::<64, 7>(self.piece.q.val()) << 6;
        self.asks.next = false;
        match self.state.q.val().index() {
            0 => {
                self.source.d.next = self.jobs.data.val().get_bits::<64>(0);
                self.target.d.next = self.jobs.data.val().get_bits::<64>(64);
                self.left.d.next = self.jobs.data.val().get_bits::<25>(128);
                self.all.d.next = self.jobs.data.val().get_bits::<25>(128);
                self.upload.d.next = self.jobs.data.val().get_bit(153);
                self.tag.d.next = self.jobs.data.val().get_bits::<6>(154);
                if self.jobs.valid.val() & !self.halt.val() {
                    self.jobs.pop.next = true;
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                self.piece.d.next = self.to_source.val();
                if self.to_target.val() < self.to_source.val() {
                    self.piece.d.next = self.to_target.val();
                }
                self.state.d.next = 2.into();
            }
            2 => {
                if self.left.q.val() < bit_cast_u::<25, 7>(self.piece.q.val()) {
                    self.piece.d.next = self.left.q.val().get_bits::<7>(0);
                }
                self.state.d.next = 3.into();
            }
            _ => {
                self.asks.next = self.room.val() & !self.halt.val();
                if self.room.val() & !self.halt.val() & self.ask_ready.val() {
                    self.source.d.next = self.source.q.val() + self.step.val();
                    self.target.d.next = self.target.q.val() + self.step.val();
                    self.left.d.next = self.rest.val();
                    self.state.d.next = 1.into();
                    if self.rest.val() == 0 {
                        self.state.d.next = 0.into();
                    }
                }
            }
        }
        self.ask_valid.next = self.asks.val();
        self.ask_address.next = self.source.q.val();
        self.ask_beats.next = self.piece.q.val();
        self.ask_tag.next = self.tag.q.val();
        self.side.next = bit_cast_u::<64, 7>(self.piece.q.val())
            | (bit_cast_b::<64>(self.rest.val() == 0) << 10)
            | (bit_cast_u::<64, 6>(self.tag.q.val()) << 11)
            | (bit_cast_b::<64>(self.upload.q.val()) << 63);
        self.bytes.next = bit_cast_u::<64, 25>(self.all.q.val()) << 38;
        self.pieces.push.next = self.asks.val() & self.ask_ready.val();
        self.pieces.push_data.next = bit_cast_w::<192, 3, 64>(self.target.q.val())
            | (bit_cast_w::<192, 3, 64>(self.side.val()) << 64)
            | (bit_cast_w::<192, 3, 64>(self.bytes.val()) << 128);

        self.store.push.next = self.beat_in.val();
        self.store.push_data.next = self.beat_data.val();
        self.beat_valid.next = self.store.valid.val();
        self.beat.next = self.store.data.val();
        self.store.pop.next = self.beat_ready.val();
        self.first.next = self.pieces.data.val().get_bits::<7>(64);
        self.whole.next = self.pieces.valid.val()
            & (self.leaving.q.val() == 0)
            & (self.there.q.val() >= bit_cast_u::<10, 7>(self.first.val()));
        self.copy_valid.next = self.whole.val() & !self.pieces.data.val().get_bit(127);
        self.upload_valid.next = self.whole.val() & self.pieces.data.val().get_bit(127);
        self.burst.next = self.pieces.data.val();
        self.pieces.pop.next = self.burst_ready.val();

        // `held`: beats that are asked for or stand here. `there`: beats of pieces that were not taken yet.
        self.more_held.next = self.held.q.val();
        if self.asks.val() & self.ask_ready.val() {
            self.more_held.next = self.after.val();
        }
        self.held.d.next = self.more_held.val();
        if self.beat_ready.val() {
            self.held.d.next = self.more_held.val() - 1;
        }
        self.more_there.next = self.there.q.val() + bit_cast_u::<10, 1>(bit_cast_b::<1>(self.beat_in.val()));
        self.there.d.next = self.more_there.val();
        if self.burst_ready.val() {
            self.there.d.next = self.more_there.val() - bit_cast_u::<10, 7>(self.first.val());
        }

        // The next piece may be for the other memory: it waits until this one has left.
        if self.beat_ready.val() {
            self.leaving.d.next = self.leaving.q.val() - 1;
        }
        if self.burst_ready.val() {
            self.leaving.d.next = self.first.val();
        }

        if self.reset.val() {
            self.leaving.d.next = 0.into();
            self.state.d.next = 0.into();
            self.held.d.next = 0.into();
            self.there.d.next = 0.into();
        }
    }
}
