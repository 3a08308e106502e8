//! Any bytes as a table file: an error, or a table that passes every check. The hash at the end is put right half of
//! the time, so that what is behind it is reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|input: (bool, &[u8])| {
    let mut bytes = input.1.to_vec();
    if input.0 {
        let hash = Sha256::digest(&bytes);
        bytes.extend_from_slice(&hash);
    }
    if let Ok(table) = debye::table::file::parse(&bytes, "fuzz.table") {
        table.spec().check().expect("a table that was taken is sound");
    }
});
