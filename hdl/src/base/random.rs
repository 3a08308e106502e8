//! Random numbers and random stalls of benches, from a seed.

/// Random numbers (splitmix64).
#[derive(Clone, Copy, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed, any seed.
    pub fn new(seed: u64) -> Random {
        Random(seed ^ 0x6465_6279_6500_0000)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `end`; 0 for 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.draw() % end.max(1)
    }

    /// An index below `end`; 0 for 0.
    pub fn index(&mut self, end: usize) -> usize {
        self.below(end as u64) as usize
    }

    /// True in `part` of `of` cases.
    pub fn chance(&mut self, part: u64, of: u64) -> bool {
        self.below(of) < part
    }

    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.draw() as u8).collect()
    }
}

/// When a stream stalls. Each stream has its own; how often it stalls changes as it goes, from never to nearly always.
#[derive(Clone, Debug)]
pub struct Stalls {
    random: Option<Random>,
    /// Stalls in 16 cycles.
    often: u64,
    left: u64,
}

/// How often streams stall, in 16ths; never and seldom come most often, so that runs end.
const OFTEN: [u64; 8] = [0, 0, 0, 2, 2, 8, 14, 15];

impl Stalls {
    /// Stalls of stream number `stream`; without a seed there are none.
    pub fn new(seed: Option<u64>, stream: u64) -> Stalls {
        Stalls { random: seed.map(|seed| Random::new(seed ^ stream << 32)), often: 0, left: 0 }
    }

    /// Whether the stream stalls in this cycle.
    pub fn stall(&mut self) -> bool {
        let Some(random) = &mut self.random else { return false };
        if self.left == 0 {
            self.often = OFTEN[random.index(OFTEN.len())];
            self.left = 1 + random.below(200);
        }
        self.left -= 1;
        random.chance(self.often, 16)
    }

    /// A number below `end`; 0 without a seed.
    pub fn below(&mut self, end: u64) -> u64 {
        self.random.as_mut().map_or(0, |random| random.below(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stall_without_seed_never_comes() {
        let mut stalls = Stalls::new(None, 3);
        assert!((0..1000).all(|_| !stalls.stall()));
    }

    #[test]
    fn stall_with_seed_comes_and_goes_the_same_way_again() {
        let row = |seed, stream| {
            let mut stalls = Stalls::new(Some(seed), stream);
            (0..5000).map(|_| stalls.stall()).collect::<Vec<_>>()
        };
        assert_eq!(row(1, 2), row(1, 2));
        assert_ne!(row(1, 2), row(1, 3));
        assert_ne!(row(1, 2), row(2, 2));
        let stalls = row(1, 2).into_iter().filter(|&stall| stall).count();
        assert!((500..4000).contains(&stalls), "{stalls}");
    }
}
