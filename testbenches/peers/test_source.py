"""Frames read by debye equal what h5py, hdf5plugin and numpy wrote.

Corrupt input goes to debye only: hdf5plugin crashes on it.
"""

import json
import struct
import subprocess
import sys

import h5py
import hdf5plugin
import numpy as np
import pytest

from peers import debye, debye_binary, info, pixels

DTYPES = ["u1", "u2", "u4", "i2", "i4"]


def frames(count=3, rows=37, columns=53, dtype="u2", seed=1):
    """Counts of a few photons, some bright pixels and the type's extremes; 37 * 53 is not a multiple of 8."""
    random = np.random.default_rng(seed)
    limits = np.iinfo(dtype)
    data = np.minimum(random.poisson(3.0, (count, rows, columns)), limits.max).astype(dtype)
    bright = random.random(data.shape) < 0.02
    data[bright] = random.integers(limits.min, limits.max, bright.sum(), endpoint=True, dtype=dtype)
    data[:, 0, :4] = limits.max
    data[:, -1, -1] = limits.min
    return data


def bslz4(block=0):
    return hdf5plugin.Bitshuffle(nelems=block, cname="lz4")


def write(path, data, name="entry/data/data", **options):
    options.setdefault("chunks", (1,) * (data.ndim - 2) + data.shape[-2:])
    with h5py.File(path, "w") as file:
        file.create_dataset(name, data=data, **options)
    return path


def check(path, expected, tmp_path, *arguments):
    """Every frame of `path` equals `expected` (frames first)."""
    expected = expected.reshape(-1, *expected.shape[-2:])
    assert info(path, *arguments)["frames"] == len(expected)
    for number, frame in enumerate(expected):
        got = pixels(path, number, tmp_path / "frame.npy", *arguments)
        assert got.dtype == frame.dtype.newbyteorder("<")
        np.testing.assert_array_equal(got, frame)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("block", [0, 8, 64, 1000, 8192, 1 << 20])
def test_bslz4_every_dtype_and_block_size(tmp_path, dtype, block):
    data = frames(dtype=dtype)
    path = write(tmp_path / "a.h5", data, **bslz4(block))
    found = info(path)
    assert found["filter"] == "bslz4" and found["dtype"] == np.dtype(dtype).name
    if block:
        assert found["block_bytes"] == block * data.itemsize
    check(path, data, tmp_path)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 4), (3, 3), (16, 16), (1, 1025), (129, 33)])
def test_bslz4_frame_sizes_with_and_without_tails(tmp_path, shape):
    data = np.arange(2 * shape[0] * shape[1], dtype="u4").reshape(2, *shape)
    check(write(tmp_path / "a.h5", data, **bslz4()), data, tmp_path)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "options",
    [
        dict(chunks=None),
        dict(),
        dict(compression="gzip"),
        dict(compression="gzip", shuffle=True),
        dict(compression="gzip", shuffle=True, fletcher32=True),
        dict(fletcher32=True),
        dict(shuffle=True),
        dict(scaleoffset=0),
        dict(**hdf5plugin.LZ4()),
        dict(**hdf5plugin.LZ4(nbytes=128)),
        dict(**hdf5plugin.Bitshuffle(cname="none")),
        dict(**hdf5plugin.Bitshuffle(nelems=64, cname="none")),
        dict(fletcher32=True, **bslz4()),
    ],
    ids=lambda options: "-".join(f"{key}={value}" for key, value in options.items()) or "raw",
)
def test_other_storage_every_dtype(tmp_path, dtype, options):
    data = frames(dtype=dtype)
    check(write(tmp_path / "a.h5", data, **options), data, tmp_path)


@pytest.mark.parametrize("dtype", [">u2", ">u4", ">i2", ">i4"])
@pytest.mark.parametrize("options", [dict(chunks=None), dict(compression="gzip", shuffle=True), bslz4(), hdf5plugin.LZ4()])
def test_big_endian_is_converted(tmp_path, dtype, options):
    data = frames(dtype=dtype[1:]).astype(dtype)
    check(write(tmp_path / "a.h5", data, **options), data, tmp_path)


