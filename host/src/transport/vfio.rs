//! A card behind the kernel's vfio-pci: group and container, so that it works with every kernel that has VFIO.
//!
//! `vfio-ioctls` does what it tells the outcome of; accesses to registers and the reset, whose errors it swallows, are
//! made here.

use super::access::{check, check_lock};
use super::events::{Events, wait_any};
use super::iova::Allocator;
use super::sysfs::System;
use super::{ALL_ONES, Dma, PciIdentity, Transport, TransportError};
use debye_spec::pci;
use debye_spec::ring_map::MAX_QUEUES;
use memmap2::{MmapOptions, MmapRaw};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use vfio_bindings::bindings::vfio;
use vfio_ioctls::{VfioContainer, VfioDevice, VfioError, VfioOps};

const BAR: u32 = vfio::VFIO_PCI_BAR0_REGION_INDEX;
const CONFIG: u32 = vfio::VFIO_PCI_CONFIG_REGION_INDEX;
const MSI: u32 = vfio::VFIO_PCI_MSI_IRQ_INDEX;
const MSIX: u32 = vfio::VFIO_PCI_MSIX_IRQ_INDEX;
/// `_IO(VFIO_TYPE, VFIO_BASE + 11)`.
const DEVICE_RESET: libc::c_ulong = ((vfio::VFIO_TYPE as u32) << 8 | (vfio::VFIO_BASE + 11)) as libc::c_ulong;
/// Offset of the command register, and its bits for memory and bus master.
const COMMAND: u64 = 4;
const MEMORY_AND_MASTER: u16 = 6;

/// See the module.
pub struct Vfio {
    function: String,
    identity: PciIdentity,
    node: Option<u32>,
    // Fields are dropped in this order: registers, device, then the container.
    registers: Option<MmapRaw>,
    device: VfioDevice,
    container: Arc<VfioContainer>,
    addresses: Allocator,
    mapped: Vec<Dma>,
    events: Events,
    gone: bool,
}

impl Vfio {
    /// Opens the function `0000:65:00.0`.
    ///
    /// # Errors
    /// [`TransportError`], with what to do.
    pub fn open(function: &str) -> Result<Vfio, TransportError> {
        Vfio::open_within(function, Allocator::new(&[]))
    }

    /// Opens a function that reaches other addresses than a card of ours does. Devices without MSI-X are heard by MSI.
    ///
    /// # Errors
    /// As [`Vfio::open`].
    pub fn open_within(function: &str, mut addresses: Allocator) -> Result<Vfio, TransportError> {
        let address = || format!("vfio:{function}");
        let system = System::default();
        let found = system.look(function).ok_or_else(|| TransportError::NoDevice { address: function.into() })?;
        let group = check(&system, &found)?;
        let refused = |error: VfioError| refusal(function, &group, error);
        let container = Arc::new(VfioContainer::new(None).map_err(refused)?);
        let operations: Arc<dyn VfioOps> = container.clone();
        let device = VfioDevice::new(&system.folder(function), operations, true).map_err(refused)?;
        let bytes = device.get_region_size(BAR);
        if bytes < pci::REGISTER_BYTES {
            return Err(TransportError::Bar { address: address(), bytes, needed: pci::REGISTER_BYTES });
        }
        let refusal_of =
            |what| move |error| TransportError::System { address: format!("vfio:{function}"), what, error };
        addresses.reserve(&system.reserved(&group));
        let [msix, msi] = [MSIX, MSI].map(|index| device.get_irq_info(index).map_or(0, |irq| irq.count));
        let vectors = if msix > 0 { msix } else { msi }.min(MAX_QUEUES);
        let events = Events::new(vectors).map_err(refusal_of("making event descriptors"))?;
        let mut card = Vfio {
            function: function.into(),
            identity: found.identity,
            node: found.node,
            registers: map_registers(&device),
            device,
            container,
            addresses,
            mapped: Vec::new(),
            events,
            gone: false,
        };
        card.set_bus_master().map_err(refusal_of("setting bus master"))?;
        if vectors > 0 {
            let events = card.events.all().iter().collect();
            let enabled = if msix > 0 { card.device.enable_msix(events) } else { card.device.enable_msi(events) };
            enabled.map_err(refused)?;
        }
        Ok(card)
    }

    /// vfio-pci clears it when a device is opened, and so does every reset.
    fn set_bus_master(&mut self) -> io::Result<()> {
        let mut command = [0; 2];
        self.read_region(CONFIG, COMMAND, &mut command)?;
        let command = u16::from_le_bytes(command) | MEMORY_AND_MASTER;
        self.write_region(CONFIG, COMMAND, &command.to_le_bytes())
    }

    fn place(&self, region: u32, offset: u64, bytes: usize) -> io::Result<libc::off_t> {
        let inside = offset.checked_add(bytes as u64).is_some_and(|end| end <= self.device.get_region_size(region));
        let place = self.device.get_region_offset(region).checked_add(offset).filter(|_| inside);
        place.and_then(|place| place.try_into().ok()).ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }

    fn read_region(&self, region: u32, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let place = self.place(region, offset, bytes.len())?;
        // SAFETY: the buffer has as many bytes.
        let count = unsafe { libc::pread(self.device.as_raw_fd(), bytes.as_mut_ptr().cast(), bytes.len(), place) };
        whole(count, bytes.len())
    }

    fn write_region(&self, region: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let place = self.place(region, offset, bytes.len())?;
        // SAFETY: the buffer has as many bytes.
        let count = unsafe { libc::pwrite(self.device.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), place) };
        whole(count, bytes.len())
    }

    /// The register's place in the mapped BAR.
    fn register(&self, offset: u32) -> Option<*mut u32> {
        let map = self.registers.as_ref()?;
        let inside = offset.is_multiple_of(4) && offset as usize + 4 <= map.len();
        // SAFETY: within the mapping.
        inside.then(|| unsafe { map.as_mut_ptr().add(offset as usize).cast() })
    }

    fn system(&self, what: &'static str) -> impl Fn(io::Error) -> TransportError {
        let address = self.address();
        move |error| TransportError::System { address: address.clone(), what, error }
    }
}

