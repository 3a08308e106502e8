"""The report's numbers against numpy, scipy, h5py with hdf5plugin; its page in a browser.

What is compared here was not made by debye: entropies by scipy, errors by numpy, sizes as h5py stores them.
"""

import html.parser
import json
import re
import shutil
import signal
import subprocess
import time
import zlib

import h5py
import hdf5plugin
import numpy as np
import pytest
import scipy.stats

from peers import debye, debye_binary, debye_json

SHAPE = (5, 203, 318)
GAP = 65_535
QUICK = ["--seconds", "0.01", "--bins", "60"]


def counts(shape=SHAPE, dtype="u2", seed=3):
    """Rings of counts with noise, a gap, a dead pixel and a bright spot; frames differ."""
    random = np.random.default_rng(seed)
    y, x = np.indices(shape[1:])
    radius = np.hypot(y - shape[1] / 2, x - shape[2] / 2)
    mean = 2.5 + 40 * np.exp(-(((radius - 60) / 5) ** 2))
    data = random.poisson(mean * (1 + 0.1 * np.arange(shape[0]))[:, None, None]).astype(dtype)
    data[:, 100:104] = np.iinfo(dtype).max
    data[:, 5, 7] = np.iinfo(dtype).max - 1
    data[:, -5, -6] = 3000
    return data


@pytest.fixture(scope="module")
def data():
    return counts()


@pytest.fixture(scope="module")
def source(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("report") / "scan.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("entry/data/data", data=data, chunks=(1, *SHAPE[1:]), **hdf5plugin.Bitshuffle())
        detector = file.create_group("entry/instrument/detector")
        detector["description"] = "Test <detector> & co"
        detector["frame_time"] = np.float32(0.25)
        detector["frame_time"].attrs["units"] = "s"
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory, source):
    """A report with everything that needs no geometry: (folder, object)."""
    folder = tmp_path_factory.mktemp("made") / "report"
    options = ["--lossy", "sqrt:0.5,truncate:2,threshold:3,bin:2", "--technique", "imaging", "--detector-rate", "1000"]
    made = debye_json("report", source, "-o", folder, *options, *QUICK)
    assert made == json.loads((folder / "report.json").read_text())
    return folder, made


def valid_of(data):
    return data <= np.iinfo(data.dtype).max - 2


def entropy(values):
    return scipy.stats.entropy(np.unique(values, return_counts=True)[1], base=2)


def lasting(value):
    """A report without times and machine."""
    if isinstance(value, dict):
        return {name: lasting(one) for name, one in value.items() if name not in ("run", "timing")}
    return [lasting(one) for one in value] if isinstance(value, list) else value


def test_facts_are_those_of_numpy_and_scipy(report, data):
    facts = report[1]["facts"]
    valid = data[valid_of(data)]
    assert facts["counts"]["pixels"] == data.size and facts["counts"]["valid"] == valid.size
    assert facts["counts"]["invalid"] == data.size - valid.size and facts["counts"]["masked"] == 0
    assert facts["counts"]["zero_fraction"] == pytest.approx(np.mean(valid == 0), rel=1e-12)
    assert facts["counts"]["sum"] == valid.sum(dtype="u8") and facts["counts"]["max"] == valid.max()
    assert facts["counts"]["mean"] == pytest.approx(valid.mean(), rel=1e-12)
    assert facts["counts"]["variance"] == pytest.approx(valid.var(), rel=1e-12)
    expected = [np.quantile(valid, part, method="inverted_cdf") for part in (0.5, 0.9, 0.99, 0.999)]
    assert facts["counts"]["quantiles"] == expected
    assert facts["counts"]["entropy_bits"] == pytest.approx(entropy(valid), rel=1e-9)
    assert sum(bar[2] for bar in facts["counts"]["bars"]) == valid.size
    assert facts["frame_means"] == pytest.approx([frame[valid_of(frame)].mean() for frame in data], rel=1e-12)


