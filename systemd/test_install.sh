#!/usr/bin/env bash
# Tries systemd/install.sh on fresh minimal Debian roots: installed twice, upgraded, removed, looked at for what is left;
# and once more without a network, from a bundle.
#
#   sudo bash systemd/test_install.sh [SUITE...] [-- ARGUMENTS OF install.sh]
#
# Needs root, mmdebstrap, Debian's mirror and the Python packages' index. Without suites: bookworm and trixie. Roots are
# kept as tars in $EDGE_ROOTS (by default ~/.cache/edge-roots) and unpacked into a directory of their own.
# shellcheck disable=SC2317,SC2016 # functions that `step` calls; dpkg-query's own format
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PATH:/usr/sbin:/sbin"

readonly roots=${EDGE_ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/edge-roots}
suites=() arguments=()
while [ $# -gt 0 ]; do
    if [ "$1" = -- ]; then shift; arguments=("$@"); break; fi
    suites+=("$1")
    shift
done
[ ${#suites[@]} -gt 0 ] || suites=(bookworm trixie)
work=$(mktemp -d)
failed=0

clean_up() {
    local mounted
    for mounted in "$work"/*/{proc,dev/null,dev/urandom,dev/random,dev/zero,etc/resolv.conf}; do
        umount "$mounted" 2>/dev/null || true
    done
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT

report() {
    printf '%-9s %-34s %s\n' "$1" "$2" "$3"
}

# A minimal root, from the cache where it is there.
unpacked() {
    local suite=$1 root=$2
    install -d "$roots"
    if [ ! -e "$roots/$suite.tar" ]; then
        nice -n 15 mmdebstrap --quiet --variant=minbase --include=ca-certificates "$suite" "$roots/$suite.tar.part"
        mv "$roots/$suite.tar.part" "$roots/$suite.tar"
    fi
    install -d "$root"
    tar -C "$root" --exclude './dev/*' -xf "$roots/$suite.tar"
    install -d "$root/proc" "$root/dev"
    mount -t proc proc "$root/proc"
    local node
    for node in null zero random urandom; do
        : >"$root/dev/$node"
        mount --bind "/dev/$node" "$root/dev/$node"
    done
    ln -sf /proc/self/fd "$root/dev/fd"
    install -d "$root/dev/shm" -m 1777
    cp --remove-destination -L /etc/resolv.conf "$root/etc/resolv.conf"
    install -d "$root/checkout"
    git ls-files -z -- edge profiles systemd pyproject.toml README.md LICENSE | xargs -0 cp --parents -t "$root/checkout"
    # Where this machine reaches its package index another way than directly, so does the root.
    local file
    for file in /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
        [ ! -e $file ] || install -D -m 644 $file "$root$file"
    done
}

inside() {
    local root=$1
    shift
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 PIP_DEFAULT_TIMEOUT=180 \
        ${PIP_CERT:+PIP_CERT="$PIP_CERT"} ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        nice -n 15 chroot "$root" "$@"
}

# Every path with what it is, and every package, user and group: what an uninstallation must leave as it was. Not the
# logs and caches of dpkg, apt and the linker, nor the copies that passwd
# and its like keep of themselves, nor /etc/hosts, which Debian's netbase makes and leaves where there was none.
listing() {
    local root=$1
    (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./checkout -o -path ./tmp -o -path ./var/lib/apt/lists \
        -o -path ./var/cache/apt -o -path ./var/log -o -path ./var/lib/dpkg -o -path ./var/cache/debconf -o -path ./var/cache/ldconfig \
        -o -path ./run -o -path './etc/*-' -o -path ./etc/hosts \) -prune -o -printf '%p %y\n' | LC_ALL=C sort)
    inside "$root" dpkg-query -W -f 'package ${Package} ${db:Status-Abbrev}\n'
    sed 's/^/user /; s/:.*//' "$root/etc/passwd"
    sed 's/^/group /; s/:.*//' "$root/etc/group"
}

# step SUITE WHAT COMMAND...: how long it took, or how it failed.
step() {
    local suite=$1 what=$2 began=$SECONDS
    shift 2
    if "$@" >"$work/$suite.log" 2>&1; then
        report "$suite" "$what" "$((SECONDS - began)) s"
    else
        report "$suite" "$what" "FAILED"
        tail -n 25 "$work/$suite.log"
        failed=1
        return 1
    fi
}

works() {
    local root=$1
    inside "$root" /usr/local/bin/edge --version
    inside "$root" /usr/local/bin/edge config check
    inside "$root" sh -c 'echo "turn on the kitchen light" | edge route --json' | grep -q '"decision"'
    [ -L "$root/etc/systemd/system/multi-user.target.wants/edge.service" ]
    [ "$(inside "$root" stat -c %U:%a /var/lib/edge)" = edge:700 ]
}

tried() {
    local suite=$1
    local root=$work/$suite
    unpacked "$suite" "$root"
    inside "$root" apt-get -q update >/dev/null
    listing "$root" >"$work/$suite.before"
    local install=(inside "$root" bash /checkout/systemd/install.sh)
    step "$suite" "installed" "${install[@]}" "${arguments[@]}" || return 0
    step "$suite" "works" works "$root" || return 0
    step "$suite" "bundle made" "${install[@]}" --make-bundle /checkout/bundle.tar "${arguments[@]}" || return 0
    printf 'node = "kept"\n' >"$root/etc/edge/config.toml"
    step "$suite" "installed again" "${install[@]}" "${arguments[@]}" || return 0
    printf '# another make of the same version\n' >>"$root/checkout/edge/__init__.py"
    step "$suite" "upgraded" "${install[@]}" "${arguments[@]}" || return 0
    step "$suite" "works" works "$root" || return 0
    grep -q kept "$root/etc/edge/config.toml" || { report "$suite" "configuration" "OVERWRITTEN"; failed=1; }
    report "$suite" "size of a release" "$(du -sm "$root"/opt/edge/releases/* | sort -n | tail -1 | cut -f 1) MB"
    step "$suite" "removed" "${install[@]}" --uninstall || return 0
    listing "$root" >"$work/$suite.after"
    report "$suite" "left by --uninstall" "$(left "$suite")"
    step "$suite" "removed with --purge" "${install[@]}" --uninstall --purge || return 0
    listing "$root" >"$work/$suite.after"
    local left
    left=$(left "$suite")
    report "$suite" "left by --uninstall --purge" "${left:-nothing}"
    [ -z "$left" ] || failed=1
    without_a_network "$suite"
}

without_a_network() {
    local suite=$1
    local root=$work/$suite-offline
    unpacked "$suite" "$root"
    mv "$work/$suite/checkout/bundle.tar" "$root/checkout/"
    listing "$root" >"$work/$suite.before"
    report "$suite" "size of the bundle" "$(du -m "$root/checkout/bundle.tar" | cut -f 1) MB"
    cut_off() { unshare --net "$BASH" -c "$(declare -f inside); inside \"\$@\"" cut "$root" "$@"; }
    step "$suite" "installed offline" cut_off bash /checkout/systemd/install.sh --offline /checkout/bundle.tar "${arguments[@]}" || return 0
    step "$suite" "works" works "$root" || return 0
    step "$suite" "removed with --purge" cut_off bash /checkout/systemd/install.sh --uninstall --purge || return 0
    listing "$root" >"$work/$suite.after"
    local left
    left=$(left "$suite")
    report "$suite" "left" "${left:-nothing}"
    [ -z "$left" ] || failed=1
}

left() {
    { diff "$work/$1.before" "$work/$1.after" || true; } | sed -n 's/^\([<>]\) /\1/p' | sed -n '1,40p' | paste -s -d ';'
}

[ "$(id -u)" -eq 0 ] || { echo "error: run it as root" >&2; exit 1; }
for suite in "${suites[@]}"; do tried "$suite"; done
exit $failed
