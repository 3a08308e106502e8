"""Patterns: against sub-pixel integration in numpy, against pyFAI, against Poisson statistics and real powder rings."""

import os
import subprocess
import sys
import zlib

import h5py
import hdf5plugin
import numpy as np
import pytest
from pyFAI import units as pyfai_units
from pyFAI.detectors import Detector
from pyFAI.integrator.azimuthal import AzimuthalIntegrator

import peers

PONI = """poni_version: 2.1
Detector: Detector
Detector_config: {{"pixel1": {pixel1}, "pixel2": {pixel2}, "max_shape": [{rows}, {columns}], "orientation": 3}}
Distance: {dist}
Poni1: {poni1}
Poni2: {poni2}
Rot1: {rot1}
Rot2: {rot2}
Rot3: {rot3}
Wavelength: {wavelength}
"""

GEOMETRY = dict(pixel1=75e-6, pixel2=80e-6, rows=201, columns=187, dist=0.02, poni1=0.006, poni2=0.0081, rot1=0.12,
                rot2=-0.07, rot3=0.4, wavelength=0.8e-10)


def write_poni(path, **changes):
    path.write_text(PONI.format(**{**GEOMETRY, **changes}))
    return path


def write_frames(path, frames, **storage):
    with h5py.File(path, "w") as file:
        storage = storage or dict(chunks=(1, *frames.shape[1:]), **hdf5plugin.Bitshuffle())
        file.create_dataset("entry/data/data", data=frames, **storage)
    return path


def pyfai():
    g = GEOMETRY
    detector = Detector(g["pixel1"], g["pixel2"], max_shape=(g["rows"], g["columns"]), orientation=3)
    return AzimuthalIntegrator(g["dist"], g["poni1"], g["poni2"], g["rot1"], g["rot2"], g["rot3"], detector=detector,
                               wavelength=g["wavelength"])


def powder(seed, count=1, mean=200.0):
    """Frames with rings, Poisson noise and a few invalid pixels; and the expected counts."""
    q = pyfai().center_array((GEOMETRY["rows"], GEOMETRY["columns"]), unit="q_A^-1")
    expected = mean * (0.5 + np.exp(-0.5 * ((q % 0.5 - 0.25) / 0.05) ** 2))
    frames = np.random.default_rng(seed).poisson(expected, (count, *q.shape)).astype("u2")
    return frames, expected


def read(path, *names):
    with h5py.File(path) as file:
        entry = file["entry"]
        return [entry[name][()] for name in names]


def find(path, name):
    """A data set of an output by its last name."""
    found = []
    with h5py.File(path) as file:
        file.visititems(lambda where, item: found.append(item[()])
                        if isinstance(item, h5py.Dataset) and where.split("/")[-1] == name else None)
    assert found, f"{name} is in the output"
    return found[0]


def subpixel_positions(n):
    """2theta and q (1/A) of the centres of n x n sub-pixels: [rows * n, columns * n], by pyFAI's geometry."""
    g, integrator = GEOMETRY, pyfai()
    d1 = (np.arange(g["rows"] * n) + 0.5) / n
    d2 = (np.arange(g["columns"] * n) + 0.5) / n
    grid1, grid2 = np.meshgrid(d1 - 0.5, d2 - 0.5, indexing="ij")
    # pyFAI counts from the first pixel's centre here.
    tth = integrator.tth(grid1.ravel(), grid2.ravel()).reshape(grid1.shape)
    return 4e-10 * np.pi / g["wavelength"] * np.sin(tth / 2)


def normalisation(shape, factor):
    """Solid angle x polarization in float64 (pyFAI keeps its own arrays in float32)."""
    g, integrator = GEOMETRY, pyfai()
    tth, chi = (integrator.center_array(shape, unit=unit) for unit in ("2th_rad", "chi_rad"))
    p1 = ((np.arange(shape[0]) + 0.5) * g["pixel1"] - g["poni1"])[:, None]
    p2 = ((np.arange(shape[1]) + 0.5) * g["pixel2"] - g["poni2"])[None, :]
    solid_angle = (g["dist"] / np.sqrt(g["dist"] ** 2 + p1 ** 2 + p2 ** 2)) ** 3
    cos2 = np.cos(tth) ** 2
    norm = solid_angle * 0.5 * (1 + cos2 - factor * np.cos(2 * chi) * (1 - cos2))
    np.testing.assert_allclose(norm, integrator.solidAngleArray(shape) * integrator.polarization(shape, factor), rtol=1e-6)
    return norm


