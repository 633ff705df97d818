//! Many comparisons at once.

/// The p-values as they are to be read where all of them are looked at (Holm 1979): the smallest is multiplied by how many
/// there are, the next by one less, and so on; none is smaller than one before it, or greater than 1.
///
/// ```
/// use mien::evaluation::holm;
/// assert_eq!(holm(&[0.25, 0.0625, 0.375]), [0.5, 0.1875, 0.5]);
/// ```
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (rank, &place) in order.iter().enumerate() {
        least = least.max((p_values[place] * (p_values.len() - rank) as f64).min(1.0));
        adjusted[place] = least;
    }
    adjusted
}
