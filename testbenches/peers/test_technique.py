"""Techniques: what `debye technique` says against numpy, scipy, scikit-image and pyFAI."""

import h5py
import hdf5plugin
import numpy as np
import peers
import pyFAI
import pytest
import scipy.ndimage
import scipy.optimize
import skimage.metrics

ROWS, COLUMNS = 121, 95

PONI = f"""poni_version: 2.1
Detector: Detector
Detector_config: {{"pixel1": 1e-3, "pixel2": 1e-3, "max_shape": [{ROWS}, {COLUMNS}], "orientation": 3}}
Distance: 0.2
Poni1: 0.06
Poni2: 0.047
Rot1: 0.0
Rot2: 0.0
Rot3: 0.0
Wavelength: 1e-10
"""

INVALID = 65535


def write(path, frames):
    with h5py.File(path, "w") as file:
        chunks = (1, *frames.shape[1:])
        file.create_dataset("entry/data/data", data=frames, chunks=chunks, **hdf5plugin.Bitshuffle())
    return path


def truncated(frames, bits):
    return np.where(frames == INVALID, INVALID, frames >> bits << bits).astype(frames.dtype)


@pytest.fixture
def judge(tmp_path):
    """judge(technique, original, altered, *arguments) -> verdict"""

    def run(technique, original, altered, *arguments):
        files = write(tmp_path / "original.h5", original), write(tmp_path / "altered.h5", altered)
        return peers.debye_json("technique", technique, "--original", files[0], "--altered", files[1], *arguments)

    return run


@pytest.fixture
def poni(tmp_path):
    path = tmp_path / "geometry.poni"
    path.write_text(PONI)
    return path


def value(verdict, name):
    return next(delta["value"] for delta in verdict["deltas"] if delta["name"] == name)


def table(verdict, name):
    rows = next(one["rows"] for one in verdict["tables"] if one["name"] == name)
    return np.array(rows, dtype=float)


def curve(verdict, plot, number):
    found = next(one for one in verdict["plots"] if one["name"] == plot)["curves"][number]
    return tuple(np.array(found[axis]) for axis in ("x", "y", "sigma"))


def radius():
    """q of each pixel's centre in 1/A."""
    integrator = pyFAI.AzimuthalIntegrator(dist=0.2, poni1=0.06, poni2=0.047, pixel1=1e-3, pixel2=1e-3, wavelength=1e-10)
    return integrator.center_array((ROWS, COLUMNS), unit="q_A^-1")


# Imaging


def images(count=5, seed=1):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:ROWS, :COLUMNS]
    scene = 40 + 30 * np.sin(x / 7) * np.cos(y / 9) + 200 * np.exp(-((x - 40) ** 2 + (y - 60) ** 2) / 60)
    return rng.poisson(scene, (count, ROWS, COLUMNS)).astype("u2")


def test_imaging_of_whole_frames_equals_scikit_image(judge):
    original = images()
    altered = truncated(original, 3)
    verdict = judge("imaging", original, altered)
    data_range = float(original.max())
    for name, of in {
        "nrmse": lambda a, b: skimage.metrics.normalized_root_mse(a, b),
        "psnr": lambda a, b: skimage.metrics.peak_signal_noise_ratio(a, b, data_range=data_range),
        "ssim": lambda a, b: skimage.metrics.structural_similarity(a, b, data_range=data_range),
    }.items():
        expected = [of(a.astype(float), b.astype(float)) for a, b in zip(original, altered)]
        np.testing.assert_allclose(curve(verdict, name, 0)[1], expected, rtol=1e-9)
        worst_of = {"nrmse": np.mean, "psnr": np.min, "ssim": np.mean}[name]
        assert value(verdict, name) == pytest.approx(worst_of(expected), rel=1e-9)


def test_imaging_with_invalid_pixels_leaves_them_out(judge):
    original = images()
    original[:, 30:34, 20:50] = INVALID
    original[2, 90, 70] = INVALID
    altered = truncated(original, 4)
    verdict = judge("imaging", original, altered, "--data-range", 255)
    for frame, (a, b) in enumerate(zip(original, altered)):
        valid = a != INVALID
        x, y = np.where(valid, a, 0).astype(float), np.where(valid, b, 0).astype(float)
        nrmse = skimage.metrics.normalized_root_mse(x[valid], y[valid])
        psnr = skimage.metrics.peak_signal_noise_ratio(x[valid], y[valid], data_range=255)
        _, similarity = skimage.metrics.structural_similarity(x, y, data_range=255, full=True)
        whole = scipy.ndimage.minimum_filter(valid, 7, mode="constant", cval=False)[3:-3, 3:-3]
        ssim = similarity[3:-3, 3:-3][whole].mean()
        got = [curve(verdict, name, 0)[1][frame] for name in ("nrmse", "psnr", "ssim")]
        np.testing.assert_allclose(got, [nrmse, psnr, ssim], rtol=1e-9)


