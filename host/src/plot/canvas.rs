//! From a request to the bytes of a PNG or an SVG.

use super::{PlotError, PlotRequest, page};
use plotters::prelude::*;
use std::path::Path;
use std::sync::OnceLock;

/// Name under which the font is used. An SVG carries the name alone, and every browser has a font for this one.
pub const FONT: &str = "sans-serif";
/// A PNG is drawn so much larger and then averaged down: the library draws thick lines without smoothing.
const OVERSAMPLING: u32 = 2;

/// File formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Vectors, with heat maps as pixels within.
    Svg,
}

impl Format {
    /// The format that a file's name asks for.
    pub fn of(path: &Path) -> Result<Format, PlotError> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("png") => Ok(Format::Png),
            Some("svg") => Ok(Format::Svg),
            _ => Err(PlotError::Extension(path.into())),
        }
    }
}

/// Draws a request and returns the file's bytes.
pub fn render(format: Format, request: &PlotRequest) -> Result<Vec<u8>, PlotError> {
    register_font()?;
    let (width, height) = page::size(request);
    match format {
        Format::Png => {
            let (wide, high) = (width * OVERSAMPLING, height * OVERSAMPLING);
            let mut pixels = vec![0; (wide * high * 3) as usize];
            {
                let root = BitMapBackend::with_buffer(&mut pixels, (wide, high)).into_drawing_area();
                page::draw(&root, request, f64::from(OVERSAMPLING))?;
                root.present().map_err(drawing)?;
            }
            encode_png(&average(&pixels, width as usize, height as usize), width, height)
        }
        Format::Svg => {
            let mut text = String::new();
            {
                let root = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
                page::draw(&root, request, 1.0)?;
                root.present().map_err(drawing)?;
            }
            Ok(text.into_bytes())
        }
    }
}

/// Any error of the drawing library, in words.
pub fn drawing(error: impl std::fmt::Display) -> PlotError {
    PlotError::Drawing(error.to_string())
}

/// Makes the font known to the library, once: Ubuntu Light (Ubuntu font licence 1.0), as the crate
/// `epaint_default_fonts` carries it. No font of the system is needed.
pub fn register_font() -> Result<(), PlotError> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let known = DONE.get_or_init(|| {
        plotters::style::register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT).is_ok()
    });
    if *known { Ok(()) } else { Err(PlotError::Drawing("the built-in font cannot be read".into())) }
}

/// Averages squares of pixels to one.
fn average(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let n = OVERSAMPLING as usize;
    let mut small = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let at = |dy: usize, dx: usize| ((y * n + dy) * width * n + x * n + dx) * 3 + channel;
                let sum: usize = (0..n * n).map(|part| pixels[at(part / n, part % n)] as usize).sum();
                small.push(((sum + n * n / 2) / (n * n)) as u8);
            }
        }
    }
    small
}

fn encode_png(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, PlotError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(drawing)?;
    writer.write_image_data(pixels).map_err(drawing)?;
    writer.finish().map_err(drawing)?;
    Ok(bytes)
}
