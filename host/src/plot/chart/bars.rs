//! Bars beside names.

use super::{Bars, WIDTH, colour, nothing, on_svg, range, short};
use crate::plot::PlotError;
use crate::plot::canvas::drawing;
use crate::plot::page::{FAINT, INK, RING, Ruler};
use crate::plot::scale::{shows, tick_text};
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::ops::Range;

/// Height of a bar with its gap.
const BAR: f64 = 24.0;

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
