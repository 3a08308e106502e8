//! The lossy steps of [`debye_spec::lossy`] on the pixels of a chunk.

use crate::lossy::sigmas;
use debye_spec::lossy::{Step, quantise, threshold};
use debye_spec::{Element, Pixel, ValidRule};

/// Below what a value becomes 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Threshold {
    /// Nothing.
    #[default]
    None,
    /// One number for all pixels.
    Global(u32),
    /// A number for each pixel of a frame.
    PerPixel {
        /// Row by row.
        values: Vec<u32>,
        /// Rows and columns.
        shape: [usize; 2],
        /// The file it came from.
        source: String,
    },
}

/// What is taken from pixels before they are encoded; nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lossy {
    /// Values below become 0.
    pub threshold: Threshold,
    /// Steps of N sqrt(I).
    pub step: Option<Step>,
}

impl Lossy {
    /// Whether nothing is taken: no pixel is below 0.
    pub fn is_none(&self) -> bool {
        matches!(self.threshold, Threshold::None | Threshold::Global(0)) && self.step.is_none()
    }

    /// The threshold that a card is asked for, where that is all there is to do; 0 if there is nothing. A card compares
    /// pixels as numbers without a sign, which leaves invalid ones alone up to the largest valid value and 1.
    pub(super) fn for_card(&self, element: Element) -> Option<u32> {
        match (&self.threshold, self.step) {
            (Threshold::None, None) => Some(0),
            (Threshold::Global(limit), None) if limit.saturating_sub(1) <= element.default_max_valid() => Some(*limit),
            _ => None,
        }
    }

    /// What is done, in one sentence, for the record.
    pub fn describe(&self) -> String {
        let mut steps = Vec::new();
        match &self.threshold {
            Threshold::None => {}
            Threshold::Global(value) => steps.push(format!("values below {value} set to 0")),
            Threshold::PerPixel { source, .. } => {
                steps.push(format!("values below the pixel's number in {source} set to 0"));
            }
        }
        if let Some(step) = self.step {
            steps.push(format!("quantised in steps of {} sqrt(I)", sigmas(step)));
        }
        steps.join(", then ")
    }

    /// Applies the steps to the little-endian pixels of the chunk of shape `chunk` whose first element is at `offset`.
    /// What lies beyond the data set's edge is nobody's and stays.
    pub(super) fn apply(&self, element: Element, dimensions: &[u64], chunk: &[u64], offset: &[u64], pixels: &mut [u8]) {
        if self.is_none() {
            return;
        }
        let rule = ValidRule::new(element, element.default_max_valid());
        let size = element.size();
        let width = chunk.last().copied().unwrap_or(1).max(1) as usize;
        for (line, row) in pixels.chunks_exact_mut(width * size).enumerate() {
            let place = self.thresholds(line, dimensions, chunk, offset);
            for column in 0..width {
                let Pixel::Valid(value) = rule.judge(row, column, false) else { continue };
                let limit = match &self.threshold {
                    Threshold::None => 0,
                    Threshold::Global(limit) => *limit,
                    Threshold::PerPixel { .. } => place.and_then(|row| row.get(column)).copied().unwrap_or(0),
                };
                let mut kept = threshold(value, limit);
                if let Some(step) = self.step {
                    kept = quantise(kept, step, rule.max_valid());
                }
                if kept != value {
                    row[column * size..][..size].copy_from_slice(&kept.to_le_bytes()[..size]);
                }
            }
        }
    }

    /// The thresholds of a chunk's row number `line`, from the chunk's first column on.
    fn thresholds(&self, line: usize, dimensions: &[u64], chunk: &[u64], offset: &[u64]) -> Option<&[u32]> {
        let Threshold::PerPixel { values, shape, .. } = &self.threshold else { return None };
        let rank = dimensions.len();
        let rows = *chunk.get(rank.checked_sub(2)?)? as usize;
        let row = offset[rank - 2] as usize + line % rows.max(1);
        let column = offset[rank - 1] as usize;
        let whole = values.get(row.checked_mul(shape[1])?..)?.get(..shape[1])?;
        whole.get(column..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pixels: &[u8]) -> Vec<u16> {
        pixels.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn apply_leaves_invalid_codes_alone() {
        let lossy = Lossy { threshold: Threshold::Global(70_000), step: Step::new(64) };
        let mut pixels: Vec<u8> = [3u16, 65_533, 65_534, 65_535].iter().flat_map(|v| v.to_le_bytes()).collect();
        lossy.apply(Element::U16, &[4], &[4], &[0], &mut pixels);
        assert_eq!(words(&pixels), [0, 0, 65_534, 65_535]);
        let mut negative: Vec<u8> = [-1i16, 2, 32_766].iter().flat_map(|v| v.to_le_bytes()).collect();
        lossy.apply(Element::I16, &[3], &[3], &[0], &mut negative);
        assert_eq!(words(&negative), [0xffff, 0, 32_766]);
    }

    #[test]
    fn apply_threshold_of_each_pixel_follows_the_chunk() {
        let values = (0..12).collect();
        let threshold = Threshold::PerPixel { values, shape: [3, 4], source: "t.npy".into() };
        let lossy = Lossy { threshold, step: None };
        // A chunk of 2 frames x 2 x 3 at row 1, column 1 of frames of 3 x 4: thresholds 5, 6, 7 and 9, 10, 11.
        let mut pixels = [6u8; 12];
        lossy.apply(Element::U8, &[4, 3, 4], &[2, 2, 3], &[2, 1, 1], &mut pixels);
        assert_eq!(pixels, [6, 6, 0, 0, 0, 0, 6, 6, 0, 0, 0, 0]);
    }

    #[test]
    fn for_card_a_threshold_alone_within_what_is_valid() {
        let of = |threshold, step| Lossy { threshold, step }.for_card(Element::I16);
        assert_eq!(of(Threshold::None, None), Some(0));
        let most = Element::I16.default_max_valid() + 1;
        let limits = [7, most, most + 1].map(|limit| of(Threshold::Global(limit), None));
        assert_eq!(limits, [Some(7), Some(most), None]);
        assert_eq!(of(Threshold::Global(7), Step::new(16)), None);
        assert_eq!(of(Threshold::PerPixel { values: vec![], shape: [0, 0], source: String::new() }, None), None);
    }

    #[test]
    fn describe_names_each_step() {
        let lossy = Lossy { threshold: Threshold::Global(3), step: Step::new(8) };
        assert_eq!(lossy.describe(), "values below 3 set to 0, then quantised in steps of 0.5 sqrt(I)");
    }
}
