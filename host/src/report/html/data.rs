//! Where the data came from, what they are, and how small lossless codecs make them.

use super::listed;
use super::parts::{Cell, bytes, figure, framed, grouped, note, paragraph, table};
use crate::metrics::counts::QUANTILES;
use crate::plot::chart::{Axis, Bars, Chart, Curve, Look, bars, curves, short};
use crate::report::ReportError;
use crate::report::facts::{Facts, ratio_at};
use crate::report::lossless::Lossless;
use crate::report::model::Report;
use crate::report::run::Pictures;

/// File, geometry, machine.
pub fn provenance(report: &Report) -> String {
    let provenance = &report.provenance;
    let joined = |sizes: &[usize]| sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ");
    let frames = match (provenance.frames.first(), provenance.frames.last()) {
        (Some(first), Some(last)) if first == last => format!("frame {first}"),
        (Some(first), Some(last)) if last - first + 1 == provenance.frames.len() => format!("{first} to {last}, all"),
        (Some(first), Some(last)) => format!("{} of {first} to {last}, evenly spread", provenance.frames.len()),
        _ => "none".into(),
    };
    let geometry = provenance.geometry.as_ref();
    let machine = &report.run.machine;
    let mut out = listed(vec![
        ("data set", Some(Cell::Code(provenance.dataset.clone()))),
        ("dimensions", Some(Cell::text(format!("{} {}", joined(&provenance.dimensions), provenance.dtype)))),
        ("stored as", {
            let chunk = provenance.chunk.as_deref().map(|chunk| format!(", chunks of {}", joined(chunk)));
            let stored = bytes(provenance.stored_bytes as f64);
            Some(Cell::text(format!("{}{}, {stored}", provenance.filter, chunk.unwrap_or_default())))
        }),
        ("frames of this report", Some(Cell::text(frames))),
        ("SHA-256 of their pixels", Some(Cell::Code(provenance.pixels_sha256.clone()))),
        ("masked pixels", Some(Cell::whole(provenance.masked_pixels as u64))),
        ("largest value that counts", Some(Cell::whole(u64::from(provenance.max_valid)))),
        (
            "geometry",
            Some(Cell::text(geometry.map_or_else(
                || "none was given (--poni)".to_string(),
                |geometry| {
                    let wavelength = geometry.wavelength_angstrom.map(|angstrom| format!(", {} A", short(angstrom)));
                    let [radial, azimuthal] = geometry.bins;
                    let bins = if azimuthal > 1 { format!("{radial} x {azimuthal}") } else { radial.to_string() };
                    let (detector, distance) = (&geometry.detector, short(geometry.distance_m));
                    format!(
                        "{detector} at {distance} m{}; {bins} bins in {}",
                        wavelength.unwrap_or_default(),
                        geometry.unit
                    )
                },
            ))),
        ),
        ("SHA-256 of the table", geometry.map(|geometry| Cell::Code(geometry.table_sha256.clone()))),
        (
            "machine",
            Some(Cell::text(format!(
                "{}, {} threads, {}, {}; kernels {}",
                machine.processor,
                machine.threads,
                bytes(machine.memory_bytes as f64),
                machine.system,
                machine.kernels
            ))),
        ),
        ("program", Some(Cell::text(format!("debye {}", provenance.version)))),
        ("command", Some(Cell::Code(report.run.command_line.clone()))),
        ("taken up from an earlier run", {
            let taken = &report.run.taken_up;
            (!taken.is_empty()).then(|| Cell::text(taken.join(", ")))
        }),
    ]);
    let files: Vec<Vec<Cell>> = (provenance.files.iter().chain(&provenance.beside))
        .map(|file| vec![Cell::text(&file.file), Cell::Exact(grouped(file.bytes)), Cell::Code(file.sha256.clone())])
        .collect();
    out.push_str("<h3>Files</h3>\n");
    out.push_str(&table(&["file", "bytes", "<SHA-256"], &files));
    if provenance.fields.is_empty() {
        out.push_str(&note("The file says nothing of detector, beam or sample where NeXus and Dectris keep it."));
    } else {
        out.push_str("<h3>What the file says</h3>\n");
        let rows: Vec<Vec<Cell>> = (provenance.fields.iter())
            .map(|field| {
                let units = field.units.clone().unwrap_or_default();
                vec![Cell::Code(field.path.clone()), Cell::Text(field.value.clone()), Cell::Text(units)]
            })
            .collect();
        out.push_str(&table(&["field", "<value", "<units"], &rows));
    }
    if !provenance.failed.is_empty() {
        out.push_str("<h3>Frames that could not be read</h3>\n");
        let row = |failure: &crate::report::Failure| vec![Cell::whole(failure.frame as u64), Cell::text(&failure.why)];
        out.push_str(&table(&["frame", "<why"], &provenance.failed.iter().map(row).collect::<Vec<_>>()));
    }
    out
}

