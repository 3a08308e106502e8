//! `debye card serve`, as a person or a service manager calls it.

use debye_spec::registers::IDENTITY;
use debye_testbenches::command;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// A card that is served by a process.
struct Served {
    process: Child,
    lines: BufReader<ChildStdout>,
    socket: PathBuf,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn arguments<'a>(socket: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let socket = socket.to_str().expect("a plain name");
    [&["card", "serve", "--json", "--socket", socket], more].concat()
}

impl Served {
    /// Starts it and waits until it listens.
    fn start(socket: PathBuf, more: &[&str]) -> Served {
        let mut command = Command::new(command::binary());
        command.args(arguments(&socket, more)).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the command starts");
        let lines = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut served = Served { process, lines, socket };
        assert_eq!(served.told()["event"], "listening");
        served
    }

    fn told(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn code(&mut self) -> Option<i32> {
        self.process.wait().expect("it ends").code()
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Says hello and reads the first register.
    fn identity(&self) -> (UnixStream, u32) {
        let mut stream = UnixStream::connect(&self.socket).expect("somebody listens");
        let mut ask = |command: u16, body: &[u8]| {
            let size = 16 + body.len() as u32;
            let head = [&[7, 0][..], &command.to_le_bytes(), &size.to_le_bytes(), &[0; 8]].concat();
            stream.write_all(&[&head, body].concat()).expect("it is taken");
            let mut head = [0; 16];
            stream.read_exact(&mut head).expect("an answer");
            let mut answer = vec![0; u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize - 16];
            stream.read_exact(&mut answer).expect("an answer");
            answer
        };
        ask(1, b"\0\0\x01\0{\"capabilities\":{}}\0");
        // Region 0, offset 0, 4 bytes.
        let answer = ask(9, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0]);
        let word = answer[16..].first_chunk().map(|&word| u32::from_le_bytes(word));
        (stream, word.expect("4 bytes"))
    }
}

fn refused(socket: &Path, more: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command::debye(arguments(socket, more));
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn card_serve_ends_cleanly_on_signals_with_and_without_a_client() {
    let folder = tempfile::tempdir().expect("a folder");
    for (signal, connected) in [("TERM", false), ("INT", true)] {
        let mut served = Served::start(folder.path().join("card"), &["--queues", "2"]);
        let client = connected.then(|| served.identity());
        assert!(client.as_ref().is_none_or(|(_, identity)| *identity == IDENTITY));
        served.signal(signal);
        assert_eq!(served.code(), Some(0), "{signal}");
        assert!(!served.socket.exists(), "{signal}");
    }
}

#[test]
fn card_serve_several_cards_stand_side_by_side_and_a_taken_socket_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = ["a", "b"].map(|name| Served::start(folder.path().join(name), &[]));
    let clients: Vec<_> = served.iter().map(Served::identity).collect();
    assert!(clients.iter().all(|(_, identity)| *identity == IDENTITY));
    let (code, told) = refused(&served[0].socket, &[]);
    assert_eq!(code, Some(1));
    assert!(told.contains("another server listens on this socket"), "{told}");
}

#[test]
fn card_serve_killed_leaves_a_socket_that_the_next_one_replaces() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("card");
    let mut served = Served::start(socket.clone(), &[]);
    served.signal("KILL");
    assert_eq!(served.code(), None);
    assert!(socket.exists());
    let mut served = Served::start(socket.clone(), &["--once"]);
    // A connection that asks nothing is no client.
    drop(UnixStream::connect(&socket).expect("somebody listens"));
    drop(served.identity());
    assert_eq!(served.told()["event"], "client gone");
    assert_eq!(served.code(), Some(0));
    assert!(!socket.exists());
}

#[test]
fn card_serve_wrong_arguments_say_what_to_give() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("card");
    let cases: [(&[&str], &str); 6] = [
        (&["--fault", "explode"], "known are corrupt-result"),
        (&["--fault", "hang,count=3"], "it takes after=N, seed=S, rate=R"),
        (&["--block", "3000"], "give a power of two from 1024"),
        (&["--bins", "100"], "give a power of two from 8"),
        (&["--queues", "9"], "9 is not in 1..=8"),
        (&["--lanes", "49"], "49 is not in 1..=48"),
    ];
    for (more, expected) in cases {
        let (code, told) = refused(&socket, more);
        assert_eq!(code, Some(2), "{more:?}");
        assert!(told.contains(expected), "{more:?}: {told}");
    }
    let help = command::debye_ok(["card", "serve", "--help"]);
    for name in ["corrupt-result", "wild-completion", "seed=S,rate=R"] {
        assert!(help.contains(name), "{name}");
    }
    std::fs::write(&socket, "mine").expect("a file");
    let (code, told) = refused(&socket, &[]);
    assert_eq!(code, Some(1));
    assert!(told.contains("this is no socket"), "{told}");
}
