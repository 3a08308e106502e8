//! What the CPU makes of a table before the first frame, for all threads.

use super::lookup::Lookup;
use crate::cpu::Kernels;
use crate::cpu::terms::Terms;
use crate::table::Table;
use std::sync::{Arc, OnceLock};

/// A table in the forms that the kernels read. Each is made when it is first wanted: frames of one kind want one.
#[derive(Debug)]
pub struct Plan {
    table: Arc<Table>,
    kernels: Kernels,
    terms: OnceLock<Terms>,
    lookup: OnceLock<Lookup>,
}

impl Plan {
    /// For a table that passes its checks.
    pub fn new(table: Arc<Table>, kernels: Kernels) -> Plan {
        Plan { table, kernels, terms: OnceLock::new(), lookup: OnceLock::new() }
    }

    /// The table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The kernels.
    pub fn kernels(&self) -> Kernels {
        self.kernels
    }

    /// What fused kernels read.
    pub fn terms(&self) -> &Terms {
        self.terms.get_or_init(|| Terms::new(self.table.spec(), self.table.description.shape[1]))
    }

    /// What the plain kernel reads.
    pub fn lookup(&self) -> &Lookup {
        self.lookup.get_or_init(|| Lookup::new(&self.table))
    }
}
