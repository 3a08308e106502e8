"""The output file as others read it: h5py, silx, and the CRC by zlib; and what happens when it cannot be written."""

import datetime
import resource
import signal
import subprocess
import zlib

import h5py
import numpy as np
import pytest
import silx.io
from silx.io import nxdata

from peers import debye, debye_binary

FRAMES = 11


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """A scan of simulated rings, its geometry beside it."""
    folder = tmp_path_factory.mktemp("scan")
    debye("simulate-frames", folder / "scan_master.h5", "--detector", "Detector", "--shape", "300,320", "--frames", FRAMES)
    return folder


@pytest.fixture(scope="module")
def flat(scan):
    """Its 1D output."""
    return integrate(scan, "flat.h5", "--polarization", "0.99")


@pytest.fixture(scope="module")
def caked(scan):
    """Its caked output."""
    return integrate(scan, "caked.h5", "--unit", "2th_deg", "--bins", 200, "--azimuth-bins", 36)


def integrate(scan, name, *arguments):
    debye("integrate", scan / "scan_master.h5", "--poni", scan / "scan.poni", "-o", scan / name, *arguments)
    return scan / name


def text(node):
    value = node[()]
    assert isinstance(value, bytes)
    return value.decode()


@pytest.mark.parametrize("which, definition, axes, interpretation", [
    ("flat", "NXazint1d", [".", "radial_axis"], "spectrum"),
    ("caked", "NXazint2d", [".", "azimuthal_axis", "radial_axis"], "image"),
])
def test_required_fields_are_present_with_their_types(request, which, definition, axes, interpretation):
    with h5py.File(request.getfixturevalue(which)) as file:
        entry = file[file.attrs["default"]]
        assert entry.attrs["NX_class"] == "NXentry" and text(entry["definition"]) == definition
        for name in ("solid_angle_applied", "polarization_applied", "normalization_applied"):
            assert entry[name].dtype == bool and entry[name].shape == (), name
        assert entry["polarization_applied"][()] == (which == "flat")
        instrument = entry["instrument"]
        assert instrument.attrs["NX_class"] == "NXinstrument" and text(instrument["name"])
        beam = instrument["monochromator"]
        assert beam.attrs["NX_class"] == "NXmonochromator"
        assert (beam["wavelength"].attrs["units"], beam["energy"].attrs["units"]) == ("angstrom", "keV")
        assert beam["wavelength"][()] * beam["energy"][()] == pytest.approx(12.39841984, rel=1e-9)
        assert instrument["source"].attrs["NX_class"] == "NXsource"
        assert all(text(instrument["source"][name]) for name in ("name", "type", "probe"))
        reduction = entry["reduction"]
        assert reduction.attrs["NX_class"] == "NXprocess"
        assert all(text(reduction[name]) for name in ("program", "version", "date", "reference", "note"))
        assert reduction["input"].attrs["NX_class"] == "NXparameters"
        data = entry[entry.attrs["default"]]
        assert data.attrs["NX_class"] == "NXdata" and data.attrs["signal"] == "I"
        assert list(data.attrs["axes"]) == axes and data.attrs["interpretation"] == interpretation
        assert data["I"].attrs["long_name"] == "intensity" and data["I"].attrs["units"] == "arbitrary units"
        shape = (FRAMES, *(len(data[name]) for name in axes[1:]))
        for name in ("I", "I_errors", "signal", "variance", "weight"):
            assert data[name].shape == shape and data[name].compression == "gzip" and data[name].shuffle, name
        assert data["norm"].shape == shape[1:]
        for name in axes[1:]:
            edges = data[f"{name}_edges"][:]
            np.testing.assert_allclose(data[name][:], (edges[1:] + edges[:-1]) / 2)


@pytest.mark.parametrize("which", ["flat", "caked"])
def test_one_group_a_class_so_that_simple_readers_find_it(request, which):
    """GSAS-II takes the last group of a class that it meets."""
    found = []
    with h5py.File(request.getfixturevalue(which)) as file:
        file.visititems(lambda name, node: found.append(node.attrs.get("NX_class")))
    for nx_class in ("NXentry", "NXdata", "NXparameters", "NXmonochromator", "NXsource", "NXinstrument"):
        assert found.count(nx_class) == 1, nx_class


