//! Every top is free of findings, and its file in `hdl/gen` is what it is emitted as.

use debye_hdl::tops::{Design, TOPS, roomy};
use debye_spec::manifest::Abilities;
use debye_spec::registers::{Capabilities, register};
use debye_spec::ring_map::{EncodeCapabilities, RingCapabilities, ring_register};
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

/// A register over AXI4-Lite; `None` if it is answered with an error.
fn read(design: &mut dyn Design, offset: u32) -> Option<u32> {
    let set = |design: &mut dyn Design, name: &str, value| {
        let port = design.port(name);
        design.set_u64(port, value);
    };
    let get = |design: &mut dyn Design, name: &str| {
        let port = design.port(name);
        design.get_u64(port)
    };
    set(design, "s_axil_araddr", offset.into());
    set(design, "s_axil_arvalid", 1);
    set(design, "s_axil_rready", 1);
    // An engine answers only when its reset is through.
    for _ in 0..20_000 {
        design.settle();
        let taken = get(design, "s_axil_arready") == 1;
        let came = get(design, "s_axil_rvalid") == 1;
        let answer = (get(design, "s_axil_rdata") as u32, get(design, "s_axil_rresp"));
        design.tick();
        if taken {
            set(design, "s_axil_arvalid", 0);
        }
        if came {
            return (answer.1 == 0).then_some(answer.0);
        }
    }
    panic!("no answer at {offset:#x}")
}

/// Only the small cards: to simulate the large ones takes as long as all other tests. The card behind a UART is asked in its
/// own tests.
#[test]
fn gateware_said_of_a_card_is_what_its_registers_read() {
    for top in TOPS {
        let Some(said) = top.gateware() else { continue };
        if said.capabilities.lanes > 1 || top.name == "debye_serial_card" {
            continue;
        }
        let found = roomy(|| {
            let mut design = (top.design)();
            for reset in [1, 0] {
                let port = design.port("reset");
                design.set_u64(port, reset);
                (0..4).for_each(|_| design.tick());
            }
            let mut at = |offset| read(&mut *design, offset);
            let core = ["capabilities", "max_bins"].map(|name| at(register(name).unwrap().offset).unwrap());
            let rings =
                ["ring_capabilities", "encode_capabilities"].map(|name| at(ring_register(name).unwrap().offset));
            let core = Capabilities::from_registers(core[0], core[1]);
            let [rings, encodes] = rings;
            Abilities::new(
                &core,
                rings.map(RingCapabilities::from_register).as_ref(),
                encodes.map(EncodeCapabilities::from_register).as_ref(),
            )
        });
        assert_eq!(found, said.capabilities, "{}", top.name);
    }
}
