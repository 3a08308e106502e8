//! To be filled.

pub mod encode;
pub mod shuffle;
