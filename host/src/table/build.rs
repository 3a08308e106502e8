//! Builds a table: every sub-pixel centre is projected, and its bin counted.
//!
//! Pixel (i, j) is cut into n x n sub-pixels with centres at (i + (k + 1/2)/n, j + (l + 1/2)/n). The bin of a
//! sub-pixel is the one whose edges enclose its centre ([`super::edges`]), so a pixel's weight in a bin is the
//! number of its sub-pixels there: whole, without rounding.

use super::edges::{Axis, wrap};
use super::extent::extent;
use super::rays::OUTSIDE;
use super::request::{BuildError, DEFAULT_AZIMUTH_BINS, Request};
use super::tally::{Bins, Row};
use super::{Description, Table, evaluate::Evaluate, file, norm};
use crate::cpu::Kernels;
use debye_spec::Entry;
use debye_spec::bounds::{MAX_BINS, MAX_PIXELS};
use rayon::prelude::*;

/// Name of the only convention there is: I = sum w v / sum w (solid angle x polarization x flat).
pub const CONVENTION: &str = "pyfai";

/// Builds the table of a request, in parallel on the current rayon pool. The result has the same bits whatever
/// the number of threads.
///
/// # Errors
/// [`BuildError`] for a request that makes no table.
pub fn build(request: &Request) -> Result<Table, BuildError> {
    build_with(request, Kernels::of_process())
}

/// [`build`] with kernels of choice: they all make the same table.
///
/// # Errors
/// As [`build`].
pub fn build_with(request: &Request, kernels: Kernels) -> Result<Table, BuildError> {
    let [rows, columns] = request.shape;
    let pixels = rows.checked_mul(columns).filter(|&n| n > 0 && n <= MAX_PIXELS as usize);
    let pixels = pixels.ok_or(BuildError::Shape(request.shape))?;
    check_shapes(request, pixels)?;
    let azimuth_bins = azimuth_bins(request)?;
    if request.polarization.is_some_and(|factor| !(-1.0..=1.0).contains(&factor)) {
        return Err(BuildError::Polarization(request.polarization.unwrap_or_default()));
    }
    let evaluate = Evaluate::new(request)?;

    let (masked, flat_masked_pixels) = mask(request);
    if masked.iter().all(|&masked| masked) {
        return Err(BuildError::AllMasked { pixels, by_flat: flat_masked_pixels });
    }

    let radial = radial_axis(request, &evaluate)?;
    let azimuth = azimuth_axis(request, azimuth_bins)?;
    let (starts, entries) = entries(request, &evaluate, &radial, azimuth.as_ref(), &masked, kernels)?;
    if entries.is_empty() {
        return Err(BuildError::NothingInRange {
            covers: extent(&evaluate, request.shape, request.split)?,
            unit: request.unit,
        });
    }
    let (norm, norm_exponent) = normalisation(request, &evaluate, &masked)?;
    let bins = request.radial_bins * azimuth_bins;
    let (full_weight, full_norm) =
        norm::full_sums(bins, &starts, &entries, &norm).ok_or(debye_spec::TableError::Starts)?;

    let mut table = Table {
        description: Description {
            version: crate::VERSION.to_string(),
            geometry: request.geometry.clone(),
            shape: request.shape,
            unit: request.unit,
            radial_bins: request.radial_bins,
            azimuth_bins,
            caked: request.caked,
            azimuth_range: request.azimuth_range,
            split: request.split,
            solid_angle: request.solid_angle,
            polarization: request.polarization,
            flat: request.flat.is_some(),
            masked_pixels: masked.iter().filter(|&&masked| masked).count(),
            flat_masked_pixels,
            convention: CONVENTION.to_string(),
        },
        radial_edges: radial.edges().to_vec(),
        azimuth_edges: azimuth.map_or(vec![-180.0, 180.0], |axis| axis.edges().to_vec()),
        masked,
        starts,
        entries,
        norm,
        norm_exponent,
        full_weight,
        full_norm,
        hash: [0; 32],
    };
    table.spec().check()?;
    table.hash = file::hash_of(&table);
    Ok(table)
}

