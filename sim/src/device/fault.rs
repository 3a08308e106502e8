//! Faults of a card, put in from outside: between the card and its registers, and between the card and host memory. The
//! model inside knows nothing of them.
//!
//! A fault is written as its name and options: `completion-lost,after=10`, `interrupt-lost,seed=7,rate=0.01`. What is
//! counted are completions of frames (for `interrupt-lost` interrupts), over the whole life of the card: a reset does not
//! begin anew, so that a fault that happens once happens once.

mod inject;
mod rings;
mod tap;

pub use inject::FaultyCard;

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A bit of a result's record is turned over on its way to host memory.
    CorruptResult,
    /// A completion is not written.
    CompletionLost,
    /// A completion is written twice, into two entries.
    CompletionDuplicated,
    /// A completion changes places with the next one.
    CompletionReordered,
    /// A completion is written so many milliseconds later than those behind it.
    CompletionDelayed(u64),
    /// An interrupt is not sent.
    InterruptLost,
    /// A result goes to an address that is not mapped.
    DmaUnmapped,
    /// The card does nothing any more, until it is reset.
    Hang,
    /// The card is gone from the bus: all reads give ones, until the next client.
    Removed,
    /// The process ends.
    Die,
    /// The map is another one than the host's: version and hash.
    VersionMismatch,
    /// The card lacks something.
    CapabilityMissing(Capability),
    /// A completion says what cannot be.
    WildCompletion(Wild),
}

/// What a card lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Pixel types: it takes 8 bits alone.
    Elements,
    /// Kinds of submissions: it only copies.
    Kinds,
    /// Queues: it says that it has none.
    Queues,
}

/// What is wrong in a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wild {
    /// More bytes were written than there is memory.
    Length,
    /// A handle that nobody gave.
    Handle,
    /// The entry behind it appears too, with what stood there before.
    Phase,
    /// Its phase appears 50 ms before the rest of it.
    Early,
}

/// When it goes wrong: the number of the frame, from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trigger {
    /// For so many frames after so many.
    After {
        /// Frames that go well before.
        frames: u64,
        /// Frames that do not.
        count: u64,
    },
    /// For some frames, at random.
    Random {
        /// Of the choice.
        seed: u64,
        /// Share of the frames, 0 to 1.
        rate: f64,
    },
}

impl Trigger {
    /// Whether it is this frame's turn.
    pub fn fires(&self, frame: u64) -> bool {
        match *self {
            Trigger::After { frames, count } => frame.checked_sub(frames).is_some_and(|since| since < count),
            Trigger::Random { seed, rate } => {
                (mix(seed, frame) >> 11) as f64 / (1u64 << 53) as f64 <= rate && rate > 0.0
            }
        }
    }
}

/// A number that looks random, of two others (the finish of splitmix64).
pub(super) fn mix(seed: u64, number: u64) -> u64 {
    let mut x = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

/// A fault and when it happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// When; of no meaning for what a card is from the beginning (version, capability).
    pub trigger: Trigger,
}

/// Why a text is no fault.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaultError {
    /// Unknown name.
    #[error("{0:?} is no fault: known are {names}", names = NAMES.map(|(name, _)| name).join(", "))]
    Name(String),
    /// An option that the fault does not have.
    #[error("{name} has no option {option:?}: it takes {takes}")]
    Option {
        /// Name of the fault.
        name: &'static str,
        /// As written.
        option: String,
        /// What it takes.
        takes: &'static str,
    },
    /// The option's value is none.
    #[error("{option}={value}: give {wanted}")]
    Value {
        /// Name of the option.
        option: String,
        /// As written.
        value: String,
        /// What it takes.
        wanted: &'static str,
    },
    /// Two ways to say when.
    #[error("give after=N (with count=N) or seed=S,rate=R, not both; seed and rate go together")]
    Trigger,
}

