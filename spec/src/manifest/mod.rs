//! The manifest of an image: what it is for, what is in it, what made it. A TOML file beside the image.
//!
//! The hashes are over the configuration data, what goes to a flash or into an FPGA: the same design in a `.bit`, a `.bin`
//! and an `.mcs` has one hash. A manifest with a field that this version does not know is refused, and so is one of another
//! schema: what is not understood may be what matters.

mod abilities;
mod fault;
mod hex;

pub use abilities::{Abilities, Encode, Job, Pixels, Rings};
pub use fault::ManifestFault;
pub use hex::{Hex32, Sha256};

use crate::board::{Board, board};
use crate::registers::{MAP_VERSION, map_hash};
use alloc::string::String;
use alloc::vec::Vec;
use hex::is_hex;
use serde::{Deserialize, Serialize};

/// Version of the schema.
pub const SCHEMA: u32 = 1;
/// Most bytes of a text in a manifest.
pub const MAX_TEXT: usize = 1024;

/// A manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Name of the image.
    pub name: String,
    /// Name of the board ([`crate::board`]).
    pub board: String,
    /// Part it was built for.
    pub part: String,
    /// IDCODE of the part.
    pub idcode: Hex32,
    /// What may be done with it.
    pub kind: Kind,
    /// Commit that it was built from, in hex; `-dirty` behind it where the sources had been changed. Not of a backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Clock of the card core. Not of a backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_mhz: Option<f64>,
    /// Command that builds it anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebuild: Option<String>,
    /// The file.
    pub image: File,
    /// The register map of the card in it; `None` where it has none or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registers: Option<RegisterMap>,
    /// What that card can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Abilities>,
    /// What it was built with, in the order of use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
}

/// What may be done with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A card of ours, for the update slot of the board's flash.
    Card,
    /// What the board falls back to. Kept to compare with; Debye never writes one.
    Golden,
    /// What was read out of an update slot before it was flashed; goes back there.
    Backup,
    /// For an FPGA that is loaded by a programmer of its own, not by Debye (ECP5 boards).
    Jtag,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 4] = [Kind::Card, Kind::Golden, Kind::Backup, Kind::Jtag];

    /// Name in manifests and commands.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Card => "card",
            Kind::Golden => "golden",
            Kind::Backup => "backup",
            Kind::Jtag => "jtag",
        }
    }

    /// Whether Debye writes it into an update slot.
    pub const fn is_flashed(self) -> bool {
        matches!(self, Kind::Card | Kind::Backup)
    }
}

/// How a file holds the configuration data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// With a header: AMD's fields a to e, or Lattice's comments.
    Bit,
    /// As it is.
    Bin,
    /// Intel HEX.
    Mcs,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 3] = [Format::Bit, Format::Bin, Format::Mcs];

    /// Name in manifests; also the file's ending.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Bit => "bit",
            Format::Bin => "bin",
            Format::Mcs => "mcs",
        }
    }
}

/// The file and what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Name of the file, beside the manifest.
    pub file: String,
    /// Its format.
    pub format: Format,
    /// Bytes of configuration data.
    pub length: u64,
    /// CRC-32 (IEEE) of the configuration data.
    pub crc32: Hex32,
    /// SHA-256 of the configuration data.
    pub sha256: Sha256,
}

/// Which register map the card has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterMap {
    /// Version.
    pub version: u32,
    /// Hash.
    pub hash: Hex32,
}

impl RegisterMap {
    /// The map that this build drives.
    pub fn ours() -> RegisterMap {
        RegisterMap { version: MAP_VERSION, hash: Hex32(map_hash()) }
    }
}

/// What the emitter says of a card beside its Verilog: the part of a manifest that is known before an image is built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateware {
    /// The register map; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registers: Option<RegisterMap>,
    /// What it can do.
    pub capabilities: Abilities,
}

/// A program that took part in the build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Name.
    pub name: String,
    /// Version, as it says itself.
    pub version: String,
}

/// Whether a board has a use for images of a kind.
fn fits(kind: Kind, board: &Board) -> bool {
    match kind {
        Kind::Card | Kind::Golden | Kind::Backup => board.layout.is_some(),
        Kind::Jtag => true,
    }
}

impl Manifest {
    /// Checks all that can be checked without the image, and finds its board.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<&'static Board, ManifestFault> {
        if self.schema != SCHEMA {
            return Err(ManifestFault::Schema(self.schema));
        }
        let tools = self.tools.iter().flat_map(|tool| [("tools.name", &tool.name), ("tools.version", &tool.version)]);
        let texts = [("name", &self.name), ("part", &self.part), ("image.file", &self.image.file)];
        let rebuild = self.rebuild.iter().map(|rebuild| ("rebuild", rebuild));
        for (field, text) in texts.into_iter().chain(rebuild).chain(tools) {
            if text.trim().is_empty() || text.len() > MAX_TEXT || text.chars().any(char::is_control) {
                return Err(ManifestFault::Text(field));
            }
        }
        let board = board(&self.board).ok_or_else(|| ManifestFault::Board(self.board.clone()))?;
        if !board.has_part(&self.part) {
            return Err(ManifestFault::Part { found: self.part.clone(), board });
        }
        if !board.has_idcode(self.idcode.0) {
            return Err(ManifestFault::Idcode { found: self.idcode, board });
        }
        if !fits(self.kind, board) {
            return Err(ManifestFault::Kind { found: self.kind, board });
        }
        self.check_build()?;
        self.check_file(board)?;
        Ok(board)
    }

    /// What is built by us says of what and how.
    fn check_build(&self) -> Result<(), ManifestFault> {
        let built = matches!(self.kind, Kind::Card | Kind::Jtag);
        let present = [
            ("commit", self.commit.is_some()),
            ("clock_mhz", self.clock_mhz.is_some()),
            ("rebuild", self.rebuild.is_some()),
            ("tools", !self.tools.is_empty()),
            ("registers", self.registers.is_some() || self.kind != Kind::Card),
            ("capabilities", self.capabilities.is_some()),
        ];
        if let Some((field, _)) = present.iter().find(|(_, there)| built && !there) {
            return Err(ManifestFault::Missing(field));
        }
        if let Some(commit) = &self.commit {
            let digits = commit.strip_suffix("-dirty").unwrap_or(commit);
            if !(7..=64).contains(&digits.len()) || !digits.bytes().all(is_hex) {
                return Err(ManifestFault::Commit(commit.clone()));
            }
        }
        match self.clock_mhz {
            Some(clock) if !(clock > 0.0 && clock <= 10_000.0) => Err(ManifestFault::Clock),
            _ => Ok(()),
        }
    }

    fn check_file(&self, board: &Board) -> Result<(), ManifestFault> {
        let File { file, format, length, .. } = &self.image;
        let stem = file.strip_suffix(format.name()).and_then(|rest| rest.strip_suffix('.'));
        if stem.is_none_or(str::is_empty) || file.contains(['/', '\\']) {
            return Err(ManifestFault::File(file.clone()));
        }
        let most = match (board.layout, self.kind) {
            (Some(layout), Kind::Golden) => layout.golden.bytes,
            (Some(layout), Kind::Card | Kind::Backup) => layout.update.bytes,
            _ => board.flashes.iter().map(|flash| flash.bytes).max().unwrap_or(0),
        };
        if *length == 0 || *length > u64::from(most) {
            return Err(ManifestFault::Length { found: *length, most: most.into() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
