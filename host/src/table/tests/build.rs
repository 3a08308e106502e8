//! Building tables.

use super::*;
use crate::cpu::Kernels;

fn pixel_weights(table: &Table) -> Vec<u32> {
    (0..table.pixels()).map(|pixel| table.spec().entries_of(pixel).iter().map(|entry| entry.weight()).sum()).collect()
}

#[test]
fn build_default_range_gives_every_unmasked_pixel_its_whole_weight() {
    for n in [1, 2, 4, 8] {
        for caked in [false, true] {
            let table = build(&Request { split: Split::new(n).unwrap(), caked, ..request() }).unwrap();
            for (pixel, weight) in pixel_weights(&table).into_iter().enumerate() {
                assert_eq!(weight, if table.masked[pixel] { 0 } else { 64 }, "pixel {pixel}, n {n}, caked {caked}");
            }
            assert_eq!(table.full_weight.iter().sum::<u32>(), 64 * (2000 - 56));
            assert_eq!(table.bins(), if caked { 36_000 } else { 100 });
        }
    }
}

#[test]
fn build_without_splitting_gives_one_entry_a_pixel() {
    let table = build(&Request { split: Split::new(1).unwrap(), ..request() }).unwrap();
    assert_eq!(table.entries.len(), 2000 - 56);
    assert!(table.entries.iter().all(|entry| entry.weight() == 64));
}

#[test]
fn build_a_mask_does_not_move_the_default_range() {
    let masked = build(&request()).unwrap();
    let open = build(&Request { mask: vec![false; 2000], ..request() }).unwrap();
    assert_eq!(masked.radial_edges, open.radial_edges);
    assert_eq!(open.description.masked_pixels, 0);
}

/// Holds a table against a loop over sub-pixels with a search in the edges; how many pixels are partly outside.
fn against_a_search(request: &Request, table: &Table) -> usize {
    let projector = request.geometry.projector();
    let find = |edges: &[f64], value: f64| {
        let last = edges.len() - 1;
        if value == edges[last] {
            Some(last - 1)
        } else {
            (0..last).find(|&i| edges[i] <= value && value < edges[i + 1])
        }
    };
    let n = request.split.n();
    let mut partial = 0;
    for pixel in 0..2000 {
        let mut weights = std::collections::BTreeMap::new();
        for sub in 0..n * n {
            let d1 = (pixel / 50) as f64 + ((sub / n) as f64 + 0.5) / n as f64;
            let d2 = (pixel % 50) as f64 + ((sub % n) as f64 + 0.5) / n as f64;
            let t = projector.lab(d1, d2);
            let radial = find(&table.radial_edges, request.unit.value(t, request.geometry.wavelength));
            let chi = t[0].atan2(t[1]).to_degrees();
            let azimuth = match request.azimuth_range {
                Some([lo, _]) => find(&table.azimuth_edges, if chi < lo { chi + 360.0 } else { chi }),
                None => Some(0),
            };
            if let (Some(radial), Some(azimuth), false) = (radial, azimuth, table.masked[pixel]) {
                *weights.entry((azimuth * request.radial_bins + radial) as u32).or_insert(0) += request.split.weight();
            }
        }
        let entries = table.spec().entries_of(pixel).iter();
        let made: Vec<_> = entries.map(|entry| (entry.bin(), entry.weight() as u8)).collect();
        assert_eq!(made, weights.into_iter().collect::<Vec<_>>(), "pixel {pixel}");
        partial += (1..64).contains(&pixel_weights(table)[pixel]) as usize;
    }
    partial
}

#[test]
fn build_a_wedge_against_a_search_in_the_edges_is_equal() {
    let request = Request {
        caked: true,
        azimuth_bins: Some(7),
        azimuth_range: Some([100.0, 300.0]),
        radial_range: Some([0.7, 3.3]),
        split: Split::new(8).unwrap(),
        ..request()
    };
    assert!(against_a_search(&request, &build(&request).unwrap()) > 10, "the ranges cut through pixels");
}

/// Few bins, and so many that a pixel reaches over more of them than are counted at once.
#[test]
fn build_of_every_unit_split_and_level_against_a_search_in_the_edges_is_equal() {
    for (i, unit) in RadialUnit::ALL.into_iter().enumerate() {
        for n in [1, 2, 4, 8] {
            let radial_bins = [30, 3000][(i + n as usize / 4) % 2];
            let request = Request { unit, radial_bins, split: Split::new(n).unwrap(), ..request() };
            let [lo, hi] = [0, radial_bins].map(|edge| build(&request).unwrap().radial_edges[edge]);
            let within = Some([lo + 0.2 * (hi - lo), lo + 0.7 * (hi - lo)]);
            for request in [Request { radial_range: within, ..request.clone() }, request] {
                let tables: Vec<Table> = Kernels::available().map(|k| build_with(&request, k).unwrap()).collect();
                assert!(tables.windows(2).all(|pair| pair[0] == pair[1]), "{unit} {n}");
                against_a_search(&request, &tables[0]);
            }
        }
    }
}