@pytest.mark.parametrize("chunks", [(2, 37, 53), (5, 37, 53), (1, 10, 53), (1, 37, 20), (1, 10, 20), (3, 8, 16), (7, 1, 53)])
@pytest.mark.parametrize("filters", [{}, bslz4(), hdf5plugin.LZ4(), dict(compression="gzip")], ids=["raw", "bslz4", "lz4", "gzip"])
def test_chunks_that_are_not_one_frame(tmp_path, chunks, filters):
    data = frames(count=7)
    check(write(tmp_path / "a.h5", data, chunks=chunks, **filters), data, tmp_path)


@pytest.mark.parametrize("filters", [{}, bslz4()], ids=["raw", "bslz4"])
def test_chunk_larger_than_the_frame(tmp_path, filters):
    data = frames(count=3)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        made = file.create_dataset("d", data.shape, data.dtype, chunks=(2, 64, 64), maxshape=(None,) * 3, **filters)
        made[:] = data
    check(path, data, tmp_path)


@pytest.mark.parametrize("leading", [(), (4,), (2, 3), (2, 1, 3)])
@pytest.mark.parametrize("filters", [{}, bslz4()], ids=["raw", "bslz4"])
def test_dimensions_are_flattened(tmp_path, leading, filters):
    count = int(np.prod(leading, dtype=int))
    data = frames(count=count).reshape(*leading, 37, 53)
    check(write(tmp_path / "a.h5", data, **filters), data, tmp_path)


def test_user_block_is_counted(tmp_path):
    data = frames()
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", userblock_size=1024) as file:
        file.create_dataset("bslz4", data=data, chunks=(1, 37, 53), **bslz4())
        file.create_dataset("contiguous", data=data)
    for name in ["bslz4", "contiguous"]:
        check(path, data, tmp_path, "--dataset", name)


def test_filter_mask_says_the_filter_was_skipped(tmp_path):
    data = frames(count=2)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        made = file.create_dataset("d", data.shape, data.dtype, chunks=(1, 37, 53), **bslz4())
        made[0] = data[0]
        made.id.write_direct_chunk((1, 0, 0), data[1].tobytes(), filter_mask=1)
    check(path, data, tmp_path)


def test_filter_mask_skips_one_of_two(tmp_path):
    data = frames(count=1)
    path = tmp_path / "a.h5"
    shuffled = data[0].view("u1").reshape(-1, 2).T.copy().tobytes()
    with h5py.File(path, "w") as file:
        made = file.create_dataset("d", data.shape, data.dtype, chunks=(1, 37, 53), shuffle=True, compression="gzip")
        made.id.write_direct_chunk((0, 0, 0), shuffled, filter_mask=2)
    check(path, data, tmp_path)


def test_lz4_incompressible_block_is_stored_raw(tmp_path):
    data = np.random.default_rng(3).integers(0, 1 << 32, (2, 40, 41), dtype="u4")
    check(write(tmp_path / "a.h5", data, **hdf5plugin.LZ4(nbytes=1000)), data, tmp_path)


def eiger_master(folder, data, counts):
    """A master file with external links to one data file for each of `counts`."""
    folder.mkdir(exist_ok=True)
    master = folder / "scan_master.h5"
    done = 0
    with h5py.File(master, "w") as file:
        group = file.create_group("entry/data")
        for number, count in enumerate(counts, 1):
            name = f"scan_data_{number:06d}.h5"
            write(folder / name, data[done : done + count], **bslz4())
            group[f"data_{number:06d}"] = h5py.ExternalLink(name, "/entry/data/data")
            done += count
        file["entry/instrument/detector/detectorSpecific/pixel_mask"] = np.zeros((1000, 1000), "u4")
    return master


