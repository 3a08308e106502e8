//! Builds a model into a shared library, or finds it in the cache.

use super::tool::{Tool, find};
use super::{Options, Undefined, VerilatorError};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `-fno-gnu-unique` and hidden symbols keep several models in one process apart.
const CXX_FLAGS: &[&str] =
    &["-O2", "-std=gnu++20", "-fPIC", "-fvisibility=hidden", "-fno-gnu-unique", "-w", "-pthread"];
const CXX_ADVICE: &str = "a C++20 compiler is needed: install build-essential, or name one in CXX";

/// Path of the shared library of a model.
pub(super) fn library(top: &str, verilog: &str, wrapper: &str, options: &Options) -> Result<PathBuf, VerilatorError> {
    let tool = find()?;
    let cxx = std::env::var("CXX").ok().filter(|cxx| !cxx.is_empty()).unwrap_or_else(|| "c++".into());
    let trace = options.trace.is_some();
    let flags = verilator_flags(top, options);
    let defines = defines(trace);
    let key =
        hash(&[verilog, wrapper, &tool.version, &cxx, &flags.join(" "), &CXX_FLAGS.join(" "), &defines.join(" ")]);
    let cache = cache(options);
    let done = cache.join(format!("{key}.so"));
    if done.is_file() {
        return Ok(done);
    }
    let _lock = lock(&cache, &key)?;
    if done.is_file() {
        return Ok(done);
    }
    let runtime = runtime(&tool, &cxx, trace, &cache)?;
    let work = Work::new(&cache, &key)?;
    write(&work.0.join("dut.v"), verilog)?;
    write(&work.0.join("wrapper.cpp"), wrapper)?;
    run(
        Command::new(&tool.program).env("VERILATOR_ROOT", &tool.root).current_dir(&work.0).args(&flags),
        "Verilator",
        "the Verilog does not fit it, or the ports do not fit the Verilog",
    )?;
    write(&work.0.join("unity.cpp"), &unity(&work.0.join("obj"))?)?;
    let include = tool.root.join("include");
    run(
        Command::new(&cxx)
            .current_dir(&work.0)
            .args(CXX_FLAGS)
            .args(&defines)
            .args(["-shared", "-Wl,-Bsymbolic", "-I", "obj", "-I"])
            .arg(&include)
            .arg("-I")
            .arg(include.join("vltstd"))
            .arg("unity.cpp")
            .arg(&runtime)
            .args(["-o", "model.so"]),
        &cxx,
        "the ports do not fit the Verilog, or it is no C++20 compiler: name one in CXX",
    )?;
    rename(&work.0.join("model.so"), &done)?;
    Ok(done)
}

fn verilator_flags(top: &str, options: &Options) -> Vec<String> {
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
    flags
}

fn defines(trace: bool) -> Vec<&'static str> {
    let mut defines = vec!["-DVERILATOR=1", "-DVM_COVERAGE=0", "-DVM_SC=0"];
    defines.extend(if trace { ["-DVM_TRACE=1", "-DVM_TRACE_VCD=1"] } else { ["-DVM_TRACE=0", "-DVM_TRACE_VCD=0"] });
    defines
}

/// Verilator's own C++ is the same for all models: compiled once.
fn runtime(tool: &Tool, cxx: &str, trace: bool, cache: &Path) -> Result<PathBuf, VerilatorError> {
    let defines = defines(trace);
    let key = hash(&["runtime", &tool.version, cxx, &CXX_FLAGS.join(" "), &defines.join(" ")]);
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
    let include = tool.root.join("include");
    run(
        Command::new(cxx)
            .current_dir(&work.0)
            .args(CXX_FLAGS)
            .args(&defines)
            .arg("-I")
            .arg(&include)
            .arg("-I")
            .arg(include.join("vltstd"))
            .args(["-c", "runtime.cpp", "-o", "runtime.o"]),
        cxx,
        CXX_ADVICE,
    )?;
    rename(&work.0.join("runtime.o"), &done)?;
    Ok(done)
}

/// One translation unit of all that Verilator wrote, and the wrapper.
fn unity(obj: &Path) -> Result<String, VerilatorError> {
    let file = |source| VerilatorError::File { path: obj.to_path_buf(), source };
    let entries = fs::read_dir(obj).map_err(file)?.collect::<Result<Vec<_>, _>>().map_err(file)?;
    let mut names: Vec<String> = entries.iter().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".cpp"));
    names.sort();
    Ok(names.iter().map(|name| format!("#include \"{name}\"\n")).chain(["#include \"wrapper.cpp\"\n".into()]).collect())
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
