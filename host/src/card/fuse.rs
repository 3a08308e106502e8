//! Handing in raw frames that the card encodes and integrates in one pass.

use super::driver::Done;
use super::{CardError, Driver};
use debye_spec::rings::{ALIGNMENT, FuseJob, MAX_JOB_BYTES, Submission, fuse_room};
use debye_spec::wire::Request;

/// A raw frame of the table that was loaded.
#[derive(Clone, Copy, Debug)]
pub struct FuseOrder<'a> {
    /// Comes back with what became of it.
    pub tag: u64,
    /// Its pixels, little-endian.
    pub pixels: &'a [u8],
    /// Largest value that counts.
    pub max_valid: u32,
    /// Valid pixels above this are counted.
    pub threshold: u32,
}

impl Driver {
    /// Hands in a raw frame; its chunk and its bins come back as [`super::Reply::Fused`]. Says `false`, and takes nothing,
    /// while there is no room for it.
    ///
    /// # Errors
    /// The card does not do both at once, there is no table, the frame is not one of its pixels, or there is no memory.
    pub fn submit_fused(&mut self, order: &FuseOrder<'_>) -> Result<bool, CardError> {
        let lack = |what: &str| CardError::Capability { address: self.card.address(), what: what.into() };
        let Some(encodes) = self.card.encodes.filter(|_| self.card.fuses) else {
            return Err(lack("an encoder before its lanes"));
        };
        let Some(table) = &self.table else { return Err(CardError::NoTable { address: self.card.address() }) };
        let (element, pixels, bins, id) = (table.element, table.pixels, table.bins, table.id);
        let bytes = order.pixels.len();
        let room = fuse_room(bins, bytes as u32).next_multiple_of(ALIGNMENT);
        if bytes != pixels as usize * element.size() || bytes > MAX_JOB_BYTES as usize || room > u64::from(u32::MAX) {
            return Err(lack("jobs of frames of that size with its table"));
        }
        if self.room() == 0 {
            return Ok(false);
        }
        let Some((source, made)) = self.raw(order.pixels, room as usize)? else { return Ok(false) };
        let request = Request {
            handle: 0,
            sequence: 0,
            element,
            chunk_bytes: bytes as u32,
            pixels,
            bins,
            max_valid: order.max_valid,
            threshold: order.threshold,
            chunk_address: source.iova(),
            table: id,
        };
        let block_log2 = encodes.block_log2 as u8;
        let job = FuseJob { request, block_log2, target: made.iova(), capacity: room as u32 };
        self.launch_raw(Submission::Fuse(job), source, made, order.tag);
        Ok(true)
    }

    /// Hands in a raw frame and waits for what becomes of it; nothing else may be in flight.
    ///
    /// # Errors
    /// As [`Driver::submit_fused`] and [`Driver::poll`].
    pub fn fuse_one(&mut self, order: &FuseOrder<'_>) -> Result<Done, CardError> {
        self.one(|driver| driver.submit_fused(order))
    }
}
