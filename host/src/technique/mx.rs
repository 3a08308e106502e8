//! Crystallography: spots ([`crate::spots`]) and their intensities, frame by frame.
//!
//! Intensities are compared in the pixels that the original's spots have: programs that integrate know where a spot is, and do
//! not ask anew which pixels stand out.
//!
//! A spot of the altered frame is that of the original whose centre is nearest, within 2 pixels; each is paired once, the
//! nearest pairs first. Where frames were added up, the original ones are added up alike before.

use super::verdict::{Axis, Curve, Mark, Plot, Table};
use super::{D7_4, Limitable, Needs, Study, THIRD, Technique, TechniqueError, Verdict, begin};
use crate::lossy::sum;
use crate::spots::{Rule, Spot, find, search};
use rayon::prelude::*;

/// See the module.
pub struct Mx;

const LIMITS: &[Limitable] = &[
    Limitable::at_most("spots_lost", 0.01, D7_4),
    Limitable::at_most("spots_gained", 0.01, D7_4),
    Limitable::at_most("intensity_r", 0.01, D7_4),
    Limitable::at_most("intensity_change", 1.0 / 3.0, THIRD),
    Limitable::by_user("position_change", super::Bound::AtMost),
];

/// How far apart two centres of one spot may be, in pixels.
const NEAR: f64 = 2.0;

/// Spots that the plot of intensities shows, at most: the strongest.
const SHOWN: usize = 2000;

impl Technique for Mx {
    fn name(&self) -> &'static str {
        "mx"
    }

    fn title(&self) -> &'static str {
        "Crystallography"
    }

    fn describe(&self) -> &'static str {
        "spots found, and their intensities"
    }

    fn needs(&self) -> Needs {
        Needs { frames: 1, ..Needs::default() }
    }

    fn limits(&self) -> &'static [Limitable] {
        LIMITS
    }

    fn verdict(&self, study: &Study<'_>) -> Result<Verdict, TechniqueError> {
        let settings = study.settings;
        if !(settings.spot_sigma > 0.0 && settings.spot_sigma.is_finite()) {
            let value = settings.spot_sigma.to_string();
            return Err(TechniqueError::Setting { name: "spot_sigma", value, rule: "it is above 0" });
        }
        let rule = Rule { sigma: settings.spot_sigma, pixels: settings.spot_pixels };
        let shape = study.original.shape();
        let pairs: Vec<(&[Vec<u32>], &[u32])> = study.pairs().collect();
        let frames: Vec<Frame> = pairs
            .par_iter()
            .map(|(group, altered)| {
                let found = search(shape, &sum(group), rule);
                let again = found.again(altered);
                Frame::new(found.spots, again, find(shape, altered, rule))
            })
            .collect();
        if frames.iter().all(|frame| frame.original.is_empty()) {
            return Err(TechniqueError::Nothing { technique: "mx", reason: "the original frames hold no spot".into() });
        }
        let mut verdict = begin(self);
        verdict.set("spot sigma", rule.sigma);
        verdict.set("pixels of a spot, at least", rule.pixels);
        if study.altered.exposures().iter().any(|&held| held > 1) {
            verdict.notes.push(
                "Frames were added up: spots are held against those of the original frames added up alike. What finer slices \
                 give is not judged."
                    .into(),
            );
        }
        report(study, &frames, &mut verdict);
        Ok(verdict)
    }
}

/// Spots of both sides, and which belong together.
struct Frame {
    original: Vec<Spot>,
    /// What the altered frame holds in the pixels of the original's spots.
    again: Vec<Option<Spot>>,
    /// What is found in the altered frame.
    altered: Vec<Spot>,
    pairs: Vec<(usize, usize)>,
}

impl Frame {
    fn new(original: Vec<Spot>, again: Vec<Option<Spot>>, altered: Vec<Spot>) -> Frame {
        let mut by_row: Vec<usize> = (0..altered.len()).collect();
        by_row.sort_by(|&a, &b| altered[a].centre[0].total_cmp(&altered[b].centre[0]));
        let mut near = Vec::new();
        for (one, spot) in original.iter().enumerate() {
            let from = by_row.partition_point(|&other| altered[other].centre[0] < spot.centre[0] - NEAR);
            let band = by_row[from..].iter().take_while(|&&other| altered[other].centre[0] <= spot.centre[0] + NEAR);
            for &other in band {
                let [dy, dx] = [0, 1].map(|k| altered[other].centre[k] - spot.centre[k]);
                let distance = dy.hypot(dx);
                if distance <= NEAR {
                    near.push((distance, one, other));
                }
            }
        }
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut taken, mut given) = (vec![false; original.len()], vec![false; altered.len()]);
        let mut pairs = Vec::new();
        for (_, one, other) in near {
            if !taken[one] && !given[other] {
                (taken[one], given[other]) = (true, true);
                pairs.push((one, other));
            }
        }
        pairs.sort_unstable();
        Frame { original, again, altered, pairs }
    }

    /// Spots of the original with what became of them in the same pixels, where those are still valid.
    fn integrated(&self) -> impl Iterator<Item = (&Spot, &Spot)> {
        self.original.iter().zip(&self.again).filter_map(|(one, again)| Some((one, again.as_ref()?)))
    }

    fn matched(&self) -> impl Iterator<Item = (&Spot, &Spot)> {
        self.pairs.iter().map(|&(one, other)| (&self.original[one], &self.altered[other]))
    }
}

