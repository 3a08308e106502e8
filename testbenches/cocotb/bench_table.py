"""The table's reader behind cocotbext-axi's AxiRamRead, with random pauses on both channels and on the operations."""

import itertools
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiRamRead, AxiReadBus

PAGE = 4096
BEAT = 64
OPERATION = 16
# Beats that the reader has room for, so that it never has asked for more.
ROOM = 512
# Operations that may still come after the lanes said that they are full.
LATE = 8
LAST = 1 << 127


def pauses(seed, rate):
    chance = random.Random(seed)
    return (chance.random() < rate for _ in itertools.count())


async def watch(dut, asked, taken):
    """Judges both channels in every cycle: bursts are legal, what is offered stands until it is taken."""
    names = ["arid", "araddr", "arlen", "arsize", "arburst"]
    offered, under_way = None, 0
    while True:
        await RisingEdge(dut.clock)
        assert int(dut.m_axi_rready.value) == 1
        if int(dut.reset.value):
            offered, under_way = None, 0
            continue
        now = None
        if int(dut.m_axi_arvalid.value):
            now = tuple(int(getattr(dut, f"m_axi_{name}").value) for name in names)
        assert offered is None or now == offered, "a burst was changed or withdrawn before it was taken"
        offered = now
        if now and int(dut.m_axi_arready.value):
            _, address, length, size, kind = now
            assert (size, kind) == (6, 1), "not 64 bytes a beat, or not incrementing"
            assert address % BEAT == 0
            assert length < BEAT, "more than 64 beats"
            assert address // PAGE == (address + BEAT * (length + 1) - 1) // PAGE, "across a border of 4 KiB"
            asked.append((address, length + 1))
            under_way += length + 1
            assert under_way <= ROOM
            offered = None
        if int(dut.m_axi_rvalid.value):
            under_way -= 1
            taken.append(1)
            assert under_way >= 0


async def operations(dut, got, chance, full):
    """What the lanes get. After they say that they are full no more than LATE come."""
    late = 0
    while True:
        await RisingEdge(dut.clock)
        if int(dut.op_enable.value):
            got.append(int(dut.op_data.value))
            late += 1
        if not int(dut.op_full.value):
            late = 0
        assert late <= LATE, "more operations than the lanes have room for"
        dut.op_full.value = chance.random() < full


@cocotb.test()
@cocotb.parametrize(slow=[0.0, 0.4, 0.8], full=[0.0, 0.5])
async def operations_are_what_the_memory_holds(dut, slow, full):
    cocotb.start_soon(Clock(dut.clock, 4, unit="ns").start())
    for name in ["table_address", "table_ops", "wants", "op_full"]:
        getattr(dut, name).value = 0
    memory = AxiRamRead(AxiReadBus.from_prefix(dut, "m_axi"), dut.clock, dut.reset, size=1 << 17)
    memory.ar_channel.set_pause_generator(pauses(1, slow))
    memory.r_channel.set_pause_generator(pauses(2, slow))
    dut.reset.value = 1
    for _ in range(4):
        await RisingEdge(dut.clock)
    dut.reset.value = 0
    chance = random.Random(3)
    content = chance.randbytes(memory.size)
    memory.write(0, content)
    asked, taken, got = [], [], []
    cocotb.start_soon(watch(dut, asked, taken))
    cocotb.start_soon(operations(dut, got, chance, full))

    # One operation, a beat, a page and a bit, borders on all sides, more than there is room for.
    tables = [(0, 1), (BEAT, 4), (PAGE - BEAT, 5), (PAGE, 256), (3 * PAGE - BEAT, 300), (5 * BEAT, 2500)]
    tables += [(BEAT * chance.randrange(512), chance.randint(1, 700)) for _ in range(6)]
    for address, count in tables:
        asked.clear(), taken.clear(), got.clear()
        dut.table_address.value = address
        dut.table_ops.value = count
        dut.wants.value = 1
        while not int(dut.start.value):
            await RisingEdge(dut.clock)
        dut.wants.value = 0
        for _ in range(40 * count + 400):
            await RisingEdge(dut.clock)
            if len(got) == count and not int(dut.busy.value):
                break
        words = [content[address + OPERATION * k :][:OPERATION] for k in range(count)]
        expected = [int.from_bytes(word, "little") & (LAST - 1) for word in words]
        expected[-1] |= LAST
        assert got == expected, f"{count} operations at {address:#x}"
        assert int(dut.quiet.value) == 1
        beats = -(-count // 4)
        assert sum(length for _, length in asked) == beats == len(taken), "every beat is read once"
        at = address
        for burst, length in asked:
            assert burst == at
            at += BEAT * length
