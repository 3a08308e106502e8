//! What a technique says: numbers with their limits, tables, curves. Plain data: the same study gives the same bytes.

use super::limits::{Bound, Limits};
use serde::{Deserialize, Serialize};

/// A technique's answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Name of the technique.
    pub technique: String,
    /// Its title.
    pub title: String,
    /// What must be known to read the numbers, a sentence each.
    pub notes: Vec<String>,
    /// What was chosen, by the user or by the technique itself, by name.
    pub settings: Vec<(String, String)>,
    /// What the change costs.
    pub deltas: Vec<Delta>,
    /// Numbers of both sides in rows.
    pub tables: Vec<Table>,
    /// Curves.
    pub plots: Vec<Plot>,
}

/// One number that says how far the altered frames are from the original ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// Short name, unique within the technique; the user sets its limit as `technique.name`.
    pub name: String,
    /// For people.
    pub title: String,
    /// The number; none if it cannot be computed or is not finite: the note then says why.
    pub value: Option<f64>,
    /// Its unit; empty for a plain number.
    pub unit: String,
    /// What it is held against; none for a number that only informs.
    pub limit: Option<Limit>,
    /// Whether it keeps the limit; none without one.
    pub acceptable: Option<bool>,
    /// What it is, in a sentence.
    pub note: String,
}

/// What a [`Delta`] is held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Smallest or largest.
    pub bound: Bound,
    /// The number.
    pub value: f64,
    /// Who says so: `set by the user`, or where the default comes from.
    pub source: String,
}

/// Rows of numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Short name, unique within the technique.
    pub name: String,
    /// For people.
    pub title: String,
    /// A heading for each column.
    pub columns: Vec<Column>,
    /// Rows; nothing where there is no number.
    pub rows: Vec<Vec<Option<f64>>>,
}

/// Heading of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Unit; empty for a plain number.
    pub unit: String,
}

/// Curves over one pair of axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    /// Short name, unique within the technique.
    pub name: String,
    /// For people.
    pub title: String,
    /// Horizontal.
    pub x: Axis,
    /// Vertical.
    pub y: Axis,
    /// What is to be seen, in a sentence or two.
    pub caption: String,
    /// The curves.
    pub curves: Vec<Curve>,
}

/// An axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// The quantity.
    pub label: String,
    /// Its unit; empty for a plain number.
    pub unit: String,
    /// Whether equal steps are equal factors.
    pub logarithmic: bool,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Joined points.
    Line,
    /// Points alone.
    Points,
}

/// One curve. All numbers are finite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Its name in the legend.
    pub label: String,
    /// How it is drawn.
    pub mark: Mark,
    /// Horizontal values.
    pub x: Vec<f64>,
    /// Vertical values, as many.
    pub y: Vec<f64>,
    /// Standard deviations of `y`, as many, or none at all.
    pub sigma: Vec<f64>,
}

impl Verdict {
    /// Whether every number that has a limit keeps it.
    pub fn acceptable(&self) -> bool {
        self.deltas.iter().all(|delta| delta.acceptable != Some(false))
    }

    /// The delta of a name.
    pub fn delta(&self, name: &str) -> Option<&Delta> {
        self.deltas.iter().find(|delta| delta.name == name)
    }

    /// Adds a number. A limit that `limits` knows for it is applied; what is not finite is not acceptable.
    pub(super) fn add(&mut self, limits: &Limits, name: &str, title: &str, unit: &str, value: f64, note: &str) {
        let limit = limits.of(&self.technique, name);
        let value = Some(value).filter(|value| value.is_finite());
        let acceptable = limit.as_ref().map(|limit| value.is_some_and(|value| limit.bound.keeps(value, limit.value)));
        let [name, title, unit, note] = [name, title, unit, note].map(str::to_owned);
        self.deltas.push(Delta { name, title, value, unit, limit, acceptable, note });
    }

    /// Adds what was chosen.
    pub(super) fn set(&mut self, name: &str, value: impl ToString) {
        self.settings.push((name.to_owned(), value.to_string()));
    }
}

impl Axis {
    /// A linear axis.
    pub fn linear(label: &str, unit: &str) -> Axis {
        Axis { label: label.into(), unit: unit.into(), logarithmic: false }
    }

    /// A logarithmic axis.
    pub fn logarithmic(label: &str, unit: &str) -> Axis {
        Axis { logarithmic: true, ..Axis::linear(label, unit) }
    }
}

impl Curve {
    /// A curve of the finite points among these.
    pub fn new(label: &str, mark: Mark, x: &[f64], y: &[f64]) -> Curve {
        let finite = x.iter().zip(y).filter(|(x, y)| x.is_finite() && y.is_finite());
        let (x, y) = finite.map(|(&x, &y)| (x, y)).unzip();
        Curve { label: label.into(), mark, x, y, sigma: Vec::new() }
    }

    /// The same with standard deviations; points without a finite one are left out, too.
    pub fn with_sigma(label: &str, mark: Mark, x: &[f64], y: &[f64], sigma: &[f64]) -> Curve {
        let finite = |&&(x, y, sigma): &&(f64, f64, f64)| x.is_finite() && y.is_finite() && sigma.is_finite();
        let all: Vec<(f64, f64, f64)> = x.iter().zip(y).zip(sigma).map(|((&x, &y), &sigma)| (x, y, sigma)).collect();
        let kept: Vec<&(f64, f64, f64)> = all.iter().filter(finite).collect();
        Curve {
            label: label.into(),
            mark,
            x: kept.iter().map(|point| point.0).collect(),
            y: kept.iter().map(|point| point.1).collect(),
            sigma: kept.iter().map(|point| point.2).collect(),
        }
    }
}

impl Table {
    /// An empty table; a column is a name and its unit.
    pub fn new(name: &str, title: &str, columns: &[(&str, &str)]) -> Table {
        let column = |&(name, unit): &(&str, &str)| Column { name: name.into(), unit: unit.into() };
        Table {
            name: name.into(),
            title: title.into(),
            columns: columns.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; what is not finite is left empty.
    pub fn row(&mut self, values: impl IntoIterator<Item = f64>) {
        self.rows.push(values.into_iter().map(|value| Some(value).filter(|value| value.is_finite())).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn add_what_is_not_finite_is_not_acceptable_and_reads_back() {
        let mut limits = Limits::default();
        limits.set("imaging.lost=0.5").unwrap_err();
        limits.set("imaging.nrmse_worst=0.5").unwrap();
        let mut verdict = Verdict { technique: "imaging".into(), ..Verdict::default() };
        verdict.add(&limits, "nrmse_worst", "Worst", "", f64::NAN, "none");
        verdict.add(&limits, "nrmse_worst", "Worst", "", 0.5, "half");
        verdict.add(&limits, "free", "Free", "m", 3.0, "no limit");
        let said: Vec<_> = verdict.deltas.iter().map(|delta| delta.acceptable).collect();
        assert_eq!(said, [Some(false), Some(true), None]);
        assert!(!verdict.acceptable());
        let text = serde_json::to_string(&verdict).unwrap();
        assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
    }

    #[test]
    fn curve_points_that_are_not_finite_are_left_out() {
        let curve = Curve::with_sigma("a", Mark::Line, &[1.0, 2.0, 3.0], &[f64::NAN, 5.0, 6.0], &[1.0, 1.0, f64::NAN]);
        assert_eq!((curve.x, curve.y, curve.sigma), (vec![2.0], vec![5.0], vec![1.0]));
    }
}