#[test]
fn build_a_wedge_across_the_cut_is_the_two_halves_together() {
    let wedge = |range| build(&Request { azimuth_range: Some(range), ..request() }).unwrap();
    let (whole, left, right) = (wedge([170.0, 190.0]), wedge([170.0, 180.0]), wedge([-180.0, -170.0]));
    assert!(left.full_weight.iter().sum::<u32>() > 0 && right.full_weight.iter().sum::<u32>() > 0);
    for bin in 0..100 {
        assert_eq!(whole.full_weight[bin], left.full_weight[bin] + right.full_weight[bin], "bin {bin}");
        assert_eq!(whole.full_norm[bin], left.full_norm[bin] + right.full_norm[bin], "bin {bin}");
    }
    assert_eq!(whole.azimuth_edges, [170.0, 190.0]);
    assert_eq!(wedge([-190.0, -170.0]).entries, whole.entries);
}

#[test]
fn build_cake_summed_over_azimuth_is_the_1d_table() {
    let line = build(&request()).unwrap();
    for range in [None, Some([0.0, 360.0]), Some([-90.0, 270.0])] {
        let cake = build(&Request { caked: true, azimuth_bins: Some(12), azimuth_range: range, ..request() }).unwrap();
        for bin in 0..100 {
            let sum: u128 = (0..12).map(|azimuth| cake.full_norm[azimuth * 100 + bin]).sum();
            assert_eq!(sum, line.full_norm[bin], "bin {bin}, {range:?}");
        }
    }
}

#[test]
fn build_any_number_of_threads_gives_the_same_bits() {
    let request = Request { caked: true, azimuth_bins: Some(5), split: Split::new(8).unwrap(), ..request() };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| build(&request).unwrap())
    };
    let one = with(1);
    assert_eq!(one, with(4));
    assert_eq!(one, with(3));
}

#[test]
fn build_norm_is_the_product_at_the_pixel_centre() {
    let request = request();
    let table = build(&request).unwrap();
    let projector = request.geometry.projector();
    let g = &request.geometry;
    for pixel in 0..2000 {
        let (d1, d2) = ((pixel / 50) as f64 + 0.5, (pixel % 50) as f64 + 0.5);
        let (p1, p2) = (d1 * g.detector.pixel1 - g.poni1, d2 * g.detector.pixel2 - g.poni2);
        let solid_angle = (g.distance / (g.distance.powi(2) + p1.powi(2) + p2.powi(2)).sqrt()).powi(3);
        let t = projector.lab(d1, d2);
        let cosine = t[2] / (t[0].powi(2) + t[1].powi(2) + t[2].powi(2)).sqrt();
        let chi = t[0].atan2(t[1]);
        let polarization = 0.5 * (1.0 + cosine.powi(2) - 0.99 * (2.0 * chi).cos() * (1.0 - cosine.powi(2)));
        let expected = solid_angle * polarization * request.flat.as_ref().unwrap()[pixel];
        let norm = norm::to_f64(table.norm[pixel] as u128, table.norm_exponent);
        match table.masked[pixel] {
            true => assert_eq!(norm, 0.0),
            false => assert!((norm / expected - 1.0).abs() < 1e-14, "pixel {pixel}: {norm} {expected}"),
        }
    }
    assert_eq!(64 - table.norm.iter().max().unwrap().leading_zeros(), 62);
}

#[test]
fn build_unusable_flat_values_are_masked_and_counted() {
    let mut flat = vec![1.0; 2000];
    let wrong = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, -1.0];
    flat[100..106].copy_from_slice(&wrong);
    flat[3] = f64::NAN; // masked already: not counted
    let table = build(&Request { flat: Some(flat), ..request() }).unwrap();
    assert!(table.masked[100..106].iter().all(|&masked| masked));
    assert_eq!(table.description.flat_masked_pixels, 6);
    assert_eq!(table.description.masked_pixels, 62);
}

#[test]
fn build_a_mirrored_orientation_is_the_mirrored_table() {
    let [plain, mirrored] = [3, 1].map(|orientation| {
        let mut request = Request { mask: vec![false; 2000], flat: None, split: Split::new(1).unwrap(), ..request() };
        request.geometry.detector.orientation = orientation;
        build(&request).unwrap()
    });
    // Bins of pixels whose value lies on an edge may differ by rounding: places are mirrored before they are scaled.
    let differ = |&pixel: &usize| plain.spec().entries_of(pixel) != mirrored.spec().entries_of(1999 - pixel);
    assert!((0..2000).filter(differ).count() <= 2);
    assert_ne!(plain.entries, mirrored.entries);
}

