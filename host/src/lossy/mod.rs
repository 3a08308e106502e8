//! Named lossy operations on stacks of frames, so that their cost can be judged before anything is thrown away.
//!
//! | text | what it does to a valid count v | what to expect of v afterwards |
//! |---|---|---|
//! | `threshold:N` | below N it becomes 0 ([`debye_spec::lossy::threshold`]) | a 0 stands for anything below N: sums fall by what was below |
//! | `sqrt:N` | it becomes the middle of its step of N sqrt(v) ([`debye_spec::lossy::quantise`]) | v, with an added error of about N sqrt(v) / sqrt(12) |
//! | `truncate:K` | its K lowest bits become 0 ([`debye_spec::lossy::truncate`]) | up to 2^K - 1 more, (2^K - 1) / 2 on the mean where counts are well above 2^K |
//! | `bin:N` | N consecutive frames are added up | a frame's count is 1/N of the sum; what changed within N frames is lost |
//!
//! Operations follow each other with `+`: `bin:4+sqrt:0.5`. Pixels that are not valid are never touched; `bin` makes a pixel
//! invalid that is so in one of its frames, or whose sum is beyond what may count. The last group of `bin` holds what frames
//! are left.

mod parse;

pub use parse::{OperationError, step};

use crate::stack::{INVALID, Stack, StackError};
use debye_spec::bounds::MAX_VALID;
use debye_spec::lossy::{SIXTEENTHS, Step, quantise, threshold, truncate};
use rayon::prelude::*;
use std::fmt;
use std::num::NonZeroU32;

/// One lossy step; see the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Counts below become 0.
    Threshold(u32),
    /// Steps of N sqrt(v).
    Sqrt(Step),
    /// Lowest bits become 0.
    Truncate(u32),
    /// Frames that are added up.
    Bin(NonZeroU32),
}

/// Steps, the first one first; none at all changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain(pub Vec<Operation>);

impl Operation {
    /// What it does, in words.
    pub fn describe(self) -> String {
        match self {
            Operation::Threshold(limit) => format!("values below {limit} set to 0"),
            Operation::Sqrt(step) => format!("quantised in steps of {} sqrt(I)", sigmas(step)),
            Operation::Truncate(bits) => format!("the {bits} lowest bits set to 0"),
            Operation::Bin(count) => format!("{count} consecutive frames added up"),
        }
    }

    /// What to expect of the original counts, in words.
    pub fn expectation(self) -> String {
        match self {
            Operation::Threshold(limit) => {
                format!("a 0 stands for any count below {limit}: sums fall by what was below it")
            }
            Operation::Sqrt(step) => {
                let error = sigmas(step) / 12f64.sqrt();
                format!("counts are right on the mean, with an error of about {error:.3} sqrt(I) added")
            }
            Operation::Truncate(bits) => {
                let most = 2f64.powi(bits.min(32) as i32) - 1.0;
                format!("counts were up to {most} larger, {} on the mean where they are large", most / 2.0)
            }
            Operation::Bin(count) => {
                format!("a frame's count is 1/{count} of the sum; what changes within {count} frames is lost")
            }
        }
    }

    /// Applies it. `max_valid` is the largest value that counts in the frames' type: no count grows beyond it, but for
    /// sums of frames, which may reach [`MAX_VALID`].
    ///
    /// # Errors
    /// None that a sound stack leads to: those of [`Stack::summed`].
    pub fn apply(self, stack: &Stack, max_valid: u32) -> Result<Stack, StackError> {
        match self {
            Operation::Threshold(limit) => each(stack, |value| threshold(value, limit)),
            Operation::Sqrt(step) => each(stack, |value| quantise(value, step, max_valid.min(MAX_VALID))),
            Operation::Truncate(bits) => each(stack, |value| truncate(value, bits)),
            Operation::Bin(count) => bin(stack, count),
        }
    }
}

impl Chain {
    /// What is done, in words.
    pub fn describe(&self) -> String {
        match self.0.as_slice() {
            [] => "nothing".into(),
            steps => steps.iter().map(|step| step.describe()).collect::<Vec<_>>().join(", then "),
        }
    }

