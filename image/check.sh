#!/usr/bin/env bash
# Builds the image and starts it in an emulated machine: the short form of the boot test, which CI runs.
#
#   bash image/check.sh
#
# From nothing it takes a quarter of an hour, with the caches of an earlier build two minutes. Where an image can't be
# built (no root, no packages to be had, no way to run ARM programs) it says so and ends with status 0; an image that
# was built and does not start is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source systemd/prepare.sh

readonly LONGEST=45m
readonly NEEDS=(mmdebstrap:mmdebstrap mkfs.ext4:e2fsprogs mkfs.vfat:dosfstools mcopy:mtools sfdisk:fdisk zstd:zstd
    depmod:kmod readelf:binutils cmake:cmake ninja:ninja-build systemd-sysusers:systemd update-binfmts:binfmt-support
    qemu-aarch64-static:qemu-user-static qemu-system-aarch64:qemu-system-arm
    aarch64-linux-gnu-g++:g++-aarch64-linux-gnu dtc:device-tree-compiler)

leave() {
    say "The image is not tried: $*"
    exit 0
}

if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || leave "its files belong to root, and there is no sudo"
    exec sudo -n bash "${BASH_SOURCE[0]}"
fi
(programs "${NEEDS[@]}") || leave "what builds it can't be installed"
virtual_environment
install_edge dev || fail "edge could not be installed; the lines above say why"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say "Building the image"
PYTHON=$PWD/$VENV_PYTHON timeout "$LONGEST" image/build.sh --quick --output "$work" ||
    leave "it could not be built here; the lines above say why"
say "Starting it"
"$VENV_PYTHON" -m image.boot --short --patience 3 "$work"/edge-*-arm64.img.zst || fail "the image does not start"
