//! Limits of the arithmetic, and the proof at compile time that no sum overflows.

/// Largest pixel value that may count: 28 bits. `max_valid` of a job is never above it.
pub const MAX_VALID: u32 = (1 << 28) - 1;

/// Weight of a whole pixel. A weight is a whole number of 1/64ths of a pixel (8 x 8 sub-pixels at most).
pub const WHOLE_WEIGHT: u32 = 64;

/// Most pixels that may contribute to one bin (16 Mi). A frame may have more; a bin may not.
pub const MAX_PIXELS_PER_BIN: u32 = 1 << 24;

/// Most pixels of a frame (32 Mi): more than any detector of today has, and a bound for every buffer.
pub const MAX_PIXELS: u32 = 1 << 25;

/// Most bins of a table: what the bin field of an [`Entry`](crate::Entry) holds.
pub const MAX_BINS: u32 = 1 << 25;

/// Most invalid pixels that a frame's result lists one by one; a frame with more only says so.
pub const MAX_INVALID_LISTED: usize = 1024;

/// Bits of a bin's summed weights in a card: 2^20 whole pixels. Tables with more in one bin are not for a card.
pub const CARD_WEIGHT_BITS: u32 = 26;

/// Bits of a bin's signal in a card.
pub const CARD_SIGNAL_BITS: u32 = CARD_WEIGHT_BITS + 28;

/// Bits of a bin's variance in a card.
pub const CARD_VARIANCE_BITS: u32 = CARD_SIGNAL_BITS + 6;

const _: () = {
    let value = MAX_VALID as u128;
    // A bin's weights sum to less than 2^26 and each is at most 2^6, so that squares sum to less than 2^32.
    assert!(((1 << CARD_WEIGHT_BITS) - 1) * value < 1 << CARD_SIGNAL_BITS, "signal fits a card");
    assert!(
        ((1 << CARD_WEIGHT_BITS) - 1) * WHOLE_WEIGHT as u128 * value < 1 << CARD_VARIANCE_BITS,
        "variance fits a card"
    );
};

const _: () = {
    let pixels = MAX_PIXELS_PER_BIN as u128;
    let value = MAX_VALID as u128;
    let weight = WHOLE_WEIGHT as u128;
    assert!(pixels * weight * value <= u64::MAX as u128, "signal fits u64");
    assert!(pixels * weight * weight * value <= u64::MAX as u128, "variance fits u64");
    assert!(pixels * weight <= u32::MAX as u128, "weight fits u32");
    assert!(MAX_PIXELS as u128 * value <= u64::MAX as u128, "the statistics' sum fits u64");
    assert!(MAX_PIXELS as u128 * weight <= u32::MAX as u128, "entry indices fit u32");
    assert!((MAX_BINS as u64) << 7 <= 1 << 32, "bin and weight fit one 32-bit entry");
};
