//! A terminal as a pipe of bytes: raw, at a rate, with a limit for every wait.

use super::{SerialAddress, SerialError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::termios::{ControlModes, OptionalActions, QueueSelector, ioctl_tiocexcl, tcflush, tcgetattr, tcsetattr};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// See the module.
#[derive(Debug)]
pub struct Port {
    terminal: OwnedFd,
    path: PathBuf,
    baud: u32,
}

impl Port {
    /// Opens a terminal; what came before is dropped.
    ///
    /// # Errors
    /// It is none, is in use, or cannot do that rate.
    pub fn open(address: &SerialAddress) -> Result<Port, SerialError> {
        let SerialAddress { path, baud } = address.clone();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let terminal = open(&path, flags, Mode::empty()).map_err(|error| match error {
            Errno::NOENT | Errno::NXIO | Errno::NODEV => SerialError::NoTerminal(path.clone()),
            Errno::ACCESS | Errno::PERM => SerialError::Permission(path.clone()),
            Errno::BUSY => SerialError::Busy(path.clone()),
            Errno::ISDIR => SerialError::NotATerminal(path.clone()),
            error => SerialError::System { path: path.clone(), error: error.into() },
        })?;
        let port = Port { terminal, path: path.clone(), baud };
        let mut modes = tcgetattr(&port.terminal).map_err(|error| match error {
            Errno::NOTTY => SerialError::NotATerminal(path.clone()),
            error => port.system(error),
        })?;
        modes.make_raw();
        modes.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
        modes.control_modes -= ControlModes::CRTSCTS | ControlModes::CSTOPB | ControlModes::PARENB;
        let rate = |error: Errno| SerialError::Baud { path: path.clone(), baud, error: error.into() };
        modes.set_speed(baud).map_err(rate)?;
        tcsetattr(&port.terminal, OptionalActions::Now, &modes).map_err(rate)?;
        ioctl_tiocexcl(&port.terminal).map_err(|error| port.system(error))?;
        tcflush(&port.terminal, QueueSelector::IOFlush).map_err(|error| port.system(error))?;
        Ok(port)
    }

    /// The terminal.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Time that so many bytes take on the line.
    pub fn time_of(&self, bytes: usize) -> Duration {
        Duration::from_secs_f64(10.0 * bytes as f64 / f64::from(self.baud))
    }

    fn system(&self, error: Errno) -> SerialError {
        match error {
            Errno::IO | Errno::NODEV | Errno::NXIO | Errno::BADF => SerialError::Gone(self.path.clone()),
            error => SerialError::System { path: self.path.clone(), error: error.into() },
        }
    }

    /// Waits until bytes can be read or written; says whether they can.
    fn wait(&self, flags: PollFlags, until: Instant) -> Result<bool, SerialError> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
            let mut fds = [PollFd::new(&self.terminal, flags)];
            match poll(&mut fds, Some(&timeout)) {
                Ok(0) => return Ok(false),
                Ok(_) if fds[0].revents().intersects(flags) => return Ok(true),
                Ok(_) => return Err(SerialError::Gone(self.path.clone())),
                Err(Errno::INTR) => {}
                Err(error) => return Err(self.system(error)),
            }
        }
    }

    /// Writes all of it, for no longer than until then.
    ///
    /// # Errors
    /// The terminal is gone; or nothing takes the bytes.
    pub fn write(&mut self, mut bytes: &[u8], until: Instant) -> Result<(), SerialError> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.terminal, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if !self.wait(PollFlags::OUT, until)? {
                        let error = io::ErrorKind::TimedOut.into();
                        return Err(SerialError::System { path: self.path.clone(), error });
                    }
                }
                Err(error) => return Err(self.system(error)),
            }
        }
        Ok(())
    }

    /// Reads what has come; nothing if nothing comes until then.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn read(&mut self, bytes: &mut [u8], until: Instant) -> Result<usize, SerialError> {
        loop {
            match rustix::io::read(&self.terminal, &mut *bytes) {
                // Raw, and not blocking: an end is the other side's.
                Ok(0) => return Err(SerialError::Gone(self.path.clone())),
                Ok(count) => return Ok(count),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if !self.wait(PollFlags::IN, until)? {
                        return Ok(0);
                    }
                }
                Err(error) => return Err(self.system(error)),
            }
        }
    }
}
