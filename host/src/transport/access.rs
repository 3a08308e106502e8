//! Whether this process may drive a card behind the kernel, and what is to be done if not.

use super::sysfs::{Found, System};
use super::{PciIdentity, TransportError};
use std::fs::{self, OpenOptions};
use std::io;

/// Whether a function can be opened at all; its IOMMU group. The first thing that is to be done is told.
pub(super) fn check(system: &System, found: &Found) -> Result<String, TransportError> {
    let address = || found.function.clone();
    // Whoever bound another device to vfio-pci meant it: tests drive one so.
    if found.driver.as_deref() != Some("vfio-pci") && !found.is_card() {
        let PciIdentity { vendor, device, .. } = found.identity;
        return Err(TransportError::Other { address: address(), vendor, device });
    }
    // Without an IOMMU binding does not help.
    let group = found.group.clone().ok_or_else(|| TransportError::NoIommu { address: address() })?;
    match &found.driver {
        Some(driver) if driver == "vfio-pci" => {}
        Some(driver) => return Err(TransportError::NotBound { address: address(), driver: driver.clone() }),
        None => return Err(TransportError::Unbound { address: address() }),
    }
    for path in [system.vfio("vfio"), system.vfio(&group)] {
        let opened = OpenOptions::new().read(true).write(true).open(&path);
        match opened.map_err(|error| (error.kind(), error.raw_os_error())) {
            Ok(_) => {}
            Err((io::ErrorKind::NotFound, _)) => return Err(TransportError::NoVfio { path }),
            Err((io::ErrorKind::PermissionDenied, _)) => return Err(TransportError::Permission { path }),
            Err((_, Some(libc::EBUSY))) => return Err(TransportError::Busy { path }),
            Err((kind, _)) => {
                let error = kind.into();
                return Err(TransportError::System { address: address(), what: "opening the IOMMU group", error });
            }
        }
    }
    Ok(group)
}

/// Refuses before the kernel does, with a sentence that says what to do: this card has `locked` bytes, `wanted` more are
/// to be. What other cards of this process have counts too.
pub(super) fn check_lock(locked: usize, wanted: usize) -> Result<(), TransportError> {
    let Some(limit) = memory_lock_limit() else { return Ok(()) };
    let kib = status("VmLck:").and_then(|text| text.trim_end_matches(" kB").parse::<usize>().ok());
    let locked = locked.max(kib.unwrap_or(0) << 10);
    if (locked + wanted) as u64 > limit { Err(TransportError::LockedMemory { wanted, locked, limit }) } else { Ok(()) }
}

/// What the kernel says of this thread and its process.
fn status(field: &str) -> Option<String> {
    let text = fs::read_to_string("/proc/thread-self/status").ok()?;
    text.lines().find_map(|line| line.strip_prefix(field)).map(|value| value.trim().to_owned())
}

/// Bytes that this process may lock; `None`: as many as there are.
pub fn memory_lock_limit() -> Option<u64> {
    const CAP_IPC_LOCK: u32 = 14;
    let capabilities = status("CapEff:").and_then(|text| u64::from_str_radix(&text, 16).ok()).unwrap_or(0);
    if capabilities >> CAP_IPC_LOCK & 1 != 0 {
        return None;
    }
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: writes the structure that is given.
    let status = unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &mut limit) };
    (status == 0 && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
}

#[cfg(test)]
mod tests {
    use super::super::machine::Machine;
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const CARD: &str = "0000:65:00.0";

    fn told(machine: &Machine, found: &Found) -> String {
        check(&machine.system(), found).unwrap_err().to_string()
    }

