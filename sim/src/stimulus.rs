//! Random stimulus with a seed: values, handshakes with runs of stalls, streams that keep to their protocol.

use crate::cosim::Beat;
use debye_hdl::base::pins::{Pins, Port};
use debye_hdl::base::random::Random;

/// A value of some bits: often 0, small or all ones, where designs have their corners.
pub(crate) fn value(random: &mut Random, width: usize) -> Vec<u64> {
    let kind = random.below(8);
    let small = random.below(20);
    let mut limbs: Vec<u64> = (0..width.div_ceil(64))
        .map(|limb| match kind {
            0 => 0,
            1 => u64::MAX,
            2 | 3 => small * u64::from(limb == 0),
            _ => random.draw(),
        })
        .collect();
    if let (Some(last), false) = (limbs.last_mut(), width.is_multiple_of(64)) {
        *last &= (1 << (width % 64)) - 1;
    }
    limbs
}

/// A signal that is high for some of the time: how much changes every some hundred cycles, so that there are runs of
/// stalls, of full speed, and of all between.
struct Pattern {
    /// Out of 16.
    high: u64,
    left: u64,
}

impl Pattern {
    fn next(&mut self, random: &mut Random) -> bool {
        if self.left == 0 {
            self.left = 1 + random.below(200);
            self.high = [16, 16, 14, 8, 2, 0][random.index(6)];
        }
        self.left -= 1;
        random.chance(self.high, 16)
    }
}

/// A stream: who drives its valid sends.
pub(crate) struct Stream {
    /// Port of the valid.
    pub valid: usize,
    /// Beats that passed.
    pub beats: u64,
    ready: usize,
    sends: bool,
    data: Vec<usize>,
    script: Option<(Vec<Beat>, usize)>,
    pattern: Pattern,
    /// A beat stands and was not taken.
    stands: bool,
    taken: bool,
}

impl Stream {
    /// The streams of a design.
    pub(crate) fn all(ports: &[Port], scripts: &[(String, Vec<Beat>)]) -> Vec<Stream> {
        let number = |name: &str| ports.iter().position(|port| port.name == name);
        for (name, _) in scripts {
            assert!(number(name).is_some_and(|port| ports[port].input), "the script's {name} is no input");
        }
        let mut streams = Vec::new();
        for (valid, port) in ports.iter().enumerate() {
            let Some(stem) = port.name.strip_suffix("valid") else { continue };
            let Some(ready) = number(&format!("{stem}ready")) else { continue };
            // `s_axis_tvalid` goes with all of `s_axis_`, `s_axil_awvalid` with `s_axil_aw` alone.
            let stem = stem.strip_suffix("_t").map_or(stem.to_string(), |stem| format!("{stem}_"));
            let data = (0..ports.len())
                .filter(|&other| other != valid && other != ready)
                .filter(|&other| ports[other].input == port.input && ports[other].name.starts_with(&stem))
                .collect();
            let script = scripts.iter().find(|(name, _)| *name == port.name).map(|(_, beats)| (beats.clone(), 0));
            let pattern = Pattern { high: 0, left: 0 };
            let (sends, stands, taken) = (port.input, false, false);
            streams.push(Stream { valid, beats: 0, ready, sends, data, script, pattern, stands, taken });
        }
        streams
    }

    /// Whether it drives a port.
    pub(crate) fn drives(&self, port: usize) -> bool {
        if self.sends { port == self.valid || self.data.contains(&port) } else { port == self.ready }
    }

    /// Drives its ports for a cycle.
    pub(crate) fn next(
        &mut self,
        ports: &[Port],
        random: &mut Random,
        fixed: &dyn Fn(usize) -> bool,
        drive: &mut dyn FnMut(usize, &[u64]),
    ) {
        let high = self.pattern.next(random);
        if !self.sends {
            if !fixed(self.ready) {
                drive(self.ready, &[high.into()]);
            }
            return;
        }
        if self.stands && !self.taken {
            return;
        }
        self.stands = high;
        if !fixed(self.valid) {
            drive(self.valid, &[high.into()]);
        }
        let beat = match &mut self.script {
            Some((beats, next)) if high && !beats.is_empty() => {
                let beat = beats[*next].clone();
                *next = (*next + 1) % beats.len();
                beat
            }
            _ => Vec::new(),
        };
        for &port in self.data.iter().filter(|&&port| !fixed(port)) {
            match beat.iter().find(|(name, _)| *name == ports[port].name) {
                Some((_, value)) => drive(port, value),
                None => drive(port, &value(random, ports[port].width)),
            }
        }
    }

    /// Sees what passes in this cycle, before the edge.
    pub(crate) fn look(&mut self, design: &mut dyn Pins) {
        self.taken = design.get_u64(self.valid) != 0 && design.get_u64(self.ready) != 0;
        self.beats += u64::from(self.taken);
    }
}