#[test]
fn build_behind_the_sample_is_possible_beyond_90_degrees() {
    let mut geometry = geometry();
    geometry.rot1 = 2.5;
    let table = build(&Request { unit: RadialUnit::TwoThetaDeg, geometry, ..request() }).unwrap();
    assert!(table.radial_edges[0] > 90.0 && table.radial_edges[100] < 180.0);
}

#[test]
fn build_requests_that_make_no_table_are_refused() {
    let ok = request;
    let mut cases: Vec<(Request, &str)> = vec![
        (Request { shape: [0, 50], ..ok() }, "a frame of 0 x 50 pixels"),
        (Request { shape: [1 << 20, 1 << 20], ..ok() }, "cannot be integrated"),
        (Request { shape: [usize::MAX, 2], ..ok() }, "cannot be integrated"),
        (Request { shape: [50, 41], ..ok() }, "the mask has 2000 pixels, the frames have 50 x 41"),
        (Request { flat: Some(vec![1.0; 3]), ..ok() }, "the flat field has 3 pixels"),
        (Request { mask: vec![true; 2000], ..ok() }, "all 2000 pixels are masked: in a mask, non-zero"),
        (Request { flat: Some(vec![0.0; 2000]), ..ok() }, "all 2000 pixels are masked, 1944 of them by the flat field"),
        (Request { radial_bins: 0, ..ok() }, "0 radial x 1 azimuthal bins"),
        (Request { radial_bins: usize::MAX, ..ok() }, "bins are not possible"),
        (Request { caked: true, azimuth_bins: Some(0), ..ok() }, "100 radial x 0 azimuthal"),
        (Request { caked: true, azimuth_bins: Some(usize::MAX), ..ok() }, "bins are not possible"),
        (Request { azimuth_bins: Some(8), ..ok() }, "8 azimuthal bins were asked for"),
        (Request { radial_range: Some([3.0, 3.0]), ..ok() }, "the radial range 3 to 3"),
        (Request { radial_range: Some([3.0, 1.0]), ..ok() }, "reversed"),
        (Request { radial_range: Some([f64::NAN, 1.0]), ..ok() }, "not finite"),
        (Request { radial_range: Some([0.0, f64::INFINITY]), ..ok() }, "not finite"),
        (Request { radial_range: Some([-f64::MAX, f64::MAX]), ..ok() }, "not finite"),
        (Request { radial_range: Some([900.0, 901.0]), ..ok() }, "no unmasked pixel lies within the ranges"),
        (Request { radial_range: Some([1.0, 1.0f64.next_up()]), ..ok() }, "too narrow"),
        (Request { azimuth_range: Some([10.0, 10.0]), ..ok() }, "the azimuthal range 10 to 10"),
        (Request { azimuth_range: Some([0.0, 361.0]), ..ok() }, "at most 360 apart"),
        (Request { azimuth_range: Some([1e9, 1e9 + 1.0]), ..ok() }, "the azimuthal range"),
        (Request { azimuth_range: Some([f64::NAN, 1.0]), ..ok() }, "the azimuthal range"),
        (Request { polarization: Some(1.01), ..ok() }, "the polarization factor 1.01"),
        (Request { polarization: Some(f64::NAN), ..ok() }, "the polarization factor NaN"),
    ];
    let mut with = |change: fn(&mut Geometry), message| {
        let mut request = ok();
        change(&mut request.geometry);
        cases.push((request, message));
    };
    with(|g| g.wavelength = None, "the unit q_A^-1 needs a wavelength");
    with(|g| g.wavelength = Some(0.0), "the geometry's wavelength is 0");
    with(|g| g.distance = 0.0, "the geometry's distance is 0");
    with(|g| g.distance = -0.1, "the geometry's distance is -0.1");
    with(|g| g.distance = f64::NAN, "the geometry's distance is NaN");
    with(|g| g.poni1 = f64::INFINITY, "the geometry's PONI 1 is inf");
    with(|g| g.poni1 = 1e200, "the geometry gives no finite radial value at row 0, column 0");
    with(|g| g.poni1 = 1e20, "every pixel lies at the radial value 7.2");
    with(|g| g.rot3 = f64::NAN, "the geometry's rotation 3 is NaN");
    with(|g| g.detector.pixel2 = 0.0, "the geometry's pixel size 2 is 0");
    with(
        |g| g.detector.shape = Some([2167, 2070]),
        "frames have 40 x 50 pixels, but detector \"Detector\" has 2167 x 2070",
    );
    for (request, message) in cases {
        let error = build(&request).unwrap_err().to_string();
        assert!(error.contains(message), "{error:?} does not say {message:?}");
    }
}
