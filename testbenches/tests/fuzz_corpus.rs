//! What fuzzing found interesting, run again. `testbenches/fuzz/pack.py` makes the corpora of it.

use debye_testbenches::data::root;
use debye_testbenches::fuzz::TARGETS;

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

#[test]
fn fuzz_corpus_every_case_holds() {
    for (name, body) in TARGETS {
        let path = root().join("testbenches/vectors/fuzz").join(name).with_extension("corpus");
        let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let cases = cases(&packed);
        assert!(cases.len() > 20, "{name}: {} cases", cases.len());
        for (number, case) in cases.into_iter().enumerate() {
            let held = std::panic::catch_unwind(|| body(case)).is_ok();
            assert!(held, "{name}: case {number}");
        }
    }
}
