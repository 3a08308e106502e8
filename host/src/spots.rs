//! Spots: connected pixels that stand out of their surroundings.
//!
//! A pixel stands out if the counts around it (7 x 7 pixels, valid ones alone) vary more than noise does and its own is well
//! above their mean m:
//!
//! ```text
//! variance / m > 1 + 6 sqrt(2 / (n - 1))     and     v > m + N sqrt(m)
//! ```
//!
//! These are the dispersion threshold's two tests (W. Kabsch, Acta Cryst. D66 (2010) 125; G. Winter et al., Acta Cryst. D74
//! (2018) 85). Pixels that touch, also by a corner, make one spot. Its intensity is what its pixels hold above the mean of the
//! pixels that do not stand out within 3 of its bounding box.

use crate::stack::INVALID;
use rayon::prelude::*;

/// Pixels on each side of the window's centre.
const HALF: usize = 3;

/// How many standard deviations the dispersion is above that of noise.
const DISPERSION_SIGMA: f64 = 6.0;

/// How far around a spot its background is taken.
const MARGIN: usize = 3;

/// Which pixels and spots count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// N: standard deviations above the mean.
    pub sigma: f64,
    /// Pixels, at least.
    pub pixels: usize,
}

/// One spot.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Row and column of its centre of counts; a pixel's centre is a whole number.
    pub centre: [f64; 2],
    /// Pixels.
    pub pixels: usize,
    /// Counts above the background.
    pub intensity: f64,
    /// Its standard deviation by counting statistics.
    pub sigma: f64,
    /// Mean background of a pixel.
    pub background: f64,
}

/// Valid pixels, sum and sum of squares. 49 squares of 28 bits fit.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: u64,
    sum: u64,
    squares: u64,
}

impl Sums {
    fn add(&mut self, value: u32) {
        if value != INVALID {
            let value = u64::from(value);
            self.count += 1;
            self.sum += value;
            self.squares += value * value;
        }
    }

    fn merge(&mut self, other: Sums) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// Whether a pixel of this window stands out.
    fn stands_out(self, value: u32, sigma: f64) -> bool {
        if value == INVALID || self.count < 2 || self.sum == 0 {
            return false;
        }
        let (n, mean) = (self.count as f64, self.sum as f64 / self.count as f64);
        // n sum v^2 - (sum v)^2 in whole numbers: nothing cancels.
        let spread = u128::from(self.count) * u128::from(self.squares) - u128::from(self.sum).pow(2);
        let dispersion = spread as f64 / (n * (n - 1.0)) / mean;
        dispersion > 1.0 + DISPERSION_SIGMA * (2.0 / (n - 1.0)).sqrt() && f64::from(value) > mean + sigma * mean.sqrt()
    }
}

/// Which pixels of a frame stand out.
pub fn standing_out([rows, columns]: [usize; 2], frame: &[u32], sigma: f64) -> Vec<bool> {
    let of_row = |row: usize| {
        let (top, bottom) = (row.saturating_sub(HALF), (row + HALF + 1).min(rows));
        let of_column = |column: usize| {
            let mut sums = Sums::default();
            (top..bottom).for_each(|row| sums.add(frame[row * columns + column]));
            sums
        };
        let of_columns: Vec<Sums> = (0..columns).map(of_column).collect();
        let around = |column: usize| {
            let mut sums = Sums::default();
            let window = &of_columns[column.saturating_sub(HALF)..(column + HALF + 1).min(columns)];
            window.iter().for_each(|one| sums.merge(*one));
            sums
        };
        let row = &frame[row * columns..][..columns];
        row.iter().enumerate().map(|(column, &value)| around(column).stands_out(value, sigma)).collect::<Vec<bool>>()
    };
    (0..rows).into_par_iter().flat_map_iter(of_row).collect()
}

/// The spots of a frame, and where they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The spots, in the order of their first pixel.
    pub spots: Vec<Spot>,
    shape: [usize; 2],
    strong: Vec<bool>,
    pixels: Vec<Vec<usize>>,
}

/// Looks for spots.
pub fn search(shape: [usize; 2], frame: &[u32], rule: Rule) -> Found {
    let strong = standing_out(shape, frame, rule.sigma);
    let mut pixels = connected(shape, &strong);
    pixels.retain(|pixels| pixels.len() >= rule.pixels.max(1));
    let spots = pixels.iter().map(|pixels| measure(shape, frame, &strong, pixels)).collect();
    Found { spots, shape, strong, pixels }
}

/// The spots of a frame, in the order of their first pixel.
pub fn find(shape: [usize; 2], frame: &[u32], rule: Rule) -> Vec<Spot> {
    search(shape, frame, rule).spots
}

impl Found {
    /// What another frame of this shape holds in the same pixels, above the same background pixels: one a spot, `None`
    /// where one of its pixels is not valid there.
    pub fn again(&self, frame: &[u32]) -> Vec<Option<Spot>> {
        let one = |pixels: &Vec<usize>| {
            let valid = pixels.iter().all(|&pixel| frame[pixel] != INVALID);
            valid.then(|| measure(self.shape, frame, &self.strong, pixels))
        };
        self.pixels.iter().map(one).collect()
    }
}

