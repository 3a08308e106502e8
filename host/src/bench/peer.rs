//! A program to be compared with: a command line that obeys the contract.

use super::contract::{Answer, ContractError, last_line};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use thiserror::Error;

/// How often is asked whether a peer is done.
const POLL: Duration = Duration::from_millis(5);

/// Most bytes that a peer may print.
const MOST_PRINTED: u64 = 16 << 20;

/// Bytes at the end of what was printed that are looked at.
const LOOKED_AT: u64 = 64 << 10;

/// What a shell, `env` and `nice` return for a program that is not there.
const NOT_FOUND: i32 = 127;

/// A peer's name and command. Words are split as a shell does, and these are replaced in them: `{op}`, `{set}`,
/// `{seconds}`, `{bins}`, `{split}`, `{threads}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Name in tables.
    pub name: String,
    words: Vec<String>,
}

/// What is put in place of the words in braces.
#[derive(Clone, Debug)]
pub struct Order {
    /// `decode`, `encode` or `fused`.
    pub operation: &'static str,
    /// Folder of the set.
    pub set: String,
    /// How long to measure.
    pub seconds: f64,
    /// Radial bins.
    pub bins: u32,
    /// Pixels are split n x n.
    pub split: usize,
    /// After which the peer is ended.
    pub patience: Duration,
}

/// Why a peer has no figure.
#[derive(Debug, Error)]
pub enum PeerError {
    /// It cannot be run here.
    #[error("not installed: {0}")]
    NotInstalled(String),
    /// The system does not start it.
    #[error("{program} cannot be started: {error}")]
    Start {
        /// Its program.
        program: String,
        /// Why.
        error: io::Error,
    },
    /// It ended with an error.
    #[error("it failed ({status}): {said}")]
    Failed {
        /// Exit code or signal.
        status: ExitStatus,
        /// The last it said.
        said: String,
    },
    /// It did not come to an end.
    #[error("it was ended: not done after {0:.1} s (--peer-timeout)")]
    TimedOut(f64),
    /// It printed without end.
    #[error("it was ended: it printed more than {MOST_PRINTED} bytes")]
    Floods,
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
    /// What it printed is no answer.
    #[error("{0}")]
    Contract(#[from] ContractError),
}

impl PeerError {
    /// Whether the peer is merely not there.
    pub fn is_absence(&self) -> bool {
        matches!(self, PeerError::NotInstalled(_))
    }
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Peer, String> {
        let (name, command) = text.split_once('=').ok_or("NAME=COMMAND is needed, such as 'mine=./mine {op} {set}'")?;
        let name = name.trim();
        if name.is_empty() {
            return Err("the peer needs a name before the =".into());
        }
        let words = shlex::split(command).ok_or("a quote in the command does not end")?;
        if words.is_empty() {
            return Err(format!("there is no command behind {name}="));
        }
        Ok(Peer { name: name.into(), words })
    }
}

impl Peer {
    /// A peer whose command is in words already.
    pub fn new(name: impl Into<String>, words: Vec<String>) -> Peer {
        Peer { name: name.into(), words }
    }

    /// Runs it once.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn run(&self, order: &Order, environment: &[(&str, &str)], stop: &AtomicBool) -> Result<Answer, PeerError> {
        let words: Vec<String> = self.words.iter().map(|word| order.fill(word)).collect();
        let Some((program, arguments)) = words.split_first() else {
            return Err(PeerError::NotInstalled("no command".into()));
        };
        let failed = |error| PeerError::Start { program: program.clone(), error };
        // Files, not pipes: a peer never waits for us to read, and what it leaves running cannot keep us waiting.
        let (mut printed, mut said) = (tempfile::tempfile().map_err(failed)?, tempfile::tempfile().map_err(failed)?);
        let mut command = Command::new(program);
        command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null());
        command.stdout(printed.try_clone().map_err(failed)?).stderr(said.try_clone().map_err(failed)?);
        // A group of its own, so that it can be ended with all that it started.
        let child = command.process_group(0).spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => PeerError::NotInstalled(format!("there is no program {program}")),
            _ => failed(error),
        })?;
        let status = wait(child, order.patience, stop, &[&printed, &said])?;
        if !status.success() {
            let said = end_of(&mut said).map_err(failed)?;
            let said: String = last_line(&said).unwrap_or("it said nothing").chars().take(300).collect();
            if status.code() == Some(NOT_FOUND) || said.starts_with("ModuleNotFoundError") {
                return Err(PeerError::NotInstalled(said));
            }
            return Err(PeerError::Failed { status, said });
        }
        Ok(Answer::of(&end_of(&mut printed).map_err(failed)?)?)
    }
}

