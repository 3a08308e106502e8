"""What the benchmarks share: sets of frames as `debye bench-contender` takes them, timing, the machine in words."""

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import time

import numpy as np

from peers import debye_binary

BLOCK = 8192


def put(folder, frames, chunks=None):
    """Writes frames, and their chunks where there are any, as a set."""
    frames.tofile(folder / "frames.raw")
    meta = {"shape": frames.shape[1:], "itemsize": frames.itemsize, "block": BLOCK, "nframes": len(frames)}
    (folder / "meta.json").write_text(json.dumps(meta))
    if chunks is not None:
        offsets = np.cumsum([0] + [len(chunk) for chunk in chunks])
        (folder / "chunks.bin").write_bytes(b"".join(bytes(chunk) for chunk in chunks))
        rows = (f"{offset}\t{len(chunk)}\n" for offset, chunk in zip(offsets, chunks))
        (folder / "chunks.tsv").write_text("".join(rows))


def time_steps(step, count, seconds, least=3):
    """Median CPU seconds of a step, which is called with 0, 1, 2 and so on below count, again and again."""
    times, started = [], time.perf_counter()
    while time.perf_counter() - started < seconds or len(times) < min(count, least):
        before = time.process_time()
        step(len(times) % count)
        times.append(time.process_time() - before)
    return statistics.median(times)


def time_debye(folder, operation, seconds, *more, kernels=None):
    """What `debye bench-contender` says of an operation on a set."""
    environment = dict(os.environ, DEBYE_CPU=kernels) if kernels else os.environ
    command = [debye_binary(), "bench-contender", operation, str(folder), "--seconds", str(seconds), *map(str, more)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def rounds_of(contenders, rounds):
    """What each contender's function gives in each round; the order rotates, so that a slow spell hits all of them."""
    found = {name: [] for name, _ in contenders}
    for turn in range(rounds):
        for k in range(len(contenders)):
            name, run = contenders[(turn + k) % len(contenders)]
            found[name].append(run())
    return found


def ratios(ours, theirs):
    """Theirs by ours, round by round: the median, the least, the most."""
    each = sorted(b / a for a, b in zip(ours, theirs))
    return statistics.median(each), each[0], each[-1]


def machine(packages):
    """The machine and the versions, in a line."""
    lines = (line.split(": ")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    versions = []
    for name in packages:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    ours = subprocess.run([debye_binary(), "--version"], check=True, capture_output=True, text=True).stdout.strip()
    model = next(lines, platform.processor())
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}; {ours}; " + ", ".join(versions)


def write_between(page, mark, text):
    """Puts text between a page's marks <!-- mark --> and <!-- /mark -->."""
    before, rest = page.read_text().split(f"<!-- {mark} -->\n", 1)
    after = rest.split(f"<!-- /{mark} -->", 1)[1]
    page.write_text(f"{before}<!-- {mark} -->\n{text}\n<!-- /{mark} -->{after}")
