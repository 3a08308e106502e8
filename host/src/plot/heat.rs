//! Heat maps: frame x radius, azimuth x radius.

use super::canvas::drawing;
use super::curve::{LEFT, MARGIN, RIGHT};
use super::page::{FAINT, INK, Ruler};
use super::scale::{Scale, shows, tick_text};
use super::{PlotError, Ring, marks};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Bins without a value.
const EMPTY: [u8; 3] = [205, 208, 212];
const BAR_WIDTH: f64 = 22.0;

/// A heat map; the first row is at the bottom.
pub struct HeatMap<'a> {
    /// Edges of the columns; need not be equally wide.
    pub columns: &'a [f64],
    /// Lower edge of the first row and upper edge of the last; rows are equally high.
    pub rows: [f64; 2],
    /// Rows, each with one value a column.
    pub values: Vec<&'a [f64]>,
    /// Colours.
    pub scale: Scale,
    /// Labels of the horizontal axis, the vertical one, and the colours.
    pub labels: [&'a str; 3],
    /// Calculated positions on the horizontal axis.
    pub rings: &'a [Ring],
}

impl HeatMap<'_> {
    /// Draws the map, its axes and its colour bar.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, ruler: Ruler) -> Result<(), PlotError> {
        let x = self.columns[0]..self.columns[self.columns.len() - 1];
        let y = self.rows[0]..self.rows[1];
        let mut chart = ChartBuilder::on(area)
            .margin_left(ruler.px(MARGIN))
            .margin_right(ruler.px(RIGHT))
            .margin_top(ruler.px(marks::margin(self.rings)))
            .margin_bottom(ruler.px(14.0))
            .x_label_area_size(ruler.px(70.0))
            .y_label_area_size(ruler.px(LEFT))
            .build_cartesian_2d(x.clone(), y.clone())
            .map_err(drawing)?;
        let (width, height) = chart.plotting_area().dim_in_pixel();
        let raster = self.raster(width as usize, height as usize);
        if let Some(bitmap) = BitMapElement::with_owned_buffer((x.start, y.end), (width, height), raster) {
            chart.draw_series([bitmap]).map_err(drawing)?;
        }
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(12)
            .y_labels(8)
            .set_all_tick_mark_size(ruler.px(6.0))
            .axis_style(INK.stroke_width(ruler.stroke(1.0)))
            .label_style(ruler.font(20.0, INK))
            .axis_desc_style(ruler.font(23.0, INK))
            .x_label_formatter(&|value| tick_text(*value))
            .y_label_formatter(&|value| tick_text(*value))
            .x_desc(self.labels[0])
            .y_desc(self.labels[1])
            .draw()
            .map_err(drawing)?;
        let style = WHITE.mix(0.8).stroke_width(ruler.stroke(1.0));
        marks::draw(area, &mut chart, self.rings, (&x, &y), style, ruler)?;
        self.colour_bar(area, chart.plotting_area().get_pixel_range(), ruler)
    }

    /// The map as RGB pixels. Where several bins fall into a pixel, it shows their mean.
    fn raster(&self, width: usize, height: usize) -> Vec<u8> {
        let (low, high) = (self.columns[0], self.columns[self.columns.len() - 1]);
        let bins = self.columns.len() - 1;
        let bin_at = |pixel: f64| {
            let position = low + (high - low) * pixel / width as f64;
            self.columns.partition_point(|&edge| edge <= position).saturating_sub(1).min(bins - 1)
        };
        let spans: Vec<[usize; 2]> = (0..width)
            .map(|pixel| match (bin_at(pixel as f64), bin_at((pixel + 1) as f64)) {
                // Narrow bins: those that begin within the pixel. Wide bins: the one at its centre.
                (from, to) if to > from + 1 => [from, to],
                _ => [bin_at(pixel as f64 + 0.5), bin_at(pixel as f64 + 0.5) + 1],
            })
            .collect();
        let count = self.values.len();
        let mut pixels = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            let top = (height - 1 - y) * count / height.max(1);
            let bottom = ((height - y) * count).div_ceil(height.max(1)).clamp(top + 1, count.max(1));
            // Many rows: all that fall into the pixel. Few rows: the one that its lower edge is in.
            let rows = if count > height { &self.values[top..bottom] } else { &self.values[top..=top] };
            for &[from, to] in &spans {
                let values = rows.iter().flat_map(|row| &row[from..to]).filter(|value| shows(**value, self.scale.log));
                let (sum, finite) = values.fold((0.0, 0u32), |(sum, n), value| (sum + value, n + 1));
                pixels.extend(if finite == 0 { EMPTY } else { self.colour(sum / f64::from(finite)) });
            }
        }
        pixels
    }

    /// Viridis: rises evenly in lightness, and is safe for the colour-blind.
    fn colour(&self, value: f64) -> [u8; 3] {
        let RGBColor(red, green, blue) = ViridisRGB.get_color(self.scale.part(value));
        [red, green, blue]
    }

    fn colour_bar<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
        (across, down): (std::ops::Range<i32>, std::ops::Range<i32>),
        ruler: Ruler,
    ) -> Result<(), PlotError> {
        // Pixel ranges count from the page's corner, drawing from the panel's.
        let (left, top) = area.get_base_pixel();
        let x = across.end - left + ruler.px(20.0);
        let (from, to) = (down.start - top, down.end - top);
        let (width, height) = (ruler.px(BAR_WIDTH), (to - from).max(1));
        let mut pixels = Vec::with_capacity((width * height * 3) as usize);
        for y in 0..height {
            let RGBColor(red, green, blue) = ViridisRGB.get_color(1.0 - f64::from(y) / f64::from(height));
            (0..width).for_each(|_| pixels.extend([red, green, blue]));
        }
        if let Some(bitmap) = BitMapElement::with_owned_buffer((x, from), (width as u32, height as u32), pixels) {
            area.draw(&bitmap).map_err(drawing)?;
        }
        let text = ruler.font(18.0, INK).pos(Pos::new(HPos::Left, VPos::Center));
        for tick in self.scale.ticks(6) {
            let y = to - (self.scale.part(tick) * f64::from(height)).round() as i32;
            let dash = [(x + width, y), (x + width + ruler.px(5.0), y)];
            area.draw(&PathElement::new(dash, INK.stroke_width(ruler.stroke(1.0)))).map_err(drawing)?;
            area.draw_text(&tick_text(tick), &text, (x + width + ruler.px(9.0), y)).map_err(drawing)?;
        }
        let name = ruler.font(18.0, FAINT).transform(FontTransform::Rotate90).pos(Pos::new(HPos::Center, VPos::Bottom));
        let middle = (from + to) / 2;
        area.draw_text(self.labels[2], &name, (x + ruler.px(92.0), middle)).map_err(drawing)
    }
}
