# shellcheck shell=bash
# Shell functions that get a checkout ready to run: system packages, Python, a virtual environment in .venv.
# Sourced by systemd/demo.sh and tests/run.sh from the top of the checkout; each step does nothing when it is done.

readonly VENV_PYTHON=.venv/bin/python
# Where Debian keeps mosquitto, and an ordinary user's shell does not look.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

say() {
    printf '\n==> %s\n' "$*"
}

fail() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

have_program() {
    command -v "$1" >/dev/null 2>&1
}

# system_packages NAME...: install Debian packages; the caller has found that something is missing.
system_packages() {
    have_program apt-get || fail "these system packages are needed and there is no apt-get to install them: $*"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        have_program sudo || fail "these system packages are needed: $*; install them as root and run this again"
        as_root=(sudo)
    fi
    say "Installing system packages: $*"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    # A source that can't be reached need not be one of those that are needed here: the installation will tell.
    "${apt[@]}" update </dev/null || true
    "${apt[@]}" install -y --no-install-recommends "$@" </dev/null ||
        fail "apt-get could not install: $*; the lines above say why"
}

# programs NAME:PACKAGE...: see to it that each program is there.
programs() {
    local pair missing=()
    for pair in "$@"; do
        have_program "${pair%%:*}" || missing+=("${pair#*:}")
    done
    [ ${#missing[@]} -eq 0 ] || system_packages "${missing[@]}"
}

# libraries NAME:PACKAGE...: see to it that each library, or plugin of ALSA, is there.
libraries() {
    local pair missing=()
    for pair in "$@"; do
        ldconfig -p | grep -q -F "${pair%%:*}" || compgen -G "/usr/lib/*/alsa-lib/${pair%%:*}" >/dev/null ||
            missing+=("${pair#*:}")
    done
    [ ${#missing[@]} -eq 0 ] || system_packages "${missing[@]}"
}

# A Python that is new enough and can make virtual environments; prints its command.
find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed; this machine has $(python3 --version 2>&1 || true). Install the packages" \
        "python3.11 and python3.11-venv (or newer ones) and run this again"
}

virtual_environment() {
    if [ -x "$VENV_PYTHON" ] && "$VENV_PYTHON" -c 'import pip' >/dev/null 2>&1; then
        return
    fi
    local python
    python=$(find_python)
    "$python" -c 'import struct, sys; sys.exit(struct.calcsize("P") != 8)' ||
        fail "a 64-bit system is needed: some of what edge uses is not made for 32-bit ones"
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        local package=python3-venv
        [ "$(command -v "$python")" = /usr/bin/python3 ] || package="$(basename "$python")-venv"
        system_packages "$package"
    fi
    say "Making a virtual environment in .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
}

# install_edge [EXTRA...]: edge itself, editable, with these extras; quick when nothing has changed since.
install_edge() {
    local extras="$*"
    local wanted stamp=".venv/installed-${extras// /-}"
    wanted="$PWD $("$VENV_PYTHON" --version) $(cksum <pyproject.toml)"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    say "Installing edge${extras:+ and its extra: $extras}, into .venv"
    "$VENV_PYTHON" -m pip install --quiet --disable-pip-version-check --editable ".${extras:+[${extras// /,}]}" || return
    printf '%s\n' "$wanted" >"$stamp"
}

# The language model's library, compiled here on the first installation. Returns non-zero when that fails.
install_llm() {
    if "$VENV_PYTHON" -c 'import llama_cpp' >/dev/null 2>&1 && install_edge llm; then
        return
    fi
    (programs g++:g++ make:make) || true
    say "Building the language model's library (minutes, with nothing to see; once)"
    local log=.venv/llm-build.log
    # Without its code for pictures, which is a fifth of the work.
    if ! CMAKE_ARGS="-DLLAVA_BUILD=OFF ${CMAKE_ARGS:-}" CMAKE_BUILD_PARALLEL_LEVEL=$(build_jobs) \
        install_edge llm >"$log" 2>&1; then
        tail -n 15 "$log"
        printf '\nnotice: the language model library could not be built; everything else works without it.\n'
        printf 'The whole output is in %s; try again with: %s -m pip install -e ".[llm]"\n' "$log" "$VENV_PYTHON"
        return 1
    fi
}

# How many compilers at once: one a core, but not more than there is memory for.
build_jobs() {
    local cores free_mb
    cores=$(nproc)
    free_mb=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
    local fitting=$((free_mb / 700))
    [ "$fitting" -ge 1 ] || fitting=1
    printf '%s\n' $((fitting < cores ? fitting : cores))
}
