//! Charts of reports: curves and bars over plain axes, as SVG text to be put into a page.

use super::PlotError;
use super::canvas::{drawing, register_font};
use super::page::{FAINT, INK, RING, Ruler};
use super::scale::{shows, tick_text};
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::ops::Range;

/// Width of a chart; a page scales it.
const WIDTH: u32 = 760;
/// Height of a chart of curves.
const HEIGHT: u32 = 380;
/// The same of one that stands beside another.
const HALF: [u32; 2] = [520, 330];
/// Height of a bar with its gap.
const BAR: f64 = 24.0;
/// Room for a legend's line.
const LEGEND: f64 = 28.0;

/// Colours that are told apart by the colour-blind, too (M. Okabe and K. Ito, 2008), but for yellow, which paper does not show.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 90, 160),
    RGBColor(213, 94, 0),
    RGBColor(0, 140, 105),
    RGBColor(190, 100, 150),
    RGBColor(70, 150, 210),
    RGBColor(190, 130, 0),
    RGBColor(90, 90, 100),
];

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Joined points.
    Line,
    /// Points alone.
    Points,
    /// A value held until the next point: a histogram's outline, filled.
    Steps,
}

/// A curve.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Its name in the legend.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// Horizontal and vertical values.
    pub points: Vec<[f64; 2]>,
    /// Standard deviations of the vertical ones, as many, or none.
    pub sigma: Vec<f64>,
}

/// An axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Quantity and unit.
    pub label: String,
    /// Whether equal steps are equal factors.
    pub log: bool,
}

impl Axis {
    /// An axis with equal steps.
    pub fn linear(label: &str) -> Axis {
        Axis { label: label.into(), log: false }
    }

    /// An axis with equal factors.
    pub fn log(label: &str) -> Axis {
        Axis { label: label.into(), log: true }
    }

    /// An axis with equal factors where positive values are far apart: within two decades it would have few ticks.
    pub fn fitting(label: &str, values: impl Iterator<Item = f64>) -> Axis {
        let (mut least, mut most) = (f64::INFINITY, 0.0f64);
        for value in values.filter(|&value| shows(value, true)) {
            (least, most) = (least.min(value), most.max(value));
        }
        Axis { label: label.into(), log: most > 30.0 * least }
    }
}

/// Curves over one pair of axes.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Horizontal.
    pub x: Axis,
    /// Vertical.
    pub y: Axis,
    /// The curves.
    pub curves: Vec<Curve>,
    /// It stands beside another.
    pub half: bool,
}

/// Bars beside names, a group of them for each.
#[derive(Clone, Debug)]
pub struct Bars {
    /// Horizontal: what the bars' lengths are.
    pub x: Axis,
    /// Names of the bars of a group, for the legend; empty where there is one.
    pub kinds: Vec<String>,
    /// Names of the groups, each with a value a kind.
    pub groups: Vec<(String, Vec<f64>)>,
    /// Lines across all groups: where, and what they mean.
    pub lines: Vec<(f64, String)>,
}

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

/// Draws bars.
///
/// # Errors
/// [`PlotError::NothingToDraw`] where there is no bar.
pub fn bars(bars: &Bars) -> Result<String, PlotError> {
    let values = bars.groups.iter().flat_map(|(_, values)| values.iter().copied());
    let lines = bars.lines.iter().map(|(at, _)| *at);
    let seen = values.chain(lines).filter(|&value| shows(value, bars.x.log));
    let mut x = range(seen, bars.x.log, false).ok_or_else(|| nothing(&bars.x.label))?;
    match bars.x.log {
        true => x = x.start / 1.6..x.end * 2.4,
        // A value stands behind the longest bar.
        false => x = x.start.min(0.0)..x.end + (x.end - x.start.min(0.0)) * 0.10,
    }
    let legend: Vec<(&str, RGBColor)> =
        bars.kinds.iter().enumerate().map(|(k, name)| (name.as_str(), colour(k))).collect();
    let each = bars.groups.iter().map(|(_, values)| values.len()).max().unwrap_or(1).max(1);
    let rows = bars.groups.len() * each;
    let room = if bars.lines.is_empty() { 84.0 } else { 84.0 + 20.0 * bars.lines.len() as f64 };
    let gaps = 10.0 * bars.groups.len() as f64;
    let height = (rows as f64 * BAR + gaps + room) as u32;
    on_svg([WIDTH, height], &legend, |area, ruler| match bars.x.log {
        true => bar_panel(area, bars, ruler, x.clone().log_scale(), x.clone()),
        false => bar_panel(area, bars, ruler, x.clone(), x.clone()),
    })
}

