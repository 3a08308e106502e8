"""A whole lane between cocotbext-axi's stream sources and sink with random pauses: requests with their chunks and the
table's operations in, results out, byte for byte what the definition makes."""

import itertools
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge, with_timeout
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource
from vectors import Vector, padded, same


def pauses(seed, rate):
    chance = random.Random(seed)
    return (chance.random() < rate for _ in itertools.count())


async def count(dut):
    """The card's counter of cycles."""
    for now in itertools.count():
        dut.now.value = now
        await RisingEdge(dut.clock)


@cocotb.test()
@cocotb.parametrize(feed=[0.0, 0.5], ops=[0.0, 0.4], take=[0.0, 0.7])
async def results_are_the_definitions(dut, feed, ops, take):
    vector = Vector()
    cocotb.start_soon(Clock(dut.clock, 4, unit="ns").start())
    cocotb.start_soon(count(dut))
    for name, value in vector.registers.items():
        getattr(dut, name).value = value
    dut.max_bins.value = 2048
    dut.watchdog.value = 0
    source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.clock, dut.reset)
    table = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_op"), dut.clock, dut.reset)
    sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.clock, dut.reset)
    source.set_pause_generator(pauses(1, feed))
    table.set_pause_generator(pauses(2, ops))
    sink.set_pause_generator(pauses(3, take))
    dut.reset.value = 1
    for _ in range(4):
        await RisingEdge(dut.clock)
    dut.reset.value = 0
    await RisingEdge(dut.clock)
    for frame in vector.frames:
        source.send_nowait(AxiStreamFrame(frame["request"] + padded(frame["chunk"])))
        table.send_nowait(AxiStreamFrame(vector.ops))
    for number, frame in enumerate(vector.frames):
        got = bytes((await with_timeout(sink.recv(), 400, "us")).tdata)
        assert same(got, frame["result"]), f"frame {number}: {got.hex()}, not {frame['result'].hex()}"
    assert source.empty() and table.empty()
