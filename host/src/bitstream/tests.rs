use super::*;
use debye_spec::board::{BOARDS, Family, board};
use debye_spec::manifest::{Abilities, Kind, RegisterMap, Tool};
use debye_spec::registers::Capabilities;
use flate2::read::GzDecoder;
use proptest::prelude::*;

/// Words that Vivado begins with, up to the IDCODE, and some data.
fn amd_data(idcode: u32, behind: &[u8]) -> Vec<u8> {
    let words = [
        [0xffff_ffff; 4].as_slice(),
        &[0x0000_00bb, 0x1122_0044, 0xffff_ffff, 0xffff_ffff, 0xaa99_5566, 0x2000_0000, 0x3002_0001, 0],
        // A NOP, RCRC, and registers before the IDCODE.
        &[0x3000_8001, 0, 0x3000_8001, 7, 0x2000_0000, 0x3001_2001, 0x3800_3fe5, 0x3001_8001, idcode],
    ];
    words.concat().into_iter().flat_map(u32::to_be_bytes).chain(behind.iter().copied()).collect()
}

fn header(part: &str) -> AmdHeader {
    AmdHeader {
        design: "debye_u50;UserID=0XFFFFFFFF;Version=2023.2".into(),
        part: part.into(),
        date: "2026/11/23".into(),
        time: "12:00:00".into(),
    }
}

fn contents(header: Header, data: Vec<u8>) -> Contents {
    let format = match header {
        Header::None => Format::Bin,
        Header::Address(_) => Format::Mcs,
        Header::Amd(_) | Header::Lattice(_) => Format::Bit,
    };
    Contents { format, header, target: target(&data), data }
}

fn u50(behind: &[u8]) -> Contents {
    contents(Header::Amd(header("xcu50-fsvh2104-2-e")), amd_data(0x04b7_7093, behind))
}

fn vector(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testbenches/vectors/bitstreams");
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(folder.join(name)).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn bit_that_vivado_made_is_read() {
    let bytes = vector("spiOverJtag_xcku5p-ffvb676.bit.gz");
    let found = Contents::parse(bytes.clone(), Format::Bit).unwrap();
    let Header::Amd(header) = &found.header else { panic!("{:?}", found.header) };
    assert_eq!(header.design, "spiOverJtag;COMPRESS=TRUE;UserID=0XFFFFFFFF;Version=2018.2");
    assert_eq!(
        (header.part.as_str(), header.date.as_str(), header.time.as_str()),
        ("xcku5p-ffvb676-1-e", "2023/03/08", "16:54:27")
    );
    // XCKU5P in openFPGALoader's list of parts.
    let target = found.target.clone().unwrap();
    assert_eq!((target.family, target.idcode), (Family::UltraScalePlus, 0x04a6_2093));
    assert_eq!(found.data.len(), bytes.len() - 128);
    assert_eq!(found.write(), bytes);
    let names: Vec<_> = found.suits(&BOARDS[0], Kind::Card).iter().map(Mismatch::name).collect();
    assert_eq!(names, ["part", "idcode"]);
}

#[test]
fn configuration_logic_of_the_definition_starts_what_vivado_made() {
    use debye_spec::flash::configuration::{Loaded, load};
    let data = Contents::parse(vector("spiOverJtag_xcku5p-ffvb676.bit.gz"), Format::Bit).unwrap().data;
    let part = 0x04a6_2093;
    let found = |data: &[u8], part| load(data, 0, part, false, &mut None);
    assert!(matches!(found(&data, part), Loaded::Started { .. }), "{:x?}", found(&data, part));
    assert_eq!(found(&data, part ^ 0x1000), Loaded::WrongPart { found: part });
    // In a frame's address, in what repeats a frame, and in a frame (bits of what does nothing are in no CRC).
    for place in [412_774, 1_374_980, 893_877] {
        let mut damaged = data.clone();
        damaged[place] ^= 1 << (place % 8);
        assert!(matches!(found(&damaged, part), Loaded::WrongCrc { .. }), "byte {place}");
    }
}

#[test]
fn bit_that_ecppack_made_is_read() {
    let bytes = vector("lfe5u-85f-ecppack.bit.gz");
    let found = Contents::parse(bytes.clone(), Format::Bit).unwrap();
    assert_eq!(found.header, Header::Lattice(vec!["Part: LFE5U-85F-6CABGA381".into()]));
    let target = found.target.clone().unwrap();
    assert_eq!((target.family, target.idcode), (Family::Ecp5, 0x4111_3043));
    assert_eq!((found.data.len(), target.sync), (bytes.len() - 29, 0));
    assert_eq!(found.write(), bytes);
    assert_eq!(found.suits(board("ulx3s-85f").unwrap(), Kind::Jtag), []);
    let names: Vec<_> = found.suits(&BOARDS[0], Kind::Card).iter().map(Mismatch::name).collect();
    assert_eq!(names, ["family", "part", "idcode"]);
    assert_eq!(Contents::parse([b"LSCC", bytes.as_slice()].concat(), Format::Bit).unwrap(), found);
}

proptest! {
    #[test]
    fn files_written_and_read_are_the_same(
        behind in proptest::collection::vec(any::<u8>(), 0..5000), base in 0u32..0x0700_0000, texts in "[ -~]{1,80}",
    ) {
        let data = amd_data(0x04b5_7093, &behind);
        let lattice = [&[0xff, 0xff, 0xbd, 0xb3, 0xff, 0x3b, 0, 0, 0, 0xe2, 0, 0, 0, 0x41, 0x11, 0x30, 0x43], &behind[..]];
        for one in [
            contents(Header::None, data.clone()),
            contents(Header::Address(base), data.clone()),
            contents(Header::Amd(header(&texts)), data),
            contents(Header::Lattice(vec![texts.clone(), format!("Part: {texts}")]), lattice.concat()),
        ] {
            prop_assert_eq!(Contents::parse(one.write(), one.format), Ok(one));
        }
    }

    #[test]
    fn files_of_any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), head in 0usize..30) {
        let start = u50(&[]).write();
        for format in Format::ALL {
            let _ = Contents::parse([&start[..head], &bytes].concat(), format);
            let _ = Contents::parse(format!(":{}", String::from_utf8_lossy(&bytes)).into_bytes(), format);
        }
    }
}

