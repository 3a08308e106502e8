//! The panel of a 1D pattern.

use super::canvas::drawing;
use super::page::{INK, RING, Ruler, no_positive};
use super::scale::{Scale, shows, tick_text};
use super::{PlotError, PlotRequest, Ring};
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const LINE: RGBColor = RGBColor(31, 90, 166);
const SINGLE: RGBColor = RGBColor(140, 150, 165);
/// Room at the right, so that a heat map below with its colour bar has the same axis.
pub const RIGHT: f64 = 150.0;
/// Room at the left for the vertical axis.
pub const LEFT: f64 = 96.0;
/// Margin at the left.
pub const MARGIN: f64 = 30.0;

/// Draws the panel.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    request: &PlotRequest,
    ruler: Ruler,
) -> Result<(), PlotError> {
    let singles = request.singles.iter().flatten().copied();
    let scale = Scale::whole(request.pattern.intensity.iter().copied().chain(singles), request.log);
    let scale = scale.ok_or_else(no_positive)?;
    // Labels of rings stand above the highest peak.
    let room = if request.rings.is_empty() { 0.06 } else { 0.16 };
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
        .margin_right(ruler.px(if request.waterfall.is_some() { RIGHT } else { 40.0 }))
        .margin_top(ruler.px(10.0))
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

    rings(&mut chart, request, ruler, &x, shown)?;
    let centres: Vec<f64> = request.radial_edges.windows(2).map(|edge| 0.5 * (edge[0] + edge[1])).collect();
    let floor = shown.low;
    for (index, single) in request.singles.iter().enumerate() {
        let style = SINGLE.mix(0.55).stroke_width(ruler.stroke(1.0));
        for run in runs(&centres, single, floor, shown.log) {
            chart.draw_series(LineSeries::new(run, style)).map_err(drawing)?;
        }
        if index == 0 {
            legend(&mut chart, "single frames", style, ruler)?;
        }
    }
    for band in bands(&centres, request, floor, shown.log) {
        chart.draw_series(std::iter::once(Polygon::new(band, LINE.mix(0.22)))).map_err(drawing)?;
    }
    let style = LINE.stroke_width(ruler.stroke(1.6));
    for run in runs(&centres, &request.pattern.intensity, floor, shown.log) {
        match run.as_slice() {
            // A bin between empty ones is a point: a line needs two.
            &[point] => chart.draw_series([Circle::new(point, ruler.px(1.5), LINE.filled())]).map(|_| ()),
            _ => chart.draw_series(LineSeries::new(run, style)).map(|_| ()),
        }
        .map_err(drawing)?;
    }
    legend(&mut chart, &format!("{} ± σ", request.name), style, ruler)?;
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .margin(ruler.px(14.0))
        .legend_area_size(ruler.px(44.0))
        .background_style(WHITE.mix(0.88))
        .border_style(RGBColor(222, 226, 232))
        .label_font(ruler.font(20.0, INK))
        .draw()
        .map_err(drawing)
}

type Chart<'a, 'b, DB, Y> = ChartContext<'a, DB, Cartesian2d<RangedCoordf64, Y>>;

/// An entry of the legend that belongs to what was drawn before.
fn legend<DB: DrawingBackend, Y: Ranged<ValueType = f64>>(
    chart: &mut Chart<'_, '_, DB, Y>,
    name: &str,
    style: ShapeStyle,
    ruler: Ruler,
) -> Result<(), PlotError> {
    let length = ruler.px(32.0);
    chart
        .draw_series(std::iter::empty::<Circle<(f64, f64), i32>>())
        .map_err(drawing)?
        .label(name)
        .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + length, y)], style));
    Ok(())
}

/// Dashed lines at calculated positions, with labels where there is room.
fn rings<DB: DrawingBackend, Y: Ranged<ValueType = f64>>(
    chart: &mut Chart<'_, '_, DB, Y>,
    request: &PlotRequest,
    ruler: Ruler,
    x: &std::ops::Range<f64>,
    shown: Scale,
) -> Result<(), PlotError> {
    let mut inside: Vec<&Ring> = request.rings.iter().filter(|ring| x.contains(&ring.position)).collect();
    if inside.is_empty() {
        return Ok(());
    }
    inside.sort_by(|one, other| one.position.total_cmp(&other.position));
    let style = RING.mix(0.75).stroke_width(ruler.stroke(1.0));
    let text = ruler.font(17.0, RING).transform(FontTransform::Rotate270).pos(Pos::new(HPos::Right, VPos::Bottom));
    let mut free_from = i32::MIN;
    for ring in inside {
        let line = [(ring.position, shown.low), (ring.position, shown.high)];
        let dashes = DashedLineSeries::new(line, ruler.px(6.0), ruler.px(5.0), style);
        chart.draw_series(dashes).map_err(drawing)?;
        let (at, _) = chart.backend_coord(&line[1]);
        if at >= free_from && !ring.label.is_empty() {
            chart.draw_series([Text::new(ring.label.clone(), line[1], text.clone())]).map_err(drawing)?;
            free_from = at + ruler.px(20.0);
        }
    }
    let name = if request.rings_name.is_empty() { "calculated rings" } else { &request.rings_name };
    legend(chart, name, style, ruler)
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
