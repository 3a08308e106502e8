//! A virtual machine of its own: a stock Debian kernel under QEMU with an IOMMU, in which the driver's VFIO back-end meets
//! real VFIO. `scripts/guest-setup` fetches what it needs; tests that want it say "skipped" when that was not run.

mod initramfs;

use crate::data::root;
use initramfs::Initramfs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Line with which a guest's script ends, before its exit code.
const END: &str = "DEBYE-GUEST-END ";
const INIT: &str = "#!/busybox sh
/busybox mkdir -p /bin /usr /proc /sys /dev /tmp
/busybox --install -s /bin
ln -s /bash /bin/bash
ln -s /bin /usr/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
ulimit -l unlimited
for module in $(cat /modules/order); do insmod /modules/$module || echo \"module $module: failed\"; done
cd /tmp
sh /script
echo \"DEBYE-GUEST-END $?\"
poweroff -f
";

/// QEMU and the kernel.
pub struct Guest {
    folder: PathBuf,
}

/// What is to run.
#[derive(Default)]
pub struct Boot<'a> {
    /// Programs and data: path in the guest, file here.
    pub files: &'a [(&'a str, &'a Path)],
    /// A POSIX shell script (busybox).
    pub script: &'a str,
    /// Arguments of QEMU: devices.
    pub devices: &'a [String],
    /// The IOMMU stays off, as in a machine whose firmware has it switched off.
    pub without_iommu: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Ended {
    /// All that the guest printed.
    pub console: String,
    /// The script's exit code; `None` when the guest did not come to its end in time.
    pub code: Option<i32>,
    /// How long the machine ran.
    pub time: Duration,
}

impl Guest {
    /// The guest, if it was set up. Says "skipped" with the test's name if not.
    pub fn find(test: &str) -> Option<Guest> {
        let folder = root().join("target/guest");
        if folder.join(".ready").is_file() {
            return Some(Guest { folder });
        }
        eprintln!("skipped: {test}: there is no guest in target/guest (run scripts/guest-setup)");
        None
    }

    /// Boots, runs the script, and waits for the end, at most so long.
    ///
    /// # Errors
    /// A file cannot be read, or QEMU not be started.
    pub fn boot(&self, boot: &Boot, at_most: Duration) -> std::io::Result<Ended> {
        let scratch = tempfile::tempdir()?;
        let initrd = scratch.path().join("initrd");
        std::fs::write(&initrd, self.initramfs(boot)?)?;
        let root = self.folder.join("root");
        let libraries = root.join("usr/lib/x86_64-linux-gnu");
        let mut command = Command::new(root.join("usr/lib64/ld-linux-x86-64.so.2"));
        command.arg("--library-path").arg(libraries).arg(root.join("usr/bin/qemu-system-x86_64"));
        command.arg("-L").arg(root.join("usr/share/qemu")).arg("-L").arg(root.join("usr/share/seabios"));
        // Software emulation: /dev/kvm may be there and hang.
        let machine = "-machine q35,memory-backend=mem -accel tcg -cpu max -m 1024 -smp 1 -nographic -no-reboot \
             -nodefaults -serial stdio -monitor none -object memory-backend-memfd,id=mem,size=1024M,share=on";
        command.args(machine.split_whitespace());
        if !boot.without_iommu {
            command.args(["-device", "intel-iommu,intremap=on,caching-mode=on"]);
        }
        command.args(boot.devices);
        command.arg("-kernel").arg(self.folder.join("vmlinuz")).arg("-initrd").arg(&initrd);
        // On a busy machine the emulated timer is late: the kernel would take it for broken.
        command.args(["-append", "console=ttyS0 intel_iommu=on iommu=nopt no_timer_check panic=-1 quiet loglevel=4"]);
        let begin = Instant::now();
        let mut qemu = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let collect = |stream: Option<Box<dyn Read + Send>>| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                if let Some(mut stream) = stream {
                    // What came before a broken pipe is still worth showing.
                    let _ = stream.read_to_end(&mut bytes);
                }
                String::from_utf8_lossy(&bytes).into_owned()
            })
        };
        let out = collect(qemu.stdout.take().map(|s| Box::new(s) as _));
        let err = collect(qemu.stderr.take().map(|s| Box::new(s) as _));
        while qemu.try_wait()?.is_none() {
            if begin.elapsed() > at_most {
                qemu.kill()?;
                qemu.wait()?;
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let time = begin.elapsed();
        let text = |thread: std::thread::JoinHandle<String>| thread.join().unwrap_or_default();
        let console = text(out) + &text(err);
        let code = console.lines().find_map(|line| line.trim().strip_prefix(END)?.trim().parse().ok());
        Ok(Ended { console, code, time })
    }

    fn initramfs(&self, boot: &Boot) -> std::io::Result<Vec<u8>> {
        let mut archive = Initramfs::default();
        let mut folders = Vec::new();
        let mut add = |path: &str, mode, content: &[u8]| {
            let parents = path.match_indices('/').map(|(at, _)| &path[..at]);
            for parent in parents {
                if !folders.iter().any(|known| known == parent) {
                    archive.folder(parent);
                    folders.push(parent.to_string());
                }
            }
            archive.file(path, mode, content);
        };
        add("init", 0o755, INIT.as_bytes());
        add("script", 0o644, boot.script.as_bytes());
        for program in ["busybox", "bash"] {
            add(program, 0o755, &std::fs::read(self.folder.join(program))?);
        }
        for entry in std::fs::read_dir(self.folder.join("modules"))? {
            let entry = entry?;
            add(&format!("modules/{}", entry.file_name().display()), 0o644, &std::fs::read(entry.path())?);
        }
        for (path, file) in boot.files {
            add(path.trim_start_matches('/'), 0o755, &std::fs::read(file)?);
        }
        Ok(archive.finish())
    }
}
