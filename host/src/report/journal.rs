//! Finished sections of a report that is not finished, by a key of all that they depend on.

use super::ReportError;
use crate::beside::Beside;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Name of the file in a report's folder; it goes when the report is there.
const NAME: &str = "journal.json";

/// See the module.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    sections: BTreeMap<String, Entry>,
}

/// A finished section.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// SHA-256 of what it depends on.
    key: String,
    /// The section.
    content: Value,
    /// Pictures that are not made of the section's numbers, as SVG.
    pub pictures: BTreeMap<String, String>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// A key: SHA-256 of all that a section depends on.
pub fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Journal {
    /// The journal in a folder; an empty one where there is none, or none that can be read.
    pub fn open(folder: &Path) -> Journal {
        let path = folder.join(NAME);
        let text = fs::read(&path).unwrap_or_default();
        Journal { sections: serde_json::from_slice(&text).unwrap_or_default(), path }
    }

    /// A section that was finished under this key.
    pub fn find<T: DeserializeOwned>(&self, section: &str, key: &str) -> Option<(T, Entry)> {
        let entry = self.sections.get(section).filter(|entry| entry.key == key)?;
        Some((serde_json::from_value(entry.content.clone()).ok()?, entry.clone()))
    }

    /// Keeps a finished section.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep<T: Serialize>(
        &mut self,
        section: &str,
        key: &str,
        content: &T,
        pictures: &BTreeMap<String, String>,
        seconds: f64,
    ) -> Result<(), ReportError> {
        let wrong = |error: serde_json::Error| ReportError::Io { path: self.path.clone(), error: error.into() };
        let content = serde_json::to_value(content).map_err(wrong)?;
        let entry = Entry { key: key.into(), content, pictures: pictures.clone(), seconds };
        self.sections.insert(section.into(), entry);
        let text = serde_json::to_vec(&self.sections).map_err(wrong)?;
        Ok(Beside::filled(&self.path, true, |out| out.write_all(&text))?.commit()?)
    }

    /// Removes it.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn close(self) -> Result<(), ReportError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ReportError::Io { path: self.path, error })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_is_found_again_under_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (key(&["a", "bc"]), key(&["ab", "c"]));
        assert_ne!(one, two);
        let mut journal = Journal::open(folder.path());
        let pictures = BTreeMap::from([("p".to_string(), "<svg/>".to_string())]);
        journal.keep("facts", &one, &vec![1.5, 2.0], &pictures, 3.0).unwrap();
        let again = Journal::open(folder.path());
        let (content, entry) = again.find::<Vec<f64>>("facts", &one).unwrap();
        assert_eq!((content, entry.pictures, entry.seconds), (vec![1.5, 2.0], pictures, 3.0));
        assert!(again.find::<Vec<f64>>("facts", &two).is_none());
        assert!(again.find::<Vec<f64>>("lossy", &one).is_none());
        assert!(again.find::<Vec<String>>("facts", &one).is_none());
        again.close().unwrap();
        assert!(Journal::open(folder.path()).find::<Vec<f64>>("facts", &one).is_none());
    }

    #[test]
    fn journal_that_is_damaged_is_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(NAME), "{\"facts\": ").unwrap();
        assert!(Journal::open(folder.path()).find::<f64>("facts", "").is_none());
    }
}
