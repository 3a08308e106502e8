# Sourced by the other scripts: installs what building and testing need, and says where it is.
# Debian packages (C compiler, Python's venv) go in with apt; the rest goes into .venv beside this project.
# A second run finds everything in place and takes no time.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say() { printf '\033[1m== %s\033[0m\n' "$*"; }

need_packages() {
    local missing=()
    command -v cc >/dev/null && command -v c++ >/dev/null && command -v make >/dev/null || missing+=(build-essential)
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
    [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

apt_install() {
    say "installing $*"
    local sudo=
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@"
}

# The interpreter of the Vivado scripts, which tests run without Vivado.
need_tcl() {
    command -v tclsh >/dev/null || apt_install tcl
}

need_cargo() {
    command -v cargo >/dev/null || [ ! -f "$HOME/.cargo/env" ] || . "$HOME/.cargo/env"
    command -v cargo >/dev/null && return
    echo "cargo is not installed: get Rust 1.90 or newer from https://rustup.rs, then run this again" >&2
    exit 1
}

# need_python FILE: the packages of a requirements file, in .venv.
need_python() {
    local wanted stamp
    wanted=$(cat scripts/*requirements.txt | sha256sum)
    stamp=.venv/.$(basename "$1").installed
    if [ ! -x .venv/bin/python ] || [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        say "installing Python packages of $1 into .venv"
        [ -x .venv/bin/python ] || python3 -m venv .venv
        .venv/bin/pip install --quiet --disable-pip-version-check -r "$1"
        printf '%s\n' "$wanted" >"$stamp"
    fi
    export DEBYE_PYTHON="$root/.venv/bin/python"
}

# HDF5 is built from source, once, by a cmake of at least 3.26.
need_cmake() {
    if [ -x .venv/bin/cmake ]; then
        export CMAKE="$root/.venv/bin/cmake"
    fi
}

need_packages
need_cargo
