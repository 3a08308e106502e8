//! Real frames, sound and damaged, through the splitter and the lane in Rust against their Verilog.

use crate::verilog::{is_there, model_of, top};
use crate::whole_frames::{Pieces, frames, words};
use debye_sim::cosim::{Beat, Passed, Stimulus, compare};
use debye_sim::verilator::Undefined;
use debye_spec::Element;
use debye_spec::ops::{Op, compile};

/// Co-simulates a top under frames of all pixel types; random undefined values show that none of them matters.
fn cosimulate(name: &str, cycles: u64) -> Option<Passed> {
    if !is_there(name) {
        return None;
    }
    let pieces = Pieces::rings(21, 33, 40);
    let (mut chunks, mut ops): (Vec<Beat>, Vec<Beat>) = (Vec::new(), Vec::new());
    for (n, element) in Element::ALL.into_iter().cycle().take(10).enumerate() {
        for frame in frames(&pieces, element, 512 << (n % 3), 2, 9, n % 2 == 1) {
            let header = frame.request.to_bytes();
            let data = words(&header).chain(words(&frame.chunk)).map(|word| vec![("s_axis_tdata".into(), vec![word])]);
            chunks.extend(data.collect::<Vec<Beat>>());
            let table = compile(&pieces.table(), element).unwrap();
            ops.extend(table.iter().map(|&Op(op)| vec![("s_op_tdata".into(), vec![op as u64, (op >> 64) as u64])]));
        }
    }
    let mut design = (top(name).design)();
    let mut model = model_of(name, design.ports(), Undefined::Random(3));
    let config = [("table_id", 7), ("table_pixels", 21 * 33), ("table_bins", 40), ("max_bins", 2048), ("watchdog", 0)];
    let mut stimulus = Stimulus {
        seed: 12,
        fixed: config.map(|(port, value)| (port.to_string(), vec![value])).to_vec(),
        scripts: vec![("s_axis_tvalid".into(), chunks)],
        ..Stimulus::default()
    };
    if design.ports().iter().any(|port| port.name == "s_op_tvalid") {
        stimulus.scripts.push(("s_op_tvalid".into(), ops));
    }
    Some(
        compare(&mut *design, &mut model, &stimulus, cycles)
            .unwrap_or_else(|difference| panic!("{name}: {difference}")),
    )
}

#[test]
fn cosim_frames_through_the_splitter_equal_its_verilog() {
    let Some(passed) = cosimulate("debye_splitter", 40_000) else { return };
    assert!(passed.beats_of("m_job_tvalid") > 20 && passed.beats_of("m_blk_tvalid") > 2000, "{passed:?}");
}

#[test]
fn cosim_frames_through_the_lane_equal_its_verilog() {
    let Some(passed) = cosimulate("debye_lane", 20_000) else { return };
    assert!(passed.beats_of("s_op_tvalid") > 1000 && passed.beats_of("m_axis_tvalid") > 200, "{passed:?}");
}
