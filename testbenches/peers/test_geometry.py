"""The geometry of every pixel, held against pyFAI in float64.

pyFAI is asked through the functions that take pixel positions (`tth`, `qFunction`, `chi`, `rFunction`,
`cos_incidence`): given float64 positions they compute in float64, while pyFAI's cached arrays are float32 in parts.
Each test prints the largest difference that it saw (pytest -s).
"""

import json
import logging

import h5py
import numpy as np
import pyFAI
import pyFAI.detectors
import pytest
from pyFAI.detectors import Detector, detector_factory

from peers import ROOT
from peers import debye as command

logging.disable(logging.ERROR)
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
    return command("geometry", *arguments, check=check)


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


DETECTORS = {
    "Pilatus300k": (dict(pixel1=172e-6, pixel2=172e-6), (619, 487)),
    "Eiger2_500k": ({}, (512, 1028)),
    # Pixels that are not square, binned or not.
    "Detector": (dict(pixel1=113.7e-6, pixel2=61.3e-6, max_shape=[411, 647]), (411, 647)),
    "RayonixMx225": (dict(pixel1=292.969e-6, pixel2=146.484e-6), (768, 1536)),
    # Pixels of two widths.
    "Jungfrau": ({}, (512, 1024)),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("orientation", [1, 2, 3, 4])
@pytest.mark.parametrize("name", DETECTORS)
def test_version_2_1_of_every_orientation_and_tilt_equals_pyfai(tmp_path, name, orientation, place):
    keys, shape = DETECTORS[name]
    head = ["poni_version: 2.1", f"Detector: {name}", config(orientation=orientation, **keys)]
    poni = write_poni(tmp_path / f"{name}-{orientation}-{place}.poni", PLACES[place], head)
    check(poni, tmp_path, shape)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("head, shape", [
    (["PixelSize1: 1.372e-04", "PixelSize2: 6.13e-05", "SplineFile: None"], (300, 401)),
    (["Detector: Pilatus 300k"], (619, 487)),
    # Two pixel sizes bin a named detector.
    (["Detector: eiger500k", "pixelsize1: 1.5e-4", "PIXELSIZE2: 0.00015"], (257, 515)),
], ids=["sizes", "name", "both"])
def test_version_1_equals_pyfai(tmp_path, head, shape, place):
    poni = write_poni(tmp_path / f"v1-{place}.poni", PLACES[place], head)
    check(poni, tmp_path, shape, *([] if "Detector" in "".join(head) else ["--shape", "300,401"]))


@pytest.mark.parametrize("place", PLACES)
def test_version_2_equals_pyfai(tmp_path, place):
    head = ["poni_version: 2", "Detector: Detector", config(pixel1=9e-5, pixel2=1.1e-4, max_shape=[311, 407])]
    check(write_poni(tmp_path / f"v2-{place}.poni", PLACES[place], head), tmp_path, (311, 407))


@pytest.mark.parametrize("place", PLACES)
def test_version_3_without_parallax_equals_pyfai(tmp_path, place):
    keys = dict(orientation=2, sensor=dict(material="Si", thickness=450e-6))
    head = ["poni_version: 3", "Detector: Eiger500k", config(**keys), "Parallax: False"]
    check(write_poni(tmp_path / f"v3-{place}.poni", PLACES[place], head), tmp_path, (514, 1030))


def test_version_3_with_parallax_is_refused(tmp_path):
    head = ["poni_version: 3", "Detector: Eiger500k", config(orientation=3), "Parallax: True"]
    done = debye("--poni", write_poni(tmp_path / "v3.poni", FLAT_TILT, head), check=False)
    assert done.returncode == 1 and "parallax is not done" in done.stderr


def test_last_entry_of_an_appended_file_wins_as_in_pyfai(tmp_path):
    old = write_poni(tmp_path / "old.poni", SMALL_TILT, ["PixelSize1: 1e-4", "PixelSize2: 2e-4"])
    new = write_poni(tmp_path / "new.poni", LARGE_TILT,
                     ["poni_version: 2.1", "Detector: Pilatus100k", config(orientation=4)])
    both = tmp_path / "both.poni"
    both.write_text("# Calibration done long ago\n" + old.read_text() + "# Calibration done today\n" + new.read_text())
    ours = check(both, tmp_path, (195, 487))
    assert np.array_equal(ours["two_theta"], maps_of(new, tmp_path)["two_theta"])


@pytest.mark.parametrize("orientation", [1, 2, 3, 4])
def test_a_file_that_pyfai_wrote_equals_pyfai(tmp_path, orientation):
    detector = detector_factory("Pilatus CdTe 300k", dict(orientation=orientation))
    ai = pyFAI.load(dict(detector="Detector", dist=1.0, poni1=0.0, poni2=0.0, rot1=0.0, rot2=0.0, rot3=0.0))
    ai.detector = detector
    ai.set_param([*LARGE_TILT.values()])
    ai.wavelength = WAVELENGTH
    poni = tmp_path / f"written-{orientation}.poni"
    ai.save(str(poni))
    check(poni, tmp_path, (619, 487))


def test_the_calibration_of_real_ceria_frames_equals_pyfai(tmp_path):
    check(ROOT / "testbenches/vectors/ceria_p2m.poni", tmp_path, (1679, 1475))


@pytest.mark.parametrize("orientation", [1, 2, 3, 4])
@pytest.mark.parametrize("name", DETECTORS)
def test_a_file_that_we_wrote_is_the_same_geometry_in_pyfai(tmp_path, name, orientation):
    keys, shape = DETECTORS[name]
    head = ["poni_version: 2.1", f"Detector: {name}", config(orientation=orientation, **keys)]
    read = write_poni(tmp_path / "read.poni", LARGE_TILT, head)
    written = tmp_path / "written.poni"
    debye("--poni", read, "--write-poni", written)
    theirs, ours = pyFAI.load(str(read)), pyFAI.load(str(written))
    assert type(theirs.detector) is type(ours.detector) and theirs.detector == ours.detector
    assert (theirs.param, theirs.wavelength) == (ours.param, ours.wavelength)
    assert ours.detector.shape == shape


def test_the_pixel_that_the_beam_meets_has_no_angle_and_no_nan(tmp_path):
    size = 2.0 ** -13
    place = dict(FLAT_TILT, poni1=100.5 * size, poni2=50.5 * size)
    head = ["poni_version: 2.1", "Detector: Detector", config(pixel1=size, pixel2=size, max_shape=[201, 101])]
    poni = write_poni(tmp_path / "beam.poni", place, head)
    ours, theirs = maps_of(poni, tmp_path, "--polarization", FACTOR), by_pyfai(poni, (201, 101))
    for name in theirs:
        assert ours[name][100, 50] == theirs[name][100, 50], name
        ours[name][100, 50] = theirs[name][100, 50] = 1.0
    assert max(differences(ours, theirs).values()) <= EQUAL
    # Tilted, the place where the beam meets the detector is only as exact as the coordinates: some 1e-17 m.
    place = dict(place, rot1=0.3, rot2=-0.2)
    t = pyFAI.load(str(write_poni(poni, place, head)))
    beam = json.loads(debye("--poni", poni, "--json").stdout)["beam_centre"]
    place.update(poni1=place["poni1"] - (beam[0] - 100.5) * size, poni2=place["poni2"] - (beam[1] - 50.5) * size)
    t = by_pyfai(write_poni(poni, place, head), (201, 101))
    ours = maps_of(poni, tmp_path)
    assert t["two_theta"][100, 50] < 1e-15 and ours["two_theta"][100, 50] < 1e-15
    assert ours["q"][100, 50] < 1e-13 and ours["r"][100, 50] < 1e-15


def test_maps_agree_with_pyfais_own_float32_images(tmp_path):
    """The whole path through pyFAI: its arrays of whole images, its polarization, its solid angle."""
    for orientation in [1, 2, 3, 4]:
        head = ["poni_version: 2.1", "Detector: Pilatus300k", config(orientation=orientation)]
        poni = write_poni(tmp_path / "whole.poni", SMALL_TILT, head)
        ours, ai = maps_of(poni, tmp_path, "--polarization", FACTOR), pyFAI.load(str(poni))
        chi = np.abs(ours["chi"] - ai.center_array(unit="chi_rad", scale=False))
        assert np.minimum(chi, 2.0 * np.pi - chi).max() < 1e-3
        assert np.abs(ours["two_theta"] - ai.center_array(unit="2th_rad")).max() < 1e-6
        assert np.abs(ours["q"] - ai.center_array(unit="q_nm^-1")).max() < 1e-4
        assert np.abs(ours["solid_angle"] - ai.solidAngleArray()).max() < 1e-6
        assert np.abs(ours["polarization"] - ai.polarization(factor=FACTOR)).max() < 1e-6


def test_what_the_geometry_does_not_tell_is_left_out_or_refused(tmp_path):
    head = ["poni_version: 2.1", "Detector: Pilatus100k", config(orientation=3)]
    poni = write_poni(tmp_path / "bare.poni", FLAT_TILT, head, wavelength=None)
    assert set(maps_of(poni, tmp_path)) == {"two_theta", "chi", "r", "solid_angle", "mask"}
    done = debye("--poni", poni, "-o", tmp_path / "q.h5", "--maps", "q", check=False)
    assert done.returncode == 1 and "q needs a wavelength" in done.stderr
    assert not (tmp_path / "q.h5").exists()
    done = debye("--poni", poni, "-o", tmp_path / "maps.h5", check=False)
    assert done.returncode == 1 and "exists already" in done.stderr


# The table of detectors


def table():
    return json.loads(debye("--list-detectors", "--json").stdout)


def classes():
    """pyFAI's detector classes, each with the names that its factory knows."""
    names = {}
    for name, kind in Detector.registry.items():
        if kind.__module__.startswith("pyFAI.detectors"):
            names.setdefault(kind, {kind.__name__, *kind.aliases}).add(name)
    return names


def test_every_name_of_pyfai_is_the_same_detector():
    done = {entry["class"] for entry in table()}
    names = [name for kind, names in classes().items() if kind.__name__ in done for name in sorted(names)]
    assert len(names) > 250
    ours = json.loads(debye("--json", "--list-detectors", *names).stdout)
    assert len(ours) == len(names)
    for name, said in zip(names, ours):
        theirs = detector_factory(name)
        assert said["class"] == type(theirs).__name__, name
        assert tuple(said["shape"]) == tuple(theirs.shape), name
        assert (said["pixel1"], said["pixel2"]) == (theirs.pixel1, theirs.pixel2), name
        assert said["orientation"] == theirs.orientation, name


def test_every_detector_of_pyfai_that_is_not_done_says_so():
    done = {"Detector", *(entry["class"] for entry in table())}
    refused = {kind.__name__: names for kind, names in classes().items() if kind.__name__ not in done}
    print("not done:", sorted(refused))
    assert len(refused) < 15
    for name in sum(map(sorted, refused.values()), []):
        said = debye("--list-detectors", name, check=False)
        assert said.returncode == 1 and "is not done: " in said.stderr, (name, said.stderr)


def test_every_size_of_a_rayonix_is_binned_as_in_pyfai(tmp_path):
    for kind in classes():
        for size in getattr(kind, "BINNED_PIXEL_SIZE", {}).values():
            head = ["poni_version: 2.1", f"Detector: {kind.__name__}", config(pixel1=size, pixel2=size, orientation=3)]
            poni = write_poni(tmp_path / "rayonix.poni", FLAT_TILT, head)
            said = json.loads(debye("--poni", poni, "--json").stdout)["detector"]
            assert tuple(said["shape"]) == pyFAI.load(str(poni)).detector.shape, (kind, size)


def our_mask(tmp_path, *arguments):
    output = tmp_path / "mask.h5"
    debye("--distance", 1, "-o", output, "--overwrite", "--maps", "mask", *arguments)
    with h5py.File(output) as file:
        return file["mask"][()]


def assert_same_mask(ours, theirs, name):
    if theirs is None:
        assert not ours.any(), name
    else:
        assert ours.shape == theirs.shape and np.array_equal(ours, theirs), name


@pytest.mark.parametrize("entry", table(), ids=lambda entry: entry["class"])
def test_gaps_of_every_detector_equal_pyfais_mask(tmp_path, entry):
    if entry["shape"] is None:
        # A family: two by three modules.
        kind = getattr(pyFAI.detectors, entry["class"])
        shape = [n * module + (n - 1) * gap for n, module, gap in zip((2, 3), kind.MODULE_SIZE, kind.MODULE_GAP)]
        ours = our_mask(tmp_path, "--detector", entry["class"], "--shape", f"{shape[0]},{shape[1]}")
        assert_same_mask(ours, detector_factory(entry["class"], dict(max_shape=shape)).mask, entry["class"])
        return
    ours = our_mask(tmp_path, "--detector", entry["name"])
    assert_same_mask(ours, detector_factory(entry["class"]).mask, entry["class"])


@pytest.mark.parametrize("orientation", [1, 2, 4])
@pytest.mark.parametrize("name", ["Eiger2CdTe_1M", "Pilatus4_CdTe_260kw", "Jungfrau8M"])
def test_gaps_stay_with_the_stored_pixels_in_every_orientation_as_in_pyfai(tmp_path, name, orientation):
    ours = our_mask(tmp_path, "--detector", name, "--orientation", orientation)
    assert_same_mask(ours, detector_factory(name, dict(orientation=orientation)).mask, name)


@pytest.mark.parametrize("name, size", [("Eiger2CdTe_1M", 150e-6), ("Lambda750k", 220e-6), ("Rayonix133", 128e-6),
                                        ("RayonixSx165", 118.616e-6)])
def test_gaps_of_binned_detectors_equal_pyfais_mask(tmp_path, name, size):
    ours = our_mask(tmp_path, "--detector", name, "--pixel1", size, "--pixel2", size)
    assert_same_mask(ours, detector_factory(name, dict(pixel1=size, pixel2=size)).mask, name)
