//! The boards of the Vivado scripts are those of the table.

use debye_spec::board::{BOARDS, Board, Family};
use debye_spec::pci;
use std::path::Path;

fn scripts() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/vivado")
}

/// A value of the array in a board's file.
fn value<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).trim()
}

fn check(board: &Board) {
    let text = std::fs::read_to_string(scripts().join("boards").join(format!("{}.tcl", board.name))).unwrap();
    let hex = |name| u32::from_str_radix(value(&text, name).trim_start_matches("0x"), 16).unwrap();
    assert_eq!((value(&text, "name"), value(&text, "part")), (board.name, board.part));
    let (ids, layout) = (board.pci.unwrap(), board.layout.unwrap());
    assert_eq!([hex("vendor"), hex("device")], [ids.vendor.into(), ids.device.into()], "{}", board.name);
    assert_eq!([hex("subsystem_vendor"), hex("subsystem")], [ids.subsystem_vendor.into(), ids.subsystem.into()]);
    assert_eq!(hex("image_address"), layout.update.start, "{}", board.name);
    assert_eq!(value(&text, "flash_mib").parse(), Ok(board.flashes[0].bytes >> 20), "{}", board.name);

    // An image that does not fall back could leave a card that does not come up.
    let constraints = std::fs::read_to_string(scripts().join("boards").join(format!("{}.xdc", board.name))).unwrap();
    for needed in ["CONFIGFALLBACK ENABLE", "SPI_32BIT_ADDR YES", "SPI_BUSWIDTH 4", "CONFIG_VOLTAGE 1.8"] {
        assert!(constraints.contains(needed), "{}: {needed}", board.name);
    }
}

#[test]
fn vivado_boards_are_those_of_the_table() {
    let ours = BOARDS.iter().filter(|board| board.family == Family::UltraScalePlus);
    let names: Vec<String> =
        ours.clone().flat_map(|board| ["tcl", "xdc"].map(|e| format!("{}.{e}", board.name))).collect();
    ours.for_each(check);
    for entry in std::fs::read_dir(scripts().join("boards")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(&name), "{name} is of no board in the table");
    }
}

#[test]
fn vivado_shell_has_the_class_and_revision_of_a_card() {
    let shell = std::fs::read_to_string(scripts().join("shell.tcl")).unwrap();
    let class = pci::CLASS.to_be_bytes();
    for (name, expected) in [
        ("revision_id", pci::REVISION),
        ("class_code_base", class[1]),
        ("class_code_sub", class[2]),
        ("class_code_interface", class[3]),
    ] {
        assert!(shell.contains(&format!("CONFIG.pf0_{name} {expected:02x}")), "{name}");
    }
}
