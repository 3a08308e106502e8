//! Small-angle scattering: I(q) in units of sigma, Guinier's radius and Porod's exponent.
//!
//! - Guinier: ln I = ln I0 - q^2 Rg^2 / 3, a straight line by weights of (I / sigma)^2, over q Rg <= 1.3 (A. Guinier, G.
//!   Fournet, Small-Angle Scattering of X-rays, 1955). The range is found on the original, from the first bin on, and used
//!   for both sides.
//! - Porod: ln I = ln K - p ln q over the last third of the range of q that holds counts, unless the user gives a range.

use super::fit::{Fit, Points, line};
use super::profile::{Profiles, profiles};
use super::verdict::{Axis, Curve, Mark, Plot, Table};
use super::{D7_4, Limitable, Needs, Study, THIRD, Technique, TechniqueError, Verdict, begin};
use crate::pattern::Pattern;

/// See the module.
pub struct Saxs;

const LIMITS: &[Limitable] = &[
    Limitable::at_most("max_delta", 1.0, "Debye's default: no bin moves by more than its own counting error"),
    Limitable::at_most("chi2_reduced", 1.0 / 9.0, THIRD),
    Limitable::at_most("nrmse", 0.01, D7_4),
    Limitable::at_most("bins_lost", 0.0, "Debye's default: every bin keeps valid pixels"),
    Limitable::at_most("rg_change", 1.0 / 3.0, THIRD),
    Limitable::at_most("i0_change", 1.0 / 3.0, THIRD),
    Limitable::at_most("porod_change", 1.0 / 3.0, THIRD),
    Limitable::by_user("rg_change_relative", super::Bound::AtMost),
    Limitable::by_user("i0_change_relative", super::Bound::AtMost),
    Limitable::by_user("porod_change_absolute", super::Bound::AtMost),
];

/// Largest q Rg of a Guinier fit.
const MOST_Q_RG: f64 = 1.3;

/// Points that a straight line takes, at least.
const FEWEST_POINTS: usize = 5;

/// A number and its error.
type Measured = [f64; 2];

impl Technique for Saxs {
    fn name(&self) -> &'static str {
        "saxs"
    }

    fn title(&self) -> &'static str {
        "Small-angle scattering"
    }

    fn describe(&self) -> &'static str {
        "I(q) in units of its error; Guinier's radius and I(0), Porod's exponent"
    }

    fn needs(&self) -> Needs {
        Needs { geometry: true, q: true, frames: 1 }
    }

    fn limits(&self) -> &'static [Limitable] {
        LIMITS
    }

    fn verdict(&self, study: &Study<'_>) -> Result<Verdict, TechniqueError> {
        let profiles = profiles("saxs", study)?;
        let mut verdict = begin(self);
        profiles.report(study, true, &mut verdict)?;
        let mut table = Table::new(
            "fits",
            "Straight lines",
            &[
                ("fit (1 Rg, 2 I0, 3 Porod exponent)", ""),
                ("from q", profiles.unit),
                ("to q", profiles.unit),
                ("original", ""),
                ("error, original", ""),
                ("altered", ""),
                ("error, altered", ""),
            ],
        );
        guinier(study, &profiles, &mut verdict, &mut table)?;
        porod(study, &profiles, &mut verdict, &mut table)?;
        verdict.tables.push(table);
        Ok(verdict)
    }
}

/// ln I with its error against `abscissa` of q, in a range of q.
fn logarithm(x: &[f64], pattern: &Pattern, range: [f64; 2], abscissa: fn(f64) -> f64) -> Points {
    let usable = Points::within(x, &pattern.intensity, &pattern.sigma, range);
    let mut points = Points::default();
    for ((&q, &value), &sigma) in usable.x.iter().zip(&usable.y).zip(&usable.sigma) {
        if value > 0.0 && q > 0.0 {
            points.x.push(abscissa(q));
            points.y.push(value.ln());
            points.sigma.push(sigma / value);
        }
    }
    points
}

/// Rg and I0 of a line through ln I over q^2; `None` where it does not fall.
fn radius(fit: &Fit) -> Option<(Measured, Measured)> {
    let ([intercept, slope], [of_intercept, of_slope]) = (two(&fit.parameters)?, two(&fit.errors)?);
    let rg = (-3.0 * slope).sqrt();
    (rg > 0.0).then(|| ([rg, 1.5 * of_slope / rg], [intercept.exp(), intercept.exp() * of_intercept]))
}

fn two(values: &[f64]) -> Option<[f64; 2]> {
    Some([*values.first()?, *values.get(1)?])
}

fn fit_within(profiles: &Profiles, pattern: &Pattern, range: [f64; 2]) -> Option<(Measured, Measured)> {
    let points = logarithm(&profiles.x, pattern, range, |q| q * q);
    if points.len() < FEWEST_POINTS { None } else { radius(&line(&points)?) }
}

/// The largest range from the first bin on over which q Rg stays at most 1.3.
fn guinier_range(profiles: &Profiles) -> Option<[f64; 2]> {
    let pattern = &profiles.original;
    let usable: Vec<f64> = (0..profiles.x.len())
        .filter(|&k| pattern.intensity[k] > 0.0 && pattern.sigma[k] > 0.0 && profiles.x[k] > 0.0)
        .map(|k| profiles.x[k])
        .collect();
    let first = *usable.first()?;
    let ends = usable.iter().skip(FEWEST_POINTS - 1).rev();
    ends.map(|&end| [first, end])
        .find(|&range| fit_within(profiles, pattern, range).is_some_and(|(rg, _)| rg[0] * range[1] <= MOST_Q_RG))
}

