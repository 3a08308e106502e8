//! Memory that is asked for before it is needed.

use super::lines::LINE;

/// The most that is asked for at once: what comes too early is gone again when it is needed.
const MOST: usize = 16 << 10;

/// Asks for the first lines of `items`, to be written to soon.
#[inline]
pub fn will_write<T>(items: &mut [T]) {
    #[cfg(target_arch = "x86_64")]
    each_line(items, |line| {
        // SAFETY: changes nothing, whatever the address; processors that do not know the instruction pass it over.
        unsafe { std::arch::asm!("prefetchw [{}]", in(reg) line, options(nostack, preserves_flags, readonly)) };
    });
    #[cfg(not(target_arch = "x86_64"))]
    let _ = items;
}

/// Asks for the first lines of `items`, to be read soon.
#[inline]
pub fn will_read<T>(items: &[T]) {
    each_line(items, line);
}

/// Asks for the line at an address, to be read soon; there need not be anything.
#[inline(always)]
pub fn line(at: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: changes nothing, whatever the address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: changes nothing, whatever the address.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) at, options(nostack, preserves_flags, readonly))
    };
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = at;
}

/// What a table's terms are asked for ahead of those at work, in bytes: they stream from memory, and across the pages' ends,
/// at which processors' own foresight stops.
#[cfg(target_arch = "x86_64")]
const AHEAD: usize = 2048;

/// Asks for what stands some way behind.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn ahead_of<T>(at: *const T) {
    line(at.cast::<u8>().wrapping_add(AHEAD));
}

#[inline(always)]
fn each_line<T>(items: &[T], ask: impl Fn(*const u8)) {
    for at in (0..size_of_val(items).min(MOST)).step_by(LINE) {
        ask(items.as_ptr().cast::<u8>().wrapping_add(at));
    }
}
