//! Finds what means one thing in Rust and another in Verilog.
//!
//! Rust-HDL translates `update` word by word. Some words differ: Verilog evaluates `a + b` at the width of what stands
//! around it, binds `&` weaker than `==`, executes an `always` block once from top to bottom where Rust runs `update`
//! until nothing changes, and makes a latch of what is not assigned on every way. Rust-HDL says nothing about any of
//! that; this does, for every block of a design, each of equal ones once.

mod expression;
mod flow;
mod scope;

use super::keywords::is_keyword;
use super::tree::Tree;
use flow::Flow;
use rust_hdl::prelude::*;
use scope::{Role, Scope};
use std::fmt;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A wider place keeps the carry of a sum, or the upper ones of a `!`: put it into a `Local` first.
    Growing,
    /// Verilog binds the operators in another order: add parentheses.
    Precedence,
    /// Bits are taken of something that is not a signal: put it into a `Local` first.
    SliceOfExpression,
    /// Bits are taken beyond the end: undefined in Verilog.
    OutOfRange,
    /// Two indices in one path: only the first is translated.
    DoubleIndex,
    /// A name that Verilog keeps for itself.
    Keyword,
    /// A name that is no signal, constant, state or loop variable: it has no meaning in Verilog.
    UnknownName,
    /// A literal that does not fit what it is assigned to.
    WideLiteral,
    /// Assigned on some ways only, with no default before: a latch.
    Latch,
    /// Never assigned.
    Undriven,
    /// Read where it is not assigned yet, or an input of a part that is assigned again below: Rust reads what it is in
    /// the end, Verilog what it was before.
    ReadBeforeWrite,
    /// Assigned here, but it is an input of this block or an output of a part.
    WrongDriver,
    /// Has outputs but no Verilog.
    NoVerilog,
}

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Block, as a path from the top.
    pub path: String,
    /// What is wrong.
    pub rule: Rule,
    /// The name or expression.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = match self.rule {
            Rule::Growing => "grows in a wider place: put it into a Local first",
            Rule::Precedence => "is bound in another order in Verilog: add parentheses",
            Rule::SliceOfExpression => "is no signal, but bits of it are taken: put it into a Local first",
            Rule::OutOfRange => "goes beyond the end of the signal",
            Rule::DoubleIndex => "has two indices in one path: copy one to a Local",
            Rule::Keyword => "is a word that Verilog keeps for itself: rename it",
            Rule::UnknownName => "means nothing in Verilog: use a literal or a Constant field",
            Rule::WideLiteral => "does not fit its signal",
            Rule::Latch => "is assigned on some ways only: assign a default first",
            Rule::Undriven => "is never assigned",
            Rule::ReadBeforeWrite => "is read before it is assigned: Verilog reads the value before",
            Rule::WrongDriver => "is driven elsewhere",
            Rule::NoVerilog => "has outputs, but no Verilog",
        };
        write!(f, "{}: {} {rule}", self.path, self.what)
    }
}

/// All findings of a design, in the order of the walk.
pub fn lint<T: Block>(design: &T) -> Vec<Finding> {
    let mut tree = Tree::default();
    design.accept("top", &mut tree);
    let mut walk = Walk { is_first: tree.is_first, next: 0, open: Vec::new(), findings: Vec::new() };
    design.accept("top", &mut walk);
    walk.findings
}

/// The test that every core passes.
///
/// # Panics
/// With all findings, when there are any.
pub fn assert_no_findings<T: Block>(design: &T) {
    let findings: Vec<String> = lint(design).iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

/// A block whose parts are being walked.
struct Open {
    first: bool,
    name: String,
    namespace: Vec<String>,
    scope: Scope,
}

struct Walk {
    is_first: Vec<bool>,
    next: usize,
    open: Vec<Open>,
    findings: Vec<Finding>,
}

impl Walk {
    fn path(&self) -> String {
        self.open.iter().map(|open| open.name.as_str()).collect::<Vec<_>>().join(".")
    }
    fn find(&mut self, rule: Rule, what: String) {
        let finding = Finding { path: self.path(), rule, what };
        // A loop says the same thing many times.
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
    fn check_name(&mut self, name: &str) {
        if self.open.last().is_some_and(|open| open.first) && is_keyword(name) {
            self.find(Rule::Keyword, name.to_string());
        }
    }
}

impl Probe for Walk {
    fn visit_start_scope(&mut self, name: &str, _: &dyn Block) {
        let first = self.is_first.get(self.next).is_some_and(|&first| first);
        self.next += 1;
        if !self.open.is_empty() {
            self.check_name(name);
        }
        self.open.push(Open { first, name: name.into(), namespace: Vec::new(), scope: Scope::default() });
    }
    fn visit_start_namespace(&mut self, name: &str, _: &dyn Block) {
        self.check_name(name);
        if let Some(open) = self.open.last_mut() {
            open.namespace.push(name.into());
        }
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        self.check_name(name);
        let kind = signal.kind();
        let Some(open) = self.open.last_mut() else { return };
        let full = open.namespace.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("$");
        let role = match kind {
            AtomKind::OutputParameter | AtomKind::LocalSignal => Role::Own,
            AtomKind::Constant => Role::Constant,
            _ => Role::Given,
        };
        open.scope.add(&full, signal, role, kind == AtomKind::OutputParameter);
        let part = open.name.clone();
        let outer = self.open.len().checked_sub(2).and_then(|at| self.open.get_mut(at));
        if let (Some(outer), true) = (outer, kind.is_parameter()) {
            let role = if kind == AtomKind::InputParameter { Role::Part } else { Role::Given };
            outer.scope.add(&format!("{part}${full}"), signal, role, false);
        }
    }
    fn visit_end_namespace(&mut self, _: &str, _: &dyn Block) {
        if let Some(open) = self.open.last_mut() {
            open.namespace.pop();
        }
    }
    fn visit_end_scope(&mut self, _: &str, node: &dyn Block) {
        let Some(open) = self.open.last_mut() else { return };
        if open.first {
            let scope = std::mem::take(&mut open.scope);
            let found = match node.hdl() {
                Verilog::Combinatorial(code) => Flow::check(&scope, &code),
                Verilog::Empty if scope.has_outputs => vec![(Rule::NoVerilog, "it".to_string())],
                _ => Vec::new(),
            };
            for (rule, what) in found {
                self.find(rule, what);
            }
        }
        self.open.pop();
    }
}
