//! Images and manifests.

use arbitrary::{Arbitrary, Unstructured};
use debye::bitstream::{Contents, parse_manifest, write_manifest};
use debye_spec::board::BOARDS;
use debye_spec::manifest::{Format, Kind};

/// Bytes as (format, put checksums right?, file): an error, or contents that survive being written and read again. With the
/// checksums of Intel HEX put right, what is behind them is reached.
pub fn bitstream(data: &[u8]) {
    let Ok((format, sound, file)) = <(u8, bool, &[u8])>::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let format = Format::ALL[format as usize % Format::ALL.len()];
    let file = if sound && format == Format::Mcs { with_checksums(file) } else { file.to_vec() };
    let Ok(contents) = Contents::parse(file, format) else { return };
    assert_eq!(Contents::parse(contents.write(), format).as_ref(), Ok(&contents));
    assert_eq!(contents.digest().length, contents.data.len() as u64);
    for board in &BOARDS {
        for kind in Kind::ALL {
            let unsuited = contents.suits(board, kind);
            assert!(unsuited.iter().all(|mismatch| !mismatch.name().is_empty() && !mismatch.to_string().is_empty()));
            assert!(
                !unsuited.is_empty()
                    || kind == Kind::Backup
                    || board.has_idcode(contents.target.clone().unwrap().idcode)
            );
        }
    }
}

/// Bytes as the text of a manifest: an error, or a manifest that survives being written and read again, and whose board
/// takes it if it is found sound.
pub fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(manifest) = parse_manifest(text) else { return };
    if let Ok(board) = manifest.check() {
        assert!(board.name == manifest.board && board.has_idcode(manifest.idcode.0));
        assert!(!manifest.image.file.contains('/') && manifest.image.length > 0);
        let again = write_manifest(&manifest).expect("what is sound can be written");
        assert_eq!(parse_manifest(&again).expect("what we write we read"), manifest);
    }
}

/// The lines of a file, each with the checksum that it should have where it is long enough for one.
fn with_checksums(file: &[u8]) -> Vec<u8> {
    let fix = |line: &[u8]| {
        let digits = line.strip_prefix(b":").filter(|digits| digits.len() >= 10 && digits.is_ascii())?;
        let text = std::str::from_utf8(digits).ok()?;
        let byte = |pair: usize| u8::from_str_radix(&text[2 * pair..2 * pair + 2], 16).ok();
        let sum = (0..text.len() / 2 - 1).try_fold(0u8, |sum, pair| Some(sum.wrapping_add(byte(pair)?)))?;
        Some(format!(":{}{:02X}", &text[..text.len() / 2 * 2 - 2], sum.wrapping_neg()).into_bytes())
    };
    file.split(|&byte| byte == b'\n')
        .flat_map(|line| [fix(line).unwrap_or_else(|| line.to_vec()), vec![b'\n']].concat())
        .collect()
}
