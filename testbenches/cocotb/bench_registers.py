"""The register core behind cocotbext-axi's AxiLiteMaster."""

import itertools
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp

# By the map (docs/registers.md): writable registers and their bits.
WRITABLE = {
    0x18: 0x0000_0001,
    0x20: 0xFFFF_FFFF,
    0x24: 0xFFFF_FFFF,
    0x28: 0xFFFF_FFFF,
    0x2C: 0xFFFF_FFFF,
    0x30: 0x03FF_FFFF,
    0x34: 0x0000_7FFF,
    0x38: 0xFFFF_FFFF,
}
REGISTERS = 20


async def start(dut):
    cocotb.start_soon(Clock(dut.clock, 4, unit="ns").start())
    for name in ["busy", "frame_accepted", "frame_done", "table_fault", "stall_count"]:
        getattr(dut, name).value = 0
    master = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clock, dut.reset)
    dut.reset.value = 1
    for _ in range(4):
        await RisingEdge(dut.clock)
    dut.reset.value = 0
    await RisingEdge(dut.clock)
    return master


def pauses(seed):
    chance = random.Random(seed)
    return (chance.random() < 0.5 for _ in itertools.count())


def pause_all(master, seed):
    channels = [
        master.write_if.aw_channel,
        master.write_if.w_channel,
        master.write_if.b_channel,
        master.read_if.ar_channel,
        master.read_if.r_channel,
    ]
    for k, channel in enumerate(channels):
        channel.set_pause_generator(pauses(seed + k))


async def value(master, at):
    answer = await master.read(at, 4)
    assert answer.resp == AxiResp.OKAY, hex(at)
    return int.from_bytes(answer.data, "little")


async def lanes(master):
    return await value(master, 0x10) & 0x3F


@cocotb.test()
async def identity_and_reset_values(dut):
    master = await start(dut)
    assert (await master.read(0, 4)).data == b"DBYC"
    assert await value(master, 4) == 1
    assert await lanes(master) >= 1
    for at in WRITABLE:
        assert await value(master, at) == 0


@cocotb.test()
async def random_writes_of_any_bytes_read_back(dut):
    master = await start(dut)
    pause_all(master, 1)
    model = bytearray(4 * REGISTERS)
    chance = random.Random(2)
    for _ in range(300):
        at = chance.choice([at for at in WRITABLE if at != 0x18])
        first = chance.randrange(4)
        data = chance.randbytes(chance.randint(1, 4 - first))
        answer = await master.write(at + first, data)
        assert answer.resp == AxiResp.OKAY
        model[at + first : at + first + len(data)] = data
        word = int.from_bytes(model[at : at + 4], "little") & WRITABLE[at]
        model[at : at + 4] = word.to_bytes(4, "little")
        other = chance.choice([at for at in WRITABLE if at != 0x18])
        assert (await master.read(other, 4)).data == model[other : other + 4]
    assert int(dut.watchdog.value) == int.from_bytes(model[0x38:0x3C], "little")


@cocotb.test()
async def many_under_way_are_answered_in_order(dut):
    master = await start(dut)
    pause_all(master, 7)
    words = [random.Random(3).randrange(1 << 32) for _ in range(40)]
    writes = [cocotb.start_soon(master.write(0x2C, word.to_bytes(4, "little"))) for word in words]
    reads = [cocotb.start_soon(master.read(0, 4)) for _ in words]
    for task in writes:
        assert (await task).resp == AxiResp.OKAY
    for task in reads:
        assert (await task).data == b"DBYC"
    assert await value(master, 0x2C) == words[-1]


@cocotb.test()
async def what_is_not_there_answers_slverr(dut):
    master = await start(dut)
    for at in [4 * REGISTERS, 0x800, 0xFFC, 0x1000 + 32 * await lanes(master), 0xFFFC]:
        assert (await master.read(at, 4)).resp == AxiResp.SLVERR, hex(at)
        assert (await master.write(at, bytes(4))).resp == AxiResp.SLVERR, hex(at)
    for at in range(0, 4 * REGISTERS, 4):
        if at not in WRITABLE:
            assert (await master.write(at, bytes(4))).resp == AxiResp.SLVERR, hex(at)


@cocotb.test()
async def stall_window_reads_lane_and_index(dut):
    master = await start(dut)

    async def counters():
        while True:
            await RisingEdge(dut.clock)
            dut.stall_count.value = int(dut.stall_lane.value) << 8 | int(dut.stall_index.value)

    cocotb.start_soon(counters())
    pause_all(master, 11)
    for lane in range(await lanes(master)):
        for index in range(8):
            assert await value(master, 0x1000 + 32 * lane + 4 * index) == lane << 8 | index
