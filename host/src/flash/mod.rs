//! Flashing: a card's update slot is written so that, whatever happens meanwhile, the card comes up with one image that is
//! whole.
//!
//! ```text
//! Flash (who the card is, what memory it has)  ->  write: close guard, record, erase, program, verify, open guard
//!   spi (the core's registers)  ->  nor (commands)      status, backup, verify
//!   icap (which part it is; boots it anew)
//! ```
//!
//! Where what stands is [`debye_spec::flash::slot`]'s; nothing outside a board's update slot is ever erased or written.

mod backup;
mod content;
mod error;
mod icap;
mod lock;
mod nor;
mod place;
mod progress;
mod spi;
mod status;
mod target;
mod write;

pub use backup::Backup;
pub use error::FlashError;
pub use lock::Lock;
pub use place::{Piece, pieces};
pub use progress::{Event, Phase};
pub use status::{Guard, Status};
pub use target::Flash;
pub use write::{Content, Written, plan};
