"""What h5py can put into a file goes through `debye compress` and comes out the same; what cannot be is told, and nothing
is lost by it."""

import os
import pathlib
import stat
import subprocess

import h5py
import hdf5plugin
import numpy as np
import pytest

from peers import debye, debye_binary, debye_json

COUNTS = np.random.default_rng(7).poisson(2, (4, 60, 70)).astype("u2")


@pytest.fixture
def names(tmp_path):
    return tmp_path / "in.h5", tmp_path / "out.h5"


def leads_to(file, reference):
    return file[reference].name if reference else None


def test_references_lead_to_the_same_objects_of_the_output(names):
    source, made = names
    with h5py.File(source, "w") as file:
        data = file.create_dataset("entry/data/data", data=COUNTS)
        for axis, (name, length) in enumerate([("t", 4), ("y", 60), ("x", 70)]):
            scale = file.create_dataset(f"entry/data/{name}", data=np.arange(float(length)))
            scale.make_scale(name)
            data.dims[axis].attach_scale(scale)
        file.attrs["one"] = data.ref
        file.attrs["some"] = np.array([data.ref, h5py.Reference(), file["entry"].ref], h5py.ref_dtype)
        file.attrs["region"] = data.regionref[1:3, 5:10, 2]
        file["entry"].attrs["forward"] = file.create_group("zzz").ref
        file.create_dataset("list", data=np.array([scale.ref, data.ref], h5py.ref_dtype), dtype=h5py.ref_dtype)
        mixed = np.zeros(2, [("what", h5py.ref_dtype), ("n", "i4")])
        mixed["what"][0], mixed["what"][1], mixed["n"] = h5py.Reference(), data.ref, 7
        file["mixed"] = mixed
        scale.attrs["mixed"] = mixed
        file["kind"] = np.dtype("f4")
        file["kind"].attrs["of"] = data.ref
    report = debye_json("compress", source, "-o", made, "--remove-source")
    assert report["left_behind"] == [] and report["source_removed"] and not source.exists()
    with h5py.File(made) as file:
        data = file["entry/data/data"]
        assert [axis[0].name for axis in data.dims] == [f"/entry/data/{name}" for name in "tyx"]
        back = file["entry/data/x"].attrs["REFERENCE_LIST"][0]
        assert leads_to(file, back[0]) == data.name and back[1] == 2
        assert leads_to(file, file.attrs["one"]) == data.name
        assert leads_to(file, file["kind"].attrs["of"]) == data.name
        assert [leads_to(file, one) for one in file.attrs["some"]] == [data.name, None, "/entry"]
        region = file.attrs["region"]
        np.testing.assert_array_equal(file[region][region].reshape(-1), COUNTS[1:3, 5:10, 2].reshape(-1))
        assert leads_to(file, file["entry"].attrs["forward"]) == "/zzz"
        assert [leads_to(file, one) for one in file["list"][()]] == ["/entry/data/x", data.name]
        for mixed in (file["mixed"][()], file["entry/data/x"].attrs["mixed"]):
            assert [leads_to(file, one) for one in mixed["what"]] == [None, data.name] and set(mixed["n"]) == {7}


def test_reference_to_what_has_no_link_is_told_and_the_source_stays(names):
    source, made = names
    with h5py.File(source, "w") as file:
        file["data"] = COUNTS
        file.attrs["lost"] = file.create_dataset(None, data=np.arange(5)).ref
    done = debye("compress", source, "-o", made, "--remove-source", check=False)
    assert done.returncode == 1 and "left behind /@lost" in done.stdout and "is not removed" in done.stderr
    assert source.exists() and made.exists()
    with h5py.File(made) as file:
        assert not file.attrs["lost"]


def test_links_by_name_to_the_source_keep_it_from_being_removed(names):
    source, made = names
    with h5py.File(source, "w") as file:
        file["data"] = COUNTS
        file["self"] = h5py.ExternalLink("in.h5", "/data")
    done = debye("compress", source, "-o", made, "--remove-source", check=False)
    assert done.returncode == 1 and "/self: it leads to the input" in done.stdout and source.exists()


def test_link_to_a_file_that_is_not_beside_the_output_is_told(names, tmp_path):
    source, _ = names
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["x"] = [1]
    with h5py.File(source, "w") as file:
        file["data"] = COUNTS
        file["there"] = h5py.ExternalLink("other.h5", "/x")
        file["nowhere"] = h5py.ExternalLink("missing.h5", "/x")
    (tmp_path / "sub").mkdir()
    left = debye_json("compress", source, "-o", tmp_path / "sub/out.h5")["left_behind"]
    assert [note["path"] for note in left] == ["/there"]
    assert debye_json("compress", source, "-o", tmp_path / "out.h5")["left_behind"] == []


