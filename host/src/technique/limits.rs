//! What is acceptable: defaults with their sources, and what the user says instead.

use super::verdict::Limit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// Which side of a limit is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Values up to it.
    AtMost,
    /// Values from it on.
    AtLeast,
}

impl Bound {
    /// Whether `value` keeps `limit`.
    pub fn keeps(self, value: f64, limit: f64) -> bool {
        match self {
            Bound::AtMost => value <= limit,
            Bound::AtLeast => value >= limit,
        }
    }
}

/// A delta of a technique that can be held against a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limitable {
    /// Name of the delta.
    pub name: &'static str,
    /// Which side is good.
    pub bound: Bound,
    /// The limit unless the user sets one, and where it comes from.
    pub default: Option<(f64, &'static str)>,
}

/// Source of limits on what the analysis gives.
pub const D7_4: &str = "after LEAPS-INNOV D7.4 (2024): what the analysis gives changes by less than 1 % (NRMSE)";

/// Source of limits in standard deviations: sqrt(1 + 1/9) is 1.05.
pub const THIRD: &str = "Debye's default: a third of the counting error; added to it, that makes it 5 % larger";

impl Limitable {
    /// A delta that should be small.
    pub const fn at_most(name: &'static str, value: f64, source: &'static str) -> Limitable {
        Limitable { name, bound: Bound::AtMost, default: Some((value, source)) }
    }

    /// A delta that should be large.
    pub const fn at_least(name: &'static str, value: f64, source: &'static str) -> Limitable {
        Limitable { name, bound: Bound::AtLeast, default: Some((value, source)) }
    }

    /// A delta that has a limit only if the user sets one.
    pub const fn by_user(name: &'static str, bound: Bound) -> Limitable {
        Limitable { name, bound, default: None }
    }
}

/// The limits of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    user: BTreeMap<String, f64>,
}

/// Why a limit cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LimitError {
    /// Not of the form.
    #[error("{0:?} is no limit: give TECHNIQUE.DELTA=NUMBER, such as powder.chi2_reduced=0.2")]
    Form(String),
    /// No such technique or delta.
    #[error("{name:?} has no limit: choose one of {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
}

impl Limits {
    /// Sets a limit: `technique.delta=number`.
    ///
    /// # Errors
    /// [`LimitError`]
    pub fn set(&mut self, text: &str) -> Result<(), LimitError> {
        let form = || LimitError::Form(text.to_owned());
        let (name, value) = text.split_once('=').ok_or_else(form)?;
        let value = value.trim().parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(form)?;
        let name = name.trim();
        let known = || {
            let all = super::ALL.iter();
            all.flat_map(|one| one.limits().iter().map(|limit| format!("{}.{}", one.name(), limit.name)))
        };
        if !known().any(|one| one == name) {
            return Err(LimitError::Unknown { name: name.to_owned(), known: known().collect() });
        }
        self.user.insert(name.to_owned(), value);
        Ok(())
    }

    /// The limit of a delta.
    pub fn of(&self, technique: &str, delta: &str) -> Option<Limit> {
        let technique = super::ALL.iter().find(|one| one.name() == technique)?;
        let found = technique.limits().iter().find(|limit| limit.name == delta)?;
        match (self.user.get(&format!("{}.{delta}", technique.name())), found.default) {
            (Some(&value), _) => Some(Limit { bound: found.bound, value, source: "set by the user".into() }),
            (None, Some((value, source))) => Some(Limit { bound: found.bound, value, source: source.into() }),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_takes_the_place_of_the_default() {
        let mut limits = Limits::default();
        let default = limits.of("imaging", "nrmse").unwrap();
        assert_eq!((default.value, default.source.as_str()), (0.01, D7_4));
        limits.set(" imaging.nrmse = 0.5").unwrap();
        let set = limits.of("imaging", "nrmse").unwrap();
        assert_eq!((set.value, set.source.as_str()), (0.5, "set by the user"));
        assert_eq!(limits.of("imaging", "nothing"), None);
    }

    #[test]
    fn set_what_is_no_limit_is_refused() {
        let mut limits = Limits::default();
        for text in ["imaging.nrmse", "imaging.nrmse=x", "imaging.nrmse=inf"] {
            assert!(matches!(limits.set(text), Err(LimitError::Form(_))), "{text}");
        }
        let error = limits.set("imaging.none=1").unwrap_err().to_string();
        assert!(error.contains("imaging.ssim"), "{error}");
    }
}