/// Counts, entropies, likeness.
pub fn facts_of(facts: &Facts, report: &Report, pictures: &Pictures) -> Result<String, ReportError> {
    let counts = &facts.counts;
    let share =
        |part: u64| format!("{} ({} %)", grouped(part), short(part as f64 / counts.pixels.max(1) as f64 * 100.0));
    let quantiles: Vec<String> = QUANTILES
        .iter()
        .zip(counts.quantiles)
        .map(|(part, value)| format!("{value} ({} %)", short(part * 100.0)))
        .collect();
    let mut out = listed(vec![
        ("pixels", Some(Cell::whole(counts.pixels))),
        ("masked", Some(Cell::Exact(share(counts.masked)))),
        ("invalid: gaps, dead, saturated, negative", Some(Cell::Exact(share(counts.invalid)))),
        ("valid", Some(Cell::Exact(share(counts.valid)))),
        ("of the valid ones hold 0", Some(Cell::text(format!("{} %", short(counts.zero_fraction * 100.0))))),
        ("mean and variance", Some(Cell::text(format!("{} and {}", short(counts.mean), short(counts.variance))))),
        ("largest", Some(Cell::whole(u64::from(counts.max)))),
        ("not exceeded by (of the valid ones)", Some(Cell::text(quantiles.join(", ")))),
        ("entropy of a valid pixel", Some(Cell::text(format!("{} bit", short(counts.entropy_bits))))),
    ]);
    out.push_str("<div class=\"pair\">\n");
    if let Some(svg) = pictures.get("mean") {
        let how = match facts.frames {
            1 => "The frame".to_string(),
            several => format!("Mean of the {several} frames"),
        };
        let caption =
            format!("{how}, masked and invalid pixels in grey, row 0 below; averaged to the picture's resolution.");
        out.push_str(&framed(svg, &caption, ""));
    }
    out.push_str(&figure(distribution(facts), "How often a valid pixel holds a count: part of the valid pixels for each value. Values from 64 on are put together in ranges that double; 1 is added so that 0 can be shown.")?);
    out.push_str("</div>\n<h3>Bounds of lossless coding</h3>\n");
    out.push_str(&paragraph(
        "Entropies say how many bits a pixel takes on average, at least, if a coder knows no more than what is named. A codec may \
         come below one of them where it makes use of more, as rows that repeat or gaps of a known shape.",
    ));
    let rows: Vec<Vec<Cell>> = (facts.bounds.named().iter().zip([
        "how often each value stands in all frames",
        "how often each bit is set in its bit-plane, planes for themselves",
        "the pixel before, in classes of counts up to 63",
    ]))
    .map(|((name, bits), what)| {
        let ratio = ratio_at(facts.pixel_bits, *bits).map_or(Cell::Exact("-".into()), Cell::Number);
        vec![Cell::text(*name), Cell::text(what), Cell::Number(*bits), ratio]
    })
    .collect();
    out.push_str(&table(&["bound", "<known is", "bit a pixel", "ratio"], &rows));
    let steps = facts.plane_entropy_bits.iter().chain([&0.0]).enumerate();
    let planes = curves(&Chart {
        x: Axis::linear("bit of the pixel, the lowest first"),
        y: Axis::linear("entropy (bit)"),
        curves: vec![Curve {
            name: String::new(),
            look: Look::Steps,
            points: steps.map(|(bit, &entropy)| [bit as f64, entropy]).collect(),
            sigma: Vec::new(),
        }],
        half: false,
    });
    out.push_str(&figure(
        planes,
        "Entropy of each bit-plane: 1 is noise, 0 always the same bit. Gaps set all bits, and show in every plane.",
    )?);
    out.push_str(&likeness(facts, report)?);
    Ok(out)
}

