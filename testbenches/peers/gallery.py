"""The gallery of docs/report.md: a small report of generated frames for each technique, and of each the picture of its page.

usage: gallery.py [--only TECHNIQUE] [--out docs/report/gallery]
       (DEBYE names the command; chromium, where it is installed, takes the pictures)

Frames of 256 x 256 pixels, seeded: what a technique looks for is in them by construction. Rates in these reports are of the
machine that made them.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import h5py  # noqa: E402
import hdf5plugin  # noqa: E402
import numpy as np  # noqa: E402
from peers import ROOT, debye_binary  # noqa: E402

SIDE = 256
INVALID = 65535
DISTANCE, PIXEL, WAVELENGTH, CENTRE = 0.2, 0.6e-3, 1e-10, 0.12 * SIDE
PONI = f"""poni_version: 2.1
Detector: Detector
Detector_config: {{"pixel1": {PIXEL}, "pixel2": {PIXEL}, "max_shape": [{SIDE}, {SIDE}], "orientation": 3}}
Distance: {DISTANCE}
Poni1: {CENTRE * PIXEL}
Poni2: {CENTRE * PIXEL}
Rot1: 0.0
Rot2: 0.0
Rot3: 0.0
Wavelength: {WAVELENGTH}
"""

y, x = np.mgrid[:SIDE, :SIDE] + 0.5


def scattering_vector():
    """q of each pixel's centre in 1/A."""
    return 4 * np.pi * np.sin(np.arctan2(np.hypot(x - CENTRE, y - CENTRE) * PIXEL, DISTANCE) / 2)


def powder(rng, count):
    q = scattering_vector()
    rings = [(40, 0.7, 0.03), (90, 1.3, 0.03), (60, 1.75, 0.035), (30, 2.3, 0.04)]
    return rng.poisson(4 + sum(height * np.exp(-4 * np.log(2) * ((q - at) / width) ** 2) for height, at, width in rings),
                       (count, SIDE, SIDE))


def saxs(rng, count):
    """Spheres of 60 A (Rayleigh's form factor), on a flat background."""
    qr = scattering_vector() / 10 * 60
    form = 3 * (np.sin(qr) - qr * np.cos(qr)) / qr**3
    return rng.poisson(2000 * form**2 + 0.5, (count, SIDE, SIDE))


def mx(rng, count):
    scene = np.full((count, SIDE, SIDE), 3.0)
    for frame in scene:
        for _ in range(60):
            row, column = rng.uniform(4, SIDE - 4, 2)
            frame += rng.exponential(300) * np.exp(-((y - row) ** 2 + (x - column) ** 2) / 2)
    return rng.poisson(scene)


def xpcs(rng, count):
    """Intensities that forget themselves with a time of 12 frames, brighter in the middle."""
    keep, stack = np.exp(-1 / 12), []
    field = rng.normal(size=(2, SIDE, SIDE))
    bright = 6 * np.exp(-scattering_vector())
    for _ in range(count):
        field = keep * field + np.sqrt(1 - keep**2) * rng.normal(size=field.shape)
        stack.append(rng.poisson(bright * (field**2).sum(axis=0)))
    return np.array(stack)


def imaging(rng, count):
    """A radiograph: spheres in a beam with a profile."""
    thick = sum(np.sqrt(np.clip(r**2 - (x - cx) ** 2 - (y - cy) ** 2, 0, None))
                for cx, cy, r in [(90, 100, 50), (170, 150, 35), (130, 200, 25), (200, 70, 18)])
    beam = 3000 * np.exp(-((x - 128) ** 2 + (y - 128) ** 2) / 2 / 150**2)
    return rng.poisson(beam * np.exp(-thick / 40), (count, SIDE, SIDE))


def spectroscopy(rng, count):
    """An emission line on a sloping background, columns along the energy."""
    line = 2 + 0.01 * x + 30 * np.exp(-0.5 * ((x - 131.3) / 4) ** 2) + 8 * np.exp(-0.5 * ((x - 180) / 6) ** 2)
    return rng.poisson(line, (count, SIDE, SIDE))


# frames, what is in them, arguments of the report
TECHNIQUES = {
    "powder": (16, powder, ["--bins", 400]),
    "saxs": (16, saxs, ["--bins", 200]),
    "mx": (12, mx, []),
    "xpcs": (64, xpcs, ["--frame-time", 0.01]),
    "imaging": (8, imaging, []),
    "spectroscopy": (16, spectroscopy, []),
}
SETTINGS = {"spectroscopy": {"line": [115, 148]}}


def write(folder, technique):
    count, make, _ = TECHNIQUES[technique]
    frames = make(np.random.default_rng(list(TECHNIQUES).index(technique)), count).clip(0, INVALID - 1).astype("u2")
    frames[:, :, 200:203] = INVALID
    path = folder / f"{technique}.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("entry/data/data", data=frames, chunks=(1, SIDE, SIDE), **hdf5plugin.Bitshuffle())
    return path


def report(folder, source, *arguments):
    """In the folder and by the command's name alone: the page tells both."""
    binary = pathlib.Path(debye_binary()).resolve()
    path = os.pathsep.join([str(binary.parent), os.environ["PATH"]])
    command = [binary.name, "report", source.name, "--poni", "geometry.poni", "-o", "report", *map(str, arguments)]
    subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=True, stdout=subprocess.DEVNULL)
    return folder / "report" / "report.html"


def picture(page, target):
    """Of the part that judges lossy operations."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        print("skipped: pictures of the pages: chromium is not installed")
        return
    hidden = "<style>#provenance, #facts, #lossless, #reduction, #equality, #planning { display: none }</style></head>"
    with tempfile.TemporaryDirectory() as folder:
        part = pathlib.Path(folder) / "part.html"
        part.write_text(page.read_text().replace("</head>", hidden, 1))
        subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                        "--window-size=1000,1500", f"--screenshot={target}", part.as_uri()], check=True, capture_output=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=TECHNIQUES)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "report" / "gallery")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for technique in [args.only] if args.only else TECHNIQUES:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            source = write(folder, technique)
            (folder / "geometry.poni").write_text(PONI)
            (folder / "settings.json").write_text(json.dumps(SETTINGS.get(technique, {})))
            page = report(folder, source, "--technique", technique, "--settings", "settings.json", "--lossy", "sqrt:0.5,truncate:2",
                          "--seconds", 0.1, "--detector-rate", 1000, *TECHNIQUES[technique][2])
            shutil.copy(page, args.out / f"{technique}.html")
            picture(args.out / f"{technique}.html", args.out / f"{technique}.png")
        print(f"{technique}: {os.path.getsize(args.out / f'{technique}.html')} bytes")


if __name__ == "__main__":
    main()
