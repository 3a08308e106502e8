//! Builds a model into a shared library, or finds it in the cache.

use super::tool::{Tool, find};
use super::{Options, Undefined, VerilatorError, shared};
use sha2::{Digest, Sha256};
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `-fno-gnu-unique` and hidden symbols keep several models in one process apart.
const CXX_FLAGS: &[&str] = &["-std=gnu++20", "-fPIC", "-fvisibility=hidden", "-fno-gnu-unique", "-w", "-pthread"];
/// What runs in each cycle.
const FAST: &str = "-O2";
/// What runs once, when a model starts or waves are opened: long straight code, on which optimising takes minutes.
const SLOW: &str = "-O0";
/// Bytes of C++ from which on a model is compiled in several pieces: for less, reading the headers again costs more.
const PIECE: u64 = 300_000;
const CXX_ADVICE: &str = "a C++20 compiler is needed: install build-essential, or name one in CXX";

/// Path of the shared library of a model.
pub(super) fn library(top: &str, verilog: &str, wrapper: &str, options: &Options) -> Result<PathBuf, VerilatorError> {
    let tool = find()?;
    let cxx = std::env::var("CXX").ok().filter(|cxx| !cxx.is_empty()).unwrap_or_else(|| "c++".into());
    let trace = options.trace.is_some();
    let shared = shared::configuration(top, verilog);
    let flags = verilator_flags(top, options, shared.is_some());
    let defines = defines(trace);
    let compiler = Compiler { cxx, include: tool.root.join("include"), defines };
    let configuration = shared.as_deref().unwrap_or_default();
    let key = hash(&[verilog, configuration, wrapper, &tool.version, &flags.join(" "), &compiler.identity()]);
    let cache = cache(options);
    let done = cache.join(format!("{key}.so"));
    if done.is_file() {
        return Ok(done);
    }
    let _lock = lock(&cache, &key)?;
    if done.is_file() {
        return Ok(done);
    }
    let runtime = runtime(&tool, &compiler, trace, &cache)?;
    let work = Work::new(&cache, &key)?;
    write(&work.0.join("dut.v"), verilog)?;
    write(&work.0.join("shared.vlt"), configuration)?;
    write(&work.0.join("wrapper.cpp"), wrapper)?;
    run(
        Command::new(&tool.program).env("VERILATOR_ROOT", &tool.root).current_dir(&work.0).args(&flags),
        "Verilator",
        "the Verilog does not fit it, or the ports do not fit the Verilog",
    )?;
    let objects = compile(&compiler, &work.0, pieces(&work.0.join("obj"))?)?;
    run(
        Command::new(&compiler.cxx)
            .current_dir(&work.0)
            .args(CXX_FLAGS)
            .args(["-shared", "-Wl,-Bsymbolic"])
            .args(&objects)
            .arg(&runtime)
            .args(["-o", "model.so"]),
        &compiler.cxx,
        CXX_ADVICE,
    )?;
    rename(&work.0.join("model.so"), &done)?;
    Ok(done)
}

fn verilator_flags(top: &str, options: &Options, shared: bool) -> Vec<String> {
    let unknown = match options.undefined {
        Undefined::Zero => "0",
        Undefined::Random(_) => "unique",
    };
    let mut flags: Vec<String> = ["--cc", "dut.v", "--prefix", "Vdut", "--Mdir", "obj", "--top-module", top, "-O3"]
        .into_iter()
        .chain(["--x-assign", unknown, "--x-initial", unknown, "--noassert", "-Wno-fatal", "-Wno-lint", "-Wno-style"])
        .chain(["-Wno-UNOPTFLAT"])
        .map(String::from)
        .collect();
    if options.trace.is_some() {
        flags.push("--trace".into());
    }
    if shared {
        // Verilator's graph optimiser makes each instance a little different, so that they cannot be merged.
        flags.extend(["shared.vlt".into(), "-fno-dfg".into()]);
    }
    flags
}

fn defines(trace: bool) -> Vec<&'static str> {
    let mut defines = vec!["-DVERILATOR=1", "-DVM_COVERAGE=0", "-DVM_SC=0"];
    defines.extend(if trace { ["-DVM_TRACE=1", "-DVM_TRACE_VCD=1"] } else { ["-DVM_TRACE=0", "-DVM_TRACE_VCD=0"] });
    defines
}

/// How C++ is compiled.
struct Compiler {
    cxx: String,
    include: PathBuf,
    defines: Vec<&'static str>,
}

impl Compiler {
    /// All that makes a difference.
    fn identity(&self) -> String {
        let defines = self.defines.join(" ");
        [&self.cxx, CXX_FLAGS.join(" ").as_str(), FAST, SLOW, &defines].join(" ")
    }

    /// The command that makes `object` of `source`.
    fn command(&self, folder: &Path, level: &str, source: &str, object: &str) -> Command {
        let mut command = Command::new(&self.cxx);
        command.current_dir(folder).arg(level).args(CXX_FLAGS).args(&self.defines);
        command.args(["-I", "obj", "-I"]).arg(&self.include).arg("-I").arg(self.include.join("vltstd"));
        command.args(["-c", source, "-o", object]);
        command
    }
}

/// A piece of a model: a file of C++ that takes others in, and how it is compiled.
struct Piece {
    level: &'static str,
    text: String,
    bytes: u64,
}

impl Piece {
    fn of(level: &'static str, files: &[(String, u64)]) -> Piece {
        let text = files.iter().map(|(name, _)| format!("#include \"{name}\"\n")).collect();
        Piece { level, text, bytes: files.iter().map(|(_, bytes)| bytes).sum() }
    }
}

