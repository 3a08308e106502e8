//! Writing a slot.

use super::nor::Nor;
use super::place::{Piece, pieces};
use super::progress::{Event, Phase};
use super::status::{Guard, read_record};
use super::{Flash, FlashError};
use debye_spec::board::Slot;
use debye_spec::flash::nor::{ERASED, PAGE, SUBSECTOR};
use debye_spec::flash::slot::{self, GUARD_BYTES, GUARD_SYNC, Record};
use debye_spec::flash::slot::{Phase as Done, RECORD_BYTES};
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is to stand in the slot.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// Name, for the record.
    pub name: &'a str,
    /// The image.
    pub bytes: &'a [u8],
    /// SHA-256 of it.
    pub sha256: [u8; 32],
}

impl Content<'_> {
    fn record(&self) -> Record {
        Record {
            length: self.bytes.len() as u32,
            crc32: crc32fast::hash(self.bytes),
            sha256: self.sha256,
            name: Record::name_bytes(self.name),
            phase: Done::Begun,
        }
    }

    /// Bytes of a piece of the slot as they are to be: the image, erased bytes behind it.
    fn wanted(&self, slot: Slot, piece: Piece) -> Vec<u8> {
        let start = (piece.address - slot.image()) as usize;
        let there = self.bytes.get(start..).unwrap_or(&[]);
        let mut bytes = there[..there.len().min(piece.bytes as usize)].to_vec();
        bytes.resize(piece.bytes as usize, ERASED);
        bytes
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The slot held the image already: nothing was done.
    pub identical: bool,
    /// Sectors and subsectors that were erased.
    pub erased: u32,
    /// Those that held what they were to hold.
    pub kept: u32,
    /// Pages that were programmed.
    pub programmed: u32,
    /// Operations that were tried again.
    pub retried: u32,
    /// Pieces that did not read back and were written anew.
    pub repaired: u32,
}

/// What a piece of the slot needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The piece.
    pub piece: Piece,
    /// It must be erased.
    pub erase: bool,
    /// What it is to hold.
    pub wanted: Vec<u8>,
}

/// What each piece of a slot needs so that it holds an image. `old` is what stands from the image's place on; `trusted`
/// says that it came there by operations that were finished: cells of others may read right today.
pub fn plan(slot: Slot, content: &Content<'_>, old: &[u8], trusted: bool) -> Vec<Need> {
    let length = (content.bytes.len() as u32).next_multiple_of(SUBSECTOR);
    let all = pieces(slot.image(), slot.image() + length, slot.record());
    let need = |piece: Piece| {
        let start = (piece.address - slot.image()) as usize;
        let wanted = content.wanted(slot, piece);
        let erase = match old.get(start..start + piece.bytes as usize).filter(|_| trusted) {
            Some(old) if old == wanted => return None,
            // Bits that are to be cleared need no erase.
            Some(old) => old.iter().zip(&wanted).any(|(old, wanted)| old & wanted != *wanted),
            None => true,
        };
        Some(Need { piece, erase, wanted })
    };
    all.into_iter().filter_map(need).collect()
}

/// Tells and can be stopped.
struct Watch<'a> {
    events: &'a mut dyn FnMut(Event),
    stop: &'a AtomicBool,
}

impl Watch<'_> {
    fn begins(&mut self, phase: Phase, bytes: usize) {
        (self.events)(Event::Begins(phase, bytes as u64));
    }

    fn done(&mut self, bytes: usize) -> Result<(), FlashError> {
        (self.events)(Event::Done(bytes as u64));
        if self.stop.load(Ordering::Relaxed) { Err(FlashError::Stopped) } else { Ok(()) }
    }
}

impl Flash {
    /// Bytes from the image's place on that are erased and written for an image of so many.
    pub fn extent(&self, bytes: usize) -> usize {
        let slot = self.slot;
        let length = (bytes.min(slot.room() as usize) as u32).next_multiple_of(SUBSECTOR);
        let all = pieces(slot.image(), slot.image() + length, slot.record());
        all.last().map_or(0, |last| last.address + last.bytes - slot.image()) as usize
    }

    /// Bytes that a slot holds, from the image's place on: as many as the record says or an image needs, whole pieces.
    ///
    /// # Errors
    /// The memory's.
    pub fn read_slot(
        &mut self,
        bytes: usize,
        stop: &AtomicBool,
        events: &mut dyn FnMut(Event),
    ) -> Result<Vec<u8>, FlashError> {
        let slot = self.slot;
        let mut watch = Watch { events, stop };
        let mut nor = self.nor()?;
        let mut old = vec![0; bytes.min(slot.room() as usize)];
        watch.begins(Phase::Read, old.len());
        nor.read(slot.image(), &mut old, |bytes| watch.done(bytes))?;
        Ok(old)
    }