def test_lossy_record_goes_into_the_entries_of_the_file_itself(names, tmp_path):
    source, made = names
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other.create_group("entry").attrs["NX_class"] = "NXentry"
    untouched = (tmp_path / "other.h5").read_bytes()
    with h5py.File(source, "w") as file:
        file["entry/data/data"] = COUNTS
        file["entry"].attrs["NX_class"] = "NXentry"
        file["again"], file["alias"] = file["entry"], h5py.SoftLink("/entry")
        file["foreign"], file["broken"] = h5py.ExternalLink("other.h5", "/entry"), h5py.ExternalLink("missing.h5", "/")
        file["dangling"] = h5py.SoftLink("/nowhere")
    debye("compress", source, "-o", made, "--threshold", 2)
    with h5py.File(made) as file:
        assert [name for name in file["entry"] if "lossy" in name] == ["debye_lossy"]
        assert "debye_lossy" not in file
    assert (tmp_path / "other.h5").read_bytes() == untouched


def test_order_and_user_block_are_kept(names):
    source, made = names
    with h5py.File(source, "w", track_order=True, userblock_size=512) as file:
        for name in "zaq":
            file[name] = COUNTS
        for name in "za":
            file.attrs[name] = 1
    with open(source, "r+b") as file:
        file.write(b"#!/bin/sh")
    start = source.read_bytes()[:512]
    debye("compress", source, "-o", made)
    assert made.read_bytes()[:512] == start
    with h5py.File(made) as file:
        assert list(file) == list("zaq") and list(file.attrs) == list("za")
        assert all((file[name][()] == COUNTS).all() for name in "zaq")


@pytest.mark.parametrize("command", ["compress", "simulate-frames"])
def test_plugin_in_the_environment_does_not_stop_the_writing(names, monkeypatch, command):
    source, made = names
    monkeypatch.setenv("HDF5_PLUGIN_PATH", str(pathlib.Path(hdf5plugin.PLUGIN_PATH)))
    if command == "simulate-frames":
        debye(command, made, "--shape", "67,129", "--frames", 2, "--detector", "Detector", "--pixel-size", 1000)
        return
    with h5py.File(source, "w") as file:
        file["raw"] = COUNTS
        file.create_dataset("zstd", data=COUNTS, chunks=(1, 60, 70), **hdf5plugin.Zstd())
        file.create_dataset("again", data=COUNTS, chunks=(1, 60, 70), **hdf5plugin.Bitshuffle())
    with h5py.File(made, "w") as file:
        pass
    debye(command, source, "-o", made, "--recompress", "--overwrite")
    with h5py.File(made) as file:
        for name in ["raw", "zstd", "again"]:
            assert "32008" in file[name]._filters
            np.testing.assert_array_equal(file[name][()], COUNTS)


def test_groups_within_groups_without_end_are_refused(names):
    source, made = names
    with h5py.File(source, "w") as file:
        group = file
        for _ in range(1200):
            group = group.create_group("g")
        file["data"] = COUNTS
    done = debye("compress", source, "-o", made, check=False)
    assert done.returncode == 1 and "within one another" in done.stderr and not made.exists()


@pytest.mark.parametrize("what", ["in", "out"])
def test_pipe_is_refused_at_once(names, tmp_path, what):
    source, made = names
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with h5py.File(source, "w") as file:
        file["data"] = COUNTS
    paths = (pipe, made) if what == "in" else (source, pipe)
    command = [debye_binary(), "compress", paths[0], "-o", paths[1], "--overwrite"]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 1
    assert stat.S_ISFIFO(pipe.stat().st_mode) and not made.exists()


def test_standard_output_that_is_full_or_closed_is_no_panic(names):
    source, made = names
    with h5py.File(source, "w") as file:
        file["data"] = COUNTS
    command = [debye_binary(), "compress", source, "-o", made, "--overwrite"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1 and "standard output" in done.stderr and made.exists()
    end, other = os.pipe()
    os.close(end)
    done = subprocess.run(command, stdout=other, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(other)
    assert done.returncode == 0 and not done.stderr


def test_name_that_is_no_text_is_refused_without_a_panic(tmp_path):
    source, made = (os.path.join(os.fsencode(tmp_path), name) for name in (b"in\xff.h5", b"out\xfe.h5"))
    with h5py.File(tmp_path / "plain.h5", "w") as file:
        file["data"] = COUNTS
    os.rename(tmp_path / "plain.h5", source)
    done = subprocess.run([debye_binary(), "compress", source, "-o", made, "--threshold", "1", "--json"], capture_output=True, timeout=60)
    assert done.returncode == 1 and b"Invalid UTF-8" in done.stderr and os.path.exists(source), done.stderr


@pytest.mark.parametrize("number", ["NaN", "-5", "5.5", "4294967296"])
def test_threshold_that_is_no_count_is_refused_as_such(names, number):
    source, made = names
    with h5py.File(source, "w") as file:
        file["data"] = COUNTS
    done = debye("compress", source, "-o", made, "--threshold", number, check=False)
    assert done.returncode == 1 and f"{number} is no threshold" in done.stderr and not made.exists()


@pytest.mark.parametrize("mask, mode", [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_outputs_have_the_permissions_that_the_users_mask_asks_for(names, mask, mode):
    source, made = names
    with h5py.File(source, "w") as file:
        file["data"] = COUNTS
    command = [debye_binary(), "compress", source, "-o", made]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, umask=mask)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(made.stat().st_mode) == mode