def test_eiger_master_joins_its_data_files(tmp_path):
    data = frames(count=8)
    master = eiger_master(tmp_path / "scan", data, [3, 3, 2])
    assert len(info(master)["files"]) == 4
    check(master, data, tmp_path)
    check(master, data[3:6], tmp_path, "--dataset", "/entry/data/data_000002")
    check(tmp_path / "scan/scan_data_000003.h5", data[6:], tmp_path)


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_eiger_master_names_the_missing_file(tmp_path, lost):
    master = eiger_master(tmp_path / "scan", frames(count=6), [2, 2, 2])
    (tmp_path / f"scan/scan_data_{lost:06d}.h5").unlink()
    done = debye("info", master, check=False)
    assert done.returncode == 1 and f"scan_data_{lost:06d}.h5" in done.stderr, done.stderr


def virtual(path, shape, dtype, pieces, fillvalue=0, maxshape=None):
    """`pieces`: (target selection, file, data set, source shape, source selection)."""
    layout = h5py.VirtualLayout(shape=shape, dtype=dtype, maxshape=maxshape)
    for target, file, name, source_shape, selection in pieces:
        layout[target] = h5py.VirtualSource(file, name, shape=source_shape)[selection]
    with h5py.File(path, "w", libver="latest") as file:
        file.create_virtual_dataset("entry/data/data", layout, fillvalue=fillvalue)
    return path


def test_virtual_set_of_files_one_after_the_other(tmp_path):
    data = frames(count=7)
    pieces = []
    for start, end in [(0, 3), (3, 7)]:
        write(tmp_path / f"part{start}.h5", data[start:end], **bslz4())
        source = np.s_[start:end], f"part{start}.h5", "/entry/data/data", data[start:end].shape, np.s_[:]
        pieces.append(source)
    path = virtual(tmp_path / "v.h5", data.shape, data.dtype, pieces)
    assert info(path)["filter"] == "bslz4" and info(path)["block_bytes"]
    assert json.loads(debye("inspect", path, "--frame", 4, "--json").stdout)["chunk"] is not None
    check(path, data, tmp_path)


def test_virtual_set_with_interleaved_writers(tmp_path):
    data = frames(count=11)
    pieces = []
    for writer in range(4):
        own = data[writer::4]
        write(tmp_path / f"w{writer}.h5", own, **bslz4())
        pieces.append((np.s_[writer::4], f"w{writer}.h5", "/entry/data/data", own.shape, np.s_[:]))
    check(virtual(tmp_path / "v.h5", data.shape, data.dtype, pieces), data, tmp_path)


def test_virtual_set_takes_some_frames_of_the_source_backwards_rank(tmp_path):
    data = frames(count=12).reshape(3, 4, 37, 53)
    write(tmp_path / "source.h5", data, **bslz4())
    piece = np.s_[:, :, :], "source.h5", "/entry/data/data", data.shape, np.s_[1, ::2]
    check(virtual(tmp_path / "v.h5", (2, 37, 53), data.dtype, [piece]), data[1, ::2], tmp_path)


def test_virtual_set_of_two_dimensional_files(tmp_path):
    data = frames(count=70, rows=5, columns=6)
    pieces = []
    for number, frame in enumerate(data):
        write(tmp_path / f"f{number}.h5", frame, name="d", **bslz4())
        pieces.append((number, f"f{number}.h5", "d", frame.shape, np.s_[:]))
    check(virtual(tmp_path / "v.h5", data.shape, data.dtype, pieces), data, tmp_path)


def test_virtual_set_of_modules_fills_the_gaps(tmp_path):
    data = np.full((3, 40, 61), 65535, "u2")
    pieces = []
    for row, column in [(0, 0), (0, 31), (22, 0), (22, 31)]:
        module = frames(rows=18, columns=30, seed=row + column)
        name = f"m{row}_{column}.h5"
        write(tmp_path / name, module, name="d", **bslz4())
        area = np.s_[:, row : row + 18, column : column + 30]
        data[area] = module
        pieces.append((area, name, "d", module.shape, np.s_[:]))
    check(virtual(tmp_path / "v.h5", data.shape, data.dtype, pieces, fillvalue=65535), data, tmp_path)


