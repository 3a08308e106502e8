"""Standard output that nobody reads is no fault of a command, one that takes nothing is told; neither is a panic."""

import os
import subprocess

import pytest

from peers import debye, debye_binary

COMMANDS = {
    "info": ["info", "IN"],
    "inspect": ["inspect", "IN"],
    "inspect-json": ["inspect", "IN", "--json"],
    "inspect-tables": ["inspect", "IN", "--blocks", "0..2", "--sequences"],
    "geometry": ["geometry", "--list-detectors"],
    "technique": ["technique", "--list"],
    "card": ["card", "list"],
    "compress": ["compress", "IN", "-o", "OUT", "--recompress", "--overwrite"],
    "integrate": ["integrate", "IN", "--poni", "PONI", "-o", "OUT", "--overwrite"],
    "integrate-json": ["integrate", "IN", "--poni", "PONI", "-o", "OUT", "--overwrite", "--json"],
}


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frames")
    debye("simulate-frames", folder / "a_master.h5", "--detector", "Detector", "--shape", "64,64",
          "--frames", 2, "--background", 1)
    return {"IN": folder / "a_master.h5", "PONI": folder / "a.poni", "OUT": folder / "out.h5"}


def run(words, paths, out):
    command = [debye_binary(), *(str(paths.get(word, word)) for word in words)]
    return subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, timeout=60)


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_standard_output_that_nobody_reads_is_no_fault(paths, words):
    end, other = os.pipe()
    expected = run(words, paths, subprocess.DEVNULL)
    assert expected.returncode == 0, expected.stderr
    os.close(end)
    done = run(words, paths, other)
    os.close(other)
    assert done.returncode == 0 and "panicked" not in done.stderr and "roken pipe" not in done.stderr


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_standard_output_that_takes_nothing_is_told(paths, words):
    with open("/dev/full", "w") as full:
        done = run(words, paths, full)
    assert done.returncode == 1 and "standard output" in done.stderr and "panicked" not in done.stderr
