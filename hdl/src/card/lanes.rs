//! The card of integrating lanes.

use crate::base::word::{U, W};
use crate::lane::Lane;
use rust_hdl::prelude::*;

crate::card!(
    /// A card whose lanes take blocks of up to 2^BLOCK bytes and tables of up to 8 * 2^ROWS bins.
    Card, Lane<BLOCK, ROWS>, [BLOCK ROWS], BLOCK, 8 << ROWS
);
