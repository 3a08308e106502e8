//! Least squares: Levenberg-Marquardt for the few parameters of a peak, and straight lines.
//!
//! Parameters are scaled by the diagonal of J^T J (J. J. More, LNM 630 (1978) 105); the step solves the normal equations by
//! Cholesky's method. Errors of the parameters are sqrt(diag((J^T J)^-1)) at the minimum, with residuals in standard
//! deviations: what `scipy.optimize.curve_fit` gives with `absolute_sigma=True`.

/// Something that is fitted.
pub trait Model {
    /// Number of parameters.
    fn parameters(&self) -> usize;

    /// Value at `x`; the derivatives by each parameter go into `slopes`.
    fn value(&self, x: f64, parameters: &[f64], slopes: &mut [f64]) -> f64;
}

/// Points to fit, with their standard deviations (all above 0).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    /// Places.
    pub x: Vec<f64>,
    /// Values.
    pub y: Vec<f64>,
    /// Standard deviations.
    pub sigma: Vec<f64>,
}

/// A fit that came to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Parameters.
    pub parameters: Vec<f64>,
    /// Their standard deviations.
    pub errors: Vec<f64>,
    /// Sum of squared residuals in standard deviations.
    pub chi2: f64,
    /// Points less parameters.
    pub freedom: usize,
}

const MOST_STEPS: usize = 400;

/// A step that changes the sum of squares, and every parameter, by less than this share is the last.
const CLOSE_ENOUGH: f64 = 1e-13;

impl Points {
    /// Those of three columns that can be fitted: finite, with an error above 0, and `x` in the range.
    pub fn within(x: &[f64], y: &[f64], sigma: &[f64], [from, to]: [f64; 2]) -> Points {
        let mut points = Points::default();
        for ((&x, &y), &sigma) in x.iter().zip(y).zip(sigma) {
            if (from..=to).contains(&x) && y.is_finite() && sigma.is_finite() && sigma > 0.0 {
                points.x.push(x);
                points.y.push(y);
                points.sigma.push(sigma);
            }
        }
        points
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }
}

/// What one look at the model gives: J^T J (row by row), J^T r and the sum of squares.
struct Normal {
    matrix: Vec<f64>,
    vector: Vec<f64>,
    chi2: f64,
}

fn normal(model: &dyn Model, points: &Points, parameters: &[f64]) -> Normal {
    let n = parameters.len();
    let mut normal = Normal { matrix: vec![0.0; n * n], vector: vec![0.0; n], chi2: 0.0 };
    let mut slopes = vec![0.0; n];
    for ((&x, &y), &sigma) in points.x.iter().zip(&points.y).zip(&points.sigma) {
        let residual = (y - model.value(x, parameters, &mut slopes)) / sigma;
        slopes.iter_mut().for_each(|slope| *slope /= sigma);
        normal.chi2 += residual * residual;
        for (row, &slope) in slopes.iter().enumerate() {
            normal.vector[row] += slope * residual;
            for (column, &other) in slopes.iter().enumerate() {
                normal.matrix[row * n + column] += slope * other;
            }
        }
    }
    normal
}

/// Fits a model from `start` on. `None`: too few points, parameters that the points do not determine, or no end in sight.
pub fn least_squares(model: &dyn Model, points: &Points, start: &[f64]) -> Option<Fit> {
    let n = model.parameters();
    if start.len() != n || points.len() < n {
        return None;
    }
    let mut parameters = start.to_vec();
    let mut here = normal(model, points, &parameters);
    let mut damping = 1e-3;
    for _ in 0..MOST_STEPS {
        if !here.chi2.is_finite() {
            return None;
        }
        let mut damped = here.matrix.clone();
        (0..n).for_each(|k| damped[k * n + k] *= 1.0 + damping);
        let Some(step) = solve(&damped, &here.vector) else {
            damping *= 10.0;
            if damping > 1e12 {
                return None;
            }
            continue;
        };
        let next: Vec<f64> = parameters.iter().zip(&step).map(|(now, step)| now + step).collect();
        let there = normal(model, points, &next);
        let small = step.iter().zip(&parameters).all(|(step, now)| step.abs() <= CLOSE_ENOUGH * now.abs().max(1e-300));
        if there.chi2 <= here.chi2 {
            let gained = here.chi2 - there.chi2;
            let near = gained <= CLOSE_ENOUGH * here.chi2;
            (parameters, here) = (next, there);
            damping = (damping * 0.1).max(1e-15);
            // Near the end the sum of squares no longer tells the way: only steps do.
            if small || (near && damping <= 1e-12) {
                return finished(parameters, here, points.len());
            }
        } else {
            // A step so small that the sum of squares rises by its last digits alone.
            if small || there.chi2 - here.chi2 <= CLOSE_ENOUGH * here.chi2 && damping <= 1e-12 {
                return finished(parameters, here, points.len());
            }
            damping *= 10.0;
            if damping > 1e12 {
                return finished(parameters, here, points.len());
            }
        }
    }
    None
}

fn finished(parameters: Vec<f64>, at: Normal, points: usize) -> Option<Fit> {
    let n = parameters.len();
    let unit = |k: usize| (0..n).map(|i| f64::from(u8::from(i == k))).collect::<Vec<f64>>();
    let variance = |k: usize| solve(&at.matrix, &unit(k)).map(|column| column[k]);
    let errors = (0..n).map(|k| variance(k).map(f64::sqrt).filter(|error| error.is_finite()));
    let errors = errors.collect::<Option<Vec<f64>>>()?;
    Some(Fit { parameters, errors, chi2: at.chi2, freedom: points - n })
}

