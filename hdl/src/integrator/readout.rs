//! Brings a finished frame out while the next one runs: end, record, list of invalid groups; and clears its sums.
//!
//! Rows are read in three passes (signal, variance, weight), each row taking one cycle of the pipeline; the last pass
//! clears them. A frame that failed is only cleared.
//!
//! ```text
//! 0 free
//! 1 end       the end of the frame is offered
//! 2 read      a row is asked for
//! 3 wait      until the banks have it
//! 4 emit      its words go out, one every third cycle
//! 5 clear     rows are cleared up to the last, every other cycle
//! 6 list      groups go out
//! 7 begin     after a reset: both halves are cleared
//! ```

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// The read-out. See [`Integrator`](super::Integrator) for the streams.
#[derive(LogicBlock)]
pub struct Readout<const ROWS: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reset.
    pub reset: Signal<In, Bit>,
    /// A frame is handed over.
    pub hand_over: Signal<In, Bit>,
    /// Its half of the memory.
    pub half: Signal<In, Bit>,
    /// It is sound: there is a record.
    pub sound: Signal<In, Bit>,
    /// Its bins.
    pub frame_bins: Signal<In, U<15>>,
    /// Its listed groups.
    pub listed: Signal<In, U<11>>,
    /// Nothing is under way.
    pub free: Signal<Out, Bit>,
    /// The memory is not clear yet, after a reset.
    pub clearing: Signal<Out, Bit>,
    /// Takes this cycle's place in the pipeline.
    pub steal: Signal<Out, Bit>,
    /// Key of the row.
    pub steal_key: Signal<Out, U<12>>,
    /// Reads it.
    pub steal_read: Signal<Out, Bit>,
    /// Clears it.
    pub steal_clear: Signal<Out, Bit>,
    /// Kind of the next word, for [`Chooser`](super::chooser::Chooser).
    pub kind: Signal<Out, U<2>>,
    /// Bank of the next word.
    pub bank: Signal<Out, U<3>>,
    /// That word, two cycles later.
    pub word: Signal<In, U<64>>,
    /// Half in which the list is.
    pub list_half: Signal<Out, Bit>,
    /// Entry to read.
    pub list_index: Signal<Out, U<10>>,
    /// Reads it.
    pub list_enable: Signal<Out, Bit>,
    /// The entry, a cycle later.
    pub list_data: Signal<In, U<32>>,
    /// The end is offered.
    pub m_end_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_end_tready: Signal<In, Bit>,
    /// Record.
    pub m_rec_tvalid: Signal<Out, Bit>,
    /// Record.
    pub m_rec_tready: Signal<In, Bit>,
    /// Record.
    pub m_rec_tdata: Signal<Out, U<64>>,
    /// Last word of the record.
    pub m_rec_tlast: Signal<Out, Bit>,
    /// List.
    pub m_inv_tvalid: Signal<Out, Bit>,
    /// List.
    pub m_inv_tready: Signal<In, Bit>,
    /// List.
    pub m_inv_tdata: Signal<Out, U<32>>,
    state: DFF<U<3>>,
    own_half: DFF<Bit>,
    own_sound: DFF<Bit>,
    own_bins: DFF<U<15>>,
    own_listed: DFF<U<11>>,
    pass: DFF<U<2>>,
    row: DFF<U<11>>,
    // Complement of the bins that are left: adding to it needs no inverters.
    taken: DFF<U<15>>,
    tick: DFF<U<4>>,
    index: DFF<U<3>>,
    entry: DFF<U<11>>,
    out_valid: DFF<Bit>,
    out_data: DFF<U<64>>,
    out_last: DFF<Bit>,
    list_valid: DFF<Bit>,
    steal_now: DFF<Bit>,
    steal_row: DFF<U<12>>,
    read_now: DFF<Bit>,
    clear_now: DFF<Bit>,
    final_row: Constant<U<11>>,
    left: Signal<Local, U<15>>,
    step: Signal<Local, U<15>>,
    all: Signal<Local, U<15>>,
    none: Signal<Local, U<15>>,
    weights: Signal<Local, Bit>,
    pass_ends: Signal<Local, Bit>,
    row_ends: Signal<Local, Bit>,
}

