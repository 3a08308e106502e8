//! A table as a card takes it: its operations, and what requests name it by.

use crate::model::Shape;
use debye_spec::ops::{self, Op};
use debye_spec::{Element, Table, TableError};
use std::sync::Arc;
use thiserror::Error;

/// A table in the card's form.
#[derive(Clone, Debug)]
pub struct CardTable {
    /// Number by which requests name it.
    pub id: u32,
    /// Pixel type that the operations are for.
    pub element: Element,
    /// Pixels of a frame.
    pub pixels: u32,
    /// Bins.
    pub bins: u32,
    /// Operations of a frame.
    pub ops: Arc<[Op]>,
}

/// Why a card cannot take a table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TableRefused {
    /// The table breaks a rule of the arithmetic.
    #[error(transparent)]
    Rule(#[from] TableError),
    /// More bins than the histograms hold.
    #[error("the table has {bins} bins, the card's histograms hold {most}: take fewer bins")]
    TooManyBins {
        /// Bins of the table.
        bins: usize,
        /// Bins of the card.
        most: usize,
    },
    /// No operations could be made.
    #[error("the table cannot be written as the card's operations")]
    Operations,
}

impl CardTable {
    /// The table's operations, for a card of this shape.
    ///
    /// # Errors
    /// [`TableRefused`].
    pub fn compile(table: &Table<'_>, element: Element, id: u32, shape: &Shape) -> Result<CardTable, TableRefused> {
        table.check()?;
        if table.bins > shape.bins() {
            return Err(TableRefused::TooManyBins { bins: table.bins, most: shape.bins() });
        }
        let ops = ops::compile(table, element).ok_or(TableRefused::Operations)?;
        Ok(CardTable { id, element, pixels: table.pixels() as u32, bins: table.bins as u32, ops: ops.into() })
    }
}