def test_virtual_set_of_virtual_sets_in_the_same_file(tmp_path):
    data = frames(count=4)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("raw", data=data, chunks=(1, 37, 53), **bslz4())
        for name, source in [("inner", "raw"), ("outer", "inner")]:
            layout = h5py.VirtualLayout(data.shape, data.dtype)
            layout[:] = h5py.VirtualSource(".", source, shape=data.shape)
            file.create_virtual_dataset(name, layout)
    check(path, data, tmp_path, "--dataset", "outer")


def test_virtual_set_that_leads_in_a_circle_is_refused(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        for name, source in [("one", "two"), ("two", "one")]:
            layout = h5py.VirtualLayout((2, 5, 6), "u2")
            layout[:] = h5py.VirtualSource(".", source, shape=(2, 5, 6))
            file.create_virtual_dataset(name, layout)
    done = debye("info", path, "--dataset", "one", check=False)
    assert done.returncode == 1 and "virtual" in done.stderr, done.stderr


def test_virtual_set_with_strides_inside_frames_goes_through_hdf5(tmp_path):
    data = frames(rows=36, columns=52)
    for name, filters in [("gzip", dict(compression="gzip")), ("bslz4", bslz4())]:
        write(tmp_path / f"{name}.h5", data, **filters)
        piece = np.s_[:], f"{name}.h5", "/entry/data/data", data.shape, np.s_[:, ::2, ::2]
        virtual(tmp_path / f"v_{name}.h5", (3, 18, 26), data.dtype, [piece])
    check(tmp_path / "v_gzip.h5", data[:, ::2, ::2], tmp_path)
    done = debye("info", tmp_path / "v_bslz4.h5", check=False)
    assert done.returncode == 1 and "bslz4" in done.stderr, done.stderr


def test_virtual_set_names_the_missing_source(tmp_path):
    piece = np.s_[:], "gone.h5", "d", (2, 5, 6), np.s_[:]
    done = debye("info", virtual(tmp_path / "v.h5", (2, 5, 6), "u2", [piece]), check=False)
    assert done.returncode == 1 and "gone.h5" in done.stderr, done.stderr


def test_missing_chunk_is_told_and_the_others_are_read(tmp_path):
    data = frames(count=3)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        made = file.create_dataset("d", data.shape, data.dtype, chunks=(1, 37, 53), **bslz4())
        made[0], made[2] = data[0], data[2]
    for number in [0, 2]:
        np.testing.assert_array_equal(pixels(path, number, tmp_path / "f.npy"), data[number])
    done = debye("inspect", path, "--frame", 1, check=False)
    assert done.returncode == 1 and "no chunk" in done.stderr, done.stderr


@pytest.mark.parametrize(
    "path", ["/entry/data/data", "/entry/instrument/detector/data", "/entry_0000/measurement/data", "/some/where"]
)
def test_search_finds_the_usual_places(tmp_path, path):
    data = frames()
    file = write(tmp_path / "a.h5", data, name=path, **bslz4())
    with h5py.File(file, "r+") as opened:
        opened["a_mask"] = np.zeros((37, 53), "u1")
        opened["motor"] = np.zeros(99)
    assert info(file)["dataset"] == path
    assert [other["path"] for other in info(file)["others"]] == ["/a_mask"]


def test_search_follows_nexus_default(tmp_path):
    file = tmp_path / "a.h5"
    with h5py.File(file, "w") as opened:
        opened["big"] = np.zeros((9, 37, 53), "u2")
        opened["scan/plot/counts"] = frames()
        opened.attrs["default"] = "scan"
        opened["scan"].attrs["default"] = "plot"
        opened["scan/plot"].attrs["signal"] = "counts"
    assert info(file)["dataset"] == "/scan/plot/counts"


def test_search_in_a_named_group(tmp_path):
    file = write(tmp_path / "a.h5", frames(), name="/scan1/det/image", **bslz4())
    with h5py.File(file, "r+") as opened:
        opened["scan2/det/image"] = np.zeros((9, 37, 53), "u2")
    assert info(file, "--dataset", "scan1")["dataset"] == "/scan1/det/image"


def test_search_never_takes_a_mask_for_frames(tmp_path):
    file = tmp_path / "a.h5"
    with h5py.File(file, "w") as opened:
        opened["entry/instrument/detector/pixel_mask"] = np.zeros((37, 53), "u4")
    done = debye("info", file, check=False)
    assert done.returncode == 1 and "pixel_mask" in done.stderr and "no integer" in done.stderr, done.stderr


def test_search_with_broken_link_reads_nothing_else(tmp_path):
    file = tmp_path / "a.h5"
    with h5py.File(file, "w") as opened:
        opened["entry/data/data"] = h5py.ExternalLink("gone.h5", "/data")
        opened["other"] = frames()
    done = debye("info", file, check=False)
    assert done.returncode == 1 and "gone.h5" in done.stderr, done.stderr


def test_search_with_two_equals_lists_both(tmp_path):
    file = tmp_path / "a.h5"
    with h5py.File(file, "w") as opened:
        opened["left"] = frames()
        opened["right"] = frames()
    done = debye("info", file, check=False)
    assert done.returncode == 1 and "/left" in done.stderr and "/right" in done.stderr and "--dataset" in done.stderr


WRITER = """
import sys, h5py, hdf5plugin, numpy as np
data = np.load(sys.argv[2])
with h5py.File(sys.argv[1], "w", libver="latest") as file:
    made = file.create_dataset("entry/data/data", (int(sys.argv[3]), *data.shape[1:]), data.dtype,
                               chunks=(1, *data.shape[1:]), maxshape=(None, *data.shape[1:]),
                               **hdf5plugin.Bitshuffle(cname="lz4"))
    file.swmr_mode = True
    print("open", flush=True)
    for number, frame in enumerate(data):
        sys.stdin.readline()
        made.resize(max(number + 1, made.shape[0]), 0)
        made[number] = frame
        made.flush()
        print(number, flush=True)
    sys.stdin.readline()
print("closed", flush=True)
"""


@pytest.mark.parametrize("room", [0, 5, 7])
def test_swmr_file_is_followed_to_its_end(tmp_path, room):
    """`room` frames are there from the start, but empty; at the end 5 are written."""
    data = frames(count=5)
    np.save(tmp_path / "data.npy", data)
    path = tmp_path / "a.h5"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, path, tmp_path / "data.npy", str(room)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout.readline() == "open\n"
        done = debye("inspect", path, check=False)
        assert done.returncode == 1 and "holds 0 in all" in done.stderr, done.stderr
        follower = subprocess.Popen(
            [debye_binary(), "info", path, "--follow", "--json"], stdout=subprocess.PIPE, text=True
        )
        assert json.loads(follower.stdout.readline()) == {"frames": 0, "being_written": True}
        for number, frame in enumerate(data):
            writer.stdin.write("\n")
            writer.stdin.flush()
            assert writer.stdout.readline() == f"{number}\n"
            assert json.loads(follower.stdout.readline()) == {"frames": number + 1, "being_written": True}
            np.testing.assert_array_equal(pixels(path, number, tmp_path / "f.npy"), frame)
        writer.stdin.write("\n")
        writer.stdin.flush()
        assert follower.wait(60) == 0
    finally:
        writer.kill()
        writer.wait()
    if room > len(data):
        assert info(path)["frames"] == room
        assert "no chunk" in debye("inspect", path, "--frame", room - 1, check=False).stderr
    else:
        check(path, data, tmp_path)


def test_writer_without_swmr_is_told(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("d", data=frames())
        file.flush()
        done = debye("info", path, check=False)
    assert done.returncode == 1 and "writer" in done.stderr, done.stderr


@pytest.mark.parametrize(
    "name, dataset", [("eiger4m_protein_u32_bslz4.h5", "entry/data/data"), ("ceria_p2m.h5", "imageseries/images")]
)
def test_real_frames_equal_hdf5plugin(tmp_path, real, name, dataset):
    path = real(name)
    with h5py.File(path) as file:
        expected = file[dataset][()]
    check(path, expected, tmp_path)


def test_real_bitshuffle_regression_chunks(tmp_path, real):
    """The chunks of reg013.h5 are strings: those of 1, 2 and 4 bytes are read as if they were pixels."""
    with h5py.File(real("reg013.h5")) as file:
        for name, stored in file["compressed"].items():
            size = stored.dtype.itemsize
            if size not in (1, 2, 4):
                continue
            values = stored.id.get_create_plist().get_filter(0)[2]
            mask, chunk = stored.id.read_direct_chunk((0,))
            path = tmp_path / "a.h5"
            shape = (1, 1, stored.shape[0])
            with h5py.File(path, "w") as made:
                options = dict(compression=32008, compression_opts=values[3:])
                copy = made.create_dataset("d", shape, f"u{size}", chunks=shape, **options)
                copy.id.write_direct_chunk((0, 0, 0), chunk, mask)
            got = pixels(path, 0, tmp_path / "f.npy")
            expected = np.frombuffer(file["original"][name][()].tobytes(), f"u{size}")
            np.testing.assert_array_equal(got[0], expected, err_msg=name)


def corrupt(tmp_path, change):
    """A file whose only chunk was changed by `change(bytearray)`."""
    data = frames(count=1)
    write(tmp_path / "good.h5", data, **bslz4(256))
    with h5py.File(tmp_path / "good.h5") as good:
        _, chunk = good["entry/data/data"].id.read_direct_chunk((0, 0, 0))
    chunk = bytearray(chunk)
    chunk = change(chunk) or chunk
    path = tmp_path / "bad.h5"
    with h5py.File(path, "w") as file:
        made = file.create_dataset("d", data.shape, data.dtype, chunks=data.shape, **bslz4(256))
        made.id.write_direct_chunk((0, 0, 0), bytes(chunk))
    return path


def set_u32(at, value):
    def change(chunk):
        struct.pack_into(">I", chunk, at, value)

    return change


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda chunk: chunk[:11], "12-byte header"),
        (set_u32(4, 1), "states 1 bytes"),
        (set_u32(4, 37 * 53 * 4), "pixels of 4 bytes"),
        (set_u32(8, 0), "block size of 0"),
        (set_u32(8, 24), "not a multiple of 16"),
        (set_u32(12, 1 << 31), "block 0"),
        (lambda chunk: chunk[:14], "2 of 4 bytes"),
        (lambda chunk: chunk[:-1], "tail"),
        (lambda chunk: chunk + b"\0\0", "2 bytes too many"),
        (lambda chunk: chunk[:16] + b"\xff" * 40 + chunk[56:], "block 0"),
    ],
)
def test_corrupt_chunk_is_placed(tmp_path, change, says):
    path = corrupt(tmp_path, change)
    done = debye("inspect", path, check=False)
    assert done.returncode == 1 and says in done.stdout + done.stderr, done.stdout + done.stderr
    faults = json.loads(debye("inspect", path, "--json", check=False).stdout)["chunk"]["faults"]
    assert says in faults[0]


