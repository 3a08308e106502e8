"""The vector of lane and card: what tests/lane_vectors.rs writes."""

import json
import pathlib

FILE = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "lane.json"
HEADER, TRAILER = 64, 8
STATUS = 6
# Where statistics stand, which mean nothing in a frame that failed, and the cycles, which the definition has none of.
STATISTICS, CYCLES = slice(24, 52), slice(56, 64)


class Vector:
    def __init__(self):
        told = json.loads(FILE.read_text())
        self.registers = {name: told[name] for name in ["table_id", "table_pixels", "table_bins"]}
        self.ops = bytes.fromhex(told["ops"])
        self.frames = [{name: bytes.fromhex(text) for name, text in frame.items()} for frame in told["frames"]]


def padded(data, unit=8):
    return data + bytes(-len(data) % unit)


def handle(data):
    return data[8:16]


def same(got, expected):
    """Whether a result is the definition's, but for what it does not define."""
    got, expected = bytearray(got), bytearray(expected)
    if len(got) != len(expected):
        return False
    for result in (got, expected):
        result[CYCLES] = bytes(8)
        if result[STATUS]:
            result[STATISTICS] = bytes(28)
    return got == expected
