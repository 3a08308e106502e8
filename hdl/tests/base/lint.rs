//! The lint finds each construct that Rust and Verilog understand differently, and nothing in a design without any.

// Bad on purpose.
#![allow(clippy::all)]

use debye_hdl::base::lint::{Rule, assert_no_findings, lint};
use debye_hdl::base::ram::{BlockRam, LutRam};
use debye_hdl::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// `design!(Name { parts })`: a block with the parts that are named, inputs a, b: 8 bits, f: Bit,
/// clock, and outputs o: 8 bits, wide: 16 bits.
macro_rules! design {
    ($name:ident { $($part:ident: $type:ty),* }) => {
        #[derive(LogicBlock, Default)]
        struct $name {
            pub clock: Signal<In, Clock>,
            pub f: Signal<In, Bit>,
            pub a: Signal<In, U<8>>,
            pub b: Signal<In, U<8>>,
            pub o: Signal<Out, U<8>>,
            pub wide: Signal<Out, U<16>>,
            $($part: $type),*
        }
    };
}

/// Rules and words of all findings.
fn found<T: Block + Default>() -> Vec<(Rule, String)> {
    let mut design = T::default();
    design.connect_all();
    lint(&design).into_iter().map(|finding| (finding.rule, finding.what)).collect()
}

fn only<T: Block + Default>(rule: Rule, what: &str) {
    assert_eq!(found::<T>(), [(rule, what.to_string())]);
}

design!(Good { r: DFF<U<8>>, l: Signal<Local, U<8>>, s: Signal<Local, U<16>> });

impl Logic for Good {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, r);
        self.l.next = self.a.val() + self.b.val() + 1;
        self.s.next = bit_cast_u::<16, 8>(self.l.val());
        self.wide.next = (self.s.val() << 8) | bit_cast_u::<16, 8>(self.a.val() & 3);
        self.o.next = 255.into();
        if self.l.val() == 0 {
            self.o.next = self.s.val().get_bits::<8>(8);
        } else if (self.a.val() & 3) == 3 && !self.f.val() {
            self.o.next = self.a.val() - self.b.val();
        }
        if self.a.val() + self.b.val() > self.r.q.val() {
            self.r.d.next = !self.a.val();
        }
        match self.a.val().index() {
            1 => self.r.d.next = self.b.val(),
            _ => {}
        }
    }
}

#[test]
fn lint_good_design_has_no_findings() {
    assert_eq!(found::<Good>(), []);
    assert_no_findings(&Good::default());
}

#[test]
fn lint_base_memories_have_no_findings() {
    assert_no_findings(&BlockRam::<U<40>, 4>::default());
    assert_no_findings(&LutRam::<U<8>, 4>::default());
}

design!(CastOfSum {});

impl Logic for CastOfSum {
    #[hdl_gen]
    fn update(&mut self) {
        self.o.next = bit_cast_u::<8, 8>(self.a.val() + self.b.val());
        self.wide.next = bit_cast_u::<16, 8>(self.a.val() + self.b.val());
    }
}

#[test]
fn lint_wider_cast_of_a_sum_is_found() {
    only::<CastOfSum>(Rule::Growing, "a + b");
}

design!(CastOfNot {});

impl Logic for CastOfNot {
    #[hdl_gen]
    fn update(&mut self) {
        self.o.next = bit_cast_b::<8>(!self.f.val());
        self.wide.next = bit_cast_u::<16, 8>(!self.a.val());
    }
}

#[test]
fn lint_wider_cast_of_not_is_found() {
    assert_eq!(found::<CastOfNot>(), [(Rule::Growing, "!f".into()), (Rule::Growing, "!a".into())]);
}

design!(CompareSum { x: Signal<Local, Bit>, y: Signal<Local, Bit>, z: Signal<Local, Bit> });

impl Logic for CompareSum {
    #[hdl_gen]
    fn update(&mut self) {
        self.x.next = (self.a.val() + 1) == self.b.val();
        self.y.next = (self.a.val() - self.b.val()) > 5;
        self.z.next = self.a.val() - self.b.val() > self.b.val();
        self.o.next = 0.into();
        self.wide.next = 0.into();
    }
}

#[test]
fn lint_comparison_of_a_sum_with_a_literal_is_found() {
    assert_eq!(
        found::<CompareSum>(),
        [(Rule::Growing, "(a + 1)".replace('1', "32'h1")), (Rule::Growing, "(a - b)".into())]
    );
}

design!(ShiftOfSum {});

impl Logic for ShiftOfSum {
    #[hdl_gen]
    fn update(&mut self) {
        self.o.next = (self.a.val() + self.b.val() + 1) >> 1;
        self.wide.next = bit_cast_u::<16, 8>((self.a.val() << 4) >> 4);
    }
}

