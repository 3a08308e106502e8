//! The list of frames: text, CSV or JSON.

use debye::triage::{Decision, Features};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// How the list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Numbers of the kept frames, one a line.
    Text,
    /// All frames with what was measured.
    Csv,
    /// The same.
    Json,
}

impl Format {
    /// By the file's ending.
    pub fn of(path: &Path) -> std::result::Result<Format, String> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("txt") => Ok(Format::Text),
            Some("csv") => Ok(Format::Csv),
            Some("json") => Ok(Format::Json),
            _ => Err(format!("{}: a list ends in .txt, .csv or .json", path.display())),
        }
    }
}

/// Writes the list to a file that is there.
pub fn write(path: &Path, format: Format, features: &[Features], decision: &Decision, kept: &[usize]) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let is_kept = |at: usize| kept.binary_search(&at).is_ok();
    match format {
        Format::Text => {
            for &at in kept {
                writeln!(out, "{}", features[at].frame)?;
            }
        }
        Format::Csv => {
            writeln!(out, "frame,class,kept,mean,valid_pixels,invalid_pixels,sum,max,over_threshold,spots,outliers")?;
            let optional = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
            for (at, one) in features.iter().enumerate() {
                let (class, kept, mean) = (decision.classes[at].name(), u8::from(is_kept(at)), one.mean());
                let Features { frame, valid, invalid, sum, max, over, .. } = one;
                let (spots, outliers) = (optional(one.spots), optional(one.outliers));
                writeln!(out, "{frame},{class},{kept},{mean},{valid},{invalid},{sum},{max},{over},{spots},{outliers}")?;
            }
        }
        Format::Json => {
            let frames: Vec<_> = features
                .iter()
                .enumerate()
                .map(|(at, one)| json!({ "class": decision.classes[at], "kept": is_kept(at), "features": one }))
                .collect();
            let object = json!({ "lit_above": decision.lit_above, "frames": frames });
            writeln!(out, "{object:#}")?;
        }
    }
    out.flush()
}
