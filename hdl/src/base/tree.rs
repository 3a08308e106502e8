//! The instances of a design, and which of them are equal.

use super::pins::Port;
use rust_hdl::prelude::*;
use std::collections::HashMap;
use std::fmt::Write as _;

/// A leaf with hand-written Verilog says what it is in a first line of this form.
const NAME: &str = "// module: ";

/// All instances that have the same ports, signals, code and parts.
pub(super) struct Class {
    /// Path of the first instance, joined with `$` as Rust-HDL does.
    pub path: String,
    /// Place of the first instance, in the order of the walk.
    pub first: usize,
    /// Whether it has a port `clock`.
    pub has_clock: bool,
    /// Whether it wraps foreign Verilog.
    pub foreign: bool,
    /// Names and classes of its parts.
    pub parts: Vec<(String, usize)>,
    name: Option<String>,
    ports: Vec<Port>,
}

impl Class {
    /// What it is: its own word, a flip-flop of some bits, or the field of its first instance without indices.
    pub(super) fn kind(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let mut ports: Vec<&str> = self.ports.iter().map(|port| port.name.as_str()).collect();
        ports.sort_unstable();
        if self.parts.is_empty() && ports == ["clock", "d", "q"] {
            return format!("dff_{}", self.ports.iter().find(|port| port.name == "q").map_or(0, |port| port.width));
        }
        let mut segments = self.path.split('$').rev();
        let is_index = |segment: &str| segment.bytes().all(|b| b.is_ascii_digit());
        let field = segments.find(|segment| !is_index(segment)).unwrap_or("part");
        // One of `lanes` is a lane.
        let one = if self.path.rsplit('$').next().is_some_and(is_index) { field.trim_end_matches('s') } else { field };
        one.trim_matches('_').to_lowercase()
    }
}

/// Whether a line of Verilog is a leaf's word on what it is.
pub(super) fn is_name(line: &str) -> bool {
    line.trim_start().starts_with(NAME)
}

/// Code, signals and parts: what makes instances equal.
type Key = (String, String, Vec<(String, usize)>);

#[derive(Default)]
struct Open {
    index: usize,
    name: String,
    namespace: Vec<String>,
    code: String,
    leaf: Option<String>,
    foreign: bool,
    atoms: String,
    ports: Vec<Port>,
    parts: Vec<(String, usize)>,
}

/// Walks a design and sorts its instances into classes.
#[derive(Default)]
pub(super) struct Tree {
    /// The classes; parts come before what they are parts of.
    pub classes: Vec<Class>,
    /// Whether an instance, in the order of the walk, is the first of its class.
    pub is_first: Vec<bool>,
    keys: HashMap<Key, usize>,
    open: Vec<Open>,
}

impl Tree {
    /// Ports of the whole.
    pub(super) fn top_ports(&self) -> impl Iterator<Item = Port> + '_ {
        self.classes.iter().filter(|class| class.first == 0).flat_map(|class| class.ports.iter().cloned())
    }
}

impl Probe for Tree {
    fn visit_start_scope(&mut self, name: &str, node: &dyn Block) {
        let mut open = Open { index: self.is_first.len(), name: name.into(), ..Open::default() };
        self.is_first.push(false);
        let code = node.hdl();
        if let Verilog::Custom(text) = &code {
            open.leaf =
                text.lines().next().and_then(|line| line.strip_prefix(NAME)).map(|name| name.trim().to_string());
        }
        open.foreign = matches!(code, Verilog::Blackbox(_) | Verilog::Wrapper(_));
        open.code = format!("{code:?}");
        self.open.push(open);
    }
    fn visit_start_namespace(&mut self, name: &str, _: &dyn Block) {
        if let Some(open) = self.open.last_mut() {
            open.namespace.push(name.into());
        }
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        let Some(open) = self.open.last_mut() else { return };
        let mut full = open.namespace.join("$");
        if !full.is_empty() {
            full.push('$');
        }
        full += name;
        let kind = signal.kind();
        let value = if kind == AtomKind::Constant { signal.verilog().to_string() } else { String::new() };
        let _ = write!(open.atoms, "{full} {kind:?} {} {value} {:?};", signal.bits(), signal.descriptor().kind);
        if kind.is_parameter() {
            let input = kind == AtomKind::InputParameter;
            open.ports.push(Port { name: full, width: signal.bits(), input });
        }
    }
    fn visit_end_namespace(&mut self, _: &str, _: &dyn Block) {
        if let Some(open) = self.open.last_mut() {
            open.namespace.pop();
        }
    }
    fn visit_end_scope(&mut self, _: &str, _: &dyn Block) {
        let Some(open) = self.open.pop() else { return };
        let path: Vec<&str> = self.open.iter().map(|o| o.name.as_str()).chain([open.name.as_str()]).collect();
        let path = path.join("$");
        let next = self.classes.len();
        let class = *self.keys.entry((open.code, open.atoms, open.parts.clone())).or_insert(next);
        if class == next {
            self.is_first[open.index] = true;
            self.classes.push(Class {
                path,
                first: open.index,
                has_clock: open.ports.iter().any(|port| port.name == "clock" && port.input),
                foreign: open.foreign,
                parts: open.parts,
                name: open.leaf,
                ports: open.ports,
            });
        }
        if let Some(parent) = self.open.last_mut() {
            parent.parts.push((open.name, class));
        }
    }
}

