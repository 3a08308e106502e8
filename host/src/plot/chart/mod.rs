//! Charts of reports: curves and bars over plain axes, as SVG text to be put into a page.

mod bars;
mod curves;

pub use bars::bars;
pub use curves::curves;

use super::PlotError;
use super::canvas::{drawing, register_font};
use super::page::{INK, Ruler};
use super::scale::shows;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::ops::Range;

/// Width of a chart; a page scales it.
const WIDTH: u32 = 760;
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
                half: x == y,
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
