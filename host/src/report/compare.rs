//! Two reports side by side: what became better or worse, and what is a regression.

use super::ReportError;
use super::figures::{Figure, Sense, figures};
use super::model::{LAYOUT, Report};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How much worse a figure may be, as a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tolerances {
    /// Sizes and ratios, and other numbers that the same data give again.
    pub exact: f64,
    /// Errors and what techniques say.
    pub errors: f64,
    /// Rates; `None`: they are shown and do not count.
    pub rates: Option<f64>,
}

impl Default for Tolerances {
    fn default() -> Tolerances {
        Tolerances { exact: 0.001, errors: 0.01, rates: None }
    }
}

/// What became of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Nothing.
    Same,
    /// It changed within its tolerance, or what a change means is not known.
    Within,
    /// It is better.
    Better,
    /// It is worse than may be.
    Worse,
    /// A fact of the same data that changed, or something true that is no longer.
    Wrong,
    /// It is in the first report alone.
    Missing,
    /// It is in the second alone.
    New,
}

impl Change {
    /// Whether this makes the second report a regression.
    pub fn is_regression(self) -> bool {
        matches!(self, Change::Worse | Change::Wrong | Change::Missing)
    }
}

/// A figure in both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Section.
    pub section: &'static str,
    /// Of what.
    pub subject: String,
    /// Which figure.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// In the first.
    pub a: Option<f64>,
    /// In the second.
    pub b: Option<f64>,
    /// What became of it.
    pub change: Change,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Whether both are about the same pixels.
    pub same_data: bool,
    /// All figures, in the order of the first.
    pub rows: Vec<Row>,
    /// How many of them are regressions.
    pub regressions: usize,
}

/// Reads a report: its folder or its `report.json`.
///
/// # Errors
/// [`ReportError::Io`], [`ReportError::NoReport`].
pub fn read(path: &Path) -> Result<Report, ReportError> {
    let path = if path.is_dir() { path.join("report.json") } else { path.into() };
    let bytes = fs::read(&path).map_err(|error| ReportError::Io { path: path.clone(), error })?;
    let wrong = |why: String| ReportError::NoReport { path: path.clone(), why };
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    match value.get("debye_report").and_then(Value::as_u64) {
        Some(layout) if layout == u64::from(LAYOUT) => {}
        Some(layout) => return Err(wrong(format!("it has layout {layout}, this program reads {LAYOUT}"))),
        None => return Err(wrong("it has no field debye_report".into())),
    }
    serde_json::from_value(value).map_err(|error| wrong(error.to_string()))
}

/// Holds `b` against `a`.
pub fn compare(a: &Report, b: &Report, tolerances: &Tolerances) -> Comparison {
    let same_data = a.provenance.pixels_sha256 == b.provenance.pixels_sha256;
    let (of_a, of_b) = (figures(a), figures(b));
    let name = |figure: &Figure| (figure.section, figure.subject.clone(), figure.quantity.clone(), figure.unit.clone());
    let mut left: BTreeMap<_, &Figure> = of_b.iter().map(|figure| (name(figure), figure)).collect();
    let row = |figure: &Figure, a: Option<f64>, b: Option<f64>, change: Change| Row {
        section: figure.section,
        subject: figure.subject.clone(),
        quantity: figure.quantity.clone(),
        unit: figure.unit.clone(),
        a,
        b,
        change,
    };
    let mut rows: Vec<Row> = (of_a.iter())
        .map(|figure| match left.remove(&name(figure)) {
            Some(other) => {
                let change = change(figure, other.value, same_data, tolerances);
                row(figure, Some(figure.value), Some(other.value), change)
            }
            // What is only told by the way may go.
            None if matches!(figure.sense, Sense::Note) => row(figure, Some(figure.value), None, Change::Within),
            None => row(figure, Some(figure.value), None, Change::Missing),
        })
        .collect();
    let new = of_b.iter().filter(|figure| left.contains_key(&name(figure)));
    rows.extend(new.map(|figure| row(figure, None, Some(figure.value), Change::New)));
    let regressions = rows.iter().filter(|row| row.change.is_regression()).count();
    Comparison { same_data, rows, regressions }
}

/// What a figure's change means.
fn change(figure: &Figure, b: f64, same_data: bool, tolerances: &Tolerances) -> Change {
    let a = figure.value;
    if a == b && !(figure.sense == Sense::Truth && b == 0.0) {
        return Change::Same;
    }
    let errors = figure.section == "lossy";
    let tolerance = match figure.sense {
        Sense::Rate => tolerances.rates,
        _ if errors => Some(tolerances.errors),
        _ => Some(tolerances.exact),
    };
    let worse = |b: f64, a: f64| match tolerance {
        Some(tolerance) if b < a - tolerance * a.abs() => Change::Worse,
        _ if b > a => Change::Better,
        _ => Change::Within,
    };
    match figure.sense {
        // Pixels that do not come back and engines that differ are wrong whatever stood there before.
        Sense::Truth if b == 0.0 && (a == 1.0 || !errors) => Change::Wrong,
        Sense::Truth if a == b => Change::Same,
        Sense::Truth => Change::Better,
        Sense::Note => Change::Within,
        Sense::Fact if !same_data => Change::Within,
        // Sums of f64 may end differently on another processor.
        Sense::Fact if (a - b).abs() <= 1e-12 * a.abs().max(b.abs()) => Change::Same,
        Sense::Fact => Change::Wrong,
        Sense::Higher | Sense::Rate => worse(b, a),
        Sense::Lower => worse(-b, -a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sense: Sense, section: &'static str, a: f64, b: f64) -> Change {
        let figure =
            Figure { section, subject: String::new(), quantity: String::new(), value: a, unit: String::new(), sense };
        change(&figure, b, true, &Tolerances { exact: 0.01, errors: 0.1, rates: Some(0.5) })
    }

    #[test]
    fn change_is_held_against_the_tolerance_of_its_kind() {
        assert_eq!(of(Sense::Higher, "lossless", 10.0, 9.95), Change::Within);
        assert_eq!(of(Sense::Higher, "lossless", 10.0, 9.8), Change::Worse);
        assert_eq!(of(Sense::Lower, "lossless", 10.0, 10.2), Change::Worse);
        assert_eq!(of(Sense::Lower, "lossy", 10.0, 10.2), Change::Within);
        assert_eq!(of(Sense::Lower, "lossy", 0.0, 0.1), Change::Worse);
        assert_eq!(of(Sense::Rate, "lossless", 10.0, 5.5), Change::Within);
        assert_eq!(of(Sense::Rate, "lossless", 10.0, 4.5), Change::Worse);
        assert_eq!(of(Sense::Rate, "lossless", 10.0, 40.0), Change::Better);
        assert_eq!(of(Sense::Fact, "facts", 10.0, 10.1), Change::Wrong);
        assert_eq!(of(Sense::Note, "facts", 10.0, 99.0), Change::Within);
    }

    #[test]
    fn change_of_what_must_be_true_is_wrong() {
        assert_eq!(of(Sense::Truth, "equality", 1.0, 1.0), Change::Same);
        assert_eq!(of(Sense::Truth, "equality", 0.0, 0.0), Change::Wrong);
        assert_eq!(of(Sense::Truth, "lossy", 0.0, 0.0), Change::Same);
        assert_eq!(of(Sense::Truth, "lossy", 1.0, 0.0), Change::Wrong);
        assert_eq!(of(Sense::Truth, "equality", 0.0, 1.0), Change::Better);
    }
}
