//! Makes the manifest of an image.

use super::error::ManifestError;
use super::{BitstreamError, Contents, manifest_path, write_manifest};
use crate::beside::Beside;
use debye_spec::board::Board;
use debye_spec::manifest::{Abilities, File, Hex32, Kind, Manifest, RegisterMap, SCHEMA, Tool};
use std::path::{Path, PathBuf};

/// What an image is, that the image does not say itself.
#[derive(Clone, Debug)]
pub struct Order {
    /// Name; that of the file without its ending when absent.
    pub name: Option<String>,
    /// The board.
    pub board: &'static Board,
    /// The kind.
    pub kind: Kind,
    /// Commit.
    pub commit: Option<String>,
    /// Clock of the card core.
    pub clock_mhz: Option<f64>,
    /// Command that builds it.
    pub rebuild: Option<String>,
    /// Register map of the card in it.
    pub registers: Option<RegisterMap>,
    /// What that card can do.
    pub capabilities: Option<Abilities>,
    /// What it was built with.
    pub tools: Vec<Tool>,
}

/// Reads an image and writes its manifest beside it. The manifest is there whole, or not at all.
///
/// # Errors
/// [`BitstreamError`]: the image is not sound, not for the board, or lacks what an image of its kind says.
pub fn pack(path: &Path, order: Order, overwrite: bool) -> Result<(Manifest, PathBuf), BitstreamError> {
    let contents = Contents::open(path, None)?;
    if let Some(mismatch) = contents.suits(order.board, order.kind).into_iter().next() {
        return Err(BitstreamError::Unsuited { path: path.into(), mismatch });
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let digest = contents.digest();
    let manifest = Manifest {
        schema: SCHEMA,
        name: order.name.unwrap_or(stem),
        board: order.board.name.into(),
        part: order.board.part.into(),
        idcode: Hex32(order.board.idcode),
        kind: order.kind,
        commit: order.commit,
        clock_mhz: order.clock_mhz,
        rebuild: order.rebuild,
        image: File {
            file,
            format: contents.format,
            length: digest.length,
            crc32: digest.crc32,
            sha256: digest.sha256,
        },
        registers: order.registers,
        capabilities: order.capabilities,
        tools: order.tools,
    };
    let target = manifest_path(path);
    let refused = |fault: ManifestError| BitstreamError::Manifest { path: target.clone(), fault };
    manifest.check().map_err(|fault| refused(fault.into()))?;
    let text = write_manifest(&manifest).map_err(|error| refused(error.into()))?;
    Beside::filled(&target, overwrite, |out| out.write_all(text.as_bytes()))?.commit()?;
    Ok((manifest, target))
}
