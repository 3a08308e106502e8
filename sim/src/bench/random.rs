//! Random stalls: from a seed, or none.

/// When a stream stalls. Each stream has its own; how often it stalls changes as it goes, from never to nearly always.
#[derive(Clone, Debug)]
pub struct Stalls {
    state: Option<u64>,
    /// Stalls in 16 cycles.
    often: u64,
    left: u64,
}

/// How often streams stall, in 16ths; never and seldom come most often, so that runs end.
const OFTEN: [u64; 8] = [0, 0, 0, 2, 2, 8, 14, 15];

impl Stalls {
    /// Stalls of stream number `stream`; without a seed there are none.
    pub fn new(seed: Option<u64>, stream: u64) -> Stalls {
        let mix = |seed: u64| (seed ^ stream << 32).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Stalls { state: seed.map(mix), often: 0, left: 0 }
    }

    fn next(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state >> 16
    }

    /// Whether the stream stalls in this cycle.
    pub fn stall(&mut self) -> bool {
        let Some(state) = &mut self.state else { return false };
        if self.left == 0 {
            let random = Stalls::next(state);
            self.often = OFTEN[(random % 8) as usize];
            self.left = 1 + (random >> 8) % 200;
        }
        self.left -= 1;
        Stalls::next(state) % 16 < self.often
    }

    /// A number below `end`; 0 without a seed.
    pub fn below(&mut self, end: u64) -> u64 {
        self.state.as_mut().map_or(0, |state| Stalls::next(state) % end.max(1))
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
