use super::*;
use crate::board::BOARDS;
use crate::element::Element;
use crate::registers::Capabilities;
use crate::ring_map::{EncodeCapabilities, RingCapabilities};
use crate::rings::{Kind as Submission, kind_bit};
use alloc::string::ToString;
use alloc::vec;

fn manifest() -> Manifest {
    let core = Capabilities { lanes: 4, groups: 1, block_log2: 13, op_fifo_log2: 9, elements: 0x67, max_bins: 2048 };
    let kinds = kind_bit(Submission::Integrate) | kind_bit(Submission::Upload) | kind_bit(Submission::Copy);
    let rings = RingCapabilities { queues: 8, flights_log2: 5, kinds, memory_log2: 33 };
    Manifest {
        schema: SCHEMA,
        name: "debye-u50-4".into(),
        board: "u50".into(),
        part: "xcu50-fsvh2104-2-e".into(),
        idcode: Hex32(0x04b7_7093),
        kind: Kind::Card,
        commit: Some("5dce797".into()),
        clock_mhz: Some(250.0),
        rebuild: Some("scripts/vivado/build u50".into()),
        image: File {
            file: "debye-u50-4.bit".into(),
            format: Format::Bit,
            length: 1 << 20,
            crc32: Hex32(0xcbf4_3926),
            sha256: Sha256([0xa5; 32]),
        },
        registers: Some(RegisterMap::ours()),
        capabilities: Some(Abilities::new(&core, Some(&rings), None)),
        tools: vec![Tool { name: "vivado".into(), version: "2023.2".into() }],
    }
}

#[test]
fn manifest_of_each_board_is_sound() {
    assert_eq!(manifest().check().map(|board| board.name), Ok("u50"));
    for board in &BOARDS {
        for kind in Kind::ALL {
            let one = Manifest {
                board: board.name.into(),
                part: board.part.into(),
                idcode: Hex32(board.idcode),
                kind,
                ..manifest()
            };
            let expected = board.layout.is_some() || kind == Kind::Jtag;
            assert_eq!(one.check().is_ok(), expected, "{} {}", board.name, kind.name());
        }
    }
}

#[test]
fn manifest_changed_in_one_field_is_refused_by_its_name() {
    let long = "x".repeat(MAX_TEXT + 1);
    type Change<'a> = (&'a dyn Fn(&mut Manifest), &'a str);
    let changes: &[Change] = &[
        (&|m| m.schema = 2, "schema is 2"),
        (&|m| m.name = "\n".into(), "`name`"),
        (&|m| m.rebuild = Some(long.clone()), "`rebuild`"),
        (&|m| m.tools[0].version.clear(), "`tools.version`"),
        (&|m| m.board = "u51".into(), "no board `u51`; boards: u50, u55c, u250, ulx3s-85f"),
        (&|m| m.part = "xcu55n-fsvh2892-2L-e".into(), "is not that of the board u50"),
        (&|m| m.idcode = Hex32(0x04b7_d093), "IDCODE 0x04b7d093"),
        (&|m| m.commit = None, "`commit` is missing"),
        (&|m| m.registers = None, "`registers` is missing"),
        (&|m| m.capabilities = None, "`capabilities` is missing"),
        (&|m| m.tools.clear(), "`tools` is missing"),
        (&|m| m.commit = Some("unknown".into()), "not a commit"),
        (&|m| m.clock_mhz = Some(f64::NAN), "clock_mhz"),
        (&|m| m.clock_mhz = Some(0.0), "clock_mhz"),
        (&|m| m.image.file = "../debye.bit".into(), "without a folder"),
        (&|m| m.image.file = ".bit".into(), "ending as its format"),
        (&|m| m.image.format = Format::Mcs, "ending as its format"),
        (&|m| m.image.length = 0, "0 bytes"),
        (&|m| m.image.length = 0x06ff_e001, "1 to 117432320"),
    ];
    for (change, words) in changes {
        let mut one = manifest();
        change(&mut one);
        let said = one.check().expect_err(words).to_string();
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn manifest_of_a_backup_needs_no_builder() {
    let backup = Manifest {
        kind: Kind::Backup,
        commit: None,
        clock_mhz: None,
        rebuild: None,
        registers: None,
        capabilities: None,
        tools: vec![],
        ..manifest()
    };
    assert!(backup.check().is_ok());
}

#[test]
fn abilities_out_of_registers_and_back_are_the_same() {
    let core = Capabilities { lanes: 48, groups: 4, block_log2: 16, op_fifo_log2: 9, elements: 0x25, max_bins: 2048 };
    let kinds = Submission::ALL.into_iter().map(kind_bit).fold(0, |bits, bit| bits | bit);
    let rings = RingCapabilities { queues: 3, flights_log2: 6, kinds, memory_log2: 30 };
    let encode = EncodeCapabilities { lanes: 2, block_log2: 13 };
    let whole = Abilities::new(&core, Some(&rings), Some(&encode));
    assert_eq!((whole.core(), whole.ring()), (core, Some(rings)));
    assert_eq!(whole.elements, [Pixels::U8, Pixels::U32, Pixels::I16]);
    assert_eq!(whole.encode, Some(Encode { lanes: 2, block_log2: 13 }));
    let bare = Abilities::new(&core, None, Some(&EncodeCapabilities { lanes: 0, block_log2: 13 }));
    assert_eq!((bare.ring(), bare.encode), (None, None));
}

#[test]
fn names_of_pixels_and_jobs_are_those_of_the_definition() {
    assert!(Pixels::ALL.iter().map(|(_, element)| *element).eq(Element::ALL));
    assert!(Job::ALL.iter().map(|(_, kind)| *kind).eq(Submission::ALL));
}

#[test]
fn hex_texts_that_are_not_exact_are_refused() {
    assert_eq!("0x04b77093".parse(), Ok(Hex32(0x04b7_7093)));
    assert_eq!(Hex32(0x4b7_7093).to_string(), "0x04b77093");
    for text in ["", "04b77093", "0x4b77093", "0x004b77093", "0X04b77093", "0x04B77093", "0x+4b77093"] {
        assert!(text.parse::<Hex32>().is_err(), "{text}");
    }
    let digits = "0123456789abcdef".repeat(4);
    assert_eq!(digits.parse::<Sha256>().unwrap().to_string(), digits);
    for text in ["", &digits[1..], &digits.to_uppercase(), &digits.replace('0', "+"), &"é".repeat(32)] {
        assert!(text.parse::<Sha256>().is_err(), "{text}");
    }
}
