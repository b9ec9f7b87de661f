#!/usr/bin/env bash
# Installs edge as a service of the system: Debian 12 and 13, Raspberry Pi OS, Ubuntu 24.04, JetPack 6, and newer ones.
#
#   sudo bash systemd/install.sh [--dry-run] [--without-llm] [--without-speech] [--sound] [--offline BUNDLE]
#   sudo bash systemd/install.sh --uninstall [--purge]
#   sudo bash systemd/install.sh --make-bundle FILE.tar
#
# Run again it upgrades, or does nothing. docs/install.md says what lies where.
set -euo pipefail
umask 022
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source-path=SCRIPTDIR
source systemd/prepare.sh
# shellcheck source-path=SCRIPTDIR
source systemd/machine.sh

readonly PREFIX=/opt/edge CONFIG=/etc/edge STATE=/var/lib/edge CACHE=/var/cache/edge
readonly RELEASES=$PREFIX/releases CURRENT=$PREFIX/current
# What an uninstallation is to take away.
readonly INSTALLED=$CONFIG/.installed
# What a service of the system needs from its distribution; the last two cancel the echo of our own voice.
readonly PACKAGES=(mosquitto ca-certificates) SPEECH_PACKAGES=(libportaudio2 espeak-ng libasound2-plugins pulseaudio-utils)
readonly SOUND_PACKAGES=(pulseaudio)

dry=false llm=true speech=true sound=false purge=false action=install bundle=""

usage() {
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --dry-run) dry=true ;;
            --without-llm) llm=false ;;
            --without-speech) speech=false ;;
            --sound) sound=true ;;
            --uninstall) action=uninstall ;;
            --purge) purge=true ;;
            --offline | --make-bundle)
                [ $# -ge 2 ] || { usage >&2; exit 2; }
                [ "$1" = --offline ] || action=make_bundle
                bundle=$(realpath -m "$2")
                shift
                ;;
            -h | --help) usage; exit 0 ;;
            *) printf 'unknown argument: %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
        esac
        shift
    done
}

# run COMMAND...: do it, or with --dry-run say it.
run() {
    if $dry; then printf '    would run: %s\n' "$*"; else "$@"; fi
}

main() {
    read_arguments "$@"
    [ "$(id -u)" -eq 0 ] || $dry || fail "this changes the system: run it as root (sudo bash systemd/install.sh)"
    case $action in
        install) install_all ;;
        uninstall)
            # shellcheck source-path=SCRIPTDIR
            source systemd/uninstall.sh
            uninstall_all
            ;;
        make_bundle)
            # shellcheck source-path=SCRIPTDIR
            source systemd/bundle.sh
            make_bundle "$bundle"
            ;;
    esac
}

install_all() {
    local machine
    machine=$(supported_machine) || exit 1
    say "Installing edge on $machine ($(uname -m))"
    if [ -n "$bundle" ]; then
        # shellcheck source-path=SCRIPTDIR
        source systemd/bundle.sh
        open_bundle "$bundle"
    fi
    system_needs
    local python
    python=$(new_enough_python) || exit 1
    local release
    release=$(release_directory "$python")
    make_release "$python" "$release"
    system_files
    user_and_directories
    switch_to "$release"
    tidy_releases
    $llm && { language_model "$release" "$python" || true; }
    last_words "$release"
}

# Packages that are missing, remembered so that an uninstallation can take them away.
system_needs() {
    local wanted=("${PACKAGES[@]}") missing=() package
    $speech && wanted+=("${SPEECH_PACKAGES[@]}")
    $sound && wanted+=("${SOUND_PACKAGES[@]}")
    for package in "${wanted[@]}"; do
        package_there "$package" || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        say "System packages: all there"
        return
    fi
    get_packages "${missing[@]}"
}

package_there() {
    [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]
}

