"""Fixtures of the peers' checks."""

import os
import pathlib

import pytest

import peers


@pytest.fixture
def debye():
    """The command: debye(*arguments) -> finished process, checked."""
    return peers.debye


@pytest.fixture
def debye_json():
    """The command with --json: debye_json(*arguments) -> object."""
    return peers.debye_json


@pytest.fixture
def real(request):
    """A real file by name; the test is skipped when it is not there."""
    folder = pathlib.Path(os.environ.get("DEBYE_DATA", peers.ROOT / ".." / "shared" / "data"))

    def find(name):
        if not (folder / name).is_file():
            pytest.skip(f"{request.node.name}: {name} is not there (set DEBYE_DATA)")
        return folder / name

    return find


@pytest.fixture
def vectors():
    """The folder of files that the tests bring along."""
    return peers.ROOT / "testbenches" / "vectors"
