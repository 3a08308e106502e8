"""Seeds for the fuzz targets: sound chunks, blocks, PONI files and a table file, in the form that the targets take.

usage: seeds.py DEBYE CORPUS    (the command debye; the folder that gets one folder a target)
"""

import pathlib
import struct
import subprocess
import sys
import tempfile

import bitshuffle
import numpy as np

debye, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
rng = np.random.default_rng(1)


def put(target, name, data):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


for kind, dtype in enumerate(["u1", "<u2", "<u4", "<i2", "<i4"]):
    for count in (8, 41, 1000, 5003):
        for block in (8, 128, 1096):
            pixels = rng.poisson(0.5, count).astype(dtype)
            pixels[::50] = np.iinfo(dtype).max
            body = bitshuffle.compress_lz4(pixels, block).tobytes()
            # The target takes (u8, u16, Option<u32>, bytes) and makes the header of it: see src/fuzz.rs.
            put("chunk", f"{dtype[-2:]}-{count}-{block}", struct.pack("<BHBI", kind, count, 1, block // 8) + body)
            length = struct.unpack(">I", body[:4])[0] if count >= block else 0
            put("lz4_block", f"{dtype[-2:]}-{count}-{block}", struct.pack("<H", block * pixels.itemsize) + body[4:4 + length])

# The target takes (u8, u8, bytes): type, groups of 8 pixels a block less one, pixels.
for kind, dtype in enumerate(["u1", "<u2", "<u4", "<i2", "<i4"]):
    for count in (3, 8, 41, 333):
        pixels = rng.poisson(0.3, count).astype(dtype)
        gaps = np.where(np.arange(count) % 29 < 4, np.iinfo(dtype).max, pixels).astype(dtype)
        lone = np.where(np.arange(count) % 53 == 7, 1 << kind, 0).astype(dtype)
        for name, data in {"counts": pixels, "gaps": gaps, "lone": lone}.items():
            for groups in (1, 8, 256):
                head = struct.pack("<BB", kind, groups - 1)
                put("encode", f"{name}-{dtype[-2:]}-{count}-{groups}", head + data.tobytes())

PLACE = "Distance: 0.1\nPoni1: 0.01\nPoni2: 0.02\nRot1: 0.1\nRot2: -0.2\nRot3: 0.3\nWavelength: 1e-10\n"
PONIS = {
    "v1": "PixelSize1: 0.000172\nPixelSize2: 0.000172\n" + PLACE,
    "v1-named": "Detector: Pilatus 1M\n" + PLACE,
    "v2": "poni_version: 2\nDetector: Detector\nDetector_config: "
          '{"pixel1": 1e-4, "pixel2": 2e-4, "max_shape": [100, 200]}\n' + PLACE,
    "v2.1": 'poni_version: 2.1\nDetector: Eiger2 4M\nDetector_config: {"orientation": 2}\n' + PLACE,
    "v3": 'poni_version: 3\nDetector: Rayonix MX170\nDetector_config: {"pixel1": 8.854e-05, "pixel2": 8.854e-05}\n'
          "Parallax: false\n" + PLACE,
    "appended": ("# one\n" + PLACE) * 2,
}
for name, text in PONIS.items():
    put("poni", name, text.encode())

# The target takes a ring's place, what is awaited, which fields it puts right (a bit each), the entry, a result.
for right in [0, 1, 3, 7, 15, 31, 63, 127, 255, 511]:
    for index, submitted, depth, wild in [(0, 5, 0, 0), (0xFFFFFFFE, 3, 4, 0xFF), (77, 77, 1, 0x80), (4096, 0, 10, 1)]:
        entry = bytearray([wild]) * 64
        entry[16:20] = struct.pack("<I", 640 if depth else 72)
        result = struct.pack("<4sBBBBQIIIIQIIIIQ", b"DBYR", 1, 1, 0, 0, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0, 3) + struct.pack("<I4s", 0, b"DBYE")
        head = struct.pack("<BIBIHIH", 2, index, depth, submitted, 5, 4096, right)
        put("completion", f"{right}-{index}-{depth}", head + bytes(entry) + result)

with tempfile.TemporaryDirectory() as folder:
    frames, poni, table = (f"{folder}/{name}" for name in ("f.h5", "g.poni", "t.table"))
    subprocess.run([debye, "simulate-frames", frames, "--shape", "24,20", "--distance", "0.002", "--frames", "1", "--poni-out", poni], check=True)
    for name, options in {"1d": [], "2d": ["--azimuth-bins", "3"]}.items():
        subprocess.run([debye, "integrate", frames, "--poni", poni, "--bins", "6", "--save-table", table, "--json",
                        "--overwrite", *options], check=True, stdout=subprocess.DEVNULL)
        # The target puts the hash right itself when the first byte is odd: see src/fuzz.rs.
        put("table_file", name, b"\x01" + pathlib.Path(table).read_bytes()[:-32])
