//! Volumes, engines, and rates to plan for.

use super::listed;
use super::parts::{Cell, bytes, escape, figure, framed, mark, note, paragraph, table};
use crate::plot::chart::{Axis, Bars, bars, short};
use crate::report::ReportError;
use crate::report::equality::Equality;
use crate::report::planning::Planning;
use crate::report::reduction::Reduction;
use crate::report::run::Pictures;
use std::fmt::Write;

/// Volumes.
pub fn reduction(reduction: &Reduction, pictures: &Pictures) -> Result<String, ReportError> {
    let mut out = paragraph(&format!(
        "The whole data set, kept in several ways; codecs and patterns by what the frames of this report take. A pattern of {} bins adds \
         {} to an output of debye integrate (I, sigma, exact sums, statistics), whose beginning takes {}.",
        reduction.bins,
        bytes(reduction.pattern_bytes),
        bytes(reduction.output_bytes as f64)
    ));
    if reduction.stand_in {
        out.push_str(&note(
            "No geometry was given: frames were integrated into as many bins of a detector that nobody has, for the volumes alone.",
        ));
    }
    let rows: Vec<Vec<Cell>> = (reduction.volumes.iter())
        .map(|volume| {
            vec![
                Cell::text(&volume.name),
                Cell::Exact(bytes(volume.bytes)),
                Cell::Number(volume.factor),
                Cell::Number(volume.factor_of_stored),
                Cell::Mark(None, if volume.frames_kept { "frames kept" } else { "frames gone" }.into()),
            ]
        })
        .collect();
    out.push_str(&table(&["kept as", "volume", "x smaller than pixels", "x smaller than stored", "<counts"], &rows));
    let drawn = bars(&Bars {
        x: Axis::fitting("volume of the data set (MB)", reduction.volumes.iter().map(|volume| volume.bytes)),
        kinds: Vec::new(),
        groups: reduction.volumes.iter().map(|volume| (volume.name.clone(), vec![volume.bytes / 1e6])).collect(),
        lines: Vec::new(),
    });
    out.push_str(&figure(drawn, "Volume of the whole data set, by the way in which it is kept.")?);
    if let Some(svg) = pictures.get("pattern") {
        let caption = format!("Pattern of the frames of this report, {} bins, by debye integrate.", reduction.bins);
        out.push_str(&framed(svg, &caption, "large"));
    }
    let rate = &reduction.timing;
    out.push_str(&paragraph(&format!(
        "Decoding and integrating on the CPU, in memory: {} GB/s of pixels a core, {} GB/s or {} frames a second on {} threads. {} of {} \
         frames failed; the CRC-32 of all sums is {}.",
        short(rate.integrate_gb_per_s_core),
        short(rate.integrate_gb_per_s),
        short(rate.frames_per_s),
        rate.threads,
        reduction.failed,
        reduction.frames,
        reduction.result_crc32
    )));
    Ok(out)
}

/// Engines.
pub fn equality(equality: &Equality) -> String {
    let mut out = paragraph(&format!(
        "{} through each engine into {} bins; sums, statistics and failures compared bit for bit with those of the first. The \
         CRC-32 is over the records of all of these frames.",
        match equality.frames.len() {
            1 => "One frame".to_string(),
            several => format!("{several} frames"),
        },
        equality.bins
    ));
    let rows: Vec<Vec<Cell>> = (equality.engines.iter())
        .map(|engine| match &engine.not_run {
            Some(why) => vec![
                Cell::text(&engine.engine),
                Cell::text(why),
                Cell::Code(String::new()),
                Cell::text(""),
                Cell::text(""),
                Cell::Mark(None, "not run".into()),
            ],
            None => vec![
                Cell::text(&engine.engine),
                Cell::text(engine.difference.as_ref().unwrap_or(&engine.timing.description)),
                Cell::Code(engine.result_crc32.clone()),
                Cell::whole(engine.failed as u64),
                Cell::Number(engine.timing.seconds),
                Cell::yes(engine.equal, "equal", "different"),
            ],
        })
        .collect();
    out.push_str(&table(&["engine", "<what it is", "<CRC-32", "failed", "s", "<verdict"], &rows));
    if equality.stand_in {
        out.push_str(&note(
            "No geometry was given: the bins are those of a detector that nobody has, the same for all engines.",
        ));
    }
    out.push_str(&note("debye compare holds two engines against each other at every boundary between stages."));
    out
}