impl<const ROWS: usize> Default for Readout<ROWS> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            hand_over: Default::default(),
            half: Default::default(),
            sound: Default::default(),
            frame_bins: Default::default(),
            listed: Default::default(),
            free: Default::default(),
            clearing: Default::default(),
            steal: Default::default(),
            steal_key: Default::default(),
            steal_read: Default::default(),
            steal_clear: Default::default(),
            kind: Default::default(),
            bank: Default::default(),
            word: Default::default(),
            list_half: Default::default(),
            list_index: Default::default(),
            list_enable: Default::default(),
            list_data: Default::default(),
            m_end_tvalid: Default::default(),
            m_end_tready: Default::default(),
            m_rec_tvalid: Default::default(),
            m_rec_tready: Default::default(),
            m_rec_tdata: Default::default(),
            m_rec_tlast: Default::default(),
            m_inv_tvalid: Default::default(),
            m_inv_tready: Default::default(),
            m_inv_tdata: Default::default(),
            state: Default::default(),
            own_half: Default::default(),
            own_sound: Default::default(),
            own_bins: Default::default(),
            own_listed: Default::default(),
            pass: Default::default(),
            row: Default::default(),
            taken: Default::default(),
            tick: Default::default(),
            index: Default::default(),
            entry: Default::default(),
            out_valid: Default::default(),
            out_data: Default::default(),
            out_last: Default::default(),
            list_valid: Default::default(),
            steal_now: Default::default(),
            steal_row: Default::default(),
            read_now: Default::default(),
            clear_now: Default::default(),
            final_row: Constant::new(U((1 << ROWS) - 1)),
            left: Default::default(),
            step: Default::default(),
            all: Default::default(),
            none: Default::default(),
            weights: Default::default(),
            pass_ends: Default::default(),
            row_ends: Default::default(),
        }
    }
}

