//! Rate planning: what a detector's rate asks of each stage, which of them saturates first, and how many cards, cores and
//! disks it takes.

use super::card_rates::CardRates;
use serde::{Deserialize, Serialize};

/// What is planned with. Rates are in GB (1e9 bytes) a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// Frames a second of the detector.
    pub frames_per_s: f64,
    /// Bytes of a frame's pixels.
    pub pixel_bytes: f64,
    /// Bytes of a frame's chunk.
    pub chunk_bytes: f64,
    /// Bytes of a frame's pattern in an output.
    pub pattern_bytes: f64,
    /// What one network link carries.
    pub link_gb_per_s: f64,
    /// What one disk writes.
    pub disk_gb_per_s: f64,
    /// Network links that there are.
    pub links: usize,
    /// Disks that there are.
    pub disks: usize,
    /// Cores that there are.
    pub cores: usize,
    /// Cards that there are.
    pub cards: usize,
    /// A card.
    pub card: CardRates,
}

/// What a core does, as measured: GB/s of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoreRates {
    /// Compressing.
    pub encode_gb_per_s: f64,
    /// Decoding and integrating.
    pub integrate_gb_per_s: f64,
}

/// A way from the detector to the disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// In words.
    pub name: String,
    /// Its stages, in the order of the data.
    pub stages: Vec<Stage>,
    /// The stage that saturates first with what there is.
    pub first: String,
    /// Frames a second at which it does.
    pub most_frames_per_s: f64,
    /// Whether that is enough.
    pub keeps_up: bool,
}

/// A stage of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// In words.
    pub stage: String,
    /// What there may be several of: link, core, card, disk.
    pub unit: String,
    /// Bytes of a frame that go through.
    pub frame_bytes: f64,
    /// GB/s at the detector's rate.
    pub demand_gb_per_s: f64,
    /// GB/s of one unit.
    pub unit_gb_per_s: f64,
    /// How many there are.
    pub there_are: usize,
    /// How many it takes.
    pub it_takes: u64,
    /// Part of what there is that is used; above 1 it does not keep up.
    pub load: f64,
    /// Frames a second at which it is saturated.
    pub most_frames_per_s: f64,
}

impl Inputs {
    fn stage(&self, stage: &str, unit: &str, frame_bytes: f64, unit_gb_per_s: f64, there_are: usize) -> Stage {
        let demand = frame_bytes * self.frames_per_s / 1e9;
        let capacity = unit_gb_per_s * there_are as f64;
        Stage {
            stage: stage.into(),
            unit: unit.into(),
            frame_bytes,
            demand_gb_per_s: demand,
            unit_gb_per_s,
            there_are,
            it_takes: super::over(demand, unit_gb_per_s).ceil().max(1.0) as u64,
            load: super::over(demand, capacity),
            most_frames_per_s: super::over(capacity * 1e9, frame_bytes),
        }
    }

    fn link(&self, what: &str, bytes: f64) -> Stage {
        self.stage(&format!("network, {what}"), "link", bytes, self.link_gb_per_s, self.links)
    }

    fn disk(&self, what: &str, bytes: f64) -> Stage {
        self.stage(&format!("disk, {what}"), "disk", bytes, self.disk_gb_per_s, self.disks)
    }

    fn core(&self, what: &str, rate: f64) -> Stage {
        self.stage(&format!("CPU {what}"), "core", self.pixel_bytes, rate, self.cores)
    }

    fn card(&self, what: &str, bytes: f64, rate: f64) -> Stage {
        self.stage(&format!("card, {what}"), "card", bytes, rate, self.cards)
    }

