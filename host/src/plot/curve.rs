//! The panel of a 1D pattern.

use super::canvas::drawing;
use super::page::{INK, RING, Ruler, no_positive};
use super::scale::{Scale, shows, tick_text};
use super::{PlotError, PlotRequest, marks};
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

const LINE: RGBColor = RGBColor(31, 90, 166);
const SINGLE: RGBColor = RGBColor(140, 150, 165);
/// Room at the right, so that a heat map below with its colour bar has the same axis.
pub const RIGHT: f64 = 150.0;
/// Room at the right without one.
pub const RIGHT_ALONE: f64 = 40.0;
/// Room at the left for the vertical axis.
pub const LEFT: f64 = 96.0;
/// Margin at the left.
pub const MARGIN: f64 = 30.0;

/// Stroke of the pattern.
pub fn line(ruler: Ruler) -> ShapeStyle {
    LINE.stroke_width(ruler.stroke(1.6))
}

/// Stroke of single frames.
pub fn single(ruler: Ruler) -> ShapeStyle {
    SINGLE.mix(0.55).stroke_width(ruler.stroke(1.0))
}

/// Stroke of calculated rings.
pub fn ring(ruler: Ruler) -> ShapeStyle {
    RING.mix(0.75).stroke_width(ruler.stroke(1.0))
}

/// Draws the panel.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    request: &PlotRequest,
    ruler: Ruler,
) -> Result<(), PlotError> {
    let singles = request.singles.iter().flatten().copied();
    let scale = Scale::whole(request.pattern.intensity.iter().copied().chain(singles), request.log);
    let scale = scale.ok_or_else(no_positive)?;
    let room = 0.06;
    let (low, high) = match scale.log {
        true => (scale.low * 0.8, scale.high * (scale.high / scale.low).powf(room)),
        false => (scale.low, scale.high + (scale.high - scale.low) * room),
    };
    let x = request.radial_edges[0]..request.radial_edges[request.radial_edges.len() - 1];
    let shown = Scale { low, high, log: scale.log };
    match scale.log {
        true => panel(area, request, ruler, x, (low..high).log_scale(), shown),
        false => panel(area, request, ruler, x, low..high, shown),
    }
}

fn panel<DB, Y>(
    area: &DrawingArea<DB, Shift>,
    request: &PlotRequest,
    ruler: Ruler,
    x: std::ops::Range<f64>,
    y: Y,
    shown: Scale,
) -> Result<(), PlotError>
where
    DB: DrawingBackend,
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let mut chart = ChartBuilder::on(area)
        .margin_left(ruler.px(MARGIN))
        .margin_right(ruler.px(if request.waterfall.is_some() { RIGHT } else { RIGHT_ALONE }))
        .margin_top(ruler.px(marks::margin(&request.rings)))
        .margin_bottom(ruler.px(14.0))
        .x_label_area_size(ruler.px(70.0))
        .y_label_area_size(ruler.px(LEFT))
        .build_cartesian_2d(x.clone(), y)
        .map_err(drawing)?;
    chart
        .configure_mesh()
        .x_labels(12)
        .y_labels(8)
        .x_max_light_lines(2)
        .y_max_light_lines(if shown.log { 10 } else { 2 })
        .bold_line_style(RGBColor(222, 226, 232).stroke_width(ruler.stroke(1.0)))
        .light_line_style(RGBColor(242, 244, 247).stroke_width(ruler.stroke(1.0)))
        .set_all_tick_mark_size(ruler.px(6.0))
        .axis_style(INK.stroke_width(ruler.stroke(1.0)))
        .label_style(ruler.font(20.0, INK))
        .axis_desc_style(ruler.font(23.0, INK))
        .x_label_formatter(&|value| tick_text(*value))
        .y_label_formatter(&|value| tick_text(*value))
        .x_desc(&request.radial_label)
        .y_desc("intensity (arb. units)")
        .draw()
        .map_err(drawing)?;

    marks::draw(area, &mut chart, &request.rings, (&x, &(shown.low..shown.high)), ring(ruler), ruler)?;
    let centres: Vec<f64> = request.radial_edges.windows(2).map(|edge| 0.5 * (edge[0] + edge[1])).collect();
    let floor = shown.low;
    let single_style = single(ruler);
    for single in &request.singles {
        for run in runs(&centres, single, floor, shown.log) {
            chart.draw_series(LineSeries::new(run, single_style)).map_err(drawing)?;
        }
    }
    for band in bands(&centres, request, floor, shown.log) {
        chart.draw_series(std::iter::once(Polygon::new(band, LINE.mix(0.22)))).map_err(drawing)?;
    }
    let style = line(ruler);
    for run in runs(&centres, &request.pattern.intensity, floor, shown.log) {
        match run.as_slice() {
            // A bin between empty ones is a point: a line needs two.
            &[point] => chart.draw_series([Circle::new(point, ruler.px(1.5), LINE.filled())]).map(|_| ()),
            _ => chart.draw_series(LineSeries::new(run, style)).map(|_| ()),
        }
        .map_err(drawing)?;
    }
    Ok(())
}

/// Unbroken runs of points: an empty bin breaks the line.
fn runs(centres: &[f64], values: &[f64], floor: f64, log: bool) -> Vec<Vec<(f64, f64)>> {
    let points: Vec<_> = centres.iter().copied().zip(values.iter().copied()).collect();
    points
        .split(|&(_, value)| !shows(value, log))
        .filter(|run| !run.is_empty())
        .map(|run| run.iter().map(|&(x, value)| (x, value.max(floor))).collect())
        .collect()
}

/// Outlines of I - sigma to I + sigma, one an unbroken run.
fn bands(centres: &[f64], request: &PlotRequest, floor: f64, log: bool) -> Vec<Vec<(f64, f64)>> {
    let values = request.pattern.intensity.iter().zip(&request.pattern.sigma);
    let points: Vec<_> = centres.iter().zip(values).map(|(&x, (&value, &sigma))| (x, value, sigma)).collect();
    points
        .split(|&(_, value, sigma)| !shows(value, log) || !shows(sigma, false))
        .filter(|run| run.len() > 1)
        .map(|run| {
            let upper = run.iter().map(|&(x, value, sigma)| (x, (value + sigma).max(floor)));
            let lower = run.iter().rev().map(|&(x, value, sigma)| (x, (value - sigma).max(floor)));
            upper.chain(lower).collect()
        })
        .collect()
}
