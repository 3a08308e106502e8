//! The integrator: pixels and table operations in, sums a bin, statistics and invalid pixels out.
//!
//! ```text
//! s_px, s_op -> front -> validity -> statistics, invalid
//!                     -> window   -> 8 banks -> chooser -> readout -> m_rec
//! ```
//!
//! One operation a cycle. The memory has two halves: while a frame adds to one, the read-out brings out and clears the
//! other. Latency from an operation to its place in the memory's registers is 12 cycles; between the last pixel of a frame
//! and the first of the next there are 20.

use crate::base::word::{U, W, bit_cast_b};
use bank::Bank;
use chooser::Chooser;
use front::Front;
use invalid::Invalid;
use place::Place;
pub use ports::pins;
use readout::Readout;
use rust_hdl::prelude::*;
use statistics::Statistics;
use validity::Validity;
use window::Window;

pub mod bank;
pub mod chooser;
pub mod entry;
pub mod factors;
pub mod front;
pub mod invalid;
pub mod limits;
pub mod place;
mod ports;
pub mod products;
pub mod readout;
pub mod statistics;
pub mod sums;
pub mod tally;
pub mod validity;
pub mod window;

/// The integrator of a lane, with 8 * 2^ROWS bins.
#[derive(LogicBlock, Default)]
pub struct Integrator<const ROWS: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset; the memory is clear 2 * 2^ROWS cycles after it.
    pub reset: Signal<In, Bit>,
    /// Pixels.
    pub s_px_tvalid: Signal<In, Bit>,
    /// Pixels.
    pub s_px_tready: Signal<Out, Bit>,
    /// 8 bytes of pixels, little-endian.
    pub s_px_tdata: Signal<In, U<64>>,
    /// End of the frame: no pixels in this beat.
    pub s_px_tend: Signal<In, Bit>,
    /// Status of the frame; with `tend`.
    pub s_px_tstatus: Signal<In, U<8>>,
    /// Operations.
    pub s_op_tvalid: Signal<In, Bit>,
    /// Operations.
    pub s_op_tready: Signal<Out, Bit>,
    /// One operation ([`debye_spec::ops`]).
    pub s_op_tdata: Signal<In, W<128, 2>>,
    /// Job of a frame; taken at the frame's end.
    pub s_job_tvalid: Signal<In, Bit>,
    /// Job.
    pub s_job_tready: Signal<Out, Bit>,
    /// Comes back in the result.
    pub s_job_handle: Signal<In, U<64>>,
    /// Comes back in the result.
    pub s_job_sequence: Signal<In, U<32>>,
    /// Code of the pixel type ([`debye_spec::wire`]).
    pub s_job_element: Signal<In, U<3>>,
    /// Largest valid value.
    pub s_job_max_valid: Signal<In, U<28>>,
    /// Valid pixels above this are counted.
    pub s_job_threshold: Signal<In, U<32>>,
    /// Bins of the record.
    pub s_job_bins: Signal<In, U<15>>,
    /// When the frame began.
    pub s_job_start: Signal<In, U<40>>,
    /// End of a frame.
    pub m_end_tvalid: Signal<Out, Bit>,
    /// End of a frame.
    pub m_end_tready: Signal<In, Bit>,
    /// As in the job.
    pub m_end_handle: Signal<Out, U<64>>,
    /// As in the job.
    pub m_end_sequence: Signal<Out, U<32>>,
    /// As in the job.
    pub m_end_bins: Signal<Out, U<15>>,
    /// As in the job.
    pub m_end_start: Signal<Out, U<40>>,
    /// What became of the frame: 0 if record and list follow.
    pub m_end_status: Signal<Out, U<8>>,
    /// Valid pixels.
    pub m_end_valid: Signal<Out, U<26>>,
    /// Invalid pixels.
    pub m_end_invalid: Signal<Out, U<26>>,
    /// Sum of the valid pixels' values.
    pub m_end_sum: Signal<Out, U<54>>,
    /// Largest of them.
    pub m_end_max: Signal<Out, U<28>>,
    /// Valid pixels over the threshold.
    pub m_end_over: Signal<Out, U<26>>,
    /// Groups in the list.
    pub m_end_listed: Signal<Out, U<11>>,
    /// Record.
    pub m_rec_tvalid: Signal<Out, Bit>,
    /// Record.
    pub m_rec_tready: Signal<In, Bit>,
    /// Words of the record ([`debye_spec::Bins::record`]), the last one padded with zeros.
    pub m_rec_tdata: Signal<Out, U<64>>,
    /// Last word of the record.
    pub m_rec_tlast: Signal<Out, Bit>,
    /// List.
    pub m_inv_tvalid: Signal<Out, Bit>,
    /// List.
    pub m_inv_tready: Signal<In, Bit>,
    /// A group with invalid pixels ([`debye_spec::wire`]).
    pub m_inv_tdata: Signal<Out, U<32>>,
    /// A pixel word waits for an operation.
    pub op_starved: Signal<Out, Bit>,
    /// A frame waits for pixels.
    pub px_starved: Signal<Out, Bit>,
    /// A frame's end waits for the read-out of the frame before.
    pub blocked: Signal<Out, Bit>,
    front: Front,
    validity: Validity,
    window: Window,
    banks: [Bank<ROWS>; 4],
    upper_banks: [Bank<ROWS>; 4],
    statistics: Statistics,
    invalid: Invalid,
    readout: Readout<ROWS>,
    chooser: Chooser,
    place: Place<ROWS>,
    values_4: DFF<U<64>>,
    end_handle: DFF<U<64>>,
    end_sequence: DFF<U<32>>,
    end_bins: DFF<U<15>>,
    end_start: DFF<U<40>>,
    end_status: DFF<U<8>>,
    end_valid: DFF<U<26>>,
    end_invalid: DFF<U<26>>,
    end_sum: DFF<U<54>>,
    end_max: DFF<U<28>>,
    end_over: DFF<U<26>>,
    end_listed: DFF<U<11>>,
    weights: [Signal<Local, U<36>>; 4],
    squares: [Signal<Local, U<60>>; 4],
    not_lower: [Signal<Local, U<4>>; 4],
    not_upper: [Signal<Local, U<4>>; 4],
    sound: Signal<Local, Bit>,
}

