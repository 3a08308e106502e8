//! Powder diffraction: I(q) in units of sigma, and peaks by fits ([`super::peak`]).

use super::fit::Points;
use super::peak::{self, Candidate, Peak};
use super::profile::{Profiles, profiles};
use super::verdict::Table;
use super::{D7_4, Limitable, Needs, Study, THIRD, Technique, TechniqueError, Verdict, begin};

/// See the module.
pub struct Powder;

const LIMITS: &[Limitable] = &[
    Limitable::at_most("max_delta", 1.0, "Debye's default: no bin moves by more than its own counting error"),
    Limitable::at_most("chi2_reduced", 1.0 / 9.0, THIRD),
    Limitable::at_most("nrmse", 0.01, D7_4),
    Limitable::at_most("bins_lost", 0.0, "Debye's default: every bin keeps valid pixels"),
    Limitable::at_most("peaks_lost", 0.0, "Debye's default: every peak can still be fitted"),
    Limitable::at_most("position_shift", 1.0 / 3.0, THIRD),
    Limitable::at_most("width_change", 1.0 / 3.0, THIRD),
    Limitable::at_most("area_change", 1.0 / 3.0, THIRD),
    Limitable::by_user("position_shift_absolute", super::Bound::AtMost),
    Limitable::by_user("width_change_relative", super::Bound::AtMost),
    Limitable::by_user("area_change_relative", super::Bound::AtMost),
];

impl Technique for Powder {
    fn name(&self) -> &'static str {
        "powder"
    }

    fn title(&self) -> &'static str {
        "Powder diffraction"
    }

    fn describe(&self) -> &'static str {
        "I(q) in units of its error; positions, widths and areas of peaks by pseudo-Voigt fits"
    }

    fn needs(&self) -> Needs {
        Needs { geometry: true, frames: 1, ..Needs::default() }
    }

    fn limits(&self) -> &'static [Limitable] {
        LIMITS
    }

    fn verdict(&self, study: &Study<'_>) -> Result<Verdict, TechniqueError> {
        let profiles = profiles("powder", study)?;
        let mut verdict = begin(self);
        profiles.report(study, false, &mut verdict)?;
        let candidates = candidates(study, &profiles)?;
        let pairs: Vec<(Candidate, Option<Peak>, Option<Peak>)> = candidates
            .into_iter()
            .map(|one| {
                let fit = |pattern: &crate::pattern::Pattern| {
                    let points = Points::within(&profiles.x, &pattern.intensity, &pattern.sigma, one.window);
                    peak::fit(&points, &one)
                };
                (one, fit(&profiles.original), fit(&profiles.altered))
            })
            .collect();
        report(study, &profiles, &pairs, &mut verdict);
        Ok(verdict)
    }
}

fn candidates(study: &Study<'_>, profiles: &Profiles) -> Result<Vec<Candidate>, TechniqueError> {
    let (x, pattern) = (&profiles.x, &profiles.original);
    if study.settings.peaks.is_empty() {
        return Ok(peak::find(x, &pattern.intensity, &pattern.sigma, study.settings.most_peaks));
    }
    let named = |&position: &f64| {
        peak::at(x, &pattern.intensity, &pattern.sigma, position).ok_or_else(|| TechniqueError::Setting {
            name: "peaks",
            value: format!("{position}"),
            rule: "within 1 % of the radial range of it the original has a maximum 5 sigma above its surroundings",
        })
    };
    study.settings.peaks.iter().map(named).collect()
}

type Pair = (Candidate, Option<Peak>, Option<Peak>);

fn report(study: &Study<'_>, profiles: &Profiles, pairs: &[Pair], verdict: &mut Verdict) {
    let unit = profiles.unit;
    let both: Vec<(Peak, Peak)> = pairs.iter().filter_map(|(_, a, b)| Some(((*a)?, (*b)?))).collect();
    let lost = pairs.iter().filter(|(_, a, b)| a.is_some() && b.is_none()).count();
    verdict.set("profile", "pseudo-Voigt on a straight background, weighted by counting errors");
    verdict.set("peaks fitted", both.len());
    if pairs.iter().all(|(_, original, _)| original.is_none()) {
        verdict.notes.push(
            "The original pattern has no peak that stands 5 sigma above its surroundings and can be fitted: peaks are not judged.".into(),
        );
        return;
    }
    let largest = |of: &dyn Fn(&Peak, &Peak) -> f64| both.iter().map(|(a, b)| of(a, b)).fold(f64::NAN, f64::max);
    let by_error = |a: [f64; 2], b: [f64; 2]| (b[0] - a[0]).abs() / a[1];
    let relative = |a: [f64; 2], b: [f64; 2]| ((b[0] - a[0]) / a[0]).abs();
    let mut add = |name, title, unit, value, note| verdict.add(study.limits, name, title, unit, value, note);
    let sigma = "worst peak, in errors of the original's fit";
    add("peaks_lost", "Peaks that can no longer be fitted", "", lost as f64, "");
    add("position_shift", "Shift of a peak", "sigma", largest(&|a, b| by_error(a.position, b.position)), sigma);
    add("width_change", "Change of a width", "sigma", largest(&|a, b| by_error(a.width, b.width)), sigma);
    add("area_change", "Change of an area", "sigma", largest(&|a, b| by_error(a.area, b.area)), sigma);
    let shift = largest(&|a, b| (b.position[0] - a.position[0]).abs());
    add("position_shift_absolute", "Shift of a peak", unit, shift, "worst peak");
    add(
        "width_change_relative",
        "Relative change of a width",
        "",
        largest(&|a, b| relative(a.width, b.width)),
        "worst peak",
    );
    add(
        "area_change_relative",
        "Relative change of an area",
        "",
        largest(&|a, b| relative(a.area, b.area)),
        "worst peak",
    );

    let sides = ["original", "altered"];
    let quantities = [("position", unit), ("width (FWHM)", unit), ("area", ""), ("Lorentzian share", "")];
    let mut columns: Vec<(String, &str)> = vec![("window from".into(), unit), ("window to".into(), unit)];
    for side in sides {
        for (name, unit) in quantities {
            columns.push((format!("{name}, {side}"), unit));
            columns.push((format!("error of {name}, {side}"), unit));
        }
        columns.push((format!("reduced chi^2, {side}"), ""));
    }
    let columns: Vec<(&str, &str)> = columns.iter().map(|(name, unit)| (name.as_str(), *unit)).collect();
    let mut table = Table::new("peaks", "Peaks", &columns);
    for (candidate, original, altered) in pairs {
        let side = |peak: &Option<Peak>| match peak {
            Some(one) => {
                [one.position, one.width, one.area, one.eta].concat().into_iter().chain([one.chi2_reduced]).collect()
            }
            None => vec![f64::NAN; 9],
        };
        table.row(candidate.window.into_iter().chain(side(original)).chain(side(altered)));
    }
    verdict.tables.push(table);
}