    /// The ways that there are, with debye on the CPU or on cards.
    pub fn paths(&self, core: &CoreRates) -> Vec<Path> {
        let Inputs { pixel_bytes: pixels, chunk_bytes: chunks, pattern_bytes: patterns, card, .. } = *self;
        let both = || self.disk("chunks and patterns", chunks + patterns);
        let path = |name: &str, stages: Vec<Stage>| {
            let first = stages.iter().min_by(|a, b| a.most_frames_per_s.total_cmp(&b.most_frames_per_s));
            let most = first.map_or(0.0, |stage| stage.most_frames_per_s);
            let first = first.map_or_else(String::new, |stage| stage.stage.clone());
            Path { name: name.into(), first, most_frames_per_s: most, keeps_up: most >= self.frames_per_s, stages }
        };
        // One CPU does both: its cores are shared, so that the rates of the two add up like resistances in a row.
        let shared = 1.0 / (1.0 / core.encode_gb_per_s + 1.0 / core.integrate_gb_per_s);
        vec![
            path(
                "pixels come, the CPU compresses and integrates",
                vec![self.link("pixels", pixels), self.core("compresses and integrates", shared), both()],
            ),
            path(
                "chunks come, the CPU integrates",
                vec![self.link("chunks", chunks), self.core("decodes and integrates", core.integrate_gb_per_s), both()],
            ),
            path(
                "pixels come, cards compress and integrate",
                vec![
                    self.link("pixels", pixels),
                    self.card("PCIe, pixels in", pixels, card.pcie_gb_per_s),
                    self.card("encoders and lanes", pixels, card.fused_gb_per_s()),
                    both(),
                ],
            ),
            path(
                "pixels come, cards compress",
                vec![
                    self.link("pixels", pixels),
                    self.card("PCIe, pixels in", pixels, card.pcie_gb_per_s),
                    self.card("encoders", pixels, card.encode_gb_per_s()),
                    self.disk("chunks", chunks),
                ],
            ),
            path(
                "chunks come, cards integrate",
                vec![
                    self.link("chunks", chunks),
                    self.card("PCIe, chunks in", chunks, card.pcie_gb_per_s),
                    self.card("lanes", pixels, card.integrate_gb_per_s()),
                    both(),
                ],
            ),
            path(
                "chunks come, cards integrate, patterns alone are kept",
                vec![
                    self.link("chunks", chunks),
                    self.card("PCIe, chunks in", chunks, card.pcie_gb_per_s),
                    self.card("lanes", pixels, card.integrate_gb_per_s()),
                    self.disk("patterns", patterns),
                ],
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Inputs {
        Inputs {
            frames_per_s: 1000.0,
            pixel_bytes: 8e6,
            chunk_bytes: 1e6,
            pattern_bytes: 1e4,
            link_gb_per_s: 12.5,
            disk_gb_per_s: 1.0,
            links: 1,
            disks: 1,
            cores: 4,
            cards: 1,
            card: CardRates::default(),
        }
    }

    #[test]
    fn paths_name_the_stage_that_saturates_first_and_what_it_takes() {
        let paths = inputs().paths(&CoreRates { encode_gb_per_s: 4.0, integrate_gb_per_s: 4.0 });
        let chunks = &paths[1];
        assert_eq!(chunks.first, "disk, chunks and patterns");
        assert!((chunks.most_frames_per_s - 1e9 / 1.01e6).abs() < 1e-6 && !chunks.keeps_up);
        assert_eq!(chunks.stages.iter().map(|stage| stage.it_takes).collect::<Vec<_>>(), [1, 2, 2]);
        let pixels = &paths[0];
        assert_eq!((pixels.stages[1].unit_gb_per_s, pixels.stages[1].it_takes), (2.0, 4));
        assert_eq!(pixels.stages[1].load, 1.0);
    }

    #[test]
    fn stages_at_a_lower_rate_never_take_more() {
        let core = CoreRates { encode_gb_per_s: 3.0, integrate_gb_per_s: 5.0 };
        let slow = Inputs { frames_per_s: 10.0, ..inputs() }.paths(&core);
        for (fast, slow) in inputs().paths(&core).iter().zip(&slow) {
            assert_eq!(fast.most_frames_per_s, slow.most_frames_per_s);
            assert!(slow.keeps_up && slow.stages.iter().all(|stage| stage.it_takes == 1));
            assert!(fast.stages.iter().zip(&slow.stages).all(|(fast, slow)| fast.load > slow.load));
        }
    }
}
