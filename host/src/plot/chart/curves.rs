//! Curves over a pair of axes.

use super::{Chart, Look, WIDTH, colour, nothing, on_svg, range};
use crate::plot::PlotError;
use crate::plot::canvas::drawing;
use crate::plot::page::{INK, Ruler};
use crate::plot::scale::{shows, tick_text};
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use std::ops::Range;

/// Height of a chart of curves.
const HEIGHT: u32 = 380;

/// The same of one that stands beside another.
const HALF: [u32; 2] = [520, 330];

type Ranges = (Range<f64>, Range<f64>);

/// Draws curves.
///
/// # Errors
/// [`PlotError::NothingToDraw`] where no point can be shown.
pub fn curves(chart: &Chart) -> Result<String, PlotError> {
    let seen = |point: &&[f64; 2]| shows(point[0], chart.x.log) && shows(point[1], chart.y.log);
    let points = || chart.curves.iter().flat_map(|curve| curve.points.iter()).filter(seen);
    let x = range(points().map(|point| point[0]), chart.x.log, false);
    let y = range(points().map(|point| point[1]), chart.y.log, true);
    let (Some(x), Some(y)) = (x, y) else { return Err(nothing(&chart.y.label)) };
    let named = chart.curves.iter().filter(|curve| !curve.name.is_empty()).count() > 1;
    let legend: Vec<(&str, RGBColor)> = match named {
        true => chart.curves.iter().enumerate().map(|(k, curve)| (curve.name.as_str(), colour(k))).collect(),
        false => Vec::new(),
    };
    let [width, height] = if chart.half { HALF } else { [WIDTH, HEIGHT] };
    on_svg([width, height], &legend, |area, ruler| match (chart.x.log, chart.y.log) {
        (false, false) => panel(area, chart, ruler, (x.clone(), y.clone()), (x.clone(), y.clone())),
        (true, false) => panel(area, chart, ruler, (x.clone().log_scale(), y.clone()), (x.clone(), y.clone())),
        (false, true) => panel(area, chart, ruler, (x.clone(), y.clone().log_scale()), (x.clone(), y.clone())),
        (true, true) => {
            panel(area, chart, ruler, (x.clone().log_scale(), y.clone().log_scale()), (x.clone(), y.clone()))
        }
    })
}

fn panel<DB, X, Y>(
    area: &DrawingArea<DB, Shift>,
    chart: &Chart,
    ruler: Ruler,
    (x, y): (X, Y),
    (across, up): Ranges,
) -> Result<(), PlotError>
where
    DB: DrawingBackend,
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let mut built = ChartBuilder::on(area)
        .margin_left(ruler.px(10.0))
        .margin_right(ruler.px(24.0))
        .margin_top(ruler.px(8.0))
        .margin_bottom(ruler.px(6.0))
        .x_label_area_size(ruler.px(52.0))
        .y_label_area_size(ruler.px(82.0))
        .build_cartesian_2d(x, y)
        .map_err(drawing)?;
    built
        .configure_mesh()
        .x_labels(if chart.half { 6 } else { 8 })
        .y_labels(7)
        .max_light_lines(0)
        .bold_line_style(RGBColor(228, 231, 236).stroke_width(1))
        .set_all_tick_mark_size(ruler.px(4.0))
        .axis_style(INK.stroke_width(1))
        .label_style(ruler.font(14.0, INK))
        .axis_desc_style(ruler.font(16.0, INK))
        .x_label_formatter(&|value| tick_text(*value))
        .y_label_formatter(&|value| tick_text(*value))
        .x_desc(&chart.x.label)
        .y_desc(&chart.y.label)
        .draw()
        .map_err(drawing)?;
    for (number, curve) in chart.curves.iter().enumerate() {
        let colour = colour(number);
        let seen = |point: &&[f64; 2]| shows(point[0], chart.x.log) && shows(point[1], chart.y.log);
        let points: Vec<(f64, f64)> = curve.points.iter().filter(seen).map(|&[x, y]| (x, y)).collect();
        let bars = curve.points.iter().zip(&curve.sigma).filter(|(point, _)| seen(point));
        let bars: Vec<_> = bars
            .map(|(&[x, y], &sigma)| {
                let ends = [y - sigma, y + sigma].map(|end| end.clamp(up.start, up.end));
                PathElement::new(ends.map(|end| (x, end)).to_vec(), colour.mix(0.6).stroke_width(1))
            })
            .collect();
        built.draw_series(bars).map_err(drawing)?;
        match curve.look {
            Look::Line => built.draw_series(LineSeries::new(points, colour.stroke_width(2))).map(|_| ()),
            Look::Points => {
                built.draw_series(points.into_iter().map(|at| Circle::new(at, 3, colour.filled()))).map(|_| ())
            }
            Look::Steps => {
                let outline = outline(&curve.points, &across, &up, chart.y.log);
                built.draw_series([Polygon::new(outline.clone(), colour.mix(0.25))]).map_err(drawing)?;
                built.draw_series(LineSeries::new(outline, colour.stroke_width(1))).map(|_| ())
            }
        }
        .map_err(drawing)?;
    }
    Ok(())
}

/// A histogram's outline from its steps' left ends; the last point's value is not drawn, it ends the one before.
fn outline(points: &[[f64; 2]], across: &Range<f64>, up: &Range<f64>, log: bool) -> Vec<(f64, f64)> {
    let floor = up.start;
    let height = |value: f64| if shows(value, log) { value.clamp(floor, up.end) } else { floor };
    let mut outline = vec![(points.first().map_or(across.start, |point| point[0]), floor)];
    for pair in points.windows(2) {
        outline.push((pair[0][0], height(pair[0][1])));
        outline.push((pair[1][0], height(pair[0][1])));
    }
    outline.push((points.last().map_or(across.end, |point| point[0]), floor));
    outline
}