fn nothing(what: &str) -> PlotError {
    PlotError::NothingToDraw { what: what.into() }
}

fn colour(number: usize) -> RGBColor {
    COLOURS[number % COLOURS.len()]
}

/// A range that shows all values, with some room above where there should be.
fn range(values: impl Iterator<Item = f64>, log: bool, room: bool) -> Option<Range<f64>> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        (low, high) = (low.min(value), high.max(value));
    }
    if low > high {
        return None;
    }
    Some(match (log, low == high) {
        (true, true) => low / 3.0..high * 3.0,
        (true, false) if room => low / 1.3..high * 1.3,
        (true, false) => low..high,
        (false, true) => {
            let by = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
            low - by..high + by
        }
        (false, false) => {
            let by = (high - low) * if room { 0.06 } else { 0.0 };
            // What begins near zero is shown from there on.
            let low = if low >= 0.0 && low < 0.5 * high && room { 0.0 } else { low - by };
            low..high + by
        }
    })
}

/// Draws on an SVG with a legend above, and gives its text, without an XML heading: it stands in a page.
fn on_svg(
    [width, height]: [u32; 2],
    legend: &[(&str, RGBColor)],
    draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>, Ruler) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    register_font()?;
    let ruler = Ruler(1.0);
    let rows = legend_rows(legend, width as i32 - 20);
    let above = rows.len() as f64 * LEGEND;
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (width, height + above as u32)).into_drawing_area();
        let (heading, panel) = root.split_vertically(ruler.px(above));
        for (row, entries) in rows.iter().enumerate() {
            let y = ruler.px(row as f64 * LEGEND + LEGEND / 2.0);
            let style = ruler.font(15.0, INK).pos(Pos::new(HPos::Left, VPos::Center));
            for &(x, name, colour) in entries {
                heading.draw(&Rectangle::new([(x, y - 6), (x + 12, y + 6)], colour.filled())).map_err(drawing)?;
                heading.draw_text(name, &style, (x + 18, y)).map_err(drawing)?;
            }
        }
        draw(&panel, ruler)?;
        root.present().map_err(drawing)?;
    }
    Ok(text)
}

/// Where the entries of a legend stand, line by line.
fn legend_rows<'a>(legend: &[(&'a str, RGBColor)], right: i32) -> Vec<Vec<(i32, &'a str, RGBColor)>> {
    const LETTER: f64 = 7.6;
    let mut rows: Vec<Vec<(i32, &str, RGBColor)>> = Vec::new();
    let left = 76;
    let mut x = right;
    for &(name, colour) in legend {
        let width = 18 + (name.chars().count() as f64 * LETTER) as i32 + 22;
        if x + width > right {
            rows.push(Vec::new());
            x = left;
        }
        rows.last_mut().into_iter().for_each(|row| row.push((x, name, colour)));
        x += width;
    }
    rows
}

type Ranges = (Range<f64>, Range<f64>);

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

