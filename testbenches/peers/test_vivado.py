"""The Vivado scripts, run by tclsh against testbenches/vivado/mock.tcl, which stands for Vivado: syntax, names, connections."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from peers import ROOT

SCRIPTS = ROOT / "scripts" / "vivado"
BOARDS = sorted(path.stem for path in (SCRIPTS / "boards").glob("*.tcl"))
LANES = [1, 4, 12]


@pytest.fixture
def build(request, tmp_path):
    """build(board, *arguments, slack) -> exit code, facts as lists of words, standard error."""
    tclsh = shutil.which("tclsh")
    if tclsh is None:
        pytest.skip(f"{request.node.name}: there is no tclsh (apt-get install tcl)")

    def run(board, *arguments, slack="0.05", status="post_route_phys_opt_design Complete!"):
        command = [tclsh, ROOT / "testbenches" / "vivado" / "mock.tcl", SCRIPTS / "build.tcl", board, "-out", tmp_path]
        done = subprocess.run([*map(str, command), *arguments], capture_output=True, text=True, timeout=60,
                              env=os.environ | {"MOCK_SLACK": slack, "MOCK_STATUS": status})
        return done.returncode, [line.split("\t") for line in done.stdout.splitlines()], done.stderr

    return run


def ports(path, module):
    """Ports of a module: name -> (direction, bits)."""
    head = re.search(rf"^module {module} \(\n(.*?)\n\);", path.read_text(), re.S | re.M).group(1)
    found = re.findall(r"^    (input|output) (?:wire|reg) (?:\[(\d+):0\] )?(\w+)", head, re.M)
    return {name: (direction, int(high or 0) + 1) for direction, high, name in found}


@pytest.mark.parametrize("lanes", LANES)
def test_wrapper_has_every_port_of_the_emitted_card(lanes):
    wrapper = SCRIPTS / "rtl" / "debye_vivado_card.v"
    emitted = ports(ROOT / "hdl" / "gen" / f"debye_ring_card_{lanes}.v", f"debye_ring_card_{lanes}")
    ours = ports(wrapper, "debye_vivado_card")
    assert emitted.pop("clock") == ours.pop("aclk") == ("input", 1)
    assert emitted.pop("reset") == ours.pop("aresetn") == ("input", 1)
    assert ours == emitted
    instance = wrapper.read_text().split("DEBYE_CARD card (")[1]
    connections = dict(re.findall(r"\.(\w+)\((~?\w+)\)", instance))
    assert connections.pop("clock") == "aclk" and connections.pop("reset") == "~aresetn"
    assert connections == {name: name for name in emitted}


@pytest.mark.parametrize("module", ["debye_vivado_card", "debye_vivado_msix"])
def test_no_emitted_module_has_the_name_of_one_of_the_shell(module):
    for path in (ROOT / "hdl" / "gen").glob("*.v"):
        assert f"\nmodule {module} " not in path.read_text(), path.name


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("board", BOARDS)
def test_build_makes_a_design_in_which_all_is_connected(build, board, lanes):
    code, facts, error = build(board, "-lanes", str(lanes), "-clock", "80", "-commit", "abcdef0")
    assert (code, error) == (0, "")
    assert ["validated"] in facts
    files = [words[1] for words in facts if words[0] == "file"]
    assert f"debye_ring_card_{lanes}.v" in files and f"{board}.xdc" in files
    joined = {frozenset(words[1:]) for words in facts if words[0] == "joined"}
    for one, other in [("pcie/M_AXI_B", "control/S00_AXI"), ("control/M00_AXI", "card/s_axil"),
                       ("card/m_axi_host", "host/S00_AXI"), ("host/M00_AXI", "pcie/S_AXI_B"),
                       ("control/M01_AXI", "flash/AXI_LITE"), ("control/M02_AXI", "icap/S_AXI_LITE")]:
        assert frozenset([one, other]) in joined
    # Every signal of an interface of the card is in it.
    members = {}
    for words in facts:
        if words[0] == "member" and words[1] == "card":
            members.setdefault(words[2], []).append(words[5])
    assert sorted(members) == ["m_axi_host", "m_axi_mem", "m_axis_irq", "s_axil"]
    emitted = ports(ROOT / "hdl" / "gen" / f"debye_ring_card_{lanes}.v", f"debye_ring_card_{lanes}")
    assert sorted(sum(members.values(), [])) == sorted(emitted.keys() - {"clock", "reset"})
    # Pins that nothing places: those that the card's board files place.
    unplaced = {words[1] for words in facts if words[0] == "unplaced"}
    assert all(name.startswith("default_300mhz_clk0") for name in unplaced), unplaced


@pytest.mark.parametrize("board", BOARDS)
def test_windows_of_the_bar_are_where_the_driver_looks(build, board):
    _, facts, _ = build(board)
    windows = {words[1].split("/")[0]: int(words[3], 16) for words in facts
               if words[0] == "address" and words[2] == "pcie/M_AXI_B"}
    source = (ROOT / "spec" / "src" / "pci.rs").read_text()

    def constant(name):
        shift = re.search(rf"pub const {name}: u\d+ = (\d+) << (\d+);", source)
        assert shift, f"{name} is not in spec/src/pci.rs"
        return int(shift[1]) << int(shift[2])

    assert windows == {"card": 0, "flash": constant("FLASH_OFFSET"), "icap": constant("ICAP_OFFSET")}
    size = next(int(words[3]) for words in facts if words[:3] == ["property", "cell:pcie", "CONFIG.pf0_bar0_size"])
    assert size << 10 == constant("REGISTER_BYTES")
    # The table memory: all that the emitted cards say that they reach, without gaps.
    pieces = sorted((int(words[3], 16), int(words[4][:-1]) << {"M": 20, "G": 30}[words[4][-1]]) for words in facts
                    if words[0] == "address" and words[2] == "card/m_axi_mem")
    end = 0
    for start, size in pieces:
        assert start == end
        end += size
    said = (ROOT / "hdl" / "gen" / "debye_ring_card_4.toml").read_text()
    assert end >= 1 << int(re.search(r"memory_log2 = (\d+)", said)[1])


@pytest.mark.parametrize("board", BOARDS)
def test_image_that_misses_its_timing_is_not_made(build, board):
    code, facts, error = build(board, slack="-0.001")
    assert code != 0 and "timing is not met (setup, -0.001 ns at 100 MHz)" in error
    kinds = [words[0] for words in facts]
    assert kinds.count("report") == 3, "the reports are kept"
    assert not {"bitstream", "cfgmem", "exec"} & set(kinds)


def test_design_that_does_not_route_is_told(build):
    code, facts, error = build("u50", status="route_design ERROR")
    assert code != 0 and "place and route failed: route_design ERROR" in error
    assert "bitstream" not in [words[0] for words in facts]


@pytest.mark.parametrize("arguments, said", [
    (["-lanes"], "usage: build.tcl"),
    (["-lanes", "5"], "emitted with 1, 4 and 12 lanes"),
    (["-speed", "5"], "there is no option -speed"),
])
def test_build_called_wrongly_says_how(build, arguments, said):
    code, _, error = build("u50", *arguments)
    assert code != 0 and said in error


def bitstream(part, idcode):
    """A .bit with Vivado's header, sync word and IDCODE, and nothing behind them."""
    words = [0xFFFFFFFF, 0x000000BB, 0x11220044, 0xFFFFFFFF, 0xAA995566, 0x20000000, 0x30018001, idcode, 0x20000000]
    data = b"".join(word.to_bytes(4, "big") for word in words)
    texts = {"a": "shell_wrapper;Version=2023.2", "b": part, "c": "2026/11/23", "d": "12:00:00"}
    head = bytes.fromhex("00090ff00ff00ff00ff0000001")
    for key, text in texts.items():
        head += key.encode() + (len(text) + 1).to_bytes(2, "big") + text.encode() + b"\0"
    return head + b"e" + len(data).to_bytes(4, "big") + data


def test_manifest_is_packed_by_the_very_command_of_the_build(build, debye, debye_json, tmp_path):
    code, facts, _ = build("u50", "-commit", "abcdef0")
    command = next(words[1:] for words in facts if words[0] == "exec" and words[4].endswith(".bit"))
    image = pathlib.Path(command[3])
    image.write_bytes(bitstream("xcu50-fsvh2104-2-e", 0x04B77093))
    debye(*command[1:])
    report = debye_json("image", "inspect", image)
    assert report["verified"] and report["boards"] == ["u50"]
    manifest = report["manifest"]
    assert manifest["capabilities"]["lanes"] == 4 and manifest["clock_mhz"] == 100
    assert manifest["tools"] == [{"name": "vivado", "version": "2023.2"}]
    assert manifest["rebuild"] == "scripts/vivado/build u50 -lanes 4 -clock 100"
