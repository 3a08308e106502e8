//! Calculated rings in a panel: dashed lines, with labels above it where there is room.

use super::canvas::drawing;
use super::page::{RING, Ruler};
use super::{PlotError, Ring};
use plotters::coord::Shift;
use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::ops::Range;

/// Room above a panel for the labels.
const LABELS: f64 = 52.0;
/// Distance of two labels, at least.
const PITCH: f64 = 18.0;

/// Margin above a panel with these rings.
pub fn margin(rings: &[Ring]) -> f64 {
    if rings.is_empty() { 10.0 } else { LABELS }
}

/// Draws the rings that lie in `x`, as lines over the whole of `y`.
pub fn draw<DB: DrawingBackend, Y: Ranged<ValueType = f64>>(
    area: &DrawingArea<DB, Shift>,
    chart: &mut ChartContext<'_, DB, Cartesian2d<RangedCoordf64, Y>>,
    rings: &[Ring],
    (x, y): (&Range<f64>, &Range<f64>),
    style: ShapeStyle,
    ruler: Ruler,
) -> Result<(), PlotError> {
    let mut inside: Vec<&Ring> = rings.iter().filter(|ring| x.contains(&ring.position)).collect();
    inside.sort_by(|one, other| one.position.total_cmp(&other.position));
    // A chart's pixels count from the page's corner, drawing in an area from the area's.
    let (left, top) = area.get_base_pixel();
    let text = ruler.font(17.0, RING).transform(FontTransform::Rotate270).pos(Pos::new(HPos::Left, VPos::Center));
    let mut free_from = i32::MIN;
    for ring in inside {
        let line = [(ring.position, y.start), (ring.position, y.end)];
        let dashes = DashedLineSeries::new(line, ruler.px(6.0), ruler.px(5.0), style);
        chart.draw_series(dashes).map_err(drawing)?;
        let (across, down) = chart.backend_coord(&line[1]);
        if across >= free_from && !ring.label.is_empty() {
            let at = (across - left, down - top - ruler.px(6.0));
            area.draw_text(&ring.label, &text, at).map_err(drawing)?;
            free_from = across + ruler.px(PITCH);
        }
    }
    Ok(())
}
