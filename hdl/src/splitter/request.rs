//! The request header: eight words into the job's fields, and whether this lane can take the frame.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Reads a request header ([`debye_spec::wire::Request`]). Fields and `status` hold from two cycles after the last word
/// until the next header's first word.
#[derive(LogicBlock, Default)]
pub struct RequestReader {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// A header word is taken.
    pub word_valid: Signal<In, Bit>,
    /// Which of the eight.
    pub index: Signal<In, U<3>>,
    /// The word.
    pub word: Signal<In, U<64>>,
    /// Running count of cycles.
    pub now: Signal<In, U<40>>,
    /// Id of the table that is loaded.
    pub table_id: Signal<In, U<32>>,
    /// Its pixels.
    pub table_pixels: Signal<In, U<26>>,
    /// Its bins.
    pub table_bins: Signal<In, U<15>>,
    /// Most bins that the histograms hold.
    pub max_bins: Signal<In, U<15>>,
    /// Job: handle.
    pub handle: Signal<Out, U<64>>,
    /// Job: sequence.
    pub sequence_number: Signal<Out, U<32>>,
    /// Job: element code; 0 when the request's is not known.
    pub element: Signal<Out, U<3>>,
    /// Job: largest value that counts, lowered to the type's and to the largest of all.
    pub max_valid: Signal<Out, U<28>>,
    /// Job: threshold.
    pub threshold: Signal<Out, U<32>>,
    /// Job: bins.
    pub job_bins: Signal<Out, U<15>>,
    /// Job: when the first word was taken.
    pub start: Signal<Out, U<40>>,
    /// Bytes of the chunk.
    pub chunk_bytes: Signal<Out, U<32>>,
    /// What is behind the chunk's end is passed over.
    pub padded: Signal<Out, Bit>,
    /// 0 or why the frame is refused.
    pub status: Signal<Out, U<8>>,
    // The word is registered first: what follows are comparisons over all of it.
    held: DFF<U<64>>,
    held_valid: DFF<Bit>,
    held_index: DFF<U<3>>,
    handle_q: DFF<U<64>>,
    sequence_q: DFF<U<32>>,
    element_q: DFF<U<3>>,
    max_valid_q: DFF<U<28>>,
    threshold_q: DFF<U<32>>,
    bins_q: DFF<U<15>>,
    start_q: DFF<U<40>>,
    chunk_bytes_q: DFF<U<32>>,
    padded_q: DFF<Bit>,
    invalid: DFF<Bit>,
    too_many: DFF<Bit>,
    mismatch: DFF<Bit>,
    low: Signal<Local, U<32>>,
    high: Signal<Local, U<32>>,
    fields: Signal<Local, U<16>>,
    code: Signal<Local, U<8>>,
    code_known: Signal<Local, Bit>,
    limit: Signal<Local, U<28>>,
    over: Signal<Local, U<28>>,
    above: Signal<Local, Bit>,
    any_low: Signal<Local, Bit>,
    any_high: Signal<Local, Bit>,
    short_bins: Signal<Local, U<15>>,
}

impl Logic for RequestReader {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, held, held_valid, held_index);
        dff_setup!(
            self,
            clock,
            handle_q,
            sequence_q,
            element_q,
            max_valid_q,
            threshold_q,
            bins_q,
            start_q,
            chunk_bytes_q
        );
        dff_setup!(self, clock, invalid, too_many, mismatch, padded_q);
        self.handle.next = self.handle_q.q.val();
        self.sequence_number.next = self.sequence_q.q.val();
        self.element.next = self.element_q.q.val();
        self.max_valid.next = self.max_valid_q.q.val();
        self.threshold.next = self.threshold_q.q.val();
        self.job_bins.next = self.bins_q.q.val();
        self.start.next = self.start_q.q.val();
        self.chunk_bytes.next = self.chunk_bytes_q.q.val();
        self.padded.next = self.padded_q.q.val();
        // RequestInvalid before TooManyBins before TableMismatch.
        self.status.next = 0.into();
        if self.mismatch.q.val() {
            self.status.next = 34.into();
        }
        if self.too_many.q.val() {
            self.status.next = 33.into();
        }
        if self.invalid.q.val() {
            self.status.next = 35.into();
        }

        self.held_valid.d.next = self.word_valid.val();
        self.held_index.d.next = self.index.val();
        if self.word_valid.val() {
            self.held.d.next = self.word.val();
            if self.index.val() == 0 {
                self.start_q.d.next = self.now.val();
            }
        }

        self.low.next = self.held.q.val().get_bits::<32>(0);
        self.high.next = self.held.q.val().get_bits::<32>(32);
        self.fields.next = self.held.q.val().get_bits::<16>(32);
        self.code.next = self.held.q.val().get_bits::<8>(48);
        self.code_known.next = (self.code.val() == 0)
            | (self.code.val() == 1)
            | (self.code.val() == 2)
            | (self.code.val() == 5)
            | (self.code.val() == 6);
        // The bits that a valid value of this type cannot have: if one is set, the largest of the type stands.
        self.limit.next = 0xfff_ffff.into();
        if self.element_q.q.val() == 0 {
            self.limit.next = 0xff.into();
        }
        if self.element_q.q.val() == 1 {
            self.limit.next = 0xffff.into();
        }
        if self.element_q.q.val() == 5 {
            self.limit.next = 0x7fff.into();
        }
        self.over.next = self.held.q.val().get_bits::<28>(0) & !self.limit.val();
        self.above.next = self.over.val().any() | self.held.q.val().get_bits::<4>(28).any();

        self.any_low.next = self.low.val().any();
        self.any_high.next = self.high.val().any();
        self.short_bins.next = self.held.q.val().get_bits::<15>(32);

        if self.held_valid.q.val() {
            match self.held_index.q.val().index() {
                0 => {
                    self.too_many.d.next = false;
                    self.mismatch.d.next = false;
                    self.invalid.d.next = (self.low.val() != 0x5159_4244)
                        | (self.fields.val() != 0x0101)
                        | !self.code_known.val()
                        | self.held.q.val().get_bits::<7>(57).any();
                    self.padded_q.d.next = self.held.q.val().get_bit(56);
                    self.element_q.d.next = 0.into();
                    if self.code_known.val() {
                        self.element_q.d.next = self.held.q.val().get_bits::<3>(48);
                    }
                }
                1 => {
                    self.handle_q.d.next = self.held.q.val();
                }
                2 => {
                    self.sequence_q.d.next = self.low.val();
                    self.chunk_bytes_q.d.next = self.high.val();
                }
                3 => {
                    self.bins_q.d.next = self.held.q.val().get_bits::<15>(32);
                    self.too_many.d.next =
                        (self.short_bins.val() > self.max_bins.val()) | self.high.val().get_bits::<17>(15).any();
                    // Higher bits of the bins are too many already.
                    self.mismatch.d.next = (self.short_bins.val() != self.table_bins.val())
                        | (self.low.val() != bit_cast_u::<32, 26>(self.table_pixels.val()));
                }
                4 => {
                    self.threshold_q.d.next = self.high.val();
                    self.max_valid_q.d.next = self.held.q.val().get_bits::<28>(0);
                    if self.above.val() {
                        self.max_valid_q.d.next = self.limit.val();
                    }
                }
                5 => {}
                6 => {
                    self.mismatch.d.next = self.mismatch.q.val() | (self.low.val() != self.table_id.val());
                    self.invalid.d.next = self.invalid.q.val() | self.any_high.val();
                }
                7 => {
                    self.invalid.d.next = self.invalid.q.val() | self.any_low.val() | self.any_high.val();
                }
                _ => {}
            }
        }
    }
}
