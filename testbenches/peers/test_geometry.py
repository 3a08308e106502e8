"""The geometry of every pixel, held against pyFAI in float64.

pyFAI is asked through the functions that take pixel positions (`tth`, `qFunction`, `chi`, `rFunction`,
`cos_incidence`): given float64 positions they compute in float64, while pyFAI's cached arrays are float32 in parts.
Each test prints the largest difference that it saw (pytest -s).

The command is $DEBYE, else target/release/debye, else target/debug/debye under the project root.
"""

import json
import logging
import os
import pathlib
import subprocess

import h5py
import numpy as np
import pyFAI
import pyFAI.detectors
import pytest
from pyFAI.detectors import Detector, detector_factory

logging.disable(logging.ERROR)
ROOT = pathlib.Path(__file__).resolve().parents[2]
FACTOR = 0.93
# Equal to pyFAI: relative to the value, or for chi and the polarization, which go through 0, to 1.
EQUAL = 1e-12
FLAT_TILT = dict(dist=0.1731, poni1=0.0412, poni2=0.0537, rot1=0.0, rot2=0.0, rot3=0.0)
SMALL_TILT = dict(dist=0.2113, poni1=0.0719, poni2=0.0387, rot1=0.013, rot2=-0.021, rot3=0.4)
LARGE_TILT = dict(dist=0.1497, poni1=-0.0313, poni2=0.0611, rot1=-0.61, rot2=0.47, rot3=2.1)
# Beyond 90 degrees: the detector stands beside and behind the sample.
BACKWARD = dict(dist=0.1109, poni1=0.0213, poni2=0.0411, rot1=1.83, rot2=-0.37, rot3=-1.3)
PLACES = {"flat": FLAT_TILT, "small": SMALL_TILT, "large": LARGE_TILT, "backward": BACKWARD}
WAVELENGTH = 0.7093e-10


def debye(*arguments, check=True):
    named = os.environ.get("DEBYE")
    candidates = [named] if named else [ROOT / "target/release/debye", ROOT / "target/debug/debye"]
    command = next((str(path) for path in candidates if pathlib.Path(path).exists()), None)
    assert command, "no debye command: build it, or name it in $DEBYE"
    done = subprocess.run([command, "geometry", *map(str, arguments)], capture_output=True, text=True)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def maps_of(poni, tmp_path, *options):
    """Runs the command on a PONI file and returns all its data sets."""
    output = tmp_path / "maps.h5"
    debye("--poni", poni, "-o", output, "--overwrite", *options)
    with h5py.File(output) as file:
        return {name: file[name][()] for name in file}


def write_poni(path, place, head, wavelength=WAVELENGTH):
    lines = [*head, f"Distance: {place['dist']!r}", f"Poni1: {place['poni1']!r}", f"Poni2: {place['poni2']!r}",
             f"Rot1: {place['rot1']!r}", f"Rot2: {place['rot2']!r}", f"Rot3: {place['rot3']!r}"]
    if wavelength is not None:
        lines.append(f"Wavelength: {wavelength!r}")
    path.write_text("\n".join(lines) + "\n")
    return path


def config(**keys):
    return "Detector_config: " + json.dumps(keys)


def by_pyfai(poni, shape):
    """What pyFAI computes in float64 for the centre of every pixel."""
    ai = pyFAI.load(str(poni))
    if ai.detector.shape is None:
        ai.detector.shape = ai.detector.max_shape = shape
    d1, d2 = np.mgrid[0:shape[0], 0:shape[1]].astype(np.float64)
    tth, chi = ai.tth(d1, d2), ai.chi(d1, d2)
    cos2 = np.cos(tth) ** 2
    return dict(
        two_theta=tth,
        q=ai.qFunction(d1, d2),
        chi=chi,
        r=ai.rFunction(d1, d2),
        solid_angle=ai.cos_incidence(d1, d2) ** 3,
        # ai.polarization() rounds this to float32.
        polarization=0.5 * (1.0 + cos2 - FACTOR * np.cos(2.0 * chi) * (1.0 - cos2)),
    )


def differences(ours, theirs):
    """The largest difference of each map: relative, and for chi in rad around the circle, for P absolute."""
    seen = {}
    for name, value in theirs.items():
        assert ours[name].dtype == np.float64 and ours[name].shape == value.shape, name
        assert np.isfinite(ours[name]).all(), name
        difference = np.abs(ours[name] - value)
        if name == "chi":
            difference = np.minimum(difference, 2.0 * np.pi - difference)
        elif name != "polarization":
            assert (value > 0).all(), name
            difference = difference / value
        seen[name] = float(difference.max())
    return seen


def check(poni, tmp_path, shape, *options):
    ours = maps_of(poni, tmp_path, "--polarization", FACTOR, *options)
    seen = differences(ours, by_pyfai(poni, shape))
    print(poni.name, {name: f"{value:.1e}" for name, value in seen.items()})
    for name, value in seen.items():
        assert value <= EQUAL, (name, value)
    return ours


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("orientation", [1, 2, 3, 4])
@pytest.mark.parametrize("detector", [
    ("Pilatus1M", dict(pixel1=172e-6, pixel2=172e-6), (1043, 981)),
    ("Eiger2_1M", dict(), (1062, 1028)),
    ("Detector", dict(pixel1=113.7e-6, pixel2=61.3e-6, max_shape=[611, 947]), (611, 947)),
    ("RayonixMx225", dict(pixel1=146.484e-6, pixel2=73.242e-6), (1536, 3072)),
    ("Jungfrau", dict(), (512, 1024)),
], ids=lambda detector: detector[0])
def test_version_2_1_of_every_orientation_equals_pyfai(tmp_path, detector, orientation, place):
    name, keys, shape = detector
    head = ["poni_version: 2.1", f"Detector: {name}", config(orientation=orientation, **keys)]
    poni = write_poni(tmp_path / f"{name}-{orientation}-{place}.poni", PLACES[place], head)
    check(poni, tmp_path, shape)
