//! The ring engine: hosts' submissions to the card core, results and completions back ([`debye_spec::rings`],
//! [`debye_spec::ring_map`]). [`engine::Engine`] is all of it; [`ring_card!`](crate::ring_card) puts it before a core.

pub mod complete;
pub mod copier;
pub mod encode;
pub mod engine;
pub mod entry;
pub mod fifo;
pub mod irq;
pub mod junction;
pub mod pack;
pub mod reads;
pub mod registers;
pub mod restart;
pub mod results;
pub mod scan;
pub mod split;
pub mod store;
pub mod tags;
mod top;
pub mod unpack;
pub mod upload;
pub mod writes;

use crate::base::word::{U, W};
use crate::card::Card;
use encode::Encoders;
use junction::Through;
use rust_hdl::prelude::*;

crate::ring_card!(
    /// A card with rings: `LANES` lanes in `GROUPS` groups, for blocks of up to 2^BLOCK bytes and tables of up to
    /// 8 * 2^ROWS bins.
    RingCard, Card<LANES, GROUPS, BLOCK, ROWS>, Through, [BLOCK ROWS]
);

crate::ring_card!(
    /// As [`RingCard`], with `ENCODERS` encoder lanes beside the core, for blocks of 2^BLOCK bytes.
    EncodingCard, Card<LANES, GROUPS, BLOCK, ROWS>, Encoders<ENCODERS, BLOCK>, [ENCODERS BLOCK ROWS]
);
