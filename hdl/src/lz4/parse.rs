//! The parser: bytes of a block in, records of what stands in them out.
//!
//! A step takes place when the [`Window`] has eight bytes or the rest of the block. A step too short for its field is the
//! block's last.

use super::window::Window;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Bytes of blocks to records. One record a cycle, in the order of the bytes: a later stage finds the first fault by
/// taking the first one that comes.
///
/// The states are the fields of a sequence. `offset` takes the next sequence's token along when no length extension
/// stands between, so a short sequence without literals takes one cycle. A raw tail goes through as literals.
#[derive(LogicBlock, Default)]
pub struct Parse {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reset.
    pub reset: Signal<In, Bit>,
    /// Beat there.
    pub s_blk_tvalid: Signal<In, Bit>,
    /// Beat taken.
    pub s_blk_tready: Signal<Out, Bit>,
    /// Bytes, the first in bits 7..0.
    pub s_blk_tdata: Signal<In, U<64>>,
    /// Valid bytes.
    pub s_blk_tbytes: Signal<In, U<4>>,
    /// Last beat of the block.
    pub s_blk_tlast: Signal<In, Bit>,
    /// 0 = LZ4, 1 = raw tail, 2 = end of frame.
    pub s_blk_kind: Signal<In, U<2>>,
    /// Bytes that the block makes.
    pub s_blk_size: Signal<In, U<17>>,
    /// Log2 of the pixel's bytes.
    pub s_blk_esize: Signal<In, U<2>>,
    /// Framing status at the end of the frame.
    pub s_blk_status: Signal<In, U<8>>,
    /// The queue behind fills up: no more steps.
    pub full: Signal<In, Bit>,
    /// A block starts: `length` is its size, `info` its kind (bits 1..0) and pixel size (bits 3..2).
    pub starts: Signal<Out, Bit>,
    /// Literals: `count` bytes in `data`.
    pub literals: Signal<Out, Bit>,
    /// First record of the literals of a sequence: `length` is how many there are.
    pub measured: Signal<Out, Bit>,
    /// `distance` was read.
    pub located: Signal<Out, Bit>,
    /// A match of `length` bytes from `distance`.
    pub copied: Signal<Out, Bit>,
    /// The block's bytes end where they may.
    pub ends: Signal<Out, Bit>,
    /// The frame ends: its status is in `info`.
    pub frame: Signal<Out, Bit>,
    /// Low bits of the status of a block that is cut off; 0 = none. Weaker than any fault in the same record.
    pub fault: Signal<Out, U<5>>,
    /// See the records. Bit 17 is set and stays when a length runs away.
    pub length: Signal<Out, U<18>>,
    /// Offset of the match.
    pub distance: Signal<Out, U<16>>,
    /// Literals in this record, 1 to 8.
    pub count: Signal<Out, U<4>>,
    /// See the records.
    pub data: Signal<Out, U<64>>,
    /// See the records.
    pub info: Signal<Out, U<8>>,

    window: Window,
    in_token: DFF<Bit>,
    in_more_literals: DFF<Bit>,
    in_literals: DFF<Bit>,
    in_offset: DFF<Bit>,
    in_more_match: DFF<Bit>,
    left: DFF<U<18>>,
    wide: DFF<Bit>,
    fresh: DFF<Bit>,
    copy: DFF<U<18>>,
    extended: DFF<Bit>,
    owed: DFF<Bit>,
    r_starts: DFF<Bit>,
    r_literals: DFF<Bit>,
    r_measured: DFF<Bit>,
    r_located: DFF<Bit>,
    r_matches: DFF<Bit>,
    r_ends: DFF<Bit>,
    r_frame: DFF<Bit>,
    r_fault: DFF<U<5>>,
    r_length: DFF<U<18>>,
    r_distance: DFF<U<16>>,
    r_count: DFF<U<4>>,
    r_data: DFF<U<64>>,
    r_info: DFF<U<8>>,

    go: Signal<Local, Bit>,
    bytes: Signal<Local, U<5>>,
    head: Signal<Local, U<64>>,
    octet: Signal<Local, U<8>>,
    token: Signal<Local, U<8>>,
    decode: Signal<Local, Bit>,
    want: Signal<Local, U<4>>,
    finish: Signal<Local, Bit>,
    none: Signal<Local, Bit>,
    two_left: Signal<Local, Bit>,
    short: Signal<Local, Bit>,
    added: Signal<Local, U<18>>,
    longer: Signal<Local, U<18>>,
    copies: Signal<Local, U<18>>,
    final_byte: Signal<Local, Bit>,
}

