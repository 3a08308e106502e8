//! The core before the configuration logic: which part the FPGA is, and having it boot anew. AXI HWICAP (PG134).

use crate::transport::{ALL_ONES, Transport};
use debye_spec::flash::icap as map;
use debye_spec::pci::ICAP_OFFSET;
use std::time::{Duration, Instant};

/// Longest wait for an exchange of some words.
const PATIENCE: Duration = Duration::from_millis(200);

fn write(transport: &mut dyn Transport, offset: u32, value: u32) {
    transport.write(ICAP_OFFSET + offset, value);
}

fn read(transport: &mut dyn Transport, offset: u32) -> u32 {
    transport.read(ICAP_OFFSET + offset)
}

/// Whether there is such a core and it has come to rest.
fn rests(transport: &mut dyn Transport) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let status = read(transport, map::STATUS);
        if status == ALL_ONES {
            return false;
        }
        if status & map::STATUS_DONE != 0 {
            return true;
        }
    }
    false
}

fn send(transport: &mut dyn Transport, words: &[u32]) -> bool {
    words.iter().for_each(|&word| write(transport, map::WRITE_FIFO, word));
    write(transport, map::CONTROL, map::CONTROL_WRITE);
    rests(transport)
}

/// IDCODE of the FPGA; `None` when the card has no such core.
pub fn idcode(transport: &mut dyn Transport) -> Option<u32> {
    write(transport, map::CONTROL, map::CONTROL_RESET);
    if !rests(transport) || !send(transport, &map::ASK_IDCODE) {
        return None;
    }
    write(transport, map::SIZE, 1);
    write(transport, map::CONTROL, map::CONTROL_READ);
    let answered = rests(transport) && read(transport, map::READ_OCCUPANCY) != 0;
    let idcode = read(transport, map::READ_FIFO);
    send(transport, &map::DONE);
    answered.then_some(idcode)
}

/// Tells the FPGA to boot from an address of its memory. It may be gone at once.
pub fn reload(transport: &mut dyn Transport, address: u32) {
    write(transport, map::CONTROL, map::CONTROL_RESET);
    rests(transport);
    map::reload(address).iter().for_each(|&word| write(transport, map::WRITE_FIFO, word));
    write(transport, map::CONTROL, map::CONTROL_WRITE);
}