#[test]
fn bit_cut_anywhere_is_refused() {
    let whole = u50(&[0x5a; 40]).write();
    for length in 0..whole.len() {
        let found = Contents::parse(whole[..length].to_vec(), Format::Bit);
        assert!(
            matches!(found, Err(Fault::Truncated { .. } | Fault::Empty | Fault::Magic)),
            "{length} bytes: {found:?}"
        );
    }
    let data = u50(&[0x5a; 40]).data.len();
    let (byte, said, have) = (whole.len() - data, data as u64, data as u64 + 1);
    let longer = [whole.as_slice(), &[0]].concat();
    assert_eq!(Contents::parse(longer, Format::Bit), Err(Fault::Trailing { byte, said, have }));
}

#[test]
fn bit_whose_header_was_damaged_is_refused_with_its_byte() {
    let whole = u50(&[]).write();
    let at = |text: &str| whole.windows(text.len()).position(|bytes| bytes == text.as_bytes()).unwrap();
    let damaged = |byte: usize, value: u8| {
        let mut bytes = whole.clone();
        bytes[byte] = value;
        Contents::parse(bytes, Format::Bit).unwrap_err()
    };
    assert_eq!(damaged(3, 0), Fault::Magic);
    assert_eq!(damaged(13, b'x'), Fault::Field { byte: 13, expected: 'a', found: b'x' });
    let part = at("xcu50");
    assert_eq!(damaged(part, 7), Fault::Text { byte: part, what: "part" });
    assert_eq!(damaged(part + 18, b'e'), Fault::Text { byte: part, what: "part" });
    let date = at("2026/11/23");
    let have = (whole.len() - date) as u64;
    assert_eq!(damaged(date - 2, 0xff), Fault::Truncated { what: "date", byte: date, need: 0xff0b, have });
}