impl<const ROWS: usize> Logic for Integrator<ROWS> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, values_4);
        dff_setup!(self, clock, end_handle, end_sequence, end_bins, end_start, end_status, end_valid, end_invalid);
        dff_setup!(self, clock, end_sum, end_max, end_over, end_listed);

        self.front.clock.next = self.clock.val();
        self.front.reset.next = self.reset.val();
        self.front.s_px_tvalid.next = self.s_px_tvalid.val();
        self.s_px_tready.next = self.front.s_px_tready.val();
        self.front.s_px_tdata.next = self.s_px_tdata.val();
        self.front.s_px_tend.next = self.s_px_tend.val();
        self.front.s_px_tstatus.next = self.s_px_tstatus.val();
        self.front.s_op_tvalid.next = self.s_op_tvalid.val();
        self.s_op_tready.next = self.front.s_op_tready.val();
        self.front.s_op_tdata.next = self.s_op_tdata.val();
        self.front.s_job_tvalid.next = self.s_job_tvalid.val();
        self.s_job_tready.next = self.front.s_job_tready.val();
        self.front.s_job_element.next = self.s_job_element.val();
        self.front.s_job_max_valid.next = self.s_job_max_valid.val();
        self.front.s_job_threshold.next = self.s_job_threshold.val();
        self.front.clearing.next = self.readout.clearing.val();
        self.front.free.next = self.readout.free.val();
        self.front.steal.next = self.readout.steal.val();
        self.front.steal_key.next = self.readout.steal_key.val();
        self.front.steal_read.next = self.readout.steal_read.val();
        self.front.steal_clear.next = self.readout.steal_clear.val();
        self.op_starved.next = self.front.op_starved.val();
        self.px_starved.next = self.front.px_starved.val();
        self.blocked.next = self.front.blocked.val();

        self.validity.clock.next = self.clock.val();
        self.validity.wide.next = self.front.wide.val();
        self.validity.max_low.next = self.front.max_low.val();
        self.validity.max_high.next = self.front.max_high.val();
        self.validity.over_low.next = self.front.over_low.val();
        self.validity.over_high.next = self.front.over_high.val();
        self.validity.codes.next = self.front.codes.val();
        self.validity.masked.next = self.front.masked.val();
        self.validity.opening.next = self.front.opening.val();

        self.statistics.clock.next = self.clock.val();
        self.statistics.clear.next = self.front.starting.val();
        self.statistics.wide.next = self.front.wide.val();
        self.statistics.values.next = self.validity.values.val();
        self.statistics.uncounted.next = self.validity.uncounted.val();
        self.statistics.one_valid.next = self.validity.one_valid.val();
        self.statistics.one_invalid.next = self.validity.one_invalid.val();
        self.statistics.one_over.next = self.validity.one_over.val();

        self.invalid.clock.next = self.clock.val();
        self.invalid.clear.next = self.front.starting.val();
        self.invalid.half.next = self.front.half.val();
        self.invalid.opened.next = self.validity.opened.val();
        self.invalid.slots.next = self.validity.one_invalid.val();
        self.invalid.read_half.next = self.readout.list_half.val();
        self.invalid.read_index.next = self.readout.list_index.val();
        self.invalid.read_enable.next = self.readout.list_enable.val();
        self.readout.list_data.next = self.invalid.read_data.val();

        // stages 1 to 9: where, and what is to be done there
        self.place.clock.next = self.clock.val();
        self.place.reset.next = self.reset.val();
        self.place.entering.next = self.front.key.val();
        self.place.start.next = self.front.start.val();
        self.place.asked.next = bit_cast_b::<3>(self.front.valid.val())
            | (bit_cast_b::<3>(self.front.clear.val()) << 1)
            | (bit_cast_b::<3>(self.front.read.val()) << 2);

        // stages 1 to 4: weights
        self.values_4.d.next = self.validity.values.val();
        self.window.clock.next = self.clock.val();
        self.window.start.next = self.front.start.val();
        self.window.closed.next = self.validity.closed.val();
        self.window.shifts.next = 0.into();
        if self.front.wide.val() {
            self.window.shifts.next = 10.into();
        }
        for s in 0..4 {
            self.window.slots[s].next = self.front.slots[s].val();
            self.weights[s].next = self.window.weights[s].val();
            self.squares[s].next = self.window.squares[s].val();
            self.not_lower[s].next = self.window.not_lower[s].val();
            self.not_upper[s].next = self.window.not_upper[s].val();
        }

        // stages 4 to 11: the banks
        for j in 0..4 {
            self.banks[j].clock.next = self.clock.val();
            self.banks[j].wide.next = self.front.wide.val();
            self.banks[j].values.next = self.values_4.q.val();
            self.banks[j].closed_0.next = self.not_lower[0].val().get_bit(j);
            self.banks[j].weight_0.next = self.weights[0].val().get_bits::<9>(9 * j);
            self.banks[j].square_0.next = self.squares[0].val().get_bits::<15>(15 * j);
            self.banks[j].closed_1.next = self.not_lower[1].val().get_bit(j);
            self.banks[j].weight_1.next = self.weights[1].val().get_bits::<9>(9 * j);
            self.banks[j].square_1.next = self.squares[1].val().get_bits::<15>(15 * j);
            self.banks[j].closed_2.next = self.not_lower[2].val().get_bit(j);
            self.banks[j].weight_2.next = self.weights[2].val().get_bits::<9>(9 * j);
            self.banks[j].square_2.next = self.squares[2].val().get_bits::<15>(15 * j);
            self.banks[j].closed_3.next = self.not_lower[3].val().get_bit(j);
            self.banks[j].weight_3.next = self.weights[3].val().get_bits::<9>(9 * j);
            self.banks[j].square_3.next = self.squares[3].val().get_bits::<15>(15 * j);
            self.banks[j].key.next = self.place.key.val();
            self.banks[j].key_after.next = self.place.key_after.val();
            self.banks[j].after.next = self.place.after.val().get_bit(j);
            self.banks[j].valid.next = self.place.what.val().get_bit(0);
            self.banks[j].clear.next = self.place.what.val().get_bit(1);
            self.banks[j].read.next = self.place.what.val().get_bit(2);

            self.upper_banks[j].clock.next = self.clock.val();
            self.upper_banks[j].wide.next = self.front.wide.val();
            self.upper_banks[j].values.next = self.values_4.q.val();
            self.upper_banks[j].closed_0.next = self.not_upper[0].val().get_bit(j);
            self.upper_banks[j].weight_0.next = self.weights[0].val().get_bits::<9>(9 * j);
            self.upper_banks[j].square_0.next = self.squares[0].val().get_bits::<15>(15 * j);
            self.upper_banks[j].closed_1.next = self.not_upper[1].val().get_bit(j);
            self.upper_banks[j].weight_1.next = self.weights[1].val().get_bits::<9>(9 * j);
            self.upper_banks[j].square_1.next = self.squares[1].val().get_bits::<15>(15 * j);
            self.upper_banks[j].closed_2.next = self.not_upper[2].val().get_bit(j);
            self.upper_banks[j].weight_2.next = self.weights[2].val().get_bits::<9>(9 * j);
            self.upper_banks[j].square_2.next = self.squares[2].val().get_bits::<15>(15 * j);
            self.upper_banks[j].closed_3.next = self.not_upper[3].val().get_bit(j);
            self.upper_banks[j].weight_3.next = self.weights[3].val().get_bits::<9>(9 * j);
            self.upper_banks[j].square_3.next = self.squares[3].val().get_bits::<15>(15 * j);
            self.upper_banks[j].key.next = self.place.key.val();
            self.upper_banks[j].key_after.next = self.place.key_after.val();
            self.upper_banks[j].after.next = self.place.after.val().get_bit(4 + j);
            self.upper_banks[j].valid.next = self.place.what.val().get_bit(0);
            self.upper_banks[j].clear.next = self.place.what.val().get_bit(1);
            self.upper_banks[j].read.next = self.place.what.val().get_bit(2);

            self.chooser.lower_signal[j].next = self.banks[j].signal.val();
            self.chooser.lower_variance[j].next = self.banks[j].variance.val();
            self.chooser.lower_weight[j].next = self.banks[j].weight.val();
            self.chooser.upper_signal[j].next = self.upper_banks[j].signal.val();
            self.chooser.upper_variance[j].next = self.upper_banks[j].variance.val();
            self.chooser.upper_weight[j].next = self.upper_banks[j].weight.val();
        }

        // the frame's end
        self.chooser.clock.next = self.clock.val();
        self.chooser.kind.next = self.readout.kind.val();
        self.chooser.index.next = self.readout.bank.val();
        self.readout.word.next = self.chooser.word.val();
        self.sound.next = self.front.status.val() == 0;
        self.readout.clock.next = self.clock.val();
        self.readout.reset.next = self.reset.val();
        self.readout.hand_over.next = self.front.hand_over.val();
        self.readout.half.next = self.front.half.val();
        self.readout.sound.next = self.sound.val();
        self.readout.frame_bins.next = self.s_job_bins.val();
        self.readout.listed.next = self.invalid.listed.val();
        self.readout.m_end_tready.next = self.m_end_tready.val();
        self.readout.m_rec_tready.next = self.m_rec_tready.val();
        self.readout.m_inv_tready.next = self.m_inv_tready.val();
        if self.front.hand_over.val() {
            self.end_handle.d.next = self.s_job_handle.val();
            self.end_sequence.d.next = self.s_job_sequence.val();
            self.end_bins.d.next = self.s_job_bins.val();
            self.end_start.d.next = self.s_job_start.val();
            self.end_status.d.next = self.front.status.val();
            self.end_valid.d.next = self.statistics.valid.val();
            self.end_invalid.d.next = self.statistics.invalid.val();
            self.end_sum.d.next = self.statistics.sum.val();
            self.end_max.d.next = self.statistics.max.val();
            self.end_over.d.next = self.statistics.over.val();
            self.end_listed.d.next = 0.into();
            if self.sound.val() {
                self.end_listed.d.next = self.invalid.listed.val();
            }
        }
        self.m_end_tvalid.next = self.readout.m_end_tvalid.val();
        self.m_end_handle.next = self.end_handle.q.val();
        self.m_end_sequence.next = self.end_sequence.q.val();
        self.m_end_bins.next = self.end_bins.q.val();
        self.m_end_start.next = self.end_start.q.val();
        self.m_end_status.next = self.end_status.q.val();
        self.m_end_valid.next = self.end_valid.q.val();
        self.m_end_invalid.next = self.end_invalid.q.val();
        self.m_end_sum.next = self.end_sum.q.val();
        self.m_end_max.next = self.end_max.q.val();
        self.m_end_over.next = self.end_over.q.val();
        self.m_end_listed.next = self.end_listed.q.val();
        self.m_rec_tvalid.next = self.readout.m_rec_tvalid.val();
        self.m_rec_tdata.next = self.readout.m_rec_tdata.val();
        self.m_rec_tlast.next = self.readout.m_rec_tlast.val();
        self.m_inv_tvalid.next = self.readout.m_inv_tvalid.val();
        self.m_inv_tdata.next = self.readout.m_inv_tdata.val();
    }
}
