//! Real frames. They are not part of the project: tests that want one ask for it, and say so when it is not there.

use std::path::PathBuf;

/// The project's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A real file, from the folder that `DEBYE_DATA` names or else from `../shared/data` beside the project. When it is
/// not there, says "skipped" with the test's name.
pub fn real(test: &str, file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("DEBYE_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let path = folder.join(file);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: {test}: {file} is not there (set DEBYE_DATA to the folder that holds it)");
    None
}