fn report(study: &Study<'_>, frames: &[Frame], verdict: &mut Verdict) {
    let count = |of: fn(&Frame) -> usize| frames.iter().map(of).sum::<usize>() as f64;
    let (before, after, both) =
        (count(|frame| frame.original.len()), count(|frame| frame.altered.len()), count(|frame| frame.pairs.len()));
    let integrated = || frames.iter().flat_map(Frame::integrated);
    let change = |a: &Spot, b: &Spot| b.intensity - a.intensity;
    let r = integrated().map(|(a, b)| change(a, b).abs()).sum::<f64>()
        / integrated().map(|(a, _)| a.intensity).sum::<f64>();
    let root_mean = |squares: f64, count: f64| (squares / count).sqrt();
    let by_sigma = integrated().map(|(a, b)| (change(a, b) / a.sigma).powi(2)).sum();
    let by_sigma = root_mean(by_sigma, integrated().count() as f64);
    let distance2 = |(a, b): (&Spot, &Spot)| (0..2).map(|k| (b.centre[k] - a.centre[k]).powi(2)).sum::<f64>();
    let moved = root_mean(frames.iter().flat_map(Frame::matched).map(distance2).sum(), both);
    let mut add = |name, title, unit, value, note| verdict.add(study.limits, name, title, unit, value, note);
    add("spots", "Spots of the original", "", before, "informs only");
    add("spots_altered", "Spots of the altered frames", "", after, "informs only");
    add("spots_lost", "Share of the original's spots that is lost", "", (before - both) / before, "");
    add("spots_gained", "Spots that the original has not, by those that it has", "", (after - both) / before, "");
    add(
        "intensity_r",
        "R of the intensities",
        "",
        r,
        "sum |I' - I| / sum I over the original's spots, each in the same pixels",
    );
    add(
        "intensity_change",
        "Change of an intensity, root mean square",
        "sigma",
        by_sigma,
        "in counting errors of each spot",
    );
    add("position_change", "Change of a centre, root mean square", "pixels", moved, "");

    let mut table = Table::new(
        "frames",
        "Spots of each frame",
        &[
            ("frame", ""),
            ("spots, original", ""),
            ("spots, altered", ""),
            ("paired", ""),
            ("intensity of all, original", "counts"),
            ("intensity of all, altered", "counts"),
        ],
    );
    for (number, frame) in frames.iter().enumerate() {
        let sum = |spots: &[Spot]| spots.iter().map(|spot| spot.intensity).sum::<f64>();
        let lengths = [number, frame.original.len(), frame.altered.len(), frame.pairs.len()].map(|n| n as f64);
        table.row(lengths.into_iter().chain([sum(&frame.original), sum(&frame.altered)]));
    }
    verdict.tables.push(table);
    verdict.plots.push(intensities(integrated().collect()));
}

fn intensities(mut matched: Vec<(&Spot, &Spot)>) -> Plot {
    let all = matched.len();
    matched.sort_by(|a, b| b.0.intensity.total_cmp(&a.0.intensity));
    matched.truncate(SHOWN);
    matched.retain(|(a, _)| a.intensity > 0.0);
    let x: Vec<f64> = matched.iter().map(|(a, _)| a.intensity).collect();
    let y: Vec<f64> = matched.iter().map(|(a, b)| (b.intensity - a.intensity) / a.sigma).collect();
    Plot {
        name: "intensities".into(),
        title: "Intensities of spots".into(),
        x: Axis::logarithmic("intensity of the original", "counts"),
        y: Axis::linear("(I' - I) / sigma", "sigma"),
        caption: format!(
            "Change of each spot's intensity in its counting errors against the intensity: {} of {all} spots, the strongest.",
            x.len()
        ),
        curves: vec![Curve::new("spots", Mark::Points, &x, &y)],
    }
}
