"""What the peers' checks share: the command, the real data, and files with frames."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _binary():
    named = os.environ.get("DEBYE")
    candidates = [pathlib.Path(named)] if named else [ROOT / "target" / kind / "debye" for kind in ("release", "debug")]
    for path in candidates:
        if path.is_file():
            return path
    raise FileNotFoundError(f"the command debye is not built: none of {[str(path) for path in candidates]}")


def run(*arguments, check=True):
    """Runs debye; returns the finished process. With check, a failure is a failed test that shows why."""
    done = subprocess.run([_binary(), *map(str, arguments)], capture_output=True, text=True)
    if check and done.returncode != 0:
        pytest.fail(f"debye {' '.join(map(str, arguments))}\nexit code {done.returncode}\n{done.stderr}")
    return done


def run_json(*arguments):
    """Runs debye with --json; returns what it printed."""
    return json.loads(run(*arguments, "--json").stdout)


@pytest.fixture
def debye():
    """The command: debye(*arguments) -> finished process, checked."""
    return run


@pytest.fixture
def debye_json():
    """The command with --json: debye_json(*arguments) -> object."""
    return run_json


@pytest.fixture
def real(request):
    """A real file by name; the test is skipped when it is not there."""
    folder = pathlib.Path(os.environ.get("DEBYE_DATA", ROOT / ".." / "shared" / "data"))

    def find(name):
        if not (folder / name).is_file():
            pytest.skip(f"{request.node.name}: {name} is not there (set DEBYE_DATA)")
        return folder / name

    return find


@pytest.fixture
def vectors():
    """The folder of files that the tests bring along."""
    return ROOT / "testbenches" / "vectors"
