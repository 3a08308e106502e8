//! Digests of what frames were made of: BLAKE3, which a processor gets through at several times the rate of SHA-256. Files
//! that others check (tables, images, reports) are named by SHA-256.

/// A digest of 256 bits.
pub type Digest = [u8; 32];

/// A digest, or any bytes, in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
