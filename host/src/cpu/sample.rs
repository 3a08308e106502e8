//! Pixel codes as the kernels see them: unsigned integers of 1, 2 or 4 bytes.

/// A pixel's code. Signed types are read as unsigned ones of the same width: the valid-pixel rule takes a negative
/// value as one above every `max_valid` ([`debye_spec::pixel`]).
pub trait Sample: Copy + Default + Send + 'static {
    /// Bytes.
    const SIZE: usize;

    /// The code.
    fn code(self) -> u32;

    /// From `SIZE` little-endian bytes.
    fn from_le(bytes: &[u8]) -> Self;

    /// Puts 64 pixels together from their bytes: `bytes[j][i]` is byte j of pixel i.
    fn assemble(bytes: &[[u8; 64]; 4], pixels: &mut [Self; 64]);
}

impl Sample for u8 {
    const SIZE: usize = 1;

    fn code(self) -> u32 {
        self as u32
    }

    fn from_le(bytes: &[u8]) -> Self {
        bytes.first().copied().unwrap_or_default()
    }

    fn assemble(bytes: &[[u8; 64]; 4], pixels: &mut [u8; 64]) {
        *pixels = bytes[0];
    }
}

impl Sample for u16 {
    const SIZE: usize = 2;

    fn code(self) -> u32 {
        self as u32
    }

    fn from_le(bytes: &[u8]) -> Self {
        bytes.first_chunk().copied().map(u16::from_le_bytes).unwrap_or_default()
    }

    fn assemble(bytes: &[[u8; 64]; 4], pixels: &mut [u16; 64]) {
        for i in 0..64 {
            pixels[i] = u16::from_le_bytes([bytes[0][i], bytes[1][i]]);
        }
    }
}

impl Sample for u32 {
    const SIZE: usize = 4;

    fn code(self) -> u32 {
        self
    }

    fn from_le(bytes: &[u8]) -> Self {
        bytes.first_chunk().copied().map(u32::from_le_bytes).unwrap_or_default()
    }

    fn assemble(bytes: &[[u8; 64]; 4], pixels: &mut [u32; 64]) {
        for i in 0..64 {
            pixels[i] = u32::from_le_bytes([bytes[0][i], bytes[1][i], bytes[2][i], bytes[3][i]]);
        }
    }
}

/// Reads little-endian pixels into `pixels`, as many as both hold.
pub fn read_le<T: Sample>(bytes: &[u8], pixels: &mut [T]) {
    for (pixel, bytes) in pixels.iter_mut().zip(bytes.chunks_exact(T::SIZE)) {
        *pixel = T::from_le(bytes);
    }
}

/// Appends pixels as little-endian bytes.
pub fn write_le<T: Sample>(pixels: &[T], bytes: &mut Vec<u8>) {
    let at = bytes.len();
    bytes.resize(at + pixels.len() * T::SIZE, 0);
    for (bytes, pixel) in bytes[at..].chunks_exact_mut(T::SIZE).zip(pixels) {
        bytes.copy_from_slice(&pixel.code().to_le_bytes()[..T::SIZE]);
    }
}