fn checked(name: &'static str, range: Option<[f64; 2]>) -> Result<Option<[f64; 2]>, TechniqueError> {
    match range {
        Some([from, to]) if !(0.0 <= from && from < to && to.is_finite()) => Err(TechniqueError::Setting {
            name,
            value: format!("{from},{to}"),
            rule: "it is a range of q: two rising numbers",
        }),
        range => Ok(range),
    }
}

fn guinier(
    study: &Study<'_>,
    profiles: &Profiles,
    verdict: &mut Verdict,
    table: &mut Table,
) -> Result<(), TechniqueError> {
    let given = checked("guinier", study.settings.guinier)?;
    let Some(range) = given.or_else(|| guinier_range(profiles)) else {
        verdict
            .notes
            .push("The original has no range with q Rg <= 1.3 over 5 bins: Guinier's radius is not judged.".into());
        return Ok(());
    };
    let (original, altered) =
        (fit_within(profiles, &profiles.original, range), fit_within(profiles, &profiles.altered, range));
    let Some((rg, i0)) = original else {
        let [from, to] = range;
        verdict.notes.push(format!("ln I does not fall with q^2 over {from} to {to}: Guinier's radius is not judged."));
        return Ok(());
    };
    let nothing = ([f64::NAN; 2], [f64::NAN; 2]);
    let (rg_altered, i0_altered) = altered.unwrap_or(nothing);
    let length = if profiles.unit == "q_A^-1" { "A" } else { "nm" };
    verdict.set("guinier range", format!("{} to {} {}", range[0], range[1], profiles.unit));
    let mut add = |name, title, unit, value, note| verdict.add(study.limits, name, title, unit, value, note);
    let sigma = "in errors of the original's fit";
    add("rg_change", "Change of Rg", "sigma", (rg_altered[0] - rg[0]).abs() / rg[1], sigma);
    add("i0_change", "Change of I(0)", "sigma", (i0_altered[0] - i0[0]).abs() / i0[1], sigma);
    add("rg_change_relative", "Relative change of Rg", "", (rg_altered[0] / rg[0] - 1.0).abs(), "");
    add("i0_change_relative", "Relative change of I(0)", "", (i0_altered[0] / i0[0] - 1.0).abs(), "");
    add("rg", "Rg of the original", length, rg[0], "informs only");
    table.row([vec![1.0], range.to_vec(), rg.to_vec(), rg_altered.to_vec()].concat());
    table.row([vec![2.0], range.to_vec(), i0.to_vec(), i0_altered.to_vec()].concat());
    let curve = |label: &str, pattern: &Pattern| {
        let points = logarithm(&profiles.x, pattern, range, |q| q * q);
        Curve::with_sigma(label, Mark::Points, &points.x, &points.y, &points.sigma)
    };
    verdict.plots.push(Plot {
        name: "guinier".into(),
        title: "Guinier plot".into(),
        x: Axis::linear("q^2", &format!("({})^2", profiles.unit)),
        y: Axis::linear("ln I", ""),
        caption: "ln I against q^2 over the range of the fit, with counting errors; its slope is -Rg^2 / 3.".into(),
        curves: vec![curve("original", &profiles.original), curve("altered", &profiles.altered)],
    });
    Ok(())
}

/// p and its error.
fn exponent(profiles: &Profiles, pattern: &Pattern, range: [f64; 2]) -> Option<Measured> {
    let points = logarithm(&profiles.x, pattern, range, f64::ln);
    let fit = if points.len() < FEWEST_POINTS { None } else { line(&points) }?;
    Some([-fit.parameters[1], fit.errors[1]])
}

fn porod(
    study: &Study<'_>,
    profiles: &Profiles,
    verdict: &mut Verdict,
    table: &mut Table,
) -> Result<(), TechniqueError> {
    let pattern = &profiles.original;
    let mut filled = (0..profiles.x.len()).filter(|&k| pattern.intensity[k] > 0.0 && pattern.sigma[k] > 0.0);
    let ends = filled.next().zip(filled.next_back()).map(|(first, last)| (profiles.x[first], profiles.x[last]));
    let upper = ends.map(|(first, last)| [first + (last - first) * 2.0 / 3.0, last]);
    let fitted = checked("porod", study.settings.porod)?
        .or(upper)
        .and_then(|range| exponent(profiles, pattern, range).map(|p| (range, p)));
    let Some((range, original)) = fitted else {
        verdict.notes.push("The original has fewer than 5 bins with counts for Porod's line: it is not judged.".into());
        return Ok(());
    };
    let altered = exponent(profiles, &profiles.altered, range).unwrap_or([f64::NAN; 2]);
    verdict.set("porod range", format!("{} to {} {}", range[0], range[1], profiles.unit));
    let change = (altered[0] - original[0]).abs();
    let sigma = "in errors of the original's fit";
    let mut add = |name, title, unit, value, note| verdict.add(study.limits, name, title, unit, value, note);
    add("porod_change", "Change of Porod's exponent", "sigma", change / original[1], sigma);
    add("porod_change_absolute", "Change of Porod's exponent", "", change, "");
    add("porod_exponent", "Porod's exponent of the original", "", original[0], "informs only");
    table.row([vec![3.0], range.to_vec(), original.to_vec(), altered.to_vec()].concat());
    Ok(())
}
