//! Any text as a PONI file: an error or a geometry that is sound and survives being written and read again.
#![no_main]

use debye::geometry::poni;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(geometry) = poni::parse(text, "fuzz.poni") {
        assert!(geometry.distance > 0.0 && geometry.distance.is_finite());
        assert!(geometry.detector.pixel1 > 0.0 && geometry.detector.pixel2 > 0.0);
        let again = poni::parse(&poni::format(&geometry), "again.poni").expect("what we write we read");
        assert_eq!(geometry, again);
    }
});
