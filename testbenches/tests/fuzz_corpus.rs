//! What fuzzing found interesting, run again, and changed at random. `testbenches/fuzz/pack.py` makes the corpora of it.

use debye_testbenches::content::rng;
use debye_testbenches::data::root;
use debye_testbenches::fuzz::TARGETS;
use rand::{Rng, RngExt};

/// The cases of a packed corpus: each is its length (u32, little-endian) and its bytes.
fn cases(mut packed: &[u8]) -> Vec<&[u8]> {
    let mut cases = Vec::new();
    while let Some((length, rest)) = packed.split_first_chunk() {
        let (case, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        cases.push(case);
        packed = rest;
    }
    assert!(packed.is_empty(), "the corpus ends with a whole case");
    cases
}

fn corpus(name: &str) -> Vec<u8> {
    let path = root().join("testbenches/vectors/fuzz").join(name).with_extension("corpus");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// With DEBYE_SOAK set: a minute a target.
#[test]
fn fuzz_corpus_changed_at_random_holds() {
    let soak = std::env::var_os("DEBYE_SOAK").is_some();
    for (name, body) in TARGETS {
        let packed = corpus(name);
        let cases = cases(&packed);
        let (mut rng, started, mut executions) = (rng(7), std::time::Instant::now(), 0u64);
        while executions < 500 || (soak && started.elapsed().as_secs() < 60) {
            let mut case = cases[rng.random_range(0..cases.len())].to_vec();
            for _ in 0..rng.random_range(1..6) {
                match rng.random_range(0..8) {
                    0 => case.truncate(rng.random_range(0..=case.len())),
                    1 => case.push(rng.next_u32() as u8),
                    _ if case.is_empty() => {}
                    n => {
                        let at = rng.random_range(0..case.len());
                        let value = [rng.next_u32() as u8, 0, 0xff, case[at] ^ 1 << (n % 8)][n % 4];
                        case[at] = value;
                    }
                }
            }
            let held = std::panic::catch_unwind(|| body(&case)).is_ok();
            assert!(held, "{name}: {case:02x?}");
            executions += 1;
        }
        println!("{name}: {executions} executions");
    }
}

#[test]
fn fuzz_corpus_every_case_holds() {
    for (name, body) in TARGETS {
        let packed = corpus(name);
        let cases = cases(&packed);
        assert!(cases.len() > 20, "{name}: {} cases", cases.len());
        for (number, case) in cases.into_iter().enumerate() {
            let held = std::panic::catch_unwind(|| body(case)).is_ok();
            assert!(held, "{name}: case {number}");
        }
    }
}