def test_pattern_against_numpy_subpixels_equal(tmp_path, debye):
    frames, _ = powder(1)
    frames[0, ::17, ::13] = 65535
    mask = np.zeros(frames.shape[1:], bool)
    mask[:9] = True
    np.save(tmp_path / "mask.npy", mask)
    out = tmp_path / "out.h5"
    source = write_frames(tmp_path / "in.h5", frames)
    debye("integrate", source, "--poni", write_poni(tmp_path / "g.poni"), "--mask", tmp_path / "mask.npy", "--split", 8,
          "--bins", 300, "--polarization", 0.95, "-o", out)
    signal, variance, weight, intensity, sigma = (find(out, name)[0]
                                                  for name in ("signal", "variance", "weight", "I", "I_errors"))

    n = 8
    q = subpixel_positions(n)
    edges = find(out, "radial_axis_edges")
    np.testing.assert_allclose(edges, np.linspace(q.min(), q.max(), 301), rtol=1e-12)
    # The edges themselves define the bins; values that differ in the last bit at an edge must not decide the test.
    near = np.abs(q[..., None] - edges[np.searchsorted(edges, q).clip(1, 300)[..., None] + [-1, 0]]).min(-1) < 1e-12
    print("sub-pixels within 1e-12 of an edge:", int(near.sum()))
    shape = frames.shape[1:]
    norm = normalisation(shape, 0.95)
    valid = ~mask & (frames[0] < 65534)
    index = np.searchsorted(edges, q, side="right") - 1
    index[q == edges[-1]] = 299
    pixel = np.repeat(np.repeat(np.arange(valid.size).reshape(shape), n, 0), n, 1)
    counts = np.bincount((pixel * 300 + index).ravel(), minlength=valid.size * 300).reshape(-1, 300)
    counts = counts[valid.ravel()]
    values = frames[0][valid].astype(np.float64)
    want_signal, want_weight = counts.T @ values, counts.sum(0)
    want_variance = (counts.T ** 2) @ values
    want_norm = counts.T @ norm[valid] / 64
    off = (signal != want_signal).sum()
    print("bins whose integer sums differ:", off)
    assert off <= 2 * near.sum()
    same = (signal == want_signal) & (weight == want_weight) & (variance == want_variance)
    assert same.sum() >= 300 - 2 * near.sum()
    some = same & (want_weight > 0)
    difference = np.abs(intensity[some] / (want_signal[some] / 64 / want_norm[some]) - 1).max()
    sigma_difference = np.abs(sigma[some] / (np.sqrt(want_variance[some]) / 64 / want_norm[some]) - 1).max()
    print(f"largest relative difference: I {difference:.1e}, sigma {sigma_difference:.1e}")
    assert difference < 1e-12 and sigma_difference < 1e-12
    assert np.isnan(intensity[want_weight == 0]).all()


# Bounding boxes of tilted pixels are wide: pyFAI's own two models differ as much from each other.
@pytest.mark.parametrize("splitting, most_median, most_p99", [("bbox", 5e-3, 5e-2), ("full", 2e-3, 2e-2)])
def test_pattern_against_pyfai_agrees_within_splitting(tmp_path, debye, splitting, most_median, most_p99):
    frames, _ = powder(2)
    source, poni = write_frames(tmp_path / "in.h5", frames), write_poni(tmp_path / "g.poni")
    out = tmp_path / "out.h5"
    q = subpixel_positions(4)
    lo, hi = float(q.min()), float(q.max())
    debye("integrate", source, "--poni", poni, "--bins", 200, "--split", 8, "--polarization", 0.99,
          "--radial-range", f"{lo!r},{hi!r}", "-o", out)
    ours = find(out, "I")[0]
    theirs = pyfai().integrate1d(frames[0], 200, unit="q_A^-1", method=(splitting, "csr", "cython"),
                                 correctSolidAngle=True, polarization_factor=0.99, radial_range=(lo, hi))
    np.testing.assert_allclose(find(out, "radial_axis"), theirs.radial, rtol=1e-5)
    both = np.isfinite(ours) & (theirs.intensity > 0)
    difference = np.abs(ours / theirs.intensity - 1)[both]
    median, p99 = np.median(difference), np.percentile(difference, 99)
    print(f"pyFAI {splitting}: median {median:.1e}, p99 {p99:.1e} relative difference in {both.sum()} bins")
    assert both.sum() > 190 and median < most_median and p99 < most_p99


