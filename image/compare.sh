#!/usr/bin/env bash
# Lists every difference between two images: partition by partition, and in those that differ file by file.
#
#   image/compare.sh A.img[.zst] B.img[.zst]
#
# Ends with status 0 where they are the same, 1 where they are not. Needs root, to unpack files as they are.
set -euo pipefail
[ $# -eq 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
a=$(realpath "$1") b=$(realpath "$2")
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# unpacked IMAGE DIR: the image, and each of its partitions as a file.
unpacked() {
    local image=$1 directory=$2 number=0 start size
    mkdir -p "$directory"
    case $image in
        *.zst) zstd -q -d --sparse "$image" -o "$directory/whole" ;;
        *) ln -s "$image" "$directory/whole" ;;
    esac
    while read -r start size; do
        number=$((number + 1))
        dd if="$directory/whole" of="$directory/$number" bs=512 skip="$start" count="$size" conv=sparse status=none
    done < <(sfdisk --json "$directory/whole" | "$PYTHON" -c '
import json, sys
for one in json.load(sys.stdin)["partitiontable"]["partitions"]:
    print(one["start"], one["size"])')
}

# files PARTITION DIR: what is on a file system, as files.
files() {
    mkdir -p "$2"
    if dumpe2fs -h "$1" >/dev/null 2>&1; then
        debugfs -R "rdump / $2" "$1" 2>/dev/null
    else
        mcopy -s -n -m -i "$1" '::*' "$2/"
    fi
}

# listed DIR: a line for each file with everything about it but its contents.
listed() {
    (cd "$1" && find . -printf '%p %y %m %U:%G %s %T@ %l\n' | sed 's/^\(.* d [0-9]* [0-9:]*\) [0-9]* /\1 - /' | sort)
}

work=$(mktemp -d -p "$CACHE")
trap 'rm -rf "$work"' EXIT
unpacked "$a" "$work/a"
unpacked "$b" "$work/b"
if cmp -s "$work/a/whole" "$work/b/whole"; then
    echo "the same bytes: $(stat -L -c %s "$work/a/whole")"
    exit 0
fi
for number in 1 2 3; do
    if cmp -s "$work/a/$number" "$work/b/$number"; then
        echo "partition $number: the same bytes"
        continue
    fi
    echo "partition $number: $(cmp -l "$work/a/$number" "$work/b/$number" | wc -l) bytes differ"
    files "$work/a/$number" "$work/a/files$number"
    files "$work/b/$number" "$work/b/files$number"
    diff -rq --no-dereference "$work/a/files$number" "$work/b/files$number" | sed "s#$work/##g" || true
    diff <(listed "$work/a/files$number") <(listed "$work/b/files$number") | grep '^[<>]' || echo "  the same files, owners, modes and times"
done
exit 1