@pytest.mark.parametrize(
    "options, says",
    [
        (hdf5plugin.Blosc(), ["filter 32001 (blosc)", "h5repack"]),
        (hdf5plugin.Zstd(), ["filter 32015 (zstd)", "h5repack"]),
        (hdf5plugin.Bitshuffle(cname="zstd"), ["filter 32008 (bitshuffle with Zstandard)", "h5repack"]),
        (dict(compression="lzf"), ["filter 32000 (lzf)", "h5repack"]),
    ],
)
def test_unknown_filter_is_named_with_its_number(tmp_path, options, says):
    done = debye("info", write(tmp_path / "a.h5", frames(), **options), check=False)
    assert done.returncode == 1 and all(word in done.stderr for word in says), done.stderr


@pytest.mark.parametrize("dtype", ["i1", "u8", "i8", "f4", "f8", "?", "c8", "S4"])
def test_other_dtypes_are_refused_by_name(tmp_path, dtype):
    path = write(tmp_path / "a.h5", np.zeros((2, 5, 6), dtype))
    done = debye("info", path, check=False)
    name = {"?": "enumeration", "c8": "compound", "S4": "string"}.get(dtype, np.dtype(dtype).name)
    assert done.returncode == 1 and f"type {name}:" in done.stderr, done.stderr


