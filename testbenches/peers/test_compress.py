"""Files that debye compresses, and frames that integrate keeps, are read by h5py with hdf5plugin, and by HDF5's own tools
where they are there.

`--codec liblz4` gives byte for byte what the bitshuffle package gives.
"""

import os
import pathlib
import shutil
import subprocess

import bitshuffle
import h5py
import hdf5plugin
import numpy as np
import pytest

from peers import debye, debye_json

DTYPES = ["u1", "u2", "u4", "i2", "i4"]
SHAPES = [(100_003,), (201, 333), (5, 67, 129), (2, 3, 40, 50)]
CONTENTS = ["zeros", "ones", "random", "ramp", "counts", "gaps"]


def content(kind, shape, dtype, seed=1):
    random = np.random.default_rng(seed)
    limits = np.iinfo(dtype)
    if kind == "zeros":
        return np.zeros(shape, dtype)
    if kind == "ones":
        return np.full(shape, -1 if limits.min else limits.max, dtype)
    if kind == "random":
        return random.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    if kind == "ramp":
        return np.arange(np.prod(shape)).astype(dtype).reshape(shape)
    data = np.minimum(random.poisson(1.5, shape), limits.max).astype(dtype)
    if kind == "gaps":
        data[..., 10:25] = limits.max
    return data


def raw_chunks(dataset):
    """Every stored chunk with its place."""
    for number in range(dataset.id.get_num_chunks()):
        place = dataset.id.get_chunk_info(number).chunk_offset
        yield place, dataset.id.read_direct_chunk(place)[1]