/// Solves A x = b for a symmetric positive definite A, by Cholesky's method with rows and columns scaled to a diagonal of
/// ones. `None` for any other A.
fn solve(matrix: &[f64], vector: &[f64]) -> Option<Vec<f64>> {
    let n = vector.len();
    let scale: Vec<f64> = (0..n).map(|k| 1.0 / matrix[k * n + k].sqrt()).collect();
    if !scale.iter().all(|scale| scale.is_finite()) {
        return None;
    }
    let mut lower = vec![0.0; n * n];
    for row in 0..n {
        for column in 0..=row {
            let inner: f64 = (0..column).map(|k| lower[row * n + k] * lower[column * n + k]).sum();
            let left = matrix[row * n + column] * scale[row] * scale[column] - inner;
            lower[row * n + column] = match row == column {
                true if left > 1e-15 => left.sqrt(),
                true => return None,
                false => left / lower[column * n + column],
            };
        }
    }
    let mut out: Vec<f64> = vector.iter().zip(&scale).map(|(value, scale)| value * scale).collect();
    for row in 0..n {
        let inner: f64 = (0..row).map(|k| lower[row * n + k] * out[k]).sum();
        out[row] = (out[row] - inner) / lower[row * n + row];
    }
    for row in (0..n).rev() {
        let inner: f64 = (row + 1..n).map(|k| lower[k * n + row] * out[k]).sum();
        out[row] = (out[row] - inner) / lower[row * n + row];
    }
    Some(out.iter().zip(&scale).map(|(value, scale)| value * scale).collect())
}

/// y = intercept + slope x, by weights 1/sigma^2. Parameters and errors: intercept, slope. `None` for fewer than 2 places.
pub fn line(points: &Points) -> Option<Fit> {
    let weights: Vec<f64> = points.sigma.iter().map(|sigma| 1.0 / (sigma * sigma)).collect();
    let sum = |of: &dyn Fn(usize) -> f64| (0..points.len()).map(|k| weights[k] * of(k)).sum::<f64>();
    let total = sum(&|_| 1.0);
    // About the mean, so that nothing cancels.
    let centre = sum(&|k| points.x[k]) / total;
    let mean = sum(&|k| points.y[k]) / total;
    let spread = sum(&|k| (points.x[k] - centre).powi(2));
    let slope = sum(&|k| (points.x[k] - centre) * points.y[k]) / spread;
    let intercept = mean - slope * centre;
    let chi2 = sum(&|k| (points.y[k] - intercept - slope * points.x[k]).powi(2));
    let errors = vec![(1.0 / total + centre * centre / spread).sqrt(), spread.recip().sqrt()];
    let sound = points.len() >= 2 && errors.iter().all(|error| error.is_finite());
    sound.then(|| Fit { parameters: vec![intercept, slope], errors, chi2, freedom: points.len() - 2 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// a exp(-b x) + c.
    struct Decay;

    impl Model for Decay {
        fn parameters(&self) -> usize {
            3
        }

        fn value(&self, x: f64, p: &[f64], slopes: &mut [f64]) -> f64 {
            let falling = (-p[1] * x).exp();
            slopes.copy_from_slice(&[falling, -p[0] * x * falling, 1.0]);
            p[0] * falling + p[2]
        }
    }

    fn points(of: impl Fn(f64) -> f64) -> Points {
        let x: Vec<f64> = (0..40).map(|k| f64::from(k) * 0.1).collect();
        let y = x.iter().map(|&x| of(x)).collect();
        Points { sigma: vec![0.01; x.len()], x, y }
    }

    #[test]
    fn least_squares_finds_what_made_the_points() {
        let fit = least_squares(&Decay, &points(|x| 3.0 * (-1.7 * x).exp() + 0.2), &[1.0, 1.0, 0.0]).unwrap();
        for (found, true_) in fit.parameters.iter().zip([3.0, 1.7, 0.2]) {
            assert!((found - true_).abs() < 1e-9, "{found} {true_}");
        }
        assert!(fit.chi2 < 1e-15 && fit.freedom == 37);
    }

    #[test]
    fn least_squares_of_a_line_is_the_line() {
        struct Straight;
        impl Model for Straight {
            fn parameters(&self) -> usize {
                2
            }
            fn value(&self, x: f64, p: &[f64], slopes: &mut [f64]) -> f64 {
                slopes.copy_from_slice(&[1.0, x]);
                p[0] + p[1] * x
            }
        }
        let points = points(|x| 2.0 - 0.3 * x + 0.05 * (x * 37.0).sin());
        let (general, direct) = (least_squares(&Straight, &points, &[0.0, 0.0]).unwrap(), line(&points).unwrap());
        for k in 0..2 {
            assert!((general.parameters[k] - direct.parameters[k]).abs() < 1e-12);
            assert!((general.errors[k] / direct.errors[k] - 1.0).abs() < 1e-9);
        }
        assert!((general.chi2 / direct.chi2 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn least_squares_what_points_do_not_determine_is_none() {
        let flat = points(|_| 1.0);
        // Without the exponential's share its rate is not determined.
        assert_eq!(least_squares(&Decay, &flat, &[0.0, 1.0, 1.0]), None);
        let few = Points { x: vec![1.0; 2], y: vec![1.0; 2], sigma: vec![1.0; 2] };
        assert_eq!(least_squares(&Decay, &few, &[1.0, 1.0, 1.0]), None);
        assert_eq!(line(&few), None);
        assert_eq!(line(&Points::default()), None);
    }
}
