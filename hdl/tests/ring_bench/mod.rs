//! What stands around a card with rings: host memory and table memory behind AXI4, a host with its rings. Buses stall at
//! random and answer late; what is written becomes visible in any order before it is answered.

#![allow(dead_code, reason = "each test uses a part of it")]

pub mod host;
pub mod lane;
pub mod memory;

use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use debye_spec::registers::register;
use debye_spec::ring_map::{queue_offset, ring_register};
use memory::Memory;
use std::collections::VecDeque;

/// How buses behave: chances in 64 and cycles.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub ready: u64,
    pub read: u64,
    pub write: u64,
    pub latency: u64,
    pub jitter: u64,
}

impl Pace {
    pub const FAST: Pace = Pace { ready: 64, read: 64, write: 64, latency: 2, jitter: 0 };
    pub const MIXED: Pace = Pace { ready: 38, read: 50, write: 40, latency: 5, jitter: 150 };
    /// 1 us at 250 MHz, 12.5 GB/s: a beat in 50 of 64 cycles.
    pub const PCIE: Pace = Pace { ready: 64, read: 50, write: 50, latency: 250, jitter: 0 };
}

macro_rules! ports {
    ($($name:ident)*) => {
        #[derive(Clone, Copy)]
        pub struct Ports { $($name: usize),* }
        impl Ports {
            fn new(pins: &impl Pins) -> Ports {
                Ports { $($name: pins.port(stringify!($name))),* }
            }
        }
    };
}
ports! {
    reset s_axil_awaddr s_axil_awvalid s_axil_awready s_axil_wdata s_axil_wstrb s_axil_wvalid s_axil_wready
    s_axil_bresp s_axil_bvalid s_axil_bready s_axil_araddr s_axil_arvalid s_axil_arready s_axil_rdata s_axil_rresp
    s_axil_rvalid s_axil_rready m_axis_irq_tvalid m_axis_irq_tready m_axis_irq_tdata
}

/// A card and its surroundings.
pub struct Bench<P: Pins> {
    pub pins: P,
    pub random: Random,
    pub pace: Pace,
    pub cycle: u64,
    pub host: Memory,
    pub table: Memory,
    /// Vectors of the interrupts that came.
    pub interrupts: VecDeque<u64>,
    pub take_interrupts: bool,
    port: Ports,
}

impl<P: Pins> Bench<P> {
    pub fn new(pins: P, seed: u64, pace: Pace) -> Self {
        let port = Ports::new(&pins);
        let host = Memory::new(&pins, "m_axi_host", true);
        let table = Memory::new(&pins, "m_axi_mem", false);
        let random = Random::new(seed);
        let interrupts = VecDeque::new();
        let mut bench = Bench { pins, random, pace, cycle: 0, host, table, interrupts, take_interrupts: true, port };
        bench.pins.set_u64(port.reset, 1);
        bench.pins.tick();
        bench.pins.tick();
        bench.pins.set_u64(port.reset, 0);
        bench
    }

    /// One cycle of everything.
    pub fn step(&mut self) {
        let port = self.port;
        self.host.drive(&mut self.pins, &mut self.random, self.pace, self.cycle);
        self.table.drive(
            &mut self.pins,
            &mut self.random,
            Pace { jitter: self.pace.jitter / 2, ..self.pace },
            self.cycle,
        );
        let ready = self.take_interrupts && self.random.chance(self.pace.ready, 64);
        self.pins.set_u64(port.m_axis_irq_tready, ready as u64);
        self.pins.settle();
        self.host.look(&mut self.pins, &mut self.random, self.pace, self.cycle);
        self.table.look(&mut self.pins, &mut self.random, self.pace, self.cycle);
        if ready && self.pins.get_u64(port.m_axis_irq_tvalid) == 1 {
            self.interrupts.push_back(self.pins.get_u64(port.m_axis_irq_tdata));
        }
        self.pins.tick();
        self.cycle += 1;
    }

    /// Writes bytes of a register; gives the response. Address and data come in any order.
    pub fn write_bytes(&mut self, offset: u32, value: u32, strobe: u64) -> u64 {
        let port = self.port;
        self.pins.set_u64(port.s_axil_awaddr, offset as u64);
        self.pins.set_u64(port.s_axil_wdata, value as u64);
        self.pins.set_u64(port.s_axil_wstrb, strobe);
        let (mut address, mut data) = (true, true);
        let mut late = [0, 0].map(|_: u64| if self.pace.jitter > 0 { self.random.below(4) } else { 0 });
        for _ in 0..20_000 {
            let on = [address && late[0] == 0, data && late[1] == 0];
            late = late.map(|cycles| cycles.saturating_sub(1));
            self.pins.set_u64(port.s_axil_awvalid, on[0] as u64);
            self.pins.set_u64(port.s_axil_wvalid, on[1] as u64);
            let takes = self.random.chance(self.pace.ready, 64);
            self.pins.set_u64(port.s_axil_bready, takes as u64);
            self.pins.settle();
            let took = [port.s_axil_awready, port.s_axil_wready].map(|ready| self.pins.get_u64(ready) == 1);
            let answered = takes && self.pins.get_u64(port.s_axil_bvalid) == 1;
            let response = self.pins.get_u64(port.s_axil_bresp);
            self.step();
            address &= !(on[0] && took[0]);
            data &= !(on[1] && took[1]);
            if answered {
                self.pins.set_u64(port.s_axil_bready, 0);
                return response;
            }
        }
        panic!("a write of {offset:#x} is not answered");
    }

    pub fn write_at(&mut self, offset: u32, value: u32) {
        assert_eq!(self.write_bytes(offset, value, 15), 0, "{offset:#x}");
    }

    /// Reads a register: value and response.
    pub fn read_both(&mut self, offset: u32) -> (u32, u64) {
        let port = self.port;
        self.pins.set_u64(port.s_axil_araddr, offset as u64);
        let mut address = true;
        for _ in 0..20_000 {
            self.pins.set_u64(port.s_axil_arvalid, address as u64);
            let takes = self.random.chance(self.pace.ready, 64);
            self.pins.set_u64(port.s_axil_rready, takes as u64);
            self.pins.settle();
            let took = self.pins.get_u64(port.s_axil_arready) == 1;
            let answered = takes && self.pins.get_u64(port.s_axil_rvalid) == 1;
            let (value, response) = (self.pins.get_u64(port.s_axil_rdata), self.pins.get_u64(port.s_axil_rresp));
            self.step();
            address &= !took;
            if answered {
                self.pins.set_u64(port.s_axil_rready, 0);
                return (value as u32, response);
            }
        }
        panic!("a read of {offset:#x} is not answered");
    }

    pub fn read_at(&mut self, offset: u32) -> u32 {
        let (value, response) = self.read_both(offset);
        assert_eq!(response, 0, "{offset:#x}");
        value
    }

    /// Offset of a register of core or engine.
    fn offset(name: &str) -> u32 {
        register(name).or_else(|| ring_register(name)).expect("a register").offset
    }

    pub fn write(&mut self, name: &str, value: u32) {
        self.write_at(Self::offset(name), value);
    }

    pub fn read(&mut self, name: &str) -> u32 {
        self.read_at(Self::offset(name))
    }

    pub fn write_queue(&mut self, queue: u32, name: &str, value: u32) {
        self.write_at(queue_offset(queue, ring_register(name).expect("a register")), value);
    }

    pub fn read_queue(&mut self, queue: u32, name: &str) -> u32 {
        self.read_at(queue_offset(queue, ring_register(name).expect("a register")))
    }
}
