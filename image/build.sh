#!/usr/bin/env bash
# Builds the SD image of edge for 64-bit Raspberry Pis, with all that goes with it, into dist/.
#
#   image/build.sh [OPTION...]
#
#   --model FILE      a language model (.gguf) that is there from the first boot on; more than once for more
#   --voice FILE      a Piper voice (.onnx, with FILE.json beside it), in the same way
#   --offline         only from the caches, as an earlier build left them
#   --address URL     where the image will be fetched from, for Raspberry Pi Imager's manifest
#   --output DIR      instead of dist/
#   --sources         fetch the sources of Debian's programs with copyleft into DIR/sources
#   --quick           compress less, for trying things
#
# Needs root, on a Debian 12 or newer of any processor, and the packages that it names where they are missing. What is
# kept between builds lies in EDGE_IMAGE_CACHE (~/.cache/edge-image). docs/image.md tells the rest.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly NEEDS=(mmdebstrap:mmdebstrap mkfs.ext4:e2fsprogs debugfs:e2fsprogs mkfs.vfat:dosfstools mcopy:mtools
    sfdisk:fdisk zstd:zstd depmod:kmod readelf:binutils cmake:cmake ninja:ninja-build dpkg-deb:dpkg
    systemd-sysusers:systemd dtc:device-tree-compiler)

