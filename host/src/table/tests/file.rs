//! The table file.

use super::*;
use crate::beside::BesideError;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

fn bytes_of(table: &Table) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table");
    save(table, &path, false).unwrap();
    std::fs::read(path).unwrap()
}

/// Puts the right hash behind changed bytes.
fn seal(bytes: &mut [u8]) {
    let (body, hash) = bytes.split_at_mut(bytes.len() - 32);
    hash.copy_from_slice(&Sha256::digest(&*body));
}

type Change = fn(&mut Table);

/// Changes a built table, saves it as it is, and says why it is refused.
fn refusal(change: Change) -> String {
    let mut table = build(&small()).unwrap();
    change(&mut table);
    parse(&bytes_of(&table), "t").unwrap_err().to_string()
}

#[test]
fn load_what_save_wrote_is_the_table_and_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    for (name, request) in [("line", request()), ("cake", small())] {
        let table = build(&request).unwrap();
        let path = folder.path().join(name);
        save(&table, &path, false).unwrap();
        assert_eq!(load(&path).unwrap(), table);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes[bytes.len() - 32..], table.hash);
        assert_eq!(table.hash_hex().len(), 64);
    }
    assert_ne!(build(&request()).unwrap().hash, build(&small()).unwrap().hash);
}

#[test]
fn save_over_an_existing_file_needs_leave() {
    let folder = tempfile::tempdir().unwrap();
    let (path, table) = (folder.path().join("table"), build(&small()).unwrap());
    std::fs::write(&path, "other").unwrap();
    assert!(matches!(save(&table, &path, false), Err(TableFileError::Target(BesideError::Exists(_)))));
    save(&table, &path, true).unwrap();
    assert_eq!(load(&path).unwrap(), table);
}

#[test]
fn parse_one_flipped_bit_anywhere_is_refused() {
    let mut bytes = bytes_of(&build(&small()).unwrap());
    for byte in 0..bytes.len() {
        bytes[byte] ^= 1 << (byte % 8);
        assert!(parse(&bytes, "t").is_err(), "byte {byte}");
        bytes[byte] ^= 1 << (byte % 8);
    }
    parse(&bytes, "t").unwrap();
}

#[test]
fn parse_cut_anywhere_is_refused() {
    let bytes = bytes_of(&build(&small()).unwrap());
    for length in 0..bytes.len() {
        let error = parse(&bytes[..length], "t").unwrap_err();
        let expected = if length < 8 { "NotATable" } else { "Truncated" };
        assert!(format!("{error:?}").starts_with(expected), "{length}: {error:?}");
    }
}

#[test]
fn parse_hostile_bytes_with_the_right_hash_never_panic() {
    let good = bytes_of(&build(&small()).unwrap());
    let mut random = ChaCha8Rng::seed_from_u64(20);
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut bytes = good.clone();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(8..bytes.len() - 32);
            bytes[at] = *[0, 1, 0x7f, 0x80, 0xff, random.random()].get(random.random_range(0..6usize)).unwrap();
        }
        seal(&mut bytes);
        match parse(&bytes, "t") {
            Ok(table) => table.spec().check().unwrap(),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 10_000, "{refused}");
}

#[test]
fn parse_another_version_or_other_files_are_named() {
    let mut bytes = bytes_of(&build(&small()).unwrap());
    bytes[8] = 2;
    seal(&mut bytes);
    let error = parse(&bytes, "old.table").unwrap_err().to_string();
    assert_eq!(error, "table file old.table has layout version 2, this build reads 1: build the table anew");
    let error = parse(b"poni_version: 2", "x.poni").unwrap_err().to_string();
    assert_eq!(error, "x.poni is not a table file: it does not begin with DEBYETAB");
}

#[test]
fn parse_a_length_that_lies_is_refused_before_memory_is_taken() {
    let table = build(&small()).unwrap();
    let mut bytes = bytes_of(&table);
    let description = serde_json::to_vec(&table.description).unwrap().len();
    let edges = 8 + 4 + 8 + description + 4;
    bytes[edges..edges + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    seal(&mut bytes);
    let error = parse(&bytes, "t").unwrap_err().to_string();
    assert!(error.contains("the radial edges at byte") && error.contains("18446744073709551615 bytes"), "{error}");
    let mut long = bytes_of(&table);
    long.push(0);
    assert!(matches!(parse(&long, "t"), Err(TableFileError::TrailingBytes { extra: 1, .. })));
}

#[test]
fn parse_parts_that_contradict_each_other_are_refused() {
    let cases: [(Change, &str); 15] = [
        (|t| t.description.shape = [9, 10], "rows x columns"),
        (|t| t.description.shape = [usize::MAX, 10], "rows x columns"),
        (|t| t.description.radial_bins = 7, "not one a bin"),
        (|t| t.description.radial_bins = usize::MAX, "not one a bin"),
        (|t| t.description.caked = false, "1D pattern has azimuthal bins"),
        (|t| t.radial_edges[2] = t.radial_edges[1], "radial edges do not rise"),
        (|t| t.radial_edges[2] = f64::NAN, "radial edges do not rise"),
        (|t| t.azimuth_edges.push(200.0), "azimuthal edges do not fit"),
        (|t| t.description.masked_pixels = 0, "number of masked pixels"),
        (|t| t.description.flat_masked_pixels = 2, "masked by the flat field"),
        (|t| t.norm.truncate(79), "not one a pixel"),
        (|t| t.norm[0] = u64::MAX, "too large"),
        (|t| t.norm[33] = 1, "a masked pixel has a normalisation"),
        (|t| t.norm_exponent = i32::MAX, "exponent"),
        (|t| t.full_norm[4] += 1, "full sums"),
    ];
    for (change, message) in cases {
        let error = refusal(change);
        assert!(error.contains("contradicts itself") && error.contains(message), "{error:?} says no {message:?}");
    }
}

#[test]
fn parse_a_table_that_breaks_a_rule_is_refused() {
    let error = refusal(|t| t.entries[0] = debye_spec::Entry::new(5000, 64));
    assert!(error.contains("there is no bin 5000"), "{error}");
    assert!(refusal(|t| t.starts[1] = 5000).contains("start indices"));
    assert!(refusal(|t| t.masked.swap(32, 33)).contains("normalisation"));
}

#[test]
fn load_a_file_that_is_not_there_says_so() {
    let error = load(std::path::Path::new("/nowhere/table")).unwrap_err().to_string();
    assert!(error.starts_with("cannot read the table file /nowhere/table"), "{error}");
}
