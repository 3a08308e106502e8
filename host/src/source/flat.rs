//! Leading dimensions flattened to frame numbers, row-major.

/// The position of item `index` in an array of `dimensions`; the first dimension takes what is over.
pub(super) fn position(index: usize, dimensions: &[usize]) -> Vec<u64> {
    let mut rest = index;
    let mut position = vec![0; dimensions.len()];
    for (at, &size) in position.iter_mut().zip(dimensions).rev() {
        *at = (rest % size.max(1)) as u64;
        rest /= size.max(1);
    }
    position
}

/// The number of the item at `position`.
pub(super) fn index(position: &[usize], dimensions: &[usize]) -> usize {
    position.iter().zip(dimensions).fold(0_usize, |index, (&at, &size)| index.saturating_mul(size).saturating_add(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_and_index_are_inverse() {
        let dimensions = [3, 4, 5];
        for item in 0..60 {
            let position: Vec<usize> = position(item, &dimensions).into_iter().map(|at| at as usize).collect();
            assert_eq!(index(&position, &dimensions), item);
        }
        assert_eq!(position(0, &[]), Vec::<u64>::new());
    }
}