usage() {
    sed -n '2,17s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

models=() voices=() offline=() output=dist address="" sources=false level=9

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --offline) offline=(--offline) ;;
            --sources) sources=true ;;
            --quick) level=3 ;;
            --model | --voice | --address | --output)
                [ $# -ge 2 ] || { usage >&2; exit 2; }
                case $1 in
                    --model) models+=("$(realpath "$2")") ;;
                    --voice) voices+=("$(realpath "$2")") ;;
                    --address) address=$2 ;;
                    --output) output=$2 ;;
                esac
                shift
                ;;
            -h | --help) usage; exit 0 ;;
            *) printf 'unknown argument: %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
        esac
        shift
    done
    if $sources && [ ${#offline[@]} -gt 0 ]; then fail "--sources fetches, and --offline forbids that: choose one"; fi
}

check_needs() {
    [ "$(id -u)" -eq 0 ] || fail "the image's files belong to root: run this as root"
    local pair missing=()
    for pair in "${NEEDS[@]}"; do
        have_program "${pair%%:*}" || missing+=("${pair#*:}")
    done
    compgen -c aarch64-linux-gnu-g++ >/dev/null || missing+=(g++-aarch64-linux-gnu)
    [ ${#missing[@]} -eq 0 ] || fail "these packages are missing: apt-get install ${missing[*]}"
}

# logged NAME COMMAND...: what a long step says is shown only when it fails.
logged() {
    local log=$CACHE/$1.log
    shift
    "$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "${1##*/} failed; all it said is in $log"; }
}

# sources LOCK DIR: the archives of sources that a lock names, whole.
sources() {
    [ ${#offline[@]} -eq 0 ] || fail "libraries have to be compiled, and --offline forbids to fetch their sources"
    "$TOOLS/pip" download --quiet --disable-pip-version-check --no-deps --no-binary :all: --require-hashes \
        --requirement "$1" --dest "$2"
}

packages() {
    say "Debian packages"
    "$PYTHON" -m image.debian fetch image/packages.lock "$CACHE/debs" --repository "$CACHE/repository" "${offline[@]}"
    root_tar=$CACHE/root-$(digest image/packages.lock image/root.sh).tar
}

root_file_system() {
    [ ! -f "$root_tar" ] || return 0
    say "Root file system (minutes: every package is set up by ARM programs)"
    logged root image/root.sh image/packages.lock "$CACHE/repository" "$root_tar"
}

# What has no wheel for this processor.
libraries() {
    if [ ! -d "$wheels" ]; then
        say "llama.cpp and lgpio for 64-bit ARM (minutes)"
        rm -rf "$wheels.part"
        mkdir -p "$wheels.part" "$work/sources"
        "$PYTHON" -m image.release requirements only image/wheels.lock llama-cpp-python lgpio >"$work/sources.txt"
        sources "$work/sources.txt" "$work/sources"
        logged llama image/llama.sh "$work"/sources/llama_cpp_python-*.tar.gz "$work" "$wheels.part"
        logged lgpio image/lgpio.sh "$work"/sources/lgpio-*.tar.gz "$work" "$wheels.part"
        mv "$wheels.part" "$wheels"
    fi
}

# What was named with --model and --voice, taken in by the image's own program, as a person would do it on the board.
preload() {
    [ $((${#models[@]} + ${#voices[@]})) -gt 0 ] || return 0
    local file give
    mkdir "$work/tree/tmp/given"
    for file in "${models[@]}" "${voices[@]}"; do
        say "Preloading ${file##*/}"
        cp "$file" "$work/tree/tmp/given/"
        [ ! -f "$file.json" ] || cp "$file.json" "$work/tree/tmp/given/"
        give=(env HOME=/var/lib/edge STATE_DIRECTORY=/var/lib/edge CONFIGURATION_DIRECTORY=/etc/edge
            RUNTIME_DIRECTORY=/tmp /opt/edge/current/bin/edge models add "/tmp/given/${file##*/}")
        # What it says of this machine's memory is of no use to another.
        logged preload chroot "$work/tree" "${give[@]}" --use
        rm -rf "$work"/tree/tmp/given/*
    done
    rm -rf "$work"/tree/tmp/*
    cp -a "$work/tree/var/lib/edge" "$work/data/state"
    chown -R --reference="$work/tree/var/lib/edge" "$work/data/state"
    find "$work/tree/var/lib/edge" -mindepth 1 -delete
}

# Of each kind of cache the two newest stay, and nothing of a build that was broken off.
tidy() {
    local kind
    for kind in root site edge; do
        find "$CACHE" -maxdepth 1 -type f -name "$kind-*.tar" -printf '%T@ %p\n' | sort -rn | tail -n +3 | cut -d ' ' -f 2- |
            xargs -r rm -f
    done
    find "$CACHE" -maxdepth 1 -name 'tmp.*' -mmin +240 -exec rm -rf --one-file-system {} +
}

main() {
    read_arguments "$@"
    check_needs
    local started=$SECONDS
    version=$("$PYTHON" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
    export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || "$PYTHON" -m image.debian moment image/packages.lock)}
    work=$(mktemp -d -p "$CACHE")
    trap 'rm -rf --one-file-system "$work"' EXIT
    tools
    packages
    wheels=$CACHE/wheels-$(digest image/wheels.lock image/llama.sh image/compiled.py image/lgpio.sh image/wheel.py)
    # The one keeps a single processor at work, the other the rest.
    libraries &
    local compiling=$!
    root_file_system
    wait "$compiling"
    say "edge $version"
    "$TOOLS/uv" build --quiet --wheel "${offline[@]}" --cache-dir "$CACHE/uv" --out-dir "$work/edge" .
    image/release.sh "$root_tar" "$wheels" "$work"/edge/*.whl "$version" "$work/release" "${offline[@]}"
    say "Root and boot partitions"
    mkdir "$work/tree"
    tar -xf "$root_tar" -C "$work/tree"
    image/furnish.sh "$work/tree" "$work/boot" image/packages.lock "$CACHE/debs" "$work/release" "$version"
    mkdir "$work/data"
    preload
    mkdir -p "$output"
    local image=$output/edge-$version-arm64.img
    image/disk.sh "$work/tree" "$work/boot" "$work/data" "$image"
    say "Compressing, and what goes with it"
    local whole
    whole=$(stat -c %s "$image"):$(sha256sum "$image" | cut -d ' ' -f 1)
    # One stream of each length whatever the number of threads: the same image gives the same file.
    zstd -q -f -T0 "-$level" --rm "$image" -o "$image.zst"
    rm -f "${image%.img}".{cdx.json,sources.txt,imager.json,notes.md}
    "$PYTHON" -m image.sbom image/packages.lock "$CACHE/debs" "$work/tree" "$version" "$SOURCE_DATE_EPOCH" \
        "${image%.img}.cdx.json"
    "$PYTHON" -m image.manifest "$image.zst" "$whole" "$version" "$SOURCE_DATE_EPOCH" CHANGELOG.md --address "$address"
    if $sources; then
        say "Sources"
        "$PYTHON" -m image.sources image/packages.lock "${image%.img}.sources.txt" "$output/sources" \
            --lists "$CACHE/apt-sources" || fail "not all sources could be fetched; the lines above say which"
    fi
    tidy
    say "Done in $((SECONDS - started)) s: $image.zst, $(du -m "$image.zst" | cut -f 1) MiB"
}

main "$@"