fn distribution(facts: &Facts) -> Result<String, crate::plot::PlotError> {
    let valid = facts.counts.valid.max(1) as f64;
    let mut points: Vec<[f64; 2]> = (facts.counts.bars.iter())
        .map(|&(from, to, count)| [f64::from(from) + 1.0, count as f64 / valid / (to - u64::from(from)) as f64])
        .collect();
    points.extend(facts.counts.bars.last().map(|&(_, to, _)| [to as f64 + 1.0, 0.0]));
    curves(&Chart {
        x: Axis::log("count + 1"),
        y: Axis::log("part of the valid pixels"),
        curves: vec![Curve { name: String::new(), look: Look::Steps, points, sigma: Vec::new() }],
        half: true,
    })
}

/// Frame by frame: mean count, correlation with the next.
fn likeness(facts: &Facts, report: &Report) -> Result<String, ReportError> {
    let mut out = String::from("<h3>From frame to frame</h3>\n");
    if facts.frames < 2 && facts.likeness.is_empty() {
        out.push_str(&note("There is one frame: nothing to compare it with."));
        return Ok(out);
    }
    let numbers =
        report.provenance.frames.iter().filter(|frame| !facts.failed.iter().any(|failure| failure.frame == **frame));
    let means = numbers.zip(&facts.frame_means).map(|(&frame, &mean)| [frame as f64, mean]).collect();
    let curve = |points: Vec<[f64; 2]>| {
        let look = if points.len() > 40 { Look::Line } else { Look::Points };
        vec![Curve { name: String::new(), look, points, sigma: Vec::new() }]
    };
    let chart = |label: &str, points| {
        curves(&Chart { x: Axis::linear("frame"), y: Axis::linear(label), curves: curve(points), half: true })
    };
    let correlation: Vec<[f64; 2]> =
        (facts.likeness.iter()).filter_map(|like| Some([like.frame as f64, like.correlation?])).collect();
    out.push_str("<div class=\"pair\">\n");
    out.push_str(&figure(chart("mean count of valid pixels", means), "Mean count of each frame's valid pixels.")?);
    out.push_str(&figure(
        chart("correlation with the next", correlation),
        "Pearson's correlation of each frame with the one behind it, over the pixels that are valid in both.",
    )?);
    out.push_str("</div>\n");
    let mean = |of: Vec<f64>| if of.is_empty() { f64::NAN } else { of.iter().sum::<f64>() / of.len() as f64 };
    let equal = mean(facts.likeness.iter().map(|like| like.equal_fraction).collect());
    let r = mean(facts.likeness.iter().filter_map(|like| like.correlation).collect());
    out.push_str(&paragraph(&format!(
        "Over {} pairs of frames the correlation is {} on average, and {} % of the pixels hold the same count in both.",
        facts.likeness.len(),
        short(r),
        short(equal * 100.0)
    )));
    Ok(out)
}