/// Hands a design to Rust-HDL's generator, but of equal instances only the first: the others show their ports, which
/// is what the module around them needs, and nothing else.
pub(super) struct Once<'a> {
    tree: &'a Tree,
    defines: ModuleDefines,
    next: usize,
    /// Depth inside an instance that is not the first of its class.
    repeated: usize,
}

/// Stands for an instance whose Verilog is not wanted.
struct Nothing;

impl Logic for Nothing {
    fn update(&mut self) {}
}

impl Block for Nothing {
    fn connect_all(&mut self) {}
    fn update_all(&mut self) {}
    fn has_changed(&self) -> bool {
        false
    }
    fn accept(&self, _: &str, _: &mut dyn Probe) {}
}

/// A signal without its value of the moment, which the generator asks all signals for and not all widths can give.
struct Quiet<'a>(&'a dyn Atom);

impl Atom for Quiet<'_> {
    fn bits(&self) -> usize {
        self.0.bits()
    }
    fn connected(&self) -> bool {
        self.0.connected()
    }
    fn changed(&self) -> bool {
        self.0.changed()
    }
    fn kind(&self) -> AtomKind {
        self.0.kind()
    }
    fn descriptor(&self) -> TypeDescriptor {
        self.0.descriptor()
    }
    fn vcd(&self) -> VCDValue {
        self.0.vcd()
    }
    fn id(&self) -> usize {
        self.0.id()
    }
    fn verilog(&self) -> VerilogLiteral {
        if self.kind() == AtomKind::Constant { self.0.verilog() } else { false.into() }
    }
    fn constraints(&self) -> Vec<PinConstraint> {
        self.0.constraints()
    }
}

impl<'a> Once<'a> {
    pub(super) fn new(tree: &'a Tree) -> Once<'a> {
        Once { tree, defines: ModuleDefines::default(), next: 0, repeated: 0 }
    }
    /// The modules, those of repeated instances empty.
    pub(super) fn defines(&self) -> String {
        self.defines.defines()
    }
}

impl Probe for Once<'_> {
    fn visit_start_scope(&mut self, name: &str, node: &dyn Block) {
        let first = self.tree.is_first.get(self.next).is_some_and(|&first| first);
        self.next += 1;
        if self.repeated > 0 || !first {
            self.repeated += 1;
        }
        match self.repeated {
            0 => self.defines.visit_start_scope(name, node),
            1 => self.defines.visit_start_scope(name, &Nothing),
            _ => {}
        }
    }
    fn visit_start_namespace(&mut self, name: &str, node: &dyn Block) {
        if self.repeated <= 1 {
            self.defines.visit_start_namespace(name, node);
        }
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        if self.repeated <= 1 {
            self.defines.visit_atom(name, &Quiet(signal));
        }
    }
    fn visit_end_namespace(&mut self, name: &str, node: &dyn Block) {
        if self.repeated <= 1 {
            self.defines.visit_end_namespace(name, node);
        }
    }
    fn visit_end_scope(&mut self, name: &str, node: &dyn Block) {
        if self.repeated <= 1 {
            self.defines.visit_end_scope(name, node);
        }
        self.repeated = self.repeated.saturating_sub(1);
    }
}