#[test]
fn data_without_sync_word_or_idcode_is_refused() {
    let bin = |data: Vec<u8>| Contents::parse(data, Format::Bin).unwrap().target.unwrap_err();
    assert_eq!(bin(vec![0xff; 10_000]), Fault::NoSync { searched: 4096 });
    let data = amd_data(0x04b7_7093, &[]);
    let sync = 32;
    for length in sync + 4..data.len() {
        assert!(matches!(bin(data[..length].to_vec()), Fault::NoIdcode { .. }), "{length}");
    }
    let with = |words: &[u32]| {
        let words = words.iter().flat_map(|word| word.to_be_bytes());
        bin(data[..sync + 4].iter().copied().chain(words).collect())
    };
    assert_eq!(with(&[0x2000_0000, 0x5000_0010]), Fault::NoIdcode { byte: 40 });
    assert_eq!(with(&[0xe000_0000]), Fault::Packet { byte: 36, word: 0xe000_0000 });
    // A write of more words than there are.
    assert!(matches!(with(&[0x3000_07ff, 0]), Fault::NoIdcode { .. }));
    assert_eq!(bin(vec![0xff, 0xff, 0xbd, 0xb3, 0xff, 0x82, 0, 0, 0]), Fault::NoIdcode { byte: 5 });
}

#[test]
fn mcs_with_a_fault_is_refused_with_its_line() {
    use RecordFault as R;
    let sound = contents(Header::Address(0x0100_2000), amd_data(0x04b7_7093, &[0x11; 64])).write();
    let text = String::from_utf8(sound).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], ":020000040100F9");
    assert_eq!(lines[1], ":10200000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE0");
    let read = |lines: &[&str]| Contents::parse(lines.join("\r\n").into_bytes(), Format::Mcs);
    assert!(read(&lines).is_ok(), "lines end as Windows has them");
    // Line, what stands there instead, and why it is refused.
    type Case<'a> = (usize, &'a str, RecordFault);
    let cases: &[Case] = &[
        (1, "020000040100F9", R::Colon),
        (1, ":02000004010G", R::Digit(13)),
        (2, ":", R::Digit(2)),
        (2, ":0", R::Digit(3)),
        (2, ":00", R::Count { said: 0, have: 0 }),
        (2, ":11200000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE0", R::Count { said: 17, have: 16 }),
        (2, ":10200000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE1", R::Checksum { found: 0xe1, expected: 0xe0 }),
        (1, ":020000021000EC", R::Type(2)),
        (1, ":0100000401FA", R::Size { kind: 4, need: 2, have: 1 }),
        (3, lines[3], R::Gap { found: 0x0100_2020, expected: 0x0100_2010 }),
        (3, lines[1], R::Overlap { found: 0x0100_2000, expected: 0x0100_2010 }),
        (3, ":00000001FF\n:00000001FF", R::BehindEnd),
    ];
    for (line, other, why) in cases {
        let mut lines = lines.clone();
        lines[line - 1] = other;
        let place = if *why == R::BehindEnd { line + 1 } else { *line };
        assert_eq!(read(&lines), Err(Fault::Record { line: place, why: why.clone() }), "{other}");
    }
    let count = lines.len();
    assert_eq!(read(&lines[..count - 1]), Err(Fault::Record { line: count, why: R::NoEnd }));
    assert_eq!(read(&[":00000001FF"]), Err(Fault::Empty));
    assert_eq!(read(&[":02FFFF000102FD", ":00000001FF"]), Err(Fault::Record { line: 1, why: R::Address }));
}

fn order(kind: Kind) -> Order {
    let core = Capabilities { lanes: 4, groups: 1, block_log2: 13, op_fifo_log2: 9, elements: 0x67, max_bins: 2048 };
    Order {
        name: None,
        board: &BOARDS[0],
        kind,
        commit: Some("5dce797".into()),
        clock_mhz: Some(250.0),
        rebuild: Some("scripts/vivado/build u50".into()),
        registers: Some(RegisterMap::ours()),
        capabilities: Some(Abilities::new(&core, None, None)),
        tools: vec![Tool { name: "vivado".into(), version: "2023.2".into() }],
    }
}

