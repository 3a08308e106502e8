//! `docs/registers.md` is the register map of this version. `DEBYE_BLESS=1 cargo test -p debye-spec` writes it.

use debye_spec::registers::{Access, MAX_LANES, REGISTERS, Register, STALL_STRIDE, STALL_WINDOW, STALLS, map_hash};
use debye_spec::ring_map::{MAX_QUEUES, QUEUE_BASE, QUEUE_REGISTERS, QUEUE_STRIDE, RING_REGISTERS};
use std::fmt::Write;

fn table(text: &mut String, registers: &[Register]) -> std::fmt::Result {
    writeln!(text, "| offset | name | access | reset | meaning |\n|---|---|---|---|---|")?;
    for register in registers {
        let access = match register.access {
            Access::Read => "r",
            Access::ReadWrite => "rw",
        };
        let reset = register.reset.map_or("-".into(), |reset| format!("{reset:#x}"));
        writeln!(text, "| {:#06x} | `{}` | {access} | {reset} | {} |", register.offset, register.name, register.doc)?;
    }
    Ok(())
}

fn fields(text: &mut String, registers: &[Register]) -> std::fmt::Result {
    writeln!(text, "\nBits that no field names read as 0.\n")?;
    writeln!(text, "| register | bits | field | meaning |\n|---|---|---|---|")?;
    for register in registers {
        for field in register.fields {
            let (high, low) = (field.low + field.bits - 1, field.low);
            let bits = if high == low { format!("{low}") } else { format!("{high}..{low}") };
            writeln!(text, "| `{}` | {bits} | `{}` | {} |", register.name, field.name, field.doc)?;
        }
    }
    Ok(())
}

fn document() -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "# Registers of the card\n")?;
    writeln!(
        text,
        "Written by `DEBYE_BLESS=1 cargo test -p debye-spec` out of `spec/src/registers.rs`; do not edit.\n"
    )?;
    writeln!(
        text,
        "AXI4-Lite, 32-bit data, 16-bit byte addresses. Unmapped addresses and writes to what can only be read"
    )?;
    writeln!(text, "answer SLVERR. Hash of the map: `{:#010x}`.\n", map_hash())?;
    table(&mut text, &REGISTERS)?;
    fields(&mut text, &REGISTERS)?;
    writeln!(
        text,
        "\n## Ring engine\n\nOf cards with rings; the protocol stands in `spec/src/ring_map.rs` and `spec/src/rings.rs`.\n"
    )?;
    table(&mut text, &RING_REGISTERS)?;
    fields(&mut text, &RING_REGISTERS)?;
    writeln!(
        text,
        "\n## Queues\n\nRegisters of queue 0; those of queue q stand `{QUEUE_STRIDE} q` behind them, for at most"
    )?;
    writeln!(text, "{MAX_QUEUES} queues from `{QUEUE_BASE:#x}`.\n")?;
    table(&mut text, &QUEUE_REGISTERS)?;
    fields(&mut text, &QUEUE_REGISTERS)?;
    writeln!(text, "\n## Stall counters\n")?;
    writeln!(
        text,
        "Counter i of lane n stands at `{STALL_WINDOW:#x} + {STALL_STRIDE} n + 4 i`, for the lanes that the card has"
    )?;
    writeln!(text, "(at most {MAX_LANES}). Each counts the cycles in which its condition held, and wraps at 2^32.\n")?;
    writeln!(text, "| i | name | condition |\n|---|---|---|")?;
    for (i, (name, condition)) in STALLS.iter().enumerate() {
        writeln!(text, "| {i} | `{name}` | {condition} |")?;
    }
    Ok(text)
}

#[test]
fn registers_document_is_the_one_of_the_map() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/registers.md");
    let text = document().unwrap();
    if std::env::var_os("DEBYE_BLESS").is_some() {
        std::fs::write(path, text).unwrap();
    } else {
        assert!(
            std::fs::read_to_string(path).is_ok_and(|there| there == text),
            "docs/registers.md is not of this map: DEBYE_BLESS=1 writes it"
        );
    }
}
