//! Least squares of the scalability law's three parameters within their bounds: Levenberg and Marquardt, projected.
//!
//! A parameter that stands at a bound and is pushed beyond it is held there for the step. Marquardt 1963; the
//! projection as in Kanzow, Yamashita and Fukushima 2004.

/// Contention, coherency and throughput of one, in this order.
pub(super) type Parameters = [f64; 3];

type Matrix = [[f64; 3]; 3];

/// What the parameters may be; the last is only kept above nothing.
const BOUNDS: [(f64, f64); 3] = [(0.0, 1.0), (0.0, 1.0), (f64::MIN_POSITIVE, f64::MAX)];

const MAX_STEPS: usize = 300;

/// A fit has arrived once it gets better by less than this share: to all digits that doubles carry, or to those that
/// a drawn curve needs, whose noise is larger by far.
pub(super) const EXACT: f64 = 1e-14;
pub(super) const ROUGH: f64 = 1e-8;

/// A step that has to be damped further than this leads nowhere.
const MAX_DAMPING: f64 = 1e12;

/// Points of concurrency and throughput, and where the search for their curve ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    pub parameters: Parameters,
    /// Sum of squared residuals.
    pub squares: f64,
}

/// The law itself: throughput at a concurrency.
// X(N) = gamma N / (1 + alpha (N - 1) + beta N (N - 1)). Gunther 2007.
pub(super) fn throughput([alpha, beta, gamma]: Parameters, n: f64) -> f64 {
    gamma * n / (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0))
}

/// The best of the fits that several starts lead to.
pub(super) fn best_fit(points: &[(f64, f64)], starts: &[Parameters], arrived: f64) -> Option<Fit> {
    let fits = starts.iter().map(|start| fit(points, *start, arrived));
    fits.filter(|fit| fit.squares.is_finite()).min_by(|a, b| a.squares.total_cmp(&b.squares))
}

/// The starts for points: the one that SCIENCE names, and others around the curve's own scale of concurrency.
pub(super) fn starts(points: &[(f64, f64)]) -> Vec<Parameters> {
    let gamma = points.iter().map(|(n, x)| x / n).fold(f64::MIN_POSITIVE, f64::max);
    let max_n = points.iter().map(|(n, _)| *n).fold(1.0, f64::max);
    let mut starts = vec![[0.01, 1e-4, gamma]];
    for alpha in [0.0, 0.1, 1.0, 10.0] {
        for beta in [0.0, 0.1, 1.0, 10.0] {
            starts.push([(alpha / max_n).min(1.0), (beta / (max_n * max_n)).min(1.0), gamma]);
        }
    }
    starts
}

fn fit(points: &[(f64, f64)], start: Parameters, arrived: f64) -> Fit {
    let mut best = Fit { parameters: start, squares: squares(points, start) };
    let mut damping = 1e-3;
    for _ in 0..MAX_STEPS {
        let (normal, gradient) = normal_equations(points, best.parameters);
        let is_held = held(best.parameters, gradient);
        let mut improved = None;
        while damping < MAX_DAMPING {
            let Some(step) = damped_step(&normal, gradient, is_held, damping) else { break };
            let parameters = within_bounds(best.parameters, step);
            let squares = squares(points, parameters);
            if squares < best.squares {
                improved = Some(Fit { parameters, squares });
                damping = (damping / 10.0).max(1e-12);
                break;
            }
            damping *= 10.0;
        }
        let Some(next) = improved else { break };
        let gain = best.squares - next.squares;
        best = next;
        if gain <= arrived * best.squares {
            break;
        }
    }
    best
}

fn squares(points: &[(f64, f64)], parameters: Parameters) -> f64 {
    points.iter().map(|(n, x)| (throughput(parameters, *n) - x).powi(2)).sum()
}

/// J'J, and J' times the residuals.
pub(super) fn normal_equations(points: &[(f64, f64)], parameters: Parameters) -> (Matrix, Parameters) {
    let (mut normal, mut gradient) = ([[0.0; 3]; 3], [0.0; 3]);
    for (n, x) in points {
        let fitted = throughput(parameters, *n);
        let of_one = fitted / parameters[2];
        // The fitted value over the denominator is its slope by either coefficient, but for their factors.
        let slope = -fitted * of_one / n;
        let slopes = [slope * (n - 1.0), slope * n * (n - 1.0), of_one];
        for row in 0..3 {
            gradient[row] += slopes[row] * (fitted - x);
            for column in 0..3 {
                normal[row][column] += slopes[row] * slopes[column];
            }
        }
    }
    (normal, gradient)
}

