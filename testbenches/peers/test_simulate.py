"""Simulated frames, held against h5py + hdf5plugin, bitshuffle and pyFAI."""

import pathlib
import struct
import subprocess

import bitshuffle
import h5py
import hdf5plugin  # noqa: F401 (registers filter 32008)
import numpy as np
import pyFAI
import pyFAI.calibrant
import pytest

from peers import debye_binary, debye_json

DTYPES = {"u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "i16": np.int16, "i32": np.int32}


def simulate(output, *options):
    """Runs `debye simulate-frames` and returns what its --json said."""
    return debye_json("simulate-frames", output, *options)


def decode(chunk, shape, dtype):
    """A chunk's pixels by the bitshuffle package: the filter's 12 bytes, then what the package makes itself."""
    size, block_bytes = struct.unpack(">QI", chunk[:12])
    dtype = np.dtype(dtype)
    assert size == np.prod(shape) * dtype.itemsize
    body = np.frombuffer(chunk, np.uint8, offset=12)
    return bitshuffle.decompress_lz4(body, shape, dtype, block_bytes // dtype.itemsize)


@pytest.mark.parametrize("name", DTYPES)
def test_every_frame_of_every_dtype_reads_back(tmp_path, name):
    dtype = np.dtype(DTYPES[name])
    # 101 x 203 pixels: a short last block and a raw tail of 7 pixels.
    shape = (101, 203)
    mask_file = tmp_path / "mask.npy"
    said = simulate(tmp_path / "x_master.h5", "--shape", "101,203", "--pixel-size", 1000, "--frames", 7,
                    "--frames-per-file", 3, "--dtype", name, "--mask-out", mask_file, "--hot-pixels", 4,
                    "--dead-pixels", 6)
    assert [pathlib.Path(file).name for file in said["files"]] == [
        "x_master.h5", "x_data_000001.h5", "x_data_000002.h5", "x_data_000003.h5"]
    mask = np.load(mask_file)
    assert mask.dtype == bool and mask.shape == shape and mask.sum() == 10
    frames = []
    with h5py.File(tmp_path / "x_master.h5") as master:
        assert (master["entry/instrument/detector/detectorSpecific/pixel_mask"][()] != 0).tolist() == mask.tolist()
        for key in sorted(master["entry/data"]):
            dataset = master["entry/data"][key]
            assert dataset.dtype == dtype and dataset.chunks == (1, *shape)
            assert dataset._filters["32008"][:5] == (0, 2, dtype.itemsize, 0, 2)
            for number in range(len(dataset)):
                skipped, chunk = dataset.id.read_direct_chunk((number, 0, 0))
                assert skipped == 0
                frame = dataset[number]
                assert np.array_equal(decode(chunk, shape, dtype), frame)
                frames.append(frame)
    frames = np.array(frames)
    assert frames.shape == (7, *shape)
    gap = -1 if dtype.kind == "i" else np.iinfo(dtype).max
    assert (frames == gap).all(axis=0).sum() == 6
    assert (frames == np.iinfo(dtype).max - 1).all(axis=0).sum() >= 2
    live = frames[:, ~mask]
    assert abs(live.mean() - 3.0) < 5 * np.sqrt(3.0 / live.size)
    assert len({frame.tobytes() for frame in frames}) == 7


def test_gaps_of_a_named_detector_are_pyfais(tmp_path):
    mask_file = tmp_path / "mask.npy"
    simulate(tmp_path / "x.h5", "--detector", "Pilatus 300k", "--dtype", "i32", "--frames", 1, "--mask-out", mask_file,
             "--hot-pixels", 0, "--dead-pixels", 0, "--distance", 0.2)
    gaps = pyFAI.detector_factory("Pilatus 300k").mask.astype(bool)
    assert np.array_equal(np.load(mask_file), gaps)
    with h5py.File(tmp_path / "x.h5") as file:
        frame = file["entry/data/data"][0]
        assert np.array_equal(frame == -1, gaps)
        ai = pyFAI.load(str(tmp_path / "x.poni"))
        assert ai.detector.shape == frame.shape


def test_same_seed_any_threads_same_bytes(tmp_path):
    names = ["x_master.h5", "x_data_000001.h5", "x_data_000002.h5", "x.poni"]
    contents = {}
    for threads in (1, 2, 5):
        folder = tmp_path / str(threads)
        folder.mkdir()
        simulate(folder / "x_master.h5", "--shape", "300,256", "--pixel-size", 500, "--frames", 9, "--frames-per-file", 5,
                 "--seed", 77, "--threads", threads)
        contents[threads] = [(folder / name).read_bytes() for name in names]
    assert contents[1] == contents[2] == contents[5]
    simulate(tmp_path / "x_master.h5", "--shape", "300,256", "--pixel-size", 500, "--frames", 9, "--frames-per-file", 5,
             "--seed", 78, "--threads", 2)
    assert (tmp_path / "x_data_000001.h5").read_bytes() != contents[1][1]


@pytest.mark.parametrize("mean", [0.3, 3, 40])
def test_counts_of_a_pixel_are_poisson(tmp_path, mean):
    """Index of dispersion: sum (n - mean)^2 / mean over N frames is chi^2 of N - 1; over P pixels it adds up to a
    chi^2 of P (N - 1), which is P (N - 1) +- sqrt(2 P (N - 1)): five sigma are allowed, plus what small means add to
    the spread (kurtosis 1/mean). And no single pixel may be farther off than chance lets the worst of P pixels be."""
    frames = 400
    simulate(tmp_path / "x.h5", "--shape", "40,50", "--pixel-size", 2000, "--frames", frames, "--mean", mean,
             "--hot-pixels", 0, "--dead-pixels", 0, "--seed", 3, "--width", 2)
    with h5py.File(tmp_path / "x.h5") as file:
        counts = file["entry/data/data"][()].reshape(frames, -1).astype(float)
    counts = counts[:, counts.mean(axis=0) > 0.05]
    means = counts.mean(axis=0)
    dispersion = ((counts - means) ** 2).sum(axis=0) / means
    free = frames - 1
    spread = np.sqrt((2 * free + free / means).sum())
    assert abs((dispersion - free).sum()) < 5 * spread
    assert abs((dispersion - free) / np.sqrt(2 * free + free / means)).max() < 6.5
    assert abs(counts.mean() - mean) < 0.05 * mean


@pytest.mark.parametrize("options", [
    ("--calibrant", "CeO2"),
    ("--calibrant", "LaB6", "--tilt", "3,-4,10", "--beam-center", "300.5,-20"),
    ("--calibrant", "Si", "--detector", "Eiger2 1M", "--distance", "0.1"),
    ("--calibrant", "Au", "--wavelength", "0.35"),
    ("--calibrant", "AgBh", "--wavelength", "1.2", "--distance", "0.5"),
])
def test_rings_stand_where_pyfai_says(tmp_path, options):
    """The centroid of each separate ring of the integrated sum of all frames is within 0.006 degrees (a 25th of the
    ring's width) of pyFAI's calibrant, seen through pyFAI's reading of the PONI file."""
    size = () if "--detector" in options else ("--shape", "900,800", "--pixel-size", 150)
    said = simulate(tmp_path / "x_master.h5", *size, *options, "--frames", 10, "--mean", 30, "--dtype", "u32",
                    "--width", 0.15, "--lorentzian", 0, "--background", 0.2, "--mask-out", tmp_path / "mask.npy")
    with h5py.File(tmp_path / "x_master.h5") as file:
        total = file["entry/data/data_000001"][()].astype(float).sum(axis=0)
        detector = file["entry/instrument/detector"]
        centre = [detector["beam_center_y"][()], detector["beam_center_x"][()]]
        distance = detector["detector_distance"][()]
    ai = pyFAI.load(said["poni"])
    fit2d = ai.getFit2D()
    assert np.allclose(centre, [fit2d["centerY"], fit2d["centerX"]], atol=1e-6)
    assert np.isclose(distance, fit2d["directDist"] * 1e-3, rtol=1e-9)
    step = 0.005
    tth = np.degrees(ai.twoThetaArray(total.shape))
    weight = ~np.load(tmp_path / "mask.npy")
    norm = (ai.solidAngleArray(total.shape) * ai.polarization(total.shape, 0.99))[weight]
    edges = np.arange(0, tth.max() + step, step)
    signal = np.histogram(tth[weight], edges, weights=total[weight])[0]
    expected = np.histogram(tth[weight], edges, weights=norm)[0]
    profile = signal / np.where(expected > 0, expected, np.nan)
    centres = (edges[1:] + edges[:-1]) / 2

    calibrant = pyFAI.calibrant.get_calibrant({"AgBh": "AgBh", "Si": "Si"}.get(said["calibrant"], said["calibrant"]))
    calibrant.wavelength = ai.wavelength
    rings = np.degrees(calibrant.get_2th())
    gaps = np.diff(rings, prepend=0.0, append=180.0)
    seen = 0
    for ring, below, above in zip(rings, gaps, gaps[1:]):
        if min(below, above) < 0.6 or not centres[0] + 0.5 < ring < centres[-1] - 0.5:
            continue
        near = abs(centres - ring) < 0.25
        base = (abs(centres - ring) >= 0.2) & (abs(centres - ring) < 0.29)
        if not (np.isfinite(profile[near]).all() and np.isfinite(profile[base]).all()):
            continue
        line = np.polyfit(centres[base], profile[base], 1)
        peak = profile[near] - np.polyval(line, centres[near])
        if peak.max() < 0.3 * np.polyval(line, ring):
            continue
        centroid = (peak * centres[near]).sum() / peak.sum()
        assert abs(centroid - ring) < 0.006, (ring, centroid)
        seen += 1
    assert seen >= 4, f"{seen} separate rings"


@pytest.mark.parametrize("name", ["CeO2", "LaB6", "AgBh", "Si", "Al2O3", "Au", "Cr2O3"])
def test_d_spacings_are_pyfais(tmp_path, name):
    said = simulate(tmp_path / "x.h5", "--shape", "32,32", "--pixel-size", 10000, "--frames", 1, "--width", 5,
                    "--calibrant", name, "--hot-pixels", 0, "--dead-pixels", 0)
    ours = np.array([ring["d"] for ring in said["rings"]])
    resource = {"Al2O3": "alpha_Al2O3_SRM676a_2015", "Si": "Si_SRM640e"}.get(name, name)
    folder = pathlib.Path(pyFAI.__file__).parent / "resources" / "calibration"
    lines = (folder / f"{resource}.D").read_text().splitlines()
    theirs = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            fields = line.replace("#", " ").replace("(", " ").replace(")", " ").split()
            # d h k l multiplicity intensity: pyFAI also lists lines that corundum's glide plane extinguishes, but
            # gives them no intensity, or 0.
            if name not in ("Al2O3", "Cr2O3") or (len(fields) == 6 and float(fields[5]) > 0.0):
                theirs.append(float(fields[0]))
    theirs = np.array([d for d in theirs if d > ours.min() * 1.001])
    assert len(theirs) >= 10
    distance = abs(ours[None, :] - theirs[:, None])
    assert distance.min(axis=1).max() < 1e-4, theirs[distance.min(axis=1).argmax()]
    if name not in ("Al2O3", "Cr2O3"):
        # The other way round: down to pyFAI's last line, nothing is there that pyFAI does not list.
        extra = distance.min(axis=0)[ours > theirs.min() * 0.9999]
        assert extra.max() < 1e-4


def test_outputs_that_exist_are_kept(tmp_path):
    options = ("--shape", "64,64", "--pixel-size", 5000, "--frames", 2, "--width", 3)
    for name in ("x_data_000001.h5", "x_master.h5", "x.poni"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_text("mine")
        command = [debye_binary(), "simulate-frames", str(folder / "x_master.h5"), *map(str, options)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 1 and "exists already" in done.stderr and name in done.stderr
        assert [file.name for file in folder.iterdir()] == [name]
        assert (folder / name).read_text() == "mine"
        assert subprocess.run([*command, "--overwrite"], capture_output=True).returncode == 0
        assert sorted(file.name for file in folder.iterdir()) == ["x.poni", "x_data_000001.h5", "x_master.h5"]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interrupt_leaves_nothing(tmp_path, name):
    import signal
    import time

    command = [debye_binary(), "simulate-frames", str(tmp_path / "x_master.h5"), "--frames", "100000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.time() + 60
    # The data file grows once frames are written.
    while not any(file.stat().st_size > 1_000_000 for file in tmp_path.glob(".x_data_*")) and time.time() < deadline:
        time.sleep(0.05)
    process.send_signal(getattr(signal, name))
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "nothing was written" in error
    assert list(tmp_path.iterdir()) == []