fn check_shapes(request: &Request, pixels: usize) -> Result<(), BuildError> {
    let shape = request.shape;
    request.geometry.detector.check_frame(shape)?;
    if request.mask.len() != pixels {
        return Err(BuildError::MaskShape { have: request.mask.len(), shape });
    }
    match &request.flat {
        Some(flat) if flat.len() != pixels => Err(BuildError::FlatShape { have: flat.len(), shape }),
        _ => Ok(()),
    }
}

fn azimuth_bins(request: &Request) -> Result<usize, BuildError> {
    let azimuth = match (request.caked, request.azimuth_bins) {
        (true, bins) => bins.unwrap_or(DEFAULT_AZIMUTH_BINS),
        (false, None) => 1,
        (false, Some(bins)) => return Err(BuildError::AzimuthBinsWithoutCaking(bins)),
    };
    let radial = request.radial_bins;
    let total = radial.checked_mul(azimuth).filter(|&bins| bins > 0 && bins <= MAX_BINS as usize);
    total.map(|_| azimuth).ok_or(BuildError::Bins { radial, azimuth })
}

/// The mask together with the pixels that have no usable flat field, and how many those add.
fn mask(request: &Request) -> (Vec<bool>, usize) {
    let mut masked = request.mask.clone();
    let mut added = 0;
    for (masked, &flat) in masked.iter_mut().zip(request.flat.iter().flatten()) {
        let usable = flat > 0.0 && flat.is_finite();
        if !*masked && !usable {
            *masked = true;
            added += 1;
        }
    }
    (masked, added)
}

fn radial_axis(request: &Request, evaluate: &Evaluate) -> Result<Axis, BuildError> {
    let [lo, hi] = match request.radial_range {
        Some([lo, hi]) if lo < hi && lo.is_finite() && hi.is_finite() && (hi - lo).is_finite() => [lo, hi],
        Some(range) => {
            return Err(BuildError::RadialRange { range, unit: request.unit });
        }
        None => match extent(evaluate, request.shape, request.split)? {
            [lo, hi] if lo < hi => [lo, hi],
            [lo, _] => return Err(BuildError::NoExtent(lo)),
        },
    };
    let bins = request.radial_bins;
    Axis::new(lo, hi, bins).ok_or(BuildError::BinsTooNarrow { bins, range: [lo, hi] })
}

/// `None`: a 1D pattern over all azimuths, for which chi is not looked at.
fn azimuth_axis(request: &Request, bins: usize) -> Result<Option<Axis>, BuildError> {
    let [lo, hi] = match (request.azimuth_range, request.caked) {
        (Some(range), _) => range,
        (None, true) => [-180.0, 180.0],
        (None, false) => return Ok(None),
    };
    // Below -360 no chi is ever meant; the bound also keeps f64's steps small against a bin.
    if !((-360.0..=360.0).contains(&lo) && lo < hi && hi - lo <= 360.0) {
        return Err(BuildError::AzimuthRange([lo, hi]));
    }
    Axis::new(lo, hi, bins).map(Some).ok_or(BuildError::BinsTooNarrow { bins, range: [lo, hi] })
}

