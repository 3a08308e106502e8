//! Bitstreams for simulated memories: what a tool writes around a design, without a design.

use debye_spec::board::Board;
use debye_spec::flash::configuration::{
    BUS_WIDTH, CMD, CRC, DESYNC, DUMMY, FDRI, IDCODE, IPROG, NOOP, RCRC, START, SYNC, TIMER, TIMER_ENABLE, USER,
    WBSTAR, crc_step, write_one,
};

/// Words before the sync word, as tools write them.
fn head() -> Vec<u32> {
    let mut words = vec![DUMMY; 8];
    words.extend(BUS_WIDTH);
    words.extend([DUMMY, DUMMY, SYNC, NOOP]);
    words
}

/// Packets with data for a part, and what starts the design.
fn body(idcode: u32, user: u32, data: &[u32]) -> Vec<u32> {
    let mut words = vec![write_one(CMD), RCRC, NOOP, write_one(IDCODE), idcode, write_one(USER), user];
    words.extend([write_one(FDRI) - 1, 0x5000_0000 | data.len() as u32]);
    words.extend(data);
    let crc = crc_step(crc_step(0, IDCODE, idcode), USER, user);
    let crc = data.iter().fold(crc, |crc, &word| crc_step(crc, FDRI, word));
    let end = crc_step(0, CMD, START);
    words.extend([write_one(CRC), crc, NOOP, NOOP, write_one(CMD), START, NOOP, write_one(CRC), end]);
    words.extend([write_one(CMD), DESYNC]);
    words.extend([NOOP; 16]);
    words
}

fn bytes(words: Vec<u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_be_bytes).collect()
}

/// A bitstream for a board's update slot: its build, and words of data out of a seed.
pub fn update(board: &Board, user: u32, words: usize, seed: u64) -> Vec<u8> {
    let number = |i: usize| crate::device::fault::mix(seed, i as u64) as u32;
    // Designs are largely empty, and so are their pages: every fourth KiB holds something.
    let data: Vec<u32> = (0..words).map(|i| if i / 256 % 4 == 1 { DUMMY } else { number(i) }).collect();
    let mut all = head();
    all.extend(body(board.idcode, user, &data));
    bytes(all)
}

/// The factory's image of a board: it starts the watchdog with so many ticks, sends the configuration logic to `update`,
/// and is a design by itself when that comes back.
pub fn golden(board: &Board, user: u32, update: u32, ticks: u32) -> Vec<u8> {
    let mut words = head();
    let patience = TIMER_ENABLE | ticks;
    words.extend([write_one(TIMER), patience, write_one(WBSTAR), update, write_one(CMD), IPROG, NOOP, NOOP]);
    words.extend(body(board.idcode, user, &[0x600d_600d; 64]));
    bytes(words)
}
