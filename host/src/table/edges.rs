//! Bin edges, and the bin of a value: numpy's rule (`numpy.linspace`, `numpy.histogram`).

/// The `bins + 1` edges of `bins` equal bins from `lo` to `hi`: `numpy.linspace(lo, hi, bins + 1)` bit for bit
/// (`numpy/_core/function_base.py`: i * step + start, the last one set to stop).
pub fn linspace(lo: f64, hi: f64, bins: usize) -> Vec<f64> {
    let delta = hi - lo;
    let step = delta / bins as f64;
    let mut edges: Vec<f64> = (0..=bins)
        .map(|i| {
            // numpy divides first where the step underflows.
            let offset = if step == 0.0 { i as f64 / bins as f64 * delta } else { i as f64 * step };
            offset + lo
        })
        .collect();
    if let (Some(last), true) = (edges.last_mut(), bins > 0) {
        *last = hi;
    }
    edges
}

/// Whether every edge is finite and above the one before it.
pub fn rise(edges: &[f64]) -> bool {
    edges.iter().all(|edge| edge.is_finite()) && edges.windows(2).all(|pair| pair[0] < pair[1])
}

/// Equal bins with their edges; finds the bin of a value.
#[derive(Clone, Debug)]
pub struct Axis {
    edges: Vec<f64>,
    bins: usize,
    lo: f64,
    hi: f64,
    per_unit: f64,
}

impl Axis {
    /// `bins` bins from `lo` to `hi`; `None` where these do not make at least one bin with rising edges.
    pub fn new(lo: f64, hi: f64, bins: usize) -> Option<Axis> {
        let edges = linspace(lo, hi, bins);
        let per_unit = bins as f64 / (hi - lo);
        (bins > 0 && rise(&edges) && per_unit.is_finite()).then_some(Axis { edges, bins, lo, hi, per_unit })
    }

    /// The edges.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The bin i with edge i <= value < edge i + 1, the last bin closed on both sides; `None` outside. The edges
    /// themselves decide; arithmetic only guesses where to look.
    #[inline]
    pub fn bin(&self, value: f64) -> Option<usize> {
        // Written so that NaN is outside.
        if !(value >= self.lo && value <= self.hi) {
            return None;
        }
        let mut bin = (((value - self.lo) * self.per_unit) as usize).min(self.bins - 1);
        while bin > 0 && value < self.edges[bin] {
            bin -= 1;
        }
        while bin + 1 < self.bins && value >= self.edges[bin + 1] {
            bin += 1;
        }
        Some(bin)
    }

    /// Guesses bins: nearly always right for a value within the range, some bin for any other.
    #[inline(always)]
    pub fn guess(&self, values: &[f64], bins: &mut [u32]) {
        let last = (self.bins - 1) as f64;
        for (bin, value) in bins.iter_mut().zip(values) {
            // Bounded as a number: then the cast never saturates, which would keep the loop from becoming vector code.
            *bin = ((value - self.lo) * self.per_unit).max(0.0).min(last) as u32;
        }
    }

    /// Whether a value is in a bin, for certain: not said of the range's upper end.
    #[inline(always)]
    pub fn holds(&self, bin: u32, value: f64) -> bool {
        match self.edges.get(bin as usize..) {
            Some([low, high, ..]) => *low <= value && value < *high,
            _ => false,
        }
    }
}

/// `degrees` plus or minus whole turns, in [lo, lo + 360). A value that lies there already is not touched, so
/// that it keeps its bits.
#[inline]
pub fn wrap(degrees: f64, lo: f64) -> f64 {
    if degrees < lo {
        degrees + 360.0 * ((lo - degrees) / 360.0).ceil()
    } else if degrees >= lo + 360.0 {
        degrees - 360.0 * ((degrees - lo) / 360.0).floor()
    } else {
        degrees
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMPY_A: [u64; 8] = [
        0x3fb999999999999a,
        0x3ff20ea0ea0ea0eb,
        0x400141d41d41d41e,
        0x40097c57c57c57c7,
        0x4010db6db6db6db7,
        0x4014f8af8af8af8b,
        0x401915f15f15f160,
        0x401d333333333333,
    ];
    const NUMPY_B: [u64; 8] = [
        0xc066800000000000,
        0xc060124924924924,
        0xc053492492492492,
        0xc039b6db6db6db70,
        0x4039b6db6db6db70,
        0x4053492492492494,
        0x4060124924924924,
        0x4066800000000000,
    ];
    const NUMPY_C: [u64; 3] = [0, 0, 1];

    #[test]
    fn linspace_against_numpy_is_equal_to_the_bit() {
        // numpy.linspace(0.1, 7.3, 8).view(numpy.uint64) and numpy.linspace(-180, 180, 8), numpy 2.
        let a: Vec<u64> = linspace(0.1, 7.3, 7).iter().map(|edge| edge.to_bits()).collect();
        assert_eq!(a, NUMPY_A);
        let b: Vec<u64> = linspace(-180.0, 180.0, 7).iter().map(|edge| edge.to_bits()).collect();
        assert_eq!(b, NUMPY_B);
        let c: Vec<u64> = linspace(0.0, 5e-324, 2).iter().map(|edge| edge.to_bits()).collect();
        assert_eq!(c, NUMPY_C);
    }

    #[test]
    fn linspace_ends_are_the_range() {
        let edges = linspace(0.3, 61.7, 4093);
        assert_eq!((edges[0], edges[4093], edges.len()), (0.3, 61.7, 4094));
        assert!(rise(&edges));
    }

    #[test]
    fn bin_on_and_beside_every_edge_is_the_one_the_edges_say() {
        for (lo, hi, bins) in [(0.1, 7.3, 1000), (-180.0, 180.0, 37), (1e-9, 2e-9, 333), (0.0, 1.0, 1)] {
            let axis = Axis::new(lo, hi, bins).unwrap();
            for i in 0..=bins {
                let edge = axis.edges()[i];
                for value in [edge.next_down(), edge, edge.next_up()] {
                    let expected = if value < lo || value > hi {
                        None
                    } else {
                        Some((0..bins).rev().find(|&bin| axis.edges()[bin] <= value).unwrap())
                    };
                    assert_eq!(axis.bin(value), expected, "{value} in {bins} bins of [{lo}, {hi}]");
                }
            }
            assert_eq!(axis.bin(f64::NAN), None);
        }
    }

    #[test]
    fn axis_too_fine_for_f64_is_refused() {
        assert!(Axis::new(1.0, 1.0 + 2.0 * f64::EPSILON, 3).is_none());
        assert!(Axis::new(1.0, 1.0, 1).is_none());
        assert!(Axis::new(2.0, 1.0, 1).is_none());
        assert!(Axis::new(f64::NAN, 1.0, 1).is_none());
        assert!(Axis::new(0.0, 1.0, 0).is_none());
    }

    #[test]
    fn wrap_any_turn_lands_in_the_turn_from_lo() {
        assert_eq!(wrap(-175.0, 170.0), 185.0);
        assert_eq!(wrap(180.0, -180.0), -180.0);
        assert_eq!(wrap(-180.0, 0.0), 180.0);
        assert_eq!(wrap(-180.0, 200.0), 540.0);
        assert_eq!(wrap(179.0, -360.0), -181.0);
        for k in -720..=720 {
            let x = wrap(k as f64 / 4.0, 33.25);
            assert!((33.25..393.25).contains(&x));
        }
    }
}
