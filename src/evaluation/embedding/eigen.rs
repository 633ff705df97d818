//! Eigenvectors of small symmetric matrices.

/// A square matrix, row after row.
pub(super) type Matrix = Vec<Vec<f64>>;

/// Sweeps over all pairs; ten are more than any matrix of this size needs.
const SWEEPS: usize = 30;

/// The eigenvalues of a symmetric matrix, the largest first, and their vectors, one a row: Jacobi's rotations, pair after
/// pair, until nothing beside the diagonal is left (Jacobi 1846; Golub & Van Loan 2013, 8.5).
pub(super) fn eigen(mut matrix: Matrix) -> (Vec<f64>, Matrix) {
    let size = matrix.len();
    let mut vectors: Matrix = (0..size).map(|i| (0..size).map(|j| f64::from(i == j)).collect()).collect();
    for _ in 0..SWEEPS {
        let off: f64 = (0..size).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| matrix[i][j].powi(2)).sum();
        let on: f64 = (0..size).map(|i| matrix[i][i].powi(2)).sum();
        if off <= on * f64::EPSILON.powi(2) {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut matrix, &mut vectors, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| matrix[b][b].total_cmp(&matrix[a][a]));
    (order.iter().map(|&i| matrix[i][i]).collect(), order.iter().map(|&i| vectors[i].clone()).collect())
}

/// Turns the plane of `p` and `q` so that their entry vanishes.
fn rotate(matrix: &mut Matrix, vectors: &mut Matrix, p: usize, q: usize) {
    if matrix[p][q] == 0.0 {
        return;
    }
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let turned = |a: f64, b: f64| (cosine * a - sine * b, sine * a + cosine * b);
    for row in matrix.iter_mut() {
        (row[p], row[q]) = turned(row[p], row[q]);
    }
    for k in 0..matrix.len() {
        (matrix[p][k], matrix[q][k]) = turned(matrix[p][k], matrix[q][k]);
        (vectors[p][k], vectors[q][k]) = turned(vectors[p][k], vectors[q][k]);
    }
}
