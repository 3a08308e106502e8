//! Dectris (`pyFAI/detectors/_dectris.py`).

use super::Entry;
use crate::geometry::gaps::{Gaps, Grid};

const EIGER: Grid = Grid { module: [514, 1030], gap: [37, 10], centre: [0, 0] };
const EIGER2: Grid = Grid { module: [512, 1028], gap: [38, 12], centre: [0, 0] };
const PILATUS: Grid = Grid { module: [195, 487], gap: [17, 7], centre: [0, 0] };
const PILATUS4: Grid = Grid { module: [255, 513], gap: [20, 7], centre: [0, 0] };
// The two crystals of a CdTe module leave columns between them.
const EIGER2_CDTE: Grid = Grid { centre: [1, 1], ..EIGER2 };
const PILATUS_CDTE: Grid = Grid { centre: [1, 2], ..PILATUS };
const PILATUS4_CDTE: Grid = Grid { centre: [0, 1], ..PILATUS4 };

const fn eiger(class: &'static str, aliases: &'static [&'static str], shape: [usize; 2]) -> Entry {
    Entry::new(class, aliases, shape, 75e-6).gaps(Gaps::Grid(EIGER))
}

const fn eiger2(class: &'static str, aliases: &'static [&'static str], shape: [usize; 2]) -> Entry {
    Entry::new(class, aliases, shape, 75e-6).gaps(Gaps::Grid(EIGER2))
}

const fn eiger2_cdte(class: &'static str, aliases: &'static [&'static str], shape: [usize; 2]) -> Entry {
    Entry::new(class, aliases, shape, 75e-6).gaps(Gaps::Grid(EIGER2_CDTE))
}

const fn pilatus(class: &'static str, aliases: &'static [&'static str], shape: [usize; 2]) -> Entry {
    Entry::new(class, aliases, shape, 172e-6).gaps(Gaps::Grid(PILATUS))
}

const fn pilatus_cdte(class: &'static str, aliases: &'static [&'static str], shape: [usize; 2]) -> Entry {
    Entry::new(class, aliases, shape, 172e-6).gaps(Gaps::Grid(PILATUS_CDTE))
}

const fn pilatus4(class: &'static str, aliases: &'static [&'static str], shape: [usize; 2]) -> Entry {
    Entry::new(class, aliases, shape, 150e-6).gaps(Gaps::Grid(PILATUS4))
}

const fn pilatus4_cdte(class: &'static str, aliases: &'static [&'static str], shape: [usize; 2]) -> Entry {
    Entry::new(class, aliases, shape, 150e-6).gaps(Gaps::Grid(PILATUS4_CDTE))
}

#[rustfmt::skip]
pub(super) const TABLE: &[Entry] = &[
    Entry::family("Eiger", 75e-6).gaps(Gaps::Grid(EIGER)),
    eiger("Eiger500k", &["Eiger 500k"], [514, 1030]),
    eiger("Eiger1M", &["Eiger 1M"], [1065, 1030]),
    eiger("Eiger4M", &["Eiger 4M"], [2167, 2070]),
    eiger("Eiger9M", &["Eiger 9M"], [3269, 3110]),
    eiger("Eiger16M", &["Eiger 16M"], [4371, 4150]),
    Entry::family("Eiger2", 75e-6).gaps(Gaps::Grid(EIGER2)),
    eiger2("Eiger2_250k", &["Eiger2 250k"], [512, 512]),
    eiger2("Eiger2_500k", &["Eiger2 500k"], [512, 1028]),
    eiger2("Eiger2_1M", &["Eiger2 1M"], [1062, 1028]),
    eiger2("Eiger2_1MW", &["Eiger2 1M-W"], [512, 2068]),
    eiger2("Eiger2_2MW", &["Eiger2 2M-W"], [512, 4148]),
    eiger2("Eiger2_4M", &["Eiger2 4M"], [2162, 2068]),
    eiger2("Eiger2_9M", &["Eiger2 9M"], [3262, 3108]),
    eiger2("Eiger2_16M", &["Eiger2 16M"], [4362, 4148]),
    Entry::family("Eiger2CdTe", 75e-6).gaps(Gaps::Grid(EIGER2_CDTE)),
    eiger2_cdte("Eiger2CdTe_500k", &["Eiger2 CdTe 500k"], [512, 1028]),
    eiger2_cdte("Eiger2CdTe_1M", &["Eiger2 CdTe 1M"], [1062, 1028]),
    eiger2_cdte("Eiger2CdTe_1MW", &["Eiger2 CdTe 1M-W"], [512, 2068]),
    eiger2_cdte("Eiger2CdTe_2MW", &["Eiger2 CdTe 2M-W"], [512, 4148]),
    eiger2_cdte("Eiger2CdTe_4M", &["Eiger2 CdTe 4M"], [2162, 2068]),
    eiger2_cdte("Eiger2CdTe_9M", &["Eiger2 CdTe 9M"], [3262, 3108]),
    eiger2_cdte("Eiger2CdTe_16M", &["Eiger2 CdTe 16M"], [4362, 4148]),
    Entry::family("Pilatus", 172e-6).gaps(Gaps::Grid(PILATUS)),
    pilatus("Pilatus100k", &["Pilatus 100k"], [195, 487]),
    pilatus("Pilatus200k", &["Pilatus 200k"], [407, 487]),
    pilatus("Pilatus300k", &["Pilatus 300k"], [619, 487]),
    pilatus("Pilatus300kw", &["Pilatus 300kw"], [195, 1475]),
    pilatus("Pilatus900k", &["Pilatus 900k"], [619, 1475]),
    pilatus("Pilatus1M", &["Pilatus 1M"], [1043, 981]),
    pilatus("Pilatus2M", &["Pilatus 2M"], [1679, 1475]),
    pilatus("Pilatus6M", &["Pilatus 6M"], [2527, 2463]),
    Entry::family("PilatusCdTe", 172e-6).gaps(Gaps::Grid(PILATUS_CDTE)),
    pilatus_cdte("PilatusCdTe300k", &["Pilatus CdTe 300k", "Pilatus 300k CdTe"], [619, 487]),
    pilatus_cdte("PilatusCdTe300kw", &["Pilatus CdTe 300kw", "Pilatus 300kw CdTe"], [195, 1475]),
    pilatus_cdte("PilatusCdTe900kw", &["Pilatus CdTe 900kw", "Pilatus 900kw CdTe"], [195, 4439]),
    pilatus_cdte("PilatusCdTe1M", &["Pilatus CdTe 1M", "Pilatus 1M CdTe"], [1043, 981]),
    pilatus_cdte("PilatusCdTe2M", &["Pilatus CdTe 2M", "Pilatus 2M CdTe"], [1679, 1475]),
    Entry::family("Pilatus4", 150e-6).gaps(Gaps::Grid(PILATUS4)),
    pilatus4("Pilatus4_1M", &["Pilatus4 1M"], [1080, 1033]),
    pilatus4("Pilatus4_2M", &["Pilatus4 2M"], [1630, 1553]),
    pilatus4("Pilatus4_4M", &["Pilatus4 4M"], [2180, 2073]),
    pilatus4("Pilatus4_260k", &["Pilatus4 260k"], [530, 513]),
    pilatus4("Pilatus4_260kw", &["Pilatus4 260kw"], [255, 1033]),
    Entry::family("Pilatus4_CdTe", 150e-6).gaps(Gaps::Grid(PILATUS4_CDTE)),
    pilatus4_cdte("Pilatus4_CdTe_1M", &["Pilatus4 1M CdTe"], [1080, 1033]),
    pilatus4_cdte("Pilatus4_CdTe_2M", &["Pilatus4 2M CdTe"], [1630, 1553]),
    pilatus4_cdte("Pilatus4_CdTe_4M", &["Pilatus4 4M CdTe"], [2180, 2073]),
    pilatus4_cdte("Pilatus4_CdTe_260k", &["Pilatus4 260k CdTe"], [530, 513]),
    pilatus4_cdte("Pilatus4_CdTe_260kw", &["Pilatus4 260kw CdTe"], [255, 1033]),
];
