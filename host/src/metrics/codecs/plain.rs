//! Codecs of bytes, whatever those mean: Zstd, LZ4, zlib.

use super::Coder;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use lz4::block::{compress_bound, compress_to_buffer, decompress_to_buffer};
use std::io;
use zstd::bulk::{Compressor, Decompressor};

/// `H5Zlz4.c`: u64 big-endian bytes in all, u32 big-endian bytes of a block (here all of them), u32 big-endian stored bytes.
const LZ4_HEADER: usize = 16;

/// One Zstd frame a chunk.
pub(super) struct Zstd {
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
    bytes: Vec<u8>,
}

impl Zstd {
    /// At a level.
    pub fn new(level: i32) -> io::Result<Zstd> {
        Ok(Zstd { compressor: Compressor::new(level)?, decompressor: Decompressor::new()?, bytes: Vec::new() })
    }
}

impl Coder for Zstd {
    fn encode(&mut self, pixels: &[u8], stored: &mut Vec<u8>) -> Result<(), String> {
        stored.resize(zstd::zstd_safe::compress_bound(pixels.len()), 0);
        let made = self.compressor.compress_to_buffer(pixels, &mut stored[..]).map_err(|error| error.to_string())?;
        stored.truncate(made);
        Ok(())
    }

    fn decode(&mut self, stored: &[u8], bytes: usize) -> Result<(), String> {
        self.bytes.resize(bytes, 0);
        let made = self.decompressor.decompress_to_buffer(stored, &mut self.bytes[..]);
        whole(made.map_err(|error| error.to_string())?, bytes)
    }

    fn decoded(&self, pixels: &mut Vec<u8>) {
        pixels.extend_from_slice(&self.bytes);
    }
}

/// One LZ4 block a chunk, or the bytes as they are.
#[derive(Default)]
pub(super) struct Lz4 {
    bytes: Vec<u8>,
}

impl Coder for Lz4 {
    fn encode(&mut self, pixels: &[u8], stored: &mut Vec<u8>) -> Result<(), String> {
        let room = compress_bound(pixels.len()).map_err(|error| error.to_string())?;
        stored.resize(LZ4_HEADER + room, 0);
        let made =
            compress_to_buffer(pixels, None, false, &mut stored[LZ4_HEADER..]).map_err(|error| error.to_string())?;
        let made = if made >= pixels.len() {
            stored[LZ4_HEADER..][..pixels.len()].copy_from_slice(pixels);
            pixels.len()
        } else {
            made
        };
        stored.truncate(LZ4_HEADER + made);
        stored[..8].copy_from_slice(&(pixels.len() as u64).to_be_bytes());
        stored[8..12].copy_from_slice(&(pixels.len() as u32).to_be_bytes());
        stored[12..16].copy_from_slice(&(made as u32).to_be_bytes());
        Ok(())
    }

    fn decode(&mut self, stored: &[u8], bytes: usize) -> Result<(), String> {
        let (header, data) = stored.split_first_chunk::<LZ4_HEADER>().ok_or("the chunk is shorter than its header")?;
        let (total, lengths) = header.split_at(8);
        if total != (bytes as u64).to_be_bytes() || lengths[4..] != (data.len() as u32).to_be_bytes() {
            return Err(format!("the header does not fit {} bytes that make {bytes}", data.len()));
        }
        self.bytes.resize(bytes, 0);
        if data.len() == bytes {
            self.bytes.copy_from_slice(data);
            return Ok(());
        }
        let size = i32::try_from(bytes).map_err(|_| "LZ4 takes no blocks of 2 GiB".to_string())?;
        let made = decompress_to_buffer(data, Some(size), &mut self.bytes).map_err(|error| error.to_string())?;
        whole(made, bytes)
    }

    fn decoded(&self, pixels: &mut Vec<u8>) {
        pixels.extend_from_slice(&self.bytes);
    }
}

/// A zlib stream a chunk.
pub(super) struct Gzip {
    compress: Compress,
    decompress: Decompress,
    bytes: Vec<u8>,
}

impl Gzip {
    /// At a level of 1 to 9.
    pub fn new(level: u32) -> Gzip {
        Gzip {
            compress: Compress::new(Compression::new(level), true),
            decompress: Decompress::new(true),
            bytes: Vec::new(),
        }
    }
}

impl Coder for Gzip {
    fn encode(&mut self, pixels: &[u8], stored: &mut Vec<u8>) -> Result<(), String> {
        stored.clear();
        // deflateBound: stored blocks at worst.
        stored.reserve(pixels.len() + pixels.len() / 1000 + 4096);
        self.compress.reset();
        match self.compress.compress_vec(pixels, stored, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => Ok(()),
            Ok(_) => Err("zlib asks for more room than any stream needs".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn decode(&mut self, stored: &[u8], bytes: usize) -> Result<(), String> {
        self.bytes.resize(bytes, 0);
        self.decompress.reset(true);
        let status = self.decompress.decompress(stored, &mut self.bytes, FlushDecompress::Finish);
        match status.map_err(|error| error.to_string())? {
            Status::StreamEnd => whole(self.decompress.total_out() as usize, bytes),
            _ => Err(format!("the stream does not end after {bytes} bytes")),
        }
    }

    fn decoded(&self, pixels: &mut Vec<u8>) {
        pixels.extend_from_slice(&self.bytes);
    }
}

fn whole(made: usize, bytes: usize) -> Result<(), String> {
    if made == bytes { Ok(()) } else { Err(format!("the chunk makes {made} bytes, not {bytes}")) }
}
