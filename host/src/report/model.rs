//! What a report holds, as `report.json` has it.

use super::equality::Equality;
use super::facts::Facts;
use super::lossless::Lossless;
use super::lossy::Lossy;
use super::machine::Machine;
use super::planning::Planning;
use super::provenance::Provenance;
use super::reduction::Reduction;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Version of the layout: a reader refuses another.
pub const LAYOUT: u32 = 1;

/// Names under which everything is that another run gives otherwise: times, rates, the machine.
pub const PASSING: [&str; 2] = ["run", "timing"];

/// A report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// [`LAYOUT`].
    pub debye_report: u32,
    /// This run: machine, times, command line.
    pub run: Run,
    /// Where the data came from.
    pub provenance: Provenance,
    /// What the data are.
    pub facts: Section<Facts>,
    /// Lossless codecs.
    pub lossless: Section<Lossless>,
    /// Lossy operations.
    pub lossy: Section<Lossy>,
    /// Volumes.
    pub reduction: Section<Reduction>,
    /// Engine against engine.
    pub equality: Section<Equality>,
    /// Rates.
    pub planning: Section<Planning>,
}

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// When it began, in UTC.
    pub started: String,
    /// When it ended.
    pub ended: String,
    /// The command line as it was given.
    pub command_line: String,
    /// Where it ran.
    pub machine: Machine,
    /// Seconds of each section.
    pub seconds: BTreeMap<String, f64>,
    /// Sections that an earlier run had finished.
    pub taken_up: Vec<String>,
}

/// A section, or why it was not run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Section<T> {
    /// It was run.
    Done(T),
    /// It was not.
    NotRun {
        /// Why.
        why: String,
    },
}

impl<T> Section<T> {
    /// What it holds, if it was run.
    pub fn done(&self) -> Option<&T> {
        match self {
            Section::Done(content) => Some(content),
            Section::NotRun { .. } => None,
        }
    }

    /// Why it was not run.
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Section::Done(_) => None,
            Section::NotRun { why } => Some(why),
        }
    }
}

/// A report's JSON without what another run gives otherwise.
pub fn lasting(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| !PASSING.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), lasting(value))).collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(lasting).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn section_reads_back_in_both_states() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        struct Content {
            value: f64,
        }
        let done = Section::Done(Content { value: 0.25 });
        let text = serde_json::to_string(&done).unwrap();
        assert_eq!(text, r#"{"state":"done","value":0.25}"#);
        assert_eq!(serde_json::from_str::<Section<Content>>(&text).unwrap(), done);
        let not: Section<Content> = serde_json::from_str(r#"{"state":"not_run","why":"no"}"#).unwrap();
        assert_eq!((not.done(), not.why_not()), (None, Some("no")));
    }

    #[test]
    fn lasting_leaves_out_times_wherever_they_are() {
        let value = json!({"run": 1, "a": [{"timing": {"s": 2}, "b": 3}], "runs": 4});
        assert_eq!(lasting(&value), json!({"a": [{"b": 3}], "runs": 4}));
    }
}
