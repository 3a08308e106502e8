//! A card that a process serves over a socket: our own client of vfio-user. Every reply is checked and waited for no
//! longer than [`PATIENCE`]; a process that died, hangs or breaks the protocol is a card that is gone.

use super::events::{Events, wait_any};
use super::iova::Allocator;
use super::user_messages::{self as messages, Command, HEADER, ReplyFault};
use super::{ALL_ONES, Dma, PciIdentity, Transport, TransportError};
use debye_spec::pci;
use debye_spec::ring_map::MAX_QUEUES;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use vmm_sys_util::sock_ctrl_msg::ScmSocket;

/// Longest wait for a reply.
pub const PATIENCE: Duration = Duration::from_secs(10);

const BAR: u32 = 0;
const CONFIG: u32 = 7;
const MSIX: u32 = 2;
/// Memory may be read and written by the card.
const READ_WRITE: u32 = 3;
/// Bytes of offset, region and count before the data of an access.
const ACCESS: usize = 16;
/// Data are event descriptors, the action is to trigger.
const EVENT_TRIGGER: u32 = 0x24;

/// See the module.
#[derive(Debug)]
pub struct VfioUser {
    path: PathBuf,
    stream: UnixStream,
    message: u16,
    identity: PciIdentity,
    addresses: Allocator,
    mapped: Vec<u64>,
    events: Events,
    gone: bool,
}

impl VfioUser {
    /// Connects to the card that is served at a socket.
    ///
    /// # Errors
    /// Nobody listens, or who does serves no card.
    pub fn connect(path: &Path) -> Result<VfioUser, TransportError> {
        VfioUser::connect_with(path, PATIENCE)
    }

    /// Connects, and waits for each reply no longer than `patience`.
    ///
    /// # Errors
    /// As [`VfioUser::connect`].
    pub fn connect_with(path: &Path, patience: Duration) -> Result<VfioUser, TransportError> {
        let connect = |error: io::Error| match error.kind() {
            io::ErrorKind::PermissionDenied => TransportError::Permission { path: path.into() },
            _ => TransportError::Connect { path: path.into(), error },
        };
        let stream = UnixStream::connect(path).map_err(connect)?;
        stream.set_read_timeout(Some(patience)).map_err(connect)?;
        stream.set_write_timeout(Some(patience)).map_err(connect)?;
        let mut card = VfioUser {
            path: path.into(),
            stream,
            message: 0,
            identity: PciIdentity::default(),
            addresses: Allocator::new(&[]),
            mapped: Vec::new(),
            events: Events::default(),
            gone: false,
        };
        card.set_up().map_err(|error| match error.kind() {
            // A server takes one client at a time and leaves others waiting.
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => TransportError::Busy { path: path.into() },
            _ => TransportError::Protocol { path: path.into(), what: error.to_string() },
        })?;
        Ok(card)
    }

    fn set_up(&mut self) -> io::Result<()> {
        let broken = ReplyFault::into_io;
        messages::check_version(&self.ask(Command::Version, &messages::version(), None)?).map_err(broken)?;

        // argsz, flags, index, capabilities, size, offset
        let info = self.ask(Command::RegionInfo, &messages::words(&[32, 0, BAR, 0, 0, 0, 0, 0]), None)?;
        let low = messages::word(&info, 16).map_err(broken)?;
        let size = u64::from(low) | u64::from(messages::word(&info, 20).map_err(broken)?) << 32;
        if size < pci::REGISTER_BYTES {
            return Err(io::Error::other(format!("BAR 0 has {size} bytes, a card's has {}", pci::REGISTER_BYTES)));
        }
        let mut config = [0; 0x30];
        self.read_region(CONFIG, 0, &mut config)?;
        let half = |at: usize| u16::from_le_bytes([config[at], config[at + 1]]);
        self.identity =
            PciIdentity { vendor: half(0), device: half(2), subsystem_vendor: half(0x2c), subsystem: half(0x2e) };
        // argsz, flags, index, count
        let info = self.ask(Command::IrqInfo, &messages::words(&[16, 0, MSIX, 0]), None)?;
        let vectors = messages::word(&info, 12).map_err(broken)?.min(MAX_QUEUES);
        self.events = Events::new(vectors)?;
        for (vector, event) in self.events.descriptors().into_iter().enumerate() {
            // One descriptor a message: more is not every server's thing.
            let body = messages::words(&[20, EVENT_TRIGGER, MSIX, vector as u32, 1]);
            self.ask(Command::SetIrqs, &body, Some(event))?;
        }
        self.set_bus_master()
    }

    /// Memory and bus master in the command register.
    fn set_bus_master(&mut self) -> io::Result<()> {
        let mut command = [0; 2];
        self.read_region(CONFIG, 4, &mut command)?;
        self.ask(Command::RegionWrite, &messages::access(CONFIG, 4, 2, &[command[0] | 6, command[1]]), None)?;
        Ok(())
    }

    fn read_region(&mut self, region: u32, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let body = self.ask(Command::RegionRead, &messages::access(region, offset, bytes.len(), &[]), None)?;
        let data = body.get(ACCESS..).filter(|data| data.len() == bytes.len());
        let short = || io::Error::new(io::ErrorKind::InvalidData, format!("a reply of {} bytes to a read", body.len()));
        bytes.copy_from_slice(data.ok_or_else(short)?);
        Ok(())
    }

