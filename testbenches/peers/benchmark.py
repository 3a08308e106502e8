"""Times debye against whatever peers are installed, on the same frames, in turn, one thread each.

usage: benchmark.py [--rounds 5] [--seconds 0.5] [--frames 16] [--only SUBSTRING] [--write DOCS] [--mark NAME]
       (DEBYE names the command; build it with --release)

decode  a bslz4 chunk in memory to pixels in memory
fused   a chunk in memory to I(q) with 4 x 4 splitting; peers that keep error sums and those that do not stand apart

Rounds are interleaved over the contenders and the order rotates, so a slow spell of the machine hits all of them; compared is CPU
time, round by round. With --write the tables go into DOCS/benchmarks.md between its marks, the rounds into DOCS/benchmarks/peers.json;
with --mark they are those of another processor, marks and file have its name.
Peers, where installed: h5py + hdf5plugin, bitshuffle, dectris-compression; azint and pyFAI to integrate. (bench_encode.py encodes.)
"""

import argparse
import importlib
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time
import zlib

os.environ["OMP_NUM_THREADS"] = "1"
import h5py  # noqa: E402
import hdf5plugin  # noqa: E402, F401 (registers filter 32008)
import numpy as np  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import contenders  # noqa: E402
from peers import debye  # noqa: E402

SETS = {
    "4M u16 mean 0.3": ("u16", 0.3, "Eiger2 4M"),
    "4M u16 mean 3": ("u16", 3, "Eiger2 4M"),
    "4M u16 mean 30": ("u16", 30, "Eiger2 4M"),
    "4M u32 mean 3": ("u32", 3, "Eiger2 4M"),
    "512k u16 mean 3": ("u16", 3, "Eiger 500k"),
}
BINS = 1000


