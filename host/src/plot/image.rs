//! The picture of a frame: the mean of several, coarse enough for a page.

use super::PlotError;
use super::canvas::{drawing, register_font};
use super::heat::HeatMap;
use super::page::{Ruler, no_positive};
use super::scale::Scale;
use plotters::prelude::*;

/// Most cells along an edge.
const MOST: usize = 400;

/// Width of the picture.
const WIDTH: u32 = 520;

/// Lengths and fonts are those of a wider page.
const RULER: f64 = 0.64;

/// What adds up frames to a picture.
#[derive(Clone, Debug)]
pub struct Picture {
    shape: [usize; 2],
    /// Pixels along an edge of a cell.
    step: usize,
    sums: Vec<f64>,
    counts: Vec<u64>,
}

impl Picture {
    /// An empty one of frames of so many rows and columns.
    pub fn new(shape: [usize; 2]) -> Picture {
        let step = shape[0].max(shape[1]).div_ceil(MOST).max(1);
        let cells = shape[0].div_ceil(step) * shape[1].div_ceil(step);
        Picture { shape, step, sums: vec![0.0; cells], counts: vec![0; cells] }
    }

    /// Adds a frame; `valid` says which pixels count. Gives their mean.
    pub fn add(&mut self, values: &[u32], valid: impl Fn(usize, u32) -> bool) -> f64 {
        let columns = self.shape[1].div_ceil(self.step);
        let (mut sum, mut count) = (0u128, 0u64);
        for (row, line) in values.chunks(self.shape[1].max(1)).enumerate() {
            for (column, &value) in line.iter().enumerate() {
                if !valid(row * self.shape[1] + column, value) {
                    continue;
                }
                sum += u128::from(value);
                count += 1;
                let cell = row / self.step * columns + column / self.step;
                self.sums[cell] += f64::from(value);
                self.counts[cell] += 1;
            }
        }
        if count == 0 { 0.0 } else { sum as f64 / count as f64 }
    }
}

/// Draws it as SVG: logarithmic where its values span two decades, row 0 below.
///
/// # Errors
/// [`PlotError`]; a picture without a valid pixel is drawn as an empty one.
pub fn picture(picture: &Picture, label: &str) -> Result<String, PlotError> {
    register_font()?;
    let [rows, columns] = picture.shape;
    let (wide, high) = (columns.div_ceil(picture.step), rows.div_ceil(picture.step));
    let means: Vec<f64> = (picture.sums.iter().zip(&picture.counts))
        .map(|(&sum, &count)| if count == 0 { f64::NAN } else { sum / count as f64 })
        .collect();
    let seen = || means.iter().copied();
    let linear = Scale::robust(seen(), false).unwrap_or(Scale { low: 0.0, high: 1.0, log: false });
    let log = Scale::robust(seen(), true).filter(|log| log.high / log.low > 100.0);
    let scale = match log {
        Some(_) => Scale::robust(seen(), true).ok_or_else(no_positive)?,
        None => linear,
    };
    let edges: Vec<f64> = (0..=wide).map(|cell| ((cell * picture.step).min(columns)) as f64).collect();
    // As wide as high for each pixel: what stands around the map takes the same room whatever its shape.
    let (beside, around) = ((276.0 * RULER) as u32, (106.0 * RULER) as u32);
    let map = f64::from(WIDTH - beside) * rows as f64 / columns.max(1) as f64;
    let height = (map.clamp(60.0, 900.0) as u32) + around;
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        HeatMap {
            columns: &edges,
            rows: [0.0, rows as f64],
            values: means.chunks(wide.max(1)).take(high).collect(),
            scale,
            labels: ["column", "row", label],
            rings: &[],
        }
        .draw(&root, Ruler(RULER))?;
        root.present().map_err(drawing)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_of_any_shape_is_drawn_and_tells_the_mean() {
        for shape in [[3, 5], [1, 1000], [900, 2]] {
            let mut frame = Picture::new(shape);
            let values: Vec<u32> = (0..(shape[0] * shape[1]) as u32).collect();
            let mean = frame.add(&values, |_, value| value > 0);
            assert_eq!(mean, (values.len() as f64) / 2.0);
            assert!(picture(&frame, "mean count").unwrap().contains("mean count"));
        }
        assert!(picture(&Picture::new([4, 4]), "nothing").unwrap().contains("nothing"));
    }
}