fn bar_panel<DB, X>(
    area: &DrawingArea<DB, Shift>,
    bars: &Bars,
    ruler: Ruler,
    x: X,
    across: Range<f64>,
) -> Result<(), PlotError>
where
    DB: DrawingBackend,
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
{
    let longest = bars.groups.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let left = (longest as f64 * 7.4 + 22.0).clamp(70.0, 400.0);
    let top = 8.0 + 20.0 * bars.lines.len() as f64;
    let each = bars.groups.iter().map(|(_, values)| values.len()).max().unwrap_or(1).max(1) as f64;
    let count = bars.groups.len() as f64;
    // The first group stands at the top.
    let mut built = ChartBuilder::on(area)
        .margin_left(ruler.px(4.0))
        .margin_right(ruler.px(24.0))
        .margin_top(ruler.px(top))
        .margin_bottom(ruler.px(6.0))
        .x_label_area_size(ruler.px(52.0))
        .y_label_area_size(ruler.px(left))
        .build_cartesian_2d(x, 0.0..count)
        .map_err(drawing)?;
    built
        .configure_mesh()
        .x_labels(8)
        .disable_y_mesh()
        .y_labels(0)
        .max_light_lines(0)
        .bold_line_style(RGBColor(228, 231, 236).stroke_width(1))
        .set_all_tick_mark_size(ruler.px(4.0))
        .axis_style(INK.stroke_width(1))
        .label_style(ruler.font(14.0, INK))
        .axis_desc_style(ruler.font(16.0, INK))
        .x_label_formatter(&|value| tick_text(*value))
        .x_desc(&bars.x.label)
        .draw()
        .map_err(drawing)?;
    let name_style = ruler.font(15.0, INK).pos(Pos::new(HPos::Right, VPos::Center));
    let value_style = ruler.font(13.0, FAINT).pos(Pos::new(HPos::Left, VPos::Center));
    let mut texts: Vec<((i32, i32), String, bool)> = Vec::new();
    for (number, (name, values)) in bars.groups.iter().enumerate() {
        let top = count - number as f64;
        let middle = built.backend_coord(&(across.start, top - 0.5));
        texts.push(((middle.0 - 8, middle.1), name.clone(), true));
        for (kind, &value) in values.iter().enumerate() {
            let high = top - 0.12 - 0.76 * kind as f64 / each;
            let low = high - 0.76 / each + 0.02;
            let end = if shows(value, bars.x.log) { value.clamp(across.start, across.end) } else { across.start };
            let from = if bars.x.log { across.start } else { 0.0f64.max(across.start) };
            let bar = Rectangle::new([(from, low), (end, high)], colour(kind).filled());
            built.draw_series([bar]).map_err(drawing)?;
            let at = built.backend_coord(&(end.max(from), (low + high) / 2.0));
            texts.push(((at.0 + 6, at.1), short(value), false));
        }
    }
    for (number, (at, what)) in bars.lines.iter().enumerate() {
        let style = RING.mix(0.8).stroke_width(2);
        built.draw_series([PathElement::new(vec![(*at, 0.0), (*at, count)], style)]).map_err(drawing)?;
        let foot = built.backend_coord(&(*at, count));
        let above = foot.1 - 12 - 20 * number as i32;
        let side = if foot.0 > (WIDTH as i32) * 3 / 5 { HPos::Right } else { HPos::Left };
        let text = ruler.font(14.0, RING).pos(Pos::new(side, VPos::Center));
        let reach = match side {
            HPos::Right => -6,
            _ => 6,
        };
        // What is drawn in the panel's own pixels begins at its corner.
        let (left, top) = area.get_base_pixel();
        area.draw(&PathElement::new(
            vec![(foot.0 - left, foot.1 - top), (foot.0 - left, above - top)],
            RING.mix(0.5).stroke_width(1),
        ))
        .map_err(drawing)?;
        area.draw_text(what, &text, (foot.0 - left + reach, above - top)).map_err(drawing)?;
    }
    let (left, top) = area.get_base_pixel();
    for ((x, y), text, is_name) in texts {
        let style = if is_name { &name_style } else { &value_style };
        area.draw_text(&text, style, (x - left, y - top)).map_err(drawing)?;
    }
    Ok(())
}

/// A value to three digits.
pub fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".into() } else { "-".into() };
    }
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    match value.abs() {
        size if (1e-3..1e5).contains(&size) => {
            let text = format!("{value:.decimals$}");
            match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').into(),
                false => text,
            }
        }
        _ => format!("{value:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_of_all_kinds_of_axes_are_drawn_or_refused() {
        let curve = |look| Curve {
            name: "a".into(),
            look,
            points: vec![[1.0, 0.0], [10.0, 5.0], [100.0, 50.0]],
            sigma: vec![],
        };
        for (x, y) in [(false, false), (false, true), (true, false), (true, true)] {
            let axis = |log| Axis { label: "quantity (unit)".into(), log };
            let chart = Chart {
                x: axis(x),
                y: axis(y),
                curves: [Look::Line, Look::Points, Look::Steps].map(curve).to_vec(),
                half: false,
            };
            let svg = curves(&chart).unwrap();
            assert!(svg.starts_with("<svg") && svg.matches("quantity (unit)").count() == 2, "{svg}");
        }
        let empty = Chart { x: Axis::linear("x"), y: Axis::log("y"), curves: vec![], half: false };
        assert!(matches!(curves(&empty), Err(PlotError::NothingToDraw { .. })));
    }

    #[test]
    fn bars_carry_their_names_values_and_lines() {
        let made = bars(&Bars {
            x: Axis::linear("ratio"),
            kinds: vec!["encode".into(), "decode".into()],
            groups: vec![("one".into(), vec![1.25, 3.0]), ("two".into(), vec![0.0, f64::NAN])],
            lines: vec![(2.5, "bound".into())],
        })
        .unwrap();
        for text in ["one", "two", "1.25", "encode", "bound", "ratio"] {
            assert!(made.contains(text), "{text}");
        }
    }

    #[test]
    fn short_values_have_three_digits() {
        assert_eq!(
            [0.0, 1234.5, 0.012345, 5.0, 1e-9, 3.2e7].map(short),
            ["0", "1234", "0.0123", "5", "1.00e-9", "3.20e7"]
        );
    }
}
