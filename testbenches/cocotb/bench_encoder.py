"""The encoder's lane between cocotbext-axi's AxiStreamSource and AxiStreamSink with random pauses. Its chunks are decoded
here, by the format's description, and must be the pixels that went in; the lane's tests in Rust hold their bytes against
the definition."""

import itertools
import random
import struct
import zlib

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource

CODES = {0: 1, 1: 2, 2: 4, 5: 2, 6: 4}
BLOCK = 8192


def pauses(seed, rate):
    chance = random.Random(seed)
    return (chance.random() < rate for _ in itertools.count())


def padded(data):
    return data + bytes(-len(data) % 8)


def request(code, sequence, pixels):
    size = len(pixels)
    head = struct.pack("<4sBBBBQIII", b"DBYQ", 1, 2, code, 0, sequence * 0x0101010101, sequence, size, size // CODES[code])
    return head + bytes(64 - len(head))


def lz4(data, size):
    """Decodes an LZ4 block."""
    out, at = bytearray(), 0

    def length(nibble):
        nonlocal at
        total = nibble
        while nibble == 15:
            total += data[at]
            at += 1
            if data[at - 1] != 255:
                break
        return total

    while True:
        token = data[at]
        at += 1
        literals = length(token >> 4)
        out += data[at : at + literals]
        at += literals
        if at == len(data):
            break
        offset = struct.unpack_from("<H", data, at)[0]
        at += 2
        for _ in range(length(token & 15) + 4):
            out.append(out[-offset])
    assert len(out) == size
    return bytes(out)


def unshuffle(planes, size):
    """Bit-planes to elements: bit k of element i is bit k * n + i."""
    count = len(planes) // size
    bits = int.from_bytes(planes, "little")
    mask = (1 << count) - 1
    elements = [0] * count
    for k in range(8 * size):
        plane = bits >> (k * count) & mask
        while plane:
            low = plane & -plane
            elements[low.bit_length() - 1] |= 1 << k
            plane ^= low
    return b"".join(element.to_bytes(size, "little") for element in elements)


def decode(chunk, size):
    stated, block = struct.unpack_from(">QI", chunk)
    assert block == BLOCK
    out, at = b"", 12
    shuffled = stated // (8 * size) * (8 * size)
    while len(out) < shuffled:
        (length,) = struct.unpack_from(">I", chunk, at)
        out += unshuffle(lz4(chunk[at + 4 : at + 4 + length], min(block, shuffled - len(out))), size)
        at += 4 + length
    return out + chunk[at:]


def frame(chance, size):
    count = chance.choice([0, 1, 7, 8, 64, 333, 2048, 4500]) + chance.randrange(3)
    kind = chance.randrange(4)
    if kind == 0:
        return bytes(size * count)
    if kind == 1:
        return chance.randbytes(size * count)
    if kind == 2:
        return b"".join((i & 0xFF).to_bytes(size, "little") for i in range(count))
    return b"".join(
        (0xFF if i % 300 < 40 else chance.choice([0, 0, 0, 0, 1, 1, 2, 7])).to_bytes(size, "little") for i in range(count)
    )


@cocotb.test()
@cocotb.parametrize(slow=[0.0, 0.4], feed=[0.0, 0.6])
async def chunks_hold_the_pixels(dut, slow, feed):
    cocotb.start_soon(Clock(dut.clock, 4, unit="ns").start())
    dut.now.value = 0
    dut.watchdog.value = 0
    source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.clock, dut.reset)
    sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.clock, dut.reset)
    source.set_pause_generator(pauses(1, feed))
    sink.set_pause_generator(pauses(2, slow))
    dut.reset.value = 1
    for _ in range(4):
        await RisingEdge(dut.clock)
    dut.reset.value = 0
    await RisingEdge(dut.clock)

    chance = random.Random(6)
    jobs = []
    for sequence in range(12):
        code = chance.choice(list(CODES))
        jobs.append((code, sequence, frame(chance, CODES[code])))
    for code, sequence, pixels in jobs:
        source.send_nowait(AxiStreamFrame(request(code, sequence, pixels) + padded(pixels)))
    for code, sequence, pixels in jobs:
        got = bytes((await sink.recv()).tdata)
        chunk, result = got[:-64], got[-64:]
        magic, version, kind, status, zero, handle = struct.unpack_from("<4sBBBBQ", result)
        number, length, count, crc = struct.unpack_from("<IIII", result, 16)
        assert (magic, version, kind, status, zero) == (b"DBYC", 1, 2, 0, 0) and result[60:] == b"DBYE"
        assert (handle, number, count) == (sequence * 0x0101010101, sequence, len(pixels) // CODES[code])
        assert padded(chunk[:length]) == chunk and crc == zlib.crc32(chunk)
        assert decode(chunk[:length], CODES[code]) == pixels