/// Pixels that touch each other, also by a corner: groups in the order of their first pixel.
fn connected([rows, columns]: [usize; 2], strong: &[bool]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; strong.len()];
    let mut groups = Vec::new();
    for first in 0..strong.len() {
        if !strong[first] || seen[first] {
            continue;
        }
        seen[first] = true;
        let (mut group, mut next) = (vec![first], 0);
        while let Some(&pixel) = group.get(next) {
            next += 1;
            let (row, column) = (pixel / columns, pixel % columns);
            for row in row.saturating_sub(1)..(row + 2).min(rows) {
                for column in column.saturating_sub(1)..(column + 2).min(columns) {
                    let near = row * columns + column;
                    if strong[near] && !seen[near] {
                        seen[near] = true;
                        group.push(near);
                    }
                }
            }
        }
        groups.push(group);
    }
    groups
}

fn measure([rows, columns]: [usize; 2], frame: &[u32], strong: &[bool], pixels: &[usize]) -> Spot {
    let (mut low, mut high) = ([usize::MAX; 2], [0; 2]);
    let (mut total, mut moments) = (0u64, [0u128; 2]);
    for &pixel in pixels {
        let place = [pixel / columns, pixel % columns];
        total += u64::from(frame[pixel]);
        for k in 0..2 {
            low[k] = low[k].min(place[k]);
            high[k] = high[k].max(place[k]);
            moments[k] += place[k] as u128 * u128::from(frame[pixel]);
        }
    }
    let (mut count, mut sum) = (0u64, 0u64);
    for row in low[0].saturating_sub(MARGIN)..(high[0] + MARGIN + 1).min(rows) {
        for column in low[1].saturating_sub(MARGIN)..(high[1] + MARGIN + 1).min(columns) {
            let at = row * columns + column;
            if !strong[at] && frame[at] != INVALID {
                count += 1;
                sum += u64::from(frame[at]);
            }
        }
    }
    // A spot among invalid pixels alone has no background that could be known.
    let background = if count == 0 { 0.0 } else { sum as f64 / count as f64 };
    let n = pixels.len() as f64;
    let of_background = if count == 0 { 0.0 } else { n * n * background / count as f64 };
    Spot {
        centre: moments.map(|moment| moment as f64 / total as f64),
        pixels: pixels.len(),
        intensity: total as f64 - n * background,
        sigma: (total as f64 + of_background).sqrt(),
        background,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 2] = [40, 50];
    const RULE: Rule = Rule { sigma: 3.0, pixels: 2 };

    /// A background of 0 to 4 counts and spots of 3 pixels.
    fn frame(spots: &[usize]) -> Vec<u32> {
        let mut frame: Vec<u32> = (0..2000u32).map(|pixel| (pixel.wrapping_mul(2_654_435_761) >> 13) % 5).collect();
        for &at in spots {
            (frame[at], frame[at + 1], frame[at + 51]) = (90, 60, 40);
        }
        frame
    }

    #[test]
    fn find_gives_the_spots_and_no_others() {
        let found = find(SHAPE, &frame(&[505, 1230, 0]), RULE);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|spot| spot.pixels == 3));
        let second = &found[1];
        assert!(
            (second.centre[0] - (10.0 + 40.0 / 190.0)).abs() < 1e-12
                && (second.centre[1] - (5.0 + 100.0 / 190.0)).abs() < 1e-12
        );
        assert!((second.intensity - (190.0 - 3.0 * second.background)).abs() < 1e-12 && second.background < 4.0);
        assert_eq!(find(SHAPE, &frame(&[]), RULE), []);
    }

    #[test]
    fn again_integrates_the_same_pixels() {
        let (one, mut other) = (frame(&[505, 1230]), frame(&[505, 1230]));
        let found = search(SHAPE, &one, RULE);
        assert!(found.again(&one).iter().zip(&found.spots).all(|(again, spot)| again.as_ref() == Some(spot)));
        other[505] -= 7;
        other[1230] = INVALID;
        let again = found.again(&other);
        let lost = found.spots[0].intensity - again[0].as_ref().unwrap().intensity;
        assert!((lost - 7.0).abs() < 1e-9 && again[1].is_none());
    }

    #[test]
    fn find_leaves_out_invalid_pixels_and_lone_ones() {
        let mut values = frame(&[505]);
        values[1234] = 500;
        values[506] = INVALID;
        let found = find(SHAPE, &values, RULE);
        assert_eq!((found.len(), found[0].pixels), (1, 2));
        assert_eq!(find(SHAPE, &values, Rule { pixels: 1, ..RULE }).len(), 2);
        assert_eq!(find(SHAPE, &vec![INVALID; 2000], RULE), []);
    }
}