@pytest.mark.parametrize("codec", ["debye", "liblz4"])
def test_every_dtype_shape_and_content_is_read_by_hdf5plugin(tmp_path, codec):
    source, made = tmp_path / "in.h5", tmp_path / "out.h5"
    with h5py.File(source, "w") as file:
        for dtype in DTYPES:
            for shape in SHAPES:
                for kind in CONTENTS:
                    name = f"{dtype}/{len(shape)}/{kind}"
                    chunks = None if kind == "ramp" else (1,) * (len(shape) - 2) + tuple(n // 2 + 1 for n in shape[-2:])
                    file.create_dataset(name, data=content(kind, shape, dtype), chunks=chunks)
    report = debye_json("compress", source, "-o", made, "--codec", codec)
    assert len(report["datasets"]) == len(DTYPES) * len(SHAPES) * len(CONTENTS) and report["verified"]
    seen = []
    with h5py.File(source) as before, h5py.File(made) as after:
        def same(name, dataset):
            if isinstance(dataset, h5py.Dataset):
                assert "32008" in after[name]._filters, name
                np.testing.assert_array_equal(dataset[()], after[name][()], err_msg=name)
                seen.append(name)

        before.visititems(same)
    assert len(seen) == len(report["datasets"])


def test_chunks_of_a_simulated_card_are_read_by_hdf5plugin(tmp_path):
    source, made = tmp_path / "in.h5", tmp_path / "out.h5"
    with h5py.File(source, "w") as file:
        for dtype in DTYPES:
            for kind in CONTENTS:
                file.create_dataset(f"{dtype}/{kind}", data=content(kind, (2, 67, 129), dtype), chunks=(1, 67, 129))
    report = debye_json("compress", source, "-o", made, "--engine", "sim")
    assert report["engine"] == "sim" and report["card_chunks"] == 2 * len(DTYPES) * len(CONTENTS)
    with h5py.File(source) as before, h5py.File(made) as after:
        for dtype in DTYPES:
            for kind in CONTENTS:
                name = f"{dtype}/{kind}"
                assert "32008" in after[name]._filters
                np.testing.assert_array_equal(before[name][()], after[name][()], err_msg=name)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("block", [None, 64, 1000, 65536])
def test_codec_liblz4_gives_the_bytes_of_bitshuffle(tmp_path, dtype, block):
    source, made = tmp_path / "in.h5", tmp_path / "out.h5"
    options = [] if block is None else ["--block", block]
    elements = block or 8192 // np.dtype(dtype).itemsize
    with h5py.File(source, "w") as file:
        for kind in CONTENTS:
            file.create_dataset(kind, data=content(kind, (3, 171, 203), dtype), chunks=(1, 171, 203))
    debye("compress", source, "-o", made, "--codec", "liblz4", *options)
    with h5py.File(source) as before, h5py.File(made) as after:
        for kind in CONTENTS:
            chunks = list(raw_chunks(after[kind]))
            assert len(chunks) == 3
            for place, chunk in chunks:
                frame = before[kind][place[0]].reshape(-1)
                head = frame.nbytes.to_bytes(8, "big") + (elements * frame.itemsize).to_bytes(4, "big")
                assert chunk == head + bitshuffle.compress_lz4(frame, elements).tobytes(), (kind, place)


@pytest.mark.parametrize("dtype", DTYPES)
def test_blocks_of_codec_debye_are_decoded_by_bitshuffle(tmp_path, dtype):
    source, made = tmp_path / "in.h5", tmp_path / "out.h5"
    with h5py.File(source, "w") as file:
        for kind in CONTENTS:
            for count in [8, 64, 129, 4096, 8192, 20_001]:
                file.create_dataset(f"{kind}/{count}", data=np.resize(content(kind, (4100,), dtype), count), chunks=(count,))
    debye("compress", source, "-o", made)
    elements = 8192 // np.dtype(dtype).itemsize
    decoded = 0
    with h5py.File(source) as before, h5py.File(made) as after:
        for kind in CONTENTS:
            for count, dataset in after[kind].items():
                if "32008" not in dataset._filters:
                    continue  # small data sets are copied as they are
                ((_, chunk),) = raw_chunks(dataset)
                body = np.frombuffer(chunk, "u1")[12:].copy()
                got = bitshuffle.decompress_lz4(body, (int(count),), np.dtype(dtype), elements)
                np.testing.assert_array_equal(got, before[kind][count][()])
                decoded += 1
    assert decoded >= 2 * len(CONTENTS)


@pytest.mark.parametrize("name", ["eiger4m_protein_u32_bslz4.h5", "ceria_p2m.h5"])
def test_real_frames_come_back(tmp_path, real, name):
    source, made, back = real(name), tmp_path / "out.h5", tmp_path / "back.h5"
    report = debye_json("compress", source, "-o", made, "--recompress")
    debye("decompress", made, "-o", back)
    for entry in report["datasets"]:
        with h5py.File(source) as a, h5py.File(made) as b, h5py.File(back) as c:
            expected = a[entry["path"]][()]
            np.testing.assert_array_equal(expected, b[entry["path"]][()])
            np.testing.assert_array_equal(expected, c[entry["path"]][()])
            assert not c[entry["path"]]._filters


def tool(request, name):
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{request.node.name}: {name} is not installed (Debian: hdf5-tools)")
    return found


@pytest.fixture
def pair(tmp_path):
    """A file, compressed, and an environment in which HDF5's tools find hdf5plugin's filter."""
    source, made = tmp_path / "in.h5", tmp_path / "out.h5"
    with h5py.File(source, "w") as file:
        for dtype in DTYPES:
            file[dtype] = content("gaps", (3, 70, 90), dtype)
    debye("compress", source, "-o", made)
    return source, made, dict(os.environ, HDF5_PLUGIN_PATH=str(pathlib.Path(hdf5plugin.PLUGIN_PATH)))


def test_h5diff_finds_nothing(request, pair):
    source, made, environment = pair
    done = subprocess.run([tool(request, "h5diff"), source, made], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr


def test_h5dump_shows_every_value(request, pair):
    source, made, environment = pair
    shown = [
        subprocess.run([tool(request, "h5dump"), "-y", "-d", "/u2", path], env=environment, capture_output=True, text=True, check=True).stdout
        for path in (source, made)
    ]
    assert shown[0].split("DATA {")[1] == shown[1].split("DATA {")[1]


def test_h5repack_takes_the_filter_off(request, pair, tmp_path):
    source, made, environment = pair
    plain = tmp_path / "plain.h5"
    subprocess.run([tool(request, "h5repack"), "-f", "NONE", made, plain], env=environment, check=True)
    with h5py.File(source) as a, h5py.File(plain) as b:
        for dtype in DTYPES:
            assert not b[dtype]._filters
            np.testing.assert_array_equal(a[dtype][()], b[dtype][()])


def test_lossy_steps_follow_their_formula(tmp_path):
    source, made = tmp_path / "in.h5", tmp_path / "out.h5"
    counts = np.random.default_rng(2).poisson(np.geomspace(0.5, 20_000, 64 * 100).reshape(64, 100), (2, 64, 100)).astype("u2")
    counts[:, 5] = 65_535
    counts[:, 6] = 65_534
    limits = np.arange(6400).reshape(64, 100) % 7
    np.save(tmp_path / "limits.npy", limits.astype("u4"))
    with h5py.File(source, "w") as file:
        file["entry/data/data"] = counts
    debye("compress", source, "-o", made, "--threshold", tmp_path / "limits.npy", "--quantise", "0.5")
    kept = np.where(counts < limits, 0, counts)
    n = 8  # sixteenths
    # Integer square roots by numpy: exact, since 4096 I is far below 2^52.
    k = (np.floor(np.sqrt(4096.0 * kept)).astype("i8") + n) // (2 * n)
    expected = np.where(counts >= 65_534, counts, (k * k * n * n + 512) // 1024)
    with h5py.File(made) as file:
        np.testing.assert_array_equal(file["entry/data/data"][()], expected)
        assert file["entry/data/data"].attrs["debye_lossy"].endswith("quantised in steps of 0.5 sqrt(I)")
        record = file["debye_lossy"]
        assert record.attrs["NX_class"] == "NXprocess" and record["quantise_sigma"][()] == 0.5
        np.testing.assert_array_equal(record["threshold"][()], limits.reshape(-1))


KEPT_PONI = """poni_version: 2.1
Detector: Detector
Detector_config: {"pixel1": 1e-3, "pixel2": 1e-3, "max_shape": [67, 129], "orientation": 3}
Distance: 0.05
Poni1: 0.02
Poni2: 0.06
Rot1: 0.05
Rot2: -0.03
Rot3: 0.2
Wavelength: 1e-10
"""


@pytest.mark.parametrize("engine", [["--engine", "cpu"], ["--engine", "card", "--card", "sim:spec"]], ids=["cpu", "card"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_frames_kept_by_integrate_are_read_by_hdf5plugin(request, tmp_path, dtype, engine):
    source, made, kept, plain, poni = (tmp_path / name for name in ["in.h5", "made.h5", "kept.h5", "plain.h5", "in.poni"])
    poni.write_text(KEPT_PONI)
    frames = np.stack([content(kind, (67, 129), dtype, seed) for seed, kind in enumerate(CONTENTS)])
    with h5py.File(source, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        # As many leading dimensions as a raster scan has.
        dataset = data.create_dataset("data", data=frames.reshape(2, 3, 67, 129), chunks=(1, 2, 67, 129))
        dataset.attrs.update(long_name="counts", scale=[1.5, 2.5], units="photons")
    first = ["integrate", source, "--poni", poni, "--bins", 50, "--overwrite"]
    without = debye_json(*first, "-o", plain)
    report = debye_json(*first, *engine, "-o", made, "--keep-frames", kept)
    told = report["frames_file"]
    assert report["result_crc32"] == without["result_crc32"] and report["failed"] == 0
    assert (told["frames"], told["verified"], told["dataset"]) == (6, True, "/entry/data/data")
    assert told["made_by_card" if "card" in engine else "made_by_cpu"] == 6
    with h5py.File(plain) as a, h5py.File(made) as b:
        for name in ["I", "I_errors", "signal", "variance", "weight", "frame_status"]:
            np.testing.assert_array_equal(a["entry/data"][name][()], b["entry/data"][name][()], err_msg=name)
    compressed = tmp_path / "compressed.h5"
    debye("compress", source, "-o", compressed, "--frame-chunks", "--engine", "cpu")
    with h5py.File(source) as before, h5py.File(kept) as after, h5py.File(compressed) as usual:
        old, new, same = (file["entry/data/data"] for file in (before, after, usual))
        assert (new.dtype, new.shape, new.chunks) == (old.dtype, old.shape, (1, 1, 67, 129))
        assert new._filters == same._filters and "32008" in new._filters
        np.testing.assert_array_equal(old[()], new[()])
        assert list(raw_chunks(new)) == list(raw_chunks(same))
        assert sum(len(chunk) for _, chunk in raw_chunks(new)) == told["bytes"]
        assert set(new.attrs) == set(old.attrs)
        for name in old.attrs:
            np.testing.assert_array_equal(old.attrs[name], new.attrs[name])
        assert after.attrs["default"] == "entry" and after["entry/data"].attrs["signal"] == "data"
        record = after["entry/debye_frames"]
        assert record.attrs["NX_class"] == "NXprocess" and "failed_frames" not in record
        assert b"--keep-frames" in record["command"][()] and record["verified"][()]
    found = shutil.which("h5diff")
    if found:
        environment = dict(os.environ, HDF5_PLUGIN_PATH=str(pathlib.Path(hdf5plugin.PLUGIN_PATH)))
        done = subprocess.run([found, source, kept, "/entry/data/data"], env=environment, capture_output=True, text=True)
        assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr


def test_frames_that_failed_are_read_as_a_code_that_is_invalid(tmp_path):
    source, made, kept, poni = (tmp_path / name for name in ["in.h5", "made.h5", "kept.h5", "in.poni"])
    poni.write_text(KEPT_PONI)
    with h5py.File(source, "w") as file:
        frames = np.stack([content("counts", (67, 129), "u2", seed) for seed in range(3)])
        file.create_dataset("entry/data/data", data=frames, chunks=(1, 67, 129), compression="gzip")
        place = file["entry/data/data"].id.get_chunk_info(1)
    with open(source, "r+b") as file:
        file.seek(place.byte_offset + 2)
        file.write(b"\xff" * 40)
    done = debye("integrate", source, "--poni", poni, "-o", made, "--keep-frames", kept, check=False)
    assert done.returncode == 3 and "1 failed and left out" in done.stdout, done.stdout + done.stderr
    with h5py.File(kept) as file:
        read = file["entry/data/data"][()]
        np.testing.assert_array_equal(read[[0, 2]], frames[[0, 2]])
        assert (read[1] == 65_535).all()
        assert file["debye_frames/failed_frames"][()].tolist() == [1]


def test_frames_of_an_eiger_master_are_kept_in_one_data_set(tmp_path):
    source, made, kept = tmp_path / "scan_master.h5", tmp_path / "made.h5", tmp_path / "kept.h5"
    debye("simulate-frames", source, "--shape", "67,129", "--detector", "Detector", "--pixel-size", 1000, "--frames", 5,
          "--frames-per-file", 2)
    report = debye_json("integrate", source, "--poni", tmp_path / "scan.poni", "-o", made, "--keep-frames", kept)
    assert (report["frames_file"]["dataset"], report["frames_file"]["as_stored"]) == ("/entry/data/data", 5)
    with h5py.File(source) as before, h5py.File(kept) as after:
        parts = [before[f"entry/data/data_{k:06}"][()] for k in (1, 2, 3)]
        np.testing.assert_array_equal(np.concatenate(parts), after["entry/data/data"][()])
