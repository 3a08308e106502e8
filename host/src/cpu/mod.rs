//! The CPU's fast kernels: which instructions there are, and what is made of them.
//!
//! A [`Level`] is chosen once, by what the processor has; [`FORCE`] in the environment takes a lower one, for tests and
//! measurements. Every level makes the same bits as [`debye_spec`].

pub mod encode;
pub mod fused;
pub mod lines;
pub mod lz4;
pub mod prefetch;
pub mod sample;
pub mod shuffle;
pub mod terms;
#[cfg(target_arch = "x86_64")]
mod turn;
pub mod unshuffle;

use std::sync::OnceLock;
use thiserror::Error;

/// The environment variable that names a level.
pub const FORCE: &str = "DEBYE_CPU";

/// A set of instructions that kernels are made for, from the plainest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Rust without any assumption.
    Portable,
    /// aarch64 with NEON, which all of them have.
    Neon,
    /// x86-64 with AVX2 and BMI2.
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ, VL, VBMI, VBMI2, VNNI and GFNI: Ice Lake, Zen 4 and later.
    Avx512,
}

/// Why a level that was asked for cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LevelError {
    /// No such level.
    #[error("{FORCE}={0}: no such set of kernels; there are portable, neon, avx2 and avx512")]
    Unknown(String),
    /// The processor lacks it.
    #[error("{FORCE}={0}: this processor lacks its instructions; {1} is the best it has")]
    Missing(Level, Level),
}

impl Level {
    /// All of them, from the plainest on.
    pub const ALL: [Level; 4] = [Level::Portable, Level::Neon, Level::Avx2, Level::Avx512];

    /// The name, as [`FORCE`] takes it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Portable => "portable",
            Level::Neon => "neon",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }

    /// Whether this processor has the level's instructions.
    pub fn is_there(self) -> bool {
        match self {
            Level::Portable => true,
            #[cfg(target_arch = "aarch64")]
            Level::Neon => std::arch::is_aarch64_feature_detected!("neon"),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("bmi2")
                    && is_x86_feature_detected!("popcnt")
            }
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512vbmi")
                    && is_x86_feature_detected!("avx512vbmi2")
                    && is_x86_feature_detected!("avx512vnni")
                    && is_x86_feature_detected!("gfni")
                    && is_x86_feature_detected!("bmi2")
                    && is_x86_feature_detected!("popcnt")
            }
            _ => false,
        }
    }

    /// The best level of this processor.
    pub fn best() -> Level {
        Level::ALL.into_iter().rev().find(|level| level.is_there()).unwrap_or(Level::Portable)
    }
}

/// The kernels of a level that this processor has: that one exists is the proof that they may be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernels(Level);

impl Kernels {
    /// The level.
    pub fn level(self) -> Level {
        self.0
    }

    /// Whether to decode and integrate at once ([`fused`]) is faster than one after the other.
    pub fn integrate(self) -> bool {
        self.0 != Level::Portable
    }

    /// The kernels of every level that this processor has, from the plainest on.
    pub fn available() -> impl Iterator<Item = Kernels> {
        Level::ALL.into_iter().filter(|level| level.is_there()).map(Kernels)
    }

    /// The kernels of the level that `wanted` names, or of the best without one.
    ///
    /// # Errors
    /// A name that is none, or a level that the processor lacks.
    pub fn named(wanted: Option<&str>) -> Result<Kernels, LevelError> {
        let Some(wanted) = wanted.filter(|name| !name.is_empty()) else { return Ok(Kernels(Level::best())) };
        let level = Level::ALL.into_iter().find(|level| level.name() == wanted);
        let level = level.ok_or_else(|| LevelError::Unknown(wanted.into()))?;
        if level.is_there() { Ok(Kernels(level)) } else { Err(LevelError::Missing(level, Level::best())) }
    }

    /// The kernels of this process, where what [`FORCE`] says was found to be possible; plain ones otherwise. A command
    /// asks [`Kernels::chosen`] first and ends there.
    pub fn of_process() -> Kernels {
        Kernels::chosen().unwrap_or(Kernels(Level::Portable))
    }

    /// The kernels of this process: chosen at the first call.
    ///
    /// # Errors
    /// As [`Kernels::named`], for what [`FORCE`] says.
    pub fn chosen() -> Result<Kernels, LevelError> {
        static CHOSEN: OnceLock<Result<Kernels, LevelError>> = OnceLock::new();
        let choose =
            || Kernels::named(std::env::var_os(FORCE).map(|name| name.to_string_lossy().into_owned()).as_deref());
        CHOSEN.get_or_init(choose).clone()
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How many cases a property test tries: `usually`, and a few under Miri, which takes a thousand times as long.
#[cfg(test)]
pub(crate) fn cases(usually: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config::with_cases(if cfg!(miri) { usually.div_ceil(200) } else { usually })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_by_name_is_that_level_or_says_why_not() {
        assert_eq!(Kernels::named(Some("portable")), Ok(Kernels(Level::Portable)));
        assert_eq!(Kernels::named(None), Ok(Kernels(Level::best())));
        assert_eq!(Kernels::named(Some("sse9")), Err(LevelError::Unknown("sse9".into())));
        for level in Level::ALL {
            assert_eq!(Kernels::named(Some(level.name())).is_ok(), level.is_there());
        }
    }
}
