//! A card served as a PCI function over vfio-user: what stands behind the socket is a [`Device`].
//!
//! One client at a time, one after the other; between two clients the card is as after power-on. The card works on a
//! thread of its own ([`worker`]), woken by accesses to its registers.

mod backend;
mod config_space;
mod interrupts;
mod mappings;
mod worker;

pub use mappings::{Mappings, Rights};

use super::Device;
use crate::model::ModelError;
use backend::Backend;
use debye_spec::pci;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use thiserror::Error;
use vfio_bindings::bindings::vfio::{
    VFIO_IRQ_INFO_EVENTFD, VFIO_IRQ_INFO_NORESIZE, VFIO_PCI_CONFIG_REGION_INDEX, VFIO_PCI_MSIX_IRQ_INDEX,
    VFIO_PCI_NUM_IRQS, VFIO_PCI_NUM_REGIONS, VFIO_REGION_INFO_FLAG_READ, VFIO_REGION_INFO_FLAG_WRITE, vfio_region_info,
};
use vfio_user::{IrqInfo, ServerRegion};
use worker::Worker;

/// Why a card cannot be served.
#[derive(Debug, Error)]
pub enum ServeError {
    /// Another server answers there.
    #[error("{}: another server listens on this socket: give another name, or end that server first", .0.display())]
    InUse(PathBuf),
    /// Something else stands there.
    #[error("{}: this is no socket, so it is not replaced: give another name", .0.display())]
    NoSocket(PathBuf),
    /// The socket could not be made.
    #[error("{}: the socket could not be made", path.display())]
    Bind {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No client could be accepted.
    #[error("no client could be accepted on the socket")]
    Accept(#[source] vfio_user::Error),
    /// The thread of the card could not be started.
    #[error("the card's thread could not be started")]
    Thread(#[source] io::Error),
    /// The model failed.
    #[error("the card's model failed")]
    Model(#[from] ModelError),
}

/// What a client left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// It reached the card: more than a connection that was closed again.
    pub touched: bool,
    /// It ended in the middle of a message, or sent what is none.
    pub broken: bool,
}

/// See the module.
pub struct Server {
    server: vfio_user::Server,
    backend: Backend,
    name: SocketName,
}

/// The name of a server's socket.
#[derive(Clone, Debug)]
pub struct SocketName {
    path: PathBuf,
    /// Device and inode.
    identity: Option<(u64, u64)>,
}

impl SocketName {
    fn identity_of(path: &Path) -> Option<(u64, u64)> {
        fs::symlink_metadata(path).ok().map(|there| (there.dev(), there.ino()))
    }

    /// Removes it, if what stands there is still this server's.
    pub fn remove(&self) {
        if self.identity.is_some() && SocketName::identity_of(&self.path) == self.identity {
            // A name that somebody else takes away is no reason to complain.
            fs::remove_file(&self.path).ok();
        }
    }
}

/// A name on which nobody listens; what a dead server left there is removed.
fn free_name(path: &Path) -> Result<(), ServeError> {
    let bind = |source| ServeError::Bind { path: path.into(), source };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(bind(error)),
        Ok(there) if !there.file_type().is_socket() => Err(ServeError::NoSocket(path.into())),
        Ok(_) => match UnixStream::connect(path) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(bind),
            // Also one whose queue of clients is full, or whose socket is another user's, is alive.
            _ => Err(ServeError::InUse(path.into())),
        },
    }
}

fn regions() -> Vec<ServerRegion> {
    let bytes = |index| match index {
        pci::REGISTER_BAR => pci::REGISTER_BYTES,
        pci::MSIX_BAR => pci::MSIX_BYTES,
        VFIO_PCI_CONFIG_REGION_INDEX => config_space::BYTES as u64,
        _ => 0,
    };
    let region = |index| vfio_region_info {
        argsz: size_of::<vfio_region_info>() as u32,
        index,
        size: bytes(index),
        flags: if bytes(index) > 0 { VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE } else { 0 },
        ..vfio_region_info::default()
    };
    (0..VFIO_PCI_NUM_REGIONS)
        .map(|index| ServerRegion { region_info: region(index), sparse_areas: vec![], mmap_fd: None })
        .collect()
}

fn irqs(vectors: u32) -> Vec<IrqInfo> {
    let irq = |index| match index {
        VFIO_PCI_MSIX_IRQ_INDEX => {
            IrqInfo { index, flags: VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE, count: vectors }
        }
        _ => IrqInfo { index, flags: 0, count: 0 },
    };
    (0..VFIO_PCI_NUM_IRQS).map(irq).collect()
}

impl Server {
    /// Listens on a socket for clients of a card with so many queues.
    ///
    /// # Errors
    /// [`ServeError`]: the name is taken, or the socket cannot be made.
    pub fn bind(path: &Path, device: Box<dyn Device>, queues: u32) -> Result<Server, ServeError> {
        free_name(path)?;
        let bind = |source| ServeError::Bind { path: path.into(), source };
        let listener = UnixListener::bind(path).map_err(bind)?;
        let subsystem = device.subsystem();
        let worker = Worker::start(device, queues as usize).map_err(ServeError::Thread)?;
        let server = vfio_user::Server::from_owned_fd(OwnedFd::from(listener), true, irqs(queues), regions());
        let name = SocketName { path: path.into(), identity: SocketName::identity_of(path) };
        Ok(Server { server, backend: Backend::new(worker, queues as u16, subsystem), name })
    }

    /// Its socket, for whoever ends the process.
    pub fn socket_name(&self) -> SocketName {
        self.name.clone()
    }

    /// Serves the next client until it goes, however it goes.
    ///
    /// # Errors
    /// [`ServeError::Accept`], [`ServeError::Model`].
    pub fn serve_client(&mut self) -> Result<Visit, ServeError> {
        let (server, backend) = (&self.server, &mut self.backend);
        // The library gives up, by a panic, on some messages that are none.
        let end = catch_unwind(AssertUnwindSafe(|| server.run(backend)));
        let touched = self.backend.power_cycle()?;
        match end {
            Ok(Err(error @ vfio_user::Error::SocketAccept(_))) => Err(ServeError::Accept(error)),
            Ok(Ok(())) => Ok(Visit { touched, broken: false }),
            Ok(Err(_)) | Err(_) => Ok(Visit { touched, broken: true }),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.name.remove();
    }
}
