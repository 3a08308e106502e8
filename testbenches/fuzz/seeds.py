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


def words(*values):
    return b"".join(value.to_bytes(4, "big") for value in values)


def amd_bit(part, data):
    head = bytes.fromhex("00090ff00ff00ff00ff0000001")
    for key, text in {"a": "top;Version=2023.2", "b": part, "c": "2026/11/23", "d": "12:00:00"}.items():
        head += key.encode() + struct.pack(">H", len(text) + 1) + text.encode() + b"\0"
    return head + b"e" + struct.pack(">I", len(data)) + data


def mcs(base, data, step=16):
    records, upper = [], None
    for at in range(0, len(data), step):
        if upper != (base + at) >> 16:
            upper = (base + at) >> 16
            records.append((4, 0, struct.pack(">H", upper)))
        records.append((0, (base + at) & 0xFFFF, data[at:at + step]))
    lines = []
    for kind, offset, payload in [*records, (5, 0, bytes(4)), (1, 0, b"")]:
        record = struct.pack(">BHB", len(payload), offset, kind) + payload
        lines.append(":" + (record + bytes([-sum(record) & 0xFF])).hex().upper())
    return "\n".join(lines).encode()


# The target takes (format, put checksums right?, file): see src/fuzz/bitstream.rs.
IDCODES = {"xcu50-fsvh2104-2-e": 0x04B77093, "xcu55c-fsvh2892-2L-e": 0x04B7D093, "xcu250-figd2104-2L-e": 0x04B57093}
for part, idcode in IDCODES.items():
    before = words(0xFFFFFFFF, 0xBB, 0x11220044, 0xFFFFFFFF, 0xAA995566, 0x20000000, 0x30008001, 7)
    for tail, rest in {"idcode": words(0x30018001, idcode), "none": words(0x30004000, 0x50000001, 0)}.items():
        data = before + rest + bytes(range(40))
        put("bitstream", f"{part}-{tail}-bit", b"\0\0" + amd_bit(part, data))
        put("bitstream", f"{part}-{tail}-bin", b"\1\0" + data)
        put("bitstream", f"{part}-{tail}-mcs", b"\2\0" + mcs(0x01002000, data))
        put("bitstream", f"{part}-{tail}-mcs-sound", b"\2\1" + mcs(0x0100FFF0, data))
for name, start in {"plain": b"\xff\0", "diamond": b"LSCC\xff\0", "spi": b"\xff\0"}.items():
    mode = bytes.fromhex("79490000") if name == "spi" else b""
    data = bytes.fromhex("ffffbdb3ffffffff") + mode + bytes.fromhex("3b000000e20000004111304322000000")
    put("bitstream", f"ecp5-{name}", b"\0\0" + start + b"Part: LFE5U-85F-6CABGA381\0\xff" + data)

MANIFEST = """schema = 1
name = "a"
board = "u50"
part = "xcu50-fsvh2104-2-e"
idcode = "0x04b77093"
kind = "KIND"
commit = "5dce797"
clock_mhz = 250.0
rebuild = "make"
[image]
file = "a.bit"
format = "bit"
length = 84
crc32 = "0x6ee78d1d"
sha256 = "db7955170694cca154975872253e598b6031d5dcdc6ec013a04f97fc0ad797b0"
REGISTERS[capabilities]
lanes = 4
groups = 1
max_bins = 2048
block_log2 = 13
op_fifo_log2 = 9
elements = ["u8", "u16"]
RINGS[[tools]]
name = "vivado"
version = "2023.2"
"""
REGISTERS = '[registers]\nversion = 1\nhash = "0xf380ddff"\n'
RINGS = '[capabilities.rings]\nqueues = 8\nflights_log2 = 6\nmemory_log2 = 33\njobs = ["copy", "fuse"]\n'
ENCODE = "[capabilities.encode]\nlanes = 1\nblock_log2 = 13\n"
for kind in ("card", "golden", "backup", "jtag"):
    for number, (registers, rings) in enumerate([("", ""), (REGISTERS, RINGS), (REGISTERS, RINGS + ENCODE)]):
        text = MANIFEST.replace("KIND", kind).replace("REGISTERS", registers).replace("RINGS", rings)
        put("manifest", f"{kind}-{number}", text.encode())
        for field in ("name", "board", "length", "lanes"):
            put("manifest", f"{kind}-{number}-{field}", text.replace(f"\n{field} = ", f"\nx{field} = ", 1).encode())

with tempfile.TemporaryDirectory() as folder:
    frames, poni, table = (f"{folder}/{name}" for name in ("f.h5", "g.poni", "t.table"))
    subprocess.run([debye, "simulate-frames", frames, "--shape", "24,20", "--distance", "0.002", "--frames", "1", "--poni-out", poni], check=True)
    for name, options in {"1d": [], "2d": ["--azimuth-bins", "3"]}.items():
        subprocess.run([debye, "integrate", frames, "--poni", poni, "--bins", "6", "--save-table", table, "--json",
                        "--overwrite", *options], check=True, stdout=subprocess.DEVNULL)
        # The target puts the hash right itself when the first byte is odd: see src/fuzz.rs.
        put("table_file", name, b"\x01" + pathlib.Path(table).read_bytes()[:-32])