def test_bounds_are_entropies_of_scipy(report, data):
    facts = report[1]["facts"]
    planes = [entropy(data >> bit & 1) for bit in range(16)]
    assert facts["plane_entropy_bits"] == pytest.approx(planes, abs=1e-9)
    assert facts["bounds"]["values_bits"] == pytest.approx(entropy(data), rel=1e-9)
    assert facts["bounds"]["planes_bits"] == pytest.approx(sum(planes), rel=1e-9)
    flat = data.reshape(len(data), -1).astype("i8")
    before = np.concatenate([np.zeros((len(data), 1), "i8"), flat[:, :-1]], axis=1)
    classes = np.where(before > GAP - 2, 64, np.minimum(before, 63))
    bits = sum(entropy(flat[classes == one]) * (classes == one).sum() for one in np.unique(classes))
    assert facts["bounds"]["neighbour_bits"] == pytest.approx(bits / flat.size, rel=1e-9)


def test_likeness_is_the_correlation_of_numpy(report, data):
    likeness = report[1]["facts"]["likeness"]
    assert [one["frame"] for one in likeness] == list(range(len(data) - 1))
    for one in likeness:
        first, second = data[one["frame"]], data[one["frame"] + 1]
        both = valid_of(first) & valid_of(second)
        expected = np.corrcoef(first[both].astype("f8"), second[both].astype("f8"))[0, 1]
        assert one["correlation"] == pytest.approx(expected, abs=1e-9)
        assert one["equal_fraction"] == pytest.approx(np.mean(first[both] == second[both]), rel=1e-12)


FILTERS = {
    "bslz4-liblz4": lambda: hdf5plugin.Bitshuffle(cname="lz4"),
    "bszstd": lambda: hdf5plugin.Bitshuffle(cname="zstd", clevel=3),
    "bszstd:9": lambda: hdf5plugin.Bitshuffle(cname="zstd", clevel=9),
    "zstd": lambda: hdf5plugin.Zstd(clevel=3),
    "zstd:1": lambda: hdf5plugin.Zstd(clevel=1),
    "lz4": lambda: hdf5plugin.LZ4(),
    "gzip": lambda: {"compression": "gzip", "compression_opts": 4},
}


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "i2", "i4"])
def test_stored_sizes_are_those_of_h5py_and_hdf5plugin(tmp_path, dtype):
    data = counts((3, 101, 97), dtype) if dtype != "u1" else np.minimum(counts((3, 101, 97)), 255).astype("u1")
    source = tmp_path / "in.h5"
    with h5py.File(source, "w") as file:
        file["entry/data/data"] = data
    made = debye_json("report", source, "-o", tmp_path / "r", *QUICK, "--codecs", ",".join(["bslz4", *FILTERS]))
    codecs = {codec["codec"]: codec for codec in made["lossless"]["codecs"]}
    assert list(codecs) == ["bslz4", *FILTERS]
    with h5py.File(tmp_path / "peer.h5", "w") as file:
        for name, options in FILTERS.items():
            stored = file.create_dataset(name, data=data, chunks=(1, *data.shape[1:]), **options())
            sizes = [stored.id.get_chunk_info(number).size for number in range(len(data))]
            codec = codecs[name]
            if name == "gzip":
                # Another zlib: its matches are not the same.
                assert codec["frame_bytes"] == pytest.approx(sizes, rel=0.05)
            else:
                assert codec["frame_bytes"] == sizes, name
                assert codec["ratio"] == data.nbytes / stored.id.get_storage_size()
    for codec in codecs.values():
        assert codec["lossless"] and codec["returned"] == len(data)
        assert codec["returned_crc32"] == f"{zlib.crc32(data.tobytes()):08x}"
        assert codec["frame_ratios"] == [data[0].nbytes / size for size in codec["frame_bytes"]]
        assert all(codec["timing"][rate] > 0 for rate in codec["timing"])
    debye("compress", source, "-o", tmp_path / "own.h5", "--frame-chunks")
    with h5py.File(tmp_path / "own.h5") as file:
        assert codecs["bslz4"]["stored_bytes"] == file["entry/data/data"].id.get_storage_size()


