//! Modules that stand in a design more than once are compiled once.
//!
//! Verilator puts all modules into one another and writes C++ for each instance anew: 12 lanes are 12 times the code of
//! one. It merges functions that are equal, but only where modules are kept apart, their ports stay variables, and
//! nothing is optimised across their borders. What says so is a file of its own configuration language.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

/// Lines of Verilog, with all that stands in it, from which on a module is worth its own functions.
const WORTH: usize = 500;

/// A module as the emitter writes it.
#[derive(Debug, Default)]
struct Module<'a> {
    ports: Vec<&'a str>,
    lines: usize,
    parts: Vec<&'a str>,
}

/// The configuration for `verilog`, in the emitter's layout; none if nothing large stands in it twice.
pub(super) fn configuration(top: &str, verilog: &str) -> Option<String> {
    let modules = modules(verilog);
    let mut counts = HashMap::new();
    let mut sizes = HashMap::new();
    count(&modules, top, &mut counts);
    let mut shared = BTreeSet::new();
    choose(&modules, top, &|name| counts.get(name).is_some_and(|&count| count > 1), &mut sizes, &mut shared);
    let mut text = String::new();
    for name in shared {
        let _ = writeln!(text, "no_inline -module \"{name}\"");
        for port in modules.get(name).iter().flat_map(|module| &module.ports) {
            let _ = writeln!(text, "public_flat_rd -module \"{name}\" -var \"{port}\"");
        }
    }
    (!text.is_empty()).then(|| format!("`verilator_config\n{text}"))
}

/// The outermost modules that are worth it: each port costs a little, and modules within modules have many.
fn choose<'a>(
    modules: &BTreeMap<&'a str, Module<'a>>,
    name: &'a str,
    again: &impl Fn(&str) -> bool,
    sizes: &mut HashMap<&'a str, usize>,
    shared: &mut BTreeSet<&'a str>,
) {
    if again(name) && size(modules, name, sizes) >= WORTH {
        shared.insert(name);
    } else {
        for part in modules.get(name).iter().flat_map(|module| &module.parts) {
            choose(modules, part, again, sizes, shared);
        }
    }
}

fn modules(verilog: &str) -> BTreeMap<&str, Module<'_>> {
    let mut modules = BTreeMap::new();
    let mut open: Option<(&str, Module)> = None;
    for line in verilog.lines() {
        let words = line.trim();
        if let Some(name) = line.strip_prefix("module ") {
            open = Some((name.trim_end_matches(" ("), Module::default()));
        } else if words == "endmodule" {
            modules.extend(open.take());
        } else if let Some((_, module)) = &mut open {
            module.lines += 1;
            if words.starts_with("input ") || words.starts_with("output ") {
                module.ports.extend(words.trim_end_matches(',').split(' ').next_back());
            } else if let Some((kind, _)) = words.strip_suffix(" (").and_then(|part| part.split_once(' ')) {
                module.parts.push(kind);
            }
        }
    }
    modules
}

/// Adds up how often each module stands in `name`.
fn count<'a>(modules: &BTreeMap<&'a str, Module<'a>>, name: &'a str, counts: &mut HashMap<&'a str, usize>) {
    let Some(module) = modules.get(name) else { return };
    *counts.entry(name).or_default() += 1;
    for part in &module.parts {
        count(modules, part, counts);
    }
}

fn size<'a>(modules: &BTreeMap<&'a str, Module<'a>>, name: &'a str, sizes: &mut HashMap<&'a str, usize>) -> usize {
    if let Some(&size) = sizes.get(name) {
        return size;
    }
    let Some(module) = modules.get(name) else { return 0 };
    let mut size = module.lines;
    for part in &module.parts {
        size += self::size(modules, part, sizes);
    }
    sizes.insert(name, size);
    size
}
