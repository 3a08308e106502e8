//! The gateware's SPI core, in Rust-HDL or as Verilog, down to the memory's pins.

use super::nor::Nor;
use super::quad_spi::SpiCore;
use crate::bench::register_bus::RegisterBus;
use crate::designs::Design;

/// Cycles that a register access may take.
const ACCESS: u64 = 64;
/// Cycles without a change of the SPI clock after which nothing is being sent: a half period has 4.
const QUIET: u64 = 16;

/// See the module.
pub struct GatewareSpi {
    pins: Design,
    bus: RegisterBus,
    reset: usize,
    sck: usize,
    cs_n: usize,
    mosi: usize,
    miso: usize,
    cycle: u64,
    /// When the SPI clock changed last.
    changed: u64,
    clock: bool,
    selected: bool,
    /// Bits of the byte that comes in, and how many they are.
    came: (u8, u32),
    /// The byte that goes out.
    sends: u8,
}

impl GatewareSpi {
    /// A core behind pins, after a reset.
    pub fn new(mut pins: Design) -> GatewareSpi {
        let bus = RegisterBus::new(&*pins, None, 0);
        let [reset, sck, cs_n, mosi, miso] =
            ["reset", "spi_sck", "spi_cs_n", "spi_mosi", "spi_miso"].map(|name| pins.port(name));
        pins.set_u64(reset, 1);
        let mut core = GatewareSpi {
            pins,
            bus,
            reset,
            sck,
            cs_n,
            mosi,
            miso,
            cycle: 0,
            changed: 0,
            clock: false,
            selected: false,
            came: (0, 0),
            sends: u8::MAX,
        };
        SpiCore::reset(&mut core);
        core
    }

    /// One cycle, and what the memory sees of it.
    fn step(&mut self, nor: Option<&mut Nor>) -> bool {
        self.bus.drive(&mut *self.pins);
        self.pins.settle();
        let looked = self.bus.look(&mut *self.pins, self.cycle).is_ok();
        self.pins.tick();
        self.cycle += 1;
        let Some(nor) = nor else { return looked };
        let (clock, selected) = (self.pins.get_u64(self.sck) != 0, self.pins.get_u64(self.cs_n) == 0);
        if clock != self.clock {
            (self.clock, self.changed) = (clock, self.cycle);
            if clock {
                // The rising edge: the memory takes a bit; with the eighth it has the byte, though it may be deselected as the
                // clock falls.
                let (bits, count) = self.came;
                self.came = (bits << 1 | self.pins.get_u64(self.mosi) as u8, count + 1);
                if count + 1 == 8 {
                    nor.take(self.came.0);
                }
            } else if self.came.1 == 8 {
                (self.came, self.sends) = ((0, 0), nor.next_byte());
            }
        }
        if selected != self.selected {
            (self.selected, self.came) = (selected, (0, 0));
            if selected {
                nor.select()
            } else {
                nor.deselect()
            }
            self.sends = nor.next_byte();
        }
        // Between the rising edge and the falling one the bit that was being sent stands.
        let place = self.came.1 - u32::from(clock && self.came.1 > 0);
        self.pins.set_u64(self.miso, (self.sends << place >> 7).into());
        looked
    }

    /// Until nothing is sent any more.
    fn rest(&mut self, nor: &mut Nor) {
        self.changed = self.cycle;
        while self.cycle < self.changed + QUIET {
            self.step(Some(nor));
        }
    }
}

impl SpiCore for GatewareSpi {
    fn read(&mut self, offset: u32, nor: &mut Nor) -> u32 {
        self.bus.read(offset);
        for _ in 0..ACCESS {
            self.step(Some(nor));
            if let Some(answer) = self.bus.take_response() {
                return if answer.code == 0 { answer.data } else { u32::MAX };
            }
        }
        u32::MAX
    }

    fn write(&mut self, offset: u32, value: u32, nor: &mut Nor) {
        self.bus.write(offset, value);
        for _ in 0..ACCESS {
            self.step(Some(nor));
            if self.bus.take_response().is_some() {
                break;
            }
        }
        self.rest(nor);
    }

    fn reset(&mut self) {
        self.pins.set_u64(self.reset, 1);
        (0..4).for_each(|_| {
            self.step(None);
        });
        self.pins.set_u64(self.reset, 0);
        self.step(None);
    }
}
