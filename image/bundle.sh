#!/usr/bin/env bash
# Makes the signed update that brings flashed boards to this checkout, out of the image's own lock.
#
#   image/bundle.sh --key RELEASE.key --output FILE.bundle [ARGUMENT of image.bundle …]
#
# What has to be compiled for the board is taken from where image/build.sh has left it. docs/updates.md says the rest.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

compiled=$CACHE/wheels-$(digest image/wheels.lock image/llama.sh image/compiled.py image/lgpio.sh image/wheel.py)

# The wheels of the lock, as they lie on the packages' index; kept by the lock's digest.
third_party() {
    local target=$1 platforms=() version
    for version in 17 24 26 27 28 31 34 35 36 38 39 40; do platforms+=(--platform "manylinux_2_${version}_aarch64"); done
    "$PYTHON" -m image.release requirements without image/wheels.lock llama-cpp-python lgpio >"$work/requirements.txt"
    "$TOOLS/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --platform manylinux2014_aarch64 "${platforms[@]}" --implementation cp --python-version "$WHEEL_PYTHON" \
        --abi "cp${WHEEL_PYTHON/./}" --abi abi3 --abi none --requirement "$work/requirements.txt" --dest "$target"
}

main() {
    [ $# -ge 4 ] || fail "see the head of image/bundle.sh: --key and --output are needed"
    [ -d "$compiled" ] || fail "the libraries for the board are not compiled yet: run image/build.sh first"
    tools
    work=$(mktemp -d -p "$CACHE")
    trap 'rm -rf "$work"' EXIT
    local others
    others=$CACHE/bundle-$(digest image/wheels.lock)
    if [ ! -d "$others" ]; then
        say "Wheels for the board"
        mkdir "$work/wheels"
        third_party "$work/wheels"
        mv "$work/wheels" "$others"
    fi
    say "edge"
    "$TOOLS/uv" build --quiet --wheel --cache-dir "$CACHE/uv" --out-dir "$work/edge" .
    "$PYTHON" -m image.bundle --wheels "$others" --wheels "$compiled" --wheels "$work/edge" --architecture aarch64 \
        --python "$WHEEL_PYTHON" "$@"
}

main "$@"
