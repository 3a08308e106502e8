"""The ring engine before cocotbext-axi's memory, with random pauses on all channels: submissions, chunks, results, copies
and completions, all data compared, every burst judged. The card core is played here."""

import itertools
import random
import struct

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam, AxiRamWrite, AxiWriteBus

PAGE = 4096
BEAT = 64
# Bursts of each direction that the engine may have under way.
UNDER_WAY = 64
SUBMISSIONS, COMPLETIONS, HEAP = 0x1000, 0x3000, 0x10000
DEPTH = 4
MAGIC = int.from_bytes(b"DBYQ", "little")
INTEGRATE, UPLOAD, COPY = 1, 2, 3
RESULT_FIXED = 64 + 4 + 4 * 1024 + 8


def pauses(seed, rate):
    chance = random.Random(seed)
    return (chance.random() < rate for _ in itertools.count())


async def watch(dut, side, answer, seen):
    """Judges the address channel `side`: bursts are legal, held until taken, and not more than may be under way."""
    names = [f"m_axi_host_{side}{name}" for name in ["id", "addr", "len", "size", "burst"]]
    offered, under_way = None, 0
    while True:
        await RisingEdge(dut.clock)
        if int(dut.reset.value):
            continue
        now = None
        if int(getattr(dut, f"m_axi_host_{side}valid").value):
            now = tuple(int(getattr(dut, name).value) for name in names)
        assert offered is None or now == offered, "a burst was changed or withdrawn before it was taken"
        offered = now
        if now and int(getattr(dut, f"m_axi_host_{side}ready").value):
            identity, address, length, size, kind = now
            assert (identity, size, kind) == (0, 6, 1)
            assert address % BEAT == 0
            assert address // PAGE == (address + BEAT * (length + 1) - 1) // PAGE, "across a border of 4 KiB"
            under_way += 1
            seen.append(under_way)
            assert under_way <= UNDER_WAY
            offered = None
        under_way -= answer()


def passes(dut, prefix, last=None):
    def answer():
        valid, ready = (int(getattr(dut, f"{prefix}{name}").value) for name in ["valid", "ready"])
        return valid & ready & (1 if last is None else int(getattr(dut, last).value))

    return answer


async def send(dut, prefix, chance, **fields):
    """Offers a beat until it is taken."""
    while chance.random() < 0.3:
        await RisingEdge(dut.clock)
    for name, value in fields.items():
        getattr(dut, f"{prefix}_{name}").value = value
    getattr(dut, f"{prefix}_tvalid").value = 1
    while True:
        await RisingEdge(dut.clock)
        if int(getattr(dut, f"{prefix}_tready").value):
            break
    getattr(dut, f"{prefix}_tvalid").value = 0


async def take(dut, prefix, chance, beats):
    """Takes beats for ever, as they come."""
    ready = 0
    while True:
        await RisingEdge(dut.clock)
        if ready and int(getattr(dut, f"{prefix}_tvalid").value):
            beats.append(int(getattr(dut, f"{prefix}_tdata").value))
        ready = int(chance.random() < 0.8)
        getattr(dut, f"{prefix}_tready").value = ready


def answer_words(chunk, tag, sequence):
    """What the core of this bench makes of a chunk: it gives it back as a record."""
    padded = chunk + bytes(-len(chunk) % 8)
    header = struct.pack("<IBBBBQII", int.from_bytes(b"DBYR", "little"), 1, 1, 0, 0, tag, sequence, len(padded))
    trailer = struct.pack("<II", len(chunk) * 2654435761 % 2**32, int.from_bytes(b"DBYE", "little"))
    return header.ljust(64, b"\7") + padded + trailer