def package(name):
    """A module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


class Set:
    """Frames of one kind: as a folder for debye, as arrays for peers."""

    def __init__(self, folder, dtype, mean, detector, frames):
        self.folder = folder
        source = folder / "frames.h5"
        debye("simulate-frames", source, "--dtype", dtype, "--mean", mean, "--frames", frames, "--detector", detector,
              "--overwrite")
        source.with_suffix(".poni").rename(folder / "geom.poni")
        with h5py.File(source) as file:
            data = file["entry/data/data"]
            self.frames = data[()]
            self.chunks = [np.frombuffer(data.id.read_direct_chunk((i, 0, 0))[1], np.uint8) for i in range(len(data))]
        self.shape, self.dtype = self.frames.shape[1:], self.frames.dtype
        self.mask = (self.frames[0] >= np.iinfo(self.dtype).max - 1).astype(np.uint8)
        self.mask.tofile(folder / "mask.u8")
        contenders.put(folder, self.frames, self.chunks)

    def bytes(self):
        return int(np.prod(self.shape)) * self.dtype.itemsize


# A peer is (name, frames -> a function of a frame's number that does the work and returns what it made).
def decoders(frames):
    out = np.empty(frames.shape, frames.dtype)
    stored = h5py.File(frames.folder / "frames.h5", driver="core", backing_store=False)["entry/data/data"]

    def h5(i):
        stored.read_direct(out, np.s_[i], np.s_[:])
        return out

    yield "h5py + hdf5plugin", h5
    if bitshuffle := package("bitshuffle"):
        elements = 8192 // frames.dtype.itemsize
        yield "bitshuffle", lambda i: bitshuffle.decompress_lz4(frames.chunks[i][12:], frames.shape, frames.dtype, elements)
    if dectris := package("dectris.compression"):
        size = frames.dtype.itemsize

        def dectris_decode(i):
            made = dectris.decompress(frames.chunks[i], "bslz4", elem_size=size)
            return np.frombuffer(made, frames.dtype).reshape(frames.shape)

        yield "dectris-compression", dectris_decode


def integrators(frames):
    """(name, whether it keeps error sums, function of a frame)."""
    poni = str(frames.folder / "geom.poni")
    if package("azint") is not None:
        from whole_peer import integrator as azint_integrator

        for errors in (True, False):
            made = azint_integrator(poni, frames.shape, frames.mask, BINS, errors)
            yield "azint n=4" + (" with errors" if errors else ""), errors, lambda image, made=made: made.integrate(image)[0]
    if (pyfai := package("pyFAI")) is not None:
        integrator = pyfai.load(poni)
        yield "pyFAI full, CSR, errors", True, lambda image: integrator.integrate1d(
            image, BINS, unit="q_A^-1", method=("full", "csr", "cython"), mask=frames.mask.astype(bool),
            error_model="poisson", correctSolidAngle=True)[1]


def fused(frames):
    readers = dict(decoders(frames))
    reader = "dectris-compression" if "dectris-compression" in readers else "h5py + hdf5plugin"
    for name, errors, integrate in integrators(frames):
        yield f"{reader}, {name}", errors, lambda i, integrate=integrate: integrate(readers[reader](i))


def time_peer(step, count, seconds):
    """Median CPU seconds a frame, after one that is not counted."""
    step(0)
    return contenders.time_steps(step, count, seconds)


def compare(name, frames, options, rows):
    crc = 0
    for frame in frames.frames:
        crc = zlib.crc32(frame.tobytes(), crc)
    made = contenders.time_debye(frames.folder, "decode", 0.0)
    assert made["check"] == f"{crc:08x}", "debye decodes to other pixels"
    seconds = options.seconds
    jobs = {
        "decode": ([(peer, True, step) for peer, step in decoders(frames)], [("debye", ())]),
        "fused": (list(fused(frames)), [("debye, 16 frames at once", ()), ("debye, one frame", ("--together", 1))]),
    }
    for operation, (peers, ours) in jobs.items():
        runs = [(peer, lambda step=step: time_peer(step, len(frames.chunks), seconds)) for peer, _, step in peers]
        runs += [(mine, lambda more=more: contenders.time_debye(frames.folder, operation, seconds, *more)["cpu_median_s"])
                 for mine, more in ours]
        times = contenders.rounds_of(runs, options.rounds)
        for mine, _ in ours:
            for peer, errors, _ in peers:
                ratio, least, most = contenders.ratios(times[mine], times[peer])
                rows.append({
                    "set": name, "operation": operation, "debye": mine, "peer": peer, "errors": errors,
                    "debye_ms": statistics.median(times[mine]) * 1e3, "peer_ms": statistics.median(times[peer]) * 1e3,
                    "debye_gb_s": frames.bytes() / statistics.median(times[mine]) / 1e9,
                    "ratio": ratio, "least": least, "most": most,
                })
                print(row_text(rows[-1]), flush=True)


def row_text(row):
    return (f"| {row['set']} | {row['debye']} | {row['debye_ms']:.2f} | {row['debye_gb_s']:.2f} | {row['peer']} | "
            f"{row['peer_ms']:.2f} | {row['ratio']:.1f} | {row['least']:.1f} .. {row['most']:.1f} |")


HEAD = ("| set | debye | ms | GB/s | peer | ms | peer / debye | spread |\n|---|---|---|---|---|---|---|---|")


PACKAGES = ("numpy", "h5py", "hdf5plugin", "bitshuffle", "dectris-compression", "azint", "pyFAI")


def write(docs, rows, options):
    folder = docs / "benchmarks"
    folder.mkdir(exist_ok=True)
    about = {"machine": contenders.machine(PACKAGES), "rounds": options.rounds, "seconds": options.seconds, "frames": options.frames,
             "date": time.strftime("%Y-%m-%d"), "rows": rows}
    mark = "-".join(["peers", *filter(None, [options.mark])])
    (folder / f"{mark}.json").write_text(json.dumps(about, indent=1) + "\n")
    text = [f"{about['date']}, {about['machine']}. {options.rounds} rounds of {options.seconds} s each, {options.frames} frames a set.\n"]
    for operation in ("decode", "fused"):
        text += [f"\n**{operation}**, CPU time of one thread a frame:\n\n{HEAD}"]
        text += [row_text(row) for row in rows if row["operation"] == operation]
    contenders.write_between(docs / "benchmarks.md", mark, "\n".join(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--mark", default="")
    options = parser.parse_args()
    rows = []
    print(HEAD)
    for name, (dtype, mean, detector) in SETS.items():
        if options.only in name:
            with tempfile.TemporaryDirectory() as folder:
                compare(name, Set(pathlib.Path(folder), dtype, mean, detector, options.frames), options, rows)
    if options.write:
        write(options.write, rows, options)


if __name__ == "__main__":
    main()
