//! Splitter: request and chunk in, job and blocks out ([`debye_spec::chunk`] in cycles).

mod framing;
mod header;
mod request;
pub(crate) mod watchdog;
mod window;

use crate::base::pins::HdlPins;
use crate::base::queue::Queue;
use crate::base::word::U;
use crate::pins;
use framing::Framing;
use request::RequestReader;
use rust_hdl::prelude::*;
use window::Window;

/// Splits chunks for blocks of up to 2^`BLOCK` bytes (10 to 16).
///
/// A frame is 8 header words, then the chunk in ceil(bytes / 8) words; all of them are taken, whatever they hold. Out
/// come exactly one job and, in order, the blocks (`m_blk_kind` 0), the raw tail (1) and exactly one end (2: one beat
/// without bytes) with the framing fault's status or 0. After a fault nothing of the frame follows but the end. What is behind
/// the chunk's end is dropped like the rest of a faulty one; in a request that says so it is no fault.
///
/// The watchdog counts cycles in which a word of the chunk is wanted and none comes. When it gives a frame up within a
/// block, a last beat without bytes ends that block, which is then too short: `Stalled` goes before the LZ4 fault that
/// comes of it. It does not cover the request's 8 words: without them the length to drain by is not known, so that
/// nothing could follow. On a card they come out of one 512-bit beat and cannot stall; any other source must hold all
/// of them before it offers the first.
///
/// 8 bytes a cycle within a block, 2 cycles lost between blocks, about 30 a frame. From a word taken to its beat:
/// 5 cycles.
#[derive(LogicBlock)]
pub struct Splitter<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Input words.
    pub s_axis_tvalid: Signal<In, Bit>,
    /// Input is taken.
    pub s_axis_tready: Signal<Out, Bit>,
    /// Eight bytes, first byte lowest.
    pub s_axis_tdata: Signal<In, U<64>>,
    /// Id of the table that is loaded.
    pub table_id: Signal<In, U<32>>,
    /// Its pixels.
    pub table_pixels: Signal<In, U<26>>,
    /// Its bins.
    pub table_bins: Signal<In, U<15>>,
    /// Most bins that the histograms hold.
    pub max_bins: Signal<In, U<15>>,
    /// Cycles without input within a chunk after which the frame is given up; 0: never.
    pub watchdog: Signal<In, U<32>>,
    /// Running count of cycles.
    pub now: Signal<In, U<40>>,
    /// A job stands: one a frame.
    pub m_job_tvalid: Signal<Out, Bit>,
    /// It is taken. The next frame's header waits for that.
    pub m_job_tready: Signal<In, Bit>,
    /// Handle of the request.
    pub m_job_handle: Signal<Out, U<64>>,
    /// Sequence number of the request.
    pub m_job_sequence: Signal<Out, U<32>>,
    /// Element code of [`debye_spec::wire`]; 0 when the request's is not known.
    pub m_job_element: Signal<Out, U<3>>,
    /// Largest value that counts, lowered as [`debye_spec::ValidRule`] does.
    pub m_job_max_valid: Signal<Out, U<28>>,
    /// Valid pixels above this are counted.
    pub m_job_threshold: Signal<Out, U<32>>,
    /// Bins of the request.
    pub m_job_bins: Signal<Out, U<15>>,
    /// `now` when the first word was taken.
    pub m_job_start: Signal<Out, U<40>>,
    /// A beat stands.
    pub m_blk_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_blk_tready: Signal<In, Bit>,
    /// Its bytes, first byte lowest.
    pub m_blk_tdata: Signal<Out, U<64>>,
    /// How many: 8 but in a block's last beat.
    pub m_blk_tbytes: Signal<Out, U<4>>,
    /// Last beat of a block.
    pub m_blk_tlast: Signal<Out, Bit>,
    /// 0: LZ4 block, 1: raw tail, 2: end of the frame.
    pub m_blk_kind: Signal<Out, U<2>>,
    /// Bytes that the block makes.
    pub m_blk_size: Signal<Out, U<17>>,
    /// Log2 of a pixel's bytes.
    pub m_blk_esize: Signal<Out, U<2>>,
    /// Kind 2: the frame's framing status.
    pub m_blk_status: Signal<Out, U<8>>,
    /// Inside a frame, waiting for input.
    pub starved: Signal<Out, Bit>,
    request: RequestReader,
    framing: Framing,
    window: Window,
    queue: Queue<64, 34, 4>,
    largest: Constant<U<18>>,
    waits: DFF<Bit>,
    head_word: Signal<Local, Bit>,
}