/// Codecs.
pub fn lossless(lossless: &Lossless, report: &Report) -> Result<String, ReportError> {
    let bounds = report.facts.done().map(|facts| (facts.pixel_bits, facts.bounds.named()));
    let neighbour = bounds.as_ref().map(|(_, named)| named[2].1);
    let rows: Vec<Vec<Cell>> = (lossless.codecs.iter())
        .map(|codec| {
            let rates = &codec.timing;
            let least = codec.frame_ratios.iter().copied().fold(f64::INFINITY, f64::min);
            let most = codec.frame_ratios.iter().copied().fold(0.0, f64::max);
            let of_bound = neighbour.map_or(f64::NAN, |bits| codec.bits_per_pixel / bits);
            vec![
                Cell::Code(codec.codec.clone()),
                Cell::Number(codec.ratio),
                Cell::Exact(format!("{} .. {}", short(least), short(most))),
                Cell::Number(codec.bits_per_pixel),
                Cell::Number(of_bound),
                Cell::Number(rates.encode_gb_per_s_core),
                Cell::Number(rates.decode_gb_per_s_core),
                Cell::Number(rates.encode_gb_per_s),
                Cell::Number(rates.decode_gb_per_s),
                Cell::yes(codec.lossless, "yes", "no"),
                Cell::Code(codec.returned_crc32.clone()),
            ]
        })
        .collect();
    let threads = lossless.codecs.first().map_or(1, |codec| codec.timing.threads);
    let (encode, decode) = (format!("encode, {threads} threads"), format!("decode, {threads} threads"));
    let mut out = table(
        &[
            "codec",
            "ratio",
            "by frame",
            "bit a pixel",
            "x bound",
            "encode, a core",
            "decode, a core",
            &encode,
            &decode,
            "<came back",
            "<CRC-32",
        ],
        &rows,
    );
    let stored = &lossless.stored;
    out.push_str(&note(&format!(
        "One frame a chunk. Rates are GB (1e9 bytes) of pixels a second, in memory: a core's by processor time, {threads} threads' by the \
         clock, on {}. x bound: bits by the entropy of a pixel whose neighbour is known. Came back: every frame was decoded and \
         compared with what was encoded; the CRC-32 is over the decoded pixels of all frames. The file itself stores all of its \
         frames ({}) as {} in {}: ratio {}. Blosc2 is not available in this build.",
        report.run.machine.processor,
        bytes(stored.pixel_bytes as f64),
        stored.filter,
        bytes(stored.stored_bytes as f64),
        short(stored.ratio)
    )));
    let lines = bounds.iter().flat_map(|(bits, named)| {
        named.iter().filter_map(|(name, bound)| Some((ratio_at(*bits, *bound)?, format!("bound: {name}"))))
    });
    let ratios = Bars {
        x: Axis::linear("compression ratio"),
        kinds: Vec::new(),
        groups: lossless.codecs.iter().map(|codec| (codec.codec.clone(), vec![codec.ratio])).collect(),
        lines: lines.collect(),
    };
    out.push_str(&figure(
        bars(&ratios),
        "Bytes of pixels over bytes of chunks, all frames, and the ratios at the bounds of the section above.",
    )?);
    let rates = Bars {
        x: Axis::log("rate of one core (GB/s of pixels)"),
        kinds: vec!["encode".into(), "decode".into()],
        groups: (lossless.codecs.iter())
            .map(|codec| {
                let rates = &codec.timing;
                (codec.codec.clone(), vec![rates.encode_gb_per_s_core, rates.decode_gb_per_s_core])
            })
            .collect(),
        lines: Vec::new(),
    };
    out.push_str(&figure(
        bars(&rates),
        "Encoding and decoding by one core, processor time, pixels and chunks in memory.",
    )?);
    if lossless.frames.len() > 1 {
        let curves_of = (lossless.codecs.iter()).map(|codec| Curve {
            name: codec.codec.clone(),
            look: Look::Line,
            points: lossless
                .frames
                .iter()
                .zip(&codec.frame_ratios)
                .map(|(&frame, &ratio)| [frame as f64, ratio])
                .collect(),
            sigma: Vec::new(),
        });
        let chart = Chart {
            x: Axis::linear("frame"),
            y: Axis::linear("compression ratio"),
            curves: curves_of.collect(),
            half: false,
        };
        out.push_str(&figure(curves(&chart), "Compression ratio of each frame.")?);
    }
    out.push_str("<details open><summary>Codecs and their parameters</summary>\n");
    let rows: Vec<Vec<Cell>> = (lossless.codecs.iter())
        .map(|codec| vec![Cell::Code(codec.codec.clone()), Cell::text(&codec.description)])
        .collect();
    out.push_str(&table(&["codec", "<what it is"], &rows));
    out.push_str("</details>\n");
    Ok(out)
}
