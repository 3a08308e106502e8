//! The multipliers of one bank: a leaf, so that its Verilog has the shape that synthesis packs into DSP blocks.
//!
//! This is the portable one. For UltraScale+ `hdl/ultrascale/products.v` takes its place: the same ports, the same
//! meaning, but cascades of DSP blocks, which synthesis does not find by itself.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Sums of products over the four slots of an operation. Latency 7: what stands at the inputs before an edge is at the
/// outputs after the seventh. `signal` and `variance` are `p0 + p2 + ((p1 + p3) << (wide ? 14 : 0))`, `weight` is the
/// sum of the weights of all slots, or of slots 0 and 2 when `wide`. `wide` must be still while anything is under way.
///
/// A high half is worth 2^16: its weights and squares come shifted by 2, the rest is done here. Open slots 1 and 3 have
/// at most 12 bits when `wide`, as no valid pixel has more than 28.
#[derive(LogicBlock, Default)]
pub struct Products {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Pixels have 32 bits: slots 1 and 3 hold the high halves of those in slots 0 and 2.
    pub wide: Signal<In, Bit>,
    /// Slots that do not count: their weights are taken as 0.
    pub closed: Signal<In, U<4>>,
    /// Values, 16 bits a slot.
    pub values: Signal<In, U<64>>,
    /// Weights, 9 bits a slot.
    pub weights: Signal<In, U<36>>,
    /// Squares of the weights, 15 bits a slot.
    pub squares: Signal<In, U<60>>,
    /// Sum of w * v.
    pub signal: Signal<Out, U<36>>,
    /// Sum of w * w * v.
    pub variance: Signal<Out, U<42>>,
    /// Sum of w.
    pub weight: Signal<Out, U<9>>,
    _stages: [[u64; 3]; 6],
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
            let open = |&k: &u32| !self.closed.val().get_bit(k as usize);
            (0..4).filter(open).map(|k| field(word, bits, k) << (bits * k)).sum::<u64>()
        };
        let sum = |word: u64, bits: u32| {
            let product = |k| field(values, 16, k) * field(word, bits, k);
            let high = product(1) + product(3);
            product(0) + product(2) + if wide { high << 14 } else { high }
        };
        let (weights, squares) = (gated(self.weights.val().0, 9), gated(self.squares.val().0, 15));
        let high = if wide { 0 } else { field(weights, 9, 1) + field(weights, 9, 3) };
        let weight = field(weights, 9, 0) + field(weights, 9, 2) + high;
        [sum(weights, 9) & ((1 << 36) - 1), sum(squares, 15) & ((1 << 42) - 1), weight & 511]
    }
}

impl Logic for Products {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let [signal, variance, weight] = self._stages[5];
            self.signal.next = U(signal);
            self.variance.next = U(variance);
            self.weight.next = U(weight);
            self._stages.rotate_right(1);
            self._stages[0] = self.sums();
        }
    }
    fn connect(&mut self) {
        self.signal.connect();
        self.variance.connect();
        self.weight.connect();
    }
    fn hdl(&self) -> Verilog {
        let sum = |name: &str, factor: &str, bits: u32, total: u32| {
            let product = 16 + bits;
            let products: String = (0..4)
                .map(|k| {
                    format!(
                        "  {name}_3[{}+:{product}] <= v_2[{}+:16] * {factor}_2[{}+:{bits}];\n",
                        product * k,
                        16 * k,
                        bits * k
                    )
                })
                .collect();
            let of = |k: u32| format!("{name}_4[{}+:{product}]", product * k);
            format!(
                "\
reg [{all}:0] {name}_3, {name}_4;
reg [{product}:0] {name}_even_5, {name}_odd_5, {name}_even_6;
reg [{top}:0] {name}_odd_6;
always @(posedge clock) begin
{products}  {name}_4 <= {name}_3;
  {name}_even_5 <= {p0} + {p2};
  {name}_odd_5 <= {p1} + {p3};
  {name}_even_6 <= {name}_even_5;
  {name}_odd_6 <= wide ? {{{name}_odd_5, 14'd0}} : {name}_odd_5;
  {name} <= {name}_even_6 + {name}_odd_6;
end
",
                all = 4 * product - 1,
                top = total - 1,
                p0 = of(0),
                p1 = of(1),
                p2 = of(2),
                p3 = of(3)
            )
        };
        let sums = [sum("signal", "w", 9, 36), sum("variance", "q", 15, 42)].concat();
        Verilog::Custom(format!(
            "\
// module: products
// Operands are gated, values too: then no two banks have the same registers, and each keeps its own beside its
// multipliers. Before and behind a multiplier stands a register that feeds a register or is fed by one: they can be
// placed beside it, wherever the column of multipliers is.
reg [63:0] v_1, v_2;
reg [35:0] w_1, w_2;
reg [59:0] q_1, q_2;
integer k;
always @(posedge clock) begin
  v_1 <= values;
  w_1 <= weights;
  q_1 <= squares;
  for (k = 0; k < 4; k = k + 1) if (closed[k]) begin
    v_1[16 * k +: 16] <= 16'd0;
    w_1[9 * k +: 9] <= 9'd0;
    q_1[15 * k +: 15] <= 15'd0;
  end
  v_2 <= v_1;
  w_2 <= w_1;
  q_2 <= q_1;
end
{sums}
reg [8:0] weight_even_3, weight_odd_3, weight_4, weight_5, weight_6;
always @(posedge clock) begin
  weight_even_3 <= w_2[8:0] + w_2[26:18];
  weight_odd_3 <= wide ? 9'd0 : w_2[17:9] + w_2[35:27];
  weight_4 <= weight_even_3 + weight_odd_3;
  weight_5 <= weight_4;
  weight_6 <= weight_5;
  weight <= weight_6;
end
"
        ))
    }
}
