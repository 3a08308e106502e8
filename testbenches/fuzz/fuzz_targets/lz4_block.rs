//! Any bytes as an LZ4 block: the fast decoder and the definition agree, on the bytes or on the fault.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &[u8])| {
    let (size, block) = (input.0 as usize, input.1);
    let (mut ours, mut theirs) = (vec![0; size], vec![0; size]);
    let a = debye::codec::lz4::decode(block, &mut ours);
    let b = debye_spec::lz4::decode(block, &mut theirs);
    assert_eq!(a, b);
    if a.is_ok() {
        assert_eq!(ours, theirs);
    }
});
