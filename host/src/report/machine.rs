//! What a report ran on.

use crate::cpu::Kernels;
use serde::{Deserialize, Serialize};
use std::fs;

/// A machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Threads that it offers to this process.
    pub threads: usize,
    /// Kernels that are used.
    pub kernels: String,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Kernel and release.
    pub system: String,
}

impl Machine {
    /// This one; what is not known is empty.
    pub fn here() -> Machine {
        let line = |path: &str, name: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let value = text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
            value.map_or_else(String::new, |(_, value)| value.trim().to_owned())
        };
        let kilobytes = line("/proc/meminfo", "MemTotal");
        let kilobytes: u64 = kilobytes.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        let word = |name: &str| fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default();
        let system = format!("{} {}", word("ostype").trim(), word("osrelease").trim());
        Machine {
            processor: line("/proc/cpuinfo", "model name"),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            kernels: Kernels::of_process().level().name().into(),
            memory_bytes: kilobytes * 1024,
            system: system.trim().into(),
        }
    }
}
