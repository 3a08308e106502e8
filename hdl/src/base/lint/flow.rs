//! Statements: what is assigned on which ways, and what is read before.

use super::Rule;
use super::expression::{Expressions, literal_bits};
use super::scope::{Meaning, Role, Scope};
use rust_hdl::prelude::ast::{
    VerilogBlockOrConditional as Otherwise, VerilogConditional, VerilogExpression as E, VerilogLink,
    VerilogStatement as S,
};

/// A set of signals by number.
#[derive(Clone)]
struct Set(Vec<u64>);

impl Set {
    fn insert(&mut self, signal: usize) {
        self.0[signal / 64] |= 1 << (signal % 64);
    }
    fn contains(&self, signal: usize) -> bool {
        self.0[signal / 64] >> (signal % 64) & 1 != 0
    }
    fn add(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
    fn keep(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }
}

/// What happened on the ways to a statement.
#[derive(Clone)]
struct Ways {
    /// Assigned on all of them.
    always: Set,
    /// Assigned on some.
    sometimes: Set,
    /// Read on some.
    read: Set,
}

impl Ways {
    /// Of two ways that meet.
    fn meet(&mut self, other: &Ways) {
        self.always.keep(&other.always);
        self.sometimes.add(&other.sometimes);
        self.read.add(&other.read);
    }
}

/// Walks an `update`.
pub(super) struct Flow<'a> {
    look: Expressions<'a>,
    ways: Ways,
    /// Own signals that were read on a way on which they are not assigned yet.
    early: Set,
}

impl<'a> Flow<'a> {
    /// All findings of one `update`.
    pub(super) fn check(scope: &'a Scope, code: &[S]) -> Vec<(Rule, String)> {
        let none = Set(vec![0; scope.signals.len().div_ceil(64)]);
        let ways = Ways { always: none.clone(), sometimes: none.clone(), read: none.clone() };
        let look = Expressions { scope, loops: Vec::new(), found: Vec::new(), read: Vec::new() };
        let mut flow = Flow { look, ways, early: none };
        flow.block(code);
        for (number, signal) in scope.signals.iter().enumerate().filter(|(_, signal)| signal.role.is_driven()) {
            if flow.early.contains(number) && flow.ways.sometimes.contains(number) {
                flow.look.found.push((Rule::ReadBeforeWrite, signal.name.replace('$', ".")));
            }
            let rule = match (flow.ways.always.contains(number), flow.ways.sometimes.contains(number)) {
                (true, _) => continue,
                (false, true) => Rule::Latch,
                (false, false) => Rule::Undriven,
            };
            flow.look.found.push((rule, signal.name.replace('$', ".")));
        }
        flow.look.found
    }

    fn block(&mut self, code: &[S]) {
        for statement in code {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &S) {
        match statement {
            S::Assignment(target, value) => {
                let width = self.look.verilog_width(target);
                if let E::Literal(literal) = value
                    && literal_bits(literal).1 > width
                    && let E::Signal(name) = target
                {
                    self.look.found.push((Rule::WideLiteral, format!("{literal} in {}", name.replace("$next", ""))));
                }
                self.look.check(value, width);
                self.reads();
                self.assign(target, true);
            }
            S::SliceAssignment { base, offset, replacement, width } => {
                self.look.alone(offset);
                self.look.check(replacement, *width);
                self.reads();
                self.assign(base, false);
            }
            S::If(condition) => self.conditional(condition),
            S::Match(m) => {
                self.look.matched(&m.test);
                self.reads();
                let before = self.ways.clone();
                let mut after: Option<Ways> = None;
                let mut default = false;
                for case in &m.cases {
                    default |= case.condition == "default";
                    self.label(&case.condition);
                    self.ways = before.clone();
                    self.block(&case.block);
                    match &mut after {
                        Some(after) => after.meet(&self.ways),
                        None => after = Some(self.ways.clone()),
                    }
                }
                self.ways = after.unwrap_or_else(|| before.clone());
                if !default {
                    self.ways.meet(&before);
                }
            }
            S::Loop(l) => {
                for value in l.from.as_usize()..l.to.as_usize() {
                    self.look.loops.push((l.index.clone(), value as u64));
                    self.block(&l.block);
                    self.look.loops.pop();
                }
            }
            S::Link(links) => {
                for link in links {
                    let (VerilogLink::Forward(link) | VerilogLink::Backward(link) | VerilogLink::Bidirectional(link)) =
                        link;
                    for name in [&link.owner_name, &link.other_name] {
                        let scope = self.look.scope;
                        scope.below(name).for_each(|signal| self.ways.always.insert(signal));
                    }
                }
            }
            S::Macro(code) => self.block(code),
            S::Comment(_) => {}
        }
    }

    fn conditional(&mut self, condition: &VerilogConditional) {
        self.look.alone(&condition.test);
        self.reads();
        let before = self.ways.clone();
        self.block(&condition.then);
        let then = std::mem::replace(&mut self.ways, before);
        match &condition.otherwise {
            Otherwise::Block(code) => self.block(code),
            Otherwise::Conditional(statement) => self.statement(statement),
            Otherwise::None => {}
        }
        self.ways.meet(&then);
    }

    /// Labels of `match` go into Verilog as they stand: decimal numbers and states have a meaning there.
    fn label(&mut self, label: &str) {
        let number = label.bytes().all(|b| b.is_ascii_digit());
        let known = matches!(self.look.scope.meaning(label, &self.look.loops), Meaning::State | Meaning::Number(_));
        if label != "default" && !number && !known {
            self.look.found.push((Rule::UnknownName, format!("label {label}")));
        }
    }

    /// Takes over what expressions have read.
    fn reads(&mut self) {
        for signal in self.look.read.drain(..) {
            self.ways.read.insert(signal);
            if self.look.scope.signals[signal].role == Role::Own && !self.ways.always.contains(signal) {
                self.early.insert(signal);
            }
        }
    }

    fn assign(&mut self, target: &E, whole: bool) {
        let E::Signal(name) = target else {
            self.look.check(target, 0);
            return;
        };
        let signal = match self.look.scope.meaning(name, &self.look.loops) {
            Meaning::Signal(signal) => signal,
            // Says what is wrong with the name.
            _ => return self.look.check(target, 0),
        };
        let sight = &self.look.scope.signals[signal];
        let plain = || sight.name.replace('$', ".");
        if !sight.role.is_driven() {
            self.look.found.push((Rule::WrongDriver, plain()));
        } else if sight.role == Role::Part && self.ways.read.contains(signal) {
            self.look.found.push((Rule::ReadBeforeWrite, plain()));
        }
        self.ways.sometimes.insert(signal);
        if whole {
            self.ways.always.insert(signal);
        }
    }
}
