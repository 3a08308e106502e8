//! A loaded model.

use super::{Options, Undefined, VerilatorError, build, wrapper};
use debye_hdl::base::pins::{Pins, Port};
use libloading::Library;
use std::ffi::{CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::sync::{Arc, OnceLock};

type New = unsafe extern "C" fn(u32, u32) -> *mut c_void;
type Delete = unsafe extern "C" fn(*mut c_void) -> c_int;
type Traced = unsafe extern "C" fn(*mut c_void, *const c_char, u64, u64);
type Settle = unsafe extern "C" fn(*mut c_void, *const u64, *mut u64);
type Ticks = unsafe extern "C" fn(*mut c_void, u64, *const u64, *mut u64);

/// Emitted Verilog that runs. One clock, named `clock`; all other ports are in [`Pins::ports`].
pub struct VerilatorModel {
    ports: Vec<Port>,
    /// First limb and number of limbs of each port, in `inputs` or `outputs`.
    places: Vec<(usize, usize)>,
    inputs: Vec<u64>,
    outputs: Vec<u64>,
    stale: bool,
    handle: *mut c_void,
    settle: Settle,
    ticks: Ticks,
    delete: Delete,
    /// Where it is left why waves could not be written.
    failed: Option<Arc<OnceLock<String>>>,
    /// Last: what is above points into it.
    _library: Library,
}

// SAFETY: the handle is owned by this value alone, and the model behind it holds no reference to the thread that made
// it: its context goes with it, and where the runtime asks for the context of the thread, the wrapper sets it before.
unsafe impl Send for VerilatorModel {}

impl VerilatorModel {
    /// Builds module `top` of `verilog`, or takes it from the cache, and starts it with all inputs 0. `ports` are those
    /// of the module without `clock`, in any order.
    pub fn build(
        top: &str,
        verilog: &str,
        ports: &[Port],
        options: &Options,
    ) -> Result<VerilatorModel, VerilatorError> {
        wrapper::check(ports)?;
        let library = build::library(top, verilog, &wrapper::wrapper(ports), options)?;
        let (mut input, mut output) = (0, 0);
        let mut places = Vec::new();
        for port in ports {
            let (at, limbs) = (if port.input { &mut input } else { &mut output }, wrapper::limbs(port));
            places.push((*at, limbs));
            *at += limbs;
        }
        // SAFETY: the library was made by `build` from our wrapper; loading it runs C++'s own constructors alone.
        let library = unsafe { Library::new(&library) }?;
        // SAFETY: the wrapper exports these names with these types.
        let (new, delete, traced, settle, ticks) = unsafe {
            (
                *library.get::<New>(b"debye_new")?,
                *library.get::<Delete>(b"debye_delete")?,
                *library.get::<Traced>(b"debye_trace")?,
                *library.get::<Settle>(b"debye_settle")?,
                *library.get::<Ticks>(b"debye_ticks")?,
            )
        };
        let (random, seed) = match options.undefined {
            Undefined::Zero => (0, 0),
            // Verilator takes 0 for "choose one".
            Undefined::Random(seed) => (1, seed.max(1)),
        };
        // SAFETY: no precondition; the handle is given back in `drop`.
        let handle = unsafe { new(random, seed) };
        let mut model = VerilatorModel {
            ports: ports.to_vec(),
            places,
            inputs: vec![0; input],
            outputs: vec![0; output],
            stale: true,
            handle,
            settle,
            ticks,
            delete,
            failed: options.trace.as_ref().map(|trace| trace.failed.clone()),
            _library: library,
        };
        if let Some(trace) = &options.trace {
            let file = |source| VerilatorError::File { path: trace.path.clone(), source };
            // Made here, so that a place that cannot be written is told: the C++ side says nothing.
            std::fs::File::create(&trace.path).map_err(file)?;
            let path = CString::new(trace.path.as_os_str().as_bytes()).map_err(|error| file(error.into()))?;
            // SAFETY: the handle is live, the path ends in a zero byte and is copied.
            unsafe { traced(handle, path.as_ptr(), trace.from, trace.until) };
        }
        Pins::settle(&mut model);
        Ok(model)
    }

    /// `count` rising edges with the inputs as they are: one call for all of them.
    pub fn ticks(&mut self, count: u64) {
        // SAFETY: the handle is live, and the wrapper was written for arrays of these lengths.
        unsafe { (self.ticks)(self.handle, count, self.inputs.as_ptr(), self.outputs.as_mut_ptr()) };
        self.stale = false;
    }
}

impl Drop for VerilatorModel {
    fn drop(&mut self) {
        // SAFETY: the handle came from `debye_new` and is not used again.
        let failure = unsafe { (self.delete)(self.handle) };
        if let Some(failed) = self.failed.take().filter(|_| failure != 0) {
            let _ = failed.set(std::io::Error::from_raw_os_error(failure).to_string());
        }
    }
}

impl Pins for VerilatorModel {
    fn ports(&self) -> &[Port] {
        &self.ports
    }
    fn set(&mut self, port: usize, value: &[u64]) {
        let (at, limbs) = self.places[port];
        assert!(self.ports[port].input, "port {} is not an input", self.ports[port].name);
        debug_assert!(
            self.ports[port].width.is_multiple_of(64) || value[limbs - 1] >> (self.ports[port].width % 64) == 0,
            "{value:x?} does not fit port {}",
            self.ports[port].name
        );
        self.inputs[at..at + limbs].copy_from_slice(&value[..limbs]);
        self.stale = true;
    }
    fn get(&mut self, port: usize, value: &mut [u64]) {
        let (at, limbs) = self.places[port];
        let from = if self.ports[port].input { &self.inputs } else { &self.outputs };
        value[..limbs].copy_from_slice(&from[at..at + limbs]);
    }
    fn settle(&mut self) {
        if self.stale {
            // SAFETY: as in `ticks`.
            unsafe { (self.settle)(self.handle, self.inputs.as_ptr(), self.outputs.as_mut_ptr()) };
            self.stale = false;
        }
    }
    fn tick(&mut self) {
        self.ticks(1);
    }
}
