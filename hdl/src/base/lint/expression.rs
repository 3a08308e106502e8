//! Expressions: widths, precedence, bits out of range.
//!
//! Verilog evaluates an operand at the width of the widest thing around it (up to the next comparison, shift amount or
//! bracket of a slice), Rust at its own. That matters where an operand has bits above its own width in Verilog (a
//! carry, the ones of a `~`), and where something looks at them.

use super::Rule;
use super::scope::{Loops, Meaning, Scope};
use rust_hdl::prelude::ast::{VerilogExpression as E, VerilogLiteral, VerilogOp as Op, VerilogOpUnary as Unary};

/// Looks at expressions of one block.
pub(super) struct Expressions<'a> {
    pub scope: &'a Scope,
    pub loops: Loops,
    pub found: Vec<(Rule, String)>,
    /// Signals read since they were last taken.
    pub read: Vec<usize>,
}

fn is_comparison(op: &Op) -> bool {
    matches!(op, Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge)
}

fn precedence(op: &Op) -> u8 {
    match op {
        Op::Mul => 10,
        Op::Add | Op::Sub => 9,
        Op::Shl | Op::Shr => 8,
        Op::Lt | Op::Le | Op::Gt | Op::Ge => 7,
        Op::Eq | Op::Ne => 6,
        Op::BitAnd => 5,
        Op::BitXor => 4,
        Op::BitOr => 3,
        Op::LogicalAnd => 2,
        Op::LogicalOr => 1,
    }
}

/// Whether there are bits above the own width when there is room for them.
fn grows(e: &E) -> bool {
    match e {
        E::Paren(x) | E::Signed(x) | E::Unsigned(x) => grows(x),
        E::Binary(l, op, r) => match op {
            Op::Add | Op::Sub | Op::Mul | Op::Shl => true,
            Op::Shr => grows(l),
            // Zeros above the other operand take them away.
            Op::BitAnd => grows(l) && grows(r),
            Op::BitOr | Op::BitXor => grows(l) || grows(r),
            _ => false,
        },
        E::Unary(Unary::Not | Unary::Neg, _) => true,
        _ => false,
    }
}

/// Bits that a literal is written with, and bits that its value needs.
pub(super) fn literal_bits(literal: &VerilogLiteral) -> (usize, usize) {
    let text = literal.to_string();
    let (width, value) = text.split_once('\'').unwrap_or(("64", "h0"));
    let per_digit = if value.starts_with('h') { 4 } else { 1 };
    let digits = value[1..].trim_start_matches('0');
    let first = digits.chars().next().and_then(|digit| digit.to_digit(16)).unwrap_or(0);
    let first_bits = (u32::BITS - first.leading_zeros()) as usize;
    (width.parse().unwrap_or(64), digits.len().saturating_sub(1) * per_digit + first_bits)
}

