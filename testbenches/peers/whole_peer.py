"""What a user of peers would write: frames of an HDF5 file to patterns with errors in another, by worker processes.

usage: whole_peer.py INPUT PONI OUTPUT [--decoder dectris|hdf5plugin] [--processes 2] [--bins 1000]

Chunks are read as they are stored and decoded by dectris-compression, or read through h5py with hdf5plugin; azint splits pixels
4 x 4 and keeps errors. The table is made once, before the workers are forked; patterns come back through shared memory.
"""

import argparse
import os

os.environ["OMP_NUM_THREADS"] = "1"
import mmap  # noqa: E402
import pathlib  # noqa: E402

import azint  # noqa: E402
import azint.detector  # noqa: E402
import h5py  # noqa: E402
import hdf5plugin  # noqa: E402, F401 (registers filter 32008)
import numpy as np  # noqa: E402

DATASET = "entry/data/data"


def integrator(poni, shape, mask, bins, errors=True):
    """azint's, from a PONI file; it is quickest with the mask in its table and none at run time."""
    lines = dict(line.split(": ", 1) for line in pathlib.Path(poni).read_text().splitlines() if ": " in line and line[0] != "#")
    numbers = {key.lower(): float(lines[key]) for key in ("Distance", "Poni1", "Poni2", "Rot1", "Rot2", "Rot3", "Wavelength")}
    place = azint.Poni(azint.detector.Detector(75e-6, 75e-6, shape), numbers["distance"], numbers["poni1"], numbers["poni2"],
                       numbers["rot1"], numbers["rot2"], numbers["rot3"], numbers["wavelength"])
    made = azint.AzimuthalIntegrator(place, 4, bins, unit="q", mask=mask.astype(np.int8), solid_angle=True,
                                     error_model="poisson" if errors else None)
    made.mask = None
    return made


def work(options, made, patterns, first):
    """Every so many frames from `first` on."""
    if options.decoder == "dectris":
        from dectris.compression import decompress
    with h5py.File(options.input) as file:
        data = file[DATASET]
        image = np.empty(data.shape[1:], data.dtype)
        for frame in range(first, len(data), options.processes):
            if options.decoder == "dectris":
                chunk = data.id.read_direct_chunk((frame, 0, 0))[1]
                pixels = np.frombuffer(decompress(chunk, "bslz4", elem_size=image.itemsize), image.dtype)
                image = pixels.reshape(image.shape)
            else:
                data.read_direct(image, np.s_[frame], np.s_[:])
            patterns[frame] = made.integrate(image)[:2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("input", "poni", "output"):
        parser.add_argument(name)
    parser.add_argument("--decoder", choices=("dectris", "hdf5plugin"), default="dectris")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--bins", type=int, default=1000)
    options = parser.parse_args()
    with h5py.File(options.input) as file:
        data = file[DATASET]
        frames, shape, mask = len(data), data.shape[1:], data[0] >= np.iinfo(data.dtype).max - 1
    made = integrator(options.poni, shape, mask, options.bins)
    memory = mmap.mmap(-1, frames * 2 * options.bins * 8)
    patterns = np.frombuffer(memory, np.float64).reshape(frames, 2, options.bins)
    workers = []
    for first in range(options.processes):
        if (worker := os.fork()) == 0:
            failed = 1
            try:
                work(options, made, patterns, first)
                failed = 0
            finally:
                os._exit(failed)
        workers.append(worker)
    if any(os.waitpid(worker, 0)[1] for worker in workers):
        raise SystemExit("a worker failed")
    with h5py.File(options.output, "w") as file:
        file["q"], file["I"], file["I_errors"] = made.radial_axis, patterns[:, 0], patterns[:, 1]


if __name__ == "__main__":
    main()