impl Order {
    fn fill(&self, word: &str) -> String {
        let replacements = [
            ("{op}", self.operation.to_owned()),
            ("{set}", self.set.clone()),
            ("{seconds}", self.seconds.to_string()),
            ("{bins}", self.bins.to_string()),
            ("{split}", self.split.to_string()),
            ("{threads}", "1".to_owned()),
        ];
        replacements.iter().fold(word.to_owned(), |word, (name, value)| word.replace(name, value))
    }
}

/// Waits for a process, but not for ever.
fn wait(mut child: Child, patience: Duration, stop: &AtomicBool, outputs: &[&File]) -> Result<ExitStatus, PeerError> {
    let started = Instant::now();
    let gone = |error| PeerError::Start { program: "the peer".into(), error };
    loop {
        if let Some(status) = child.try_wait().map_err(gone)? {
            return Ok(status);
        }
        let floods = outputs.iter().any(|file| file.metadata().is_ok_and(|found| found.len() > MOST_PRINTED));
        let why = match (stop.load(Ordering::Relaxed), floods) {
            (true, _) => PeerError::Stopped,
            (_, true) => PeerError::Floods,
            _ if started.elapsed() > patience => PeerError::TimedOut(patience.as_secs_f64()),
            _ => {
                thread::sleep(POLL);
                continue;
            }
        };
        // SAFETY: sends a signal to the group that was made for this child, which has not been waited for: its number
        // cannot have gone to others.
        unsafe { libc::kill(-(child.id() as libc::pid_t), libc::SIGKILL) };
        child.wait().map_err(gone)?;
        return Err(why);
    }
}

fn end_of(file: &mut File) -> io::Result<String> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT)))?;
    let mut bytes = Vec::new();
    file.take(LOOKED_AT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(patience: f64) -> Order {
        let set = "a set".into();
        let patience = Duration::from_secs_f64(patience);
        Order { operation: "decode", set, seconds: 0.5, bins: 1000, split: 4, patience }
    }

    fn run(command: &str, patience: f64) -> Result<Answer, PeerError> {
        let peer: Peer = format!("it={command}").parse().unwrap();
        peer.run(&order(patience), &[], &AtomicBool::new(false))
    }

    #[test]
    fn peer_of_a_command_line_is_split_as_a_shell_does() {
        let peer: Peer = " my peer = nice 'a b' \"{op}={set}\" -n{bins}x{split}".parse().unwrap();
        assert_eq!(peer.name, "my peer");
        let words: Vec<String> = peer.words.iter().map(|word| order(1.0).fill(word)).collect();
        assert_eq!(words, ["nice", "a b", "decode=a set", "-n1000x4"]);
        for wrong in ["no command", "=x", " = x", "x=", "x=  ", "x='open"] {
            assert!(wrong.parse::<Peer>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn peer_that_answers_is_understood_and_gets_its_order() {
        let answer = run("sh -c 'echo hello; echo \"{\\\"frames\\\": {bins}, \\\"seconds\\\": {seconds}}\"'", 60.0);
        assert_eq!(answer.unwrap(), Answer { frames: 1000, wall_s: 0.0005, cpu_s: None });
    }

    #[test]
    fn peer_that_cannot_be_used_says_why() {
        assert!(run("/there/is/no/such/program", 60.0).unwrap_err().is_absence());
        assert!(run("sh -c 'exit 127'", 60.0).unwrap_err().is_absence());
        let missing = "sh -c 'echo \"ModuleNotFoundError: No module named x\" >&2; exit 1'";
        assert!(run(missing, 60.0).unwrap_err().is_absence());
        let failed = run("sh -c 'echo first >&2; echo the reason >&2; exit 4'", 60.0).unwrap_err();
        assert!(!failed.is_absence() && failed.to_string().ends_with("the reason"), "{failed}");
        assert!(matches!(run("sh -c 'kill -9 $$'", 60.0), Err(PeerError::Failed { .. })));
        assert!(matches!(run("echo ready", 60.0), Err(PeerError::Contract(ContractError::NoObject(_)))));
        assert!(matches!(run("true", 60.0), Err(PeerError::Contract(ContractError::Silent))));
        assert!(matches!(run("cat /dev/zero", 60.0), Err(PeerError::Floods)));
    }

    #[test]
    fn peer_that_hangs_is_ended_with_what_it_started() {
        let started = Instant::now();
        let hung = run("sh -c 'sleep 600 & sleep 600'", 0.2).unwrap_err();
        assert!(matches!(hung, PeerError::TimedOut(_)), "{hung}");
        let peer: Peer = "it=sleep 600".parse().unwrap();
        assert!(matches!(peer.run(&order(600.0), &[], &AtomicBool::new(true)), Err(PeerError::Stopped)));
        assert!(started.elapsed() < Duration::from_secs(300));
    }
}