/// Rates.
pub fn planning(planning: &Planning) -> Result<String, ReportError> {
    let inputs = &planning.inputs;
    let (card, core) = (&inputs.card, &planning.timing.core);
    let several = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let mut out = listed(vec![
        (
            "detector",
            Some(Cell::text(format!(
                "{} frames/s, {} GB/s of pixels, {} GB/s of {} chunks",
                short(inputs.frames_per_s),
                short(inputs.frames_per_s * inputs.pixel_bytes / 1e9),
                short(inputs.frames_per_s * inputs.chunk_bytes / 1e9),
                planning.codec
            ))),
        ),
        (
            "network",
            Some(Cell::text(format!("{} of {} GB/s", several(inputs.links, "link"), short(inputs.link_gb_per_s)))),
        ),
        (
            "disks",
            Some(Cell::text(format!("{} of {} GB/s", several(inputs.disks, "disk"), short(inputs.disk_gb_per_s)))),
        ),
        (
            "CPU",
            Some(Cell::text(format!(
                "{}; each compresses {} GB/s and integrates {} GB/s of pixels, as measured",
                several(inputs.cores, "core"),
                short(core.encode_gb_per_s),
                short(core.integrate_gb_per_s)
            ))),
        ),
        (
            "cards",
            Some(Cell::text(format!(
                "{}; each integrates {} GB/s ({} lanes), compresses {} GB/s ({} encoders) of pixels at {} MHz, and is reached at {} GB/s",
                several(inputs.cards, "card"),
                short(card.integrate_gb_per_s()),
                card.lanes,
                short(card.encode_gb_per_s()),
                card.encoders,
                short(card.clock_mhz),
                short(card.pcie_gb_per_s)
            ))),
        ),
    ]);
    out.push_str(&note("A card's rates are those of docs/gateware.md, simulated cycle by cycle; its clock is the one that is aimed at."));
    let ways: Vec<Vec<Cell>> = (planning.timing.paths.iter())
        .map(|path| {
            vec![
                Cell::text(&path.name),
                Cell::text(&path.first),
                Cell::Number(path.most_frames_per_s),
                Cell::yes(path.keeps_up, "keeps up", "does not keep up"),
            ]
        })
        .collect();
    out.push_str(&table(&["way", "<saturates first", "at frames/s", "<verdict"], &ways));
    let rates = planning.timing.paths.iter().map(|path| path.most_frames_per_s);
    let drawn = bars(&Bars {
        x: Axis::fitting("frames a second that the way takes", rates.chain([inputs.frames_per_s])),
        kinds: Vec::new(),
        groups: planning.timing.paths.iter().map(|path| (path.name.clone(), vec![path.most_frames_per_s])).collect(),
        lines: vec![(inputs.frames_per_s, "the detector".into())],
    });
    out.push_str(&figure(drawn, "Frames a second at which the first stage of each way is saturated.")?);
    for path in &planning.timing.paths {
        let _ = writeln!(
            out,
            "<h3>{} {}</h3>",
            escape(&path.name),
            mark(Some(path.keeps_up), if path.keeps_up { "keeps up" } else { "does not keep up" })
        );
        let rows: Vec<Vec<Cell>> = (path.stages.iter())
            .map(|stage| {
                vec![
                    Cell::text(&stage.stage),
                    Cell::Number(stage.demand_gb_per_s),
                    Cell::Number(stage.unit_gb_per_s),
                    Cell::Exact(format!("{} %", short(stage.load * 100.0))),
                    Cell::Number(stage.most_frames_per_s),
                    Cell::Exact(several(stage.there_are, &stage.unit)),
                    Cell::Mark(
                        Some(stage.it_takes <= stage.there_are as u64),
                        several(stage.it_takes as usize, &stage.unit),
                    ),
                ]
            })
            .collect();
        out.push_str(&table(
            &["stage", "needed, GB/s", "of one, GB/s", "load", "frames/s", "there are", "<it takes"],
            &rows,
        ));
    }
    Ok(out)
}