    /// On a thread that is no longer root's: the kernel keeps these rights for each thread apart.
    fn as_ordinary_user<T: Send>(body: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let header = [0x2008_0522u32, 0];
                let none = [0u32; 6];
                // SAFETY: capset's third version reads a header of two words and two sets of three. No rights, then.
                let status = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) };
                assert_eq!(status, 0, "{}", io::Error::last_os_error());
                body()
            });
            thread.join().expect("the body holds")
        })
    }

    #[test]
    fn check_another_device_is_left_alone() {
        let machine = Machine::new();
        let disk = machine.function(CARD, 0x8086, 1, Some("ahci"), Some("7"));
        assert!(told(&machine, &disk).starts_with("0000:65:00.0 is no Debye card: it is 8086:0001"));
    }

    #[test]
    fn check_without_an_iommu_says_how_to_switch_it_on() {
        let machine = Machine::new();
        for driver in [None, Some("vfio-pci")] {
            let card = machine.card(CARD, driver, None);
            assert!(told(&machine, &card).contains("start the kernel with intel_iommu=on"));
        }
    }

    #[test]
    fn check_with_another_driver_or_none_says_how_to_bind() {
        let machine = Machine::new();
        let unbound = machine.card(CARD, None, Some("7"));
        assert!(told(&machine, &unbound).contains("bind it with `scripts/bind-vfio 0000:65:00.0`"));
        let xdma = machine.card(CARD, Some("xdma"), Some("7"));
        let told = told(&machine, &xdma);
        assert!(told.contains("is bound to xdma, not to vfio-pci: bind it with `scripts/bind-vfio"), "{told}");
    }

    #[test]
    fn check_device_files_that_are_missing_or_closed_to_the_user_are_named_with_what_helps() {
        let machine = Machine::new();
        let card = machine.card(CARD, Some("vfio-pci"), Some("7"));
        let missing = told(&machine, &card);
        assert!(missing.contains("dev/vfio/vfio does not exist") && missing.contains("modprobe vfio-pci"), "{missing}");
        machine.write("dev/vfio/vfio", "");
        assert!(told(&machine, &card).contains("dev/vfio/7 does not exist"));
        let group = machine.write("dev/vfio/7", "");
        assert_eq!(check(&machine.system(), &card).unwrap(), "7");
        fs::set_permissions(group, fs::Permissions::from_mode(0o000)).unwrap();
        let closed = as_ordinary_user(|| told(&machine, &card));
        assert!(closed.contains("dev/vfio/7 may not be opened by this user: join the group that owns it"), "{closed}");
    }

    #[test]
    fn check_lock_beyond_the_limit_says_how_to_raise_it_before_the_kernel_refuses() {
        const LIMIT: u64 = 64 << 10;
        let mut before = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: writes the structure that is given.
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &mut before) }, 0);
        let lowered = libc::rlimit { rlim_cur: LIMIT.min(before.rlim_max), ..before };
        // SAFETY: reads the structure that is given. Nothing else in these tests locks memory.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &lowered) }, 0);
        let (limit, fits, refused, elsewhere, kernel) = as_ordinary_user(|| {
            let pages = |bytes| memmap2::MmapMut::map_anon(bytes).unwrap();
            let kernel = pages(2 * LIMIT as usize).lock().map_err(|error| error.raw_os_error());
            let (fits, refused) = (check_lock(4096, 60 << 10), check_lock(4097, 60 << 10));
            let other = pages(32 << 10);
            other.lock().unwrap();
            (memory_lock_limit(), fits, refused, check_lock(0, 60 << 10), kernel)
        });
        // SAFETY: as above.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &before) }, 0);
        assert_eq!((limit, kernel), (Some(lowered.rlim_cur), Err(Some(libc::ENOMEM))));
        assert!(fits.is_ok());
        let told = refused.unwrap_err().to_string();
        assert!(
            told.starts_with("61440 bytes more of locked memory are needed, 4097 are in use and the limit is 65536")
        );
        assert!(told.contains("`ulimit -l unlimited` or LimitMEMLOCK=infinity"), "{told}");
        let elsewhere = elsewhere.unwrap_err().to_string();
        assert!(elsewhere.contains("are needed, 32768 are in use"), "what is locked elsewhere counts: {elsewhere}");
    }
}
