"""Images and their manifests against Python's own TOML, CRC-32, SHA-256, and against intelhex."""

import gzip
import hashlib
import json
import tomllib
import zlib

import intelhex
import pytest

from peers import ROOT
from test_vivado import bitstream

GATEWARE = ROOT / "hdl" / "gen" / "debye_ring_card_1.toml"
BUILT = ["--gateware", GATEWARE, "--clock", "60", "--commit", "0123456789ab", "--rebuild", "scripts/build-it"]


def data_of(bit):
    """The configuration data of a .bit that bitstream() made."""
    return bit[bit.index(b"\xff\xff\xff\xff"):]


def test_manifest_says_what_python_finds(debye, debye_json, vectors, tmp_path):
    path = tmp_path / "image.bit"
    whole = gzip.decompress((vectors / "bitstreams" / "lfe5u-85f-ecppack.bit.gz").read_bytes())
    path.write_bytes(whole)
    debye("image", "pack", path, "--board", "ulx3s-85f", "--tool", "ecppack=1.4", "--tool", "nextpnr=0.11", *BUILT)
    manifest = tomllib.loads((tmp_path / "image.bit.toml").read_text())
    data = whole[29:]
    assert data[:4] == bytes.fromhex("ffffbdb3")
    assert manifest["image"] == {
        "file": "image.bit", "format": "bit", "length": len(data), "crc32": f"0x{zlib.crc32(data):08x}",
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert manifest["kind"] == "jtag" and manifest["idcode"] == "0x41113043"
    assert manifest["tools"] == [{"name": "ecppack", "version": "1.4"}, {"name": "nextpnr", "version": "0.11"}]
    gateware = tomllib.loads(GATEWARE.read_text())
    assert {key: manifest[key] for key in gateware} == gateware
    report = debye_json("image", "verify", path)
    assert report["verified"] and report["mismatches"] == [] and report["manifest"] == manifest
    assert "verified" in debye("image", "verify", tmp_path / "image.bit.toml").stdout


def test_mcs_that_intelhex_wrote_is_read(debye, debye_json, tmp_path):
    data = data_of(bitstream("xcu250-figd2104-2L-e", 0x04B57093)) + bytes(range(256)) * 700
    # Sixty-four kilobytes are passed in the middle of a record.
    path = tmp_path / "image.mcs"
    out = intelhex.IntelHex()
    out.frombytes(data, offset=0x01002000)
    with open(path, "w") as file:
        out.write_hex_file(file, byte_count=16)
    debye("image", "pack", path, "--board", "u250", "--tool", "x=1", *BUILT)
    report = debye_json("image", "verify", path)
    assert report["verified"] and report["header"] == {"address": 0x01002000}
    assert report["data"]["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("change, what", [
    (lambda bit: bit[:-1] + bytes([bit[-1] ^ 1]), ["crc32", "sha256"]),
    (lambda bit: bitstream("xcu55c-fsvh2892-2L-e", 0x04B77093), ["part"]),
    (lambda bit: bitstream("xcu50-fsvh2104-2-e", 0x04B7D093), ["crc32", "sha256", "idcode"]),
])
def test_image_that_was_changed_fails_by_name(debye, debye_json, tmp_path, change, what):
    path = tmp_path / "image.bit"
    path.write_bytes(bitstream("xcu50-fsvh2104-2-e", 0x04B77093))
    debye("image", "pack", path, "--board", "u50", "--tool", "x=1", *BUILT)
    path.write_bytes(change(path.read_bytes()))
    done = debye("image", "verify", path, check=False)
    assert done.returncode == 1
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == what


@pytest.mark.parametrize("arguments, code, said", [
    (["--board", "u51"], 2, "boards: u50, u55c, u250, ulx3s-85f"),
    (["--board", "u50", "--kind", "best"], 2, "kinds: card, golden, backup, jtag"),
    (["--board", "u50", "--tool", "vivado"], 2, "NAME=VERSION"),
    (["--board", "u50"], 1, "`commit` is missing"),
    (["--board", "u55c"], 1, "names the part xcu50-fsvh2104-2-e, the board u55c has xcu55c-fsvh2892-2L-e"),
    (["--board", "u50", "--gateware", "nothing.toml"], 1, "cannot read nothing.toml"),
    (["--board", "ulx3s-85f", "--kind", "card", *BUILT], 1, "the bitstream is one for an UltraScale+ FPGA"),
])
def test_pack_refuses_with_what_to_do(debye, tmp_path, arguments, code, said):
    path = tmp_path / "image.bit"
    path.write_bytes(bitstream("xcu50-fsvh2104-2-e", 0x04B77093))
    done = debye("image", "pack", path, *arguments, check=False)
    assert done.returncode == code and said in " ".join(done.stderr.split())
    assert not (tmp_path / "image.bit.toml").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["image.bit"]


def test_verify_without_a_manifest_fails(debye, tmp_path):
    path = tmp_path / "image.bit"
    path.write_bytes(bitstream("xcu50-fsvh2104-2-e", 0x04B77093))
    done = debye("image", "verify", path, check=False)
    assert done.returncode == 1 and "has no manifest" in done.stderr
    assert "manifest  none" in debye("image", "inspect", path).stdout


def test_kept_images_are_what_their_manifests_say(debye):
    images = [path.with_suffix("") for path in sorted((ROOT / "bitstreams").glob("*.toml"))]
    assert images, "the ULX3S image is kept"
    for image in images:
        manifest = tomllib.loads(image.with_name(image.name + ".toml").read_text())
        debye("image", "verify", image)
        gateware = tomllib.loads((ROOT / "hdl" / "gen" / "debye_serial_card.toml").read_text())
        assert manifest["capabilities"] == gateware["capabilities"]


def test_kept_ecp5_image_is_the_one_of_this_gateware():
    """Building it takes half an hour: what it was built of is compared instead."""
    built = json.loads((ROOT / "bitstreams" / "ulx3s-85f.built.json").read_text())
    assert built["image_sha256"] == hashlib.sha256((ROOT / "bitstreams" / "ulx3s-85f.bit").read_bytes()).hexdigest()
    assert any(name.startswith("hdl/gen/") for name in built["inputs"])
    now = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in built["inputs"]}
    assert now == built["inputs"], "the gateware has changed: scripts/build-ecp5, then debye image pack"
    assert built["reached_mhz"] > built["clock_mhz"]