fn entries(
    request: &Request,
    evaluate: &Evaluate,
    radial: &Axis,
    azimuth: Option<&Axis>,
    masked: &[bool],
    kernels: Kernels,
) -> Result<(Vec<u32>, Vec<Entry>), BuildError> {
    let ([rows, columns], split) = (request.shape, request.split);
    let (n, weight) = (split.n(), split.weight());
    let rays = evaluate.rays(radial, columns, split, kernels);
    let width = columns * n;
    let made: Vec<Result<Row, BuildError>> = (0..rows)
        .into_par_iter()
        .map_init(
            || (Vec::new(), vec![0; width * n]),
            |(values, bins), row| {
                let mut out = Row::new(columns);
                let masked = &masked[row * columns..][..columns];
                let at_once = azimuth.is_none()
                    && (bins.chunks_exact_mut(width).enumerate())
                        .all(|(k, bins)| rays.bins(split.centre(row * n + k), values, bins));
                if at_once {
                    out.tally(Bins { bins, n, masked, weight }, kernels);
                    return Ok(out);
                }
                for (column, &masked) in masked.iter().enumerate() {
                    if masked {
                        out.nothing();
                        continue;
                    }
                    let mut of_pixel = [OUTSIDE; 64];
                    for (i, bin) in of_pixel[..n * n].iter_mut().enumerate() {
                        let (d1, d2) = (split.centre(row * n + i / n), split.centre(column * n + i % n));
                        *bin = bin_of(evaluate, radial, azimuth, d1, d2)
                            .map_err(|what| BuildError::NotFinite { what, row, column })?
                            .unwrap_or(OUTSIDE);
                    }
                    out.pixel(&of_pixel[..n * n], weight);
                }
                Ok(out)
            },
        )
        .collect();

    let made = made.into_iter().collect::<Result<Vec<Row>, BuildError>>()?;
    let mut starts = Vec::with_capacity(rows * columns + 1);
    let mut entries = Vec::with_capacity(made.iter().map(|row| row.entries.len()).sum());
    // 2^25 pixels of at most 64 entries: the index cannot leave u32 (asserted in debye_spec::bounds).
    let mut start = 0u32;
    starts.push(start);
    for row in made {
        for count in row.counts {
            start += count;
            starts.push(start);
        }
        entries.extend_from_slice(&row.entries);
    }
    Ok((starts, entries))
}

/// The bin of a sub-pixel; `Ok(None)` outside the ranges; the name of what is not finite.
fn bin_of(
    evaluate: &Evaluate,
    radial: &Axis,
    azimuth: Option<&Axis>,
    d1: f64,
    d2: f64,
) -> Result<Option<u32>, &'static str> {
    let t = evaluate.lab(d1, d2);
    let value = evaluate.radial(t);
    if !value.is_finite() {
        return Err("radial value");
    }
    let Some(radial_bin) = radial.bin(value) else { return Ok(None) };
    let Some(axis) = azimuth else { return Ok(Some(radial_bin as u32)) };
    let chi = evaluate.chi_degrees(t);
    if !chi.is_finite() {
        return Err("azimuth");
    }
    let azimuth_bin = axis.bin(wrap(chi, axis.edges()[0]));
    let radial_bins = radial.edges().len() - 1;
    Ok(azimuth_bin.map(|azimuth_bin| (azimuth_bin * radial_bins + radial_bin) as u32))
}

/// Normalisation of every pixel in fixed point (0 where masked), and its exponent.
fn normalisation(request: &Request, evaluate: &Evaluate, masked: &[bool]) -> Result<(Vec<u64>, i32), BuildError> {
    let columns = request.shape[1];
    let values: Vec<f64> = (0..masked.len())
        .into_par_iter()
        .map(|pixel| match masked[pixel] {
            true => 0.0,
            false => {
                let (d1, d2) = ((pixel / columns) as f64 + 0.5, (pixel % columns) as f64 + 0.5);
                let flat = request.flat.as_ref().map_or(1.0, |flat| flat[pixel]);
                evaluate.norm(d1, d2) * flat
            }
        })
        .collect();
    let wrong = values.iter().position(|value| !(*value >= 0.0 && value.is_finite()));
    if let Some(pixel) = wrong {
        return Err(BuildError::NotFinite { what: "normalisation", row: pixel / columns, column: pixel % columns });
    }
    let largest = values.iter().copied().fold(0.0, f64::max);
    let exponent = norm::exponent_for(largest).ok_or(BuildError::NoNormalisation)?;
    Ok((values.into_iter().map(|value| norm::to_fixed(value, exponent)).collect(), exponent))
}
