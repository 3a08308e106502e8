//! Pixels that a detector does not have: between its modules, chips or crystals, or outside a round one
//! (pyFAI's `calc_mask` of each class).
//!
//! As in pyFAI they belong to the stored rows and columns: the orientation does not move them.

/// Which pixels are not there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gaps {
    /// Every pixel is.
    None,
    /// Between modules on a regular grid.
    Grid(Grid),
    /// Outside the largest circle around the middle.
    Circle,
    /// Outside of square chips of `size` x `size` pixels, given by their first row and column.
    Chips {
        /// Rows and columns of a chip.
        size: usize,
        /// First row and column of each.
        corners: &'static [[u16; 2]],
    },
    /// At the joints of chips of 256 pixels, 258 apart: the two pixels put in between, and one on each side.
    Joints {
        /// Rows and columns of a module.
        module: [usize; 2],
    },
}

/// Modules on a regular grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    /// Rows and columns of a module.
    pub module: [usize; 2],
    /// Rows and columns between modules.
    pub gap: [usize; 2],
    /// Columns missing before, and from, each module's middle column on.
    pub centre: [usize; 2],
}

impl Grid {
    fn row(&self, row: usize) -> bool {
        row % (self.module[0] + self.gap[0]) >= self.module[0]
    }

    fn column(&self, column: usize) -> bool {
        let within = column % (self.module[1] + self.gap[1]);
        let middle = self.module[1] / 2;
        within >= self.module[1] || (within + self.centre[0] >= middle && within < middle + self.centre[1])
    }
}

impl Gaps {
    /// The mask of a frame of `shape` (rows, columns), each pixel of which is `binning` pixels of the detector, row by
    /// row, true = masked; `None` where there are no gaps. A binned pixel is masked if any part of it is
    /// (`pyFAI/detectors/_common.py`, `mask`).
    pub fn mask(&self, shape: [usize; 2], binning: [usize; 2]) -> Option<Vec<bool>> {
        let [rows, columns] = shape;
        match self {
            Gaps::None => None,
            Gaps::Grid(grid) => {
                let rows = fold(rows, binning[0], |row| grid.row(row));
                let columns = fold(columns, binning[1], |column| grid.column(column));
                Some(either(&rows, &columns))
            }
            Gaps::Joints { module } => {
                let joint = |index: usize, module: usize| {
                    let within = index % module;
                    within >= 255 && within + 1 < module && (within + 3) % 258 < 4
                };
                let rows = fold(rows, binning[0], |row| joint(row, module[0]));
                let columns = fold(columns, binning[1], |column| joint(column, module[1]));
                Some(either(&rows, &columns))
            }
            Gaps::Circle => Some(outside_circle(rows, columns)),
            Gaps::Chips { size, corners } => Some(outside_chips(shape, binning, *size, corners)),
        }
    }
}

/// Whether any of the pixels that are binned into one is missing.
fn fold(length: usize, binning: usize, missing: impl Fn(usize) -> bool) -> Vec<bool> {
    (0..length).map(|binned| (binned * binning..(binned + 1) * binning).any(&missing)).collect()
}

fn either(rows: &[bool], columns: &[bool]) -> Vec<bool> {
    rows.iter().flat_map(|row| columns.iter().map(move |column| *row || *column)).collect()
}

fn outside_circle(rows: usize, columns: usize) -> Vec<bool> {
    let (row0, column0) = ((rows / 2) as f64, (columns / 2) as f64);
    let square = |index: usize, centre: f64| (index as f64 + 0.5 - centre).powi(2);
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| square(row, row0) + square(column, column0) > row0 * row0))
        .collect()
}

fn outside_chips(shape: [usize; 2], binning: [usize; 2], size: usize, corners: &[[u16; 2]]) -> Vec<bool> {
    let [rows, columns] = shape.map(|length| length.max(1));
    let (full_rows, full_columns) = (rows * binning[0], columns * binning[1]);
    let mut missing = vec![true; full_rows * full_columns];
    for corner in corners {
        let [row0, column0] = corner.map(usize::from);
        let end = (column0 + size).min(full_columns);
        for row in missing.chunks_exact_mut(full_columns).skip(row0).take(size) {
            if let Some(chip) = row.get_mut(column0..end) {
                chip.fill(false);
            }
        }
    }
    let mut mask = vec![false; shape[0] * shape[1]];
    for (row, line) in missing.chunks_exact(full_columns).enumerate() {
        for (column, _) in line.iter().enumerate().filter(|(_, missing)| **missing) {
            if let Some(pixel) = mask.get_mut((row / binning[0]) * shape[1] + column / binning[1]) {
                *pixel = true;
            }
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use crate::geometry::Detector;

    fn masked(name: &str) -> usize {
        let detector = Detector::named(name).unwrap();
        let shape = detector.shape.unwrap();
        let mask = detector.gap_mask(shape).unwrap();
        assert_eq!(mask.len(), shape[0] * shape[1]);
        mask.iter().filter(|masked| **masked).count()
    }

    /// The counts are those of `pyFAI.detector_factory(name).mask.sum()`.
    #[test]
    fn gaps_of_known_detectors_have_as_many_pixels_as_in_pyfai() {
        assert_eq!(masked("Eiger 500k"), 0);
        assert_eq!(masked("Eiger 4M"), 250_330);
        assert_eq!(masked("Eiger2 16M"), 1_250_824);
        assert_eq!(masked("Eiger2 CdTe 1M-W"), 8_192);
        assert_eq!(masked("Pilatus 2M"), 197_365);
        assert_eq!(masked("Pilatus CdTe 2M"), 211_405);
        assert_eq!(masked("Pilatus4 260kw CdTe"), 2_295);
        assert_eq!(masked("Jungfrau 4M"), 239_792);
        assert_eq!(masked("Jungfrau 8M"), 2_319_036);
        assert_eq!(masked("Jungfrau 16M cor"), 327_680);
        assert_eq!(masked("Lambda 750k"), 16_464);
        assert_eq!(masked("MAR 165"), 3_600_424);
    }

    #[test]
    fn gaps_of_a_detector_without_any_are_none() {
        assert_eq!(Detector::named("Perkin").unwrap().gap_mask([2048, 2048]), None);
    }

    #[test]
    fn gaps_of_another_shape_are_none() {
        assert_eq!(Detector::named("Eiger 4M").unwrap().gap_mask([2167, 2069]), None);
    }
}