#[test]
fn image_packed_is_opened_by_either_name() {
    let folder = tempfile::tempdir().unwrap();
    let one = u50(&[3; 1000]);
    for (name, file, kind) in [
        ("a.bit", one.write(), Kind::Card),
        ("a.bin", one.data.clone(), Kind::Golden),
        ("a.mcs", contents(Header::Address(0x0100_2000), one.data.clone()).write(), Kind::Backup),
        ("g.mcs", contents(Header::Address(0), one.data.clone()).write(), Kind::Golden),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, file).unwrap();
        let (manifest, written) = pack(&path, order(kind), false).unwrap();
        assert_eq!(written, folder.path().join(format!("{name}.toml")));
        for name in [&path, &written] {
            let image = Image::open(name).unwrap();
            assert_eq!((&image.manifest, &image.bytes, image.board.name), (&manifest, &one.data, "u50"));
            assert_eq!(image.path, path);
        }
        assert!(matches!(pack(&path, order(kind), false), Err(BitstreamError::Write(_))), "it is there already");
        assert!(pack(&path, order(kind), true).is_ok());
    }
}

#[test]
fn image_that_is_not_for_the_board_is_not_packed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mcs");
    fs::write(&path, contents(Header::Address(0), amd_data(0x04b7_7093, &[])).write()).unwrap();
    let said = pack(&path, order(Kind::Card), false).unwrap_err().to_string();
    assert!(said.contains("address 0x00000000") && said.contains("0x01002000"), "{said}");
    let other = Order { board: &BOARDS[1], ..order(Kind::Card) };
    let said = pack(&path, other, false).unwrap_err().to_string();
    assert!(said.contains("IDCODE 0x04b77093") && said.contains("u55c"), "{said}");
    let lacking = Order { commit: None, ..order(Kind::Golden) };
    assert!(pack(&path, lacking, false).is_ok(), "a golden image need not say who made it");
    let unsaid = Order { commit: None, kind: Kind::Card, ..order(Kind::Card) };
    fs::write(&path, contents(Header::Address(0x0100_2000), amd_data(0x04b7_7093, &[])).write()).unwrap();
    let said = pack(&path, unsaid, true).unwrap_err().to_string();
    assert!(said.contains("`commit` is missing"), "{said}");
}

#[test]
fn image_without_a_configuration_is_packed_as_a_backup_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slot.bin");
    fs::write(&path, [0xff; 4096]).unwrap();
    let blank = Order { commit: None, registers: None, capabilities: None, tools: vec![], ..order(Kind::Backup) };
    for kind in [Kind::Card, Kind::Golden] {
        let error = pack(&path, order(kind), false).unwrap_err();
        let BitstreamError::Unsuited { mismatch, .. } = &error else { panic!("{error}") };
        assert_eq!((mismatch.name(), mismatch), ("target", &Mismatch::Target(Fault::NoSync { searched: 4096 })));
    }
    pack(&path, blank, false).unwrap();
    assert_eq!(Image::open(&path).unwrap().bytes, [0xff; 4096]);
}

#[test]
fn image_changed_after_packing_is_refused_by_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bit");
    let whole = u50(&[3; 1000]);
    fs::write(&path, whole.write()).unwrap();
    pack(&path, order(Kind::Card), false).unwrap();
    let said = || Image::open(&path).map(|image| image.bytes.len()).unwrap_err().to_string();

    let mut other = whole.clone();
    *other.data.last_mut().unwrap() ^= 1;
    fs::write(&path, other.write()).unwrap();
    assert!(said().contains("CRC-32"), "{}", said());
    other.data.push(0);
    fs::write(&path, other.write()).unwrap();
    assert!(said().contains("1085 bytes of configuration data, 1084 were packed"), "{}", said());
    fs::write(&path, &whole.write()[..500]).unwrap();
    assert!(said().contains("cut short"), "{}", said());
    let mut other = whole.clone();
    other.header = Header::Amd(header("xcu55c-fsvh2892-2L-e"));
    fs::write(&path, other.write()).unwrap();
    assert!(said().contains("names the part xcu55c"), "{}", said());
    fs::write(&path, contents(Header::Amd(header("xcu50-fsvh2104-2-e")), amd_data(0x04b7_d093, &[3; 1000])).write())
        .unwrap();
    assert!(said().contains("CRC-32"), "{}", said());

    let moved = folder.path().join("b.bit");
    fs::write(&moved, whole.write()).unwrap();
    fs::copy(manifest_path(&path), manifest_path(&moved)).unwrap();
    let error = Image::open(&moved).unwrap_err();
    let BitstreamError::Mismatch { mismatch, .. } = &error else { panic!("{error}") };
    assert_eq!(mismatch.name(), "file");
    fs::remove_file(manifest_path(&moved)).unwrap();
    assert!(matches!(Image::open(&moved), Err(BitstreamError::NoManifest { .. })));
    assert!(matches!(Image::open(&folder.path().join("c.bit")), Err(BitstreamError::Read { .. })));
    assert!(matches!(Image::open(&folder.path().join("c.hex")), Err(BitstreamError::Unknown { .. })));
    assert!(matches!(Image::open(&folder.path().join("c.toml")), Err(BitstreamError::Read { .. })));
}