def test_caked_against_pyfai_integrate2d_agrees(tmp_path, debye):
    frames, _ = powder(3)
    source, poni = write_frames(tmp_path / "in.h5", frames), write_poni(tmp_path / "g.poni")
    out = tmp_path / "out.h5"
    q = subpixel_positions(1)
    lo, hi = float(q.min()), float(q.max())
    debye("integrate", source, "--poni", poni, "--bins", 60, "--azimuth-bins", 36, "--split", 1,
          "--azimuth-range=-180,180", "--radial-range", f"{lo!r},{hi!r}", "-o", out)
    ours, weight = find(out, "I")[0], find(out, "weight")[0]
    theirs = pyfai().integrate2d(frames[0], 60, 36, unit="q_A^-1", method=("no", "histogram", "cython"),
                                 correctSolidAngle=True, radial_range=(lo, hi), azimuth_range=(-180, 180))
    np.testing.assert_allclose(find(out, "azimuthal_axis"), theirs.azimuthal, atol=1e-4)
    same = (weight > 0) & (theirs.count == weight / 64)
    print(f"cells with the same pixels: {same.sum()} of {(weight > 0).sum()}")
    assert same.sum() > 0.97 * (weight > 0).sum()
    np.testing.assert_allclose(ours[same], theirs.intensity[same], rtol=1e-5)


@pytest.mark.parametrize("unit", ["q_nm^-1", "q_A^-1", "2th_deg", "2th_rad", "r_mm", "r_m"])
def test_radial_axis_each_unit_spans_what_pyfai_says(tmp_path, debye, unit):
    frames, _ = powder(4)
    out = tmp_path / "out.h5"
    debye("integrate", write_frames(tmp_path / "in.h5", frames), "--poni", write_poni(tmp_path / "g.poni"), "--unit",
          unit, "--split", 1, "--bins", 50, "-o", out)
    centres = pyfai().center_array(frames.shape[1:], unit=pyfai_units.to_unit(unit))
    edges = find(out, "radial_axis_edges")
    np.testing.assert_allclose([edges[0], edges[-1]], [centres.min(), centres.max()], rtol=1e-12)


def test_sigma_over_a_thousand_frames_is_the_standard_deviation(tmp_path, debye):
    frames, _ = powder(5, count=1000, mean=3.0)
    out = tmp_path / "out.h5"
    debye("integrate", write_frames(tmp_path / "in.h5", frames), "--poni", write_poni(tmp_path / "g.poni"), "--bins", 80,
          "--split", 4, "-o", out)
    intensity, sigma, weight = find(out, "I"), find(out, "I_errors"), find(out, "weight")[0]
    some = weight > 64 * 50
    # sum (I - mean)^2 / sigma^2 over the frames follows chi^2 with 999 degrees of freedom in every bin.
    mean = intensity[:, some].mean(0)
    variance = (sigma[:, some] ** 2).mean(0)
    chi2 = ((intensity[:, some] - mean) ** 2).sum(0) / variance / 999
    print(f"reduced chi^2 in {some.sum()} bins: mean {chi2.mean():.4f}, {chi2.min():.3f} .. {chi2.max():.3f}")
    width = np.sqrt(2 / 999)
    assert some.sum() > 60
    # Neighbouring bins share split pixels, so the mean's own width is taken three times as large as for free bins.
    assert abs(chi2.mean() - 1) < 3 * 3 * width / np.sqrt(some.sum())
    assert np.abs(chi2 - 1).max() < 5 * width


