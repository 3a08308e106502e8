//! The table: which bins a pixel adds to, and with which weight.

use crate::bounds::{MAX_BINS, MAX_PIXELS, MAX_PIXELS_PER_BIN, WHOLE_WEIGHT};
use alloc::vec;
use core::fmt;

/// One entry of a pixel in 32 bits: the bin in bits 31..7, the weight (1..=64) in bits 6..0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct Entry(pub u32);

impl Entry {
    /// An entry; `bin` below [`MAX_BINS`], `weight` 1..=64 (checked by [`Table::check`]).
    pub const fn new(bin: u32, weight: u8) -> Entry {
        Entry(bin << 7 | (weight & 127) as u32)
    }

    /// The bin.
    pub const fn bin(self) -> u32 {
        self.0 >> 7
    }

    /// The weight in 1/64ths of a pixel.
    pub const fn weight(self) -> u32 {
        self.0 & 127
    }
}

/// A table and the mask that belongs to it, borrowed from whoever holds the memory.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// Number of bins.
    pub bins: usize,
    /// One a pixel, in the order of the frame's pixels: true = masked.
    pub masked: &'a [bool],
    /// Pixel p has the entries `starts[p]..starts[p + 1]`: one more element than pixels.
    pub starts: &'a [u32],
    /// All entries.
    pub entries: &'a [Entry],
}

/// Why a table is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableError {
    /// No pixels, or more than [`MAX_PIXELS`].
    PixelCount {
        /// Pixels.
        pixels: usize,
    },
    /// No bins, or more than [`MAX_BINS`].
    BinCount {
        /// Bins.
        bins: usize,
    },
    /// `starts` has not one element more than there are pixels, does not begin at 0, or does not end at the
    /// number of entries.
    Starts,
    /// `starts` falls at a pixel, or runs past the entries.
    StartsOrder {
        /// Pixel.
        pixel: usize,
    },
    /// A bin that is not there.
    Bin {
        /// Pixel.
        pixel: usize,
        /// Bin.
        bin: u32,
    },
    /// A weight of 0 or above 64, or weights of a pixel that sum to more than 64.
    Weight {
        /// Pixel.
        pixel: usize,
    },
    /// A pixel names a bin twice, or its bins do not rise.
    BinOrder {
        /// Pixel.
        pixel: usize,
    },
    /// A masked pixel has entries.
    MaskedEntries {
        /// Pixel.
        pixel: usize,
    },
    /// More than [`MAX_PIXELS_PER_BIN`] pixels add to a bin: its sums might not fit.
    BinCrowded {
        /// Bin.
        bin: u32,
    },
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            TableError::PixelCount { pixels } => write!(f, "{pixels} pixels: 1 to {MAX_PIXELS} are possible"),
            TableError::BinCount { bins } => write!(f, "{bins} bins: 1 to {MAX_BINS} are possible"),
            TableError::Starts => write!(f, "the entries' start indices do not fit the pixels and entries"),
            TableError::StartsOrder { pixel } => {
                write!(f, "pixel {pixel}: entry start indices fall or run past the end")
            }
            TableError::Bin { pixel, bin } => write!(f, "pixel {pixel}: there is no bin {bin}"),
            TableError::Weight { pixel } => write!(f, "pixel {pixel}: weights must be 1..64 and sum to at most 64"),
            TableError::BinOrder { pixel } => write!(f, "pixel {pixel}: bins must rise and be named once"),
            TableError::MaskedEntries { pixel } => write!(f, "pixel {pixel} is masked but has entries"),
            TableError::BinCrowded { bin } => {
                write!(f, "more than {MAX_PIXELS_PER_BIN} pixels add to bin {bin}: use more bins")
            }
        }
    }
}

impl core::error::Error for TableError {}

impl<'a> Table<'a> {
    /// Number of pixels.
    pub fn pixels(&self) -> usize {
        self.masked.len()
    }

    /// The entries of a pixel; none for a pixel that is not there.
    pub fn entries_of(&self, pixel: usize) -> &'a [Entry] {
        match (self.starts.get(pixel), self.starts.get(pixel + 1)) {
            (Some(&from), Some(&to)) => self.entries.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Checks every rule on which the arithmetic rests. Engines take only tables that pass.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), TableError> {
        let pixels = self.pixels();
        if pixels == 0 || pixels > MAX_PIXELS as usize {
            return Err(TableError::PixelCount { pixels });
        }
        if self.bins == 0 || self.bins > MAX_BINS as usize {
            return Err(TableError::BinCount { bins: self.bins });
        }
        if self.starts.len() != pixels + 1 || self.starts[0] != 0 || self.starts[pixels] as usize != self.entries.len()
        {
            return Err(TableError::Starts);
        }
        let mut counts = vec![0u32; self.bins];
        for pixel in 0..pixels {
            let (from, to) = (self.starts[pixel] as usize, self.starts[pixel + 1] as usize);
            let entries = self.entries.get(from..to).ok_or(TableError::StartsOrder { pixel })?;
            if self.masked[pixel] && !entries.is_empty() {
                return Err(TableError::MaskedEntries { pixel });
            }
            let mut total = 0;
            let mut last = None;
            for entry in entries {
                let bin = entry.bin();
                if bin as usize >= self.bins {
                    return Err(TableError::Bin { pixel, bin });
                }
                if last.is_some_and(|last| last >= bin) {
                    return Err(TableError::BinOrder { pixel });
                }
                last = Some(bin);
                total += entry.weight();
                if entry.weight() == 0 || total > WHOLE_WEIGHT {
                    return Err(TableError::Weight { pixel });
                }
                counts[bin as usize] += 1;
                if counts[bin as usize] > MAX_PIXELS_PER_BIN {
                    return Err(TableError::BinCrowded { bin });
                }
            }
        }
        Ok(())
    }
}
