//! A bench for bad input: a folder with a good scan and a good geometry, the real command run in it, and a listing of
//! what the command said, to be held against a snapshot.
//!
//! Every case is held to more than its message: it ends by itself within [`SECONDS`] and [`KIBIBYTES`] of memory,
//! does not panic, and when it fails it leaves the folder as it was.
#![allow(dead_code)]

pub mod chunks;
pub mod files;

use debye_testbenches::command;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Rows and columns of the frames: of different lengths, and not a multiple of 8 pixels in all, so that chunks have a
/// tail.
pub const SHAPE: [usize; 2] = [15, 23];

/// A case that takes longer hangs.
const SECONDS: &str = "60";

/// Address space of a case: files of a few kilobytes must not make the command take more.
const KIBIBYTES: &str = "4194304";

/// See the module.
pub struct Bench {
    folder: tempfile::TempDir,
    listing: String,
    cases: usize,
}

/// What a case ended with.
pub struct Told {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Bench {
    /// A bench with `scan.h5` (three sound frames) and `good.poni`.
    pub fn new() -> Bench {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let bench = Bench { folder, listing: String::new(), cases: 0 };
        let good = chunks::good();
        files::scan(&bench.path("scan.h5"), &[Some(&good), Some(&good), Some(&good)]);
        bench.write("good.poni", files::PONI);
        bench
    }

    /// A file of the bench.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the bench.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).expect("the temporary folder takes files");
    }

    /// The bytes of a file of the bench.
    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Names of all files, hidden ones too, in this folder and those in it.
    pub fn files(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder of the bench").map(|entry| entry.expect("entry")) {
                let path = entry.path();
                if entry.file_type().expect("type").is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path);
            }
        }
        found
    }

    /// Runs `debye` with the words of `line`, in the folder, and adds what it says to the listing. Names in the
    /// listing are as they were given; the folder's own name becomes `[DIR]`.
    pub fn case(&mut self, what: &str, line: &str) -> Told {
        let told = self.silent(what, line);
        let _ = writeln!(self.listing, "{what}\n  $ debye {line}\n  -> {}", ending(told.code));
        for text in told.stderr.lines().filter(|text| !text.trim().is_empty()) {
            let _ = writeln!(self.listing, "  {text}");
        }
        self.listing.push('\n');
        told
    }

    /// As [`Bench::case`], with what stands on standard output listed, too.
    pub fn case_with_output(&mut self, what: &str, line: &str) -> Told {
        let told = self.case(what, line);
        self.listing.pop();
        for text in told.stdout.lines().filter(|text| !text.trim().is_empty()) {
            let _ = writeln!(self.listing, "  | {text}");
        }
        self.listing.push('\n');
        told
    }

    /// As [`Bench::case`], without a word in the listing.
    pub fn silent(&mut self, what: &str, line: &str) -> Told {
        self.run(what, line, &[], self.binary())
    }

    /// As [`Bench::case`], through a command that runs `debye` in its turn (`unshare`, `setpriv`, ...), listed as if
    /// it were not there.
    pub fn case_through(&mut self, what: &str, through: &[&str], binary: &Path, line: &str) -> Told {
        let told = self.run(what, line, through, binary.into());
        let _ = writeln!(self.listing, "{what}\n  $ debye {line}\n  -> {}", ending(told.code));
        for text in told.stderr.lines().filter(|text| !text.trim().is_empty()) {
            let _ = writeln!(self.listing, "  {text}");
        }
        self.listing.push('\n');
        told
    }

    fn binary(&self) -> PathBuf {
        command::binary().canonicalize().expect("the command is built")
    }

    fn run(&mut self, what: &str, line: &str, through: &[&str], binary: PathBuf) -> Told {
        self.cases += 1;
        let before = self.files();
        let limited = format!("ulimit -v {KIBIBYTES} && exec \"$@\"");
        let mut words = vec!["timeout", SECONDS];
        words.extend(through);
        words.extend(["sh", "-c", &limited, "sh", binary.to_str().expect("a path in UTF-8")]);
        words.extend(line.split_whitespace());
        let output = Command::new(words[0])
            .args(&words[1..])
            .current_dir(self.folder.path())
            // Pools as wide as a large machine would take the address space for their stacks.
            .env("RAYON_NUM_THREADS", "2")
            // A command that another test starts while this one writes a file inherits HDF5's lock on it.
            .env("HDF5_USE_FILE_LOCKING", "FALSE")
            .stdin(Stdio::null())
            .output()
            .expect("coreutils' timeout runs");
        let told = self.told(&output);
        assert_ne!(told.code, Some(124), "{what}: hangs");
        assert!(told.code.is_some(), "{what}: ended by a signal: {}", told.stderr);
        assert!(!told.stderr.contains("panicked"), "{what}: {}", told.stderr);
        let after = self.files();
        let part = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "part");
        assert_eq!(after.iter().find(part), None, "{what}: a temporary file is left");
        if matches!(told.code, Some(1 | 2)) {
            assert_eq!(before, after, "{what}: a failed command changed the folder");
            assert!(told.stderr.contains("error: ") || !told.stdout.is_empty(), "{what}: fails without a word");
        }
        told
    }

    fn told(&self, output: &Output) -> Told {
        let folder = self.folder.path();
        let real = folder.canonicalize().expect("the folder is there");
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            hide_hashes(&text.replace(&*real.to_string_lossy(), "[DIR]").replace(&*folder.to_string_lossy(), "[DIR]"))
        };
        Told { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// The listing of at least `least` cases.
    pub fn listing(self, least: usize) -> String {
        assert!(self.cases >= least, "{} cases of {least} were run", self.cases);
        self.listing
    }
}

fn ending(code: Option<i32>) -> String {
    code.map_or("killed".into(), |code| format!("exit code {code}"))
}

/// Hashes of tables hold the last bits of sines, which are the mathematical library's own.
fn hide_hashes(text: &str) -> String {
    let hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words
        .map(|word| {
            let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            if hash(bare) { word.replace(bare, "[SHA-256]") } else { word.to_owned() }
        })
        .collect()
}