@pytest.mark.parametrize("which, rank", [("flat", 2), ("caked", 3)])
def test_silx_finds_the_default_plot(request, which, rank):
    with silx.io.open(str(request.getfixturevalue(which))) as file:
        plot = nxdata.get_default(file)
        assert plot is not None and plot.is_valid, plot and plot.issues
        assert plot.signal.ndim == rank and plot.signal_dataset_name == "I"
        assert plot.axes_dataset_names[-1] == "radial_axis"
        assert plot.errors is not None and plot.errors.shape == plot.signal.shape


@pytest.mark.parametrize("which", ["flat", "caked"])
def test_result_crc32_follows_from_the_file(request, which):
    with h5py.File(request.getfixturevalue(which)) as file:
        data, crc = file["entry/data"], 0
        for row in range(FRAMES):
            for name, kind in (("signal", "<u8"), ("variance", "<u8"), ("weight", "<u4")):
                crc = zlib.crc32(data[name][row].astype(kind).tobytes(), crc)
        assert crc == file["entry/reduction/result_crc32"][()]


@pytest.mark.parametrize("which", ["flat", "caked"])
def test_intensities_follow_from_the_sums(request, which):
    with h5py.File(request.getfixturevalue(which)) as file:
        data = {name: file["entry/data"][name][:] for name in ("I", "I_errors", "signal", "variance", "weight", "frame_norm")}
    filled = data["weight"] > 0
    np.testing.assert_array_equal(np.isfinite(data["I"]), filled)
    norm = data["frame_norm"][filled]
    np.testing.assert_allclose(data["I"][filled], data["signal"][filled] / 64 / norm, rtol=1e-14)
    np.testing.assert_allclose(data["I_errors"][filled], np.sqrt(data["variance"][filled]) / 64 / norm, rtol=1e-14)


def test_poni_in_the_output_is_the_geometry_again(flat, tmp_path):
    import pyFAI

    with h5py.File(flat) as file:
        (tmp_path / "again.poni").write_text(text(file["entry/reduction/input/poni"]))
        stored = {name: node[()] for name, node in file["entry/instrument/geometry"].items()}
    again = pyFAI.load(str(tmp_path / "again.poni"))
    for name, value in (("distance", again.dist), ("poni1", again.poni1), ("poni2", again.poni2), ("rot1", again.rot1),
                        ("rot2", again.rot2), ("rot3", again.rot3), ("wavelength", again.wavelength)):
        assert stored[name] == value, name
    assert again.detector.shape == (300, 320)


def test_times_have_their_zone_and_order(flat):
    with h5py.File(flat) as file:
        times = [datetime.datetime.fromisoformat(text(file[f"entry/reduction/{name}"])) for name in ("start_time", "end_time")]
    assert times[0].tzinfo is not None and times[0] <= times[1] <= datetime.datetime.now(datetime.timezone.utc)


def test_exported_text_is_what_numpy_reads(flat, tmp_path):
    debye("export", flat, "-o", tmp_path / "mean.xy", "--frame", "mean")
    debye("export", flat, "-o", tmp_path / "all.csv")
    with h5py.File(flat) as file:
        data = file["entry/data"]
        norm = data["frame_norm"][:].sum(axis=0)
        with np.errstate(invalid="ignore"):
            expected = data["signal"][:].sum(axis=0) / 64 / norm
        radial, mean, _ = np.loadtxt(tmp_path / "mean.xy", unpack=True)
        np.testing.assert_array_equal(radial, data["radial_axis"][:])
        np.testing.assert_allclose(mean, expected, rtol=1e-13)
        table = np.genfromtxt(tmp_path / "all.csv", delimiter=",", skip_header=1)
        np.testing.assert_array_equal(table[:, 2].reshape(data["I"].shape), data["I"][:])


@pytest.mark.parametrize("limit", [4096, 65536, 150_000])
def test_full_disk_is_told_and_leaves_nothing(scan, limit, tmp_path):
    """A limit on the size of files stands for the full disk: the system refuses the write."""

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    arguments = ["integrate", scan / "scan_master.h5", "--poni", scan / "scan.poni", "-o", tmp_path / "out.h5"]
    done = subprocess.run([debye_binary(), *map(str, arguments)], capture_output=True, text=True, timeout=120, preexec_fn=limited)
    assert done.returncode == 1, done.stderr
    assert "out.h5" in done.stderr and "File too large" in done.stderr, done.stderr
    assert "HDF5-DIAG" not in done.stderr and "panicked" not in done.stderr
    assert list(tmp_path.iterdir()) == []
