//! The legend: in the page's heading, where it hides no data.

use super::canvas::drawing;
use super::page::{INK, Ruler};
use super::{PlotError, PlotRequest, curve};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const SIZE: f64 = 20.0;
const SAMPLE: f64 = 34.0;

/// Draws the legend of a 1D pattern, ending at `right` and `y` pixels below the heading's top; returns where it begins.
pub fn draw<DB: DrawingBackend>(
    heading: &DrawingArea<DB, Shift>,
    request: &PlotRequest,
    (right, y): (i32, i32),
    ruler: Ruler,
) -> Result<i32, PlotError> {
    let mut entries = vec![(format!("{} ± σ", request.name), curve::line(ruler))];
    if !request.singles.is_empty() {
        entries.push(("single frames".into(), curve::single(ruler)));
    }
    if !request.rings.is_empty() {
        let name = if request.rings_name.is_empty() { "calculated rings" } else { &request.rings_name };
        entries.push((name.into(), curve::ring(ruler)));
    }
    let text = ruler.font(SIZE, INK).pos(Pos::new(HPos::Left, VPos::Center));
    let mut end = right;
    for (name, style) in entries.into_iter().rev() {
        let (width, _) = heading.estimate_text_size(&name, &text).map_err(drawing)?;
        // A browser's own font may be a little wider than the one that was measured.
        let from = end - (f64::from(width) * 1.06) as i32 - ruler.px(SAMPLE + 10.0);
        heading.draw(&PathElement::new([(from, y), (from + ruler.px(SAMPLE), y)], style)).map_err(drawing)?;
        heading.draw_text(&name, &text, (from + ruler.px(SAMPLE + 10.0), y)).map_err(drawing)?;
        end = from - ruler.px(26.0);
    }
    Ok(end)
}
