//! Which pixels count.

use crate::bounds::MAX_VALID;
use crate::element::Element;

/// What the valid-pixel rule says of one pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pixel {
    /// It counts, with this value (at most [`MAX_VALID`]).
    Valid(u32),
    /// The mask allows it, but its value is negative or above `max_valid`.
    Invalid,
    /// The mask excludes it.
    Masked,
}

/// The rule: a pixel counts if the mask allows it and `0 <= value <= max_valid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidRule {
    element: Element,
    max_valid: u32,
}

impl ValidRule {
    /// The rule for a type; `max_valid` is lowered to [`MAX_VALID`] and to the type's largest value.
    pub fn new(element: Element, max_valid: u32) -> Self {
        ValidRule { element, max_valid: max_valid.min(MAX_VALID).min(element.max_value()) }
    }

    /// The type.
    pub fn element(self) -> Element {
        self.element
    }

    /// The largest value that counts.
    pub fn max_valid(self) -> u32 {
        self.max_valid
    }

    /// Judges pixel `index` of little-endian `pixels`. A pixel past the end is invalid.
    pub fn judge(self, pixels: &[u8], index: usize, masked: bool) -> Pixel {
        if masked {
            return Pixel::Masked;
        }
        let size = self.element.size();
        let Some(bytes) = pixels.get(index * size..(index + 1) * size) else {
            return Pixel::Invalid;
        };
        let mut code = 0u32;
        for (k, &byte) in bytes.iter().enumerate() {
            code |= (byte as u32) << (8 * k);
        }
        // A negative value, read as unsigned, is above every max_valid: no sign needs to be looked at.
        if code > self.max_valid { Pixel::Invalid } else { Pixel::Valid(code) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judge_top_codes_and_negatives_are_invalid() {
        for element in Element::ALL {
            let rule = ValidRule::new(element, element.default_max_valid());
            let top = element.max_value().to_le_bytes();
            assert_eq!(rule.judge(&top, 0, false), Pixel::Invalid);
            assert_eq!(rule.judge(&top, 0, true), Pixel::Masked);
            assert_eq!(rule.judge(&(element.max_value() - 1).to_le_bytes(), 0, false), Pixel::Invalid);
            let most = element.default_max_valid();
            assert_eq!(rule.judge(&most.to_le_bytes(), 0, false), Pixel::Valid(most));
            if element.is_signed() {
                assert_eq!(rule.judge(&(-1i32).to_le_bytes(), 0, false), Pixel::Invalid);
            }
        }
    }

    #[test]
    fn judge_past_the_end_is_invalid() {
        assert_eq!(ValidRule::new(Element::U16, 9).judge(&[1, 0, 1], 1, false), Pixel::Invalid);
    }
}