/// Names, and what each does.
pub const NAMES: [(&str, &str); 13] = [
    ("corrupt-result", "a bit of a result's record is turned over"),
    ("completion-lost", "a completion is not written"),
    ("completion-duplicated", "a completion is written into two entries"),
    ("completion-reordered", "a completion changes places with the next one"),
    ("completion-delayed", "a completion is written ms=N (50) later than those behind it"),
    ("interrupt-lost", "an interrupt is not sent"),
    ("dma-unmapped", "a result goes to an address that is not mapped"),
    ("hang", "the card does nothing until it is reset"),
    ("all-ones", "the card is gone from the bus until the next client"),
    ("die", "the process ends with code 70"),
    ("version-mismatch", "the register map is another one, from the beginning"),
    ("capability-missing", "it lacks what=elements, kinds or queues, from the beginning"),
    ("wild-completion", "a completion with a wrong what=length, handle or phase, or an early one"),
];

impl FaultKind {
    fn named(name: &str) -> Option<FaultKind> {
        Some(match name {
            "corrupt-result" => FaultKind::CorruptResult,
            "completion-lost" => FaultKind::CompletionLost,
            "completion-duplicated" => FaultKind::CompletionDuplicated,
            "completion-reordered" => FaultKind::CompletionReordered,
            "completion-delayed" => FaultKind::CompletionDelayed(50),
            "interrupt-lost" => FaultKind::InterruptLost,
            "dma-unmapped" => FaultKind::DmaUnmapped,
            "hang" => FaultKind::Hang,
            "all-ones" => FaultKind::Removed,
            "die" => FaultKind::Die,
            "version-mismatch" => FaultKind::VersionMismatch,
            "capability-missing" => FaultKind::CapabilityMissing(Capability::Elements),
            "wild-completion" => FaultKind::WildCompletion(Wild::Length),
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        let index = match self {
            FaultKind::CorruptResult => 0,
            FaultKind::CompletionLost => 1,
            FaultKind::CompletionDuplicated => 2,
            FaultKind::CompletionReordered => 3,
            FaultKind::CompletionDelayed(_) => 4,
            FaultKind::InterruptLost => 5,
            FaultKind::DmaUnmapped => 6,
            FaultKind::Hang => 7,
            FaultKind::Removed => 8,
            FaultKind::Die => 9,
            FaultKind::VersionMismatch => 10,
            FaultKind::CapabilityMissing(_) => 11,
            FaultKind::WildCompletion(_) => 12,
        };
        NAMES[index].0
    }

    fn takes(&self) -> &'static str {
        match self {
            FaultKind::CompletionDelayed(_) => "ms=N, after=N, count=N, seed=S, rate=R",
            FaultKind::WildCompletion(_) => "what=length|handle|phase|early, after=N, count=N, seed=S, rate=R",
            FaultKind::CapabilityMissing(_) => "what=elements|kinds|queues",
            FaultKind::VersionMismatch => "none",
            FaultKind::Removed | FaultKind::Die | FaultKind::Hang => "after=N, seed=S, rate=R",
            _ => "after=N, count=N, seed=S, rate=R",
        }
    }

    /// Takes an option of its own; `false`: it has none of that name.
    fn set(&mut self, option: &str, value: &str) -> Result<bool, FaultError> {
        match (&mut *self, option) {
            (FaultKind::CompletionDelayed(ms), "ms") => *ms = number(option, value)?,
            (FaultKind::WildCompletion(wild), "what") => {
                *wild = match value {
                    "length" => Wild::Length,
                    "handle" => Wild::Handle,
                    "phase" => Wild::Phase,
                    "early" => Wild::Early,
                    _ => return Err(bad(option, value, "length, handle, phase or early")),
                }
            }
            (FaultKind::CapabilityMissing(capability), "what") => {
                *capability = match value {
                    "elements" => Capability::Elements,
                    "kinds" => Capability::Kinds,
                    "queues" => Capability::Queues,
                    _ => return Err(bad(option, value, "elements, kinds or queues")),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn bad(option: &str, value: &str, wanted: &'static str) -> FaultError {
    FaultError::Value { option: option.into(), value: value.into(), wanted }
}

fn number(option: &str, value: &str) -> Result<u64, FaultError> {
    value.parse().map_err(|_| bad(option, value, "a whole number"))
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let mut parts = text.split(',').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let mut kind = FaultKind::named(name).ok_or_else(|| FaultError::Name(name.into()))?;
        let (mut after, mut count, mut seed, mut rate) = (None, None, None, None);
        for part in parts {
            let unknown = || FaultError::Option { name: kind.name(), option: part.into(), takes: kind.takes() };
            let (option, value) = part.split_once('=').ok_or_else(unknown)?;
            if !kind.takes().split(", ").any(|takes| takes.split('=').next() == Some(option)) {
                return Err(unknown());
            }
            match option {
                "after" => after = Some(number(option, value)?),
                "count" => count = Some(number(option, value)?),
                "seed" => seed = Some(number(option, value)?),
                "rate" => {
                    let share = value.parse().ok().filter(|share| (0.0..=1.0).contains(share));
                    rate = Some(share.ok_or_else(|| bad(option, value, "a share from 0 to 1"))?);
                }
                _ => {
                    kind.set(option, value)?;
                }
            }
        }
        let trigger = match (after, count, seed, rate) {
            (frames, count, None, None) => Trigger::After { frames: frames.unwrap_or(0), count: count.unwrap_or(1) },
            (None, None, Some(seed), Some(rate)) => Trigger::Random { seed, rate },
            _ => return Err(FaultError::Trigger),
        };
        Ok(Fault { kind, trigger })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind.name())?;
        match self.trigger {
            _ if matches!(self.kind, FaultKind::VersionMismatch | FaultKind::CapabilityMissing(_)) => Ok(()),
            Trigger::After { frames, count: 1 } => write!(f, " after {frames}"),
            Trigger::After { frames, count } => write!(f, " after {frames}, {count} times"),
            Trigger::Random { seed, rate } => write!(f, " at a rate of {rate} (seed {seed})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_every_name_is_read_and_told() {
        for (name, _) in NAMES {
            let fault: Fault = name.parse().unwrap();
            assert_eq!(fault.kind.name(), name);
            assert!(fault.to_string().starts_with(name));
        }
        let fault: Fault = "completion-delayed,ms=7,seed=3,rate=0.25".parse().unwrap();
        let expected =
            Fault { kind: FaultKind::CompletionDelayed(7), trigger: Trigger::Random { seed: 3, rate: 0.25 } };
        assert_eq!(fault, expected);
        let fault: Fault = "wild-completion, what=phase, after=5, count=2".parse().unwrap();
        assert_eq!(fault.kind, FaultKind::WildCompletion(Wild::Phase));
        assert_eq!(fault.trigger, Trigger::After { frames: 5, count: 2 });
    }

    #[test]
    fn fault_that_is_none_is_refused_with_what_to_give() {
        let told = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
        assert!(told("explode").contains("completion-lost"));
        assert_eq!(told("hang,what=x"), "hang has no option \"what=x\": it takes after=N, seed=S, rate=R");
        assert_eq!(told("version-mismatch,after=1"), "version-mismatch has no option \"after=1\": it takes none");
        assert_eq!(told("hang,after=-1"), "after=-1: give a whole number");
        assert_eq!(told("wild-completion,what=crc"), "what=crc: give length, handle, phase or early");
        assert_eq!(told("corrupt-result,seed=1,rate=2"), "rate=2: give a share from 0 to 1");
        for text in ["corrupt-result,seed=1", "corrupt-result,rate=0.5", "corrupt-result,after=1,seed=1,rate=0.5"] {
            assert_eq!(text.parse::<Fault>(), Err(FaultError::Trigger), "{text}");
        }
    }

    #[test]
    fn trigger_random_fires_at_its_rate_and_the_same_again() {
        let trigger = Trigger::Random { seed: 9, rate: 0.1 };
        let fired: Vec<u64> = (0..10_000).filter(|&frame| trigger.fires(frame)).collect();
        assert!((900..1100).contains(&fired.len()), "{}", fired.len());
        assert_eq!(fired, (0..10_000).filter(|&frame| trigger.fires(frame)).collect::<Vec<_>>());
        let never = Trigger::Random { seed: 9, rate: 0.0 };
        let always = Trigger::Random { seed: 9, rate: 1.0 };
        assert!((0..1000).all(|frame| always.fires(frame) && !never.fires(frame)));
        let twice = Trigger::After { frames: 3, count: 2 };
        assert_eq!((0..10).filter(|&frame| twice.fires(frame)).collect::<Vec<_>>(), [3, 4]);
    }
}
