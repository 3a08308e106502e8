//! A small vfio-user client, with host memory that it maps for the card: what the tests of the server speak to it.

use super::rings::{BASE, BYTES, Host};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::ptr;
use std::time::Duration;
use vmm_sys_util::eventfd::EventFd;
use vmm_sys_util::sock_ctrl_msg::ScmSocket;

pub const CONFIG: u32 = 7;
pub const MSIX: u32 = 2;
const BUS_MASTER: u16 = 6;

/// Memory shared with the card's process.
pub struct Shared {
    pub file: File,
    base: *mut u8,
    bytes: usize,
}

impl Shared {
    pub fn new(bytes: usize) -> Shared {
        // SAFETY: a new descriptor, which belongs to the file from here on.
        let file = unsafe {
            let fd = libc::memfd_create(c"host".as_ptr(), libc::MFD_CLOEXEC);
            assert!(fd >= 0);
            File::from_raw_fd(fd)
        };
        file.set_len(bytes as u64).unwrap();
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping; the result is checked.
        let base = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        assert_ne!(base, libc::MAP_FAILED);
        Shared { file, base: base.cast(), bytes }
    }

    pub fn put(&self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= self.bytes);
        // SAFETY: within the mapping, as was checked.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.add(at), bytes.len()) };
    }

    pub fn get(&self, at: usize, bytes: usize) -> Vec<u8> {
        assert!(at + bytes <= self.bytes);
        let mut data = vec![0; bytes];
        // SAFETY: within the mapping, as was checked.
        unsafe { ptr::copy_nonoverlapping(self.base.add(at), data.as_mut_ptr(), bytes) };
        data
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: the mapping that `new` made; nothing else points into it.
        unsafe { libc::munmap(self.base.cast(), self.bytes) };
    }
}

/// See the module.
pub struct Client {
    stream: UnixStream,
    message: u16,
    pub memory: Shared,
}

impl Client {
    /// Connects and says hello. Host memory is not mapped yet.
    pub fn connect(socket: &Path) -> Client {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut client = Client { stream, message: 0, memory: Shared::new(BYTES) };
        let hello = [&[0, 0, 1, 0][..], b"{\"capabilities\":{}}\0"].concat();
        client.call(1, &hello, None).unwrap();
        client
    }

    /// Connects, maps all host memory and lets the card reach it.
    pub fn ready(socket: &Path) -> Client {
        let mut client = Client::connect(socket);
        client.map(BASE, 0, BYTES as u64, 3).unwrap();
        client.master(true);
        client
    }

    fn send(&mut self, command: u16, body: &[u8], fd: Option<&File>, flags: u32) {
        self.message = self.message.wrapping_add(1);
        let mut message = Vec::new();
        message.extend(self.message.to_le_bytes());
        message.extend(command.to_le_bytes());
        message.extend((16 + body.len() as u32).to_le_bytes());
        message.extend(flags.to_le_bytes());
        message.extend([0; 4]);
        message.extend(body);
        let fds: Vec<i32> = fd.iter().map(|file| file.as_raw_fd()).collect();
        let sent = self.stream.send_with_fds(&[&message[..]], &fds).unwrap();
        self.stream.write_all(&message[sent..]).unwrap();
    }

    /// A message and the body of its answer.
    pub fn call(&mut self, command: u16, body: &[u8], fd: Option<&File>) -> io::Result<Vec<u8>> {
        self.send(command, body, fd, 0);
        let mut header = [0; 16];
        self.stream.read_exact(&mut header)?;
        let word = |at: usize| u32::from_le_bytes(*header[at..].first_chunk().unwrap());
        assert_eq!(word(0), u32::from(self.message) | u32::from(command) << 16);
        let mut answer = vec![0; word(4) as usize - 16];
        self.stream.read_exact(&mut answer)?;
        if word(8) & 1 << 5 != 0 { Err(io::Error::other("an error was answered")) } else { Ok(answer) }
    }

    pub fn region_read(&mut self, region: u32, offset: u64, bytes: u32) -> Vec<u8> {
        let body = [&offset.to_le_bytes()[..], &region.to_le_bytes(), &bytes.to_le_bytes()].concat();
        self.call(9, &body, None).unwrap().split_off(16)
    }

    /// A write with an answer, or a posted one.
    pub fn region_write(&mut self, region: u32, offset: u64, data: &[u8], posted: bool) {
        let bytes = data.len() as u32;
        let body = [&offset.to_le_bytes()[..], &region.to_le_bytes(), &bytes.to_le_bytes(), data].concat();
        if posted {
            self.send(10, &body, None, 1 << 4);
        } else {
            self.call(10, &body, None).unwrap();
        }
    }

    pub fn config(&mut self, offset: u64) -> u32 {
        u32::from_le_bytes(self.region_read(CONFIG, offset, 4).try_into().unwrap())
    }

    pub fn master(&mut self, on: bool) {
        self.region_write(CONFIG, 4, &if on { BUS_MASTER } else { 0 }.to_le_bytes(), false);
    }

    fn map_of(address: u64, offset: u64, bytes: u64, flags: u32) -> Vec<u8> {
        let head = [32u32, flags].map(u32::to_le_bytes).concat();
        [head, [offset, address, bytes].map(u64::to_le_bytes).concat()].concat()
    }

    /// Maps a piece of the memory.
    pub fn map(&mut self, address: u64, offset: u64, bytes: u64, flags: u32) -> io::Result<()> {
        let file = self.memory.file.try_clone()?;
        self.call(2, &Client::map_of(address, offset, bytes, flags), Some(&file)).map(drop)
    }

    /// Maps memory that the server cannot reach.
    pub fn map_without_file(&mut self, address: u64, bytes: u64) -> io::Result<()> {
        self.call(2, &Client::map_of(address, 0, bytes, 3), None).map(drop)
    }

    pub fn unmap(&mut self, address: u64, bytes: u64) {
        let head = [24u32, 0].map(u32::to_le_bytes).concat();
        self.call(3, &[head, [address, bytes].map(u64::to_le_bytes).concat()].concat(), None).unwrap();
    }

    pub fn device_reset(&mut self) {
        self.call(13, &[], None).unwrap();
    }

    /// Gives a vector an eventfd.
    pub fn vector(&mut self, number: u32) -> EventFd {
        let eventfd = EventFd::new(libc::EFD_NONBLOCK).unwrap();
        let body = [20, 0x24, MSIX, number, 1].map(u32::to_le_bytes).concat();
        // SAFETY: the descriptor was duplicated for this file alone.
        let file = unsafe { File::from_raw_fd(libc::dup(eventfd.as_raw_fd())) };
        self.call(8, &body, Some(&file)).unwrap();
        eventfd
    }

    /// Begins a message and leaves it so.
    pub fn die_in_a_message(mut self) {
        self.stream.write_all(&[1, 0, 10, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7]).unwrap();
    }
}

impl Host for Client {
    fn read(&mut self, offset: u32) -> u32 {
        u32::from_le_bytes(self.region_read(0, offset.into(), 4).try_into().unwrap())
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.region_write(0, offset.into(), &value.to_le_bytes(), true);
    }

    fn put(&mut self, address: u64, bytes: &[u8]) {
        self.memory.put((address - BASE) as usize, bytes);
    }

    fn get(&mut self, address: u64, bytes: usize) -> Vec<u8> {
        self.memory.get((address - BASE) as usize, bytes)
    }

    fn pump(&mut self) {
        std::thread::sleep(Duration::from_micros(50));
    }
}
