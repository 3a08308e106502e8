//! Large memory in large pages. Tables and chunks take hundreds of megabytes once; a page of 4 KiB at a time, taking it costs
//! as much as computing the table. Linux gives pages of 2 MiB to those who ask (`transparent_hugepage` is `madvise` by
//! default), and to others as it thinks fit.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, with that advice for what is large.
pub struct LargePages;

/// A large page; less memory than that has none.
const LARGE: usize = 2 << 20;

/// Says that the pages within a piece of memory may be large ones.
fn advise(start: *mut u8, bytes: usize) {
    /// Smallest page on any machine that we know; where pages are larger, the advice is refused.
    const PAGE: usize = 4096;
    let skipped = start.align_offset(PAGE);
    if start.is_null() || bytes < LARGE + skipped {
        return;
    }
    // SAFETY: the range is within the piece; the advice changes neither its content nor who may reach it. That it may be
    // refused does not matter.
    unsafe { libc::madvise(start.add(skipped).cast(), (bytes - skipped) & !(PAGE - 1), libc::MADV_HUGEPAGE) };
}

// SAFETY: all memory is the system allocator's, as it gave it.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let start = unsafe { System.alloc(layout) };
        if layout.size() >= LARGE {
            advise(start, layout.size());
        }
        start
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let start = unsafe { System.alloc_zeroed(layout) };
        if layout.size() >= LARGE {
            advise(start, layout.size());
        }
        start
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        let start = unsafe { System.realloc(start, layout, bytes) };
        if bytes >= LARGE {
            advise(start, bytes);
        }
        start
    }
}
