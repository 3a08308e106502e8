#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| debye_fuzz::bodies::manifest(data));
