//! A slot's image in a file.

use super::{Flash, FlashError};
use crate::beside::{Beside, BesideError};
use crate::bitstream::{Digest, manifest_path, write_manifest};
use debye_spec::manifest::{File, Format, Hex32, Kind, Manifest, SCHEMA, Sha256};
use std::io;
use std::path::{Path, PathBuf};

/// A backup that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The image.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: PathBuf,
    /// Bytes.
    pub bytes: usize,
    /// SHA-256.
    pub sha256: Sha256,
}

impl Flash {
    /// Writes what a slot holds into a file, with a manifest beside it, so that it can be flashed again. The name ends in
    /// `.bin`.
    ///
    /// # Errors
    /// [`FlashError::Backup`]: the disk is full, the file exists, or its folder does not.
    pub fn back_up(&self, path: &Path, name: &str, bytes: &[u8], overwrite: bool) -> Result<Backup, FlashError> {
        let refused = |source| FlashError::Backup { path: path.into(), source };
        let digest = Digest::of(bytes);
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let manifest = Manifest {
            schema: SCHEMA,
            name: name.into(),
            board: self.board.name.into(),
            part: self.board.part.into(),
            idcode: Hex32(self.idcode.unwrap_or(self.board.idcode)),
            kind: Kind::Backup,
            commit: None,
            clock_mhz: None,
            rebuild: None,
            image: File {
                file,
                format: Format::Bin,
                length: digest.length,
                crc32: digest.crc32,
                sha256: digest.sha256,
            },
            registers: None,
            capabilities: None,
            tools: Vec::new(),
        };
        manifest.check().map_err(|fault| refused(io::Error::other(fault.to_string())))?;
        let text = write_manifest(&manifest).map_err(|error| refused(io::Error::other(error)))?;
        let beside = |error: BesideError| match error {
            BesideError::Io { error, .. } => refused(error),
            other => refused(io::Error::other(other)),
        };
        let target = manifest_path(path);
        // Both are whole beside their places before either is in it.
        let image = Beside::filled(path, overwrite, |out| out.write_all(bytes)).map_err(beside)?;
        let about = Beside::filled(&target, overwrite, |out| out.write_all(text.as_bytes())).map_err(beside)?;
        image.commit().and_then(|()| about.commit()).map_err(beside)?;
        Ok(Backup { path: path.into(), manifest: target, bytes: bytes.len(), sha256: digest.sha256 })
    }
}
