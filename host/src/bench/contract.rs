//! What a contender prints when it is done: a JSON object on its last line.
//!
//! ```text
//! frames        how many frames it did
//! median_s      seconds a frame by the clock, or
//! seconds       of all of them
//! cpu_median_s  processor time a frame, if it can tell
//! ```
//!
//! Other fields are its own affair.

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// What a contender said.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Frames that it did.
    pub frames: u64,
    /// Seconds a frame by the clock.
    pub wall_s: f64,
    /// Processor time a frame, in seconds.
    pub cpu_s: Option<f64>,
}

/// Why what a contender printed is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ContractError {
    /// Nothing was printed.
    #[error("it printed nothing: its last line must be a JSON object with frames and median_s")]
    Silent,
    /// The last line is something else.
    #[error("its last line is no JSON object: {0:?}")]
    NoObject(String),
    /// A field is missing or makes no sense.
    #[error("{field} of its answer is {found}, it must be {rule}")]
    Field {
        /// Name.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What must.
        rule: &'static str,
    },
}

/// Letters of a line that are quoted in an error.
const QUOTED: usize = 120;

impl Answer {
    /// Takes the last line that is not empty.
    ///
    /// # Errors
    /// [`ContractError`].
    pub fn of(printed: &str) -> Result<Answer, ContractError> {
        let line = last_line(printed).ok_or(ContractError::Silent)?;
        let Ok(Value::Object(fields)) = serde_json::from_str(line) else {
            return Err(ContractError::NoObject(line.chars().take(QUOTED).collect()));
        };
        let found = |field: &str| fields.get(field).map_or_else(|| "missing".into(), Value::to_string);
        let seconds = |field: &'static str| -> Result<Option<f64>, ContractError> {
            let Some(value) = fields.get(field).filter(|value| !value.is_null()) else { return Ok(None) };
            let sound = value.as_f64().filter(|&seconds| seconds > 0.0 && seconds.is_finite());
            let rule = "a time in seconds above 0";
            sound.map(Some).ok_or_else(|| ContractError::Field { field, found: found(field), rule })
        };
        let frames = fields.get("frames").and_then(Value::as_u64).filter(|&frames| frames > 0);
        let frames = frames.ok_or_else(|| {
            let rule = "a whole number above 0";
            ContractError::Field { field: "frames", found: found("frames"), rule }
        })?;
        let wall_s = match seconds("median_s")? {
            Some(median) => median,
            None => {
                let all = seconds("seconds")?.ok_or_else(|| {
                    let rule = "a time in seconds above 0 (or seconds must be)";
                    ContractError::Field { field: "median_s", found: found("median_s"), rule }
                })?;
                all / frames as f64
            }
        };
        Ok(Answer { frames, wall_s, cpu_s: seconds("cpu_median_s")? })
    }
}

/// The last line that is not empty.
pub(super) fn last_line(printed: &str) -> Option<&str> {
    printed.lines().map(str::trim).rfind(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_on_the_last_line_is_taken_with_either_time() {
        let answer =
            Answer::of("warming up\n{\"frames\": 8, \"median_s\": 0.5, \"cpu_median_s\": 0.25, \"x\": []}\n\n");
        assert_eq!(answer, Ok(Answer { frames: 8, wall_s: 0.5, cpu_s: Some(0.25) }));
        let answer = Answer::of("{\"frames\": 4, \"seconds\": 2, \"cpu_median_s\": null}");
        assert_eq!(answer, Ok(Answer { frames: 4, wall_s: 0.5, cpu_s: None }));
    }

    #[test]
    fn answer_that_is_none_says_what_is_wrong() {
        assert_eq!(Answer::of(" \n\n"), Err(ContractError::Silent));
        for line in ["done", "[1, 2]", "{\"frames\": 1, ", "NaN", "\u{0}\u{ff}"] {
            assert!(matches!(Answer::of(line), Err(ContractError::NoObject(_))), "{line:?}");
        }
        let long = "x".repeat(1000);
        assert_eq!(Answer::of(&long), Err(ContractError::NoObject(long[..QUOTED].into())));
        let field = |line: &str| match Answer::of(line) {
            Err(ContractError::Field { field, found, .. }) => (field, found),
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(field("{}"), ("frames", "missing".into()));
        assert_eq!(field("{\"frames\": 0, \"median_s\": 1}"), ("frames", "0".into()));
        assert_eq!(field("{\"frames\": -3, \"median_s\": 1}"), ("frames", "-3".into()));
        assert_eq!(field("{\"frames\": 2}"), ("median_s", "missing".into()));
        assert_eq!(field("{\"frames\": 2, \"median_s\": 0}"), ("median_s", "0".into()));
        assert_eq!(field("{\"frames\": 2, \"median_s\": \"fast\"}"), ("median_s", "\"fast\"".into()));
        assert_eq!(field("{\"frames\": 2, \"median_s\": 1, \"cpu_median_s\": -1}"), ("cpu_median_s", "-1".into()));
        assert_eq!(field("{\"frames\": 2, \"seconds\": -1}"), ("seconds", "-1".into()));
    }
}
