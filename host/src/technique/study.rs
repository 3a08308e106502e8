//! What a technique gets to judge.

use super::{Limits, TechniqueError};
use crate::stack::{INVALID, Stack};
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// Original and altered frames, and what is known of the measurement.
#[derive(Clone, Copy, Debug)]
pub struct Study<'a> {
    /// Frames as they were recorded: one exposure each.
    pub original: &'a Stack,
    /// What became of them: as many frames, or fewer that are sums of consecutive ones.
    pub altered: &'a Stack,
    /// Bins of the geometry, if it is known.
    pub table: Option<&'a Table>,
    /// Time from frame to frame of the original in s, if it is known.
    pub frame_time: Option<f64>,
    /// What is acceptable.
    pub limits: &'a Limits,
    /// What the techniques are told.
    pub settings: &'a Settings,
}

/// What the techniques are told. What is absent they choose themselves, from the original frames, and say so in the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `powder`: where peaks are, in the unit of the bins.
    pub peaks: Vec<f64>,
    /// `powder`: how many of the strongest peaks are fitted when none are named.
    pub most_peaks: usize,
    /// `saxs`: range in q of the Guinier fit.
    pub guinier: Option<[f64; 2]>,
    /// `saxs`: range in q of the Porod fit.
    pub porod: Option<[f64; 2]>,
    /// `mx`: a spot's pixels stand this many standard deviations above their surroundings.
    pub spot_sigma: f64,
    /// `mx`: pixels of a spot, at least.
    pub spot_pixels: usize,
    /// `xpcs`: rings of equal width into which the radial range is cut, where there is a geometry.
    pub rings: usize,
    /// `xpcs`: rectangles instead: first row, first column, rows, columns.
    pub rois: Vec<[usize; 4]>,
    /// `imaging`: range of the values for PSNR and SSIM; the largest valid value of the original unless given.
    pub data_range: Option<f64>,
    /// `spectroscopy`: whether energy runs along rows (down the columns) instead of along columns.
    pub along_rows: bool,
    /// `spectroscopy`: range of the line along that axis, in pixels, the end not included.
    pub line: Option<[usize; 2]>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            peaks: Vec::new(),
            most_peaks: 8,
            guinier: None,
            porod: None,
            spot_sigma: 3.0,
            spot_pixels: 2,
            rings: 4,
            rois: Vec::new(),
            data_range: None,
            along_rows: false,
            line: None,
        }
    }
}

impl Study<'_> {
    /// Looks whether both sides belong together: shape, exposures, and that nothing that was invalid became valid.
    ///
    /// # Errors
    /// [`TechniqueError::Mismatch`]
    pub fn check(&self) -> Result<(), TechniqueError> {
        let wrong = |reason: String| Err(TechniqueError::Mismatch(reason));
        let (original, altered) = (self.original, self.altered);
        if original.shape() != altered.shape() {
            let ([a, b], [c, d]) = (original.shape(), altered.shape());
            return wrong(format!("frames of {a} x {b} pixels and of {c} x {d}"));
        }
        if let Some(table) = self.table
            && table.description.shape != original.shape()
        {
            let ([a, b], [c, d]) = (original.shape(), table.description.shape);
            return wrong(format!("frames of {a} x {b} pixels, a geometry of {c} x {d}"));
        }
        if original.exposures().iter().any(|&count| count != 1) {
            return wrong("the original frames are sums of frames themselves".into());
        }
        let (have, held) = (original.frames().len(), altered.total_exposures());
        if have as u64 != held {
            return wrong(format!("{have} original frames, but the altered ones hold {held}"));
        }
        for (number, (group, altered)) in self.pairs().enumerate() {
            let came_back = (0..original.pixels())
                .find(|&pixel| altered[pixel] != INVALID && group.iter().any(|frame| frame[pixel] == INVALID));
            if let Some(pixel) = came_back {
                return wrong(format!("pixel {pixel} of altered frame {number} is valid, in the original it is not"));
            }
        }
        Ok(())
    }

    /// Each altered frame with the original ones that it holds.
    pub fn pairs(&self) -> impl Iterator<Item = (&[Vec<u32>], &[u32])> {
        let mut left = self.original.frames();
        self.altered.frames().iter().zip(self.altered.exposures()).map(move |(altered, &count)| {
            let (group, rest) = left.split_at(left.len().min(count as usize));
            left = rest;
            (group, altered.as_slice())
        })
    }
}
