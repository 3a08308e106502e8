"""What the peers' checks share: the command, the real data, and frames as debye decodes them."""

import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def debye_binary() -> str:
    """$DEBYE, else the release build, else the debug build."""
    named = os.environ.get("DEBYE")
    candidates = [pathlib.Path(named)] if named else [ROOT / "target" / kind / "debye" for kind in ("release", "debug")]
    for path in candidates:
        if path.is_file():
            return str(path)
    raise FileNotFoundError(f"the command debye is not built: none of {[str(path) for path in candidates]}")


def debye(*arguments, check=True) -> subprocess.CompletedProcess:
    """Runs the command. With check, a failure is a failed test that shows why."""
    done = subprocess.run([debye_binary(), *map(str, arguments)], capture_output=True, text=True, timeout=300)
    if check and done.returncode != 0:
        pytest.fail(f"debye {' '.join(map(str, arguments))}\nexit code {done.returncode}\n{done.stderr}")
    return done


def debye_json(*arguments) -> dict:
    """Runs the command with --json; returns what it printed."""
    return json.loads(debye(*arguments, "--json").stdout)


def info(file, *arguments) -> dict:
    """What `debye info` says of a file."""
    return debye_json("info", file, *arguments)


def pixels(file, frame, out, *arguments) -> np.ndarray:
    """The frame as debye decodes it."""
    debye("inspect", file, "--frame", frame, "--pixels", out, "--overwrite", *arguments)
    return np.load(out)
