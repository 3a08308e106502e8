//! Pixels to bit-planes ([`debye_spec::bitshuffle::shuffle`]), at each level.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
pub mod neon;
mod portable;

use super::{Kernels, Level};
use debye_spec::bitshuffle::GROUP;

/// Turns `elements`, a multiple of 8 of `element_size` (1, 2 or 4) bytes, into their bit-planes, of the same length.
///
/// # Panics
/// The lengths break this rule: that is the caller's fault, never the data's.
pub fn planes(kernels: Kernels, elements: &[u8], planes: &mut [u8], element_size: usize) {
    assert!(matches!(element_size, 1 | 2 | 4), "elements have 1, 2 or 4 bytes, not {element_size}");
    assert_eq!(elements.len(), planes.len(), "a block and its bit-planes are equally long");
    assert!(elements.len().is_multiple_of(element_size * GROUP), "a block has a multiple of 8 elements");
    let done = match kernels.0 {
        // SAFETY: `kernels` exist, so the processor has their instructions; the lengths were compared.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { avx512::planes(elements, planes, element_size) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { avx2::planes(elements, planes, element_size) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Level::Neon => unsafe { neon::planes(elements, planes, element_size) },
        _ => 0,
    };
    portable::planes(elements, planes, element_size, done);
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::bitshuffle as spec;
    use proptest::prelude::*;

    /// Groups of a block.
    const MOST: usize = if cfg!(miri) { 20 } else { 400 };

    proptest! {
        #![proptest_config(crate::cpu::cases(256))]

        #[test]
        fn planes_of_any_elements_equal_the_definition_at_every_level(
            size in prop::sample::select(vec![1usize, 2, 4]),
            groups in 0..=MOST,
            bytes in prop::collection::vec(any::<u8>(), MOST * 32),
        ) {
            let elements = &bytes[..groups * GROUP * size];
            let mut theirs = vec![0; elements.len()];
            spec::shuffle(elements, &mut theirs, size);
            for kernels in Kernels::available() {
                let mut ours = vec![0xa5; elements.len()];
                planes(kernels, elements, &mut ours, size);
                prop_assert!(ours == theirs, "{} differs", kernels.level());
            }
        }
    }
}
