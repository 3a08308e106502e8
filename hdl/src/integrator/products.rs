//! The multipliers of one bank: a leaf, so that its Verilog has the shape that synthesis packs into DSP blocks.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Sums of products over the four slots of an operation. Latency 5: what stands at the inputs before an edge is at the
/// outputs after the fifth. `signal` and `variance` are `p0 + p2 + ((p1 + p3) << (wide ? 16 : 0))`, `weight` is the sum
/// of the weights of all slots, or of slots 0 and 2 when `wide`. `wide` must be still while anything is under way.
#[derive(LogicBlock, Default)]
pub struct Products {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Pixels have 32 bits: slots 1 and 3 hold the high halves of those in slots 0 and 2.
    pub wide: Signal<In, Bit>,
    /// Slots whose weights count: those of others are taken as 0.
    pub gate: Signal<In, U<4>>,
    /// Values, 16 bits a slot.
    pub values: Signal<In, U<64>>,
    /// Weights, 7 bits a slot.
    pub weights: Signal<In, U<28>>,
    /// Squares of the weights, 13 bits a slot.
    pub squares: Signal<In, U<52>>,
    /// Sum of w * v.
    pub signal: Signal<Out, U<36>>,
    /// Sum of w * w * v.
    pub variance: Signal<Out, U<42>>,
    /// Sum of w.
    pub weight: Signal<Out, U<9>>,
    _stages: [[u64; 3]; 4],
}

/// Field `k` of a word of fields of `bits` bits.
fn field(word: u64, bits: u32, k: u32) -> u64 {
    word >> (bits * k) & ((1 << bits) - 1)
}

impl Products {
    /// What the inputs give, all at once.
    fn sums(&self) -> [u64; 3] {
        let (values, wide) = (self.values.val().0, self.wide.val());
        let gated = |word: u64, bits: u32| {
            let open = |&k: &u32| self.gate.val().get_bit(k as usize);
            (0..4).filter(open).map(|k| field(word, bits, k) << (bits * k)).sum::<u64>()
        };
        let sum = |word: u64, bits: u32| {
            let product = |k| field(values, 16, k) * field(word, bits, k);
            let high = product(1) + product(3);
            product(0) + product(2) + if wide { high << 16 } else { high }
        };
        let (weights, squares) = (gated(self.weights.val().0, 7), gated(self.squares.val().0, 13));
        let high = if wide { 0 } else { field(weights, 7, 1) + field(weights, 7, 3) };
        let weight = field(weights, 7, 0) + field(weights, 7, 2) + high;
        [sum(weights, 7) & ((1 << 36) - 1), sum(squares, 13) & ((1 << 42) - 1), weight]
    }
}

impl Logic for Products {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let [signal, variance, weight] = self._stages[3];
            self.signal.next = U(signal);
            self.variance.next = U(variance);
            self.weight.next = U(weight);
            self._stages = [self.sums(), self._stages[0], self._stages[1], self._stages[2]];
        }
    }
    fn connect(&mut self) {
        self.signal.connect();
        self.variance.connect();
        self.weight.connect();
    }
    fn hdl(&self) -> Verilog {
        // Two chains of two multipliers: the second takes its inputs a cycle later and adds the first's product, which
        // is what a cascade of DSP blocks does.
        let chain = |name: &str, factor: &str, bits: u32, first: u32| {
            let (second, product, total) = (first + 2, 16 + bits - 1, 16 + bits);
            let (v, w) = (format!("v[{}:{}]", 16 * first + 15, 16 * first), bits * first);
            let (late_v, late_w) = (format!("v[{}:{}]", 16 * second + 15, 16 * second), bits * second);
            format!(
                "\
reg [{product}:0] {name}_m0, {name}_p0, {name}_m2;
reg [15:0] {name}_v2;
reg [{top}:0] {name}_w2;
reg [{total}:0] {name};
always @(posedge clock) begin
  {name}_m0 <= {v} * {factor}[{w}+:{bits}];
  {name}_v2 <= {late_v};
  {name}_w2 <= {factor}[{late_w}+:{bits}];
  {name}_p0 <= {name}_m0;
  {name}_m2 <= {name}_v2 * {name}_w2;
  {name} <= {name}_p0 + {name}_m2;
end
",
                top = bits - 1
            )
        };
        let chains = [
            chain("signal_even", "w", 7, 0),
            chain("signal_odd", "w", 7, 1),
            chain("variance_even", "q", 13, 0),
            chain("variance_odd", "q", 13, 1),
        ]
        .concat();
        Verilog::Custom(format!(
            "\
reg [63:0] v;
reg [27:0] w;
reg [51:0] q;
integer k;
always @(posedge clock) begin
  v <= values;
  w <= weights;
  q <= squares;
  for (k = 0; k < 4; k = k + 1) if (!gate[k]) begin
    w[7 * k +: 7] <= 7'd0;
    q[13 * k +: 13] <= 13'd0;
  end
end
{chains}
reg [7:0] weight_even, weight_odd;
reg [8:0] weight_a, weight_b;
always @(posedge clock) begin
  weight_even <= w[6:0] + w[20:14];
  weight_odd <= wide ? 8'd0 : w[13:7] + w[27:21];
  weight_a <= weight_even + weight_odd;
  weight_b <= weight_a;
  weight <= weight_b;
  signal <= signal_even + (wide ? {{signal_odd, 16'd0}} : signal_odd);
  variance <= variance_even + (wide ? {{variance_odd, 16'd0}} : variance_odd);
end
"
        ))
    }
}
