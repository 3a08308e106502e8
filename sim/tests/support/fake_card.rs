//! A card that is none: the ports of the card core, behind them the functional model. It asks for chunk bytes and table
//! operations as a card does, and uses them, so the harness is tested without any gateware.
#![allow(dead_code)]

use debye_hdl::base::pins::{Pins, Port};
use debye_sim::functional::Functional;
use debye_sim::model::Shape;
use debye_spec::card_table::CardTable;
use debye_spec::ops::Op;
use debye_spec::registers::{self, Capabilities};
use debye_spec::{Element, wire};
use std::collections::VecDeque;

const PORTS: &[(&str, usize, bool)] = &[
    ("reset", 1, true),
    ("s_axil_awaddr", 16, true),
    ("s_axil_awprot", 3, true),
    ("s_axil_awvalid", 1, true),
    ("s_axil_awready", 1, false),
    ("s_axil_wdata", 32, true),
    ("s_axil_wstrb", 4, true),
    ("s_axil_wvalid", 1, true),
    ("s_axil_wready", 1, false),
    ("s_axil_bresp", 2, false),
    ("s_axil_bvalid", 1, false),
    ("s_axil_bready", 1, true),
    ("s_axil_araddr", 16, true),
    ("s_axil_arprot", 3, true),
    ("s_axil_arvalid", 1, true),
    ("s_axil_arready", 1, false),
    ("s_axil_rdata", 32, false),
    ("s_axil_rresp", 2, false),
    ("s_axil_rvalid", 1, false),
    ("s_axil_rready", 1, true),
    ("s_axis_req_tvalid", 1, true),
    ("s_axis_req_tready", 1, false),
    ("s_axis_req_tdata", 512, true),
    ("m_axis_fetch_tvalid", 1, false),
    ("m_axis_fetch_tready", 1, true),
    ("m_axis_fetch_tdata", 128, false),
    ("s_axis_data_tvalid", 1, true),
    ("s_axis_data_tready", 1, false),
    ("s_axis_data_tdata", 512, true),
    ("s_axis_data_tdest", 8, true),
    ("m_axis_res_tvalid", 1, false),
    ("m_axis_res_tready", 1, true),
    ("m_axis_res_tdata", 64, false),
    ("m_axis_res_tlast", 1, false),
    ("m_axis_res_tdest", 8, false),
    ("m_axi_arid", 4, false),
    ("m_axi_araddr", 64, false),
    ("m_axi_arlen", 8, false),
    ("m_axi_arsize", 3, false),
    ("m_axi_arburst", 2, false),
    ("m_axi_arvalid", 1, false),
    ("m_axi_arready", 1, true),
    ("m_axi_rid", 4, true),
    ("m_axi_rdata", 512, true),
    ("m_axi_rresp", 2, true),
    ("m_axi_rlast", 1, true),
    ("m_axi_rvalid", 1, true),
    ("m_axi_rready", 1, false),
];

/// What the fake does wrong, to see that the harness finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// Stops after so many results.
    HangAfter(u32),
    /// A bit of each record is wrong, the CRC is not.
    RecordBit,
    /// Valid of the result falls while it waits.
    ValidFalls,
    /// A fetch crosses a page.
    CrossesPage,
    /// Another shape than was asked for.
    OtherShape,
}

#[derive(Default)]
struct Lane {
    header: Vec<u8>,
    chunk: Vec<u8>,
    bytes: usize,
    asked: usize,
    busy: bool,
}

/// See the module.
pub struct FakeCard {
    ports: Vec<Port>,
    values: Vec<[u64; 8]>,
    shape: Shape,
    flaw: Flaw,
    file: [u32; registers::REGISTER_COUNT],
    address: Option<u64>,
    written: Option<u32>,
    lanes: Vec<Lane>,
    ops: Vec<Op>,
    ops_asked: u64,
    results: VecDeque<(u64, bool, usize)>,
    sent: u32,
    next_lane: usize,
    waited: bool,
}

impl FakeCard {
    pub fn new(shape: Shape, flaw: Flaw) -> FakeCard {
        let ports = PORTS.iter().map(|&(name, width, input)| Port { name: name.into(), width, input });
        let mut card = FakeCard {
            ports: ports.collect(),
            values: vec![[0; 8]; PORTS.len()],
            shape,
            flaw,
            file: [0; registers::REGISTER_COUNT],
            address: None,
            written: None,
            lanes: (0..shape.lanes).map(|_| Lane::default()).collect(),
            ops: vec![],
            ops_asked: 0,
            results: VecDeque::new(),
            sent: 0,
            next_lane: 0,
            waited: false,
        };
        let lanes = shape.lanes as u32 + (flaw == Flaw::OtherShape) as u32;
        let capabilities = Capabilities {
            lanes,
            groups: 1,
            block_log2: shape.block,
            op_fifo_log2: 9,
            elements: 0x67,
            max_bins: shape.bins() as u32,
        };
        let [capabilities, max_bins] = capabilities.to_registers();
        for (name, value) in [
            ("identity", registers::IDENTITY),
            ("map_version", registers::MAP_VERSION),
            ("map_hash", registers::map_hash()),
            ("capabilities", capabilities),
            ("max_bins", max_bins),
        ] {
            *card.register(name) = value;
        }
        card
    }

