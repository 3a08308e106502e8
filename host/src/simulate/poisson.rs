//! Poisson counts, one draw a pixel.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

/// Up to this mean, inversion by summing the distribution from 0 is the fastest; above, rand_distr's rejection.
const INVERSION_LIMIT: f32 = 18.0;

/// The sum is cut here: beyond, less than 2^-53 of the distribution is left at any mean up to the limit.
const INVERSION_TERMS: usize = 96;

/// 1/k.
const RECIPROCALS: [f64; INVERSION_TERMS] = {
    let mut table = [0.0; INVERSION_TERMS];
    let mut k = 1;
    while k < INVERSION_TERMS {
        table[k] = 1.0 / k as f64;
        k += 1;
    }
    table
};

/// Draws a count with the given mean, which must be finite and not negative.
pub fn draw(mean: f32, rng: &mut ChaCha8Rng) -> u64 {
    if mean <= INVERSION_LIMIT {
        return draw_small(f64::from(mean), rng);
    }
    // A finite mean above 0 and below 2^64 always makes a distribution.
    let distribution = Poisson::new(f64::from(mean)).expect("expected counts are finite");
    distribution.sample(rng) as u64
}

fn draw_small(mean: f64, rng: &mut ChaCha8Rng) -> u64 {
    let uniform: f64 = rng.random();
    let mut term = (-mean).exp();
    let mut sum = term;
    let mut k = 0;
    while uniform >= sum && k + 1 < INVERSION_TERMS {
        k += 1;
        term *= mean * RECIPROCALS[k];
        sum += term;
    }
    k as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn draw_counts_follow_the_distribution() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        for mean in [0.01_f32, 0.3, 3.0, 17.9, 18.1, 300.0] {
            let draws = 200_000;
            let width = (f64::from(mean) + 20.0 * f64::from(mean).sqrt() + 20.0) as usize;
            let mut histogram = vec![0u64; width];
            for _ in 0..draws {
                histogram[draw(mean, &mut rng) as usize] += 1;
            }
            // Pearson's chi^2 over the counts of which at least 20 are expected.
            let (mut log_term, mut chi2, mut cells) = (-f64::from(mean), 0.0, 0);
            for (k, &seen) in histogram.iter().enumerate() {
                if k > 0 {
                    log_term += f64::from(mean).ln() - (k as f64).ln();
                }
                let expected = draws as f64 * log_term.exp();
                if expected >= 20.0 {
                    chi2 += (seen as f64 - expected).powi(2) / expected;
                    cells += 1;
                }
            }
            // chi^2 of n cells is n +- sqrt(2n); five sigma pass.
            let n = f64::from(cells);
            assert!(cells >= 2 && (chi2 - n).abs() < 5.0 * (2.0 * n).sqrt() + 3.0, "mean {mean}: {chi2} in {cells}");
        }
    }

    #[test]
    fn draw_mean_zero_is_zero() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert!((0..1000).all(|_| draw(0.0, &mut rng) == 0));
    }
}
