//! Other pixel detectors and flat panels: X-Spectrum Lambda (`pyFAI/detectors/_xspectrum.py`), ESRF Maxipix
//! (`_esrf.py`), ADSC HF (`_adsc.py`), and the panels of `_others.py`.

use super::{Entry, Pixels};
use crate::geometry::gaps::{Gaps, Grid};

const CHIPS: Grid = Grid { module: [256, 256], gap: [4, 4], centre: [0, 0] };

const fn lambda(class: &'static str, aliases: &'static [&'static str], shape: [usize; 2]) -> Entry {
    Entry::new(class, aliases, shape, 55e-6).gaps(Gaps::Grid(CHIPS))
}

const fn halved(unbinned: f64) -> Pixels {
    Pixels::Multiples { unbinned: [unbinned, unbinned], usual: [2.0 * unbinned, 2.0 * unbinned] }
}

#[rustfmt::skip]
pub(super) const TABLE: &[Entry] = &[
    lambda("Lambda60k", &["Lambda 60k"], [256, 256]),
    lambda("Lambda250k", &["Lambda 250k"], [516, 516]),
    lambda("Lambda750k", &["Lambda 750k"], [516, 1556]),
    lambda("Lambda2M", &["Lambda 2M"], [1556, 1556]),
    lambda("Lambda7M5", &["Lambda 7.5M"], [2596, 2596]),
    lambda("Lambda10M", &["Lambda 10M"], [2596, 4676]),
    // Its modules stand differently in every copy: it needs a mask of its own.
    Entry::new("Lambda9M", &["Lambda 9M"], [3868, 3227], 55e-6),
    lambda("Maxipix", &["Maxipix 1x1"], [256, 256]),
    lambda("Maxipix2x2", &["Maxipix 2x2"], [516, 516]),
    lambda("Maxipix5x1", &["Maxipix 5x1"], [256, 1296]),
    Entry::new("HF_130K", &["HF-130k"], [256, 512], 150e-6),
    Entry::new("HF_262k", &["HF-262k"], [512, 512], 150e-6),
    Entry::new("HF_1M", &["HF-1M"], [1024, 1024], 150e-6),
    Entry::new("HF_2M", &["HF-2.4M"], [1536, 1536], 150e-6),
    Entry::new("HF_4M", &["HF-4M"], [2048, 2048], 150e-6),
    Entry::new("HF_9M", &["HF-9.4M"], [3072, 3072], 150e-6),
    Entry::new("Mythen", &["Mythen 1280"], [1, 1280], 50e-6)
        .pixels(Pixels::Multiples { unbinned: [8e-3, 50e-6], usual: [8e-3, 50e-6] }),
    // These two are read out binned 2 x 2 unless told otherwise.
    Entry::new("Perkin", &["Perkin detector", "Perkin Elmer"], [4096, 4096], 100e-6).pixels(halved(100e-6)),
    Entry::new("Pixium", &["Pixium 4700", "Pixium 4700 detector", "Thales Electronics"], [1910, 2480], 154e-6)
        .pixels(halved(154e-6)),
    Entry::new("Dexela2923", &["Dexela 2923"], [3888, 3072], 75e-6),
    Entry::new("Mar555", &["MAR 555"], [3072, 2560], 139e-6),
];
