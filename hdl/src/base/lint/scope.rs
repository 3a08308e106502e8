//! The names that an `update` can use.

use rust_hdl::prelude::*;
use std::collections::{HashMap, HashSet};

/// Who assigns a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// This block, its own: outputs and locals, which show at once what is assigned, in Rust as in Verilog.
    Own,
    /// This block, an input of a part: in Rust it shows what is assigned last.
    Part,
    /// Others: its inputs, outputs of its parts.
    Given,
    /// Nobody.
    Constant,
}

/// A signal in sight of an `update`.
#[derive(Debug)]
pub(super) struct Sight {
    /// Name as in Verilog.
    pub name: String,
    /// Bits.
    pub width: usize,
    /// Who assigns it.
    pub role: Role,
}

/// What a name stands for.
pub(super) enum Meaning {
    /// Number of a signal in [`Scope::signals`].
    Signal(usize),
    /// A loop variable or a literal.
    Number(u64),
    /// A state of an enumeration.
    State,
    /// More than one index.
    DoubleIndex,
    /// Nothing.
    Unknown,
}

impl Role {
    /// Whether an `update` assigns it.
    pub(super) fn is_driven(self) -> bool {
        matches!(self, Role::Own | Role::Part)
    }
}

/// All signals in sight.
#[derive(Default)]
pub(super) struct Scope {
    /// By number.
    pub signals: Vec<Sight>,
    /// Whether the block has outputs.
    pub has_outputs: bool,
    by_name: HashMap<String, usize>,
    states: HashSet<String>,
}

/// Values of the loop variables, innermost last.
pub(super) type Loops = Vec<(String, u64)>;

impl Scope {
    pub(super) fn add(&mut self, name: &str, signal: &dyn Atom, role: Role, output: bool) {
        self.has_outputs |= output;
        self.add_states(&signal.descriptor());
        self.by_name.insert(name.into(), self.signals.len());
        self.signals.push(Sight { name: name.into(), width: signal.bits(), role });
    }

    fn add_states(&mut self, descriptor: &TypeDescriptor) {
        match &descriptor.kind {
            TypeKind::Enum(names) => self.states.extend(names.iter().map(|name| name.replace("::", "$"))),
            TypeKind::Composite(fields) => fields.iter().for_each(|field| self.add_states(&field.kind)),
            _ => {}
        }
    }

    /// What a name of the syntax tree stands for, within loops.
    pub(super) fn meaning(&self, name: &str, loops: &Loops) -> Meaning {
        if let Some((_, value)) = loops.iter().rev().find(|(variable, _)| variable == name) {
            return Meaning::Number(*value);
        }
        let name = name.trim_start_matches('.').replace('.', "$").replace("::", "$");
        let name = name.trim_end_matches("$next");
        let plain = match name.split_once('[') {
            None => name.to_string(),
            Some((before, rest)) => {
                let Some((index, after)) = rest.split_once(']') else { return Meaning::Unknown };
                if after.contains('[') {
                    return Meaning::DoubleIndex;
                }
                let Some(index) = number(index, loops) else { return Meaning::Unknown };
                format!("{before}${index}{after}")
            }
        };
        match self.by_name.get(&plain) {
            Some(&signal) => Meaning::Signal(signal),
            None if self.states.contains(&plain) => Meaning::State,
            None => Meaning::Unknown,
        }
    }

    /// Signals whose name is or starts with this path: what a link connects.
    pub(super) fn below(&self, path: &str) -> impl Iterator<Item = usize> + '_ {
        let path = path.trim_start_matches('.').replace('.', "$");
        self.signals.iter().enumerate().filter_map(move |(number, sight)| {
            let rest = sight.name.strip_prefix(path.as_str())?;
            (rest.is_empty() || rest.starts_with('$')).then_some(number)
        })
    }
}

/// An index in a path: sums and products of numbers and loop variables, as Rust-HDL evaluates them.
fn number(text: &str, loops: &Loops) -> Option<u64> {
    let bytes: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let mut at = 0;
    let value = sum(&bytes, &mut at, loops)?;
    (at == bytes.len()).then_some(value)
}

fn sum(text: &[u8], at: &mut usize, loops: &Loops) -> Option<u64> {
    let mut value = product(text, at, loops)?;
    while let Some(operator @ (b'+' | b'-')) = text.get(*at) {
        *at += 1;
        let right = product(text, at, loops)?;
        value = if *operator == b'+' { value.checked_add(right)? } else { value.checked_sub(right)? };
    }
    Some(value)
}

fn product(text: &[u8], at: &mut usize, loops: &Loops) -> Option<u64> {
    let mut value = factor(text, at, loops)?;
    while let Some(operator @ (b'*' | b'/' | b'%')) = text.get(*at) {
        *at += 1;
        let right = factor(text, at, loops)?;
        value = match operator {
            b'*' => value.checked_mul(right)?,
            b'/' => value.checked_div(right)?,
            _ => value.checked_rem(right)?,
        };
    }
    Some(value)
}

fn factor(text: &[u8], at: &mut usize, loops: &Loops) -> Option<u64> {
    if text.get(*at) == Some(&b'(') {
        *at += 1;
        let value = sum(text, at, loops)?;
        (text.get(*at) == Some(&b')')).then_some(())?;
        *at += 1;
        return Some(value);
    }
    let start = *at;
    while text.get(*at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
        *at += 1;
    }
    let word = std::str::from_utf8(&text[start..*at]).ok()?;
    let variable = loops.iter().rev().find(|(name, _)| name == word).map(|(_, value)| *value);
    variable.or_else(|| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_of_sums_and_products_is_what_rust_makes_of_it() {
        let loops = vec![("i".to_string(), 5), ("j".to_string(), 2)];
        for (text, value) in [("i", 5), ("1+i", 6), ("((i - 1)) * j", 8), ("2*i+j", 12), ("7 / 2 % 2", 1), ("3", 3)] {
            assert_eq!(number(text, &loops), Some(value), "{text}");
        }
        for text in ["", "i+", "k", "1-i", "(i", "i)", "1/0"] {
            assert_eq!(number(text, &loops), None, "{text}");
        }
    }
}
