//! Leading dimensions flattened to frame numbers, row-major, and the frames that selections take.

use super::mapping::Axis;

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

/// How indices of one dimension are chosen by a selection.
impl Axis {
    /// All of a dimension.
    pub fn whole(size: usize) -> Axis {
        Axis { start: 0, stride: 1, count: 1, block: size }
    }

    /// Number of indices; saturated when it is unlimited.
    pub fn len(&self) -> usize {
        self.count.saturating_mul(self.block)
    }

    /// The index of an ordinal.
    pub fn at(&self, ordinal: usize) -> usize {
        let block = self.block.max(1);
        (ordinal / block).saturating_mul(self.stride).saturating_add(self.start).saturating_add(ordinal % block)
    }

    /// The ordinal of an index; `None` when the selection does not take it.
    pub fn ordinal(&self, index: usize) -> Option<usize> {
        let from = index.checked_sub(self.start)?;
        let (turn, within) =
            if self.count <= 1 { (0, from) } else { (from / self.stride.max(1), from % self.stride.max(1)) };
        (turn < self.count && within < self.block).then(|| turn.saturating_mul(self.block).saturating_add(within))
    }

    /// First index and number of indices when they are all next to each other.
    pub fn run(&self) -> Option<(usize, usize)> {
        (self.count <= 1 || self.stride == self.block).then(|| (self.start, self.len()))
    }
}

/// The ordinal of a position among those that `axes` select, row-major.
pub(super) fn ordinal(position: &[u64], axes: &[Axis]) -> Option<usize> {
    let mut ordinal = 0_usize;
    for (&at, axis) in position.iter().zip(axes) {
        ordinal = ordinal.saturating_mul(axis.len()).saturating_add(axis.ordinal(usize::try_from(at).ok()?)?);
    }
    Some(ordinal)
}

/// The position of an ordinal among those that `axes` select.
pub(super) fn selected(ordinal: usize, axes: &[Axis]) -> Vec<usize> {
    let mut rest = ordinal;
    let mut position = vec![0; axes.len()];
    for (number, (at, axis)) in position.iter_mut().zip(axes).enumerate().rev() {
        // The first dimension takes what is over: it may be unlimited.
        let within = if number == 0 { rest } else { rest % axis.len().max(1) };
        *at = axis.at(within);
        rest /= axis.len().max(1);
    }
    position
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

    #[test]
    fn axis_ordinal_and_index_are_inverse() {
        let axes = [
            Axis { start: 3, stride: 4, count: 5, block: 2 },
            Axis { start: 1, stride: 1, count: 1, block: 9 },
            Axis { start: 0, stride: 4, count: usize::MAX, block: 1 },
        ];
        for axis in axes {
            let taken: Vec<usize> = (0..40).filter(|&index| axis.ordinal(index).is_some()).collect();
            assert!(taken.len() == axis.len() || axis.count == usize::MAX, "{axis:?}");
            for (ordinal, &index) in taken.iter().enumerate() {
                assert_eq!((axis.ordinal(index), axis.at(ordinal)), (Some(ordinal), index));
            }
        }
    }

    #[test]
    fn selected_is_the_inverse_of_ordinal() {
        let axes = [Axis { start: 1, stride: 2, count: 3, block: 1 }, Axis { start: 2, stride: 1, count: 1, block: 4 }];
        for item in 0..12 {
            let position: Vec<u64> = selected(item, &axes).iter().map(|&at| at as u64).collect();
            assert_eq!(ordinal(&position, &axes), Some(item));
        }
        assert_eq!(ordinal(&[2, 2], &axes), None);
    }
}