impl<const ROWS: usize> Logic for Readout<ROWS> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, own_half, own_sound, own_bins, own_listed, pass, row, taken, tick, index, entry);
        dff_setup!(self, clock, out_valid, out_data, out_last, list_valid, steal_now, steal_row, read_now, clear_now);

        self.kind.next = self.pass.q.val();
        self.bank.next = self.index.q.val();
        self.weights.next = self.pass.q.val() == 2;
        self.left.next = !self.taken.q.val();
        self.pass_ends.next = (self.left.val() == 1) | (self.weights.val() & (self.left.val() == 2));
        self.step.next = 1.into();
        if self.weights.val() {
            self.step.next = 2.into();
        }
        self.all.next = self.own_bins.q.val();
        if self.state.q.val() == 0 {
            self.all.next = self.frame_bins.val();
        }
        self.none.next = !self.all.val();
        self.row_ends.next = (self.index.q.val() == 7) | (self.weights.val() & (self.index.q.val() == 3));

        self.free.next = false;
        self.clearing.next = false;
        // a cycle later than they are asked for: the pipeline's first step is long enough without them
        self.steal.next = self.steal_now.q.val();
        self.steal_read.next = self.read_now.q.val();
        self.steal_clear.next = self.clear_now.q.val();
        self.steal_key.next = self.steal_row.q.val();
        self.steal_now.d.next = false;
        self.read_now.d.next = false;
        self.clear_now.d.next = false;
        self.steal_row.d.next =
            bit_cast_u::<12, 11>(self.row.q.val()) | (bit_cast_b::<12>(self.own_half.q.val()) << 11);
        self.list_half.next = self.own_half.q.val();
        self.list_index.next = self.entry.q.val().get_bits::<10>(0);
        self.list_enable.next = false;
        self.m_end_tvalid.next = false;
        if self.m_rec_tready.val() {
            self.out_valid.d.next = false;
        }
        if self.m_inv_tready.val() {
            self.list_valid.d.next = false;
        }

        match self.state.q.val().index() {
            0 => {
                self.free.next = true;
                self.own_half.d.next = self.half.val();
                self.own_sound.d.next = self.sound.val();
                self.own_bins.d.next = self.frame_bins.val();
                self.own_listed.d.next = self.listed.val();
                self.taken.d.next = self.none.val();
                self.pass.d.next = 0.into();
                self.row.d.next = 0.into();
                self.entry.d.next = 0.into();
                self.tick.d.next = 0.into();
                self.index.d.next = 0.into();
                if self.hand_over.val() {
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                // Until the frame's last row is written back.
                if self.tick.q.val() != 3 {
                    self.tick.d.next = self.tick.q.val() + 1;
                }
                self.m_end_tvalid.next = self.tick.q.val() == 3;
                if self.m_end_tready.val() & (self.tick.q.val() == 3) {
                    self.tick.d.next = 0.into();
                    self.state.d.next = 5.into();
                    if self.own_sound.q.val() & self.own_bins.q.val().any() {
                        self.state.d.next = 2.into();
                    }
                }
            }
            2 => {
                self.steal_now.d.next = true;
                self.read_now.d.next = true;
                self.clear_now.d.next = self.weights.val();
                self.state.d.next = 3.into();
            }
            3 => {
                self.tick.d.next = self.tick.q.val() + 1;
                if self.tick.q.val() == 11 {
                    self.tick.d.next = 0.into();
                    self.state.d.next = 4.into();
                }
            }
            4 => {
                // a word has been chosen two cycles after its index is there
                if self.tick.q.val() != 2 {
                    self.tick.d.next = self.tick.q.val() + 1;
                }
                if (self.tick.q.val() == 2) & !self.out_valid.q.val() {
                    self.tick.d.next = 0.into();
                    self.out_valid.d.next = true;
                    self.out_data.d.next = self.word.val();
                    self.out_last.d.next = self.weights.val() & self.pass_ends.val();
                    self.index.d.next = self.index.q.val() + 1;
                    self.taken.d.next = self.taken.q.val() + self.step.val();
                    if self.row_ends.val() | self.pass_ends.val() {
                        self.index.d.next = 0.into();
                        self.row.d.next = self.row.q.val() + 1;
                        self.state.d.next = 2.into();
                    }
                    if self.pass_ends.val() {
                        self.taken.d.next = self.none.val();
                        if self.weights.val() {
                            self.state.d.next = 5.into();
                            if self.row.q.val() == self.final_row.val() {
                                self.state.d.next = 6.into();
                            }
                        } else {
                            self.row.d.next = 0.into();
                            self.pass.d.next = self.pass.q.val() + 1;
                        }
                    }
                }
            }
            5 => {
                self.tick.d.next = self.tick.q.val() + 1;
                if self.tick.q.val().get_bit(0) {
                    self.steal_now.d.next = true;
                    self.clear_now.d.next = true;
                    self.row.d.next = self.row.q.val() + 1;
                    if self.row.q.val() == self.final_row.val() {
                        self.state.d.next = 6.into();
                    }
                }
            }
            6 => {
                if !self.list_valid.q.val() {
                    if self.own_sound.q.val() & (self.entry.q.val() != self.own_listed.q.val()) {
                        self.list_enable.next = true;
                        self.list_valid.d.next = true;
                        self.entry.d.next = self.entry.q.val() + 1;
                    } else if !self.out_valid.q.val() {
                        self.state.d.next = 0.into();
                    }
                }
            }
            _ => {
                self.clearing.next = true;
                self.steal_now.d.next = true;
                self.clear_now.d.next = true;
                self.row.d.next = self.row.q.val() + 1;
                if self.row.q.val() == self.final_row.val() {
                    self.row.d.next = 0.into();
                    self.own_half.d.next = true;
                    if self.own_half.q.val() {
                        self.state.d.next = 0.into();
                    }
                }
            }
        }

        self.m_rec_tvalid.next = self.out_valid.q.val();
        self.m_rec_tdata.next = self.out_data.q.val();
        self.m_rec_tlast.next = self.out_last.q.val();
        self.m_inv_tvalid.next = self.list_valid.q.val();
        self.m_inv_tdata.next = self.list_data.val();
        if self.reset.val() {
            self.state.d.next = 7.into();
            self.row.d.next = 0.into();
            self.own_half.d.next = false;
            self.out_valid.d.next = false;
            self.list_valid.d.next = false;
        }
    }
}
