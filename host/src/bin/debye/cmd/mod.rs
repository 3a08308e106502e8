//! One file a command. A command returns its exit code, or what went wrong.
//!
//! Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some frames failed; 4 done, but what was
//! found is not acceptable; 130 stopped by Ctrl-C.

pub mod arguments;
pub mod bench;
pub mod card;
mod card_args;
#[cfg(feature = "sim")]
pub mod compare;
pub mod compress;
mod compress_args;
mod compress_engine;
pub mod contender;
pub mod decompress;
pub mod export;
pub mod flash;
mod frames_args;
pub mod geometry;
pub mod image;
pub mod info;
pub mod inspect;
pub mod integrate;
pub mod interrupt;
pub mod limits;
pub mod plot;
mod prepare;
pub mod report;
pub mod selftest;
#[cfg(feature = "sim")]
pub mod sim;
pub mod simulate_frames;
mod table_args;
mod targets;
pub mod technique;
mod text;
pub mod triage;

use std::error::Error;
use std::process::ExitCode;

/// What a command returns.
pub type Outcome = Result<ExitCode, Box<dyn Error>>;

/// Exit code of a run that was finished but in which frames failed.
pub const SOME_FRAMES_FAILED: u8 = 3;

/// Exit code of a judgement that was asked to fail where limits are not kept.
pub const NOT_ACCEPTABLE: u8 = 4;

/// Exit code of a run that Ctrl-C ended.
pub const INTERRUPTED: u8 = 130;

/// The command line as it was given, quoted where a shell would need it.
pub fn command_line() -> String {
    let quoted = |word: String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@^".contains(c);
        if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
    };
    std::env::args_os().map(|word| quoted(word.to_string_lossy().into_owned())).collect::<Vec<_>>().join(" ")
}

/// Tells what went wrong, with its causes, on standard error.
pub fn tell(failure: &(dyn Error + 'static)) -> ExitCode {
    eprintln!("error: {failure}");
    let mut said = failure.to_string();
    let mut cause = failure.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !said.contains(&text) {
            eprintln!("  because: {text}");
        }
        said = text;
        cause = inner.source();
    }
    ExitCode::FAILURE
}
