//! The detectors known by name: a plain table, one line a detector, after pyFAI's classes (`pyFAI/detectors/*.py`,
//! release 2026.9).
//!
//! Only flat detectors whose pixels lie on a grid of rows and columns are here; [`not_done`] names the others.

mod ccd;
mod dectris;
mod panels;
mod psi;
mod rayonix;

use super::Detector;
use super::gaps::Gaps;
use std::sync::Arc;

/// One detector.
#[derive(Debug)]
pub(super) struct Entry {
    /// pyFAI's class: what a PONI file calls it.
    pub class: &'static str,
    /// pyFAI's other names, the usual one first.
    pub aliases: &'static [&'static str],
    /// Rows and columns without binning; `None` for a family whose members differ (`Detector_config` tells).
    pub shape: Option<[usize; 2]>,
    /// Pixel size.
    pub pixels: Pixels,
    /// Pixels that the detector does not have.
    pub gaps: Gaps,
    /// Rows and columns of a chip, where the two pixels at each border between chips are twice as wide.
    pub wide_borders: Option<[usize; 2]>,
}

/// How the pixel size tells the binning.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pixels {
    /// Binned by the nearest whole multiple of `unbinned` (pyFAI's `Detector.__init__`).
    Multiples {
        /// Size without binning along both axes, in m.
        unbinned: [f64; 2],
        /// Size where none is given, in m.
        usual: [f64; 2],
    },
    /// Square pixels of these sizes and no others (pyFAI's `BINNED_PIXEL_SIZE`).
    Listed {
        /// Binning, and the size of a pixel in m.
        sizes: &'static [(usize, f64)],
        /// Size where none is given, in m.
        usual: f64,
    },
}

impl Entry {
    const fn new(class: &'static str, aliases: &'static [&'static str], shape: [usize; 2], size: f64) -> Entry {
        let pixels = Pixels::Multiples { unbinned: [size, size], usual: [size, size] };
        Entry { class, aliases, shape: Some(shape), pixels, gaps: Gaps::None, wide_borders: None }
    }

    const fn family(class: &'static str, size: f64) -> Entry {
        Entry { shape: None, ..Entry::new(class, &[], [0, 0], size) }
    }

    const fn gaps(self, gaps: Gaps) -> Entry {
        Entry { gaps, ..self }
    }

    const fn pixels(self, pixels: Pixels) -> Entry {
        Entry { pixels, ..self }
    }

    const fn wide_borders(self, chip: [usize; 2]) -> Entry {
        Entry { wide_borders: Some(chip), ..self }
    }

    /// The name people use.
    pub fn name(&self) -> &'static str {
        self.aliases.first().copied().unwrap_or(self.class)
    }

    /// Binning that gives pixels of this size (in m) along `axis`; `None` where there is none.
    pub fn binning(&self, axis: usize, size: f64) -> Option<usize> {
        match self.pixels {
            Pixels::Multiples { unbinned, .. } => {
                let times = (size / unbinned[axis]).round_ties_even();
                (times < 1e6).then_some((times as usize).max(1))
            }
            Pixels::Listed { sizes, .. } => {
                sizes.iter().find(|(_, listed)| (listed - size).abs() <= 1e-9 * listed).map(|(binning, _)| *binning)
            }
        }
    }

    /// Pixel size along both axes where none is given, in m.
    pub fn usual_size(&self) -> [f64; 2] {
        match self.pixels {
            Pixels::Multiples { usual, .. } => usual,
            Pixels::Listed { usual, .. } => [usual, usual],
        }
    }

    /// Pixel size after going from one binning to another, as pyFAI's setter of `binning` computes it; `None` where
    /// the detector has no such binning.
    pub fn rebinned(&self, size: f64, from: usize, to: usize) -> Option<f64> {
        match self.pixels {
            _ if to == 0 || self.wide_borders.is_some() => None,
            Pixels::Multiples { .. } => Some(size * (to as f64 / from as f64)),
            Pixels::Listed { sizes, .. } => sizes.iter().find(|(binning, _)| *binning == to).map(|(_, size)| *size),
        }
    }

    /// Which pixel sizes it has, for a message.
    pub fn known_sizes(&self, axis: usize) -> String {
        match self.pixels {
            Pixels::Multiples { unbinned, .. } if self.wide_borders.is_some() => {
                format!("they are of {:?} m, and binning is not done", unbinned[axis])
            }
            Pixels::Multiples { unbinned, .. } => format!("they are multiples of {:?} m", unbinned[axis]),
            Pixels::Listed { sizes, .. } => {
                let listed: Vec<String> =
                    sizes.iter().map(|(binning, size)| format!("{size:?} (binning {binning})")).collect();
                format!("they are of {}", listed.join(", "))
            }
        }
    }
}

/// Every detector.
pub(super) fn all() -> impl Iterator<Item = &'static Entry> {
    [dectris::TABLE, psi::TABLE, rayonix::TABLE, panels::TABLE, ccd::TABLE].into_iter().flatten()
}

/// Finds a detector by any of its names, whatever their case, spaces, `_` and `-`.
///
/// A Pilatus3 (X, S or R) has the Pilatus' modules and is found under its name; pyFAI has no name for it.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    let wanted = plain(name);
    let by_name = |wanted: &str| all().find(|entry| names(entry).any(|name| plain(name) == wanted));
    by_name(&wanted).or_else(|| {
        let size = wanted.strip_prefix("pilatus3")?;
        let size = size.strip_prefix(['x', 's', 'r']).unwrap_or(size);
        by_name(&format!("pilatus{size}"))
    })
}