    /// Applies all steps; see [`Operation::apply`].
    ///
    /// # Errors
    /// As [`Operation::apply`].
    pub fn apply(&self, stack: &Stack, max_valid: u32) -> Result<Stack, StackError> {
        let (mut stack, mut max_valid) = (stack.clone(), max_valid);
        for step in &self.0 {
            stack = step.apply(&stack, max_valid)?;
            if matches!(step, Operation::Bin(_)) {
                max_valid = MAX_VALID;
            }
        }
        Ok(stack)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Threshold(limit) => write!(f, "threshold:{limit}"),
            Operation::Sqrt(step) => write!(f, "sqrt:{}", sigmas(*step)),
            Operation::Truncate(bits) => write!(f, "truncate:{bits}"),
            Operation::Bin(count) => write!(f, "bin:{count}"),
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.0.iter().map(Operation::to_string).collect();
        f.write_str(&steps.join("+"))
    }
}

/// A step's width in standard deviations.
pub(crate) fn sigmas(step: Step) -> f64 {
    f64::from(step.sixteenths()) / f64::from(SIXTEENTHS)
}

fn each(stack: &Stack, change: impl Fn(u32) -> u32 + Sync) -> Result<Stack, StackError> {
    let changed = |&value: &u32| if value == INVALID { INVALID } else { change(value) };
    let frames = stack.frames().par_iter().map(|frame| frame.iter().map(changed).collect()).collect();
    Stack::summed(stack.shape(), frames, stack.exposures().to_vec())
}

/// Frames added up, as `bin` does; frames of one length.
pub fn sum(frames: &[Vec<u32>]) -> Vec<u32> {
    let of_pixel = |pixel: usize| {
        let sum = frames.iter().try_fold(0u32, |sum, frame| match frame[pixel] {
            INVALID => None,
            value => sum.checked_add(value).filter(|&sum| sum <= MAX_VALID),
        });
        sum.unwrap_or(INVALID)
    };
    (0..frames.first().map_or(0, Vec::len)).map(of_pixel).collect()
}

fn bin(stack: &Stack, count: NonZeroU32) -> Result<Stack, StackError> {
    let count = count.get() as usize;
    let frames = stack.frames().par_chunks(count).map(sum).collect();
    let held = |group: &[u32]| group.iter().fold(0u32, |sum, &held| sum.saturating_add(held));
    Stack::summed(stack.shape(), frames, stack.exposures().chunks(count).map(held).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(frames: &[[u32; 3]]) -> Stack {
        Stack::new([1, 3], frames.iter().map(|frame| frame.to_vec()).collect()).unwrap()
    }

    fn apply(text: &str, stack: &Stack) -> Stack {
        text.parse::<Chain>().unwrap().apply(stack, 65_533).unwrap()
    }

    #[test]
    fn apply_follows_the_definition_and_leaves_invalid_alone() {
        let frames = stack(&[[1, 7, INVALID], [100, 65_533, 0]]);
        assert_eq!(apply("threshold:7", &frames).frames(), [vec![0, 7, INVALID], vec![100, 65_533, 0]]);
        assert_eq!(apply("truncate:3", &frames).frames(), [vec![0, 0, INVALID], vec![96, 65_528, 0]]);
        let step = Step::new(8).unwrap();
        let expected = [1, 7, 100, 65_533, 0].map(|value| quantise(value, step, 65_533));
        let made = apply("sqrt:0.5", &frames);
        assert_eq!(made.frames(), [vec![expected[0], expected[1], INVALID], expected[2..].to_vec()]);
    }

    #[test]
    fn bin_adds_frames_and_keeps_the_rest() {
        let made = apply("bin:2", &stack(&[[1, INVALID, MAX_VALID], [2, 3, 1], [9, 9, 9]]));
        assert_eq!(made.frames(), [vec![3, INVALID, INVALID], vec![9, 9, 9]]);
        assert_eq!(made.exposures(), [2, 1]);
        let again = apply("bin:2+truncate:2+bin:5", &stack(&[[1; 3], [2; 3], [4; 3], [5; 3]]));
        assert_eq!((again.frames(), again.exposures()), ([vec![8; 3]].as_slice(), [4].as_slice()));
    }

    #[test]
    fn expectation_of_truncation_is_the_mean_of_what_is_lost() {
        let values: Vec<u32> = (4096..8192).collect();
        let lost: u32 = values.iter().map(|&value| value - truncate(value, 4)).sum();
        assert_eq!(f64::from(lost) / values.len() as f64, 7.5);
        assert!(Operation::Truncate(4).expectation().contains("up to 15 larger, 7.5 on the mean"));
    }
}
