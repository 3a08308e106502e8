//! The page: heading, panels, and what they share.

use super::canvas::{FONT, drawing};
use super::heat::HeatMap;
use super::scale::Scale;
use super::{PlotError, PlotRequest, curve, legend};
use plotters::coord::Shift;
use plotters::prelude::*;

const WIDTH: u32 = 1400;
const HEADING: f64 = 92.0;
const CURVE: u32 = 720;
const WATERFALL: u32 = 460;
const CAKE: u32 = 860;

/// Ink of texts and axes.
pub const INK: RGBColor = RGBColor(34, 40, 49);
/// Ink of what is said by the way.
pub const FAINT: RGBColor = RGBColor(110, 118, 129);
/// Colour of calculated rings on white.
pub const RING: RGBColor = RGBColor(200, 60, 40);

/// Size of a picture, in pixels.
pub fn size(request: &PlotRequest) -> (u32, u32) {
    let panels = match (request.caked(), &request.waterfall) {
        (true, _) => CAKE,
        (false, Some(_)) => CURVE + WATERFALL,
        (false, None) => CURVE,
    };
    (WIDTH, HEADING as u32 + panels)
}

/// Lengths in pixels of the page, whatever the resolution it is drawn at.
#[derive(Clone, Copy)]
pub struct Ruler(pub f64);

impl Ruler {
    /// A length.
    pub fn px(self, length: f64) -> i32 {
        (length * self.0).round() as i32
    }

    /// A stroke's width.
    pub fn stroke(self, width: f64) -> u32 {
        self.px(width).max(1) as u32
    }

    /// Text of a size.
    pub fn font(self, size: f64, colour: RGBColor) -> TextStyle<'static> {
        (FONT, size * self.0).into_font().color(&colour)
    }
}

/// Draws a request on a whole page.
pub fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, Shift>,
    request: &PlotRequest,
    resolution: f64,
) -> Result<(), PlotError> {
    let ruler = Ruler(resolution);
    root.fill(&WHITE).map_err(drawing)?;
    let (heading, panels) = root.split_vertically(ruler.px(HEADING));
    let left = ruler.px(34.0);
    let mut right = ruler.px(f64::from(WIDTH) - curve::RIGHT_ALONE);
    if !request.caked() {
        if request.waterfall.is_some() {
            right = ruler.px(f64::from(WIDTH) - curve::RIGHT);
        }
        right = legend::draw(&heading, request, (right, ruler.px(30.0)), ruler)?;
    }
    let title = ruler.font(30.0, INK);
    let text = fitted(&heading, &request.title, &title, right - left)?;
    heading.draw_text(&text, &title, (left, ruler.px(20.0))).map_err(drawing)?;
    heading.draw_text(&request.subtitle, &ruler.font(21.0, FAINT), (left, ruler.px(60.0))).map_err(drawing)?;

    if request.caked() {
        let intensity = &request.pattern.intensity;
        let radial = request.radial_edges.len() - 1;
        return HeatMap {
            columns: &request.radial_edges,
            rows: span(&request.azimuth_edges),
            values: intensity.chunks(radial.max(1)).collect(),
            scale: scale(intensity.iter().copied(), request.log)?,
            labels: [&request.radial_label, "azimuth χ (°)", "intensity (arb. units)"],
            rings: &request.rings,
        }
        .draw(&panels, ruler);
    }
    let Some(waterfall) = &request.waterfall else { return curve::draw(&panels, request, ruler) };
    let (upper, lower) = panels.split_vertically(ruler.px(f64::from(CURVE)));
    curve::draw(&upper, request, ruler)?;
    // A row is drawn around its frame's number.
    let [first, last] = waterfall.frames;
    HeatMap {
        columns: &request.radial_edges,
        rows: [first as f64 - 0.5, last as f64 + 0.5],
        values: waterfall.rows.iter().map(Vec::as_slice).collect(),
        scale: scale(waterfall.rows.iter().flatten().copied(), request.log)?,
        labels: [&request.radial_label, "frame", "intensity (arb. units)"],
        rings: &[],
    }
    .draw(&lower, ruler)
}

/// A text, cut at its end until it fits.
fn fitted<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    text: &str,
    style: &TextStyle<'_>,
    width: i32,
) -> Result<String, PlotError> {
    // The longest names that file systems allow take a moment to measure letter by letter; no page is that wide.
    let mut letters: Vec<char> = text.chars().take(200).collect();
    let mut shown = text.to_string();
    while area.estimate_text_size(&shown, style).map_err(drawing)?.0 as i32 > width && letters.pop().is_some() {
        shown = letters.iter().chain(['…'].iter()).collect();
    }
    Ok(shown)
}

fn span(edges: &[f64]) -> [f64; 2] {
    [edges.first().copied().unwrap_or(0.0), edges.last().copied().unwrap_or(1.0)]
}

/// A colour scale; a logarithmic one that no value can stand on is refused in words.
fn scale(values: impl Iterator<Item = f64>, log: bool) -> Result<Scale, PlotError> {
    Scale::robust(values, log).ok_or_else(no_positive)
}

/// Why a logarithmic scale is refused.
pub fn no_positive() -> PlotError {
    PlotError::NothingToDraw { what: "logarithmic scale without a positive value".into() }
}
