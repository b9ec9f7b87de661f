#!/usr/bin/env bash
# Puts everything that is no Debian package into the root file system: kernel, drivers, firmware, settings, the service.
#
#   image/furnish.sh ROOT_DIR BOOT_DIR LOCK PACKAGES_DIR RELEASE_DIR VERSION
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly root=$1 boot=$2 lock=$3 packages=$4 release=$5 version=$6

unpack() {
    local path file
    while read -r path; do
        file=${path##*/}
        dpkg-deb --fsys-tarfile "$packages/$file" | tar -x -C "$root" --keep-directory-symlink \
            --exclude=./usr/share/man --exclude=./usr/share/locale --exclude=./usr/share/lintian \
            --exclude=./usr/share/bug --exclude='changelog*' --exclude=./etc/kernel --exclude=./etc/initramfs
    done < <(awk '$1 == "unpack" { print $3 }' "$lock")
}

kernel() {
    local kernel home
    kernel=$(basename "$root"/usr/lib/modules/*)
    home=$root/usr/lib/modules/$kernel
    install -m 0644 "$home/vmlinuz" "$boot/vmlinuz"
    install -m 0644 "$home"/dtb/broadcom/bcm2837-rpi-*.dtb "$home"/dtb/broadcom/bcm2711-rpi-*.dtb \
        "$home"/dtb/broadcom/bcm2712-*rpi-5*.dtb "$boot/"
    rm -rf "$home/vmlinuz" "$home/dtb" "$home/System.map" "$root/usr/lib/linux-image-$kernel"
    sed 's/#.*//' image/modules.txt | while read -r part; do
        [ -z "$part" ] || rm -rf "${home:?}/kernel/$part"
    done
    depmod -b "$root" "$kernel"
    rm "$home/modules.builtin.modinfo"
    "$PYTHON" -m image.initrd "$root" "$kernel" "$boot/initrd.img"
}

firmware() {
    local from=$root/usr/lib/raspi-firmware
    install -m 0644 "$from"/bootcode.bin "$from"/start.elf "$from"/start4.elf "$from"/fixup.dat "$from"/fixup4.dat "$boot/"
    install -m 0644 "$from"/LICENCE* "$boot/" 2>/dev/null || true
    rm -rf "$from"
    install -m 0644 image/files/boot/* "$boot/"
    mkdir "$boot/overlays"
    local overlay
    for overlay in image/files/overlays/*.dtso; do
        dtc -q -@ -I dts -O dtb -o "$boot/overlays/edge-$(basename "$overlay" .dtso).dtbo" "$overlay"
    done
}

# installer COMMAND: run with the installer's shell functions; $0 is the root file system.
# shellcheck disable=SC2016 # the expressions are the installer's
installer() {
    bash -euc "source systemd/prepare.sh; source systemd/machine.sh; $1" "$root"
}

# Units, users, rules: what systemd/install.sh puts on other machines, and what only a flashed one has.
service() {
    installer 'install_system_files "$0" service image' >/dev/null
    install -d "$root/opt/edge/releases"
    cp -a "$release" "$root/opt/edge/releases/$version"
    ln -s "releases/$version" "$root/opt/edge/current"
}

settings() {
    cp -r image/files/tree/. "$root/"
    printf 'edge\n' >"$root/etc/hostname"
    printf '127.0.0.1\tlocalhost\n127.0.1.1\tedge\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
    ln -sf /run/NetworkManager/resolv.conf "$root/etc/resolv.conf"
    ln -sf /proc/self/mounts "$root/etc/mtab"
    # Where the packages are from; what the builder took them from is a directory of its own.
    printf 'deb http://deb.debian.org/%s main non-free-firmware\n' 'debian trixie' 'debian trixie-updates' \
        'debian trixie-backports' 'debian-security trixie-security' >"$root/etc/apt/sources.list"
    install -d "$root/boot/firmware" "$root/data" "$root/etc/edge/conf.d" "$root/var/lib/edge"
    # For root, who has no password: nobody can log in until the seed file says so.
    sed -i 's/^root:[^:]*:/root:!:/' "$root/etc/shadow"
    systemd-sysusers --root="$root" >/dev/null 2>&1
    chown "$(owner edge)" "$root/var/lib/edge"
    systemctl --root="$root" preset-all >/dev/null 2>&1
    sed 's/#.*//' image/masked.txt | xargs systemctl --root="$root" mask >/dev/null 2>&1
    # Asked for at every change of the network, and masked: the name is edge.toml's, and no script waits for a network.
    rm -f "$root"/usr/share/dbus-1/system-services/org.freedesktop.{hostname1,nm_dispatcher}.service
    installer 'enable_units "$0" "${IMAGE_UNITS[@]}"'
    systemctl --root="$root" set-default multi-user.target >/dev/null 2>&1
    # Nothing has to be brought up to date at first boot: caches and catalogues are as new as what they are made of.
    touch -d "@$SOURCE_DATE_EPOCH" "$root/etc/.updated" "$root/var/.updated"
    # Keys are each board's own; an empty id is filled at first boot.
    rm -f "$root"/etc/ssh/ssh_host_*
    : >"$root/etc/machine-id"
    rm -f "$root/var/lib/systemd/random-seed" "$root"/etc/*- "$root/var/lib/dbus/machine-id" "$root/etc/.pwd.lock"
    ln -s /etc/machine-id "$root/var/lib/dbus/machine-id"
    rm -rf "$root"/var/cache/* "$root"/var/log/* "$root"/tmp/* "$root"/usr/share/pixmaps
}

# UID:GID of a user of the image.
owner() {
    awk -F: -v name="$1" '$1 == name { print $3 ":" $4 }' "$root/etc/passwd"
}

: "${SOURCE_DATE_EPOCH:?expected the time of the sources, in seconds}"
mkdir -p "$boot"
unpack
kernel
firmware
service
settings
