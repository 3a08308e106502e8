//! The gateware's SPI core against the model of the vendor's, register by register, with a memory behind each.

use debye_hdl::base::random::Random;
use debye_sim::designs::{self, Simulator};
use debye_sim::device::flash::{Cells, GatewareSpi, Nor, QuadSpi, SpiCore, Wear};
use debye_spec::board::MT25QU01G;
use debye_spec::flash::nor as command;
use debye_spec::flash::spi as map;

fn memory() -> Nor {
    let mut cells = Cells::new(1 << 20).unwrap();
    cells.fill_with(0, &(0..=255).collect::<Vec<u8>>());
    Nor::new(cells, MT25QU01G.jedec, Wear::default())
}

/// A core with its memory.
struct Side(Box<dyn SpiCore>, Nor);

impl Side {
    fn read(&mut self, offset: u32) -> u32 {
        self.0.read(offset, &mut self.1)
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.0.write(offset, value, &mut self.1);
    }
}

fn sides() -> [Side; 2] {
    let gateware = GatewareSpi::new(designs::flash_spi(Simulator::Hdl).unwrap());
    [Side(Box::new(QuadSpi::default()), memory()), Side(Box::new(gateware), memory())]
}

#[test]
fn gateware_spi_answers_as_the_model_of_the_vendors() {
    let mut random = Random::new(7);
    let mut sides = sides();
    let held: Vec<u32> = map::SPI_REGISTERS.iter().map(|register| register.offset).collect();
    let mut waiting = 0;
    for step in 0..3000 {
        let (offset, value) = match random.below(10) {
            // As many bytes as either core has room for: what is beyond differs with the depth of the FIFOs.
            0..4 if waiting < 60 => {
                waiting += 1;
                let codes = [command::READ_ID, command::READ_STATUS, command::READ, 0, 1, random.below(256) as u8];
                (map::SPIDTR.offset, codes[random.index(codes.len())].into())
            }
            0..5 => {
                waiting = 0;
                let base = map::ENABLE.mask() | map::MASTER.mask() | map::TX_RESET.mask() | map::RX_RESET.mask();
                (map::SPICR.offset, base | (random.below(1024) as u32 & !map::INHIBIT.mask()))
            }
            5 => (map::SPICR.offset, map::SPICR_RESET & !(random.below(2) as u32 * map::INHIBIT.mask())),
            6 => (map::SPISSR.offset, random.below(2) as u32),
            7 if random.chance(1, 8) => {
                waiting = 0;
                (map::SRR.offset, map::SRR_KEY)
            }
            _ => (held[random.index(held.len())], u32::MAX),
        };
        if value != u32::MAX {
            sides.iter_mut().for_each(|side| side.write(offset, value));
        }
        let offset = held[random.index(held.len())];
        let [model, gateware] = [0, 1].map(|side: usize| sides[side].read(offset));
        assert_eq!(gateware, model, "step {step}: register {offset:#x}");
        assert_eq!(sides[0].1.now(), sides[1].1.now(), "step {step}: bytes that the memory saw");
    }
    assert!(sides[0].1.now() > 500, "bytes were sent");
}

#[test]
fn gateware_spi_answers_only_where_the_map_holds_a_register() {
    let [_, mut gateware] = sides();
    for offset in (0..0x100).step_by(4) {
        let held = map::SPI_REGISTERS.iter().find(|register| register.offset == offset);
        let value = gateware.read(offset);
        assert_eq!(value == u32::MAX, held.is_none(), "{offset:#x}");
        if let Some(reset) = held.and_then(|register| register.reset) {
            assert_eq!(value, reset, "{offset:#x}");
        }
    }
}

#[test]
fn nor_keeps_the_rules_of_its_data_sheet() {
    let mut nor = memory();
    let mut send = |nor: &mut Nor, bytes: &[u8]| {
        nor.select();
        let last = bytes.iter().map(|&byte| nor.exchange(byte)).last();
        nor.deselect();
        last.unwrap_or(0)
    };
    let wait = |nor: &mut Nor| {
        nor.select();
        nor.exchange(command::READ_STATUS);
        while nor.exchange(0) & command::BUSY != 0 {}
        nor.deselect();
    };
    let program = |address, bytes: &[u8]| [&command::with_address(command::PROGRAM, address)[..], bytes].concat();
    // Without write enable nothing happens.
    send(&mut nor, &program(0, &[0]));
    assert_eq!(nor.cells().get(0), 0);
    assert_eq!(nor.cells().get(1), 1);
    send(&mut nor, &program(1, &[0]));
    wait(&mut nor);
    assert_eq!(nor.cells().get(1), 1);
    // Bits are cleared, never set; a page wraps.
    send(&mut nor, &[command::WRITE_ENABLE]);
    send(&mut nor, &program(0x0fe, &[0x0f, 0xf0, 0x55]));
    // Busy: a read gives ones, another program is not taken.
    assert_eq!(send(&mut nor, &[&command::with_address(command::READ, 2)[..], &[0]].concat()), 0xff);
    wait(&mut nor);
    assert_eq!([0xfe, 0xff, 0].map(|at| nor.cells().get(at)), [0xfe & 0x0f, 0xf0, 0]);
    assert_eq!(send(&mut nor, &[&command::with_address(command::READ, 0xfe)[..], &[0, 0]].concat()), 0xf0);
    // An erase sets all of its sector, and the write enable is gone after it.
    send(&mut nor, &[command::WRITE_ENABLE]);
    send(&mut nor, &command::with_address(command::ERASE_SUBSECTOR, 0x123));
    wait(&mut nor);
    assert!((0..4096).all(|at| nor.cells().get(at) == 0xff));
    assert_eq!(send(&mut nor, &[command::READ_STATUS, 0]), 0);
    assert_eq!(send(&mut nor, &[command::READ_FLAGS, 0]), command::READY);
}