    /// Writes an image into the slot. `old` is what stands there ([`Flash::read_slot`]), as far as it was read.
    ///
    /// The order is such that at each moment, whatever is half done, either the guard is closed, or what is behind it is
    /// whole: the guard is closed while the image before is untouched, and opened when the new one has been read back.
    ///
    /// # Errors
    /// [`FlashError`]: what failed, and how the slot was left.
    pub fn write(
        &mut self,
        content: &Content<'_>,
        old: &[u8],
        stop: &AtomicBool,
        events: &mut dyn FnMut(Event),
    ) -> Result<Written, FlashError> {
        let slot = self.slot;
        let mut watch = Watch { events, stop };
        let mut nor = self.nor()?;
        let mut written = Written::default();
        let before = read_record(&mut nor, slot.record())?;
        let ours = content.record();
        let same = before.filter(|record| Record { phase: ours.phase, ..*record } == ours);
        let mut head = vec![0; GUARD_BYTES as usize];
        nor.read(slot.start, &mut head, |_| Ok(()))?;

        watch.begins(Phase::Guard, (GUARD_BYTES + RECORD_BYTES) as usize);
        close(&mut nor, slot, &head)?;
        nor.guarded = true;
        watch.done(GUARD_BYTES as usize)?;
        // An attempt at the same image that came past its erasing goes on where it was; what an image that was finished
        // left is known to be sound.
        let trusted = before.is_some_and(|record| record.phase >= Done::Opened)
            || same.is_some_and(|record| record.phase >= Done::Erased);
        nor.erase(Piece { address: slot.record(), bytes: SUBSECTOR })?;
        nor.program(slot.record(), &ours.to_bytes()[..])?;
        watch.done(RECORD_BYTES as usize)?;

        let needs = plan(slot, content, old, trusted);
        let total = pieces(
            slot.image(),
            slot.image() + (content.bytes.len() as u32).next_multiple_of(SUBSECTOR),
            slot.record(),
        );
        written.kept = (total.len() - needs.len()) as u32;
        let bytes_of = |needs: &mut dyn Iterator<Item = &Need>| needs.map(|need| need.wanted.len()).sum();
        watch.begins(Phase::Erase, bytes_of(&mut needs.iter().filter(|need| need.erase)));
        for need in needs.iter().filter(|need| need.erase) {
            nor.erase(need.piece)?;
            written.erased += 1;
            watch.done(need.wanted.len())?;
        }
        flag(&mut nor, slot, Done::Erased)?;

        watch.begins(Phase::Program, bytes_of(&mut needs.iter()));
        for need in &needs {
            written.programmed += program(&mut nor, need.piece.address, &need.wanted, |bytes| watch.done(bytes))?;
        }
        flag(&mut nor, slot, Done::Programmed)?;

        watch.begins(Phase::Verify, content.bytes.len());
        for piece in total {
            let wanted = content.wanted(slot, piece);
            written.repaired += u32::from(verify(&mut nor, piece, &wanted)?);
            watch.done(wanted.len())?;
        }
        flag(&mut nor, slot, Done::Verified)?;

        watch.begins(Phase::Open, 4);
        let sync = slot.start + GUARD_SYNC;
        nor.program(sync, &[0; 4])?;
        check(&mut nor, sync, &[0; 4])?;
        flag(&mut nor, slot, Done::Opened)?;
        (watch.events)(Event::Done(4));
        written.retried = nor.retries;
        Ok(written)
    }
}

/// Closes the guard, if it is not closed.
fn close(nor: &mut Nor<'_>, slot: Slot, head: &[u8]) -> Result<(), FlashError> {
    let guard = slot::guard();
    let erased_behind = head[guard.len()..].iter().all(|&byte| byte == ERASED);
    if Guard::of(head) != Guard::Closed || !erased_behind {
        nor.erase(Piece { address: slot.start, bytes: SUBSECTOR })?;
        nor.program(slot.start, &guard)?;
    }
    check(nor, slot.start, &guard)
}

/// Programs what is not erased of some bytes, page by page; says how many pages.
fn program(
    nor: &mut Nor<'_>,
    address: u32,
    bytes: &[u8],
    mut progress: impl FnMut(usize) -> Result<(), FlashError>,
) -> Result<u32, FlashError> {
    let mut pages = 0;
    for (page, at) in bytes.chunks(PAGE as usize).zip((address..).step_by(PAGE as usize)) {
        if page.iter().any(|&byte| byte != ERASED) {
            nor.program(at, page)?;
            pages += 1;
        }
        progress(page.len())?;
    }
    Ok(pages)
}

/// Reads a piece back; writes it anew, once, if it is not what it should be. Says whether that was needed.
fn verify(nor: &mut Nor<'_>, piece: Piece, wanted: &[u8]) -> Result<bool, FlashError> {
    let mut found = vec![0; wanted.len()];
    nor.read(piece.address, &mut found, |_| Ok(()))?;
    if found == wanted {
        return Ok(false);
    }
    nor.erase(piece)?;
    program(nor, piece.address, wanted, |_| Ok(()))?;
    check(nor, piece.address, wanted)?;
    Ok(true)
}

/// Reads bytes back.
fn check(nor: &mut Nor<'_>, address: u32, wanted: &[u8]) -> Result<(), FlashError> {
    let mut found = vec![0; wanted.len()];
    nor.read(address, &mut found, |_| Ok(()))?;
    match first_difference(&found, wanted) {
        None => Ok(()),
        Some((at, count)) => {
            Err(FlashError::Stuck { address: address + at as u32, found: found[at], wanted: wanted[at], count })
        }
    }
}

/// Where two rows of bytes of one length differ first, and in how many bytes they do.
pub(super) fn first_difference(found: &[u8], wanted: &[u8]) -> Option<(usize, usize)> {
    let differs = |(a, b): (&u8, &u8)| a != b;
    let first = found.iter().zip(wanted).position(differs)?;
    Some((first, found.iter().zip(wanted).filter(|&pair| differs(pair)).count()))
}

/// Says in the record that a phase is done.
fn flag(nor: &mut Nor<'_>, slot: Slot, phase: Done) -> Result<(), FlashError> {
    match Record::flag_at(phase) {
        Some(at) => nor.program(slot.record() + at as u32, &[0]),
        None => Ok(()),
    }
}
