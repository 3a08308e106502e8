"""Times debye against peers that do the same work, in turn and on one thread, on the same simulated frames.

usage: bench_peers.py [--frames 20] [--rounds 5]    (DEBYE names the command; build it with --release)

decode     h5py + hdf5plugin read every frame; debye's share of decoding is not separable, so its whole job stands beside
integrate  h5py + hdf5plugin, then pyFAI (full splitting, CSR, Poisson errors); debye: 4 x 4 splitting, exact sums, errors
Prints one Markdown row a set: medians over the rounds in ms a frame, and the median of the paired ratios.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "1"
import h5py  # noqa: E402
import hdf5plugin  # noqa: E402, F401 (registers filter 32008)
import numpy as np  # noqa: E402
import pyFAI  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from peers import debye, debye_json  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--frames", type=int, default=20)
parser.add_argument("--rounds", type=int, default=5)
options = parser.parse_args()
SETS = {"u16 mean 0.3": ("u16", 0.3), "u16 mean 3": ("u16", 3), "u16 mean 30": ("u16", 30), "u32 mean 3": ("u32", 3)}

print("| set | h5py + hdf5plugin, decode | h5py + hdf5plugin + pyFAI | debye, whole job | pyFAI way / debye | spread |")
print("|---|---|---|---|---|---|")
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for name, (dtype, mean) in SETS.items():
        source, poni, table = folder / "scan.h5", folder / "scan.poni", folder / "scan.table"
        debye("simulate-frames", source, "--dtype", dtype, "--mean", mean, "--frames", options.frames, "--overwrite")
        debye("integrate", source, "--poni", poni, "--save-table", table, "--frames", 0, "--json", "--overwrite")
        integrator = pyFAI.load(str(poni))
        # The same mask for all frames: pyFAI builds its table anew when it changes.
        with h5py.File(source) as file:
            first = file["entry/data/data"][0]
        mask = integrator.detector.mask.astype(bool) | (first >= np.iinfo(first.dtype).max - 1)
        method = ("full", "csr", "cython")

        def peer():
            """Seconds a frame: (decoding, decoding and integrating)."""
            decoding = whole = 0.0
            with h5py.File(source) as file:
                data = file["entry/data/data"]
                for number in range(options.frames):
                    start = time.perf_counter()
                    frame = data[number]
                    read = time.perf_counter()
                    integrator.integrate1d(frame, 1000, unit="q_A^-1", method=method, mask=mask,
                                           error_model="poisson", correctSolidAngle=True)
                    decoding += read - start
                    whole += time.perf_counter() - start
            return decoding / options.frames, whole / options.frames

        def ours():
            return debye_json("integrate", source, "--table", table, "--threads", 1)["seconds"] / options.frames

        peer(), ours()
        rounds = [(*peer(), ours()) for _ in range(options.rounds)]
        decoding, whole, mine = (statistics.median(column) * 1e3 for column in zip(*rounds))
        ratios = sorted(row[1] / row[2] for row in rounds)
        print(f"| {name} | {decoding:.1f} ms | {whole:.1f} ms | {mine:.1f} ms | {np.median(ratios):.1f} | "
              f"{ratios[0]:.1f} .. {ratios[-1]:.1f} |", flush=True)
