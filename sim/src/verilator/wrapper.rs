//! The C++ between a verilated model and Rust. Inputs and outputs go over as two arrays of 64-bit limbs, so that
//! setting and reading ports costs no call.

use super::VerilatorError;
use debye_hdl::base::pins::Port;
use std::fmt::Write as _;

/// Limbs of a port.
pub(super) fn limbs(port: &Port) -> usize {
    port.width.div_ceil(64)
}

/// Refuses what Verilator would rename.
pub(super) fn check(ports: &[Port]) -> Result<(), VerilatorError> {
    let plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.contains("__")
    };
    match ports.iter().find(|port| !plain(&port.name)) {
        Some(port) => Err(VerilatorError::PortName(port.name.clone())),
        None => Ok(()),
    }
}

fn copy(port: &Port, at: usize) -> String {
    let name = &port.name;
    match (port.input, port.width) {
        (true, ..=64) => format!("    top.{name} = in[{at}];\n"),
        (false, ..=64) => format!("    out[{at}] = top.{name};\n"),
        (true, _) => format!("    std::memcpy(top.{name}.data(), in + {at}, sizeof top.{name});\n"),
        (false, _) => format!("    std::memcpy(out + {at}, top.{name}.data(), sizeof top.{name});\n"),
    }
}

/// The wrapper of a model with these ports.
pub(super) fn wrapper(ports: &[Port]) -> String {
    let (mut inputs, mut outputs) = (String::new(), String::new());
    let (mut input, mut output) = (0, 0);
    for port in ports {
        let (text, at) = if port.input { (&mut inputs, &mut input) } else { (&mut outputs, &mut output) };
        let _ = write!(text, "{}", copy(port, *at));
        *at += limbs(port);
    }
    HEAD.replace("@inputs@", &inputs).replace("@outputs@", &outputs)
}

const HEAD: &str = r#"#include "Vdut.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif
#include <cstdint>
#include <cstring>
#if VM_TRACE
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
// A file that takes all that is written and remembers when it could not: Verilator's own ends the process.
struct Patient : VerilatedVcdFile {
    int fd = -1, failure = 0;
    bool open(const std::string& name) override {
        fd = ::open(name.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0666);
        if (fd < 0) failure = errno;
        return true;
    }
    void close() override {
        if (fd >= 0 && ::close(fd) && !failure) failure = errno;
        fd = -1;
    }
    ssize_t write(const char* bytes, ssize_t length) override {
        for (ssize_t at = 0; at < length && !failure;) {
            const ssize_t done = ::write(fd, bytes + at, length - at);
            if (done > 0) at += done;
            else if (done == 0 || errno != EINTR) failure = done ? errno : EIO;
        }
        return length;
    }
};
#endif
#define EXPORT extern "C" __attribute__((visibility("default")))

struct Model {
    VerilatedContext context;
    Vdut* top = nullptr;
    uint64_t cycle = 0;
#if VM_TRACE
    Patient file;
    VerilatedVcdC* waves = nullptr;
    uint64_t from = 0, until = 0;
    void dump(uint64_t phase) {
        if (!waves || cycle < from || cycle >= until) return;
        // What depends on inputs alone is brought up to date before the edge.
        if (!phase) top->eval();
        waves->dump(2 * cycle + phase);
    }
#else
    void dump(uint64_t) {}
#endif
};

static inline void inputs(Vdut& top, const uint64_t* in) {
    (void)top;
    (void)in;
@inputs@}

static inline void outputs(Vdut& top, uint64_t* out) {
    (void)top;
    (void)out;
@outputs@}

EXPORT void* debye_new(uint32_t random, uint32_t seed) {
    Model* model = new Model;
    model->context.randReset(random ? 2 : 0);
    model->context.randSeed(static_cast<int>(seed & 0x7fffffff));
#if VM_TRACE
    model->context.traceEverOn(true);
#endif
    Verilated::threadContextp(&model->context);
    model->top = new Vdut(&model->context, "top");
    model->top->clock = 0;
    return model;
}

// What the system said when waves could not be written, or 0.
EXPORT int debye_delete(void* handle) {
    Model* model = static_cast<Model*>(handle);
    int failure = 0;
#if VM_TRACE
    if (model->waves) model->waves->close();
    delete model->waves;
    failure = model->file.failure;
#endif
    // Scopes leave the context of the thread: it may be that of another model, which is gone.
    Verilated::threadContextp(&model->context);
    model->top->final();
    delete model->top;
    delete model;
    return failure;
}

EXPORT void debye_trace(void* handle, const char* path, uint64_t from, uint64_t until) {
#if VM_TRACE
    Model* model = static_cast<Model*>(handle);
    model->waves = new VerilatedVcdC(&model->file);
    model->from = from;
    model->until = until;
    model->top->trace(model->waves, 99);
    model->waves->open(path);
#else
    (void)handle, (void)path, (void)from, (void)until;
#endif
}

EXPORT void debye_settle(void* handle, const uint64_t* in, uint64_t* out) {
    Model* model = static_cast<Model*>(handle);
    inputs(*model->top, in);
    model->top->eval();
    outputs(*model->top, out);
}

EXPORT void debye_ticks(void* handle, uint64_t count, const uint64_t* in, uint64_t* out) {
    Model* model = static_cast<Model*>(handle);
    Vdut& top = *model->top;
    inputs(top, in);
    for (; count; --count) {
        model->dump(0);
        top.clock = 1;
        top.eval();
        model->dump(1);
        top.clock = 0;
        top.eval();
        ++model->cycle;
    }
    outputs(top, out);
}
"#;