    /// Sends a message and waits for its reply's body.
    fn ask(&mut self, command: Command, body: &[u8], descriptor: Option<RawFd>) -> io::Result<Vec<u8>> {
        self.send(command, body, descriptor, true)?;
        let mut header = [0; HEADER];
        let read = self.stream.read_exact(&mut header);
        self.note(read)?;
        match messages::reply_bytes(&header, self.message, command) {
            Ok(bytes) => {
                let mut body = vec![0; bytes];
                let read = self.stream.read_exact(&mut body);
                self.note(read)?;
                Ok(body)
            }
            // A refusal leaves the connection sound.
            Err(refused @ ReplyFault::Refused(_)) => Err(refused.into_io()),
            Err(broken) => self.note(Err(broken.into_io())),
        }
    }

    fn send(&mut self, command: Command, body: &[u8], descriptor: Option<RawFd>, answered: bool) -> io::Result<()> {
        if self.gone {
            return Err(io::ErrorKind::NotConnected.into());
        }
        self.message = self.message.wrapping_add(1);
        let message = messages::message(self.message, command, body, answered);
        let sent = match descriptor {
            Some(descriptor) => self.stream.send_with_fds(&[&message[..]], &[descriptor]).map_err(io::Error::from),
            None => Ok(0),
        };
        let sent = sent.and_then(|sent| self.stream.write_all(&message[sent..]));
        self.note(sent)
    }

    /// A connection that failed once is not used again.
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && !self.gone
        {
            tracing::debug!("the card at {} is gone: {error}", self.path.display());
            self.give_up();
        }
        result
    }

    fn failed(&self, what: &'static str, error: io::Error) -> TransportError {
        match self.gone {
            true => TransportError::Gone { address: self.address(), reason: format!("{what}: {error}") },
            false => TransportError::System { address: self.address(), what, error },
        }
    }

    /// Whether the other side is still there. Nothing is to be read when nothing was asked.
    fn look_for_life(&mut self) {
        let mut byte = 0u8;
        // SAFETY: one byte may be written to one byte.
        let count = unsafe {
            libc::recv(self.stream.as_raw_fd(), (&raw mut byte).cast(), 1, libc::MSG_PEEK | libc::MSG_DONTWAIT)
        };
        let alive = count < 0 && io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock;
        if !alive {
            let _ = self.note::<()>(Err(io::ErrorKind::ConnectionReset.into()));
        }
    }
}

impl Transport for VfioUser {
    fn address(&self) -> String {
        format!("vfio-user:{}", self.path.display())
    }

    fn identity(&self) -> PciIdentity {
        self.identity
    }

    fn read(&mut self, offset: u32) -> u32 {
        let mut bytes = [0xff; 4];
        match self.read_region(BAR, offset.into(), &mut bytes) {
            Ok(()) => u32::from_le_bytes(bytes),
            Err(_) => ALL_ONES,
        }
    }

    fn write(&mut self, offset: u32, value: u32) {
        // Posted, as a write over PCIe is.
        let body = messages::access(BAR, offset.into(), 4, &value.to_le_bytes());
        let _ = self.send(Command::RegionWrite, &body, None, false);
    }

    fn map(&mut self, bytes: usize) -> Result<Dma, TransportError> {
        let iova = self.addresses.take(bytes as u64).ok_or(TransportError::Addresses { bytes })?;
        let mapped = Dma::allocate(bytes, iova, None).and_then(|dma| {
            // argsz, flags, offset into the file, address, size
            let mut body = messages::words(&[32, READ_WRITE]);
            [0, iova, dma.bytes() as u64].iter().for_each(|value| body.extend(value.to_le_bytes()));
            let file = dma.file();
            self.ask(Command::DmaMap, &body, Some(file)).map_err(|error| self.failed("mapping memory", error))?;
            Ok(dma)
        });
        match &mapped {
            Ok(_) => self.mapped.push(iova),
            Err(_) => _ = self.addresses.give_back(iova),
        }
        mapped
    }

    fn unmap(&mut self, dma: &Dma) -> Result<(), TransportError> {
        let iova = dma.iova();
        if !self.mapped.contains(&iova) {
            return Err(TransportError::NotMapped { iova });
        }
        // argsz, flags, address, size
        let mut body = messages::words(&[24, 0]);
        [iova, dma.bytes() as u64].iter().for_each(|value| body.extend(value.to_le_bytes()));
        self.ask(Command::DmaUnmap, &body, None).map_err(|error| self.failed("unmapping memory", error))?;
        self.mapped.retain(|&mapped| mapped != iova);
        self.addresses.give_back(iova);
        Ok(())
    }

    fn vectors(&self) -> u32 {
        self.events.count()
    }

    fn signals(&self) -> Vec<RawFd> {
        let mut signals = self.events.descriptors();
        signals.push(self.stream.as_raw_fd());
        signals
    }

    fn wait(&mut self, vector: u32, timeout: Duration) -> Result<bool, TransportError> {
        let descriptors = self.events.descriptors();
        let Some(&event) = descriptors.get(vector as usize) else {
            return Err(TransportError::Vector { vector, vectors: self.vectors() });
        };
        if self.events.taken(vector) {
            return Ok(true);
        }
        if !self.gone {
            let woken = wait_any(&[event, self.stream.as_raw_fd()], timeout);
            woken.map_err(|error| self.failed("waiting for an interrupt", error))?;
            self.look_for_life();
        }
        Ok(self.events.taken(vector))
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.ask(Command::Reset, &[], None).map_err(|error| self.failed("the reset", error))?;
        self.set_bus_master().map_err(|error| self.failed("setting bus master", error))
    }

    fn is_gone(&self) -> bool {
        self.gone
    }

    fn give_up(&mut self) {
        self.gone = true;
        // Whether or not the other side hears it.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}
