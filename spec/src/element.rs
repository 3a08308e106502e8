//! Pixel types of a chunk.

use crate::bounds::MAX_VALID;

/// Type of a pixel, little-endian in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// Unsigned 8 bit.
    U8,
    /// Unsigned 16 bit.
    U16,
    /// Unsigned 32 bit.
    U32,
    /// Signed 16 bit, two's complement.
    I16,
    /// Signed 32 bit, two's complement.
    I32,
}

impl Element {
    /// Every element type, in the order of its code.
    pub const ALL: [Element; 5] = [Element::U8, Element::U16, Element::U32, Element::I16, Element::I32];

    /// Bytes of one pixel: 1, 2 or 4.
    pub const fn size(self) -> usize {
        match self {
            Element::U8 => 1,
            Element::U16 | Element::I16 => 2,
            Element::U32 | Element::I32 => 4,
        }
    }

    /// Bits of one pixel: 8, 16 or 32; also the number of bit-planes of a block.
    pub const fn bits(self) -> usize {
        self.size() * 8
    }

    /// Whether negative values exist (they are never valid).
    pub const fn is_signed(self) -> bool {
        matches!(self, Element::I16 | Element::I32)
    }

    /// Largest value of the type.
    pub const fn max_value(self) -> u32 {
        match self {
            Element::U8 => u8::MAX as u32,
            Element::U16 => u16::MAX as u32,
            Element::U32 => u32::MAX,
            Element::I16 => i16::MAX as u32,
            Element::I32 => i32::MAX as u32,
        }
    }

    /// Largest value that is valid when the user says nothing: below the two top codes of the type, which
    /// detectors use for "no pixel" (2^bits - 1) and "saturated" (2^bits - 2), and never above [`MAX_VALID`].
    pub const fn default_max_valid(self) -> u32 {
        let below = self.max_value() - 2;
        if below < MAX_VALID { below } else { MAX_VALID }
    }

    /// The name that numpy gives the type.
    pub const fn name(self) -> &'static str {
        match self {
            Element::U8 => "uint8",
            Element::U16 => "uint16",
            Element::U32 => "uint32",
            Element::I16 => "int16",
            Element::I32 => "int32",
        }
    }
}
