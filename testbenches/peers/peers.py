"""What the peers' checks share: the debye binary, and the real data."""

import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def debye_binary() -> str:
    """`$DEBYE`, else the release build, else the debug build."""
    named = os.environ.get("DEBYE")
    for path in [named] if named else [ROOT / "target/release/debye", ROOT / "target/debug/debye"]:
        if pathlib.Path(path).exists():
            return str(path)
    pytest.fail("no debye binary: set DEBYE or run cargo build")


def debye(*arguments, check=True) -> subprocess.CompletedProcess:
    """Runs the command; fails the test when it fails, unless `check` is false."""
    done = subprocess.run([debye_binary(), *map(str, arguments)], capture_output=True, text=True, timeout=300)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def info(file, *arguments) -> dict:
    return json.loads(debye("info", file, "--json", *arguments).stdout)


def pixels(file, frame, out, *arguments) -> np.ndarray:
    """The frame as debye decodes it."""
    debye("inspect", file, "--frame", frame, "--pixels", out, "--overwrite", *arguments)
    return np.load(out)


def real_data(name) -> pathlib.Path:
    folder = pathlib.Path(os.environ.get("DEBYE_DATA", ROOT.parent / "shared/data"))
    if not (folder / name).exists():
        pytest.skip(f"{name} is not in {folder}")
    return folder / name
