# shellcheck shell=bash
# What the scripts of image/ share. Sourced; changes to the top of the checkout.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
PYTHON=${PYTHON:-python3}
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" LC_ALL=C.UTF-8 TZ=UTC

# Everything that is kept between builds, and nothing else.
CACHE=${EDGE_IMAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edge-image}
TOOLS=$CACHE/tools/bin
mkdir -p "$CACHE"

# What the wheels are chosen for: Debian 13's Python and C library.
# shellcheck disable=SC2034 # for those that source this
WHEEL_PLATFORM=aarch64-manylinux_2_40 WHEEL_PYTHON=3.13
# shellcheck disable=SC2034
UV_VERSION=0.13.8 SWIG_VERSION=4.3.1

say() {
    printf '==> %(%H:%M:%S)T %s\n' -1 "$*" >&2
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

have_program() {
    command -v "$1" >/dev/null 2>&1
}

# digest FILE...: one for all of them.
digest() {
    cat "$@" | sha256sum | cut -c 1-16
}

# uv, in an environment of its own.
tools() {
    [ -x "$TOOLS/uv" ] && return
    say "Getting uv $UV_VERSION"
    "$PYTHON" -m venv "$CACHE/tools"
    "$TOOLS/pip" install --quiet --disable-pip-version-check "uv==$UV_VERSION"
}

# uv_install TARGET ARGUMENT...: packages for the board, into a bare directory.
uv_install() {
    local target=$1
    shift
    "$TOOLS/uv" pip install --quiet --cache-dir "$CACHE/uv" --target "$target" --python-platform "$WHEEL_PLATFORM" \
        --python-version "$WHEEL_PYTHON" --no-deps --link-mode copy "$@"
}

# What the name of the compiler for 64-bit ARM ends in: nothing, or a version.
cross_version() {
    local version
    for version in "" -12 -13 -14 -15; do
        if have_program "aarch64-linux-gnu-g++$version"; then
            printf '%s' "$version"
            return
        fi
    done
    fail "no compiler for 64-bit ARM: apt-get install g++-aarch64-linux-gnu"
}
