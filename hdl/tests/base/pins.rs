//! The direct driver drives a design as its clock and ports say.

use debye_hdl::base::pins::Pins;
use debye_hdl::base::ram::BlockRam;
use debye_hdl::base::word::U;
use debye_hdl::pins;

#[test]
fn pins_block_ram_reads_what_was_written_one_cycle_later() {
    let mut ram = pins!(Box::<BlockRam<U<40>, 4>>::default();
        in read_enable, read_address, write_enable, write_address, write_data; out read_data);
    let [re, ra, we, wa, wd, rd] =
        ["read_enable", "read_address", "write_enable", "write_address", "write_data", "read_data"]
            .map(|n| ram.port(n));
    ram.set_u64(we, 1);
    for word in 0..16 {
        ram.set_u64(wa, word);
        ram.set_u64(wd, word * 0x1_0000_0001);
        ram.tick();
    }
    ram.set_u64(we, 0);
    ram.set_u64(re, 1);
    for word in 0..16 {
        ram.set_u64(ra, word);
        ram.tick();
        assert_eq!(ram.get_u64(rd), word * 0x1_0000_0001);
    }
    ram.set_u64(re, 0);
    ram.set_u64(ra, 3);
    ram.tick();
    assert_eq!(ram.get_u64(rd), 15 * 0x1_0000_0001, "held");
}
