"""The packer's result stream behind cocotbext-axi's AxiStreamSink with random pauses, its record and list fed by
AxiStreamSources."""

import itertools
import random
import struct
import zlib

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource


def pauses(seed, rate):
    chance = random.Random(seed)
    return (chance.random() < rate for _ in itertools.count())


async def ends(dut, frames):
    """Frame ends: valid until taken."""
    for frame in frames:
        for name, number in frame["end"].items():
            getattr(dut, f"s_end_{name}").value = number
        dut.s_end_tvalid.value = 1
        await RisingEdge(dut.clock)
        while not (dut.s_end_tready.value and dut.s_end_tvalid.value):
            await RisingEdge(dut.clock)
    dut.s_end_tvalid.value = 0


def frame(chance, sequence):
    bins, listed = chance.randint(1, 60), chance.choice([0, 1, 2, 7])
    status = chance.choice([0, 0, 20, 36])
    end = {
        "handle": chance.randrange(1 << 64),
        "sequence": sequence,
        "bins": bins,
        "start": 0,
        "status": status,
        "valid": chance.randrange(1 << 26),
        "invalid": chance.randrange(1 << 26),
        "sum": chance.randrange(1 << 54),
        "max": chance.randrange(1 << 28),
        "over": chance.randrange(1 << 26),
        "listed": listed,
    }
    record = chance.randbytes(20 * bins)
    groups = [chance.randrange(1 << 32) for _ in range(listed)]
    return {"end": end, "record": record, "groups": groups}


def padded(data):
    return data + bytes(-len(data) % 8)


def expected(frame):
    end, record = frame["end"], frame["record"]
    payload = padded(record) + padded(struct.pack(f"<{len(frame['groups'])}I", *frame["groups"]))
    crc = zlib.crc32(record)
    if end["status"]:
        payload, crc = b"", 0
    names = ["valid", "invalid", "sum", "max", "over", "listed", "bins"]
    head = struct.pack("<4sBBBBQII", b"DBYR", 1, 1, end["status"], 0, end["handle"], end["sequence"], len(payload))
    head += struct.pack("<IIQIIII", *(end[name] for name in names))
    return head, payload + struct.pack("<I4s", crc, b"DBYE")


@cocotb.test()
@cocotb.parametrize(slow=[0.0, 0.3, 0.8], feed=[0.0, 0.6])
async def results_are_whole(dut, slow, feed):
    cocotb.start_soon(Clock(dut.clock, 4, unit="ns").start())
    dut.s_end_tvalid.value = 0
    dut.now.value = 77
    rec = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_rec"), dut.clock, dut.reset)
    inv = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_inv"), dut.clock, dut.reset)
    sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.clock, dut.reset)
    rec.set_pause_generator(pauses(1, feed))
    inv.set_pause_generator(pauses(2, feed))
    sink.set_pause_generator(pauses(3, slow))
    dut.reset.value = 1
    for _ in range(4):
        await RisingEdge(dut.clock)
    dut.reset.value = 0
    await RisingEdge(dut.clock)

    chance = random.Random(5)
    frames = [frame(chance, sequence) for sequence in range(20)]
    for sound in frames:
        if sound["end"]["status"] == 0:
            rec.send_nowait(AxiStreamFrame(padded(sound["record"])))
            for group in sound["groups"]:
                inv.send_nowait(AxiStreamFrame(group.to_bytes(4, "little")))
    cocotb.start_soon(ends(dut, frames))
    for sound in frames:
        head, rest = expected(sound)
        got = bytes((await sink.recv()).tdata)
        assert got[: len(head)] == head
        assert got[len(head) : 64] == struct.pack("<Q", 77), "cycles"
        assert got[64:] == rest
