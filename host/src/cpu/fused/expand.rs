//! Where a term's pixels have their weights among those that are packed.

/// Of eight bits, from which byte each of eight pixels has its weight; 255, which is none, where its bit is 0.
pub static FROM: [[u8; 8]; 256] = {
    let mut from = [[255; 8]; 256];
    let mut mask = 0;
    while mask < 256 {
        let (mut pixel, mut at) = (0, 0);
        while pixel < 8 {
            if mask >> pixel & 1 != 0 {
                from[mask][pixel] = at;
                at += 1;
            }
            pixel += 1;
        }
        mask += 1;
    }
    from
};

/// The same number, for use in an address: compilers would make vectors of four, and take them out of those again.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn alone(code: u16) -> usize {
    let mut code = usize::from(code);
    // SAFETY: does nothing.
    unsafe { std::arch::asm!("/* {0} */", inout(reg) code, options(pure, nomem, nostack, preserves_flags)) };
    code
}