# get_packages NAME...: install them, and note every package that is new then. Debian's mosquitto would start a broker
# of its own: it is not started where it was not there before.
get_packages() {
    if $dry; then
        say "Would install system packages: $*"
        return
    fi
    local before after broker=false
    package_there mosquitto || broker=true
    before=$(dpkg-query -W -f '${Package}\n' | sort -u)
    if [ -n "${OPENED-}" ]; then packages_from_bundle "$@"; else system_packages "$@"; fi
    after=$(dpkg-query -W -f '${Package}\n' | sort -u)
    install -d "$INSTALLED"
    comm -13 <(printf '%s\n' "$before") <(printf '%s\n' "$after") >>"$INSTALLED/packages"
    if $broker && package_there mosquitto; then
        printf 'mosquitto\n' >>"$INSTALLED/users"
        if systemd_runs; then systemctl disable --quiet --now mosquitto.service || true; else disable_units "" mosquitto.service; fi
    fi
}

# A Python of at least 3.11 that can make virtual environments; prints its path.
new_enough_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} /usr/bin/python3 /usr/bin/python3.{14,13,12,11} "$PREFIX/python/bin/python3"; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            if ! "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
                get_packages "$([ "$candidate" = /usr/bin/python3 ] && echo python3-venv || echo "${candidate##*/}-venv")" >&2
            fi
            printf '%s\n' "$candidate"
            return
        fi
    done
    other_python
}

# JetPack 6 is Ubuntu 22.04 underneath, whose own Python is 3.10 and which has 3.11 beside it; a minimal Debian has none.
other_python() {
    local name version
    for version in 3 3.13 3.12 3.11; do
        name=python$version
        case $(apt-cache policy "$name" 2>/dev/null | sed -n 's/^ *Candidate: //p') in
            "" | "(none)" | 3.[0-9].* | 3.10.*) continue ;;
        esac
        get_packages "$name" "$name-venv" >&2
        printf '%s\n' "/usr/bin/$name"
        return
    done
    if [ -n "$bundle" ]; then
        get_packages python3 python3-venv >&2
        printf '/usr/bin/python3\n'
        return
    fi
    fail "Python 3.11 or newer is needed, and neither this machine nor its package sources have one. Switch on Ubuntu's" \
        "universe (add-apt-repository universe; apt-get update), or name one: PYTHON=/path/to/python3.12 bash systemd/install.sh"
}

version() {
    sed -n 's/^__version__.*"\(.*\)"/\1/p' edge/__init__.py
}

# A digest of everything that a release is made of.
contents() {
    { find edge profiles -type f -not -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 cat; cat pyproject.toml; printf '%s %s' "$($1 --version)" "$speech"; } |
        sha256sum | cut -c -8
}

# The directory of this version; of another make of the same version, one beside it.
release_directory() {
    local digest directory
    digest=$(contents "$1")
    directory=$RELEASES/$(version)
    if [ -e "$directory/complete" ] && [ "$(cat "$directory/complete")" != "$digest" ]; then
        directory=$directory+$digest
    fi
    printf '%s\n' "$directory"
}

# make_release PYTHON DIRECTORY: everything of this version, in a virtual environment; not there unless it is complete.
make_release() {
    local python=$1 release=$2 digest
    digest=$(contents "$python")
    if [ "$(cat "$release/complete" 2>/dev/null)" = "$digest" ] && "$release/bin/edge" --version >/dev/null 2>&1; then
        say "edge $(version) is in $release already"
        return
    fi
    say "Installing edge $(version) into $release"
    local extras=""
    $speech && extras="[speech]"
    if $dry; then
        printf '    would make a virtual environment with %s and install .%s into it\n' "$("$python" --version)" "$extras"
        return
    fi
    rm -rf "$release"
    install -d "$RELEASES" "$CACHE"
    "$python" -m venv "$release"
    pip_install "$release" ".$extras" || { rm -rf "$release"; fail "edge could not be installed; the lines above say why"; }
    pins "$release"
    "$release/bin/edge" --version >/dev/null || { rm -rf "$release"; fail "what was installed does not run: see above"; }
    "$release/bin/python" -m compileall -q "$release/lib" >/dev/null 2>&1 || true
    printf '%s\n' "$digest" >"$release/complete"
    sync -f "$release"
}