#[test]
fn manifest_that_is_not_understood_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bit");
    fs::write(&path, u50(&[]).write()).unwrap();
    let (manifest, written) = pack(&path, order(Kind::Card), false).unwrap();
    let text = fs::read_to_string(&written).unwrap();
    insta::assert_snapshot!(text);
    assert_eq!(parse_manifest(&text).unwrap(), manifest);
    let cases = [
        (text.replace("schema = 1", "schema = 2\nnews = 1"), "its schema is 2, this build reads 1"),
        (text.replace("schema = 1", "schema = 1\nnews = 1"), "unknown field `news`"),
        (text.replace("lanes = 4", "lanes = 4\nlines = 5"), "unknown field `lines`"),
        (text.replace("\"card\"", "\"carb\""), "unknown variant `carb`"),
        (text.replace("0x04b77093", "0x4b77093"), "0x and eight hex digits are needed"),
        (text.replace("lanes = 4", "lanes = -4"), "line 2"),
        (text.replace("name = \"a\"", "name = "), "line 2"),
        (text.replace("board = \"u50\"\n", ""), "missing field `board`"),
    ];
    for (text, words) in &cases {
        fs::write(&written, text).unwrap();
        let said = Image::open(&path).unwrap_err().to_string();
        assert!(said.contains(words), "{words}: {said}");
    }
    fs::write(&written, [0xff, 0xfe]).unwrap();
    assert!(Image::open(&path).unwrap_err().to_string().contains("byte 0 is not UTF-8"));
    fs::write(&written, text.replace("file = \"a.bit\"", "file = \"../a.bit\"")).unwrap();
    assert!(Image::open(&path).unwrap_err().to_string().contains("without a folder"));
}

#[test]
fn report_of_an_image_tells_all() {
    let folder = tempfile::tempdir().unwrap();
    let text = |path: &Path| {
        let lines = Report::of(path).unwrap().lines().into_iter();
        lines.map(|(name, value)| format!("{name:<10}{value}\n")).collect::<String>()
    };
    let path = folder.path().join("a.bit");
    fs::write(&path, u50(&[3; 1000]).write()).unwrap();
    let mut all = text(&path);
    let (_, written) = pack(&path, order(Kind::Card), false).unwrap();
    assert!(Report::of(&written).unwrap().verified());
    all = format!("{all}\n{}", text(&written));
    fs::write(&path, contents(Header::Amd(header("xcu55c-fsvh2892-2L-e")), amd_data(0x04b7_d093, &[4])).write())
        .unwrap();
    assert!(!Report::of(&written).unwrap().verified());
    all = format!("{all}\n{}", text(&path));
    for (name, bytes) in [
        ("lfe5u.bit", vector("lfe5u-85f-ecppack.bit.gz")),
        ("b.mcs", contents(Header::Address(0x0100_2000), amd_data(0x04b5_7093, &[5; 99])).write()),
        ("c.bin", vec![0xff; 99]),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        all = format!("{all}\n{}", text(&path));
    }
    insta::assert_snapshot!(all);
}
