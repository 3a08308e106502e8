//! The command `debye`, as a person or a script calls it.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The built command. Cargo builds binaries only for the tests of their own package: this asks it, once, by the alias of
/// `.cargo/config.toml`.
pub fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build-command", "--quiet"])
            .current_dir(crate::data::root())
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the command is built");
        // The tests' own executable stands in <target>/<profile>/deps.
        let tests = std::env::current_exe().expect("a test has an executable");
        let folder = tests.ancestors().nth(2).expect("deps has a folder above it");
        folder.join("debye")
    })
}

/// Runs the command with `args`.
pub fn debye<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    Command::new(binary()).args(args).output().expect("the command starts")
}

/// Standard output of a run that must have worked.
pub fn debye_ok<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    let output = debye(args);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "debye failed with {}: {error}", output.status);
    String::from_utf8(output.stdout).expect("output is UTF-8")
}