    fn register(&mut self, name: &str) -> &mut u32 {
        &mut self.file[registers::register(name).unwrap().offset as usize / 4]
    }

    fn is(&self, name: &str) -> bool {
        self.values[self.port(name)][0] != 0
    }

    fn value(&self, name: &str) -> [u64; 8] {
        self.values[self.port(name)]
    }

    fn put(&mut self, name: &str, value: impl Into<u64>) {
        let port = self.port(name);
        self.values[port][0] = value.into();
    }

    fn handshake(&self, valid: &str, ready: &str) -> bool {
        self.is(valid) && self.is(ready)
    }

    fn register_slave(&mut self) {
        if self.handshake("s_axil_bvalid", "s_axil_bready") {
            self.put("s_axil_bvalid", 0u8);
        }
        if self.handshake("s_axil_rvalid", "s_axil_rready") {
            self.put("s_axil_rvalid", 0u8);
        }
        if self.handshake("s_axil_awvalid", "s_axil_awready") {
            self.address = Some(self.value("s_axil_awaddr")[0]);
        }
        if self.handshake("s_axil_wvalid", "s_axil_wready") {
            self.written = Some(self.value("s_axil_wdata")[0] as u32);
        }
        if let (Some(address), Some(value)) = (self.address, self.written) {
            (self.address, self.written) = (None, None);
            self.file[address as usize / 4] = value;
            let control = self.register("control");
            // Reset and clearing are over at once.
            *control &= 1;
            if value == 2 {
                (self.ops_asked, self.sent) = (0, 0);
                self.ops.clear();
            }
            self.put("s_axil_bvalid", 1u8);
        }
        if self.handshake("s_axil_arvalid", "s_axil_arready") {
            let address = self.value("s_axil_araddr")[0] as usize;
            let value = self.file.get(address / 4).copied().unwrap_or(address as u32);
            self.put("s_axil_rdata", value);
            self.put("s_axil_rvalid", 1u8);
        }
        let (address, written) = (self.address.is_none(), self.written.is_none());
        let free = !self.is("s_axil_bvalid");
        self.put("s_axil_awready", address && free);
        self.put("s_axil_wready", written && free);
        let free = !self.is("s_axil_rvalid");
        self.put("s_axil_arready", free);
    }

    /// Reads the whole table once, in bursts of four beats.
    fn table_reader(&mut self) {
        let all = *self.register("table_ops") as u64;
        let beats = all.div_ceil(4);
        if self.handshake("m_axi_arvalid", "m_axi_arready") {
            self.ops_asked += self.value("m_axi_arlen")[0] + 1;
            self.put("m_axi_arvalid", 0u8);
        }
        if self.handshake("m_axi_rvalid", "m_axi_rready") {
            let data = self.value("m_axi_rdata");
            self.ops.extend(data.as_chunks().0.iter().map(|&[low, high]| Op(low as u128 | (high as u128) << 64)));
        }
        let outstanding = self.ops_asked * 4 - self.ops.len() as u64;
        if *self.register("control") & 1 != 0 && self.ops_asked < beats && outstanding < 32 && !self.is("m_axi_arvalid")
        {
            let base = *self.register("table_address_low") as u64 | (*self.register("table_address_high") as u64) << 32;
            let length = (beats - self.ops_asked).min(4);
            self.put("m_axi_arlen", length - 1);
            let address = base + 64 * self.ops_asked;
            self.put("m_axi_araddr", address);
            self.put("m_axi_arsize", 6u8);
            self.put("m_axi_arburst", 1u8);
            self.put("m_axi_arvalid", 1u8);
        }
        self.put("m_axi_rready", 1u8);
    }

    fn requests(&mut self) {
        if self.handshake("s_axis_req_tvalid", "s_axis_req_tready") {
            let words = self.value("s_axis_req_tdata");
            let header: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            let bytes = u32::from_le_bytes(header[20..24].try_into().unwrap()) as usize;
            let free = self.lanes.iter().position(|lane| !lane.busy).unwrap();
            self.lanes[free] = Lane { header, chunk: vec![], bytes, asked: 0, busy: true };
        }
        let free = self.lanes.iter().any(|lane| !lane.busy);
        let enabled = *self.register("control") & 1 != 0;
        self.put("s_axis_req_tready", free && enabled);
    }

