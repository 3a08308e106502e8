//! The ring engine's registers against the map in `spec`.

use crate::ring_bench::lane::StubRings;
use crate::ring_bench::{Bench, Pace};
use debye_hdl::base::random::Random;
use debye_hdl::rings::engine::capabilities;
use debye_spec::registers::Access;
use debye_spec::ring_map::{EncodeCapabilities, QUEUE_REGISTERS, RING_REGISTERS, queue_offset};

const QUEUES: usize = 3;

fn bench(seed: u64) -> Bench<impl debye_hdl::base::pins::Pins> {
    Bench::new(StubRings::<1, 1>::pins(QUEUES, 33, 7), seed, Pace::MIXED)
}

#[test]
fn ring_registers_read_and_write_as_the_map_says() {
    let mut bench = bench(1);
    let mut random = Random::new(5);
    let queues: Vec<_> = (0..QUEUES as u32)
        .flat_map(|queue| QUEUE_REGISTERS.iter().map(move |register| (queue_offset(queue, register), register)))
        .collect();
    let all: Vec<_> = RING_REGISTERS.iter().map(|register| (register.offset, register)).chain(queues).collect();
    for &(offset, register) in &all {
        let encodes = EncodeCapabilities::default();
        let built = match register.name {
            "encode_capabilities" => encodes.to_register(),
            _ => capabilities(QUEUES, 33, &encodes).to_register(),
        };
        let expected = register.reset.unwrap_or(built);
        assert_eq!(bench.read_both(offset), (expected, 0), "{} at reset", register.name);
    }
    let mut written = vec![];
    for &(offset, register) in &all {
        // Bits that do something more than stand there stay 0.
        let acts = match register.name {
            "ring_control" => 2,
            "queue_config" => 3 << 8,
            _ => 0,
        };
        let value = random.draw() as u32 & !acts;
        let response = bench.write_bytes(offset, value, 15);
        assert_eq!(response, if register.access == Access::Read { 2 } else { 0 }, "{}", register.name);
        let kept = if register.access == Access::ReadWrite { value & register.mask() } else { 0 };
        written.push(kept);
    }
    for (&(offset, register), &kept) in all.iter().zip(&written) {
        if register.access == Access::ReadWrite {
            assert_eq!(bench.read_both(offset), (kept, 0), "{}", register.name);
        }
    }
    // Bytes alone.
    for &(offset, register) in all.iter().filter(|(_, register)| register.name == "completion_high") {
        let old = bench.read_at(offset);
        let value = !old;
        assert_eq!(bench.write_bytes(offset, value, 0b0101), 0, "{}", register.name);
        assert_eq!(bench.read_at(offset), old & 0xff00_ff00 | value & 0x00ff_00ff);
    }
}

#[test]
fn ring_registers_that_are_not_there_answer_slverr() {
    let mut bench = bench(2);
    let beyond = queue_offset(QUEUES as u32, &QUEUE_REGISTERS[0]);
    for offset in [0x803c, 0x8ffc, 0x902c, 0x903c, beyond, beyond + 0x14, 0x9200, 0xa000, 0xfffc] {
        assert_eq!(bench.read_both(offset), (0, 2), "{offset:#x}");
        assert_eq!(bench.write_bytes(offset, 1, 15), 2, "{offset:#x}");
    }
    // The core's map stands where it did.
    assert_eq!(bench.read("build"), 7);
    assert_eq!(bench.read_both(0x50), (0, 2));
}

#[test]
fn ring_queue_config_of_depths_out_of_range_is_refused() {
    let mut bench = bench(3);
    for (depths, fine) in [(0x22, true), (0xcc, true), (0x21, false), (0xd2, false), (0x2d, false), (0x00, false)] {
        bench.write_queue(1, "queue_config", depths | 1 << 8);
        let expected = depths | if fine { 1 << 8 } else { 1 << 9 };
        assert_eq!(bench.read_queue(1, "queue_config"), expected);
        // Depths stand while it is enabled.
        bench.write_queue(1, "queue_config", 0x33 | (fine as u32) << 8);
        assert_eq!(bench.read_queue(1, "queue_config"), if fine { expected } else { 0x33 });
        bench.write_queue(1, "queue_config", 0);
        assert_eq!(bench.read_queue(1, "queue_config"), if fine { depths } else { 0 });
    }
}

#[test]
#[should_panic(expected = "1 to 8 queues")]
fn ring_engine_of_nine_queues_is_refused() {
    debye_hdl::rings::engine::Engine::new(9, 33);
}
