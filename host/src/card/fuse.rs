//! Handing in raw frames that the card encodes and integrates in one pass.

use super::driver::FrameOrder;
use super::submit::request;
use super::{CardError, Driver};
use debye_spec::rings::{ALIGNMENT, FuseJob, MAX_JOB_BYTES, Submission, fuse_room};
use debye_spec::wire::Request;

impl Driver {
    /// [`Driver::submit`] of pixels: their chunk and their bins come back as [`super::Reply::Fused`].
    pub(super) fn submit_pixels(&mut self, order: &FrameOrder<'_>, pixels: &[u8]) -> Result<bool, CardError> {
        let lack = |what: &str| CardError::Capability { address: self.card.address(), what: what.into() };
        let Some(encodes) = self.card.encodes.filter(|_| self.card.fuses) else {
            return Err(lack("an encoder before its lanes"));
        };
        let Some(table) = &self.table else { return Err(CardError::NoTable { address: self.card.address() }) };
        let job = request(table, order);
        let bytes = pixels.len();
        let room = fuse_room(job.bins, bytes as u32).next_multiple_of(ALIGNMENT);
        let whole = bytes == job.pixels as usize * job.element.size();
        if !whole || bytes > MAX_JOB_BYTES as usize || room > u64::from(u32::MAX) {
            return Err(lack("jobs of frames of that size with its table"));
        }
        if self.room() == 0 {
            return Ok(false);
        }
        let Some((source, made)) = self.raw(pixels, room as usize)? else { return Ok(false) };
        let request = Request { chunk_bytes: bytes as u32, chunk_address: source.iova(), ..job };
        let block_log2 = encodes.block_log2 as u8;
        let job = FuseJob { request, block_log2, target: made.iova(), capacity: room as u32 };
        self.launch_raw(Submission::Fuse(job), source, made, order.tag);
        Ok(true)
    }
}