#[test]
fn lint_right_shift_of_what_grows_is_found() {
    let rules: Vec<Rule> = found::<ShiftOfSum>().into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(rules, [Rule::Growing; 3], "{:?}", found::<ShiftOfSum>());
}

design!(MatchSum {});

impl Logic for MatchSum {
    #[hdl_gen]
    fn update(&mut self) {
        self.o.next = 0.into();
        self.wide.next = 0.into();
        match (self.a.val() + self.b.val()).index() {
            0 => self.o.next = 1.into(),
            _ => {}
        }
    }
}

#[test]
fn lint_match_of_a_sum_is_found() {
    only::<MatchSum>(Rule::Growing, "(a + b)");
}

design!(Binding {});

impl Logic for Binding {
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = 0.into();
        self.o.next = 0.into();
        if self.a.val() & 3 == self.b.val() & 1 {
            self.o.next = 1.into();
        }
    }
}

#[test]
fn lint_bit_operator_beside_a_comparison_is_found() {
    only::<Binding>(Rule::Precedence, "a & 32'h3 == b & 32'h1");
}

design!(SliceOfSum {});

impl Logic for SliceOfSum {
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = 0.into();
        self.o.next = bit_cast_u::<8, 4>((self.a.val() ^ self.b.val()).get_bits::<4>(2));
    }
}

#[test]
fn lint_slice_of_an_expression_is_found() {
    only::<SliceOfSum>(Rule::SliceOfExpression, "(a ^ b)");
}

design!(Beyond { x: Signal<Local, Bit>, y: Signal<Local, U<4>> });

impl Logic for Beyond {
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = 0.into();
        self.o.next = 0.into();
        self.x.next = self.a.val().get_bit(7);
        for i in 0..2 {
            self.y.next = self.a.val().get_bits::<4>(4 * i + 1);
        }
    }
}

#[test]
fn lint_slice_beyond_the_end_is_found_in_the_turn_that_does_it() {
    assert_eq!(found::<Beyond>(), [(Rule::OutOfRange, "a.get_bits::<4>(32'h4 * i + 32'h1)".into())]);
}

#[derive(LogicBlock, Default)]
struct Pair {
    pub x: [Signal<In, U<8>>; 2],
    pub y: [Signal<Out, U<8>>; 2],
}

impl Logic for Pair {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..2 {
            self.y[i].next = self.x[1 - i].val();
        }
    }
}

design!(TwoIndices { pair: [Pair; 2] });

impl Logic for TwoIndices {
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = 0.into();
        self.o.next = self.pair[0].y[1].val();
    }
}

#[test]
fn lint_two_indices_in_a_path_are_found() {
    let found = found::<TwoIndices>();
    assert_eq!(found[0].0, Rule::DoubleIndex, "{found:?}");
    assert_eq!(found.iter().filter(|(rule, _)| *rule == Rule::Undriven).count(), 4, "inputs of the parts: {found:?}");
}

design!(Keyword { strong: DFF<Bit>, buf: Signal<Local, Bit> });

impl Logic for Keyword {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, strong);
        self.buf.next = self.f.val();
        self.wide.next = 0.into();
        self.o.next = 0.into();
    }
}

#[test]
fn lint_verilog_keywords_as_names_are_found() {
    assert_eq!(found::<Keyword>(), [(Rule::Keyword, "strong".into()), (Rule::Keyword, "buf".into())]);
}

const FOO: u64 = 3;

design!(Const {});

impl Logic for Const {
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = 0.into();
        self.o.next = self.a.val() + FOO;
    }
}

#[test]
fn lint_rust_constant_as_a_value_is_found() {
    only::<Const>(Rule::UnknownName, "FOO");
}

design!(HexLabel {});

impl Logic for HexLabel {
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = 0.into();
        match self.a.val().index() {
            0x10 => self.o.next = 1.into(),
            _ => self.o.next = 2.into(),
        }
    }
}

#[test]
fn lint_label_that_verilog_cannot_read_is_found() {
    only::<HexLabel>(Rule::UnknownName, "label 0x10");
}

design!(Wide {});

impl Logic for Wide {
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = 65535.into();
        self.o.next = 256.into();
    }
}

#[test]
fn lint_literal_that_does_not_fit_is_found() {
    only::<Wide>(Rule::WideLiteral, "32'h100 in o");
}

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Step {
    Idle,
    Run,
}

design!(Latches { l: Signal<Local, U<8>>, r: DFF<U<8>>, step: DFF<Step> });

