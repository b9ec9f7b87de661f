#!/usr/bin/env bash
# Compiles lgpio, which reaches the pins of a Raspberry Pi, for 64-bit ARM and Debian 13's Python: it has no such wheel.
#
#   image/lgpio.sh SDIST.tar.gz WORK_DIR OUTPUT_DIR
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly sdist=$1 work=$2/lgpio output=$3

rm -rf "$work"
mkdir -p "$work/headers" "$output"
tar -xzf "$sdist" -C "$work" --strip-components=1
package=$(awk '$1 == "build" && $2 ~ /^libpython/ { n = split($3, parts, "/"); print parts[n] }' image/packages.lock)
dpkg-deb -x "$CACHE/debs/$package" "$work/headers"
tools
[ -x "$TOOLS/swig" ] || "$TOOLS/pip" install --quiet --disable-pip-version-check "swig==$SWIG_VERSION"
(cd "$work" && "$TOOLS/swig" -python -o lgpio_wrap.c lgpio.i)
include=$work/headers/usr/include
"aarch64-linux-gnu-gcc$(cross_version)" -O2 -g0 -fPIC -shared -pthread "-ffile-prefix-map=$work=lgpio" \
    -I"$work/src" -I"$include/python$WHEEL_PYTHON" -I"$include" -I"$include/aarch64-linux-gnu/python$WHEEL_PYTHON" \
    "$work"/src/lg*.c "$work/src/rgpiod.c" "$work/lgpio_wrap.c" -lrt -ldl -o "$work/_lgpio.so"
aarch64-linux-gnu-strip --strip-unneeded "$work/_lgpio.so"
"$PYTHON" -m image.compiled lgpio "$work" "$output"
