//! How far a picture keeps classes together.

/// For every class: of the `neighbours` nearest points of a point of the class, the mean share that is of the class too
/// (the precision of a nearest-neighbours search, as Venna & Kaski 2007 judge pictures by labels). Points without a class
/// are nobody's neighbours. `None` of a class that has no point, or where there is no other point.
pub fn kinship(points: &[[f64; 2]], classes: &[Option<usize>], count: usize, neighbours: usize) -> Vec<Option<f64>> {
    let known: Vec<([f64; 2], usize)> =
        points.iter().zip(classes).filter_map(|(point, class)| Some((*point, (*class)?))).collect();
    let nearest = neighbours.min(known.len().saturating_sub(1));
    let mut sums = vec![(0.0, 0usize); count];
    if nearest > 0 {
        for (place, (point, class)) in known.iter().enumerate() {
            let away = |(_, (other, _)): &(usize, &([f64; 2], usize))| {
                (point[0] - other[0]).powi(2) + (point[1] - other[1]).powi(2)
            };
            let mut others: Vec<(f64, usize)> =
                known.iter().enumerate().filter(|(other, _)| *other != place).map(|of| (away(&of), of.1.1)).collect();
            others.select_nth_unstable_by(nearest - 1, |a, b| a.0.total_cmp(&b.0));
            let alike = others[..nearest].iter().filter(|(_, other)| other == class).count();
            if let Some((sum, of)) = sums.get_mut(*class) {
                *sum += alike as f64 / nearest as f64;
                *of += 1;
            }
        }
    }
    sums.into_iter().map(|(sum, of)| (of > 0).then(|| sum / of as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_apart_is_among_its_own() {
        let points = [[0.0, 0.0], [0.1, 0.0], [0.0, 0.1], [5.0, 5.0], [5.1, 5.0], [9.0, 9.0]];
        let classes = [Some(0), Some(0), Some(0), Some(1), Some(2), None];
        // Of the two nearest to either of the last two, one is the other's, and one of the first three.
        assert_eq!(kinship(&points, &classes, 4, 2), [Some(1.0), Some(0.0), Some(0.0), None]);
        assert_eq!(kinship(&points, &[Some(1); 6], 2, 3), [None, Some(1.0)]);
    }

    #[test]
    fn few_points_have_few_neighbours() {
        assert_eq!(
            kinship(&[[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]], &[Some(0), Some(0), Some(1)], 2, 10),
            [Some(0.5), Some(0.0)]
        );
        assert_eq!(kinship(&[[0.0, 0.0]], &[Some(0)], 1, 10), [None]);
        assert_eq!(kinship(&[], &[], 1, 10), [None]);
    }
}
