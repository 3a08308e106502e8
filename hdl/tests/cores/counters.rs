//! Stall counters lose nothing and read as the number of cycles in which a condition held.

use debye_hdl::base::lint::assert_no_findings;
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use debye_hdl::counters::Counters;
use debye_spec::registers::STALLS;

struct Bench<P: Pins> {
    pins: P,
    events: Vec<usize>,
    random: Random,
    /// What each counter has to be.
    counts: [u64; 8],
}

impl<P: Pins> Bench<P> {
    fn new(pins: P) -> Bench<P> {
        let events = STALLS.iter().map(|(name, _)| pins.port(name)).collect();
        let mut bench = Bench { pins, events, random: Random::new(1), counts: [0; 8] };
        let reset = bench.pins.port("reset");
        bench.pins.set_u64(reset, 1);
        bench.pins.tick();
        bench.pins.set_u64(reset, 0);
        bench
    }
    /// Cycles in which each condition holds in `eighths` of 8.
    fn run(&mut self, cycles: u32, eighths: [u64; 8]) {
        for _ in 0..cycles {
            let random = self.random.draw();
            for (k, often) in eighths.iter().enumerate() {
                let on = (random >> (8 * k) & 7) < *often;
                self.pins.set_u64(self.events[k], on as u64);
                self.counts[k] += on as u64;
            }
            self.pins.tick();
        }
    }
    /// What a host reads while nothing happens.
    fn read(&mut self) -> Vec<u64> {
        let (index, count) = (self.pins.port("read_index"), self.pins.port("read_count"));
        self.run(9, [0; 8]);
        (0..8)
            .map(|k| {
                self.pins.set_u64(index, k);
                self.run(8, [0; 8]);
                self.pins.get_u64(count)
            })
            .collect()
    }
}

#[test]
fn counters_any_mixture_of_conditions_is_counted_exactly() {
    let mut bench = Bench::new(Counters::pins());
    assert_eq!(bench.read(), [0; 8]);
    for round in 0..200 {
        let often = [0; 8].map(|_| [0, 1, 4, 7, 8][(bench.random.draw() >> 20) as usize % 5]);
        bench.run(1 + round % 97, often);
        let counts = bench.counts;
        assert_eq!(bench.read(), counts, "round {round}");
    }
    bench.run(20_000, [8; 8]);
    let counts = bench.counts;
    assert_eq!(bench.read(), counts);
}

#[test]
fn counters_cleared_at_any_time_count_from_then_on() {
    let mut bench = Bench::new(Counters::pins());
    let clear = bench.pins.port("clear");
    for round in 0..100 {
        bench.run(200 + round, [8; 8]);
        bench.pins.set_u64(clear, 1);
        bench.run(1, [8; 8]);
        bench.pins.set_u64(clear, 0);
        bench.counts = [0; 8];
        bench.run(round % 40, [8, 7, 6, 5, 4, 3, 2, 1]);
        let counts = bench.counts;
        assert_eq!(bench.read(), counts, "round {round}");
    }
}

#[test]
fn counters_read_while_they_run_are_at_most_nine_cycles_old() {
    let mut bench = Bench::new(Counters::pins());
    let count = bench.pins.port("read_count");
    bench.run(20, [8; 8]);
    for _ in 0..1000 {
        bench.run(1, [8; 8]);
        let (read, exact) = (bench.pins.get_u64(count), bench.counts[0]);
        assert!(read <= exact && exact - read <= 9, "{read} of {exact}");
    }
}

#[test]
fn counters_mean_the_same_in_verilog() {
    assert_no_findings(&*Counters::pins().design);
}
