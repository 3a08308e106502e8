//! PONI files (pyFAI `io/ponifile.py`).

use thiserror::Error;

/// What is wrong with a PONI file.
#[derive(Debug, Error)]
pub enum PoniError {}
