//! Lossy operations from text.

use super::{Chain, Operation};
use debye_spec::lossy::{MAX_SIXTEENTHS, SIXTEENTHS, Step};
use std::str::FromStr;
use thiserror::Error;

/// Most bits that truncation may take: a valid count has 28.
const MOST_BITS: u32 = 28;

/// A text that is no operation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OperationError {
    /// No such name.
    #[error("{0:?} is no lossy operation: threshold:N, sqrt:N, truncate:BITS and bin:N are known, joined by +")]
    Unknown(String),
    /// The number is missing or cannot be.
    #[error("{name}:{value} is not possible: {rule}")]
    Value {
        /// Name of the operation.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is needed.
        rule: String,
    },
}

/// N of steps of N sqrt(I): a multiple of 1/16.
///
/// # Errors
/// What is needed, in words.
pub fn step(text: &str) -> Result<Step, String> {
    let sigmas: f64 = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
    let sixteenths = sigmas * f64::from(SIXTEENTHS);
    let most = MAX_SIXTEENTHS / SIXTEENTHS;
    let whole = sixteenths == sixteenths.round() && (1.0..=f64::from(MAX_SIXTEENTHS)).contains(&sixteenths);
    whole
        .then(|| Step::new(sixteenths as u32))
        .flatten()
        .ok_or_else(|| format!("{text} is no multiple of 1/16 between 1/16 and {most}: give 0.5 or 1, for example"))
}

impl FromStr for Operation {
    type Err = OperationError;

    fn from_str(text: &str) -> Result<Operation, OperationError> {
        let unknown = || OperationError::Unknown(text.trim().to_owned());
        let (name, value) = text.trim().split_once(':').ok_or_else(unknown)?;
        let wrong = |name, rule: &str| OperationError::Value { name, value: value.to_owned(), rule: rule.to_owned() };
        match name {
            "threshold" => {
                let limit = value.parse().map_err(|_| wrong("threshold", "it is a whole number of counts"))?;
                Ok(Operation::Threshold(limit))
            }
            "sqrt" => step(value).map(Operation::Sqrt).map_err(|rule| wrong("sqrt", &rule)),
            "truncate" => {
                let bits = value.parse().ok().filter(|bits| (1..=MOST_BITS).contains(bits));
                bits.map(Operation::Truncate).ok_or_else(|| wrong("truncate", "1 to 28 bits can be taken"))
            }
            "bin" => {
                let frames = value.parse().map_err(|_| wrong("bin", "it is a whole number of frames, 1 or more"))?;
                Ok(Operation::Bin(frames))
            }
            _ => Err(unknown()),
        }
    }
}

impl FromStr for Chain {
    type Err = OperationError;

    fn from_str(text: &str) -> Result<Chain, OperationError> {
        text.split('+').map(str::parse).collect::<Result<_, _>>().map(Chain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_reads_back_what_it_prints() {
        for text in ["threshold:2", "sqrt:0.5", "truncate:2", "bin:4", "bin:4+threshold:3+sqrt:1.0625"] {
            assert_eq!(text.parse::<Chain>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn operation_that_cannot_be_is_refused() {
        for text in ["", "threshold", "fft:2", "bin:4+", "sqrt"] {
            assert!(matches!(text.parse::<Chain>(), Err(OperationError::Unknown(_))), "{text}");
        }
        for text in ["threshold:-1", "threshold:1.5", "sqrt:0.03", "sqrt:x", "truncate:0", "truncate:29", "bin:0"] {
            assert!(matches!(text.parse::<Chain>(), Err(OperationError::Value { .. })), "{text}");
        }
    }
}
