//! The list of groups with invalid pixels (see [`debye_spec::wire`]): one is written while that of the frame before is
//! read.

use crate::base::ram::BlockRam;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Lists up to 1024 groups a frame. Reading: `read_data` is the entry `read_index` of half `read_half`, one cycle after
/// `read_enable`.
#[derive(LogicBlock, Default)]
pub struct Invalid {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Begins a new list: between frames.
    pub clear: Signal<In, Bit>,
    /// Half in which the list is made.
    pub half: Signal<In, Bit>,
    /// A group of pixels comes for the first time.
    pub opened: Signal<In, Bit>,
    /// Its invalid pixels.
    pub slots: Signal<In, U<4>>,
    /// Groups listed so far (two cycles late).
    pub listed: Signal<Out, U<11>>,
    /// Half to read.
    pub read_half: Signal<In, Bit>,
    /// Entry to read.
    pub read_index: Signal<In, U<10>>,
    /// Reads.
    pub read_enable: Signal<In, Bit>,
    /// Entry: `group << 4 | slots`.
    pub read_data: Signal<Out, U<32>>,
    ram: BlockRam<U<32>, 11>,
    group: DFF<U<28>>,
    count: DFF<U<11>>,
    entry: DFF<U<32>>,
    write: DFF<Bit>,
}

impl Logic for Invalid {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, group, count, entry, write);
        self.ram.clock.next = self.clock.val();
        self.ram.read_enable.next = self.read_enable.val();
        self.ram.read_address.next = bit_cast_u::<11, 10>(self.read_index.val());
        if self.read_half.val() {
            self.ram.read_address.next = bit_cast_u::<11, 10>(self.read_index.val()) | 1024;
        }
        self.read_data.next = self.ram.read_data.val();
        if self.opened.val() {
            self.group.d.next = self.group.q.val() + 1;
        }
        self.entry.d.next = (bit_cast_u::<32, 28>(self.group.q.val()) << 4) | bit_cast_u::<32, 4>(self.slots.val());
        self.write.d.next = self.opened.val() & self.slots.val().any();

        self.ram.write_enable.next = self.write.q.val() & !self.count.q.val().get_bit(10);
        self.ram.write_address.next = bit_cast_u::<11, 10>(self.count.q.val().get_bits::<10>(0));
        if self.half.val() {
            self.ram.write_address.next = bit_cast_u::<11, 10>(self.count.q.val().get_bits::<10>(0)) | 1024;
        }
        self.ram.write_data.next = self.entry.q.val();
        if self.write.q.val() & !self.count.q.val().get_bit(10) {
            self.count.d.next = self.count.q.val() + 1;
        }
        self.listed.next = self.count.q.val();
        if self.clear.val() {
            self.group.d.next = 0.into();
            self.count.d.next = 0.into();
        }
    }
}
