"""A whole card among cocotbext-axi's models: registers behind an AxiLiteMaster, the table in an AxiRamRead, requests,
chunks and results as streams; random pauses on all of them."""

import itertools
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge, with_timeout
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiRamRead,
    AxiReadBus,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)
from vectors import Vector, handle, padded, same

# By the map (docs/registers.md).
REGISTERS = 20
CONTROL, STATUS, ACCEPTED, DONE = 0x18, 0x1C, 0x3C, 0x40
TABLE_LOW, TABLE_HIGH, TABLE_OPS = 0x20, 0x24, 0x28
TABLE = {"table_id": 0x2C, "table_pixels": 0x30, "table_bins": 0x34}
BITS = {0x20: 0xFFFF_FFFF, 0x24: 0xFFFF_FFFF, 0x28: 0xFFFF_FFFF, 0x2C: 0xFFFF_FFFF, 0x30: 0x03FF_FFFF, 0x34: 0x7FFF}
ENABLE, SOFT_RESET = 1, 2
STALLS = 0x1000
BEAT, PAGE = 64, 4096
TABLE_AT = 3 * PAGE + 5 * BEAT


def pauses(seed, rate):
    chance = random.Random(seed)
    return (chance.random() < rate for _ in itertools.count())


class Card:
    """A card and what stands around it."""

    def __init__(self, dut, slow):
        self.dut, self.chunks, self.fetched = dut, {}, []
        stream = lambda kind, prefix: kind(AxiStreamBus.from_prefix(dut, prefix), dut.clock, dut.reset)
        self.port = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clock, dut.reset)
        self.table = AxiRamRead(AxiReadBus.from_prefix(dut, "m_axi"), dut.clock, dut.reset, size=1 << 16)
        self.requests = stream(AxiStreamSource, "s_axis_req")
        self.fetches = stream(AxiStreamSink, "m_axis_fetch")
        self.data = stream(AxiStreamSource, "s_axis_data")
        self.results = stream(AxiStreamSink, "m_axis_res")
        write, read = self.port.write_if, self.port.read_if
        paused = [write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel]
        paused += [self.table.ar_channel, self.table.r_channel]
        paused += [self.requests, self.fetches, self.data, self.results]
        for seed, channel in enumerate(paused):
            channel.set_pause_generator(pauses(seed, slow))

    async def start(self):
        cocotb.start_soon(Clock(self.dut.clock, 4, unit="ns").start())
        self.dut.reset.value = 1
        for _ in range(4):
            await RisingEdge(self.dut.clock)
        self.dut.reset.value = 0
        cocotb.start_soon(self.serve())

    async def serve(self):
        """The host's memory: every fetch stays in a page and gets its beats."""
        while True:
            fetch = int.from_bytes(bytes((await self.fetches.recv()).tdata), "little")
            address, size, lane = fetch & (1 << 64) - 1, fetch >> 64 & 0xFFFF, fetch >> 80 & 0xFF
            assert size and address % BEAT == 0 and address // PAGE == (address + size - 1) // PAGE, hex(fetch)
            base = max(base for base in self.chunks if base <= address)
            piece = self.chunks[base][address - base :][:size]
            assert len(piece) == size, "behind the chunk's end"
            await self.data.send(AxiStreamFrame(padded(piece, BEAT), tdest=lane))

    async def read(self, at):
        answer = await self.port.read(at, 4)
        assert answer.resp == AxiResp.OKAY, hex(at)
        return int.from_bytes(answer.data, "little")

    async def write(self, at, value):
        assert (await self.port.write(at, value.to_bytes(4, "little"))).resp == AxiResp.OKAY, hex(at)


@cocotb.test()
@cocotb.parametrize(slow=[0.0, 0.5])
async def registers_are_what_the_map_says(dut, slow):
    card = Card(dut, slow)
    await card.start()
    assert (await card.port.read(0, 4)).data == b"DBYC"
    assert await card.read(0x04) == 1
    assert await card.read(0x10) & 0x3F == 1, "lanes"
    chance, model = random.Random(3), {}
    for _ in range(60):
        at = chance.choice(list(BITS))
        word = chance.randrange(1 << 32)
        await card.write(at, word)
        model[at] = word & BITS[at]
        other = chance.choice(list(model))
        assert await card.read(other) == model[other], hex(other)
    for at in [4 * REGISTERS, 0xFFC, STALLS + 32, 0xFFFC]:
        assert (await card.port.read(at, 4)).resp == AxiResp.SLVERR, hex(at)
        assert (await card.port.write(at, bytes(4))).resp == AxiResp.SLVERR, hex(at)
    for index in range(8):
        await card.read(STALLS + 4 * index)


@cocotb.test()
@cocotb.parametrize(slow=[0.0, 0.4])
async def frames_come_back_as_the_definition_says(dut, slow):
    vector, card = Vector(), Card(dut, slow)
    card.table.write(TABLE_AT, vector.ops)
    await card.start()
    await card.write(TABLE_LOW, TABLE_AT)
    await card.write(TABLE_HIGH, 0)
    await card.write(TABLE_OPS, len(vector.ops) // 16)
    for name, at in TABLE.items():
        await card.write(at, vector.registers[name])
    for round in range(2):
        await card.write(CONTROL, ENABLE)
        for number, frame in enumerate(vector.frames):
            address = PAGE * (100 + 3 * number) - 2 * BEAT
            card.chunks[address] = frame["chunk"]
            request = bytearray(frame["request"])
            request[40:48] = address.to_bytes(8, "little")
            await card.requests.send(AxiStreamFrame(bytes(request)))
        expected = {handle(frame["result"]): frame["result"] for frame in vector.frames}
        for _ in vector.frames:
            got = bytes((await with_timeout(card.results.recv(), 400, "us")).tdata)
            assert same(got, expected.pop(handle(got))), f"round {round}: {got.hex()}"
        assert await card.read(ACCEPTED) == await card.read(DONE) == (round + 1) * len(vector.frames)
        while await card.read(STATUS) & 1:
            pass
        await card.write(CONTROL, SOFT_RESET)
        while await card.read(CONTROL) & SOFT_RESET:
            pass
        assert await card.read(CONTROL) == 0
