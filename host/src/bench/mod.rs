//! Measuring the CPU's way through a frame: each stage alone, and the whole against programs that we did not write.
//!
//! ```text
//! set       frames in a folder, as contenders read them
//! contract  what a contender prints when it is done
//! peer      a command line that obeys the contract, run with a time-out
//! rounds    contenders in turn, compared round by round
//! stages    seconds a frame of each stage, with each set of kernels
//! ```
//!
//! What is compared is processor time: other jobs on the machine then weigh least.

pub mod contract;
pub mod peer;
pub mod rounds;
pub mod set;
pub mod stages;

use std::time::Duration;

/// Processor time of this process, all threads together.
pub fn processor_time() -> Duration {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// Processor time of this thread.
pub fn thread_time() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn clock(id: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes the structure that is given.
    unsafe { libc::clock_gettime(id, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The median of some numbers; 0 of none. They are sorted by it.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.len() % 2, values.get(middle)) {
        (_, None) => 0.0,
        (0, Some(above)) => (values[middle - 1] + above) / 2.0,
        (_, Some(&middle)) => middle,
    }
}