def test_imaging_of_summed_frames_is_that_of_their_share(judge):
    original = images(5)
    groups = [original[:2], original[2:4], original[4:]]
    altered = np.array([group.sum(axis=0, dtype="u4") for group in groups])
    verdict = judge("imaging", original, altered, "--summed", 2)
    mean = [group.mean(axis=0) for group in groups]
    data_range = float(original.max())
    expected = [
        skimage.metrics.structural_similarity(original[k].astype(float), mean[k // 2], data_range=data_range)
        for k in range(5)
    ]
    np.testing.assert_allclose(curve(verdict, "ssim", 0)[1], expected, rtol=1e-9)


# Photon correlation


def speckles(frames, seed=2):
    """Intensities that forget themselves with a time of 12 frames, drawn as counts."""
    rng = np.random.default_rng(seed)
    field = rng.normal(size=(2, ROWS, COLUMNS))
    keep, stack = np.exp(-1 / 12), []
    for _ in range(frames):
        field = keep * field + np.sqrt(1 - keep**2) * rng.normal(size=field.shape)
        stack.append(rng.poisson(3 * (field**2).sum(axis=0)))
    return np.array(stack).astype("u2")


def g2(frames, lag):
    early, late = frames[: len(frames) - lag], frames[lag:]
    return (early * late).mean() / (early.mean() * late.mean())


def test_xpcs_g2_of_rings_equals_numpy(judge, poni):
    original = speckles(64)
    original[:, 5, 6] = INVALID
    altered = truncated(original, 1)
    verdict = judge("xpcs", original, altered, "--poni", poni, "--rings", 3, "--frame-time", 0.5)
    q = radius()
    edges = np.linspace(*q_range(), 4)
    rows = table(verdict, "g2")
    assert set(rows[:, 0]) == {0, 1, 2}
    for region, lag, tau, before, after in rows:
        ring = (q >= edges[int(region)]) & (q < edges[int(region) + 1]) & (original != INVALID).all(axis=0)
        assert tau == 0.5 * lag
        assert before == pytest.approx(g2(original[:, ring].astype(float), int(lag)), rel=1e-12)
        assert after == pytest.approx(g2(altered[:, ring].astype(float), int(lag)), rel=1e-12)
    assert value(verdict, "g2_error") == pytest.approx(np.abs(rows[:, 4] - rows[:, 3]).max(), rel=1e-12)


def q_range():
    """The radial range of debye's bins: that of all centres of 4 x 4 sub-pixels."""
    centres = (np.arange(4 * ROWS) + 0.5) / 4 * 1e-3 - 0.06, (np.arange(4 * COLUMNS) + 0.5) / 4 * 1e-3 - 0.047
    r = np.hypot(*np.meshgrid(*centres, indexing="ij"))
    q = 4 * np.pi * np.sin(np.arctan2(r, 0.2) / 2)
    return q.min(), q.max()


def test_xpcs_decay_equals_scipy_and_summed_frames_lose_lags(judge):
    original = speckles(96)
    altered = original.reshape(48, 2, ROWS, COLUMNS).sum(axis=1).astype("u2")
    verdict = judge("xpcs", original, altered, "--summed", 2, "--roi", "10,20,60,50")
    rows = table(verdict, "g2")
    assert np.all(rows[:, 1] % 2 == 0)
    part = np.s_[:, 10:70, 20:70]
    for _, lag, _, before, after in rows:
        assert before == pytest.approx(g2(original[part].astype(float), int(lag)), rel=1e-12)
        assert after == pytest.approx(g2(altered[part].astype(float), int(lag) // 2), rel=1e-12)
    (fitted,) = table(verdict, "decays")
    for column, got in ((3, fitted[1]), (4, fitted[2])):
        model = lambda t, contrast, time, base: contrast * np.exp(-2 * t / time) + base
        best, _ = scipy.optimize.curve_fit(model, rows[:, 2], rows[:, column], p0=[1, 10, 1], ftol=1e-14, xtol=1e-14)
        assert got == pytest.approx(best[1], rel=1e-6)
    first = g2(original[part].astype(float), 1)
    assert value(verdict, "contrast_change") == pytest.approx(abs((rows[0, 4] - first) / (first - 1)), rel=1e-9)


# Powder and small angles


def scattered(profile, count, seed):
    rng = np.random.default_rng(seed)
    return rng.poisson(profile(radius()), (count, ROWS, COLUMNS)).astype("u2")


def pseudo_voigt(x, area, position, width, eta, b0, b1, origin):
    u = (x - position) / width
    gauss = 2 * np.sqrt(np.log(2) / np.pi) / width * np.exp(-4 * np.log(2) * u**2)
    lorentz = 2 / (np.pi * width) / (1 + 4 * u**2)
    return area * (eta * lorentz + (1 - eta) * gauss) + b0 + b1 * (x - origin)


def powder(q):
    rings = [(30, 0.7, 0.10, 0.4), (60, 1.3, 0.12, 0.3), (20, 1.75, 0.10, 0.5)]
    return 100 + sum(pseudo_voigt(q, *ring, 0, 0, 0) for ring in rings)


def test_powder_peaks_equal_scipy(judge, poni):
    original = scattered(powder, 40, 3)
    altered = truncated(original, 4)
    verdict = judge("powder", original, altered, "--poni", poni, "--bins", 150)
    peaks = table(verdict, "peaks")
    assert np.allclose(peaks[:, 2], [0.7, 1.3, 1.75], atol=0.02)
    for row in peaks:
        window = row[:2]
        for side in (0, 1):
            x, y, sigma = curve(verdict, "pattern", side)
            inside = (x >= window[0]) & (x <= window[1]) & (sigma > 0)
            got, errors = row[2 + 9 * side : 10 + 9 * side : 2], row[3 + 9 * side : 10 + 9 * side : 2]
            held = errors[3] == 0
            free = lambda x, area, position, width, eta, b0, b1: pseudo_voigt(
                x, area, position, width, eta, b0, b1, window.mean()
            )
            fixed = lambda x, area, position, width, b0, b1: free(x, area, position, width, got[3], b0, b1)
            start = [got[2], got[0], got[1]] + ([] if held else [0.5]) + [y[inside].min(), 0]
            best, covariance = scipy.optimize.curve_fit(
                fixed if held else free,
                x[inside],
                y[inside],
                p0=start,
                sigma=sigma[inside],
                absolute_sigma=True,
                ftol=1e-15,
                xtol=1e-15,
                gtol=1e-15,
                maxfev=20000,
            )
            expected = np.sqrt(np.diag(covariance))
            order = [1, 2, 0] + ([] if held else [3])
            np.testing.assert_allclose(got[: len(order)][0], best[1], rtol=1e-6)
            np.testing.assert_allclose(got[: len(order)], best[order], rtol=1e-4)
            np.testing.assert_allclose(errors[: len(order)], expected[order], rtol=1e-3)
    before, after = curve(verdict, "pattern", 0), curve(verdict, "pattern", 1)
    by = (after[1] - before[1]) / before[2]
    assert value(verdict, "max_delta") == pytest.approx(np.abs(by).max(), rel=1e-9)
    assert value(verdict, "chi2_reduced") == pytest.approx((by**2).mean(), rel=1e-9)
    assert value(verdict, "nrmse") == pytest.approx(skimage.metrics.normalized_root_mse(before[1], after[1]), rel=1e-9)


def test_powder_pattern_is_that_of_pyfai(judge, poni):
    original = scattered(powder, 3, 4)
    verdict = judge("powder", original, original, "--poni", poni, "--bins", 60, "--unit", "2th_deg")
    integrator = pyFAI.load(str(poni))
    expected = integrator.integrate1d(original.mean(axis=0), 60, unit="2th_deg", method=("full", "csr", "cython"))
    x, y, _ = curve(verdict, "pattern", 0)
    inside = np.s_[3:50]
    ratio = np.interp(x[inside], expected.radial, expected.intensity) / y[inside]
    assert np.median(np.abs(ratio - 1)) < 5e-3
    assert value(verdict, "max_delta") == 0 and verdict["acceptable"]


def test_powder_of_summed_frames_is_the_same(judge, poni):
    original = scattered(powder, 6, 5)
    altered = original.reshape(3, 2, ROWS, COLUMNS).sum(axis=1).astype("u2")
    verdict = judge("powder", original, altered, "--poni", poni, "--bins", 100, "--summed", 2)
    assert value(verdict, "max_delta") < 1e-9 and verdict["acceptable"]


def test_saxs_lines_equal_numpy(judge, poni):
    original = scattered(lambda q: 900 * np.exp(-((q * 2.5) ** 2) / 3) + 40 * (0.2 + q) ** -1.5, 30, 6)
    altered = truncated(original, 3)
    arguments = ["--poni", poni, "--bins", 200]
    verdict = judge("saxs", original, altered, *arguments)
    rows = table(verdict, "fits")
    assert list(rows[:, 0]) == [1, 2, 3]
    # On a logarithmic plot all bins are shown that hold counts.
    for side in (0, 1):
        x, y, sigma = curve(verdict, "pattern", side)

        def line(abscissa, ends):
            inside = (x >= ends[0]) & (x <= ends[1]) & (y > 0) & (sigma > 0)
            weights = y[inside] / sigma[inside]
            fit, covariance = np.polyfit(abscissa(x[inside]), np.log(y[inside]), 1, w=weights, cov="unscaled")
            return fit, np.sqrt(np.diag(covariance))

        (slope, intercept), (of_slope, of_intercept) = line(np.square, rows[0, 1:3])
        rg = np.sqrt(-3 * slope)
        np.testing.assert_allclose(rows[0, 3 + 2 * side : 5 + 2 * side], [rg, 1.5 * of_slope / rg], rtol=1e-7)
        i0 = np.exp(intercept)
        np.testing.assert_allclose(rows[1, 3 + 2 * side : 5 + 2 * side], [i0, i0 * of_intercept], rtol=1e-7)
        (slope, _), (of_slope, _) = line(np.log, rows[2, 1:3])
        np.testing.assert_allclose(rows[2, 3 + 2 * side : 5 + 2 * side], [-slope, of_slope], rtol=1e-7)
        if side == 0:
            assert rg * rows[0, 2] <= 1.3
    named = judge("saxs", original, altered, *arguments, "--guinier", "0.1,0.4", "--porod", "0.9,1.6")
    assert table(named, "fits")[:, 1:3].tolist() == [[0.1, 0.4], [0.1, 0.4], [0.9, 1.6]]


# Crystallography


def crystals(count, seed):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:ROWS, :COLUMNS]
    scene = np.full((count, ROWS, COLUMNS), 4.0)
    for frame in scene:
        for _ in range(25):
            at, height = rng.uniform(4, (ROWS - 4, COLUMNS - 4)), rng.exponential(200)
            frame += height * np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / 2)
    frames = rng.poisson(scene).astype("u2")
    frames[:, 40:44] = INVALID
    return frames


def spots(frame, other):
    """The definition in numpy and scipy: intensities, centres, intensities of another frame in the same pixels."""
    valid = frame != INVALID
    v = np.where(valid, frame, 0).astype(float)
    around = lambda values: scipy.ndimage.convolve(values, np.ones((7, 7)), mode="constant")
    n, total, squares = around(valid.astype(float)), around(v), around(v**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        dispersion = (squares - total**2 / n) / (n - 1) / mean
        strong = valid & (dispersion > 1 + 6 * np.sqrt(2 / (n - 1))) & (v > mean + 3 * np.sqrt(mean))
    labels, count = scipy.ndimage.label(strong, np.ones((3, 3)))
    found = []
    for number, (rows, columns) in enumerate(scipy.ndimage.find_objects(labels), 1):
        inside = labels == number
        if inside.sum() < 2:
            continue
        box = np.zeros_like(valid)
        box[max(rows.start - 3, 0) : rows.stop + 3, max(columns.start - 3, 0) : columns.stop + 3] = True
        intensity = lambda v: v[inside].sum() - inside.sum() * v[box & valid & ~strong].mean()
        centre = np.average(np.argwhere(inside), axis=0, weights=v[inside])
        found.append((intensity(v), *centre, intensity(np.where(valid, other, 0).astype(float))))
    return np.array(found)


def test_mx_spots_equal_scipy(judge):
    original = crystals(4, 7)
    altered = truncated(original, 3)
    verdict = judge("mx", original, altered)
    frames = table(verdict, "frames")
    lost = gained = errors = total = before = 0
    for frame in range(4):
        a, b = spots(original[frame], altered[frame]), spots(altered[frame], altered[frame])
        assert frames[frame, 1:3].tolist() == [len(a), len(b)]
        np.testing.assert_allclose(frames[frame, 4:], [a[:, 0].sum(), b[:, 0].sum()], rtol=1e-9)
        distance = np.hypot(*(a[:, None, 1:3] - b[None, :, 1:3]).transpose(2, 0, 1))
        # Spots are far enough apart here for the nearest one to be the right one, if any is near.
        near = np.argwhere(distance <= 2)
        assert len(set(near[:, 0])) == len(near) == len(set(near[:, 1]))
        lost, gained, before = lost + len(a) - len(near), gained + len(b) - len(near), before + len(a)
        errors += np.abs(a[:, 3] - a[:, 0]).sum()
        total += a[:, 0].sum()
    assert before > 40
    assert value(verdict, "spots_lost") == pytest.approx(lost / before, rel=1e-9)
    assert value(verdict, "spots_gained") == pytest.approx(gained / before, rel=1e-9)
    assert value(verdict, "intensity_r") == pytest.approx(errors / total, rel=1e-9)


# Spectroscopy


def test_spectroscopy_line_equals_numpy(judge):
    rng = np.random.default_rng(8)
    scene = 3 + 0.02 * np.arange(COLUMNS) + 40 * np.exp(-0.5 * ((np.arange(COLUMNS) - 51.3) / 2.5) ** 2)
    original = rng.poisson(np.tile(scene, (4, ROWS, 1))).astype("u2")
    original[:, 7:9, 50] = INVALID
    altered = truncated(original, 2)
    verdict = judge("spectroscopy", original, altered, "--line", "42,62")
    for side, frames in enumerate((original, altered)):
        valid = frames != INVALID
        scale = ROWS / valid.sum(axis=(0, 1))
        counts = np.where(valid, frames, 0).sum(axis=(0, 1)) * scale
        variance = counts * scale
        left, right, inside = np.r_[32:42], np.r_[62:72], np.r_[42:62]
        share = (right.mean() - inside) / (right.mean() - left.mean())
        weights = np.zeros((len(inside), COLUMNS))
        weights[np.arange(len(inside)), inside] = 1
        weights[:, left] -= share[:, None] / len(left)
        weights[:, right] -= (1 - share)[:, None] / len(right)
        net = weights @ counts
        error = lambda f: np.sqrt(((f @ weights) ** 2 * variance).sum())
        integral = net.sum()
        centroid = (inside * net).sum() / integral
        second = ((inside - centroid) ** 2 * net).sum() / integral
        width = np.sqrt(second)
        expected = [
            integral,
            error(np.ones(len(inside))),
            centroid,
            error((inside - centroid) / integral),
            width,
            error(((inside - centroid) ** 2 - second) / integral) / 2 / width,
        ]
        np.testing.assert_allclose(table(verdict, "line")[side, 1:], expected, rtol=1e-9)


# The command


def test_technique_verdict_is_the_same_each_time_and_limits_decide(judge, tmp_path):
    original = images(2)
    altered = truncated(original, 2)
    first = judge("imaging", original, altered, "--limit", "imaging.nrmse=0.5")
    assert first == judge("imaging", original, altered, "--limit", "imaging.nrmse=0.5")
    assert first["acceptable"]
    files = ["--original", tmp_path / "original.h5", "--altered", tmp_path / "altered.h5"]
    strict = peers.debye("technique", "imaging", *files, "--limit", "imaging.nrmse=1e-6", "--check", check=False)
    assert strict.returncode == 4 and "NOT acceptable" in strict.stdout


def test_technique_lossy_step_equals_the_same_step_made_by_numpy(judge, tmp_path):
    original = images(3)
    altered = truncated(original, 2)
    by_file = judge("imaging", original, altered)
    by_name = peers.debye_json("technique", "imaging", "--original", tmp_path / "original.h5", "--lossy", "truncate:2")
    assert by_name == by_file


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["powder"], "needs to know where the detector stands"),
        (["xpcs"], "needs 8 frames or more, there are 2"),
        (["fft"], "is no technique: choose one of powder, saxs, mx, xpcs, imaging, spectroscopy"),
        (["imaging", "--limit", "imaging.x=1"], "has no limit"),
        (["imaging", "--summed", "2", "--frames", "1..2"], "begins at 1: with --summed 2 it begins at a multiple"),
        (["mx", "--spot-sigma", "0"], "spot_sigma"),
    ],
)
def test_technique_that_cannot_be_says_why(arguments, said, judge, tmp_path):
    frames = images(2)
    files = write(tmp_path / "a.h5", frames), write(tmp_path / "b.h5", frames)
    done = peers.debye("technique", *arguments, "--original", files[0], "--altered", files[1], check=False)
    assert done.returncode == 1 and said in done.stderr