fn whole(count: isize, bytes: usize) -> io::Result<()> {
    match usize::try_from(count) {
        Ok(count) if count == bytes => Ok(()),
        Ok(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

/// What the library's errors mean for the user.
fn refusal(function: &str, group: &str, error: VfioError) -> TransportError {
    let path = || Path::new("/dev/vfio").join(group);
    let address = || format!("vfio:{function}");
    match error {
        VfioError::OpenContainer(error) | VfioError::OpenGroup(error, _) => match error.kind() {
            io::ErrorKind::PermissionDenied => TransportError::Permission { path: path() },
            io::ErrorKind::NotFound => TransportError::NoVfio { path: path() },
            io::ErrorKind::ResourceBusy => TransportError::Busy { path: path() },
            _ => TransportError::System { address: address(), what: "opening the IOMMU group", error },
        },
        VfioError::GroupViable => TransportError::NotViable { address: function.into(), group: group.into() },
        error => {
            TransportError::System { address: address(), what: "opening through VFIO", error: io::Error::other(error) }
        }
    }
}

/// BAR 0 as memory; `None` where the kernel wants every access to be asked for, or leaves out parts of it.
fn map_registers(device: &VfioDevice) -> Option<MmapRaw> {
    let mappable = device.get_region_flags(BAR) & vfio::VFIO_REGION_INFO_FLAG_MMAP != 0;
    if !mappable || !device.get_region_caps(BAR).is_empty() {
        return None;
    }
    let bytes = usize::try_from(device.get_region_size(BAR)).ok()?;
    MmapOptions::new().len(bytes).offset(device.get_region_offset(BAR)).map_raw(device.as_raw_fd()).ok()
}

impl Transport for Vfio {
    fn address(&self) -> String {
        format!("vfio:{}", self.function)
    }

    fn identity(&self) -> PciIdentity {
        self.identity
    }

    fn read(&mut self, offset: u32) -> u32 {
        if self.gone {
            return ALL_ONES;
        }
        match self.register(offset) {
            // SAFETY: the place is in the mapped BAR and aligned; registers are read as they are.
            Some(register) => u32::from_le(unsafe { register.read_volatile() }),
            None => {
                let mut bytes = [0xff; 4];
                match self.read_region(BAR, offset.into(), &mut bytes) {
                    Ok(()) => u32::from_le_bytes(bytes),
                    Err(_) => ALL_ONES,
                }
            }
        }
    }

    fn write(&mut self, offset: u32, value: u32) {
        if self.gone {
            return;
        }
        match self.register(offset) {
            // SAFETY: as in `read`.
            Some(register) => unsafe { register.write_volatile(value.to_le()) },
            // A write that fails is one that does not arrive: whoever needs it to reads the register after it.
            None => _ = self.write_region(BAR, offset.into(), &value.to_le_bytes()),
        }
    }

    fn map(&mut self, bytes: usize) -> Result<Dma, TransportError> {
        let iova = self.addresses.take(bytes as u64).ok_or(TransportError::Addresses { bytes })?;
        let mapped = Dma::allocate(bytes, iova, self.node).and_then(|dma| {
            check_lock(self.mapped.iter().map(Dma::bytes).sum(), dma.bytes())?;
            // SAFETY: the memory is a mapping to which no reference is ever made; it lives in `mapped` until it is
            // unmapped, or until the container is closed with all its mappings.
            let done = unsafe { self.container.vfio_dma_map(iova, dma.bytes(), dma.pointer()) };
            done.map_err(|error| self.system("mapping memory")(io::Error::other(error)))?;
            Ok(dma)
        });
        match &mapped {
            Ok(dma) => self.mapped.push(dma.clone()),
            Err(_) => _ = self.addresses.give_back(iova),
        }
        mapped
    }

    fn unmap(&mut self, dma: &Dma) -> Result<(), TransportError> {
        let iova = dma.iova();
        let at = self.mapped.iter().position(|mapped| mapped.iova() == iova);
        let at = at.ok_or(TransportError::NotMapped { iova })?;
        let done = self.container.vfio_dma_unmap(iova, dma.bytes());
        done.map_err(|error| self.system("unmapping memory")(io::Error::other(error)))?;
        self.mapped.swap_remove(at);
        self.addresses.give_back(iova);
        Ok(())
    }

    fn vectors(&self) -> u32 {
        self.events.count()
    }

    fn signals(&self) -> Vec<RawFd> {
        self.events.descriptors()
    }

    fn wait(&mut self, vector: u32, timeout: Duration) -> Result<bool, TransportError> {
        let descriptors = self.events.descriptors();
        let Some(&event) = descriptors.get(vector as usize) else {
            return Err(TransportError::Vector { vector, vectors: self.vectors() });
        };
        if !self.events.taken(vector) {
            wait_any(&[event], timeout).map_err(self.system("waiting for an interrupt"))?;
            return Ok(self.events.taken(vector));
        }
        Ok(true)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        // SAFETY: the call takes no argument.
        if unsafe { libc::ioctl(self.device.as_raw_fd(), DEVICE_RESET as _) } < 0 {
            return Err(self.system("the reset")(io::Error::last_os_error()));
        }
        self.set_bus_master().map_err(self.system("setting bus master"))
    }

    fn is_gone(&self) -> bool {
        self.gone
    }

    fn give_up(&mut self) {
        self.gone = true;
    }
}