/// The entry of a detector that [`Detector::configured`] made.
pub(super) fn of(detector: &Detector) -> Option<&'static Entry> {
    find(&detector.name)
}

/// The known name that is closest to one that is not.
pub(super) fn closest(name: &str) -> Option<&'static str> {
    let wanted: Vec<char> = plain(name).chars().take(64).collect();
    all()
        .flat_map(names)
        .map(|known| (edits(&wanted, &plain(known)), known))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, known)| 2 * distance <= known.len())
        .map(|(_, known)| known)
}

/// Why a detector that pyFAI knows is not in the table.
pub(super) fn not_done(name: &str) -> Option<&'static str> {
    let name = plain(name);
    let nexus = name == "nexusdetector" || [".h5", ".nxs", ".hdf5", ".nexus"].iter().any(|end| name.ends_with(end));
    Some(match name.as_str() {
        _ if nexus => "the pixels of a detector described by a NeXus file may have any shape and place",
        "frelon" => "it needs its distortion spline",
        "pixirad1" | "pixirad2" | "pixirad4" | "pixirad8" => "its pixels are hexagons",
        "aarhus" | "rapid" | "rapidii" | "cirpad" | "xcirpad" => "it is not flat",
        "imxpads10" | "imxpads70" | "imxpads70v" | "imxpads140" | "xpadflat" | "xpads540flat" | "d5" => {
            "its pixels lie on no regular grid"
        }
        "mar345" | "mar3450" => "its shape depends on how the plate was scanned",
        _ => return None,
    })
}

/// Edges of the pixels along both axes in m, for a detector with pixels of several widths.
///
/// As pyFAI's `Jungfrau.calc_pixels_edges`, summed in its order: the two pixels at a border between chips are twice
/// as wide. pyFAI applies this to its Jungfrau 8M and 16M cor too, although their frames have the gaps filled in;
/// PONI files calibrated with it mean those places, so they are kept.
pub(super) fn edges(detector: &Detector) -> Option<[Arc<[f64]>; 2]> {
    let entry = of(detector)?;
    let (chip, shape) = (entry.wide_borders?, detector.shape?);
    let along = |axis: usize| -> Arc<[f64]> {
        let (length, chip, size) = (shape[axis], chip[axis], entry.usual_size()[axis]);
        let last_border = (length / chip).saturating_sub(1) * chip;
        let wide = |pixel: usize| {
            let near = |border: usize| border > 0 && border <= last_border && border.is_multiple_of(chip);
            near(pixel) || near(pixel + 1)
        };
        let widths = (0..length).map(|pixel| if wide(pixel) { size * 2.0 } else { size });
        let sums = widths.scan(0.0, |sum, width| {
            *sum += width;
            Some(*sum)
        });
        std::iter::once(0.0).chain(sums).collect()
    };
    Some([along(0), along(1)])
}

/// All names of a detector.
pub(super) fn names(entry: &'static Entry) -> impl Iterator<Item = &'static str> {
    std::iter::once(entry.class).chain(entry.aliases.iter().copied())
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Levenshtein distance.
fn edits(wanted: &[char], known: &str) -> usize {
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (index, letter) in known.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(wanted) {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn table_no_name_means_two_detectors() {
        let mut seen = HashMap::new();
        for entry in all() {
            for name in names(entry) {
                let other = seen.insert(plain(name), entry.class);
                assert!(other.is_none_or(|class| class == entry.class), "{name}: {other:?} and {}", entry.class);
            }
        }
        assert!(seen.keys().all(|name| not_done(name).is_none()));
    }

    #[test]
    fn find_any_case_and_spacing_gives_the_detector() {
        for name in ["Eiger2 4M", "eiger2_4m", "EIGER2-4M", "Eiger2_4M"] {
            assert_eq!(find(name).map(|entry| entry.class), Some("Eiger2_4M"), "{name}");
        }
    }

    #[test]
    fn find_pilatus3_gives_the_pilatus_of_that_size() {
        let class = |name| find(name).map(|entry| entry.class);
        assert_eq!(class("Pilatus3 X 2M"), Some("Pilatus2M"));
        assert_eq!(class("PILATUS3 S 300K"), Some("Pilatus300k"));
        assert_eq!(class("Pilatus3 6M"), Some("Pilatus6M"));
        assert_eq!(class("Pilatus3 X CdTe 2M"), Some("PilatusCdTe2M"));
        assert_eq!(class("Pilatus 300k"), Some("Pilatus300k"));
        assert_eq!(class("Pilatus3 7M"), None);
    }

    #[test]
    fn closest_of_a_misspelling_is_the_name_meant() {
        assert_eq!(closest("Eigr 4M"), Some("Eiger4M"));
        assert_eq!(closest("Pilatsu2M"), Some("Pilatus2M"));
        assert_eq!(closest("zzzzzzzzzzzzzzzzzzzzzzzzz"), None);
    }

    #[test]
    fn edges_of_a_jungfrau_have_wide_pixels_at_chip_borders_only() {
        let [rows, columns] = edges(&Detector::named("Jungfrau 500k").unwrap()).unwrap();
        let wide = |edges: &[f64]| -> Vec<usize> {
            (0..edges.len() - 1).filter(|i| edges[i + 1] - edges[*i] > 1.5 * 75e-6).collect()
        };
        assert_eq!(wide(&rows), [255, 256]);
        assert_eq!(wide(&columns), [255, 256, 511, 512, 767, 768]);
    }
}