@pytest.mark.parametrize(
    "options",
    [bslz4(), hdf5plugin.LZ4(), dict(compression="gzip"), dict(compression="gzip", shuffle=True), dict(fletcher32=True), {}],
    ids=["bslz4", "lz4", "gzip", "shuffle-gzip", "fletcher32", "raw"],
)
@pytest.mark.parametrize("chunk", [b"", b"\0", b"\xff" * 40, b"\0" * 40, struct.pack(">QI", 1600000000, 1 << 30) + b"\0\0\0\1\0"])
@pytest.mark.parametrize("chunks", [(1, 20000, 20000), (4, 20000, 5000)])
def test_hostile_chunk_fails_without_taking_memory(tmp_path, options, chunk, chunks):
    """A chunk of 1.6 GB in 40 bytes: the address space allowed is far below that."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        made = file.create_dataset("d", (4, 20000, 20000), "u4", chunks=chunks, **options)
        if chunk:
            made.id.write_direct_chunk((0, 0, 0), chunk)
    command = f'ulimit -v 1900000; exec "{debye_binary()}" inspect "{path}" --pixels "{tmp_path}/f.npy"'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert "panic" not in done.stderr and "memory" not in done.stderr, done.stderr


def test_virtual_set_without_limit_grows_with_its_source(tmp_path):
    data = frames(count=6)
    shape = data.shape[1:]
    with h5py.File(tmp_path / "source.h5", "w", libver="latest") as file:
        file.create_dataset("d", data=data, chunks=(1, *shape), maxshape=(None, *shape), **bslz4())
        layout = h5py.VirtualLayout((1, *shape), data.dtype, maxshape=(None, *shape))
        source = h5py.VirtualSource(file["d"])
        source.maxshape = (None, *shape)
        layout[: h5py.h5s.UNLIMITED] = source[: h5py.h5s.UNLIMITED]
        with h5py.File(tmp_path / "v.h5", "w", libver="latest") as target:
            target.create_virtual_dataset("entry/data/data", layout)
    check(tmp_path / "v.h5", data, tmp_path)


def test_eiger_master_is_followed_over_its_data_files(tmp_path):
    data = frames(count=6)
    master = eiger_master(tmp_path / "scan", data, [2, 2, 2])
    hidden = [(tmp_path / f"scan/scan_data_00000{number}.h5", tmp_path / f"{number}.h5") for number in (2, 3)]
    for file, away in hidden:
        file.rename(away)
    follower = subprocess.Popen([debye_binary(), "info", master, "--follow"], stdout=subprocess.PIPE, text=True)
    try:
        assert follower.stdout.readline() == "2 frames\n"
        for count, (file, away) in zip((4, 6), hidden):
            away.rename(file)
            assert follower.stdout.readline() == f"{count} frames\n"
        assert follower.wait(60) == 0
    finally:
        follower.kill()
        follower.wait()
