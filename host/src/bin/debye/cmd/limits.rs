//! Limits that the system sets.

/// Makes a write beyond the limit on a file's size (`ulimit -f`, as batch systems set it) an error that can be told and
/// cleaned up after; by default the signal SIGXFSZ ends the process on the spot.
pub fn tell_file_size_limit() {
    // SAFETY: sets a disposition, before any thread is started; no handler runs.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}
