//! Every number of a report by its name: what stands in `report.csv`, and what two reports are compared by.

use super::facts::Facts;
use super::lossless::Lossless;
use super::lossy::Lossy;
use super::model::Report;
use super::reduction::Reduction;
use crate::technique::Bound;
use std::fmt::Write;

/// What a change of a figure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// A fact of the data: it does not change.
    Fact,
    /// More is better, and the same data give the same.
    Higher,
    /// Less is better, and the same data give the same.
    Lower,
    /// More is better; it was measured with a clock.
    Rate,
    /// 1 is true, and must be.
    Truth,
    /// A number that informs; what a change means is not known.
    Note,
}

/// A number.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Section.
    pub section: &'static str,
    /// Of what: a codec, an operation, an engine, ...
    pub subject: String,
    /// Which one.
    pub quantity: String,
    /// The number.
    pub value: f64,
    /// Its unit; empty for a plain number.
    pub unit: String,
    /// What a change means.
    pub sense: Sense,
}

/// Gathers figures of one section.
struct Gather<'a> {
    section: &'static str,
    figures: &'a mut Vec<Figure>,
}

impl<'a> Gather<'a> {
    fn new(section: &'static str, figures: &'a mut Vec<Figure>) -> Gather<'a> {
        Gather { section, figures }
    }

    fn add(&mut self, subject: &str, quantity: &str, value: f64, unit: &str, sense: Sense) {
        let (subject, quantity, unit) = (subject.into(), quantity.into(), unit.into());
        self.figures.push(Figure { section: self.section, subject, quantity, value, unit, sense });
    }

    fn truth(&mut self, subject: &str, quantity: &str, value: bool) {
        self.add(subject, quantity, f64::from(u8::from(value)), "", Sense::Truth);
    }
}

/// All figures, section by section.
pub fn figures(report: &Report) -> Vec<Figure> {
    let mut figures = Vec::new();
    report.facts.done().into_iter().for_each(|facts| of_facts(facts, Gather::new("facts", &mut figures)));
    report
        .lossless
        .done()
        .into_iter()
        .for_each(|lossless| of_lossless(lossless, Gather::new("lossless", &mut figures)));
    report.lossy.done().into_iter().for_each(|lossy| of_lossy(lossy, Gather::new("lossy", &mut figures)));
    report
        .reduction
        .done()
        .into_iter()
        .for_each(|reduction| of_reduction(reduction, Gather::new("reduction", &mut figures)));
    if let Some(equality) = report.equality.done() {
        let mut gather = Gather::new("equality", &mut figures);
        gather.add("", "frames", equality.frames.len() as f64, "", Sense::Note);
        for engine in equality.engines.iter().filter(|engine| engine.not_run.is_none()) {
            gather.truth(&engine.engine, "equal", engine.equal);
            gather.add(&engine.engine, "failed", engine.failed as f64, "frames", Sense::Lower);
            gather.add(&engine.engine, "time", engine.timing.seconds, "s", Sense::Note);
        }
    }
    if let Some(planning) = report.planning.done() {
        let mut gather = Gather::new("planning", &mut figures);
        for path in &planning.timing.paths {
            gather.add(&path.name, "most", path.most_frames_per_s, "frames/s", Sense::Rate);
            for stage in &path.stages {
                let subject = format!("{}: {}", path.name, stage.stage);
                gather.add(&subject, "load", stage.load, "", Sense::Note);
                gather.add(&subject, "it takes", stage.it_takes as f64, &stage.unit, Sense::Note);
            }
        }
    }
    figures
}

fn of_facts(facts: &Facts, mut gather: Gather<'_>) {
    let counts = &facts.counts;
    let numbers = [
        ("frames", facts.frames as f64, ""),
        ("frames that cannot be read", facts.failed.len() as f64, ""),
        ("pixels", counts.pixels as f64, ""),
        ("masked pixels", counts.masked as f64, ""),
        ("invalid pixels", counts.invalid as f64, ""),
        ("valid pixels", counts.valid as f64, ""),
        ("zero fraction", counts.zero_fraction, ""),
        ("sum", counts.sum as f64, "counts"),
        ("mean", counts.mean, "counts"),
        ("variance", counts.variance, "counts^2"),
        ("largest", f64::from(counts.max), "counts"),
        ("entropy of valid pixels", counts.entropy_bits, "bit/pixel"),
        ("bound: values", facts.bounds.values_bits, "bit/pixel"),
        ("bound: bit-planes", facts.bounds.planes_bits, "bit/pixel"),
        ("bound: pixel before", facts.bounds.neighbour_bits, "bit/pixel"),
    ];
    for (quantity, value, unit) in numbers {
        gather.add("", quantity, value, unit, Sense::Fact);
    }
    for (bit, &entropy) in facts.plane_entropy_bits.iter().enumerate() {
        gather.add(&format!("bit {bit}"), "entropy", entropy, "bit", Sense::Fact);
    }
    for like in &facts.likeness {
        let subject = format!("frame {}", like.frame);
        like.correlation
            .into_iter()
            .for_each(|r| gather.add(&subject, "correlation with the next", r, "", Sense::Fact));
        gather.add(&subject, "equal to the next", like.equal_fraction, "", Sense::Fact);
    }
}

