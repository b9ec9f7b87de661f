#!/usr/bin/env bash
# Makes the release that the image starts with: Python packages for 64-bit ARM, compiled to bytecode by the image's own
# Python, since a board would do that anew at every start.
#
#   image/release.sh ROOT.tar WHEELS_DIR EDGE_WHEEL VERSION RELEASE_DIR [--offline]
#
# WHEELS_DIR holds what was compiled here (llama.sh, lgpio.sh). Needs root: bytecode is made in the image's own root.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly root_tar=$1 wheels=$2 edge_wheel=$3 version=$4 release=$5
shift 5
readonly options=("$@")
readonly site=/opt/edge/releases/$version/lib/python$WHEEL_PYTHON/site-packages

# compiled NAME OUTPUT.tar COMMAND...: a directory that the command fills (its last argument), with bytecode, as an
# archive. What the last archive of that name has of the same sources is not compiled again.
compiled() {
    local name=$1 output=$2 work
    shift 2
    work=$(mktemp -d -p "$CACHE")
    "$@" "$work/site"
    "$PYTHON" -m image.release trim "$work/site"
    mkdir -p "$work/tree"
    tar -xf "$root_tar" -C "$work/tree"
    mkdir -p "$(dirname "$work/tree$site")"
    "$PYTHON" -m image.release reuse "$CACHE/$name-latest.tar" "$work/site" | sed "s#^#$site/#" >"$work/tree/tmp/sources"
    mv "$work/site" "$work/tree$site"
    # Not by their time but by nothing at all are these believed to fit: nobody changes a release.
    # Without a name it would compile Debian's own.
    [ ! -s "$work/tree/tmp/sources" ] || chroot "$work/tree" "/usr/bin/python$WHEEL_PYTHON" -m compileall -q -j "$(nproc)" \
        --invalidation-mode unchecked-hash -i /tmp/sources || fail "bytecode could not be made"
    tar -c --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -f "$output.part" -C "$work/tree$site" .
    mv "$output.part" "$output"
    ln -sfn "${output##*/}" "$CACHE/$name-latest.tar"
    rm -rf --one-file-system "$work"
}

third_party() {
    "$PYTHON" -m image.release requirements without image/wheels.lock llama-cpp-python lgpio >"$1.txt"
    uv_install "$1" "${options[@]}" --only-binary :all: --require-hashes -r "$1.txt"
    uv_install "$1" "${options[@]}" --no-index "$wheels"/*.whl
}

own() {
    uv_install "$1" "${options[@]}" --no-index "$edge_wheel"
}

tools
others=$CACHE/site-$(digest image/wheels.lock image/release.sh image/release.py "$wheels"/*.whl).tar
if [ ! -f "$others" ]; then
    say "Python packages, and their bytecode"
    compiled site "$others" third_party
fi
ours=$CACHE/edge-$(digest image/release.sh image/release.py "$edge_wheel").tar
if [ ! -f "$ours" ]; then
    say "edge $version, and its bytecode"
    compiled edge "$ours" own
fi
rm -rf "$release"
mkdir -p "$release/site"
tar -xf "$others" -C "$release/site"
tar -xf "$ours" -C "$release/site"
"$PYTHON" -m image.release shape "$release/site" "$release" "$version"
