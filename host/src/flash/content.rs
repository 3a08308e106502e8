//! What a slot holds, and whether that is an image.

use super::write::first_difference;
use super::{Event, Flash, FlashError, Status};
use debye_spec::flash::nor::ERASED;
use std::sync::atomic::AtomicBool;

impl Flash {
    /// Everything that a slot holds, from the image's place on: what its record says, or all up to the last byte that is
    /// not erased.
    ///
    /// # Errors
    /// The memory's.
    pub fn read_image(
        &mut self,
        status: &Status,
        stop: &AtomicBool,
        events: &mut dyn FnMut(Event),
    ) -> Result<Vec<u8>, FlashError> {
        let room = self.slot.room() as usize;
        match status.record.filter(|_| status.is_whole()) {
            Some(record) => self.read_slot((record.length as usize).min(room), stop, events),
            None => {
                let mut all = self.read_slot(room, stop, events)?;
                let end = all.iter().rposition(|&byte| byte != ERASED).map_or(0, |last| last + 1);
                all.truncate(end);
                Ok(all)
            }
        }
    }

    /// Holds the slot against an image.
    ///
    /// # Errors
    /// [`FlashError::Differs`], or the memory's.
    pub fn verify(&mut self, image: &[u8], stop: &AtomicBool, events: &mut dyn FnMut(Event)) -> Result<(), FlashError> {
        let start = self.slot.image();
        let found = self.read_slot(image.len(), stop, events)?;
        match first_difference(&found, image) {
            None if found.len() == image.len() => Ok(()),
            None => Err(FlashError::TooLarge { bytes: image.len(), room: self.slot.room(), board: self.board.name }),
            Some((at, count)) => {
                let (found, wanted) = (found[at], image[at]);
                Err(FlashError::Differs { address: start + at as u32, found, wanted, count })
            }
        }
    }
}