impl Logic for Parse {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            in_token,
            in_more_literals,
            in_literals,
            in_offset,
            in_more_match,
            left,
            wide,
            fresh,
            copy,
            extended,
            owed,
            r_starts,
            r_literals,
            r_measured,
            r_located,
            r_matches,
            r_ends,
            r_frame,
            r_fault,
            r_length,
            r_distance,
            r_count,
            r_data,
            r_info
        );
        self.starts.next = self.r_starts.q.val();
        self.literals.next = self.r_literals.q.val();
        self.measured.next = self.r_measured.q.val();
        self.located.next = self.r_located.q.val();
        self.copied.next = self.r_matches.q.val();
        self.ends.next = self.r_ends.q.val();
        self.frame.next = self.r_frame.q.val();
        self.fault.next = self.r_fault.q.val();
        self.length.next = self.r_length.q.val();
        self.distance.next = self.r_distance.q.val();
        self.count.next = self.r_count.q.val();
        self.data.next = self.r_data.q.val();
        self.info.next = self.r_info.q.val();

        self.window.clock.next = self.clock.val();
        self.window.reset.next = self.reset.val();
        self.window.s_blk_tvalid.next = self.s_blk_tvalid.val();
        self.s_blk_tready.next = self.window.s_blk_tready.val();
        self.window.s_blk_tdata.next = self.s_blk_tdata.val();
        self.window.s_blk_tbytes.next = self.s_blk_tbytes.val();
        self.window.s_blk_tlast.next = self.s_blk_tlast.val();
        self.window.full.next = self.full.val();
        self.go.next = self.window.go.val();
        self.bytes.next = self.window.bytes.val();
        self.head.next = self.window.head.val();
        self.octet.next = self.head.val().get_bits::<8>(0);
        self.final_byte.next = !self.octet.val().all();

        // How many of them this step takes.
        self.want.next = 1.into();
        if self.in_literals.q.val() {
            self.want.next = bit_cast_u::<4, 3>(self.left.q.val().get_bits::<3>(0));
            if self.wide.q.val() {
                self.want.next = 8.into();
            }
        }
        if self.in_offset.q.val() {
            self.want.next = 3.into();
            if self.extended.q.val() {
                self.want.next = 2.into();
            }
        }

        self.window.want.next = self.want.val();

        // The step.
        self.r_starts.d.next = false;
        self.r_literals.d.next = false;
        self.r_measured.d.next = false;
        self.r_located.d.next = false;
        self.r_ends.d.next = false;
        self.r_frame.d.next = false;
        self.r_fault.d.next = 0.into();
        self.r_count.d.next = self.want.val();
        self.r_data.d.next = self.head.val();
        self.r_info.d.next =
            bit_cast_u::<8, 2>(self.s_blk_kind.val()) | (bit_cast_u::<8, 2>(self.s_blk_esize.val()) << 2);
        if self.s_blk_kind.val().get_bit(1) {
            self.r_info.d.next = self.s_blk_status.val();
        }
        self.finish.next = false;
        self.decode.next = false;
        self.token.next = self.octet.val();
        if self.in_offset.q.val() {
            self.token.next = self.head.val().get_bits::<8>(16);
        }
        // Fewer bytes than the step takes: only with the block's last beat in the window.
        self.none.next = !self.bytes.val().any();
        self.two_left.next = self.bytes.val() == 2;
        self.short.next = !self.bytes.val().get_bits::<2>(3).any()
            & (self.wide.q.val() | (self.bytes.val().get_bits::<3>(0) < self.left.q.val().get_bits::<3>(0)));
        // One adder for both: the length's next byte, or less the eight of a step.
        self.added.next = bit_cast_u::<18, 8>(self.octet.val());
        if self.in_literals.q.val() {
            self.added.next = 0x3fff8.into();
        }
        self.longer.next = self.left.q.val() + self.added.val();
        self.copies.next = self.copy.q.val() + bit_cast_u::<18, 8>(self.octet.val());
        if self.copy.q.val().get_bit(17) {
            self.copies.next = self.copy.q.val();
        }
        // A match whose length ended a cycle ago: the sum is in its register now.
        self.owed.d.next = false;
        self.r_matches.d.next = self.owed.q.val();
        self.r_length.d.next = self.left.q.val();
        if self.in_offset.q.val() | self.owed.q.val() {
            self.r_length.d.next = self.copy.q.val();
        }
        if self.go.val() & self.in_token.q.val() {
            self.decode.next = !self.none.val();
            if self.none.val() {
                self.r_fault.d.next = 16.into();
                self.finish.next = true;
            }
        }
        if self.go.val() & self.in_more_literals.q.val() {
            if !self.left.q.val().get_bit(17) {
                self.left.d.next = self.longer.val();
            }
            self.wide.d.next = true;
            if self.final_byte.val() {
                self.in_more_literals.d.next = false;
                self.in_literals.d.next = true;
            }
            if self.none.val() {
                self.r_fault.d.next = 17.into();
                self.finish.next = true;
            }
        }
        if self.go.val() & self.in_literals.q.val() {
            self.r_measured.d.next = self.fresh.q.val();
            self.fresh.d.next = false;
            self.left.d.next = self.longer.val();
            // Sixteen or more: eight or more are left behind this step.
            self.wide.d.next = self.left.q.val().get_bits::<14>(4).any();
            if !self.left.q.val().get_bits::<14>(4).any()
                & (!self.wide.q.val() | !self.left.q.val().get_bits::<3>(0).any())
            {
                self.in_literals.d.next = false;
                self.in_offset.d.next = true;
            }
            if self.short.val() {
                self.r_fault.d.next = 18.into();
                self.finish.next = true;
            } else {
                self.r_literals.d.next = true;
            }
        }
        if self.go.val() & self.in_offset.q.val() {
            self.r_distance.d.next = self.head.val().get_bits::<16>(0);
            if self.none.val() {
                self.r_ends.d.next = true;
                self.finish.next = true;
            } else if self.bytes.val() == 1 {
                self.r_fault.d.next = 19.into();
                self.finish.next = true;
            } else {
                self.r_located.d.next = true;
                if self.extended.q.val() {
                    self.in_offset.d.next = false;
                    self.in_more_match.d.next = true;
                } else {
                    self.r_matches.d.next = true;
                    self.decode.next = !self.two_left.val();
                    if self.two_left.val() {
                        self.r_fault.d.next = 16.into();
                        self.finish.next = true;
                    }
                }
            }
        }
        if self.go.val() & self.in_more_match.q.val() {
            self.copy.d.next = self.copies.val();
            if self.none.val() {
                self.r_fault.d.next = 22.into();
                self.finish.next = true;
            } else if self.final_byte.val() {
                self.owed.d.next = true;
                self.in_more_match.d.next = false;
                self.in_token.d.next = true;
            }
        }
        if self.decode.val() {
            self.in_token.d.next = false;
            self.in_offset.d.next = !self.token.val().get_bits::<4>(4).any();
            self.in_more_literals.d.next = self.token.val().get_bits::<4>(4).all();
            self.in_literals.d.next =
                self.token.val().get_bits::<4>(4).any() & !self.token.val().get_bits::<4>(4).all();
            self.left.d.next = bit_cast_u::<18, 4>(self.token.val().get_bits::<4>(4));
            self.wide.d.next = self.token.val().get_bit(7);
            self.fresh.d.next = true;
            self.copy.d.next = bit_cast_u::<18, 4>(self.token.val().get_bits::<4>(0)) + 4;
            self.extended.d.next = self.token.val().get_bits::<4>(0).all();
        }

        // A block's first beat.
        if self.window.begins.val() {
            self.r_length.d.next = bit_cast_u::<18, 17>(self.s_blk_size.val());
            self.left.d.next = bit_cast_u::<18, 17>(self.s_blk_size.val());
            self.wide.d.next = self.s_blk_size.val().get_bits::<14>(3).any();
            self.fresh.d.next = true;
            self.extended.d.next = false;
            if self.s_blk_kind.val().get_bit(1) {
                self.r_frame.d.next = true;
                self.finish.next = true;
            } else {
                self.r_starts.d.next = true;
                self.in_token.d.next = !self.s_blk_kind.val().get_bit(0);
                self.in_literals.d.next = self.s_blk_kind.val().get_bit(0) & self.s_blk_size.val().any();
                self.in_offset.d.next = self.s_blk_kind.val().get_bit(0) & !self.s_blk_size.val().any();
            }
        }
        self.window.finish.next = self.finish.val();
        if self.finish.val() | self.reset.val() {
            self.in_token.d.next = false;
            self.in_more_literals.d.next = false;
            self.in_literals.d.next = false;
            self.in_offset.d.next = false;
            self.in_more_match.d.next = false;
        }
        if self.reset.val() {
            self.owed.d.next = false;
            self.r_starts.d.next = false;
            self.r_literals.d.next = false;
            self.r_matches.d.next = false;
            self.r_ends.d.next = false;
            self.r_frame.d.next = false;
        }
    }
}
