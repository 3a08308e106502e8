//! Writes the Verilog of every core and card, and what a manifest says of each card: `emit-gateware [FOLDER]`, `hdl/gen`
//! if left out.

use debye_hdl::tops::TOPS;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("hdl/gen"), PathBuf::from);
    if let Err(error) = std::fs::create_dir_all(&folder) {
        eprintln!("{}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    for top in TOPS {
        let path = folder.join(top.name).with_extension("v");
        let text = match top.verilog() {
            Ok(text) => text,
            Err(error) => {
                eprintln!("{}: {error}", top.name);
                return ExitCode::FAILURE;
            }
        };
        let files =
            [Some((path.clone(), text.clone())), top.gateware_text().map(|said| (path.with_extension("toml"), said))];
        for (path, text) in files.into_iter().flatten() {
            if let Err(error) = std::fs::write(&path, text) {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
        }
        println!("{}: {} modules, {} KiB", path.display(), text.matches("\nmodule ").count(), text.len() >> 10);
    }
    ExitCode::SUCCESS
}
