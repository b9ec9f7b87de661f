#!/usr/bin/env bash
# Puts the partitions of the image together: MBR, boot (FAT), root (read-only), data. Needs no loop device.
#
#   image/disk.sh ROOT_DIR BOOT_DIR DATA_DIR OUTPUT.img
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly root=$1 boot=$2 data=$3 output=$4
readonly mib=$((1024 * 1024))
# The data partition is a seed: it grows to the end of the card at first boot.
readonly start_mib=4 boot_mib=192
# They stay the same from build to build: what is found by them is found by its label anyway.
readonly disk_id=0xed9eed9e root_uuid=ed9e0000-0000-4000-8000-000000000002 data_uuid=ed9e0000-0000-4000-8000-000000000003

make_boot() {
    mkfs.vfat -C -F 32 -i ED9E0001 -n EDGE-BOOT --invariant "$work/boot.img" $((boot_mib * 1024)) >/dev/null
    find "$boot" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    # mtools dates directories by SOURCE_DATE_EPOCH as well.
    (cd "$boot" && find . -mindepth 1 -type d -printf '%P\n' | sort | while read -r directory; do
        mmd -i "$work/boot.img" "::$directory"
    done)
    (cd "$boot" && find . -mindepth 1 -type f -printf '%P\n' | sort | while read -r file; do
        mcopy -m -i "$work/boot.img" "$file" "::$file"
    done)
}

# make_ext4 FILE SIZE_MIB DIRECTORY LABEL UUID EXTENDED OPTION...: a file system that holds a directory. Of extended
# options mkfs takes the last list alone, so that there is one.
make_ext4() {
    local file=$1 size_mib=$2 directory=$3 label=$4 uuid=$5 extended=$6
    shift 6
    truncate -s $((size_mib * mib)) "$file"
    E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mkfs.ext4 -q -F -b 4096 -L "$label" -U "$uuid" -m 0 -d "$directory" \
        -E "hash_seed=$uuid,root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0$extended" "$@" "$file"
    # The time at which files were laid down here is nobody's business, and differs from build to build.
    "$PYTHON" -m image.ext4 commands "$SOURCE_DATE_EPOCH" "$directory" |
        E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH debugfs -w -f - "$file" >/dev/null 2>"$work/debugfs"
    E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH e2fsck -fn "$file" >"$work/e2fsck" 2>&1 ||
        fail "the file system $label is not sound: $(tail -n 3 "$work/e2fsck")"
}

main() {
    work=$(mktemp -d -p "$(realpath "$(dirname "$output")")")
    trap 'rm -rf "$work"' EXIT
    make_boot
    # Exact times would differ from build to build; nothing here is younger than the sources.
    find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    local used_mib root_mib
    used_mib=$(du -sm --apparent-size "$root" | cut -f 1)
    root_mib=$((used_mib * 109 / 100 + 48))
    make_ext4 "$work/root.img" $root_mib "$root" edge-root $root_uuid "" -O ^has_journal -N $(($(find "$root" | wc -l) + 1024))
    find "$data" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    local data_mib
    data_mib=$((64 + $(du -sm --apparent-size "$data" | cut -f 1) * 102 / 100))
    make_ext4 "$work/data.img" $data_mib "$data" edge-data $data_uuid \
        ",resize=$((4 * 1024 * 1024 * 64))" -O ^metadata_csum_seed,metadata_csum -J size=16 -i 16384
    rm -f "$output"
    truncate -s $(((start_mib + boot_mib + root_mib + data_mib) * mib)) "$output"
    sfdisk --quiet "$output" <<EOF
label: dos
label-id: $disk_id
unit: sectors
sector-size: 512
start=$((start_mib * 2048)), size=$((boot_mib * 2048)), type=c, bootable
start=$(((start_mib + boot_mib) * 2048)), size=$((root_mib * 2048)), type=83
start=$(((start_mib + boot_mib + root_mib) * 2048)), size=$((data_mib * 2048)), type=83
EOF
    place "$work/boot.img" $start_mib
    place "$work/root.img" $((start_mib + boot_mib))
    place "$work/data.img" $((start_mib + boot_mib + root_mib))
    say "Root $root_mib MiB, of which $used_mib are used; image $((start_mib + boot_mib + root_mib + data_mib)) MiB"
}

place() {
    dd if="$1" of="$output" bs=$mib seek="$2" conv=notrunc,sparse status=none
}

: "${SOURCE_DATE_EPOCH:?expected the time of the sources, in seconds}"
main
