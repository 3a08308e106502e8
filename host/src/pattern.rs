//! From exact sums to I and sigma, in f64: one function for every engine.

/// A pattern of one frame, in the bins' order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Pattern {
    /// Intensity: sum w v / sum w norm. NaN in a bin without valid pixels.
    pub intensity: Vec<f64>,
    /// Its standard deviation by Poisson statistics: sqrt(sum w^2 v) / sum w norm. NaN as above.
    pub sigma: Vec<f64>,
    /// sum w norm over the frame's valid pixels, in units of whole pixels.
    pub norm: Vec<f64>,
}
