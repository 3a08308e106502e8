//! A machine that is a folder: what the kernel would tell of one with cards in it.

use super::sysfs::{Found, System};
use debye_spec::pci;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

/// See the module.
pub(super) struct Machine(tempfile::TempDir);

impl Machine {
    pub(super) fn new() -> Machine {
        let folder = tempfile::tempdir().unwrap();
        // Whoever may not open a device may still see it.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Machine(folder)
    }

    pub(super) fn system(&self) -> System {
        System::at(self.0.path())
    }

    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// A card of ours, and what is found of it.
    pub(super) fn card(&self, name: &str, driver: Option<&str>, group: Option<&str>) -> Found {
        self.function(name, pci::VENDOR, pci::DEVICE, driver, group)
    }

    pub(super) fn function(
        &self,
        name: &str,
        vendor: u16,
        device: u16,
        driver: Option<&str>,
        group: Option<&str>,
    ) -> Found {
        let place = format!("sys/bus/pci/devices/{name}");
        for (file, value) in [("vendor", vendor), ("device", device)] {
            self.write(&format!("{place}/{file}"), &format!("{value:#06x}\n"));
        }
        let links = [("driver", "../../drivers", driver), ("iommu_group", "../../../../kernel/iommu_groups", group)];
        for (link, folder, target) in links {
            let link = self.0.path().join(&place).join(link);
            fs::remove_file(&link).ok();
            if let Some(target) = target {
                symlink(format!("{folder}/{target}"), link).unwrap();
            }
        }
        self.system().look(name).unwrap()
    }
}
