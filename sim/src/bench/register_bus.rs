//! AXI4-Lite master: one access at a time.

use crate::model::ModelError;
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Stalls;
use debye_hdl::base::stream::{Sink, Source, word};

/// What a slave answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// Data of a read; 0 of a write.
    pub data: u32,
    /// 0: OKAY; 2: SLVERR.
    pub code: u64,
}

/// See the module.
pub struct RegisterBus {
    write_address: Source<2>,
    write_data: Source<2>,
    write_response: Sink<1>,
    read_address: Source<2>,
    read_data: Sink<2>,
    writing: Option<(u32, u32)>,
    put_data: Option<u32>,
    reading: Option<u32>,
    busy: bool,
    response: Option<Response>,
}

impl RegisterBus {
    /// On the ports `s_axil_*`.
    pub fn new<P: Pins + ?Sized>(pins: &P, seed: Option<u64>, first_stream: u64) -> RegisterBus {
        let stalls = |stream| Stalls::new(seed, first_stream + stream);
        let channel = |valid, ready, fields, stream| Source::<2>::new(pins, valid, ready, fields, stalls(stream));
        RegisterBus {
            write_address: channel("s_axil_awvalid", "s_axil_awready", ["s_axil_awaddr", "s_axil_awprot"], 0),
            write_data: channel("s_axil_wvalid", "s_axil_wready", ["s_axil_wdata", "s_axil_wstrb"], 1),
            write_response: Sink::new(pins, "s_axil_bvalid", "s_axil_bready", ["s_axil_bresp"], stalls(2)),
            read_address: channel("s_axil_arvalid", "s_axil_arready", ["s_axil_araddr", "s_axil_arprot"], 3),
            read_data: Sink::new(pins, "s_axil_rvalid", "s_axil_rready", ["s_axil_rdata", "s_axil_rresp"], stalls(4)),
            writing: None,
            put_data: None,
            reading: None,
            busy: false,
            response: None,
        }
    }

    /// Starts a write; the response of the access before must have been taken.
    pub fn write(&mut self, address: u32, data: u32) {
        (self.writing, self.put_data, self.busy) = (Some((address, data)), Some(data), true);
    }

    /// Starts a read.
    pub fn read(&mut self, address: u32) {
        (self.reading, self.busy) = (Some(address), true);
    }

    /// The response, once it is there.
    pub fn take_response(&mut self) -> Option<Response> {
        self.response.take()
    }

    /// Before the clock.
    pub fn drive<P: Pins + ?Sized>(&mut self, pins: &mut P) {
        let RegisterBus { writing, put_data, reading, .. } = self;
        self.write_address.drive(pins, || writing.take().map(|(address, _)| [word(address as u64), word(0)]));
        self.write_data.drive(pins, || put_data.take().map(|data| [word(data as u64), word(15)]));
        self.read_address.drive(pins, || reading.take().map(|address| [word(address as u64), word(0)]));
        self.write_response.drive(pins, self.busy);
        self.read_data.drive(pins, self.busy);
    }

    /// After the design has settled.
    ///
    /// # Errors
    /// [`ModelError::Bus`].
    pub fn look<P: Pins + ?Sized>(&mut self, pins: &mut P, cycle: u64) -> Result<(), ModelError> {
        self.write_address.passed(pins);
        self.write_data.passed(pins);
        self.read_address.passed(pins);
        if let Some([code]) = self.write_response.passed(pins, cycle)? {
            self.response = Some(Response { data: 0, code: code[0] });
            self.busy = false;
        }
        if let Some([data, code]) = self.read_data.passed(pins, cycle)? {
            self.response = Some(Response { data: data[0] as u32, code: code[0] });
            self.busy = false;
        }
        Ok(())
    }
}
