//! bslz4, by debye's encoder or by liblz4; debye decodes both.

use super::Coder;
use crate::codec::decode::{Buffers, into_pixels};
use crate::codec::encode::{Codec, EncodeError, Encoder};
use crate::cpu::sample::{Sample, write_le};
use debye_spec::Element;

/// See the module.
pub(super) struct Bslz4<T> {
    element: Element,
    encoder: Encoder,
    buffers: Buffers<T>,
    pixels: Vec<T>,
}

impl<T: Sample> Bslz4<T> {
    /// For an element of `T`'s size.
    pub fn new(element: Element, codec: Codec) -> Result<Bslz4<T>, EncodeError> {
        let encoder = Encoder::with_codec(element, None, codec)?;
        Ok(Bslz4 { element, encoder, buffers: Buffers::default(), pixels: Vec::new() })
    }
}

impl<T: Sample> Coder for Bslz4<T> {
    fn encode(&mut self, pixels: &[u8], stored: &mut Vec<u8>) -> Result<(), String> {
        self.encoder.encode(pixels, stored).map_err(|error| error.to_string())
    }

    fn decode(&mut self, stored: &[u8], bytes: usize) -> Result<(), String> {
        self.pixels.resize(bytes / T::SIZE, T::default());
        into_pixels(stored, self.element, &mut self.pixels, &mut self.buffers).map_err(|error| error.to_string())
    }

    fn decoded(&self, pixels: &mut Vec<u8>) {
        write_le(&self.pixels, pixels);
    }
}
