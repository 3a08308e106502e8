//! CCD and CMOS cameras without gaps: ADSC Quantum (`pyFAI/detectors/_adsc.py`) and those of `_others.py`.

use super::Entry;

#[rustfmt::skip]
pub(super) const TABLE: &[Entry] = &[
    Entry::new("ADSC_Q315", &["Quantum 315"], [6144, 6144], 51e-6),
    Entry::new("ADSC_Q210", &["Quantum 210"], [4096, 4096], 51e-6),
    Entry::new("ADSC_Q270", &["Quantum 270"], [4168, 4168], 51e-6),
    Entry::new("ADSC_Q4", &["Quantum 4"], [2304, 2304], 51e-6),
    Entry::new("Fairchild", &["Fairchild", "Condor", "Fairchild Condor 486:90"], [4096, 4096], 15e-6),
    Entry::new("Titan", &["Titan 2k x 2k", "OXD Titan", "Agilent Titan"], [2048, 2048], 60e-6),
    Entry::new("Apex2", &["ApexII", "Bruker"], [1024, 1024], 120e-6),
    Entry::new("Basler", &["aca1300"], [966, 1296], 3.75e-6),
    Entry::new("RaspberryPi5M", &["Picam v1"], [1944, 2592], 1.4e-6),
    Entry::new("RaspberryPi8M", &["Picam v2"], [2464, 3280], 1.12e-6),
    Entry::new("RaspberryPi12M", &["Picam HQ"], [3040, 4056], 1.55e-6),
];