impl<const BLOCK: usize> Default for Splitter<BLOCK> {
    fn default() -> Self {
        const { assert!(BLOCK >= 10 && BLOCK <= 16, "blocks are 1 to 64 KiB") };
        Splitter {
            clock: Default::default(),
            reset: Default::default(),
            s_axis_tvalid: Default::default(),
            s_axis_tready: Default::default(),
            s_axis_tdata: Default::default(),
            table_id: Default::default(),
            table_pixels: Default::default(),
            table_bins: Default::default(),
            max_bins: Default::default(),
            watchdog: Default::default(),
            now: Default::default(),
            m_job_tvalid: Default::default(),
            m_job_tready: Default::default(),
            m_job_handle: Default::default(),
            m_job_sequence: Default::default(),
            m_job_element: Default::default(),
            m_job_max_valid: Default::default(),
            m_job_threshold: Default::default(),
            m_job_bins: Default::default(),
            m_job_start: Default::default(),
            m_blk_tvalid: Default::default(),
            m_blk_tready: Default::default(),
            m_blk_tdata: Default::default(),
            m_blk_tbytes: Default::default(),
            m_blk_tlast: Default::default(),
            m_blk_kind: Default::default(),
            m_blk_size: Default::default(),
            m_blk_esize: Default::default(),
            m_blk_status: Default::default(),
            starved: Default::default(),
            request: Default::default(),
            framing: Default::default(),
            window: Default::default(),
            // A beat is on its way for two cycles.
            queue: Queue::new(10),
            largest: Constant::new(U(1 << BLOCK)),
            waits: Default::default(),
            head_word: Default::default(),
        }
    }
}

impl<const BLOCK: usize> Logic for Splitter<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, waits);
        self.request.clock.next = self.clock.val();
        self.framing.clock.next = self.clock.val();
        self.window.clock.next = self.clock.val();
        self.queue.clock.next = self.clock.val();
        self.framing.reset.next = self.reset.val();
        self.window.reset.next = self.reset.val();
        self.queue.reset.next = self.reset.val();

        self.head_word.next = self.framing.head_ready.val() & self.s_axis_tvalid.val();
        self.s_axis_tready.next = (self.framing.head_ready.val() | self.window.word_ready.val()) & !self.reset.val();
        self.request.word_valid.next = self.head_word.val();
        self.request.index.next = self.framing.head_index.val();
        self.request.word.next = self.s_axis_tdata.val();
        self.request.now.next = self.now.val();
        self.request.table_id.next = self.table_id.val();
        self.request.table_pixels.next = self.table_pixels.val();
        self.request.table_bins.next = self.table_bins.val();
        self.request.max_bins.next = self.max_bins.val();
        self.m_job_handle.next = self.request.handle.val();
        self.m_job_sequence.next = self.request.sequence_number.val();
        self.m_job_element.next = self.request.element.val();
        self.m_job_max_valid.next = self.request.max_valid.val();
        self.m_job_threshold.next = self.request.threshold.val();
        self.m_job_bins.next = self.request.job_bins.val();
        self.m_job_start.next = self.request.start.val();
        self.m_job_tvalid.next = self.framing.job_valid.val();
        self.framing.job_ready.next = self.m_job_tready.val();

        self.window.word_valid.next = self.s_axis_tvalid.val();
        self.window.word.next = self.s_axis_tdata.val();
        self.window.chunk_bytes.next = self.request.chunk_bytes.val();
        self.window.start.next = self.framing.window_start.val();
        self.window.fire.next = self.framing.window_fire.val();
        self.window.take.next = self.framing.window_take.val();
        self.window.drain.next = self.framing.window_drain.val();
        self.framing.window_full.next = self.window.full.val();
        self.framing.window_aligned.next = self.window.aligned.val();
        self.framing.window_first.next = self.window.first.val();
        self.framing.window_more.next = self.window.more.val();
        self.framing.window_waiting.next = self.window.waiting.val();
        self.framing.word_valid.next = self.s_axis_tvalid.val();
        self.framing.request_status.next = self.request.status.val();
        self.framing.chunk_bytes.next = self.request.chunk_bytes.val();
        self.framing.padded.next = self.request.padded.val();
        self.framing.esize.next = self.request.element.val().get_bits::<2>(0);
        self.framing.table_pixels.next = self.table_pixels.val();
        self.framing.largest.next = self.largest.val();
        self.framing.watchdog.next = self.watchdog.val();
        self.waits.d.next = self.framing.starved.val();
        self.starved.next = self.waits.q.val();

        self.framing.room.next = self.queue.room.val();
        self.queue.push.next = self.framing.push.val();
        self.queue.push_data.next = self.framing.push_data.val();
        self.queue.push_side.next = self.framing.push_side.val();
        self.queue.ready.next = self.m_blk_tready.val();
        self.m_blk_tvalid.next = self.queue.valid.val();
        self.m_blk_tdata.next = self.queue.data.val();
        self.m_blk_tbytes.next = self.queue.side.val().get_bits::<4>(0);
        self.m_blk_tlast.next = self.queue.side.val().get_bit(4);
        self.m_blk_kind.next = self.queue.side.val().get_bits::<2>(5);
        self.m_blk_size.next = self.queue.side.val().get_bits::<17>(7);
        self.m_blk_esize.next = self.queue.side.val().get_bits::<2>(24);
        self.m_blk_status.next = self.queue.side.val().get_bits::<8>(26);
    }
}

/// A splitter behind its pins.
pub fn pins<const BLOCK: usize>() -> HdlPins<Splitter<BLOCK>> {
    pins!(Box::<Splitter<BLOCK>>::default();
        in reset, s_axis_tvalid, s_axis_tdata, table_id, table_pixels, table_bins, max_bins, watchdog, now,
            m_job_tready, m_blk_tready;
        out s_axis_tready, m_job_tvalid, m_job_handle, m_job_sequence, m_job_element, m_job_max_valid,
            m_job_threshold, m_job_bins, m_job_start, m_blk_tvalid, m_blk_tdata, m_blk_tbytes, m_blk_tlast,
            m_blk_kind, m_blk_size, m_blk_esize, m_blk_status, starved)
}