impl Logic for Latches {
    #[hdl_gen]
    fn update(&mut self) {
        self.r.clock.next = self.clock.val();
        if self.f.val() {
            self.r.d.next = 1.into();
            self.l.next = 1.into();
            self.o.next = 1.into();
        } else {
            self.l.next = 2.into();
        }
        dff_setup!(self, clock, step);
        match self.step.q.val() {
            Step::Idle => self.wide.next = 1.into(),
            Step::Run => self.wide.next = 2.into(),
        }
    }
}

#[test]
fn lint_signal_assigned_on_some_ways_only_is_found() {
    let latches = ["o", "wide", "r.d"].map(|name| (Rule::Latch, name.to_string()));
    assert_eq!(found::<Latches>(), latches);
}

design!(Open { l: Signal<Local, U<8>>, r: DFF<U<8>> });

impl Logic for Open {
    #[hdl_gen]
    fn update(&mut self) {
        self.r.clock.next = self.clock.val();
        self.o.next = self.l.val() + self.r.q.val();
    }
}

#[test]
fn lint_signal_that_is_never_assigned_is_found() {
    let open = ["wide", "l", "r.d"].map(|name| (Rule::Undriven, name.to_string()));
    assert_eq!(found::<Open>(), open);
}

design!(Early { l: Signal<Local, U<8>>, m: Signal<Local, U<8>>, r: DFF<U<8>> });

impl Logic for Early {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, r);
        self.wide.next = 0.into();
        if self.f.val() {
            self.m.next = 0.into();
            self.o.next = self.l.val();
        } else {
            self.o.next = self.r.d.val();
        }
        self.l.next = self.m.val();
        self.m.next = 1.into();
        self.r.d.next = self.b.val();
    }
}

#[test]
fn lint_signal_read_before_it_is_assigned_is_found() {
    let early = ["r.d", "l", "m"].map(|name| (Rule::ReadBeforeWrite, name.to_string()));
    assert_eq!(found::<Early>(), early);
}

design!(Folded { sum: Signal<Local, U<8>>, r: [DFF<U<8>>; 4] });

impl Logic for Folded {
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = 0.into();
        self.sum.next = 0.into();
        for i in 0..4 {
            self.r[i].clock.next = self.clock.val();
            self.r[i].d.next = self.r[3 - i].q.val();
            self.sum.next = self.sum.val() ^ self.r[i].q.val();
        }
        self.o.next = self.sum.val();
    }
}

#[test]
fn lint_local_added_up_in_a_loop_is_the_same_in_both() {
    assert_eq!(found::<Folded>(), []);
}

design!(Exclusive { l: Signal<Local, U<8>> });

impl Logic for Exclusive {
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = 0.into();
        if self.f.val() {
            self.l.next = 1.into();
            self.o.next = self.l.val();
        } else {
            self.l.next = 2.into();
            self.o.next = self.l.val() + 1;
        }
    }
}

#[test]
fn lint_ways_that_exclude_each_other_are_taken_apart() {
    assert_eq!(found::<Exclusive>(), []);
}

design!(Wrong { r: DFF<U<8>> });

impl Logic for Wrong {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, r);
        self.wide.next = 0.into();
        self.o.next = 0.into();
        self.r.q.next = 1.into();
    }
}

#[test]
fn lint_output_of_a_part_that_is_assigned_is_found() {
    only::<Wrong>(Rule::WrongDriver, "r.q");
}

#[derive(LogicBlock, Default)]
struct Bare {
    pub o: Signal<Out, Bit>,
}

impl Logic for Bare {
    fn update(&mut self) {
        self.o.next = true;
    }
}

#[test]
fn lint_update_without_verilog_is_found() {
    only::<Bare>(Rule::NoVerilog, "it");
}

design!(States { state: DFF<Step>, parts: [Open; 3] });

impl Logic for States {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state);
        self.wide.next = 0.into();
        self.o.next = 0.into();
        for i in 0..3 {
            self.parts[i].clock.next = self.clock.val();
            self.parts[i].f.next = self.f.val();
            self.parts[i].a.next = self.a.val();
            self.parts[i].b.next = self.b.val();
        }
        match self.state.q.val() {
            Step::Idle => {
                if self.f.val() {
                    self.state.d.next = Step::Run;
                }
            }
            Step::Run => {
                self.state.d.next = Step::Idle;
            }
        }
    }
}

#[test]
fn lint_equal_parts_are_told_once_with_their_path() {
    let mut design = States::default();
    design.connect_all();
    let texts: Vec<String> = lint(&design).iter().map(|finding| finding.to_string()).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert_eq!(texts[0], "top.parts$0: wide is never assigned");
}
