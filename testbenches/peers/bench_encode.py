"""Sizes and rates of the encoder against liblz4's and the peers', in turn and on one thread, over frames in memory.

usage: bench_encode.py [--rounds 5] [--seconds 0.4] [FILE::DATASET ...]   (DEBYE names the command; build it with --release)

Sets: `debye simulate-frames` (CeO2 on an Eiger2 4M with gaps, three means, u8, u16, u32), frames without rings or gaps, and
the real files of the tests where they are there, with any named on the command line. Contenders are `debye bench-contender
encode` with each codec and each set of kernels, the bitshuffle package, and h5py + hdf5plugin into a file in memory.
Prints Markdown: the machine, a table of sizes (least and most over the frames of a set), a table of rates with the median
of the ratios of each round.
"""

import argparse
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

os.environ["OMP_NUM_THREADS"] = "1"
import bitshuffle  # noqa: E402
import h5py  # noqa: E402
import hdf5plugin  # noqa: E402
import numpy as np  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import contenders  # noqa: E402
import peers  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--seconds", type=float, default=0.4)
parser.add_argument("files", nargs="*", metavar="FILE::DATASET")
options = parser.parse_args()
REAL = pathlib.Path(os.environ.get("DEBYE_DATA", peers.ROOT / ".." / "shared" / "data"))
BLOCK = contenders.BLOCK


def sets():
    """Names and frames (frames first)."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.h5"
        for dtype in ("u8", "u16", "u32"):
            for mean in (0.3, 3, 30):
                peers.debye("simulate-frames", path, "--dtype", dtype, "--mean", mean, "--frames", 3, "--overwrite")
                with h5py.File(path) as file:
                    yield f"CeO2, gaps, {dtype}, mean {mean:g}", file["entry/data/data"][()]
    random = np.random.default_rng(5)
    for dtype in ("u1", "u2", "u4"):
        for mean in (0.01, 0.1, 1, 10):
            yield f"flat, u{8 * int(dtype[1])}, mean {mean:g}", random.poisson(mean, (3, 1024, 1024)).astype(dtype)
    pedestal = random.normal(2500, 200, (512, 1024))
    yield "raw, 14 bits of pedestal, u16", (pedestal + random.normal(0, 12, (3, 512, 1024))).astype("u2")
    named = ["eiger4m_protein_u32_bslz4.h5::entry/data/data", "ceria_p2m.h5::imageseries/images"]
    for name in [str(REAL / name) for name in named] + options.files:
        path, dataset = name.split("::")
        if not pathlib.Path(path).is_file():
            print(f"left out: {path} is not there", file=sys.stderr)
            continue
        with h5py.File(path) as file:
            frames = file[dataset][:8]
        yield f"real: {pathlib.Path(path).stem}, {frames.dtype}", frames.reshape(-1, *frames.shape[-2:])


def encode(folder, codec, kernels=None):
    """What debye says of encoding a set: seconds a frame (CPU), bytes of all chunks, kernels."""
    return contenders.time_debye(folder, "encode", options.seconds, "--codec", codec, kernels=kernels)


def timed(step, count):
    return contenders.time_steps(step, count, options.seconds, least=count)


def package(frames):
    """The bitshuffle package."""
    elements = BLOCK // frames.itemsize
    return timed(lambda number: bitshuffle.compress_lz4(frames[number].reshape(-1), elements), len(frames))


def plugin(frames):
    """h5py + hdf5plugin, into a file in memory."""
    with h5py.File("x.h5", "w", driver="core", backing_store=False) as file:
        made = file.create_dataset("d", frames[:1].shape, frames.dtype, chunks=frames[:1].shape, **hdf5plugin.Bitshuffle())

        def step(number):
            made[0] = frames[number]
            made.flush()

        return timed(step, len(frames))


def chunks(frames, folder):
    """Bytes of each frame's chunk: debye's, and liblz4's (bitshuffle package, with the 12 bytes of header)."""
    theirs = [len(bitshuffle.compress_lz4(frame.reshape(-1), BLOCK // frame.itemsize)) + 12 for frame in frames]
    ours = []
    for frame in frames:
        contenders.put(folder, frame[None])
        ours.append(encode(folder, "debye")["chunk_bytes"])
    return ours, theirs


KERNELS = [None, "avx2", "portable"]
sizes, rates, best = [], [], None
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for name, frames in sets():
        frames = np.ascontiguousarray(frames)
        ours, theirs = chunks(frames, folder)
        share = [100 * a / b for a, b in zip(ours, theirs)]
        ratio = frames.nbytes / sum(ours), frames.nbytes / sum(theirs)
        sizes.append(f"| {name} | {ratio[1]:.2f} | {ratio[0]:.2f} | {min(share):.1f} .. {max(share):.1f} |")
        if name.startswith("flat"):
            continue
        contenders.put(folder, frames)
        found = []
        for _ in range(options.rounds):
            turn = {}
            for kernels in KERNELS:
                try:
                    made = encode(folder, "debye", kernels)
                except subprocess.CalledProcessError:
                    continue  # this processor lacks them
                best = best if kernels else made["kernels"]
                turn[kernels] = made["cpu_median_s"]
            turn["liblz4"] = encode(folder, "liblz4")["cpu_median_s"]
            turn["bitshuffle"], turn["h5"] = package(frames), plugin(frames)
            found.append(turn)
        gb = frames[0].nbytes / 1e9
        rate = {key: gb / statistics.median(turn[key] for turn in found) for key in found[0]}
        row = [f"{rate[key]:.2f}" if key in rate else "-" for key in [*KERNELS, "liblz4", "bitshuffle", "h5"]]
        for peer in ("bitshuffle", "h5", "liblz4"):
            ratios = [turn[peer] / turn[None] for turn in found]
            row.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} .. {max(ratios):.2f})")
        rates.append(f"| {name} | " + " | ".join(row) + " |")

model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
print(f"Machine: {model}, {os.cpu_count()} cores; bitshuffle {bitshuffle.__version__}, hdf5plugin {hdf5plugin.version}, {best} kernels.")
print("\n| frames | ratio, liblz4 | ratio, debye | debye's size, % of liblz4's, frame by frame |\n|---|---|---|---|")
print("\n".join(sizes))
print(f"\n| frames | debye, {best} | avx2 | portable | debye --codec liblz4 | bitshuffle | h5py + hdf5plugin "
      "| debye / bitshuffle | debye / hdf5plugin | debye / its liblz4 |\n|" + "---|" * 10)
print("\n".join(rates))