def test_result_crc32_same_pixels_however_stored_and_run_is_the_same(tmp_path, debye_json):
    frames, _ = powder(6, count=7)
    frames[:, ::11, ::7] = 65535
    poni = write_poni(tmp_path / "g.poni")
    frame = (1, *frames.shape[1:])
    storages = {
        "bslz4": dict(chunks=frame, **hdf5plugin.Bitshuffle()),
        "bslz4-8": dict(chunks=frame, **hdf5plugin.Bitshuffle(nelems=8)),
        "bslz4-4096": dict(chunks=frame, **hdf5plugin.Bitshuffle(nelems=4096)),
        "bslz4-huge": dict(chunks=frame, **hdf5plugin.Bitshuffle(nelems=1 << 17)),
        "bslz4-3": dict(chunks=(3, *frames.shape[1:]), **hdf5plugin.Bitshuffle()),
        "bslz4-parts": dict(chunks=(1, 50, 60), **hdf5plugin.Bitshuffle()),
        "lz4": dict(chunks=frame, **hdf5plugin.LZ4()),
        "gzip": dict(chunks=frame, compression="gzip", shuffle=True),
        "plain": dict(chunks=frame),
        "contiguous": dict(chunks=None),
    }
    seen = {}
    for name, storage in storages.items():
        source = write_frames(tmp_path / f"{name}.h5", frames, **storage)
        for threads in (1, 3):
            said = debye_json("integrate", source, "--poni", poni, "--bins", 150, "--threads", threads)
            assert said["frames"] == 7 and said["engine"] == "cpu"
            seen[name, threads] = said["result_crc32"]
    print(seen)
    assert len(set(seen.values())) == 1


def test_result_crc32_is_that_of_the_outputs_own_accumulators(tmp_path, debye_json):
    frames, _ = powder(7, count=5)
    out = tmp_path / "out.h5"
    said = debye_json("integrate", write_frames(tmp_path / "in.h5", frames), "--poni", write_poni(tmp_path / "g.poni"),
                      "--bins", 99, "--azimuth-bins", 4, "-o", out)
    signal, variance, weight = (find(out, name) for name in ("signal", "variance", "weight"))
    crc = 0
    for row in range(5):
        for sums, kind in ((signal, "<u8"), (variance, "<u8"), (weight, "<u4")):
            crc = zlib.crc32(np.ascontiguousarray(sums[row], kind).tobytes(), crc)
    assert crc == said["result_crc32"]


WRITER = """
import sys, time, h5py, hdf5plugin, numpy as np
frames = np.load(sys.argv[2])
with h5py.File(sys.argv[1], "w", libver="latest") as file:
    data = file.create_dataset("entry/data/data", (0, *frames.shape[1:]), maxshape=(None, *frames.shape[1:]),
                               chunks=(1, *frames.shape[1:]), dtype=frames.dtype, **hdf5plugin.Bitshuffle())
    file.swmr_mode = True
    print("ready", flush=True)
    for number, frame in enumerate(frames):
        data.resize(number + 1, axis=0)
        data[number] = frame
        data.flush()
        time.sleep(0.15)
"""


def test_follow_a_file_being_written_does_all_its_frames(tmp_path, debye_json):
    frames, _ = powder(8, count=12)
    np.save(tmp_path / "frames.npy", frames)
    growing = tmp_path / "growing.h5"
    poni = write_poni(tmp_path / "g.poni")
    writer = subprocess.Popen([sys.executable, "-c", WRITER, growing, tmp_path / "frames.npy"], stdout=subprocess.PIPE,
                              text=True)
    assert writer.stdout.readline() == "ready\n"
    followed = debye_json("integrate", growing, "--poni", poni, "--bins", 100, "--follow", "--patience", 20, "-o",
                          tmp_path / "out.h5")
    writer.wait()
    at_once = debye_json("integrate", write_frames(tmp_path / "whole.h5", frames), "--poni", poni, "--bins", 100)
    assert followed["frames"] == 12 and followed["failed"] == 0
    assert followed["result_crc32"] == at_once["result_crc32"]
    assert find(tmp_path / "out.h5", "signal").shape == (12, 100)


