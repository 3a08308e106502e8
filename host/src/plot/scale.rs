//! Scales: ranges that fit data, round ticks, and their texts.

/// A range of intensities and how it is stretched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Smallest value.
    pub low: f64,
    /// Largest value; above `low`.
    pub high: f64,
    /// Logarithmic; then `low` is positive.
    pub log: bool,
}

impl Scale {
    /// A scale that shows values whole. Logarithmic scales span at most eight decades.
    pub fn whole(values: impl Iterator<Item = f64>, log: bool) -> Option<Scale> {
        let finite: Vec<f64> = values.filter(|value| shows(*value, log)).collect();
        let high = finite.iter().copied().reduce(f64::max)?;
        let low = finite.iter().copied().reduce(f64::min)?;
        Some(
            match log {
                true => Scale { low: low.max(high * 1e-8), high, log },
                false => Scale { low: low.min(0.0), high, log },
            }
            .widened(),
        )
    }

    /// A scale for colours: the faintest 1 % and the brightest 0.5 % of the values may saturate, so that a hot bin does
    /// not make all others dark.
    pub fn robust(values: impl Iterator<Item = f64>, log: bool) -> Option<Scale> {
        let mut finite: Vec<f64> = values.filter(|value| shows(*value, log)).collect();
        if finite.is_empty() {
            return None;
        }
        finite.sort_by(f64::total_cmp);
        let at = |part: f64| finite[((finite.len() - 1) as f64 * part).round() as usize];
        Some(Scale { low: at(0.01), high: at(0.995), log }.widened())
    }

    /// One value alone still makes a range.
    fn widened(self) -> Scale {
        match (self.high > self.low, self.log) {
            (true, _) => self,
            (false, true) => Scale { low: self.low / 2.0, high: self.high * 2.0, ..self },
            (false, false) => {
                let by = if self.high == 0.0 { 1.0 } else { self.high.abs() / 2.0 };
                Scale { low: self.low - by, high: self.high + by, ..self }
            }
        }
    }

    /// Where a value stands, 0 at `low` and 1 at `high`; values outside are brought to the ends.
    pub fn part(&self, value: f64) -> f64 {
        let part = match self.log {
            true if value <= self.low => 0.0,
            true => (value / self.low).ln() / (self.high / self.low).ln(),
            false => (value - self.low) / (self.high - self.low),
        };
        part.clamp(0.0, 1.0)
    }

    /// Round values within the range: about `count` of them, or one a decade.
    pub fn ticks(&self, count: usize) -> Vec<f64> {
        if self.log && self.high / self.low >= 10.0 {
            let (from, to) = (self.low.log10().ceil() as i32, self.high.log10().floor() as i32);
            if to - from < 2 {
                let round = (from - 1..=to).flat_map(|decade| [1.0, 2.0, 5.0].map(|part| part * 10f64.powi(decade)));
                return round.filter(|tick| (self.low..=self.high).contains(tick)).collect();
            }
            let step = ((to - from) / count.max(1) as i32 + 1).max(1);
            return (from..=to).step_by(step as usize).map(|decade| 10f64.powi(decade)).collect();
        }
        let raw = (self.high - self.low) / count.max(1) as f64;
        let decade = 10f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|part| part * decade).find(|&step| step >= raw);
        let step = step.unwrap_or(10.0 * decade);
        let (from, to) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        (from..=to).take(100).map(|index| index as f64 * step).collect()
    }
}

/// A tick's text: plain from 0.001 to 99,999, with an exponent beyond.
pub fn tick_text(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".into();
    }
    if (1e-3..1e5).contains(&size) {
        return trimmed(&format!("{value:.*}", (5 - size.log10().floor() as i32).clamp(0, 8) as usize));
    }
    let text = format!("{value:.3e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trimmed(mantissa)),
        None => text,
    }
}

/// Whether a value can be drawn: finite, positive where it must be, and far enough from the end of f64's range for
/// sums and margins.
pub fn shows(value: f64, log: bool) -> bool {
    value.abs() < 1e200 && (!log || value > 1e-200)
}

fn trimmed(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tick_text_values_of_all_sizes_are_short() {
        let texts = [0.0, 0.2, 12.5, 3.0000000001, 20_000.0, 100_000.0, 2.5e6, -1e-7, 1e9].map(tick_text);
        assert_eq!(texts, ["0", "0.2", "12.5", "3", "20000", "1e5", "2.5e6", "-1e-7", "1e9"]);
    }

    #[test]
    fn scale_ticks_are_round_and_within_the_range() {
        assert_eq!(Scale { low: 0.0, high: 97.0, log: false }.ticks(5), [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(Scale { low: 3.0, high: 20_000.0, log: true }.ticks(5), [10.0, 100.0, 1000.0, 10_000.0]);
    }

    #[test]
    fn scale_of_one_value_or_none_is_still_a_range_or_nothing() {
        let one = Scale::whole([5.0].into_iter(), false).unwrap();
        assert!(one.low < one.high);
        let same = Scale::robust([7.0; 3].into_iter(), true).unwrap();
        assert!(same.low < 7.0 && same.high > 7.0 && same.part(7.0) == 0.5);
        assert_eq!(Scale::whole([f64::NAN].into_iter(), false), None);
        assert_eq!(Scale::whole([-1.0, 0.0].into_iter(), true), None);
    }
}