impl Expressions<'_> {
    fn find(&mut self, rule: Rule, e: &E) {
        let what = show(e);
        self.found.push((rule, what));
    }

    fn signal(&self, name: &str) -> Option<usize> {
        match self.scope.meaning(name, &self.loops) {
            Meaning::Signal(signal) => Some(signal),
            _ => None,
        }
    }

    /// Width in Verilog, by itself.
    pub(super) fn verilog_width(&self, e: &E) -> usize {
        match e {
            E::Signal(name) => self.signal(name).map_or(32, |signal| self.scope.signals[signal].width),
            E::Literal(literal) => literal_bits(literal).0,
            E::Cast(x, bits) => self.verilog_width(x).max(*bits),
            E::Signed(x) | E::Unsigned(x) | E::Paren(x) => self.verilog_width(x),
            E::Binary(_, op, _) if is_comparison(op) || matches!(op, Op::LogicalAnd | Op::LogicalOr) => 1,
            E::Binary(l, Op::Shl | Op::Shr, _) => self.verilog_width(l),
            E::Binary(l, _, r) => self.verilog_width(l).max(self.verilog_width(r)),
            E::Unary(Unary::Not | Unary::Neg, x) => self.verilog_width(x),
            E::Unary(..) | E::Index(..) => 1,
            E::Slice(_, bits, _) => *bits,
            E::IndexReplace(x, _, _) => self.verilog_width(x),
        }
    }

    /// Width in Rust: that of its signals, which are all alike; literals take it over.
    fn rust_width(&self, e: &E) -> Option<usize> {
        match e {
            E::Signal(name) => self.signal(name).map(|signal| self.scope.signals[signal].width),
            E::Literal(_) => None,
            E::Cast(_, bits) | E::Slice(_, bits, _) => Some(*bits),
            E::Signed(x) | E::Unsigned(x) | E::Paren(x) | E::IndexReplace(x, _, _) => self.rust_width(x),
            E::Binary(_, op, _) if is_comparison(op) || matches!(op, Op::LogicalAnd | Op::LogicalOr) => Some(1),
            E::Binary(l, Op::Shl | Op::Shr, _) => self.rust_width(l),
            E::Binary(l, _, r) => self.rust_width(l).or_else(|| self.rust_width(r)),
            E::Unary(Unary::Not | Unary::Neg, x) => self.rust_width(x),
            E::Unary(..) | E::Index(..) => Some(1),
        }
    }

    /// A number that is known when the design is made.
    fn number(&self, e: &E) -> Option<u64> {
        match e {
            E::Literal(literal) if literal_bits(literal).1 <= 32 => Some(literal.as_usize() as u64),
            E::Signal(name) => match self.scope.meaning(name, &self.loops) {
                Meaning::Number(value) => Some(value),
                _ => None,
            },
            E::Paren(x) => self.number(x),
            E::Binary(l, op, r) => {
                let (l, r) = (self.number(l)?, self.number(r)?);
                match op {
                    Op::Add => l.checked_add(r),
                    Op::Sub => l.checked_sub(r),
                    Op::Mul => l.checked_mul(r),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// An expression in a place that looks at all bits it has there.
    fn exposed(&mut self, e: &E, context: usize) {
        if grows(e) && self.rust_width(e).is_some_and(|width| context > width) {
            self.find(Rule::Growing, e);
        }
    }

    /// An expression whose width depends on nothing around it: conditions, indices, shift amounts.
    pub(super) fn alone(&mut self, e: &E) {
        let width = self.verilog_width(e);
        self.exposed(e, width);
        self.check(e, width);
    }

    /// What `match` looks at: compared with labels of 32 bits.
    pub(super) fn matched(&mut self, e: &E) {
        let width = self.verilog_width(e).max(32);
        self.exposed(e, width);
        self.check(e, width);
    }

    /// An expression in a place of `context` bits.
    pub(super) fn check(&mut self, e: &E, context: usize) {
        let context = context.max(self.verilog_width(e));
        match e {
            E::Signal(name) => match self.scope.meaning(name, &self.loops) {
                Meaning::Signal(signal) => self.read.push(signal),
                Meaning::Number(_) | Meaning::State => {}
                Meaning::DoubleIndex => self.find(Rule::DoubleIndex, e),
                Meaning::Unknown => self.find(Rule::UnknownName, e),
            },
            E::Literal(_) => {}
            E::Cast(x, bits) => {
                // Cut to no more than its own width it is right at any width.
                if self.rust_width(x).is_some_and(|width| *bits > width) {
                    self.exposed(x, context);
                }
                self.check(x, context);
            }
            E::Paren(x) => self.check(x, context),
            E::Signed(x) | E::Unsigned(x) => self.alone(x),
            E::Binary(l, op, r) => self.binary(e, l, op, r, context),
            E::Unary(op, x) => {
                if matches!(**x, E::Binary(..)) {
                    self.find(Rule::Precedence, e);
                }
                match op {
                    Unary::Not | Unary::Neg => self.check(x, context),
                    Unary::All | Unary::Any | Unary::Xor => self.alone(x),
                }
            }
            E::Index(x, at) => self.slice(e, x, 1, at),
            E::Slice(x, bits, at) => self.slice(e, x, *bits, at),
            E::IndexReplace(x, at, bit) => {
                self.slice(e, x, 1, at);
                self.alone(bit);
            }
        }
    }

    fn binary(&mut self, e: &E, l: &E, op: &Op, r: &E, context: usize) {
        let binds = |side: &E, least: u8| !matches!(side, E::Binary(_, inner, _) if precedence(inner) < least);
        if !binds(l, precedence(op)) || !binds(r, precedence(op) + 1) {
            self.find(Rule::Precedence, e);
        }
        match op {
            Op::LogicalAnd | Op::LogicalOr => {
                self.alone(l);
                self.alone(r);
            }
            Op::Shl | Op::Shr => {
                if matches!(op, Op::Shr) {
                    self.exposed(l, context);
                }
                self.check(l, context);
                self.alone(r);
            }
            _ if is_comparison(op) => {
                let width = self.verilog_width(l).max(self.verilog_width(r));
                self.exposed(l, width);
                self.exposed(r, width);
                self.check(l, width);
                self.check(r, width);
            }
            _ => {
                self.check(l, context);
                self.check(r, context);
            }
        }
    }

    fn slice(&mut self, e: &E, x: &E, bits: usize, at: &E) {
        match x {
            E::Signal(name) => {
                let width = self.signal(name).map(|signal| self.scope.signals[signal].width);
                if let (Some(width), Some(at)) = (width, self.number(at))
                    && at + bits as u64 > width as u64
                {
                    self.find(Rule::OutOfRange, e);
                }
            }
            _ => self.find(Rule::SliceOfExpression, x),
        }
        self.check(x, 0);
        self.alone(at);
    }
}

/// An expression as in Rust, roughly.
fn show(e: &E) -> String {
    let infix = |op: &Op| match op {
        Op::Add => "+",
        Op::Sub => "-",
        Op::Mul => "*",
        Op::LogicalAnd => "&&",
        Op::LogicalOr => "||",
        Op::BitXor => "^",
        Op::BitAnd => "&",
        Op::BitOr => "|",
        Op::Shl => "<<",
        Op::Shr => ">>",
        Op::Eq => "==",
        Op::Lt => "<",
        Op::Le => "<=",
        Op::Ne => "!=",
        Op::Ge => ">=",
        Op::Gt => ">",
    };
    match e {
        E::Signal(name) => name.replace("$next", "").replace('$', "."),
        E::Literal(literal) => literal.to_string(),
        E::Cast(x, bits) => format!("cast::<{bits}>({})", show(x)),
        E::Signed(x) => format!("signed({})", show(x)),
        E::Unsigned(x) => format!("unsigned({})", show(x)),
        E::Paren(x) => format!("({})", show(x)),
        E::Binary(l, op, r) => format!("{} {} {}", show(l), infix(op), show(r)),
        E::Unary(Unary::Not, x) => format!("!{}", show(x)),
        E::Unary(Unary::Neg, x) => format!("-{}", show(x)),
        E::Unary(Unary::All, x) => format!("{}.all()", show(x)),
        E::Unary(Unary::Any, x) => format!("{}.any()", show(x)),
        E::Unary(Unary::Xor, x) => format!("{}.xor()", show(x)),
        E::Index(x, at) => format!("{}.get_bit({})", show(x), show(at)),
        E::Slice(x, bits, at) => format!("{}.get_bits::<{bits}>({})", show(x), show(at)),
        E::IndexReplace(x, at, bit) => format!("{}.replace_bit({}, {})", show(x), show(at), show(bit)),
    }
}
