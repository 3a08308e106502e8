//! The report as one page that needs nothing else: styles and pictures stand in it.

mod data;
mod loss;
mod parts;
mod volumes;

use super::ReportError;
use super::model::{Report, Section};
use super::run::Pictures;
use crate::plot::chart::short;
use parts::{Cell, bytes, escape, facts, grouped, not_run};
use std::fmt::Write;

/// Inline, as everything is.
const STYLE: &str = include_str!("style.css");

/// The page of a report.
///
/// # Errors
/// A picture cannot be drawn.
pub fn page(report: &Report, pictures: &Pictures) -> Result<String, ReportError> {
    let provenance = &report.provenance;
    let file = provenance.input.rsplit('/').next().unwrap_or_default();
    let mut out = String::new();
    let title = format!("{file} {}", provenance.dataset);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"generator\" content=\"debye {}\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>Validation report: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        escape(&provenance.version),
        escape(&title)
    );
    let [rows, columns] = provenance.shape;
    let _ = write!(
        out,
        "<header><h1>Validation report: {}</h1>\n<p class=\"lead\">{}, {} of {} frames of {rows} x {columns} {}, stored as {}. \
         debye {}, {}.</p>\n",
        escape(file),
        escape(&provenance.dataset),
        grouped(provenance.frames.len() as u64),
        grouped(provenance.frames_in_all as u64),
        escape(&provenance.dtype),
        escape(&provenance.filter),
        escape(&provenance.version),
        escape(report.run.started.get(..10).unwrap_or_default()),
    );
    out.push_str(&tiles(report));
    let sections: [(&str, &str, String); 7] = [
        ("provenance", "Provenance", data::provenance(report)),
        ("facts", "Data facts", section(&report.facts, |facts| data::facts_of(facts, report, pictures))?),
        ("lossless", "Lossless compression", section(&report.lossless, |lossless| data::lossless(lossless, report))?),
        ("lossy", "Lossy operations", section(&report.lossy, loss::lossy)?),
        ("reduction", "Reduction", section(&report.reduction, |reduction| volumes::reduction(reduction, pictures))?),
        ("equality", "Equality of engines", section(&report.equality, |equality| Ok(volumes::equality(equality)))?),
        ("planning", "Rate planning", section(&report.planning, volumes::planning)?),
    ];
    out.push_str("<nav>");
    for (id, name, _) in &sections {
        let _ = write!(out, "<a href=\"#{id}\">{name}</a>");
    }
    out.push_str("</nav></header>\n<main>\n");
    for (id, name, body) in &sections {
        let _ = write!(out, "<section id=\"{id}\">\n<h2>{name}</h2>\n{body}</section>\n");
    }
    let run = &report.run;
    let seconds: f64 = run.seconds.values().sum();
    let _ = write!(
        out,
        "</main>\n<footer>Made by <code>{}</code> from {} to {}, {} s of work. Numbers in full: report.json, report.csv.\
         </footer>\n</body>\n</html>\n",
        escape(&run.command_line),
        escape(&run.started),
        escape(&run.ended),
        short(seconds),
    );
    Ok(out)
}

fn section<T>(
    section: &Section<T>,
    body: impl FnOnce(&T) -> Result<String, ReportError>,
) -> Result<String, ReportError> {
    match section {
        Section::Done(content) => body(content),
        Section::NotRun { why } => Ok(not_run(why)),
    }
}

/// What there is to know at a glance.
fn tiles(report: &Report) -> String {
    let mut tiles = Vec::new();
    let mut tile = |good: Option<bool>, value: String, name: &str, more: String| {
        let class = match good {
            Some(true) => " good",
            Some(false) => " bad",
            None => "",
        };
        tiles.push(format!(
            "<div class=\"tile{class}\"><span>{}</span><b>{}</b><i>{}</i></div>",
            escape(name),
            escape(&value),
            escape(&more)
        ));
    };
    if let Some(lossless) = report.lossless.done() {
        if let Some(best) = lossless.best() {
            tile(
                None,
                short(best.ratio),
                "best lossless ratio",
                format!("{}, {} bit a pixel", best.codec, short(best.bits_per_pixel)),
            );
        }
        if let Some(usual) = lossless.usual() {
            let rate = format!("{} GB/s", short(usual.timing.decode_gb_per_s_core));
            let more = format!("{}; encodes {} GB/s", usual.codec, short(usual.timing.encode_gb_per_s_core));
            tile(None, rate, "decoded by a core", more);
        }
        let came_back = lossless.codecs.iter().all(|codec| codec.lossless);
        let pixels = lossless.codecs.first().map_or(0.0, |codec| codec.pixel_bytes as f64);
        let more = format!("{} of pixels by {} codecs", bytes(pixels), lossless.codecs.len());
        tile(Some(came_back), if came_back { "yes" } else { "no" }.into(), "pixels came back bit for bit", more);
    }
    if let Some(equality) = report.equality.done() {
        let ran = equality.engines.iter().filter(|engine| engine.not_run.is_none());
        let names: Vec<&str> = ran.map(|engine| engine.engine.as_str()).collect();
        let equal = equality.all_equal();
        tile(Some(equal), if equal { "equal" } else { "different" }.into(), "engines, bit for bit", names.join(", "));
    }
    if let Some(facts) = report.facts.done() {
        let zero = facts.counts.zero_fraction * 100.0;
        tile(
            None,
            format!("{} %", short(zero)),
            "of valid pixels are 0",
            format!("mean {} counts", short(facts.counts.mean)),
        );
    }
    if let Some(lossy) = report.lossy.done() {
        let judged: Vec<bool> = lossy.operations.iter().filter_map(|operation| operation.acceptable).collect();
        if !judged.is_empty() {
            let good = judged.iter().filter(|good| **good).count();
            let value = format!("{good} of {}", judged.len());
            tile(Some(good > 0), value, "lossy operations acceptable", format!("by {}", lossy.techniques.join(", ")));
        }
    }
    if let Some(planning) = report.planning.done() {
        let keep = planning.timing.paths.iter().filter(|path| path.keeps_up).count();
        let more = format!("with {} frames/s", short(planning.inputs.frames_per_s));
        tile(Some(keep > 0), format!("{keep} of {}", planning.timing.paths.len()), "ways keep up", more);
    }
    format!("<div class=\"tiles\">{}</div>\n", tiles.concat())
}

/// A list of names and what they are, for what is there.
fn listed(rows: Vec<(&str, Option<Cell>)>) -> String {
    let rows: Vec<(String, Cell)> =
        rows.into_iter().filter_map(|(name, cell)| Some((name.to_string(), cell?))).collect();
    facts(&rows)
}
