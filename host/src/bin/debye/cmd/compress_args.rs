//! Arguments that commands which encode share.

use debye::codec::encode::Codec;

/// Parses a codec's name.
pub fn codec(name: &str) -> Result<Codec, String> {
    [Codec::Debye, Codec::Liblz4]
        .into_iter()
        .find(|codec| codec.name() == name)
        .ok_or_else(|| format!("{name:?} is no codec: give debye or liblz4"))
}
