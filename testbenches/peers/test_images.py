"""Masks and flat fields: the same image from numpy, fabio, h5py and hdf5plugin gives the same table."""

import gzip

import fabio
import h5py
import hdf5plugin
import numpy as np
import pytest

ROWS, COLUMNS = 61, 47

PONI = f"""poni_version: 2.1
Detector: Detector
Detector_config: {{"pixel1": 1e-4, "pixel2": 1e-4, "max_shape": [{ROWS}, {COLUMNS}], "orientation": 3}}
Distance: 0.02
Poni1: 0.002
Poni2: 0.0031
Rot1: 0.1
Rot2: 0.0
Rot3: 0.0
Wavelength: 1e-10
"""

MASK = np.random.default_rng(5).random((ROWS, COLUMNS)) < 0.2
FLAT = np.random.default_rng(6).uniform(0.5, 1.5, (ROWS, COLUMNS)).astype("f4")


@pytest.fixture
def integrate(tmp_path, debye_json):
    """Integrates a fixed frame with further arguments: (result_crc32, I of the pattern)."""
    poni, frames = tmp_path / "geometry.poni", tmp_path / "frames.h5"
    poni.write_text(PONI)
    counts = np.random.default_rng(7).poisson(100.0, (1, ROWS, COLUMNS)).astype("u2")
    with h5py.File(frames, "w") as file:
        file.create_dataset("entry/data/data", data=counts, chunks=(1, ROWS, COLUMNS), **hdf5plugin.Bitshuffle())

    def run(*arguments):
        out = tmp_path / "out.h5"
        summary = debye_json("integrate", frames, "--poni", poni, "--bins", 50, "-o", out, "--overwrite", *arguments)
        with h5py.File(out) as file:
            return summary["result_crc32"], file["entry/data/I"][()], file["entry/data/weight"][()]

    return run


def write_npy(path, image, **_):
    np.save(path, image)


def write_hdf5(path, image, name="mask", **storage):
    with h5py.File(path, "w") as file:
        file.create_dataset(name, data=image, **storage)


def write_gzipped_edf(path, image):
    plain = path.with_suffix(".plain.edf")
    fabio.edfimage.EdfImage(data=image).write(plain)
    path.write_bytes(gzip.compress(plain.read_bytes()))


MASK_FILES = {
    "bool.npy": lambda path: write_npy(path, MASK),
    "int8.npy": lambda path: write_npy(path, MASK.astype("i1")),
    "big_endian.npy": lambda path: write_npy(path, MASK.astype(">u4")),
    "fortran.npy": lambda path: write_npy(path, np.asfortranarray(MASK.astype("f8"))),
    "three_dimensional.npy": lambda path: write_npy(path, MASK[np.newaxis]),
    "nan.npy": lambda path: write_npy(path, np.where(MASK, np.nan, 0.0)),
    "uint8.edf": lambda path: fabio.edfimage.EdfImage(data=MASK.astype("u1")).write(path),
    "int32.edf": lambda path: fabio.edfimage.EdfImage(data=MASK.astype("i4")).write(path),
    "float.edf": lambda path: fabio.edfimage.EdfImage(data=MASK.astype("f4")).write(path),
    "packed.edf.gz": lambda path: write_gzipped_edf(path, MASK.astype("u2")),
    "uint8.tif": lambda path: fabio.tifimage.TifImage(data=MASK.astype("u1")).write(path),
    "int32.tif": lambda path: fabio.tifimage.TifImage(data=MASK.astype("i4")).write(path),
    "float.tif": lambda path: fabio.tifimage.TifImage(data=MASK.astype("f4")).write(path),
    "fit2d.msk": lambda path: fabio.fit2dmaskimage.Fit2dMaskImage(data=MASK.astype("u1")).write(path),
    "bool.h5": lambda path: write_hdf5(path, MASK),
    "big_endian.h5": lambda path: write_hdf5(path, MASK.astype(">i8"), chunks=(20, 20)),
    "gzip.h5": lambda path: write_hdf5(path, MASK.astype("u1"), "pixel_mask", compression="gzip", chunks=(20, 20)),
    "eiger_master.h5": lambda path: write_hdf5(
        path, MASK.astype("u4"), "entry/instrument/detector/detectorSpecific/pixel_mask", **hdf5plugin.Bitshuffle()
    ),
    "tiles.nxs": lambda path: write_hdf5(path, MASK.astype("u4"), chunks=(16, 24), **hdf5plugin.Bitshuffle()),
    "three_dimensional.h5": lambda path: write_hdf5(path, MASK[np.newaxis].astype("u1"), "a/b/c"),
}


@pytest.mark.parametrize("name", MASK_FILES)
def test_mask_from_any_writer_gives_the_same_pattern(name, tmp_path, integrate):
    reference = tmp_path / "reference.npy"
    np.save(reference, MASK.astype("u1"))
    path = tmp_path / name
    MASK_FILES[name](path)
    expected, got = integrate("--mask", reference), integrate("--mask", path)
    assert got[0] == expected[0]
    assert got[2].sum() == 64 * np.count_nonzero(~MASK)


def test_mask_named_in_an_hdf5_file_is_that_one(tmp_path, integrate):
    path, reference = tmp_path / "masks.h5", tmp_path / "reference.npy"
    np.save(reference, MASK)
    with h5py.File(path, "w") as file:
        file["mask"] = np.zeros_like(MASK)
        file["other/mask"] = MASK
    assert integrate("--mask", f"{path}::/other/mask")[0] == integrate("--mask", reference)[0]
    assert integrate("--mask", path)[0] == integrate()[0]


FLAT_FILES = {
    "float64.npy": lambda path: write_npy(path, FLAT.astype("f8")),
    "float32.edf": lambda path: fabio.edfimage.EdfImage(data=FLAT).write(path),
    "float32.tif": lambda path: fabio.tifimage.TifImage(data=FLAT).write(path),
    "float32.h5": lambda path: write_hdf5(path, FLAT, "flatfield"),
    "gzip.h5": lambda path: write_hdf5(path, FLAT.astype(">f8"), "x/y", compression="gzip", shuffle=True),
    "eiger_master.h5": lambda path: write_hdf5(
        path, FLAT, "entry/instrument/detector/detectorSpecific/flatfield", **hdf5plugin.Bitshuffle()
    ),
    "tiles.h5": lambda path: write_hdf5(path, FLAT, "flatfield", chunks=(16, 24), **hdf5plugin.Bitshuffle(nelems=64)),
    "big_endian_tiles.h5": lambda path: write_hdf5(
        path, FLAT.astype(">f4"), "flatfield", chunks=(16, 24), **hdf5plugin.Bitshuffle()
    ),
}


@pytest.mark.parametrize("name", FLAT_FILES)
def test_flat_from_any_writer_gives_the_same_pattern(name, tmp_path, integrate):
    reference = tmp_path / "reference.npy"
    np.save(reference, FLAT)
    path = tmp_path / name
    FLAT_FILES[name](path)
    expected, got = integrate("--flat", reference), integrate("--flat", path)
    assert np.array_equal(got[1], expected[1], equal_nan=True)
    assert not np.array_equal(got[1], integrate()[1], equal_nan=True)


def test_mask_transposed_is_refused_with_both_shapes(tmp_path, integrate):
    path = tmp_path / "transposed.npy"
    np.save(path, MASK.T)
    with pytest.raises(pytest.fail.Exception, match=f"has {COLUMNS} x {ROWS} pixels, the frames have {ROWS} x {COLUMNS}"):
        integrate("--mask", path)
