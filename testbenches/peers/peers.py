"""Frames through `debye info` and `debye inspect`, for comparison with what peers wrote."""

import numpy as np

from conftest import run, run_json


def info(file, *arguments) -> dict:
    """What `debye info` says of a file."""
    return run_json("info", file, *arguments)


def pixels(file, frame, out, *arguments) -> np.ndarray:
    """The frame as debye decodes it."""
    run("inspect", file, "--frame", frame, "--pixels", out, "--overwrite", *arguments)
    return np.load(out)