/// The pieces of what Verilator wrote: the files that run once apart from those that run in each cycle, no more than
/// [`PIECE`] in one unless it is one file.
fn pieces(obj: &Path) -> Result<Vec<Piece>, VerilatorError> {
    let file = |source| VerilatorError::File { path: obj.to_path_buf(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(obj).map_err(file)? {
        let entry = entry.map_err(file)?;
        if let Some(name) = entry.file_name().to_str().filter(|name| name.ends_with(".cpp")) {
            files.push((name.to_string(), entry.metadata().map_err(file)?.len()));
        }
    }
    files.sort();
    files.push(("wrapper.cpp".into(), 0));
    if files.iter().map(|(_, bytes)| bytes).sum::<u64>() < PIECE {
        return Ok(vec![Piece::of(FAST, &files)]);
    }
    let (slow, fast): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| name.ends_with("__Slow.cpp"));
    let mut pieces = Vec::new();
    for (level, files) in [(FAST, fast), (SLOW, slow)] {
        let (mut start, mut bytes) = (0, 0);
        for at in 0..files.len() {
            bytes += files[at].1;
            let next = files.get(at + 1).map_or(PIECE, |file| file.1);
            if bytes + next >= PIECE {
                pieces.push(Piece::of(level, &files[start..=at]));
                (start, bytes) = (at + 1, 0);
            }
        }
    }
    Ok(pieces)
}

/// Compiles all pieces, one on each processor at a time, the longest first; the objects.
fn compile(compiler: &Compiler, folder: &Path, mut pieces: Vec<Piece>) -> Result<Vec<String>, VerilatorError> {
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.bytes * if piece.level == FAST { 3 } else { 1 }));
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), VerilatorError> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = pieces.get(number) else { return Ok(()) };
            let (source, object) = (format!("piece{number}.cpp"), format!("piece{number}.o"));
            write(&folder.join(&source), &piece.text)?;
            let mut command = compiler.command(folder, piece.level, &source, &object);
            let advice = "the ports do not fit the Verilog, or it is no C++20 compiler: name one in CXX";
            run(&mut command, &compiler.cxx, advice)?;
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(pieces.len());
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let first = work();
        others
            .into_iter()
            .fold(first, |done, other| done.and(other.join().unwrap_or_else(|panic| resume_unwind(panic))))
    })?;
    Ok((0..pieces.len()).map(|number| format!("piece{number}.o")).collect())
}

/// Verilator's own C++ is the same for all models: compiled once.
fn runtime(tool: &Tool, compiler: &Compiler, trace: bool, cache: &Path) -> Result<PathBuf, VerilatorError> {
    let key = hash(&["runtime", &tool.version, &compiler.identity()]);
    let done = cache.join(format!("{key}.o"));
    if done.is_file() {
        return Ok(done);
    }
    let _lock = lock(cache, &key)?;
    if done.is_file() {
        return Ok(done);
    }
    let work = Work::new(cache, &key)?;
    let waves = if trace { "#include \"verilated_vcd_c.cpp\"\n" } else { "" };
    let text = format!("#include \"verilated.cpp\"\n#include \"verilated_threads.cpp\"\n{waves}");
    write(&work.0.join("runtime.cpp"), &text)?;
    run(&mut compiler.command(&work.0, FAST, "runtime.cpp", "runtime.o"), &compiler.cxx, CXX_ADVICE)?;
    rename(&work.0.join("runtime.o"), &done)?;
    Ok(done)
}

/// Where built models are kept.
fn cache(options: &Options) -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let workspace = || {
        let here = std::env::current_dir().ok()?;
        here.ancestors().find(|folder| folder.join("Cargo.lock").is_file()).map(|folder| folder.join("target"))
    };
    let folder = options
        .cache
        .clone()
        .or_else(|| set("DEBYE_CACHE"))
        .or_else(workspace)
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("debye")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache/debye")))
        .unwrap_or_else(|| std::env::temp_dir().join("debye"));
    folder.join("verilator")
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Held while something is built, so that it is built once; let go when it is dropped or the process ends.
fn lock(cache: &Path, key: &str) -> Result<fs::File, VerilatorError> {
    let path = cache.join(format!("{key}.lock"));
    fs::create_dir_all(cache)
        .and_then(|()| fs::File::create(&path))
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|source| VerilatorError::File { path, source })
}

/// A folder to build in, removed afterwards. What is done is renamed out of it, so nobody sees half a file.
struct Work(PathBuf);

impl Work {
    fn new(cache: &Path, key: &str) -> Result<Work, VerilatorError> {
        let path = cache.join(format!("{key}.{}", std::process::id()));
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(Work(path)),
            Err(source) => Err(VerilatorError::File { path, source }),
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What is left is a folder in a cache: no reason to fail.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write(path: &Path, text: &str) -> Result<(), VerilatorError> {
    fs::write(path, text).map_err(|source| VerilatorError::File { path: path.to_path_buf(), source })
}

fn rename(from: &Path, to: &Path) -> Result<(), VerilatorError> {
    fs::rename(from, to).map_err(|source| VerilatorError::File { path: to.to_path_buf(), source })
}

fn run(command: &mut Command, program: &str, advice: &'static str) -> Result<(), VerilatorError> {
    let output = match command.output() {
        Ok(output) => output,
        Err(source) => return Err(VerilatorError::Start { program: program.into(), advice: CXX_ADVICE, source }),
    };
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    // The first errors say it; a compiler's tail does not.
    let output = text.lines().take(40).collect::<Vec<_>>().join("\n");
    Err(VerilatorError::Refused { program: program.into(), advice, output })
}
