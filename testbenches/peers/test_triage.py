"""Triage: what is measured, against numpy and scipy; the virtual data set, by h5py; hits, by known truth."""

import csv
import json

import h5py
import hdf5plugin  # noqa: F401  registers the filter
import numpy as np
import peers
import pytest
import scipy.ndimage
import triage_frames as made


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """(file, frames, kinds)"""
    stack, kinds = made.frames(60, 11)
    return made.write(tmp_path_factory.mktemp("triage") / "frames.h5", stack), stack, kinds


def spots(frame):
    """The definition of `debye::spots` in numpy and scipy: how many."""
    valid = frame != made.GAP
    v = np.where(valid, frame, 0).astype(float)
    around = lambda values: scipy.ndimage.convolve(values, np.ones((7, 7)), mode="constant")
    n, total, squares = around(valid.astype(float)), around(v), around(v**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        dispersion = (squares - total**2 / n) / (n - 1) / mean
        strong = valid & (dispersion > 1 + 6 * np.sqrt(2 / (n - 1))) & (v > mean + 3 * np.sqrt(mean))
    labels, count = scipy.ndimage.label(strong, np.ones((3, 3)))
    return sum(np.bincount(labels.ravel(), minlength=count + 1)[1:] >= 2)


def outliers(frame, rings, sigma):
    """The definition of `debye::triage::rings` about the frame's centre."""
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]]
    r = np.hypot(y + 0.5 - frame.shape[0] / 2, x + 0.5 - frame.shape[1] / 2)
    ring = np.minimum(((r - r.min()) / (r.max() - r.min()) * rings).astype(int), rings - 1)
    count = 0
    for k in range(rings):
        values = frame[(ring == k) & (frame != made.GAP)].astype(float)
        if values.size:
            upper = lambda v: np.sort(v)[len(v) // 2]
            median = upper(values)
            spread = max(1.4826 * upper(np.abs(values - median)), np.sqrt(median), 1)
            count += np.count_nonzero(values > median + sigma * spread)
    return count


def test_features_equal_numpy_and_scipy(known, tmp_path):
    file, stack, _ = known
    out = tmp_path / "kept.h5"
    arguments = ["--spots", 10, "--outliers", 5, "--rings", 40, "--pixels", 4, "--threshold", 12]
    peers.debye("triage", file, "-o", out, *arguments)
    listed = rows(tmp_path / "kept.csv")
    assert [int(row["frame"]) for row in listed] == list(range(len(stack)))
    for row, frame in zip(listed, stack):
        valid = frame != made.GAP
        counts = frame[valid].astype(int)
        expected = [valid.sum(), (~valid).sum(), counts.sum(), counts.max(), (counts > 12).sum()]
        names = ("valid_pixels", "invalid_pixels", "sum", "max", "over_threshold")
        assert [int(row[name]) for name in names] == expected
        assert int(row["spots"]) == spots(frame)
        assert int(row["outliers"]) == outliers(frame, 40, 6)
        met = int(row["spots"]) >= 10 and int(row["outliers"]) >= 5 and int(row["over_threshold"]) >= 4
        assert (row["class"] == "hit") == met == (row["kept"] == "1")


def test_virtual_set_holds_the_kept_frames(known, tmp_path):
    file, stack, _ = known
    out = tmp_path / "kept.h5"
    told = peers.debye_json("triage", file, "-o", out, "--spots", 8)
    kept = told["kept"]
    assert 0 < len(kept) < len(stack) and told["hits"] == len(kept)
    with h5py.File(out) as opened:
        data = opened["entry/data/data"]
        assert data.is_virtual and data.dtype == stack.dtype
        assert np.array_equal(data[()], stack[kept])
        assert opened["entry/data/frame_number"][()].tolist() == kept
        classes = opened["entry/triage/class"]
        assert [list(classes.attrs["names"])[k] for k in classes[()]].count("hit") == len(kept)
        assert json.loads(opened["entry/triage/rules"][()])["spots"] == 8
    # Debye reads it as any other file.
    assert np.array_equal(peers.pixels(out, 1, tmp_path / "pixels.npy"), stack[kept[1]])


def test_virtual_set_beside_its_source_can_be_moved_with_it(tmp_path):
    stack, _ = made.frames(6, 12)
    folder = tmp_path / "a"
    folder.mkdir()
    made.write(folder / "100%b frames.h5", stack)
    peers.debye("triage", folder / "100%b frames.h5", "-o", folder / "lit.h5", "--keep", "lit", "--list", folder / "lit.txt")
    moved = folder.rename(tmp_path / "b")
    kept = [int(line) for line in (moved / "lit.txt").read_text().split()]
    with h5py.File(moved / "lit.h5") as opened:
        assert np.array_equal(opened["entry/data/data"][()], stack[kept])


def test_virtual_set_of_an_eiger_master_spans_its_data_files(tmp_path):
    stack, _ = made.frames(7, 13)
    master = tmp_path / "run_master.h5"
    with h5py.File(master, "w") as file:
        for number, part in enumerate(np.split(stack, [3, 5]), 1):
            made.write(tmp_path / f"run_data_{number:06}.h5", part)
            file[f"entry/data/data_{number:06}"] = h5py.ExternalLink(f"run_data_{number:06}.h5", "/entry/data/data")
    (tmp_path / "elsewhere").mkdir()
    out = tmp_path / "elsewhere" / "kept.h5"
    told = peers.debye_json("triage", master, "-o", out, "--keep", "lit", "--lit-above", 0.1, "--frames", "1..7")
    assert told["frames"] == 6 and len(told["kept"]) > 3
    with h5py.File(out) as opened:
        assert np.array_equal(opened["entry/data/data"][()], stack[told["kept"]])


def test_virtual_set_of_four_dimensions(tmp_path):
    stack, _ = made.frames(6, 14)
    made.write(tmp_path / "grid.h5", stack)
    with h5py.File(tmp_path / "grid.h5", "w") as file:
        file["entry/data/data"] = stack.reshape(2, 3, *stack.shape[1:])
    told = peers.debye_json("triage", tmp_path / "grid.h5", "-o", tmp_path / "kept.h5", "--keep", "lit", "--lit-above", 0.1)
    with h5py.File(tmp_path / "kept.h5") as opened:
        assert np.array_equal(opened["entry/data/data"][()], stack[told["kept"]])


def test_none_kept_is_an_empty_data_set(known, tmp_path):
    file, stack, _ = known
    told = peers.debye_json("triage", file, "-o", tmp_path / "none.h5", "--spots", 100_000)
    assert told["kept"] == []
    with h5py.File(tmp_path / "none.h5") as opened:
        assert opened["entry/data/data"].shape == (0, *stack.shape[1:])


def test_dark_frames_are_told_apart(known, tmp_path):
    file, _, kinds = known
    told = peers.debye_json("triage", file, "-o", tmp_path / "lit.h5", "--keep", "lit", "--list", tmp_path / "all.json")
    assert told["kept"] == np.flatnonzero(kinds != made.DARK).tolist()
    assert told["dark"] == np.count_nonzero(kinds == made.DARK) > 0
    frames = json.loads((tmp_path / "all.json").read_text())["frames"]
    assert [one["features"]["frame"] for one in frames if one["kept"]] == told["kept"]


def test_hits_are_found_by_spots(known, tmp_path):
    file, _, kinds = known
    told = peers.debye_json("triage", file, "-o", tmp_path / "hits.h5", "--spots", 4)
    truth, found = kinds == made.HIT, np.isin(np.arange(len(kinds)), told["kept"])
    assert found[truth].mean() > 0.9 and found[~truth].mean() < 0.05


def test_statistics_of_an_output_give_the_same_frames(known, tmp_path):
    file, stack, _ = known
    poni = tmp_path / "geometry.poni"
    poni.write_text(
        'poni_version: 2.1\nDetector: Detector\nDetector_config: {"pixel1": 1e-4, "pixel2": 1e-4, '
        f'"max_shape": [{made.ROWS}, {made.COLUMNS}], "orientation": 3}}\n'
        "Distance: 0.1\nPoni1: 0.0118\nPoni2: 0.0128\nRot1: 0.0\nRot2: 0.0\nRot3: 0.0\nWavelength: 1e-10\n"
    )
    output = tmp_path / "patterns.h5"
    peers.debye("integrate", file, "--poni", poni, "--bins", 20, "--threshold", 15, "-o", output)
    criteria = ["--pixels", 20]
    by_output = peers.debye_json("triage", file, "-o", tmp_path / "a.h5", *criteria, "--statistics", output)
    by_frames = peers.debye_json("triage", file, "-o", tmp_path / "b.h5", *criteria, "--threshold", 15)
    assert by_output["kept"] == by_frames["kept"] == np.flatnonzero(
        [np.count_nonzero((frame > 15) & (frame != made.GAP)) >= 20 for frame in stack]
    ).tolist()
    drop = ("spots", "outliers")
    without = lambda path: [{k: v for k, v in row.items() if k not in drop} for row in rows(path)]
    assert without(tmp_path / "a.csv") == without(tmp_path / "b.csv")


def test_frame_that_cannot_be_decoded_is_told(known, tmp_path):
    file = tmp_path / "damaged.h5"
    file.write_bytes(known[0].read_bytes())
    with h5py.File(file, "r+") as opened:
        info = opened["entry/data/data"].id.get_chunk_info(2)
    with open(file, "r+b") as raw:
        raw.seek(info.byte_offset + 12)
        raw.write(b"\xff" * 64)
    done = peers.debye("triage", file, "-o", tmp_path / "kept.h5", "--keep", "lit", check=False)
    assert done.returncode == 3
    assert [row["class"] for row in rows(tmp_path / "kept.csv")].index("failed") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--pixels", "3"], "--pixels needs --threshold"),
        (["--list", "frames.xml"], "a list ends in .txt, .csv or .json"),
        (["--spot-sigma", "0"], "are above 0"),
        (["--frames", "70"], "reaches past the 60 frames"),
    ],
)
def test_triage_that_cannot_be_says_why(arguments, said, known, tmp_path):
    done = peers.debye("triage", known[0], "-o", tmp_path / "kept.h5", *arguments, check=False)
    assert done.returncode == 1 and said in done.stderr
    assert not any(tmp_path.iterdir())


def test_triage_never_writes_over_its_input(known):
    for name in ("-o", "--list"):
        other = ["--list", "x.csv"] if name == "-o" else ["-o", "x.h5"]
        done = peers.debye("triage", known[0], name, known[0], *other, "--overwrite", check=False)
        assert done.returncode == 1 and "is read by this run" in done.stderr