async def core(dut, requests, beats, chance):
    """Answers requests one after the other, fetching their chunks in pieces that stay in a page."""
    while True:
        if not requests:
            await RisingEdge(dut.clock)
            continue
        words = requests.pop(0).to_bytes(BEAT, "little")
        tag, sequence, size = struct.unpack_from("<QII", words, 8)
        (address,) = struct.unpack_from("<Q", words, 40)
        assert words[52:] == bytes(12), "the result's memory does not go to the core"
        left, expected = size, 0
        while left:
            piece = min(left, PAGE - address % PAGE)
            await send(dut, "s_axis_fetch", chance, tdata=address | piece << 64 | 5 << 80)
            address, left, expected = address + piece, left - piece, expected - (-piece // BEAT)
        while len(beats) < expected:
            await RisingEdge(dut.clock)
        chunk = b"".join(beat.to_bytes(BEAT, "little") for beat in beats)[:size]
        beats.clear()
        result = answer_words(chunk, tag, sequence)
        for at in range(0, len(result), 8):
            word = int.from_bytes(result[at : at + 8], "little")
            await send(dut, "s_axis_res", chance, tdata=word, tlast=int(at + 8 == len(result)))


@cocotb.test()
@cocotb.parametrize(slow=[0.0, 0.3, 0.7])
async def submissions_complete_and_memory_holds_what_they_stand_for(dut, slow):
    cocotb.start_soon(Clock(dut.clock, 4, unit="ns").start())
    chance = random.Random(int(slow * 10))
    for name in ["s_axis_fetch", "s_axis_res"]:
        getattr(dut, f"{name}_tvalid").value = 0
    dut.s_axis_res_tdest.value = 0
    dut.m_axis_irq_tready.value = 1
    for name in ["awready", "wready", "bresp", "bvalid", "arready", "rdata", "rresp", "rvalid"]:
        getattr(dut, f"m_axil_{name}").value = 0
    host = AxiRam(AxiBus.from_prefix(dut, "m_axi_host"), dut.clock, dut.reset, size=1 << 21)
    table = AxiRamWrite(AxiWriteBus.from_prefix(dut, "m_axi_mem"), dut.clock, dut.reset, size=1 << 20)
    port = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clock, dut.reset)
    channels = [host.read_if.ar_channel, host.read_if.r_channel, host.write_if.aw_channel, host.write_if.w_channel]
    channels += [host.write_if.b_channel, table.aw_channel, table.w_channel, table.b_channel]
    for seed, channel in enumerate(channels):
        channel.set_pause_generator(pauses(seed, slow))
    dut.reset.value = 1
    for _ in range(4):
        await RisingEdge(dut.clock)
    dut.reset.value = 0
    reads, writes, requests, beats = [], [], [], []
    cocotb.start_soon(watch(dut, "ar", passes(dut, "m_axi_host_r", "m_axi_host_rlast"), reads))
    cocotb.start_soon(watch(dut, "aw", passes(dut, "m_axi_host_b"), writes))
    cocotb.start_soon(take(dut, "m_axis_req", chance, requests))
    cocotb.start_soon(take(dut, "m_axis_data", chance, beats))
    cocotb.start_soon(core(dut, requests, beats, chance))

    async def write(offset, value):
        await port.write(offset, struct.pack("<I", value))

    queue = 0x9000 + 64 * 2
    await write(queue, SUBMISSIONS)
    await write(queue + 8, COMPLETIONS)
    await write(queue + 0x10, DEPTH | DEPTH << 4 | 1 << 8)
    await write(0x8004, 1)

    heap, uploads, tail, head, expected = HEAP, 0, 0, 0, {}
    for _ in range(3):
        while tail - head < 1 << DEPTH:
            kind = chance.choice([INTEGRATE, UPLOAD, COPY])
            size = chance.randint(0, 5000) if kind == INTEGRATE else BEAT * chance.randint(1, 150)
            source = heap + BEAT * chance.randrange(64)
            data = chance.randbytes(size)
            host.write(source, data)
            heap = source + size + -size % BEAT
            bins = size // 8 + 1
            room = RESULT_FIXED + 20 * bins if kind == INTEGRATE else size
            if kind == UPLOAD:
                target = uploads + BEAT * chance.randrange(64)
                uploads = target + size
            else:
                target = heap + BEAT * chance.randrange(64)
                heap = target + room + -room % BEAT + BEAT
            handle = chance.getrandbits(64)
            entry = struct.pack("<IBBHQII", MAGIC, 1, kind, 0, handle, tail, size).ljust(40, b"\0")
            if kind == INTEGRATE:
                entry = entry[:28] + struct.pack("<I", bins) + entry[32:]
            entry += struct.pack("<QIIQ", source, 0, room if kind == INTEGRATE else 0, target)
            host.write(SUBMISSIONS + BEAT * (tail % (1 << DEPTH)), entry)
            expected[handle] = (kind, tail, target, data)
            tail += 1
        assert heap < 1 << 21 and uploads < 1 << 20
        await write(queue + 0x14, tail)
        while head < tail:
            at = COMPLETIONS + BEAT * (head % (1 << DEPTH))
            for _ in range(400_000):
                if struct.unpack("<I", host.read(at + 60, 4))[0] == 1 - (head >> DEPTH & 1):
                    break
                await RisingEdge(dut.clock)
            entry = host.read(at, BEAT)
            handle, sequence, status, code, number, _, size, job = struct.unpack_from("<QIBBBBII", entry)
            kind, order, target, data = expected.pop(handle)
            assert (sequence, status, code, number, job) == (order, 0, kind, 2, len(data))
            assert struct.unpack_from("<I", entry, 40)[0] == head
            if kind == INTEGRATE:
                data = answer_words(data, handle, sequence)
                assert struct.unpack_from("<I", entry, 32)[0] == struct.unpack_from("<I", data, len(data) - 8)[0]
            assert size == len(data)
            memory = table if kind == UPLOAD else host
            assert memory.read(target, size) == data, f"what stands at {target:#x}"
            if kind == INTEGRATE:
                assert host.read(target + size, BEAT) == bytes(BEAT), "nothing behind it"
            head += 1
        await write(queue + 0x18, head)
    assert not expected
    dut._log.info(f"{tail} submissions, most bursts under way: {max(reads)} read, {max(writes)} written")
