//! Lossy operations and what techniques say of them.

use super::parts::{Cell, escape, figure, mark, note, paragraph, table};
use crate::plot::chart::{Axis, Bars, Chart, Curve, Look, bars, curves, short};
use crate::report::ReportError;
use crate::report::lossy::{Judged, Lossy, LossyFigures};
use crate::technique::{self, Bound, Delta, Mark, Verdict};
use std::fmt::Write;

/// The section.
pub fn lossy(lossy: &Lossy) -> Result<String, ReportError> {
    let frames = match lossy.frames.as_slice() {
        [one] => format!("frame {one}"),
        all => format!("the {} frames {} to {}", all.len(), all.first().unwrap_or(&0), all.last().unwrap_or(&0)),
    };
    let mut out = paragraph(&format!(
        "Tried on {frames}. Ratios are those of {} behind the operation, masked and invalid pixels as gaps; without an operation \
         it is {}.",
        lossy.codec,
        short(lossy.ratio_before)
    ));
    let row = |one: &LossyFigures| {
        let verdict = match one.acceptable {
            Some(good) => Cell::yes(good, "acceptable", "not acceptable"),
            None => Cell::Mark(None, "not judged".into()),
        };
        vec![
            Cell::Code(one.operation.clone()),
            Cell::Number(one.ratio),
            Cell::Number(one.gain),
            Cell::Number(one.errors.max_abs),
            Cell::Number(one.errors.max_in_sigma),
            Cell::Number(one.errors.rmse),
            Cell::Number(one.errors.nrmse),
            Cell::Number(one.errors.bias),
            Cell::Exact(format!("{} %", short(one.errors.changed_fraction * 100.0))),
            verdict,
        ]
    };
    let rows: Vec<Vec<Cell>> = lossy.operations.iter().map(row).collect();
    out.push_str(&table(
        &["operation", "ratio", "gain", "max error", "in sigma", "RMSE", "NRMSE", "bias", "changed", "<verdict"],
        &rows,
    ));
    out.push_str(&note(
        "Errors are in counts of one frame, over its valid pixels; in sigma: over sqrt(max(1, I)); NRMSE: by the Euclidean norm of the \
         original; bias: the mean error with its sign. Errors of pixels say little of what an analysis gives: judge by a technique.",
    ));
    let ratios = Bars {
        x: Axis::linear("compression ratio"),
        kinds: Vec::new(),
        groups: lossy.operations.iter().map(|one| (one.operation.clone(), vec![one.ratio])).collect(),
        lines: vec![(lossy.ratio_before, "without an operation".into())],
    };
    let caption = format!("Ratio of each operation with {} behind it.", lossy.codec);
    out.push_str(&figure(bars(&ratios), &caption)?);
    if lossy.techniques.is_empty() {
        out.push_str("<p class=\"not\"><b>Not judged:</b> no technique was named (--technique).</p>\n");
    } else {
        out.push_str(&deltas(lossy));
    }
    for operation in &lossy.operations {
        out.push_str(&one(operation)?);
    }
    Ok(out)
}

/// Which limits an operation keeps, all operations in one table.
fn deltas(lossy: &Lossy) -> String {
    let mut out = String::from("<h3>What the analysis gives, against its limits</h3>\n");
    let mut rows = Vec::new();
    for operation in &lossy.operations {
        for judged in &operation.verdicts {
            let Some(verdict) = &judged.verdict else {
                let why = judged.not_run.clone().unwrap_or_default();
                rows.push(vec![
                    Cell::Code(operation.operation.clone()),
                    Cell::text(&judged.technique),
                    Cell::text(format!("not run: {why}")),
                    Cell::text(""),
                    Cell::text(""),
                    Cell::Mark(None, "not run".into()),
                ]);
                continue;
            };
            for delta in verdict.deltas.iter().filter(|delta| delta.limit.is_some()) {
                rows.push(vec![
                    Cell::Code(operation.operation.clone()),
                    Cell::text(&verdict.technique),
                    Cell::text(&delta.title),
                    value(delta),
                    limit(delta),
                    Cell::yes(delta.acceptable == Some(true), "kept", "broken"),
                ]);
            }
        }
    }
    out.push_str(&table(&["operation", "<technique", "<quantity", "value", "limit", "<verdict"], &rows));
    out
}

fn value(delta: &Delta) -> Cell {
    match delta.value {
        Some(value) if delta.unit.is_empty() => Cell::Number(value),
        Some(value) => Cell::Exact(format!("{} {}", short(value), delta.unit)),
        None => Cell::Exact("none".into()),
    }
}

