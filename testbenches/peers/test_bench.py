"""`debye bench`: stages, and peers on the same frames. What is looked at is structure; times are the machine's affair."""

import json
import os
import shlex
import subprocess
import sys
import time

import pytest

from peers import debye_binary, debye_json

PARTS = {"lz4", "unshuffle", "decode to memory", "integrate, 1 frame"}


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """The arguments that name a file of a few frames and its geometry."""
    path = tmp_path_factory.mktemp("bench") / "run.h5"
    debye_json("simulate-frames", path, "--detector", "Detector", "--shape", "64,72", "--pixel-size", 1000, "--frames", 20)
    return [path, "--poni", path.with_suffix(".poni"), "--bins", 40, "--seconds", 0.02]


def bench(*arguments):
    done = subprocess.run([debye_binary(), "bench", *map(str, arguments), "--json"], capture_output=True, text=True, timeout=300)
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def python(name, text):
    return f"{name}={shlex.quote(sys.executable)} -c {shlex.quote(text)} {{op}} {{set}} {{seconds}}"


def test_stages_of_each_set_of_kernels_are_told(scan):
    code, told, _ = bench(*scan)
    assert code == 0
    (measured,) = told["measured"]
    stages = measured["stages"]
    assert all(stage["seconds"] > 0 and stage["gb_per_s"] > 0 for stage in stages)
    sets = {stage["kernels"] for stage in stages} - {None}
    assert told["kernels"] in sets and "portable" in sets
    for kernels in sets:
        assert PARTS <= {stage["stage"] for stage in stages if stage["kernels"] == kernels}, kernels
    alone = [stage["stage"] for stage in stages if stage["kernels"] is None]
    assert alone == ["read", "digest", "normalise", "write"]
    assert measured["frames"] == 16 and not measured["compressed"] and measured["ratio"] > 1


def test_peer_that_is_debye_itself_is_as_fast_within_any_reason(scan):
    command = f"{shlex.quote(debye_binary())} bench-contender {{op}} {{set}} --seconds {{seconds}} --bins {{bins}} --split {{split}}"
    code, told, _ = bench(*scan, "--peer", f"itself={command}", "--op", "decode,encode,fused", "--rounds", 3)
    assert code == 0
    operations = told["measured"][0]["operations"]
    assert [operation["operation"] for operation in operations] == ["decode", "encode", "fused"]
    for operation in operations:
        *ours, peer = operation["contenders"]
        assert peer["name"] == "itself" and peer["kernels"] is None and peer["gb_per_s"] > 0
        assert {one["kernels"] for one in ours} >= {told["kernels"], "portable"} and all(not one["ratios"] for one in ours)
        assert [ratio["debye"] for ratio in peer["ratios"]] == [one["name"] for one in ours]
        for ratio in peer["ratios"]:
            assert 0 < ratio["least"] <= ratio["median"] <= ratio["most"] and ratio["cpu_time"]
        same = next(ratio for ratio in peer["ratios"] if ratio["debye"] == f"debye {told['kernels']}")
        assert 0.02 < same["median"] < 50


def test_peer_reads_the_frames_of_the_set_and_is_timed_by_the_clock(scan, tmp_path):
    text = f"""
import json, pathlib, sys
import h5py, hdf5plugin, numpy as np
operation, folder = sys.argv[1], pathlib.Path(sys.argv[2])
meta = json.loads((folder / "meta.json").read_text())
raw = np.fromfile(folder / "frames.raw", meta["dtype"]).reshape(meta["nframes"], *meta["shape"])
mask = np.fromfile(folder / "mask.u8", np.uint8).reshape(meta["shape"])
with h5py.File(folder / "frames.h5") as stored, h5py.File({str(scan[0])!r}) as original:
    assert (stored["entry/data/data"][()] == raw).all() and (original["entry/data/data"][:16] == raw).all()
assert meta["poni"]["dist"] > 0 and "Distance" in (folder / "geom.poni").read_text() and raw.nbytes == meta["raw_bytes"]
print("read", operation)
print(json.dumps({{"frames": meta["nframes"], "seconds": 1.0}}))
"""
    code, told, _ = bench(*scan, "--peer", python("reader", text), "--op", "decode", "--rounds", 1)
    assert code == 0
    peer = told["measured"][0]["operations"][0]["contenders"][-1]
    assert peer["seconds"] == 1 / 16 and not peer["ratios"][0]["cpu_time"] and peer["failed"] is None


def test_peers_that_cannot_be_used_are_named_and_the_others_go_on(scan):
    peers = {
        "gone": "gone=/there/is/no/such/program {op} {set}",
        "module": python("module", "import no_such_module_anywhere"),
        "broken": python("broken", "import sys; sys.exit('it broke')"),
        "garbage": python("garbage", "print('0.3 s a frame')"),
        "half": python("half", "print('{\"frames\": 3}')"),
        "hung": python("hung", "import time; time.sleep(600)"),
        "good": python("good", "print('{\"frames\": 2, \"median_s\": 0.001, \"cpu_median_s\": 0.001}')"),
    }
    arguments = [word for peer in peers.values() for word in ("--peer", peer)]
    started = time.monotonic()
    code, told, said = bench(*scan, *arguments, "--op", "decode", "--rounds", 2, "--peer-timeout", 5)
    assert code == 1 and time.monotonic() - started < 200
    found = {one["name"]: one for one in told["measured"][0]["operations"][0]["contenders"]}
    skipped = {name for name in peers if found[name]["skipped"]}
    failed = {name for name in peers if found[name]["failed"]}
    assert (skipped, failed) == ({"gone", "module"}, {"broken", "garbage", "half", "hung"})
    for name, words in {"broken": "it broke", "garbage": "no JSON object", "half": "median_s", "hung": "not done after 5.0 s"}.items():
        assert words in found[name]["failed"] and f"{name} did not decode" in said and words in said
    assert found["good"]["ratios"] and not found["broken"]["ratios"] and "gone" not in said


@pytest.mark.parametrize("wrong", [["--peer", "no command"], ["--peer", "x="], ["--peer", "x='a"], ["--rounds", "3"],
                                   ["--peer", "x=true", "--flat", "f.npy"], ["--peer", "x=true", "--engine", "cpu"], ["--read"]])
def test_wrong_use_is_refused_before_anything_is_measured(scan, wrong):
    code, told, said = bench(*scan, *wrong)
    assert code == 2 and told is None and said


def test_every_command_that_computes_says_which_kernels_ran(scan, tmp_path):
    for kernels in ("portable", debye_json("bench", *scan)["kernels"]):
        environment = {**os.environ, "DEBYE_CPU": kernels}
        input, *geometry = scan[:5]
        commands = [["integrate", input, *geometry], ["compress", input, "-o", tmp_path / f"{kernels}.h5"],
                    ["bench", input, *geometry, "--engine", "cpu", "--seconds", 0.01]]
        for command in commands:
            done = subprocess.run([debye_binary(), *map(str, command), "--json"], env=environment, capture_output=True, check=True)
            assert json.loads(done.stdout)["kernels"] == kernels, command
