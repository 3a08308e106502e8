//! A card that can be flashed: who it is, and that it may be touched.

use super::nor::Nor;
use super::spi::Spi;
use super::{FlashError, Lock, icap};
use crate::transport::{ALL_ONES, CardAddress, PciIdentity, Transport, open};
use debye_spec::board::{BOARDS, Board, PciIds, Slot};
use debye_spec::manifest::{Manifest, RegisterMap};
use debye_spec::registers::{self as map, register};
use debye_spec::ring_map::{RING_BUSY, ring_register};
use std::time::{Duration, Instant};

/// How long a card may take to boot.
const BOOT: Duration = Duration::from_secs(10);

/// A card, its lock, and what is known of its memory.
pub struct Flash {
    transport: Box<dyn Transport>,
    /// What it is.
    pub board: &'static Board,
    /// Its memory.
    pub part: &'static debye_spec::board::Flash,
    /// What may be written.
    pub slot: Slot,
    /// IDCODE of its FPGA, if the card can be asked.
    pub idcode: Option<u32>,
    /// Stamp of the build that it runs.
    pub build: u32,
    _lock: Lock,
}

impl Flash {
    /// Opens the card at an address.
    ///
    /// # Errors
    /// [`FlashError`]: it cannot be reached, is none, is at work, or is not what it says.
    pub fn open(address: &CardAddress) -> Result<Flash, FlashError> {
        Flash::new(open(address)?)
    }

    /// Takes a card that was reached. Nothing is written to its memory.
    ///
    /// # Errors
    /// As [`Flash::open`].
    pub fn new(mut transport: Box<dyn Transport>) -> Result<Flash, FlashError> {
        let address = transport.address();
        let lock = Lock::take(&address)?;
        let read = |transport: &mut dyn Transport, name: &str| {
            register(name).or(ring_register(name)).map_or(ALL_ONES, |register| transport.read(register.offset))
        };
        // The map's version and hash may be any: a card with old gateware is flashed to bring it up to date.
        match read(&mut *transport, "identity") {
            map::IDENTITY => {}
            ALL_ONES => return Err(FlashError::Gone { address, during: "asking who it is" }),
            found => return Err(FlashError::Identity { address, found }),
        }
        let (board, slot) = board_of(&address, transport.identity())?;
        // Of engines of all versions so far.
        let status = read(&mut *transport, "ring_status");
        if status != ALL_ONES && RING_BUSY.get(status) != 0 {
            return Err(FlashError::Busy { address, what: "frames are in flight" });
        }
        let idcode = icap::idcode(&mut *transport);
        if let Some(found) = idcode.filter(|&found| !board.has_idcode(found)) {
            return Err(FlashError::Part { address, board: board.name, found, expected: board.idcode });
        }
        let build = read(&mut *transport, "build");
        let id = Nor::id(&mut Spi::new(&mut *transport)?)?;
        let Some(part) = board.flash(id) else {
            let hint = match id {
                [0, 0, 0] => "all zeros are a data line that is held down, or a memory in reset",
                [0xff, 0xff, 0xff] => "all ones are a memory that is not selected, not powered, or in another mode",
                _ => {
                    let expected: Vec<String> =
                        board.flashes.iter().map(|part| format!("{:02x?} ({})", part.jedec, part.name)).collect();
                    return Err(FlashError::Jedec { address, id, board: board.name, expected: expected.join(" or ") });
                }
            };
            return Err(FlashError::NoMemory { address, id, hint });
        };
        Ok(Flash { transport, board, part, slot, idcode, build, _lock: lock })
    }

    /// Its address.
    pub fn address(&self) -> String {
        self.transport.address()
    }

    /// Its memory.
    ///
    /// # Errors
    /// The core does not answer.
    pub fn nor(&mut self) -> Result<Nor<'_>, FlashError> {
        let bytes = self.part.bytes;
        Ok(Nor::new(Spi::new(&mut *self.transport)?, bytes))
    }

    /// Whether an image may be written to it.
    ///
    /// # Errors
    /// It is for another board or of a kind that is not flashed, does not fit, or has other registers than this program
    /// knows (unless `other_release`).
    pub fn takes(&self, manifest: &Manifest, bytes: usize, other_release: bool) -> Result<(), FlashError> {
        if manifest.board != self.board.name {
            let (image, card) = (manifest.board.clone(), self.board.name);
            return Err(FlashError::WrongBoard { address: self.address(), image, card });
        }
        if !manifest.kind.is_flashed() {
            return Err(FlashError::Kind { kind: manifest.kind.name().into() });
        }
        let ours = RegisterMap::ours();
        if let Some(map) = manifest.registers.filter(|map| *map != ours && !other_release) {
            return Err(FlashError::MapHash { image: map.hash.0, expected: ours.hash.0 });
        }
        let room = self.slot.room();
        if bytes > room as usize {
            return Err(FlashError::TooLarge { bytes, room, board: self.board.name });
        }
        Ok(())
    }

    /// Has the FPGA boot from the slot. It may be gone at once. A function that the kernel knows of is then lost to it: it
    /// must be found again ([`crate::transport::System::find_again`]).
    pub fn begin_reload(&mut self) {
        icap::reload(&mut *self.transport, self.slot.start);
    }

    /// Has the FPGA boot from the slot, and waits until the card answers; gives its new build.
    ///
    /// # Errors
    /// It does not come back.
    pub fn reload(&mut self) -> Result<u32, FlashError> {
        self.begin_reload();
        let started = Instant::now();
        let (identity, build) = (register("identity"), register("build"));
        while started.elapsed() < BOOT {
            let value = identity.map_or(ALL_ONES, |register| self.transport.read(register.offset));
            if value == map::IDENTITY {
                self.build = build.map_or(ALL_ONES, |register| self.transport.read(register.offset));
                return Ok(self.build);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(FlashError::NotBack { address: self.address() })
    }
}

/// Which board a card is, and its slot.
fn board_of(address: &str, identity: PciIdentity) -> Result<(&'static Board, Slot), FlashError> {
    let PciIdentity { vendor, device, subsystem_vendor, subsystem } = identity;
    let board = Board::of_pci(PciIds { vendor, device, subsystem_vendor, subsystem });
    board.and_then(|board| Some((board, board.layout?.update))).ok_or_else(|| {
        let flashed = BOARDS.iter().filter(|board| board.layout.is_some()).map(|board| board.name);
        let known = flashed.collect::<Vec<_>>().join(", ");
        FlashError::Board { address: address.into(), subsystem, known }
    })
}
