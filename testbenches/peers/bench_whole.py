"""A whole run from an HDF5 file of frames to a file of patterns: debye against the best script of peers, two threads or processes.

usage: bench_whole.py [--rounds 3] [--frames 2048] [--only NAME] [--write DOCS]
       (DEBYE names the command; build it with --release)

`debye integrate --threads 2` writes its NeXus file, sums and BLAKE3 of the chunks with it; whole_peer.py writes I and its errors. Both build
their tables (pixels split 4 x 4, 1000 bins, errors kept) and read the same file, which stands in the page cache: 16 simulated
frames, again and again. Rounds are interleaved; compared is user and system time of all threads and processes. The kernel
alone is `debye bench-contender fused`; a further frame is what is left when a run over the first quarter is taken away: a run
without its table. With --write the table goes into DOCS/benchmarks.md, the rounds into whole.json.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import contenders  # noqa: E402
import h5py  # noqa: E402
import hdf5plugin  # noqa: E402, F401 (registers filter 32008)
import numpy as np  # noqa: E402
from peers import debye, debye_binary  # noqa: E402

SETS = {
    "4M u16 mean 3": ("u16", 3, "Eiger2 4M"),
    "4M u16 mean 30": ("u16", 30, "Eiger2 4M"),
    "4M u32 mean 3": ("u32", 3, "Eiger2 4M"),
}
DISTINCT = 16
PEER = pathlib.Path(__file__).parent / "whole_peer.py"
HEAD = ("| set | frames | debye, s | of it the kernel alone | of a further frame | script | s | script / debye | spread |\n"
        "|---|---|---|---|---|---|---|---|---|")


def make(folder, dtype, mean, detector, frames):
    """The file, and the set for the kernel alone."""
    source, path = folder / "few.h5", folder / "frames.h5"
    debye("simulate-frames", source, "--dtype", dtype, "--mean", mean, "--frames", DISTINCT, "--detector", detector)
    source.with_suffix(".poni").rename(folder / "geom.poni")
    with h5py.File(source) as few, h5py.File(path, "w") as file:
        data = few["entry/data/data"]
        chunks = [data.id.read_direct_chunk((frame, 0, 0))[1] for frame in range(DISTINCT)]
        space = h5py.h5s.create_simple((frames, *data.shape[1:]))
        group = file.create_group("entry/data")
        made = h5py.h5d.create(group.id, b"data", data.id.get_type(), space, data.id.get_create_plist())
        for frame in range(frames):
            made.write_direct_chunk((frame, 0, 0), chunks[frame % DISTINCT])
        pixels = data[()]
    contenders.put(folder, pixels, chunks)
    (pixels[0] >= np.iinfo(pixels.dtype).max - 1).astype(np.uint8).tofile(folder / "mask.u8")
    return path


def seconds_of(command):
    """User and system time of a process and of those that it waited for."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed: {process.returncode}")
    return used.ru_utime + used.ru_stime


def check(folder):
    """Both made the same patterns, but for the last digits."""
    with h5py.File(folder / "debye.h5") as ours, h5py.File(folder / "dectris.h5") as theirs:
        a, b = ours["entry/data/I"][0], theirs["I"][0]
        both = np.isfinite(a) & np.isfinite(b) & (b > 0)
        assert both.sum() > 0.9 * len(a) and np.median(np.abs(a[both] / b[both] - 1)) < 0.01, "other patterns"


def compare(name, folder, path, options):
    poni = folder / "geom.poni"
    ours = [debye_binary(), "integrate", path, "--poni", poni, "--threads", 2, "--overwrite", "-q", "-o"]
    quarter = options.frames // 4
    jobs = [("debye", lambda: seconds_of([*ours, folder / "debye.h5"])),
            ("a quarter", lambda: seconds_of([*ours, folder / "quarter.h5", "--frames", f"..{quarter}"]))]
    for decoder in ("dectris", "hdf5plugin"):
        theirs = [sys.executable, PEER, path, poni, folder / f"{decoder}.h5", "--decoder", decoder]
        jobs.append((f"{decoder} + azint", lambda theirs=theirs: seconds_of(theirs)))
    jobs.append(("kernel", lambda: contenders.time_debye(folder, "fused", 0.5)["cpu_median_s"] * options.frames))
    found = contenders.rounds_of(jobs, options.rounds)
    check(folder)
    rows = []
    share = contenders.ratios(found["debye"], found["kernel"])[0]
    further = [(whole - part) / (1 - quarter / options.frames) for whole, part in zip(found["debye"], found["a quarter"])]
    share_further = contenders.ratios(further, found["kernel"])[0]
    for peer in [name for name, _ in jobs if "azint" in name]:
        ratio, least, most = contenders.ratios(found["debye"], found[peer])
        rows.append({"set": name, "frames": options.frames, "peer": peer, "share": share, "share_further": share_further,
                     "ratio": ratio, "least": least, "most": most, "debye_s": found["debye"], "quarter_s": found["a quarter"],
                     "peer_s": found[peer], "kernel_s": found["kernel"]})
        print(row_text(rows[-1]), flush=True)
    return rows


def row_text(row):
    median = statistics.median
    return (f"| {row['set']} | {row['frames']} | {median(row['debye_s']):.2f} | {100 * row['share']:.0f} % | "
            f"{100 * row['share_further']:.0f} % | {row['peer']} | "
            f"{median(row['peer_s']):.2f} | {row['ratio']:.1f} | {row['least']:.1f} .. {row['most']:.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=2048)
    parser.add_argument("--only", default="", help="sets whose name ends so")
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    rows = []
    print(HEAD)
    for name, (dtype, mean, detector) in SETS.items():
        if name.endswith(options.only):
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                rows += compare(name, folder, make(folder, dtype, mean, detector, options.frames), options)
    if options.write:
        about = {"machine": contenders.machine(("numpy", "h5py", "hdf5plugin", "dectris-compression", "azint")),
                 "date": time.strftime("%Y-%m-%d"), "rows": rows}
        (options.write / "benchmarks" / "whole.json").write_text(json.dumps(about, indent=1) + "\n")
        text = f"{about['date']}, {about['machine']}. {options.rounds} rounds.\n\n" + "\n".join([HEAD, *map(row_text, rows)])
        contenders.write_between(options.write / "benchmarks.md", "whole", text)


if __name__ == "__main__":
    main()