def test_eiger4m_protein_frame_integrates(tmp_path, debye_json, real):
    source = real("eiger4m_protein_u32_bslz4.h5")
    poni = write_poni(tmp_path / "g.poni", pixel1=75e-6, rows=2167, columns=2070, dist=0.2, poni1=0.081, poni2=0.0777)
    poni.write_text(poni.read_text().replace("8e-05", "75e-6"))
    out = tmp_path / "out.h5"
    said = debye_json("integrate", source, "--poni", poni, "-o", out)
    with h5py.File(source) as file:
        frame = file["entry/data/data"][0]
    valid = frame <= 2 ** 28 - 1
    assert said["frames"] == 1 and said["bytes_pixels"] == frame.nbytes
    assert find(out, "valid_pixels")[0] == valid.sum()
    assert find(out, "sum")[0] == frame[valid].sum(dtype="u8")
    assert find(out, "max")[0] == frame[valid].max()
    # Whole pixels went into the bins, none twice: everything but the sub-pixels on no bin.
    assert find(out, "signal").sum() == 64 * frame[valid].sum(dtype="u8")


def test_ceria_rings_stand_at_the_calculated_angles(tmp_path, debye_json, real, vectors):
    source = real("ceria_p2m.h5")
    out = tmp_path / "out.h5"
    debye_json("integrate", source, "--poni", vectors / "ceria_p2m.poni", "--unit", "2th_deg", "--bins", 3000, "--split",
               8, "-o", out)
    radial, intensity = find(out, "radial_axis"), find(out, "I")[0]
    wavelength, lattice = 2.021525442398752e-11, 5.411651e-10
    deviations = {}
    for squares in (3, 4, 8, 11, 12, 16, 19, 20, 24, 27, 32, 35, 36, 40):
        angle = np.degrees(2 * np.arcsin(wavelength * np.sqrt(squares) / (2 * lattice)))
        near = np.abs(radial - angle) < 0.06
        above = np.clip(intensity[near] - np.percentile(intensity[near], 30), 0, None)
        peak = radial[near][above.argmax()]
        core = np.abs(radial[near] - peak) < 0.03
        deviations[squares] = (radial[near][core] * above[core]).sum() / above[core].sum() - angle
    print("ring centroids, degrees from the calculated angle:", {k: round(v, 5) for k, v in deviations.items()})
    # A pixel is 0.0133 degrees wide here.
    assert max(map(abs, deviations.values())) < 0.004


def test_memory_of_a_long_run_is_that_of_a_short_one(tmp_path):
    """Whatever the number of frames: those under way are bounded (docs/guide.md)."""
    shape, distinct = (512, 512), 4
    frames = np.random.default_rng(5).integers(0, 60000, (distinct, *shape), np.uint16)
    poni = write_poni(tmp_path / "memory.poni", rows=shape[0], columns=shape[1])
    few = write_frames(tmp_path / "few.h5", frames)
    peaks, sizes = [], []
    for count in (100, 500):
        path = tmp_path / f"{count}.h5"
        with h5py.File(few) as source, h5py.File(path, "w") as file:
            chunks = [source["entry/data/data"].id.read_direct_chunk((frame, 0, 0))[1] for frame in range(distinct)]
            made = file.create_dataset("entry/data/data", (count, *shape), np.uint16, chunks=(1, *shape), **hdf5plugin.Bitshuffle())
            for frame in range(count):
                made.id.write_direct_chunk((frame, 0, 0), chunks[frame % distinct])
        sizes.append(path.stat().st_size)
        command = [peers.debye_binary(), "integrate", path, "--poni", poni, "--threads", "2", "-o", tmp_path / f"{count}_out.h5", "-q"]
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        peaks.append(used.ru_maxrss * 1024)
    assert sizes[1] - sizes[0] > 200e6
    # The output's index grows by some bytes a frame.
    assert peaks[1] - peaks[0] < 20e6, peaks
