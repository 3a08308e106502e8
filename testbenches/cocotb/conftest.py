"""Verilog of a core under Verilator, driven by bus models that were written elsewhere."""

import os
import pathlib
import subprocess

import pytest
from cocotb_tools.runner import get_runner

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# What rust-hdl writes: constants of 32 bits next to narrower signals, unused bits of what was cast.
WAIVED = ["WIDTHTRUNC", "WIDTHEXPAND", "UNUSEDSIGNAL", "CASEINCOMPLETE", "PINCONNECTEMPTY"]


def verilog(core, folder):
    """The core's emitted Verilog: a file of that name in `DEBYE_VERILOG`, or fresh from the crate."""
    given = os.environ.get("DEBYE_VERILOG")
    if given:
        return pathlib.Path(given) / f"{core}.v"
    command = ["cargo", "run", "-q", "-p", "debye-hdl", "--example", "verilog", "--", core]
    path = folder / f"{core}.v"
    path.write_text(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    return path


@pytest.fixture
def bench(tmp_path, request):
    """bench(core, module): builds the core and runs the cocotb tests of that module; all must pass."""

    def run(core, module, seed=1):
        runner = get_runner("verilator")
        runner.build(
            sources=[verilog(core, tmp_path)],
            hdl_toplevel=core,
            build_dir=tmp_path / "build",
            build_args=[f"-Wno-{name}" for name in WAIVED],
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
        from cocotb_tools.runner import get_results

        tests, failed = get_results(pathlib.Path(results))
        assert tests > 0 and failed == 0, f"{failed} of {tests} tests of {module} failed"

    return run