fn of_lossless(lossless: &Lossless, mut gather: Gather<'_>) {
    let stored = &lossless.stored;
    gather.add("as stored", "ratio", stored.ratio, "", Sense::Fact);
    gather.add("as stored", "bytes", stored.stored_bytes as f64, "B", Sense::Fact);
    for codec in &lossless.codecs {
        let name = &codec.codec;
        gather.add(name, "ratio", codec.ratio, "", Sense::Higher);
        gather.add(name, "bytes", codec.stored_bytes as f64, "B", Sense::Lower);
        gather.add(name, "bits", codec.bits_per_pixel, "bit/pixel", Sense::Lower);
        gather.truth(name, "pixels came back", codec.lossless);
        let rates = &codec.timing;
        gather.add(name, "encode, a core", rates.encode_gb_per_s_core, "GB/s", Sense::Rate);
        gather.add(name, "decode, a core", rates.decode_gb_per_s_core, "GB/s", Sense::Rate);
        gather.add(name, "encode, all threads", rates.encode_gb_per_s, "GB/s", Sense::Rate);
        gather.add(name, "decode, all threads", rates.decode_gb_per_s, "GB/s", Sense::Rate);
    }
}

fn of_lossy(lossy: &Lossy, mut gather: Gather<'_>) {
    gather.add("nothing", "ratio", lossy.ratio_before, "", Sense::Higher);
    for operation in &lossy.operations {
        let (name, errors) = (&operation.operation, &operation.errors);
        gather.add(name, "ratio", operation.ratio, "", Sense::Higher);
        for (quantity, value, unit) in [
            ("largest error", errors.max_abs, "counts"),
            ("largest error", errors.max_in_sigma, "sigma"),
            ("mean error", errors.mean_abs, "counts"),
            ("rmse", errors.rmse, "counts"),
            ("nrmse", errors.nrmse, ""),
            ("pixels lost", errors.lost as f64, ""),
        ] {
            gather.add(name, quantity, value, unit, Sense::Lower);
        }
        gather.add(name, "bias", errors.bias, "counts", Sense::Note);
        operation.acceptable.into_iter().for_each(|good| gather.truth(name, "acceptable", good));
        for verdict in operation.verdicts.iter().filter_map(|judged| judged.verdict.as_ref()) {
            for delta in &verdict.deltas {
                let Some(value) = delta.value else { continue };
                let sense = match delta.limit.as_ref().map(|limit| limit.bound) {
                    Some(Bound::AtMost) => Sense::Lower,
                    Some(Bound::AtLeast) => Sense::Higher,
                    None => Sense::Note,
                };
                gather.add(name, &format!("{}.{}", verdict.technique, delta.name), value, &delta.unit, sense);
            }
        }
    }
}

fn of_reduction(reduction: &Reduction, mut gather: Gather<'_>) {
    gather.add("pattern", "bytes a frame", reduction.pattern_bytes, "B", Sense::Lower);
    gather.add("pattern", "frames that failed", reduction.failed as f64, "", Sense::Lower);
    for volume in &reduction.volumes {
        gather.add(&volume.name, "volume", volume.bytes, "B", Sense::Lower);
        gather.add(&volume.name, "times smaller", volume.factor, "", Sense::Higher);
    }
    let rate = &reduction.timing;
    gather.add("integrate", "a core", rate.integrate_gb_per_s_core, "GB/s", Sense::Rate);
    gather.add("integrate", "all threads", rate.frames_per_s, "frames/s", Sense::Rate);
}

/// The figures as a table, one a line.
pub fn csv(figures: &[Figure]) -> String {
    let mut text = String::from("section,subject,quantity,value,unit\n");
    for figure in figures {
        let Figure { section, subject, quantity, value, unit, .. } = figure;
        // A `String` takes all that is written to it.
        let _ = writeln!(text, "{section},{},{},{value:?},{}", cell(subject), cell(quantity), cell(unit));
    }
    text
}

/// RFC 4180: quotes where a comma, a quote or a line's end is within.
fn cell(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_what_would_break_a_line() {
        let figure = Figure {
            section: "lossless",
            subject: "a, \"b\"".into(),
            quantity: "ratio".into(),
            value: 0.1 + 0.2,
            unit: String::new(),
            sense: Sense::Higher,
        };
        let text = csv(&[figure]);
        assert_eq!(text, "section,subject,quantity,value,unit\nlossless,\"a, \"\"b\"\"\",ratio,0.30000000000000004,\n");
    }
}
