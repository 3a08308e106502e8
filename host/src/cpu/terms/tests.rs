use super::*;
use debye_spec::Entry;

#[test]
fn terms_of_a_split_table_hold_each_weight_once() {
    let entries = [Entry::new(3, 32), Entry::new(4, 32), Entry::new(4, 64), Entry::new(3, 4), Entry::new(9, 60)];
    let table = Table { bins: 10, masked: &[false, false, false, true], starts: &[0, 2, 3, 5, 5], entries: &entries };
    let terms = Terms::new(table, 4);
    assert_eq!((terms.shift(), terms.whole(), terms.pixels(), terms.bins()), (2, 16, 4, 10));
    let all: Vec<_> = terms.of(terms.band(0)).each().collect();
    let [(run, [four], weights)] = all[..] else { panic!("{all:?}") };
    assert_eq!((run.base, run.column), (3, 0));
    assert_eq!(four.codes, [0 << 4, 1 << 4, 6 << 4, 0]);
    assert_eq!(four.masks, [0b0101, 0b0011, 0b0100, 0]);
    assert_eq!(weights[..5], [8, 1, 8, 16, 15]);
    assert_eq!(weights.len(), 5 + WEIGHTS_SLACK);
    let mut pixel = Vec::new();
    terms.of_pixel(2, |bin, weight| pixel.push((bin, weight)));
    assert_eq!(pixel, [(3, 1), (9, 15)]);
    assert_eq!(terms.unmasked(0, 8), [0b0111]);
    assert!(terms.is_masked(3) && !terms.is_masked(0));
}

#[test]
fn terms_of_bins_far_apart_are_runs_of_near_ones() {
    let bins = [5, 5 + SPAN - 1, 5 + SPAN, 100_000, 100_001];
    let entries: Vec<_> = bins.iter().map(|&bin| Entry::new(bin, 64)).collect();
    let table = Table { bins: 200_000, masked: &[false; 5], starts: &[0, 1, 2, 3, 4, 5], entries: &entries };
    let terms = Terms::new(table, 3);
    let runs: Vec<_> = terms.of(terms.band(0)).each().map(|(run, fours, _)| (run.base, fours.len())).collect();
    assert_eq!(runs, [(5, 1), (5 + SPAN, 1), (100_000, 1)]);
    for (pixel, &expected) in bins.iter().enumerate() {
        let mut seen = Vec::new();
        terms.of_pixel(pixel, |bin, weight| seen.push((bin as u32, weight)));
        assert_eq!(seen, [(expected, 1)]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn terms_of_one_bin_name_limits_before_sums_overflow() {
    let pixels = 100_000;
    let entries: Vec<Entry> = (0..pixels).map(|_| Entry::new(0, 63)).collect();
    let starts: Vec<u32> = (0..=pixels).collect();
    let table = Table { bins: 1, masked: &vec![false; pixels as usize], starts: &starts, entries: &entries };
    let terms = Terms::new(table, 1024);
    let runs = terms.band(24).end;
    let (mut from, mut segments) = (0, 0);
    while from < usize::MAX {
        let to = terms.limit_after(from);
        let pixels = (to.min(runs) - from) * STEP * SIDE;
        assert!(pixels as u64 * 1024 * 255 <= u64::from(u32::MAX), "{pixels} pixels");
        (from, segments) = (to, segments + 1);
    }
    assert!(segments > 6, "{segments}");
}
