//! Offsets of a card's registers, out of the one table in `debye_spec`: a name that the table does not have does not
//! compile.

use debye_spec::registers::{REGISTERS, Register};
use debye_spec::ring_map::{QUEUE_REGISTERS, RING_REGISTERS, queue_offset};

macro_rules! registers {
    ($table:ident: $($constant:ident = $name:literal),* $(,)?) => {
        $(
            #[doc = concat!("The register `", $name, "`.")]
            pub const $constant: &Register = find(&$table, $name);
        )*
    };
}

registers! { REGISTERS:
    IDENTITY = "identity",
    MAP_VERSION = "map_version",
    MAP_HASH = "map_hash",
    BUILD = "build",
    CAPABILITIES = "capabilities",
    MAX_BINS = "max_bins",
    CONTROL = "control",
    STATUS = "status",
    TABLE_ADDRESS_LOW = "table_address_low",
    TABLE_ADDRESS_HIGH = "table_address_high",
    TABLE_OPS = "table_ops",
    TABLE_ID = "table_id",
    TABLE_PIXELS = "table_pixels",
    TABLE_BINS = "table_bins",
    WATCHDOG = "watchdog",
    FRAMES_ACCEPTED = "frames_accepted",
    FRAMES_DONE = "frames_done",
    TABLE_FAULTS = "table_faults",
    CYCLES_LOW = "cycles_low",
    CYCLES_HIGH = "cycles_high",
}

registers! { RING_REGISTERS:
    RING_CAPABILITIES = "ring_capabilities",
    RING_CONTROL = "ring_control",
    RING_STATUS = "ring_status",
    MODERATION = "moderation",
    FAULT_ADDRESS_LOW = "fault_address_low",
    FAULT_ADDRESS_HIGH = "fault_address_high",
    DMA_FAULTS = "dma_faults",
    IN_FLIGHT = "in_flight",
    COMPLETIONS = "completions",
    INTERRUPTS = "interrupts",
    READ_BEATS_LOW = "read_beats_low",
    READ_BEATS_HIGH = "read_beats_high",
    WRITE_BEATS_LOW = "write_beats_low",
    WRITE_BEATS_HIGH = "write_beats_high",
    ENCODE_CAPABILITIES = "encode_capabilities",
}

registers! { QUEUE_REGISTERS:
    SUBMISSION_LOW = "submission_low",
    SUBMISSION_HIGH = "submission_high",
    COMPLETION_LOW = "completion_low",
    COMPLETION_HIGH = "completion_high",
    QUEUE_CONFIG = "queue_config",
    SUBMISSION_TAIL = "submission_tail",
    COMPLETION_HEAD = "completion_head",
    ARM = "arm",
    SUBMISSION_HEAD = "submission_head",
    COMPLETION_TAIL = "completion_tail",
    START = "start",
}

/// A register of a queue.
pub const fn of_queue(queue: u32, register: &Register) -> u32 {
    queue_offset(queue, register)
}

const fn find(table: &'static [Register], name: &str) -> &'static Register {
    let mut i = 0;
    while i < table.len() {
        if same(table[i].name.as_bytes(), name.as_bytes()) {
            return &table[i];
        }
        i += 1;
    }
    panic!("the map has no register of that name")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_stand_where_the_map_has_them() {
        assert_eq!((IDENTITY.offset, CYCLES_HIGH.offset, RING_CONTROL.offset), (0, 76, 0x8004));
        assert_eq!(of_queue(3, ARM), 0x9000 + 3 * 64 + 28);
    }
}
