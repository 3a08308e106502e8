//! Every top is free of findings, and its file in `hdl/gen` is what it is emitted as.

use debye_hdl::tops::TOPS;
use std::path::Path;

#[test]
fn tops_have_no_findings() {
    let mut texts = Vec::new();
    for top in TOPS {
        texts.extend(top.findings().iter().map(|finding| format!("{} {finding}", top.name)));
    }
    assert!(texts.is_empty(), "{} findings:\n{}", texts.len(), texts.join("\n"));
}

#[test]
fn gen_files_are_what_the_tops_are_emitted_as() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("gen");
    let mut stale = Vec::new();
    for top in TOPS {
        let path = folder.join(top.name).with_extension("v");
        let said = std::fs::read_to_string(path.with_extension("toml")).ok();
        if std::fs::read_to_string(&path).ok() != top.verilog().ok() || said != top.gateware_text() {
            stale.push(top.name);
        }
    }
    assert!(stale.is_empty(), "stale in hdl/gen: {stale:?}; run `cargo run -p debye-hdl --bin emit-gateware`");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let lost: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|e| e == "v" || e == "toml"))
        .filter(|path| !TOPS.iter().any(|top| path.file_stem().is_some_and(|stem| stem == top.name)))
        .collect();
    assert!(lost.is_empty(), "no top is called so any more: {lost:?}");
}
