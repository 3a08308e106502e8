//! Values of the command line that several commands take.

use std::ops::Range;

/// `A,B` with A < B.
pub fn pair(text: &str) -> Result<[f64; 2], String> {
    let (a, b) = text.split_once(',').ok_or("two numbers with a comma between them are needed, such as 0.5,4")?;
    let number = |text: &str| {
        let value: f64 = text.trim().parse().map_err(|_| format!("{:?} is no number", text.trim()))?;
        if value.is_finite() { Ok(value) } else { Err(format!("{value} is not finite")) }
    };
    let (a, b) = (number(a)?, number(b)?);
    if a < b { Ok([a, b]) } else { Err(format!("the range is empty: {a} is not below {b}")) }
}

/// A whole number of at least 1.
pub fn count<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("a whole number from 1 to {} is needed", u32::MAX))
}

/// A number.
pub fn number(text: &str) -> Result<f64, String> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| "that is no number".into())
}

/// Which frames: `7`, `2..5` (2, 3, 4), `2..` or `..5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frames {
    start: usize,
    end: Option<usize>,
}

impl Frames {
    /// The range in a source of `count` frames.
    pub fn within(self, count: usize) -> Result<Range<usize>, String> {
        let end = self.end.unwrap_or(count);
        if end > count || self.start >= count {
            return Err(format!("--frames {self} reaches past the {count} frames that there are (0..{count})"));
        }
        Ok(self.start..end)
    }

    /// The range in a source that still grows.
    pub fn open(self) -> Range<usize> {
        self.start..self.end.unwrap_or(usize::MAX)
    }
}

impl std::fmt::Display for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.end {
            Some(end) => write!(f, "{}..{end}", self.start),
            None => write!(f, "{}..", self.start),
        }
    }
}

/// See [`Frames`].
pub fn frames(text: &str) -> Result<Frames, String> {
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| format!("{text:?} is no frame number"));
    let optional = |text: &str| if text.trim().is_empty() { Ok(None) } else { number(text).map(Some) };
    let frames = match text.split_once("..") {
        Some((start, end)) => Frames { start: optional(start)?.unwrap_or(0), end: optional(end)? },
        None => {
            let one = number(text)?;
            Frames { start: one, end: one.checked_add(1) }
        }
    };
    match frames.end {
        Some(end) if end <= frames.start => Err(format!("{frames} holds no frame")),
        _ => Ok(frames),
    }
}
