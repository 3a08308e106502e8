//! Of the host, what judges a completion needs one file only. With that by itself this target is built within a minute,
//! where the others need all of the host, HDF5 with it.
#![no_main]

extern crate self as debye;

#[path = "../../../host/src/card/completion.rs"]
pub mod judge;

pub mod card {
    pub use crate::judge as completion;
}

#[path = "../../src/fuzz/completion.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::completion(data));