# pip_install RELEASE REQUIREMENT...: from the bundle where there is one.
pip_install() {
    local release=$1
    shift
    local options=(--quiet --disable-pip-version-check --cache-dir "$CACHE/pip" --root-user-action=ignore)
    if [ -n "$bundle" ]; then
        options+=(--no-index --find-links "$OPENED/wheels")
        # edge itself is built already.
        set -- "${@/#./edge-assistant}"
    fi
    "$release/bin/python" -m pip install "${options[@]}" "$@"
}

# The pins of a board with pins. Without them, buttons, LEDs and attached hardware are not there, and all else is.
pins() {
    case $(uname -m) in aarch64) ;; *) return ;; esac
    if pip_install "$1" ".[gpio]" >/dev/null 2>&1; then return; fi
    [ -n "$bundle" ] || get_packages swig gcc python3-dev || true
    pip_install "$1" ".[gpio]" || say "gpiozero could not be installed: pins can't be used, everything else can"
}

system_files() {
    say "Units, users and rules of the system"
    if $dry; then
        printf '    would put edge.service and what belongs to it into /usr/local/lib, and edge into /usr/local/bin\n'
        return
    fi
    install -d "$INSTALLED"
    NEW_DIRECTORIES=$INSTALLED/directories install_system_files "" service >"$INSTALLED/files.new"
    # What the release before had and this one has not.
    [ ! -e "$INSTALLED/files" ] ||
        LC_ALL=C comm -23 <(LC_ALL=C sort "$INSTALLED/files") <(LC_ALL=C sort "$INSTALLED/files.new") | xargs -r rm -f
    mv "$INSTALLED/files.new" "$INSTALLED/files"
    if systemd_runs; then systemctl daemon-reload; fi
}

user_and_directories() {
    $dry && return
    local group
    for group in gpio i2c; do
        getent group $group >/dev/null || printf '%s\n' $group >>$INSTALLED/groups
    done
    if have_program systemd-sysusers; then
        systemd-sysusers /usr/local/lib/sysusers.d/edge.conf
    else
        for group in gpio i2c edge; do getent group $group >/dev/null || groupadd --system $group; done
        getent passwd edge >/dev/null ||
            useradd --system --gid edge --home-dir $STATE --no-create-home --shell /usr/sbin/nologin --comment "The assistant" edge
        usermod --append --groups audio,gpio,i2c edge
    fi
    install -d -m 755 $CONFIG $CONFIG/conf.d
    install -d -m 700 -o edge -g edge $STATE
    if [ ! -e $CONFIG/config.toml ]; then
        install -m 640 -o root -g edge systemd/config.toml $CONFIG/config.toml
        printf '    made %s, which is yours from now on\n' $CONFIG/config.toml
    fi
    if systemd_runs && have_program udevadm; then
        udevadm control --reload || true
        udevadm trigger --subsystem-match=gpio --subsystem-match=i2c-dev || true
    fi
}

# proven RELEASE BEFORE: on an upgrade, that it reads what is kept here and starts as a whole on a copy of it. A release
# that has begun to write is not to be gone back from by a link alone.
proven() {
    local release=$1 before=$2
    if [ -z "$before" ] || [ ! -d $STATE ]; then return; fi
    say "Trying it on a copy of what is kept here"
    "$release/bin/python" -I -m edge.upkeep.fitting $PREFIX "${release##*/}" $CONFIG/config.toml $STATE ||
        fail "edge $(version) was not switched to, and ${before##*/} goes on; the line above says why"
}