fn limit(delta: &Delta) -> Cell {
    Cell::Exact(delta.limit.as_ref().map_or_else(String::new, |limit| {
        let sign = match limit.bound {
            Bound::AtMost => "\u{2264}",
            Bound::AtLeast => "\u{2265}",
        };
        format!("{sign} {}", short(limit.value))
    }))
}

/// An operation with all that the techniques found.
fn one(operation: &LossyFigures) -> Result<String, ReportError> {
    let mut out = String::new();
    let _ = writeln!(out, "<h3><code>{}</code>: {}</h3>", escape(&operation.operation), escape(&operation.description));
    for expectation in &operation.expectation {
        out.push_str(&paragraph(&format!("To expect: {expectation}.")));
    }
    if operation.verdicts.is_empty() {
        return Ok(out);
    }
    for Judged { technique, verdict, not_run } in &operation.verdicts {
        match verdict {
            Some(verdict) => out.push_str(&judged(verdict)?),
            None => {
                let why = not_run.clone().unwrap_or_default();
                let _ = writeln!(out, "<p class=\"not\"><b>{} not run:</b> {}</p>", escape(technique), escape(&why));
            }
        }
    }
    Ok(out)
}

fn judged(verdict: &Verdict) -> Result<String, ReportError> {
    let limited = verdict.deltas.iter().any(|delta| delta.limit.is_some());
    let says = match (limited, verdict.acceptable()) {
        (true, true) => mark(Some(true), "acceptable"),
        (true, false) => mark(Some(false), "not acceptable"),
        (false, _) => mark(None, "no limits"),
    };
    let mut out = format!("<p><b>{}</b> {says}</p>\n", escape(&verdict.title));
    verdict.notes.iter().for_each(|text| out.push_str(&note(text)));
    let row = |delta: &Delta| {
        let verdict = match delta.acceptable {
            Some(good) => Cell::yes(good, "kept", "broken"),
            None => Cell::text(""),
        };
        let source = delta.limit.as_ref().map_or("", |limit| limit.source.as_str());
        let said = [delta.note.as_str(), source].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
        vec![Cell::text(&delta.title), value(delta), limit(delta), verdict, Cell::text(said.join("; "))]
    };
    let rows: Vec<Vec<Cell>> = verdict.deltas.iter().map(row).collect();
    out.push_str(&table(&["quantity", "value", "limit", "<verdict", "<note"], &rows));
    let mut pictures = String::new();
    for plot in &verdict.plots {
        pictures.push_str(&figure(drawn(plot), &plot.caption)?);
    }
    if !pictures.is_empty() {
        let _ = write!(out, "<div class=\"pair\">\n{pictures}</div>\n");
    }
    let mut more = String::new();
    for numbers in &verdict.tables {
        let _ = writeln!(more, "<h3>{}</h3>", escape(&numbers.title));
        let headings: Vec<String> = (numbers.columns.iter())
            .map(|column| {
                if column.unit.is_empty() { column.name.clone() } else { format!("{} ({})", column.name, column.unit) }
            })
            .collect();
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        let cell = |value: &Option<f64>| value.map_or(Cell::Exact("-".into()), Cell::Number);
        let rows: Vec<Vec<Cell>> = numbers.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        more.push_str(&table(&headings, &rows));
    }
    if !verdict.settings.is_empty() {
        let row = |(name, value): &(String, String)| vec![Cell::text(name), Cell::text(value)];
        more.push_str(&table(&["setting", "<value"], &verdict.settings.iter().map(row).collect::<Vec<_>>()));
    }
    if !more.is_empty() {
        let _ = write!(out, "<details><summary>Numbers and settings</summary>\n{more}</details>\n");
    }
    Ok(out)
}

fn drawn(plot: &technique::Plot) -> Result<String, crate::plot::PlotError> {
    let axis = |axis: &technique::Axis| {
        let label = if axis.unit.is_empty() { axis.label.clone() } else { format!("{} ({})", axis.label, axis.unit) };
        Axis { label, log: axis.logarithmic }
    };
    let curve = |curve: &technique::Curve| Curve {
        name: curve.label.clone(),
        look: match curve.mark {
            Mark::Line => Look::Line,
            Mark::Points => Look::Points,
        },
        points: curve.x.iter().zip(&curve.y).map(|(&x, &y)| [x, y]).collect(),
        sigma: curve.sigma.clone(),
    };
    curves(&Chart { x: axis(&plot.x), y: axis(&plot.y), curves: plot.curves.iter().map(curve).collect(), half: true })
}
