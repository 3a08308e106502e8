//! The base memories in Rust against their Verilog, and what a co-simulation says when there is a difference.

use crate::verilog::{cosimulate, is_there};
use debye_hdl::base::pins::{HdlPins, Pins, Port};
use debye_hdl::base::ram::{BlockRam, LutRam, UltraRam};
use debye_hdl::base::word::{U, W, bit_cast_u};
use debye_hdl::pins;
use debye_sim::cosim::{Stimulus, compare, verilated};
use debye_sim::verilator::{Options, VerilatorModel};
use rust_hdl::prelude::*;

fn seeded(seed: u64) -> Stimulus {
    Stimulus { seed, ..Stimulus::default() }
}

#[test]
fn cosim_block_ram_equals_its_verilog() {
    let ram = pins!(Box::<BlockRam<U<40>, 4>>::default();
        in read_enable, read_address, write_enable, write_address, write_data; out read_data);
    cosimulate(ram, "debye_block_ram", &seeded(1), 50_000);
    let wide = pins!(Box::<BlockRam<W<512, 8>, 3>>::default();
        in read_enable, read_address, write_enable, write_address, write_data; out read_data);
    cosimulate(wide, "debye_block_ram", &seeded(2), 20_000);
}

#[test]
fn cosim_lut_ram_equals_its_verilog() {
    let ram = pins!(Box::<LutRam<U<9>, 3>>::default();
        in read_address, write_enable, write_address, write_data; out read_data);
    cosimulate(ram, "debye_lut_ram", &seeded(4), 50_000);
}

#[test]
fn cosim_ultra_ram_equals_its_verilog() {
    let ram = pins!(Box::<UltraRam<U<40>, Bit, 4>>::default();
        in read_enable, read_address, write_enable, write_address, write_data, write_side; out read_data, read_side);
    cosimulate(ram, "debye_ultra_ram", &seeded(3), 50_000);
}

/// Adds a number to what goes through; one beat is held.
#[derive(LogicBlock, Default)]
struct Stage {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub number: Signal<In, U<8>>,
    pub s_axis_tvalid: Signal<In, Bit>,
    pub s_axis_tready: Signal<Out, Bit>,
    pub s_axis_tdata: Signal<In, U<8>>,
    pub m_axis_tvalid: Signal<Out, Bit>,
    pub m_axis_tready: Signal<In, Bit>,
    pub m_axis_tdata: Signal<Out, U<16>>,
    valid: DFF<Bit>,
    data: DFF<U<8>>,
    sum: Signal<Local, U<8>>,
    take: Signal<Local, Bit>,
}

impl Logic for Stage {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, valid, data);
        self.take.next = !self.valid.q.val() || self.m_axis_tready.val();
        self.sum.next = self.s_axis_tdata.val() + self.number.val();
        self.s_axis_tready.next = self.take.val();
        self.m_axis_tvalid.next = self.valid.q.val();
        self.m_axis_tdata.next = bit_cast_u::<16, 8>(self.data.q.val());
        if self.take.val() {
            self.valid.d.next = self.s_axis_tvalid.val();
            self.data.d.next = self.sum.val();
        }
        if self.reset.val() {
            self.valid.d.next = false;
        }
    }
}

fn stage() -> HdlPins<Stage> {
    pins!(Box::<Stage>::default(); in reset, number, s_axis_tvalid, s_axis_tdata, m_axis_tready;
        out s_axis_tready, m_axis_tvalid, m_axis_tdata)
}

#[test]
fn cosim_streams_move_and_equal_their_verilog() {
    let stimulus = Stimulus { reset_every: 1000, ..seeded(5) };
    let Some(passed) = cosimulate(stage(), "debye_stage", &stimulus, 20_000) else { return };
    let (sent, got) = (passed.beats_of("s_axis_tvalid"), passed.beats_of("m_axis_tvalid"));
    assert!(sent > 2000 && got > sent - 100 && got <= sent, "{passed:?}");
}

#[test]
fn cosim_script_is_sent_in_order() {
    let beats = (0..5).map(|value| vec![("s_axis_tdata".to_string(), vec![10 * value])]).collect();
    let stimulus = Stimulus {
        fixed: vec![("number".into(), vec![1]), ("m_axis_tready".into(), vec![1])],
        scripts: vec![("s_axis_tvalid".into(), beats)],
        ..seeded(6)
    };
    let (mut spy, mut other) = (Spy { pins: stage(), seen: Vec::new() }, stage());
    compare(&mut spy, &mut other, &stimulus, 2000).unwrap();
    assert!(spy.seen.len() > 100);
    assert!(spy.seen.windows(2).all(|two| two[1] == if two[0] == 41 { 1 } else { two[0] + 10 }), "{:?}", spy.seen);
}

/// Writes down what comes out.
struct Spy {
    pins: HdlPins<Stage>,
    seen: Vec<u64>,
}

impl Pins for Spy {
    fn ports(&self) -> &[Port] {
        self.pins.ports()
    }
    fn set(&mut self, port: usize, value: &[u64]) {
        self.pins.set(port, value);
    }
    fn get(&mut self, port: usize, value: &mut [u64]) {
        self.pins.get(port, value);
    }
    fn settle(&mut self) {
        self.pins.settle();
    }
    fn tick(&mut self) {
        if self.pins.design.m_axis_tvalid.val() {
            self.seen.push(self.pins.design.m_axis_tdata.val().0);
        }
        self.pins.tick();
    }
}

#[test]
fn cosim_difference_names_cycle_port_and_values() {
    if !is_there("a wrong design") {
        return;
    }
    let text = "module wrong (input wire clock, input wire reset, input wire [7:0] number, input wire s_axis_tvalid,
        input wire [7:0] s_axis_tdata, input wire m_axis_tready, output wire s_axis_tready, output wire m_axis_tvalid,
        output wire [15:0] m_axis_tdata); assign s_axis_tready = 0; assign m_axis_tvalid = 0; assign m_axis_tdata = 0;
        endmodule";
    let mut design = stage();
    let mut wrong = VerilatorModel::build("wrong", text, design.ports(), &Options::default()).unwrap();
    let difference = compare(&mut design, &mut wrong, &seeded(7), 100).unwrap_err();
    assert_eq!(difference.to_string(), "cycle 0: s_axis_tready is 0000000000000001 and 0000000000000000");
}

#[test]
fn verilated_with_a_port_left_out_names_it() {
    let design = pins!(Box::<Stage>::default(); in reset, number, s_axis_tvalid, s_axis_tdata, m_axis_tready;
        out s_axis_tready, m_axis_tvalid);
    let error = verilated(&design, "debye_stage", &Options::default()).err().unwrap();
    assert_eq!(error.to_string(), "port m_axis_tdata of the design is not among the pins");
}
