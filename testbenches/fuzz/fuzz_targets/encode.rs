#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| debye_testbenches::fuzz::encode(data));