def test_errors_of_lossy_operations_are_those_of_numpy(report, data):
    lossy = report[1]["lossy"]
    valid = valid_of(data)
    wide = data.astype("i8")
    k = (np.floor(np.sqrt(4096.0 * wide)).astype("i8") + 8) // 16
    kept = {
        "sqrt:0.5": np.minimum((k * k * 64 + 512) // 1024, GAP - 2),
        "truncate:2": wide >> 2 << 2,
        "threshold:3": np.where(wide < 3, 0, wide),
    }
    by_name = {one["operation"]: one for one in lossy["operations"]}
    for name, values in kept.items():
        error, original = (values - wide)[valid], wide[valid]
        errors = by_name[name]["errors"]
        assert errors["pixels"] == original.size and errors["lost"] == 0
        assert errors["max_abs"] == np.abs(error).max()
        assert errors["max_in_sigma"] == pytest.approx((np.abs(error) / np.sqrt(np.maximum(1, original))).max(), rel=1e-12)
        assert errors["bias"] == pytest.approx(error.mean(), abs=1e-9)
        assert errors["rmse"] == pytest.approx(np.sqrt(np.mean(error.astype("f8") ** 2)), rel=1e-9)
        nrmse = np.linalg.norm(error.astype("f8")) / np.linalg.norm(original.astype("f8"))
        assert errors["nrmse"] == pytest.approx(nrmse, rel=1e-9)
    # Frames added up in twos: each original one is held against half of the sum it went into, the last against itself.
    pairs = [(0, 1), (0, 1), (2, 3), (2, 3), (4,)]
    half = np.array([wide[list(pair)].mean(axis=0) for pair in pairs])
    error = (half - wide)[valid]
    nrmse = np.linalg.norm(error) / np.linalg.norm(wide[valid].astype("f8"))
    assert by_name["bin:2"]["errors"]["nrmse"] == pytest.approx(nrmse, rel=1e-9)
    assert by_name["bin:2"]["frames"] == 3 and lossy["frame_time"] == 0.25
    verdict = by_name["sqrt:0.5"]["verdicts"][0]["verdict"]
    assert verdict["technique"] == "imaging" and by_name["sqrt:0.5"]["acceptable"] in (True, False)


def test_volumes_and_sums_are_those_of_the_file_and_of_integrate(tmp_path, report, source, data, vectors):
    _, made = report
    with h5py.File(source) as file:
        stored = file["entry/data/data"].id.get_storage_size()
    volumes = {volume["name"]: volume for volume in made["reduction"]["volumes"]}
    assert volumes["as the file stores them (bslz4)"]["bytes"] == stored
    assert volumes["pixels, not compressed"]["bytes"] == data.nbytes
    poni = tmp_path / "g.poni"
    poni.write_text(
        "poni_version: 2.1\nDetector: Detector\n"
        'Detector_config: {"pixel1": 1e-4, "pixel2": 1e-4, "max_shape": [203, 318], "orientation": 3}\n'
        "Distance: 0.1\nPoni1: 0.01\nPoni2: 0.016\nRot1: 0\nRot2: 0\nRot3: 0\nWavelength: 1e-10\n"
    )
    folder = tmp_path / "r"
    with_geometry = debye_json("report", source, "-o", folder, "--poni", poni, *QUICK)
    summary = debye_json("integrate", source, "--poni", poni, "--bins", 60, "-o", tmp_path / "o.h5")
    crc = with_geometry["reduction"]["result_crc32"]
    assert crc == f"{summary['result_crc32']:08x}" if isinstance(summary["result_crc32"], int) else crc == summary["result_crc32"]
    assert not with_geometry["reduction"]["stand_in"] and made["reduction"]["stand_in"]
    assert "Pattern of the frames" in (folder / "report.html").read_text()
    engines = {engine["engine"]: engine for engine in with_geometry["equality"]["engines"]}
    assert engines["spec"]["equal"] and engines["cpu"]["equal"]
    assert engines["spec"]["result_crc32"] == engines["cpu"]["result_crc32"]


def test_planning_adds_up(report, data):
    planning = report[1]["planning"]
    inputs = planning["inputs"]
    assert inputs["pixel_bytes"] == data[0].nbytes and inputs["link_gb_per_s"] == 12.5
    for path in planning["timing"]["paths"]:
        most = [stage["unit_gb_per_s"] * stage["there_are"] * 1e9 / stage["frame_bytes"] for stage in path["stages"]]
        assert path["most_frames_per_s"] == pytest.approx(min(most), rel=1e-12)
        assert path["first"] == path["stages"][int(np.argmin(most))]["stage"]
        assert path["keeps_up"] == (min(most) >= 1000)
        for stage in path["stages"]:
            assert stage["it_takes"] == max(1, np.ceil(stage["frame_bytes"] * 1000 / 1e9 / stage["unit_gb_per_s"]))


def test_csv_holds_the_numbers_of_the_json(report):
    import csv

    folder, made = report
    with open(folder / "report.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(row["section"], row["subject"], row["quantity"]): float(row["value"]) for row in rows}
    for codec in made["lossless"]["codecs"]:
        assert found["lossless", codec["codec"], "ratio"] == codec["ratio"]
    for one in made["lossy"]["operations"]:
        assert found["lossy", one["operation"], "nrmse"] == one["errors"]["nrmse"]
    assert found["equality", "cpu", "equal"] == 1


def test_report_of_the_same_frames_is_the_same_but_for_times(tmp_path, source, report):
    options = ["--lossy", "sqrt:0.5,truncate:2,threshold:3,bin:2", "--technique", "imaging", "--detector-rate", "1000"]
    again = debye_json("report", source, "-o", tmp_path / "again", *options, *QUICK, "--threads", "1")
    assert lasting(again) == lasting(report[1])


def test_report_that_was_stopped_is_taken_up(tmp_path, source):
    folder = tmp_path / "r"
    # Rates of six codecs for a second each way: there is time to stop it.
    command = [debye_binary(), "report", str(source), "-o", str(folder), "-q", "--seconds", "1", "--bins", "60"]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.time() + 60
    while not (folder / "journal.json").exists() and time.time() < deadline:
        time.sleep(0.02)
    first.send_signal(signal.SIGINT)
    said = first.communicate(timeout=60)[1]
    assert first.returncode == 130 and "goes on from there" in said
    assert not (folder / "report.json").exists()
    done = debye("report", source, "-o", folder, "-q", "--seconds", "1", "--bins", "60", "--codecs", "bslz4")
    made = json.loads((folder / "report.json").read_text())
    assert made["run"]["taken_up"] == ["facts"] and "written" in done.stdout
    assert not (folder / "journal.json").exists()
    refused = debye("report", source, "-o", folder, *QUICK, check=False)
    assert refused.returncode == 1 and "holds a report already" in refused.stderr


def test_compare_tells_regressions_by_its_exit_code(tmp_path, source, report):
    folder, made = report
    same = debye("report", "compare", folder, folder / "report.json")
    assert "0 worse, wrong or missing" in same.stdout

    def changed(change):
        value = json.loads(json.dumps(made))
        change(value)
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(value))
        return path

    def smaller(value):
        value["lossless"]["codecs"][0]["ratio"] *= 0.99

    worse = debye("report", "compare", folder, changed(smaller), check=False)
    assert worse.returncode == 1 and "WORSE" in worse.stdout and "bslz4" in worse.stdout
    assert debye("report", "compare", folder, changed(smaller), "--ratio-tolerance", 2).returncode == 0

    def slower(value):
        value["lossless"]["codecs"][0]["timing"]["decode_gb_per_s_core"] /= 2

    assert debye("report", "compare", folder, changed(slower)).returncode == 0
    assert debye("report", "compare", folder, changed(slower), "--rate-tolerance", 20, check=False).returncode == 1

    def broken(value):
        value["equality"]["engines"][1]["equal"] = False

    assert "WRONG" in debye("report", "compare", folder, changed(broken), check=False).stdout

    def other(value):
        value["provenance"]["pixels_sha256"] = "0" * 64

    refused = debye("report", "compare", folder, changed(other), check=False)
    assert refused.returncode == 1 and "--different-data" in refused.stderr
    assert debye("report", "compare", folder, changed(other), "--different-data").returncode == 0
    (tmp_path / "no.json").write_text("{}")
    assert "is no report" in debye("report", "compare", folder, tmp_path / "no.json", check=False).stderr


class Page(html.parser.HTMLParser):
    """What a page refers to, and which pictures have captions."""

    def __init__(self, text):
        super().__init__()
        self.links, self.open, self.figures, self.texts = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "figure":
            self.figures.append({"svg": 0, "caption": "", "texts": []})
        if tag == "svg":
            self.figures[-1]["svg"] += 1
        self.links += [value for name, value in attributes if name in ("href", "src", "xlink:href", "data", "action")]
        if tag not in ("meta", "link", "line", "rect", "circle", "polyline", "polygon", "image", "path", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("line", "rect", "circle", "polyline", "polygon", "image", "path"):
            assert self.open.pop() == tag

    def handle_data(self, text):
        if self.figures and self.open and self.open[-1] == "figcaption":
            self.figures[-1]["caption"] += text
        if self.figures and self.open and self.open[-1] == "text":
            self.figures[-1]["texts"].append(text.strip())


def test_page_needs_nothing_else_and_every_picture_has_axes_and_a_caption(report):
    text = (report[0] / "report.html").read_text()
    page = Page(text)
    assert page.open == []
    assert all(link.startswith(("#", "data:")) for link in page.links), page.links
    assert not re.search(r"url\(|@import|<script", text)
    assert "Test &lt;detector&gt; &amp; co" in text and "<detector>" not in text
    assert len(page.figures) >= 10
    for figure in page.figures:
        assert figure["svg"] == 1 and len(figure["caption"]) > 20, figure
        words = [text for text in figure["texts"] if re.search("[a-z]{3}", text)]
        numbers = [text for text in figure["texts"] if re.fullmatch(r"-?[\d.]+(e-?\d+)?", text)]
        assert words and len(numbers) >= 2, figure


def test_page_says_what_was_not_run_and_why(tmp_path, source):
    debye("report", source, "-o", tmp_path / "r", "--engines", "spec,cpu,card", *QUICK)
    text = (tmp_path / "r" / "report.html").read_text()
    assert text.count("<b>Not run:</b>") == 2 and "--detector-rate" in text and "--lossy" in text
    made = json.loads((tmp_path / "r" / "report.json").read_text())
    card = made["equality"]["engines"][2]
    assert card["engine"] == "card" and ("no card" in card["not_run"] or card["equal"])


def chromium(request):
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return [shutil.which(name), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--hide-scrollbars"]
    pytest.skip(f"{request.node.name}: chromium is not installed (Debian: chromium)")


def test_page_is_shown_by_a_browser_without_complaint(request, tmp_path, report):
    browser = chromium(request)

    def show(page, *options):
        # What it fetches in the background is none of the page's business: no network.
        command = [*browser, f"--user-data-dir={tmp_path / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND", *options, page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240)
        return [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    bad = tmp_path / "bad.html"
    bad.write_text("<script>console.error('seen'); missing()</script>")
    assert len(show(bad, f"--screenshot={tmp_path / 'bad.png'}")) == 2
    picture, printed = tmp_path / "page.png", tmp_path / "page.pdf"
    assert show(report[0] / "report.html", "--window-size=1120,9000", f"--screenshot={picture}") == []
    assert picture.stat().st_size > 100_000
    assert show(report[0] / "report.html", "--no-pdf-header-footer", f"--print-to-pdf={printed}") == []
    assert printed.read_bytes().count(b"/Type /Page\n") >= 4 or printed.stat().st_size > 100_000


@pytest.mark.parametrize("name", ["eiger4m_protein_u32_bslz4.h5", "ceria_p2m.h5"])
def test_real_files_make_reports(tmp_path, real, name):
    made = debye_json("report", real(name), "-o", tmp_path / "r", *QUICK, "--codecs", "bslz4,bslz4-liblz4", "--engine-frames", "1")
    assert all(codec["lossless"] for codec in made["lossless"]["codecs"])
    assert all(engine["equal"] for engine in made["equality"]["engines"])
    with h5py.File(real(name)) as file:
        stored = file[made["provenance"]["dataset"]]
        assert made["lossless"]["stored"]["stored_bytes"] == stored.id.get_storage_size()
        if "32008" in stored._filters:
            assert made["lossless"]["codecs"][1]["stored_bytes"] == stored.id.get_storage_size()


@pytest.mark.parametrize("name, says", [("reg013.h5", "no integer data set"), ("start.cbor", "not an HDF5 file"), ("eiger-small.cbors", "not an HDF5 file")])
def test_other_files_are_refused_with_a_reason(tmp_path, real, name, says):
    refused = debye("report", real(name), "-o", tmp_path / "r", *QUICK, check=False)
    assert refused.returncode == 1 and says in refused.stderr and not (tmp_path / "r").exists()