    fn fetches(&mut self) {
        if self.handshake("m_axis_fetch_tvalid", "m_axis_fetch_tready") {
            self.put("m_axis_fetch_tvalid", 0u8);
        }
        if self.handshake("s_axis_data_tvalid", "s_axis_data_tready") {
            let (data, lane) = (self.value("s_axis_data_tdata"), self.value("s_axis_data_tdest")[0] as usize);
            self.lanes[lane].chunk.extend(data.iter().flat_map(|word| word.to_le_bytes()));
        }
        self.put("s_axis_data_tready", 1u8);
        if self.is("m_axis_fetch_tvalid") {
            return;
        }
        self.next_lane = (self.next_lane + 1) % self.lanes.len();
        let flaw = self.flaw == Flaw::CrossesPage;
        let lane = &mut self.lanes[self.next_lane];
        let left = lane.bytes.saturating_sub(lane.asked);
        if !lane.busy || left == 0 {
            return;
        }
        let address = u64::from_le_bytes(lane.header[40..48].try_into().unwrap()) + lane.asked as u64;
        let room = if flaw { 4096 } else { 4096 - address as usize % 4096 };
        let count = left.min(room).min(1024 + 3 * 64 * lane.asked.is_multiple_of(3) as usize);
        lane.asked += count;
        let (lane, port) = (self.next_lane as u64, self.port("m_axis_fetch_tdata"));
        self.values[port] = [address, count as u64 | lane << 16, 0, 0, 0, 0, 0, 0];
        self.put("m_axis_fetch_tvalid", 1u8);
    }

    fn answers(&mut self) {
        let table_ops = *self.register("table_ops") as usize;
        let (id, pixels, bins) =
            (*self.register("table_id"), *self.register("table_pixels"), *self.register("table_bins"));
        for number in 0..self.lanes.len() {
            let lane = &mut self.lanes[number];
            if !lane.busy || lane.chunk.len() < lane.bytes || self.ops.len() < table_ops {
                continue;
            }
            lane.busy = false;
            let header: [u8; 64] = lane.header.as_slice().try_into().unwrap();
            let element = Element::ALL.into_iter().find(|&element| wire::element_code(element) == header[6]);
            let ops = self.ops[..table_ops].into();
            let table = CardTable { id, element: element.unwrap_or(Element::U16), pixels, bins, ops };
            let mut bytes = Functional::answer(&self.shape, &table, &header, &lane.chunk[..lane.bytes]);
            if self.flaw == Flaw::RecordBit && bytes.len() > 80 {
                bytes[70] ^= 4;
            }
            if self.flaw == Flaw::HangAfter(self.sent) {
                return;
            }
            self.sent += 1;
            let count = bytes.len() / 8;
            let words = bytes.as_chunks().0.iter().map(|&word| u64::from_le_bytes(word));
            self.results.extend(words.enumerate().map(|(i, word)| (word, i + 1 == count, number)));
        }
        if self.handshake("m_axis_res_tvalid", "m_axis_res_tready") {
            self.results.pop_front();
            self.put("m_axis_res_tvalid", 0u8);
        } else if self.flaw == Flaw::ValidFalls && self.is("m_axis_res_tvalid") && !self.waited {
            self.put("m_axis_res_tvalid", 0u8);
            self.waited = true;
            return;
        }
        if let Some(&(word, last, lane)) = self.results.front() {
            self.put("m_axis_res_tdata", word);
            self.put("m_axis_res_tlast", last);
            self.put("m_axis_res_tdest", lane as u64);
            self.put("m_axis_res_tvalid", 1u8);
        }
    }
}

impl Pins for FakeCard {
    fn ports(&self) -> &[Port] {
        &self.ports
    }
    fn set(&mut self, port: usize, value: &[u64]) {
        assert!(self.ports[port].input);
        let limbs = self.ports[port].width.div_ceil(64);
        self.values[port][..limbs].copy_from_slice(&value[..limbs]);
    }
    fn get(&mut self, port: usize, value: &mut [u64]) {
        let limbs = self.ports[port].width.div_ceil(64);
        value[..limbs].copy_from_slice(&self.values[port][..limbs]);
    }
    fn settle(&mut self) {}
    fn tick(&mut self) {
        if self.is("reset") {
            return;
        }
        self.register_slave();
        self.table_reader();
        self.answers();
        self.requests();
        self.fetches();
    }
}
