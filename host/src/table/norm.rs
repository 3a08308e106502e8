//! Normalisation in fixed point, so that its sums are exact in whatever order they are taken.

use debye_spec::Entry;

/// The largest normalisation of a table uses this many bits: with a weight of 64 and 2^25 pixels a sum still has
/// 33 bits to spare in u128.
pub const NORM_BITS: i32 = 62;

/// A finite, non-negative f64 as mantissa x 2^exponent, without rounding.
fn decompose(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

/// The exponent that makes `largest` use [`NORM_BITS`] bits; `None` if it is zero, negative or not finite.
pub fn exponent_for(largest: f64) -> Option<i32> {
    if !(largest > 0.0 && largest.is_finite()) {
        return None;
    }
    let (mantissa, exponent) = decompose(largest);
    let top = 64 - mantissa.leading_zeros() as i32 + exponent;
    Some(top - NORM_BITS)
}

/// `value` / 2^`exponent`, rounded to the nearest whole number (ties to even). `value` is not negative and at
/// most the largest value for which [`exponent_for`] gave `exponent`.
pub fn to_fixed(value: f64, exponent: i32) -> u64 {
    let (mantissa, own) = decompose(value);
    match own - exponent {
        shift @ 0..=63 => mantissa << shift,
        shift @ -63..=-1 => {
            let down = -shift as u32;
            let (whole, rest, half) = (mantissa >> down, mantissa & ((1 << down) - 1), 1u64 << (down - 1));
            whole + (rest > half || (rest == half && whole & 1 == 1)) as u64
        }
        _ => 0,
    }
}

/// `sum` x 2^`exponent`: one rounding (in the conversion to f64), unless the result is outside f64's normal range.
pub fn to_f64(sum: u128, exponent: i32) -> f64 {
    // Steps by which neither the power nor a result in the normal range can leave it.
    let (mut value, mut left) = (sum as f64, exponent);
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        value *= f64::from_bits(((step + 1023) as u64) << 52);
        left -= step;
        if value == 0.0 || value.is_infinite() {
            break;
        }
    }
    value
}

/// Per bin, the sums of weight and of weight x norm over all pixels: what a frame has when every unmasked pixel is
/// valid. `None` if the arrays do not fit each other or a weight sum leaves u32 (a checked table's never does).
pub fn full_sums(bins: usize, starts: &[u32], entries: &[Entry], norm: &[u64]) -> Option<(Vec<u32>, Vec<u128>)> {
    let mut weight = vec![0u32; bins];
    let mut total = vec![0u128; bins];
    for (range, &norm) in starts.windows(2).zip(norm) {
        for entry in entries.get(range[0] as usize..range[1] as usize)? {
            let bin = entry.bin() as usize;
            let sum = weight.get_mut(bin)?;
            *sum = sum.checked_add(entry.weight())?;
            total[bin] += entry.weight() as u128 * norm as u128;
        }
    }
    Some((weight, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponent_for_any_magnitude_uses_62_bits() {
        for value in [1.0, 0.3, 1e300, f64::MAX, 1e-300, f64::MIN_POSITIVE, 5e-324, 1.999999999999] {
            let exponent = exponent_for(value).unwrap();
            let fixed = to_fixed(value, exponent);
            assert_eq!(64 - fixed.leading_zeros() as i32, NORM_BITS, "{value}");
            assert_eq!(to_f64(fixed as u128, exponent), value);
        }
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(exponent_for(value), None);
        }
    }

    #[test]
    fn to_fixed_small_values_round_to_nearest_even() {
        // Units of 2^-61: 2.5, 3.5, 2.75 of them, and half a unit.
        let unit = 2f64.powi(-61);
        let fixed = |units: f64| to_fixed(units * unit, -61);
        assert_eq!([fixed(2.5), fixed(3.5), fixed(2.75), fixed(0.5), fixed(0.51)], [2, 4, 3, 0, 1]);
        assert_eq!(to_fixed(f64::MIN_POSITIVE, -61), 0);
    }

    #[test]
    fn to_f64_rounds_once() {
        // 2^100 + 1 lies just above a tie of neighbours? No neighbour is nearer than 2^48: it rounds to 2^100.
        assert_eq!(to_f64((1 << 100) + 1, -100), 1.0);
        // One above the tie between 2^100 and the next f64 goes up; the tie itself goes to even (down).
        let half = 1u128 << 47;
        assert_eq!(to_f64((1 << 100) + half, -100), 1.0);
        assert_eq!(to_f64((1 << 100) + half + 1, -100), 1.0f64.next_up());
        assert_eq!(to_f64(1, 1023), 2f64.powi(1023));
        assert_eq!(to_f64(1, -1060), 2f64.powi(-1000) * 2f64.powi(-60));
        assert_eq!(to_f64(1, i32::MAX), f64::INFINITY);
        assert_eq!(to_f64(1, i32::MIN), 0.0);
    }

    #[test]
    fn full_sums_mismatched_arrays_are_none() {
        let entries = [Entry::new(0, 64), Entry::new(3, 64)];
        assert_eq!(full_sums(1, &[0, 1], &entries[..1], &[5]), Some((vec![64], vec![320])));
        assert_eq!(full_sums(1, &[0, 2], &entries, &[5]), None);
        assert_eq!(full_sums(4, &[0, 3], &entries, &[5]), None);
        assert_eq!(full_sums(4, &[2, 1], &entries, &[5]), None);
    }
}