fn held(parameters: Parameters, gradient: Parameters) -> [bool; 3] {
    std::array::from_fn(|index| {
        let (low, high) = BOUNDS[index];
        let (value, slope) = (parameters[index], gradient[index]);
        (value <= low && slope >= 0.0) || (value >= high && slope <= 0.0)
    })
}

fn within_bounds(parameters: Parameters, step: Parameters) -> Parameters {
    std::array::from_fn(|index| (parameters[index] - step[index]).clamp(BOUNDS[index].0, BOUNDS[index].1))
}

fn damped_step(
    normal: &Matrix,
    gradient: Parameters,
    is_held: [bool; 3],
    damping: f64,
) -> Option<Parameters> {
    let (mut matrix, mut right) = (*normal, gradient);
    for index in 0..3 {
        matrix[index][index] *= 1.0 + damping;
        if is_held[index] {
            matrix[index] = [0.0; 3];
            matrix.iter_mut().for_each(|row| row[index] = 0.0);
            (matrix[index][index], right[index]) = (1.0, 0.0);
        }
    }
    let inverse = inverse(&matrix)?;
    Some(std::array::from_fn(|row| (0..3).map(|column| inverse[row][column] * right[column]).sum()))
}

/// The inverse of a symmetric matrix; none where it has none that its digits carry.
// Scaled by its diagonal first: coherency is smaller than throughput by a dozen orders of magnitude.
pub(super) fn inverse(matrix: &Matrix) -> Option<Matrix> {
    let scale: Parameters = std::array::from_fn(|index| matrix[index][index].sqrt());
    if scale.iter().any(|scale| !(*scale > 0.0 && scale.is_finite())) {
        return None;
    }
    let m: Matrix = std::array::from_fn(|row| {
        std::array::from_fn(|column| matrix[row][column] / (scale[row] * scale[column]))
    });
    let minor = |row: usize, column: usize| {
        let ([a, b], [c, d]) = (others(row), others(column));
        m[a][c] * m[b][d] - m[a][d] * m[b][c]
    };
    let sign = |row: usize, column: usize| if (row + column).is_multiple_of(2) { 1.0 } else { -1.0 };
    let determinant: f64 = (0..3).map(|column| sign(0, column) * m[0][column] * minor(0, column)).sum();
    if determinant.is_nan() || determinant.abs() < 1e-14 {
        return None;
    }
    Some(std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            sign(row, column) * minor(column, row) / determinant / (scale[row] * scale[column])
        })
    }))
}

fn others(index: usize) -> [usize; 2] {
    match index {
        0 => [1, 2],
        1 => [0, 2],
        _ => [0, 1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slopes_are_those_of_the_law() {
        let parameters = [0.03, 2e-4, 90.0];
        let points = [(7.0, 0.0), (40.0, 0.0), (0.5, 0.0)];
        for point in points {
            let (_, gradient) = normal_equations(&[point], parameters);
            for index in 0..3 {
                let mut moved = parameters;
                moved[index] *= 1.0 + 1e-6;
                let slope =
                    (squares(&[point], moved) - squares(&[point], parameters)) / (1e-6 * parameters[index]);
                let expected = 2.0 * gradient[index];
                assert!((slope / expected - 1.0).abs() < 1e-4, "{slope} is not {expected}");
            }
        }
    }

    #[test]
    fn an_inverse_undoes_its_matrix_however_far_apart_its_sizes_are() {
        let matrix = [[4.0, 2e5, 1e-3], [2e5, 3e10, 0.5], [1e-3, 0.5, 1e-6]];
        let inverse = inverse(&matrix).unwrap();
        for (row, of_row) in matrix.iter().enumerate() {
            for column in 0..3 {
                let products = || of_row.iter().zip(&inverse).map(|(value, other)| value * other[column]);
                let (product, size): (f64, f64) = (products().sum(), products().map(f64::abs).sum());
                let expected = if row == column { 1.0 } else { 0.0 };
                assert!((product - expected).abs() < 1e-10 * size.max(1.0), "{row} {column}: {product}");
            }
        }
        assert!(super::inverse(&[[1.0; 3]; 3]).is_none());
        assert!(super::inverse(&[[0.0; 3]; 3]).is_none());
    }
}
