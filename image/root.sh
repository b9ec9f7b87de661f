#!/usr/bin/env bash
# Makes the root file system of the image out of the locked packages: OUTPUT.tar, kept by the lock's digest.
#
#   image/root.sh LOCK REPOSITORY OUTPUT.tar
#
# Needs root, mmdebstrap, and the kernel's way of running ARM programs (qemu-user-static with binfmt-support).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly lock=$1 repository=$2 output=$3

# Documentation nobody reads on a board; licences stay. Programs of other languages than Python's own tests stay out.
readonly leave_out=(
    '/usr/share/man/*' '/usr/share/info/*' '/usr/share/locale/*' '/usr/share/doc/*' '/usr/share/lintian/*'
    '/usr/share/bash-completion/*' '/usr/share/zsh/*' '/usr/share/iso-codes/*' '/usr/share/xml/*'
)
readonly keep=('/usr/share/doc/*/copyright' '/usr/share/doc/*/NEWS*')

# The kernel runs ARM programs by itself once qemu is registered; some containers need both steps.
emulation() {
    local registry=/proc/sys/fs/binfmt_misc
    [ "$(uname -m)" = aarch64 ] && return
    [ -e $registry/register ] || mount -t binfmt_misc binfmt_misc $registry ||
        fail "binfmt_misc can't be mounted: run this as root, on a kernel that has it"
    if [ ! -e $registry/qemu-aarch64 ]; then
        have_program update-binfmts || fail "ARM programs can't be run: apt-get install qemu-user-static binfmt-support"
        update-binfmts --enable qemu-aarch64 || fail "qemu can't be registered for ARM programs: run this as root"
    fi
    [ -e $registry/qemu-aarch64 ] || fail "ARM programs can't be run: apt-get install qemu-user-static"
}

main() {
    emulation
    local names options=() pattern
    names=$(awk '$1 == "install" { sub(/=.*/, "", $2); print $2 }' "$lock" | paste -s -d ,)
    for pattern in "${leave_out[@]}"; do options+=("--dpkgopt=path-exclude=$pattern"); done
    for pattern in "${keep[@]}"; do options+=("--dpkgopt=path-include=$pattern"); done
    SOURCE_DATE_EPOCH=$("$PYTHON" -m image.debian moment "$lock") \
        unshare --mount --propagation private mmdebstrap --quiet --mode=root --format=tar --arch=arm64 --variant=custom --include="$names" "${options[@]}" \
        --setup-hook='mkdir -p "$1/usr/share/doc"' \
        --customize-hook='rm -rf "$1/etc/resolv.conf" "$1/etc/hostname" "$1/var/lib/apt/lists" "$1/var/cache/apt"' \
        --customize-hook='rm -f "$1"/var/log/*.log "$1"/var/log/apt/* "$1"/etc/ssh/ssh_host_* "$1"/var/lib/dbus/machine-id' \
        --customize-hook=': >"$1/etc/machine-id"' \
        trixie "$output.part" "deb [trusted=yes] copy:$repository ./"
    mv "$output.part" "$output"
}

main
