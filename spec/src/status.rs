//! Status code of a frame: what a card's result and `/entry/data/frame_status` hold.

use crate::chunk::ChunkError;
use crate::lz4::Lz4Fault;

/// What became of a frame. Codes below 32 are about the chunk's bytes and can come from every engine. Codes 32 to
/// 63 say that a card could not take the frame: the host then takes the CPU. Codes from 64 on are given by the host alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Status {
    /// Integrated.
    Ok = 0,
    /// Chunk shorter than its header.
    HeaderTruncated = 1,
    /// Header states another size than the frame's.
    SizeMismatch = 2,
    /// Header fits pixels of another size.
    ElementSizeMismatch = 3,
    /// Block size 0.
    BlockSizeZero = 4,
    /// Block size not a multiple of 8 elements.
    BlockSizeUneven = 5,
    /// Chunk ends within a block's length.
    LengthTruncated = 6,
    /// Block runs past the chunk's end.
    BlockTruncated = 7,
    /// Chunk ends within the tail.
    TailTruncated = 8,
    /// Bytes behind the tail.
    TrailingBytes = 9,
    /// LZ4: token missing.
    TokenMissing = 16,
    /// LZ4: literal length truncated.
    LiteralLengthTruncated = 17,
    /// LZ4: literals truncated.
    LiteralsTruncated = 18,
    /// LZ4: offset truncated.
    OffsetTruncated = 19,
    /// LZ4: offset 0.
    OffsetZero = 20,
    /// LZ4: offset before the block.
    OffsetBeforeBlock = 21,
    /// LZ4: match length truncated.
    MatchLengthTruncated = 22,
    /// LZ4: more output than the block has.
    OutputOverrun = 23,
    /// LZ4: less output than the block has.
    OutputUnderrun = 24,
    /// The card's blocks are smaller than the chunk's.
    BlockTooLarge = 32,
    /// The card's histograms hold fewer bins than the job asks for.
    TooManyBins = 33,
    /// The card's table is not for this job: other pixels, other bins, another table.
    TableMismatch = 34,
    /// The request's header is not one that the card knows.
    RequestInvalid = 35,
    /// The card's watchdog gave the frame up.
    Stalled = 36,
    /// The memory for the result is smaller than the result might be.
    ResultTooLarge = 37,
    /// A read or write of host memory was answered with an error.
    DmaFault = 38,
    /// The file holds no chunk for this frame (not written yet, or lost).
    Missing = 64,
    /// The file could not be read at this frame.
    ReadFailed = 65,
    /// Another filter than bslz4 failed on this frame.
    FilterFailed = 66,
    /// The run was stopped before this frame.
    NotReached = 67,
}

impl Status {
    /// Every status, in the order of the codes.
    pub const ALL: [Status; 30] = [
        Status::Ok,
        Status::HeaderTruncated,
        Status::SizeMismatch,
        Status::ElementSizeMismatch,
        Status::BlockSizeZero,
        Status::BlockSizeUneven,
        Status::LengthTruncated,
        Status::BlockTruncated,
        Status::TailTruncated,
        Status::TrailingBytes,
        Status::TokenMissing,
        Status::LiteralLengthTruncated,
        Status::LiteralsTruncated,
        Status::OffsetTruncated,
        Status::OffsetZero,
        Status::OffsetBeforeBlock,
        Status::MatchLengthTruncated,
        Status::OutputOverrun,
        Status::OutputUnderrun,
        Status::BlockTooLarge,
        Status::TooManyBins,
        Status::TableMismatch,
        Status::RequestInvalid,
        Status::Stalled,
        Status::ResultTooLarge,
        Status::DmaFault,
        Status::Missing,
        Status::ReadFailed,
        Status::FilterFailed,
        Status::NotReached,
    ];

    /// The code.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status of a code; `None` for a code that is not given.
    pub fn from_code(code: u8) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.code() == code)
    }
}

impl From<&ChunkError> for Status {
    fn from(error: &ChunkError) -> Status {
        match error {
            ChunkError::HeaderTruncated { .. } => Status::HeaderTruncated,
            ChunkError::SizeMismatch { .. } => Status::SizeMismatch,
            ChunkError::ElementSizeMismatch { .. } => Status::ElementSizeMismatch,
            ChunkError::BlockSizeZero => Status::BlockSizeZero,
            ChunkError::BlockSizeUneven { .. } => Status::BlockSizeUneven,
            ChunkError::LengthTruncated { .. } => Status::LengthTruncated,
            ChunkError::BlockTruncated { .. } => Status::BlockTruncated,
            ChunkError::TailTruncated { .. } => Status::TailTruncated,
            ChunkError::TrailingBytes { .. } => Status::TrailingBytes,
            ChunkError::Block { error, .. } => match error.fault {
                Lz4Fault::TokenMissing => Status::TokenMissing,
                Lz4Fault::LiteralLengthTruncated => Status::LiteralLengthTruncated,
                Lz4Fault::LiteralsTruncated => Status::LiteralsTruncated,
                Lz4Fault::OffsetTruncated => Status::OffsetTruncated,
                Lz4Fault::OffsetZero => Status::OffsetZero,
                Lz4Fault::OffsetBeforeBlock => Status::OffsetBeforeBlock,
                Lz4Fault::MatchLengthTruncated => Status::MatchLengthTruncated,
                Lz4Fault::OutputOverrun => Status::OutputOverrun,
                Lz4Fault::OutputUnderrun => Status::OutputUnderrun,
            },
        }
    }
}
