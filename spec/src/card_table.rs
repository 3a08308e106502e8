//! A table as a card takes it: its operations, and what requests name it by.

use crate::ops::{self, Op};
use crate::{Element, Table, TableError};
use alloc::sync::Arc;
use core::fmt;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableRefused {
    /// The table breaks a rule of the arithmetic.
    Rule(TableError),
    /// More bins than the histograms hold.
    TooManyBins {
        /// Bins of the table.
        bins: usize,
        /// Bins of the card.
        most: usize,
    },
    /// No operations could be made.
    Operations,
}

impl fmt::Display for TableRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableRefused::Rule(error) => error.fmt(f),
            TableRefused::TooManyBins { bins, most } => {
                write!(f, "the table has {bins} bins, the card's histograms hold {most}: take fewer bins")
            }
            TableRefused::Operations => write!(f, "the table cannot be written as the card's operations"),
        }
    }
}

impl core::error::Error for TableRefused {}

impl From<TableError> for TableRefused {
    fn from(error: TableError) -> TableRefused {
        TableRefused::Rule(error)
    }
}

impl CardTable {
    /// The table's operations, for a card whose histograms hold `most` bins.
    ///
    /// # Errors
    /// [`TableRefused`].
    pub fn compile(table: &Table<'_>, element: Element, id: u32, most: usize) -> Result<CardTable, TableRefused> {
        table.check()?;
        if table.bins > most {
            return Err(TableRefused::TooManyBins { bins: table.bins, most });
        }
        let ops = ops::compile(table, element).ok_or(TableRefused::Operations)?;
        Ok(CardTable { id, element, pixels: table.pixels() as u32, bins: table.bins as u32, ops: ops.into() })
    }
}
