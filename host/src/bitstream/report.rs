//! All that there is to say of an image, with or without a manifest: for `debye image inspect` and `verify`.

use super::{
    BitstreamError, Contents, Digest, Header, ManifestError, Mismatch, beside, compare, family, format_of,
    manifest_path, read_manifest,
};
use debye_spec::board::BOARDS;
use debye_spec::manifest::{Hex32, Kind, Manifest};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// All that there is to say of an image.
#[derive(Debug)]
pub struct Report {
    /// Its file.
    pub path: PathBuf,
    /// What is in it.
    pub contents: Contents,
    /// Length and hashes of the data.
    pub digest: Digest,
    /// Where its manifest stands, or would.
    pub manifest_path: PathBuf,
    /// Its manifest; `None` if there is none.
    pub manifest: Option<Manifest>,
    /// What the manifest says that cannot be.
    pub fault: Option<ManifestError>,
    /// In what the image is not what the manifest says.
    pub mismatches: Vec<Mismatch>,
}

impl Report {
    /// Of an image, by the name of its file or of its manifest.
    ///
    /// # Errors
    /// [`BitstreamError`]: one of them cannot be read or taken apart. What does not fit is in the report.
    pub fn of(path: &Path) -> Result<Report, BitstreamError> {
        let named = path.extension().is_some_and(|ending| ending == "toml");
        let manifest_path = if named { path.into() } else { manifest_path(path) };
        let manifest = match named || manifest_path.exists() {
            true => Some(read_manifest(&manifest_path)?),
            false => None,
        };
        let path = match &manifest {
            Some(manifest) if named => beside(&manifest_path, &manifest.image.file),
            _ => path.into(),
        };
        let format = match &manifest {
            Some(manifest) => manifest.image.format,
            None => format_of(&path)?,
        };
        let contents = Contents::open(&path, Some(format))?;
        let digest = contents.digest();
        let (mut fault, mut mismatches) = (None, Vec::new());
        match manifest.as_ref().map(|manifest| (manifest, manifest.check())) {
            None => {}
            Some((_, Err(found))) => fault = Some(found.into()),
            Some((manifest, Ok(board))) => mismatches = compare(manifest, board, &contents, &digest, &path),
        }
        Ok(Report { path, contents, digest, manifest_path, manifest, fault, mismatches })
    }

    /// Whether the image is what its manifest says.
    pub fn verified(&self) -> bool {
        self.manifest.is_some() && self.fault.is_none() && self.mismatches.is_empty()
    }

    /// Boards that it may be for.
    pub fn boards(&self) -> Vec<&'static str> {
        let suits = |kind| move |board: &&debye_spec::board::Board| self.contents.suits(board, kind).is_empty();
        let kind = self.manifest.as_ref().map_or(Kind::Jtag, |manifest| manifest.kind);
        // A backup suits every board: nothing says what it is for but its manifest.
        let kind = if kind == Kind::Backup { Kind::Jtag } else { kind };
        BOARDS.iter().filter(suits(kind)).map(|board| board.name).collect()
    }

    /// What does not fit: one word for it, and the sentence.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let fault = self.fault.iter().map(|fault| ("manifest", fault.to_string()));
        fault.chain(self.mismatches.iter().map(|mismatch| (mismatch.name(), mismatch.to_string()))).collect()
    }

    /// Everything, a name and a value a line.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        let file = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        lines.push(("file", file));
        lines.push(("format", self.contents.format.name().into()));
        match &self.contents.header {
            Header::None => {}
            Header::Address(address) => lines.push(("address", Hex32(*address).to_string())),
            Header::Lattice(comments) => lines.extend(comments.iter().map(|comment| ("comment", comment.clone()))),
            Header::Amd(header) => {
                lines.push(("design", header.design.clone()));
                lines.push(("part", header.part.clone()));
                lines.push(("built", format!("{} {}", header.date, header.time)));
            }
        }
        lines.push(("data", format!("{} bytes", self.digest.length)));
        lines.push(("crc32", self.digest.crc32.to_string()));
        lines.push(("sha256", self.digest.sha256.to_string()));
        match &self.contents.target {
            Ok(target) => {
                lines.push(("for", family(target.family).into()));
                lines.push(("sync", format!("byte {}", target.sync)));
                lines.push(("idcode", format!("{} at byte {}", Hex32(target.idcode), target.idcode_at)));
            }
            Err(fault) => lines.push(("for", format!("unknown: {fault}"))),
        }
        let boards = self.boards();
        lines.push(("boards", if boards.is_empty() { "none that Debye knows".into() } else { boards.join(", ") }));
        match &self.manifest {
            None => lines.push(("manifest", "none".into())),
            Some(manifest) => self.manifest_lines(manifest, &mut lines),
        }
        lines
    }

    fn manifest_lines(&self, manifest: &Manifest, lines: &mut Vec<(&'static str, String)>) {
        let name = self.manifest_path.file_name().unwrap_or_default().to_string_lossy();
        lines.push(("manifest", name.into_owned()));
        lines.push(("name", manifest.name.clone()));
        lines.push(("board", format!("{} ({}, IDCODE {})", manifest.board, manifest.part, manifest.idcode)));
        lines.push(("kind", manifest.kind.name().into()));
        if let Some(registers) = &manifest.registers {
            lines.push(("registers", format!("map {}, hash {}", registers.version, registers.hash)));
        }
        if let Some(card) = &manifest.capabilities {
            let core = format!(
                "{} lanes, {} bins, blocks of {} bytes",
                card.lanes,
                card.max_bins,
                1u64 << card.block_log2.min(63)
            );
            let encode = card.encode.map(|encode| format!(", {} encoder lanes", encode.lanes)).unwrap_or_default();
            lines.push(("card", core + &encode));
        }
        if let Some(clock) = manifest.clock_mhz {
            lines.push(("clock", format!("{clock} MHz")));
        }
        lines.extend(manifest.commit.iter().map(|commit| ("commit", commit.clone())));
        lines.extend(manifest.tools.iter().map(|tool| ("tool", format!("{} {}", tool.name, tool.version))));
        lines.extend(manifest.rebuild.iter().map(|rebuild| ("rebuild", rebuild.clone())));
        let problems = self.problems();
        if problems.is_empty() {
            lines.push(("verified", "image and manifest agree".into()));
        }
        lines.extend(problems.into_iter().map(|(_, sentence)| ("MISMATCH", sentence)));
    }

    /// Everything, for scripts.
    pub fn json(&self) -> Value {
        let header = match &self.contents.header {
            Header::None => Value::Null,
            Header::Address(address) => json!({ "address": address }),
            Header::Lattice(comments) => json!({ "comments": comments, "part": self.contents.header.part() }),
            Header::Amd(header) => json!({
                "design": header.design, "part": header.part, "date": header.date, "time": header.time,
            }),
        };
        let target = match &self.contents.target {
            Ok(target) => json!({
                "family": format!("{:?}", target.family),
                "sync": target.sync,
                "idcode": Hex32(target.idcode),
                "idcode_at": target.idcode_at,
            }),
            Err(fault) => json!({ "fault": fault.to_string() }),
        };
        let problem = |(name, message): (&str, String)| json!({ "what": name, "message": message });
        json!({
            "file": self.path,
            "format": self.contents.format,
            "header": header,
            "data": {
                "length": self.digest.length, "crc32": self.digest.crc32, "sha256": self.digest.sha256,
            },
            "target": target,
            "boards": self.boards(),
            "manifest": self.manifest,
            "verified": self.verified(),
            "mismatches": self.problems().into_iter().map(problem).collect::<Vec<_>>(),
        })
    }
}