# switch_to RELEASE: by one rename; a service that does not start with it gets the one before back.
switch_to() {
    local release=$1 before=""
    $dry && { printf '    would point %s at %s and start edge.service\n' $CURRENT "$release"; return; }
    before=$(readlink $CURRENT || true)
    if [ "$before" != "$release" ]; then
        proven "$release" "$before"
        ln -sfn "$release" $CURRENT.new
        mv -T $CURRENT.new $CURRENT
        # Whatever update was under way: this is the release that a person wants.
        rm -f $PREFIX/update.json $PREFIX/fallback
    fi
    if ! systemd_runs; then
        enable_units "" "${SERVICE_UNITS[@]}"
        $sound && enable_units "" edge-sound.service
        say "systemd does not run here: edge.service is switched on for the next start of the machine"
        return
    fi
    $sound && systemctl enable --quiet edge-sound.service
    systemctl enable --quiet "${SERVICE_UNITS[@]}"
    if systemctl restart edge.service; then return; fi
    journalctl --quiet --no-pager --unit edge.service --lines 15 || true
    if [ -n "$before" ] && [ "$before" != "$release" ] && [ -x "$before/bin/edge" ]; then
        ln -sfn "$before" $CURRENT.new
        mv -T $CURRENT.new $CURRENT
        systemctl restart edge.service || true
        fail "edge $(version) does not start here, so ${before##*/} runs again; the lines above say why"
    fi
    fail "edge.service does not start; the lines above say why"
}

# The release in use and the one before it stay.
tidy_releases() {
    $dry && return
    local directory kept=0 current
    current=$(readlink $CURRENT)
    while read -r directory; do
        [ "$directory" = "$current" ] && continue
        if [ -e "$directory/complete" ] && [ $kept -eq 0 ]; then
            kept=1
            continue
        fi
        rm -rf "$directory"
    done < <(find $RELEASES -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | cut -d ' ' -f 2-)
}

# language_model RELEASE PYTHON: its library, compiled on this machine; on a Jetson for its graphics processor.
language_model() {
    local release=$1 cuda=""
    if "$release/bin/python" -c 'import llama_cpp' >/dev/null 2>&1; then return; fi
    [ -n "$(jetson_release)" ] && cuda="-DGGML_CUDA=on"
    if $dry; then
        say "Would build the language model's library${cuda:+ with CUDA}"
        return
    fi
    if [ -n "$cuda" ] && ! have_program nvcc; then
        export PATH="$PATH:/usr/local/cuda/bin"
        have_program nvcc || { say "nvcc is missing, so the model will not use the graphics processor: apt-get install" \
            "nvidia-jetpack, then run this again"; cuda=""; }
    fi
    if [ -z "$bundle" ]; then
        if ! package_there g++ || ! package_there make; then get_packages g++ make; fi
        say "Building the language model's library${cuda:+ with CUDA} (minutes; edge runs meanwhile)"
    fi
    if ! CMAKE_ARGS="-DLLAVA_BUILD=OFF $cuda ${CMAKE_ARGS:-}" CMAKE_BUILD_PARALLEL_LEVEL=$(build_jobs) \
        nice -n 10 "$release/bin/python" -m pip install --quiet --disable-pip-version-check \
        --cache-dir "$CACHE/pip" --root-user-action=ignore ${bundle:+--no-index --find-links "$OPENED/wheels"} \
        "$(llm_requirement)"; then
        say "The language model's library could not be built; everything else works without it. Run this again to retry"
        return 1
    fi
    if systemd_runs; then systemctl try-restart edge.service; fi
}

llm_requirement() {
    sed -n 's/^llm = \["\(.*\)"\].*/\1/p' pyproject.toml
}

last_words() {
    $dry && { say "Nothing was changed"; return; }
    say "edge $(version) is installed"
    printf '    configuration  %s (all keys: docs/configuration.md)\n' $CONFIG/config.toml
    printf '    state, models  %s\n' $STATE
    printf '    the program    %s, by /usr/local/bin/edge\n' "$1"
    printf '    the service    systemctl status edge; edge status; edge doctor; edge log service -f\n'
    printf '    to remove it   sudo bash systemd/install.sh --uninstall (--purge takes configuration and state as well)\n'
}

main "$@"
