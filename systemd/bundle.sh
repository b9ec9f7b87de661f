# shellcheck shell=bash disable=SC2154 # what install.sh has set
# Everything that an installation without a network takes, in one file; sourced by systemd/install.sh.
#
# It is made on a machine of the same distribution, release and processor as the one that it is for.

# What a bundle is for, as one line.
bundle_for() {
    printf '%s %s %s' "$(os_field ID)" "$(os_field VERSION_ID)" "$(dpkg --print-architecture)"
}

# make_bundle FILE: wheels of edge and of all it needs, the language model's library included, and Debian packages.
make_bundle() {
    local file=$1 work python names=(python3 python3-venv "${PACKAGES[@]}" "${SPEECH_PACKAGES[@]}" "${SOUND_PACKAGES[@]}")
    supported_machine >/dev/null
    work=$(mktemp -d)
    # shellcheck disable=SC2064 # its name now
    trap "rm -rf '$work'" EXIT
    install -d "$work/content/wheels" "$work/content/debs"
    say "Getting system packages: ${names[*]}"
    get_debs "$work/content/debs" "$work/apt" "${names[@]}"
    python=$(new_enough_python) || exit 1
    say "Getting wheels for $("$python" --version)"
    "$python" -m venv "$work/venv"
    local extras=speech
    [ "$(uname -m)" = aarch64 ] && extras=speech,gpio
    pip_wheel "$work" ".[$extras]" || fail "the wheels could not be got; the lines above say why"
    if $llm; then
        if ! package_there g++ || ! package_there make; then system_packages g++ make; fi
        say "Building the language model's library (minutes)"
        local cuda=""
        [ -z "$(jetson_release)" ] || ! have_program nvcc || cuda="-DGGML_CUDA=on"
        CMAKE_ARGS="-DLLAVA_BUILD=OFF $cuda ${CMAKE_ARGS:-}" CMAKE_BUILD_PARALLEL_LEVEL=$(build_jobs) \
            pip_wheel "$work" "$(llm_requirement)" || fail "it could not be built; --without-llm leaves it out"
    fi
    printf '%s\nedge %s, %s\n' "$(bundle_for)" "$(version)" "$("$python" --version)" >"$work/content/about"
    (cd "$work/content" && find . -type f -not -name SHA256SUMS -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >SHA256SUMS)
    tar -C "$work/content" -cf "$file.part" .
    mv "$file.part" "$file"
    say "$file: $(du -m "$file" | cut -f 1) MB, for $(bundle_for). Copy it and this directory over, then:"
    printf '    sudo bash systemd/install.sh --offline %s\n' "${file##*/}"
}

# get_debs DIRECTORY SCRATCH NAME...: these packages with everything they need, as if nothing were installed: the machine
# that it is for may have less than this one.
get_debs() {
    local directory=$1 scratch=$2
    shift 2
    install -d "$scratch/partial"
    : >"$scratch/status"
    apt-get -q update </dev/null >/dev/null 2>&1 || true
    apt-get -q -y --no-install-recommends --download-only -o Dir::State::status="$scratch/status" \
        -o Dir::Cache::archives="$scratch" -o APT::Sandbox::User=root install "$@" </dev/null >/dev/null ||
        fail "apt-get could not get these packages: $*"
    mv "$scratch"/*.deb "$directory/"
}

pip_wheel() {
    local work=$1
    shift
    "$work/venv/bin/python" -m pip wheel --quiet --disable-pip-version-check --wheel-dir "$work/content/wheels" "$@"
}

# open_bundle FILE: unpack it, and see that it is whole and for this machine.
open_bundle() {
    [ -f "$1" ] || fail "there is no $1"
    OPENED=$(mktemp -d)
    # shellcheck disable=SC2064 # its name now
    trap "rm -rf '$OPENED'" EXIT
    tar -C "$OPENED" --no-same-owner -xf "$1" || fail "$1 can't be unpacked: copy it again"
    [ -f "$OPENED/SHA256SUMS" ] || fail "$1 is no bundle of edge: make one with --make-bundle on a machine with a network"
    (cd "$OPENED" && sha256sum --quiet --check SHA256SUMS >&2) || fail "$1 is damaged: copy it again"
    local made_for
    made_for=$(head -n 1 "$OPENED/about")
    [ "$made_for" = "$(bundle_for)" ] ||
        fail "$1 was made for $made_for, this machine is $(bundle_for): make one on a machine like this"
    case "$(tail -n 1 "$OPENED/about")" in
        "edge $(version),"*) ;;
        *) fail "$1 holds $(tail -n 1 "$OPENED/about"), this directory is edge $(version): bring both from one place" ;;
    esac
    say "Installing from ${1##*/}: $(tail -n 1 "$OPENED/about")"
}

# packages_from_bundle NAME...: with what they need; apt-get sees nothing but the bundle.
packages_from_bundle() {
    local lists=$OPENED/apt
    if [ ! -e "$lists/debs.list" ]; then
        install -d "$lists/lists/partial" "$lists/parts"
        (cd "$OPENED/debs" && index_of_packages >Packages)
        printf 'deb [trusted=yes] file:%s ./\n' "$OPENED/debs" >"$lists/debs.list"
        chmod -R a+rX "$OPENED"
        apt_offline -q update </dev/null >/dev/null || fail "the bundle's system packages can't be read"
    fi
    say "Installing system packages from the bundle: $*"
    DEBIAN_FRONTEND=noninteractive apt_offline -q install -y --no-install-recommends "$@" </dev/null >/dev/null
}

apt_offline() {
    apt-get -o Dir::Etc::SourceList="$OPENED/apt/debs.list" -o Dir::Etc::SourceParts="$OPENED/apt/parts" \
        -o Dir::State::Lists="$OPENED/apt/lists" -o APT::Get::List-Cleanup=false -o APT::Sandbox::User=root "$@"
}

# The index that apt wants of the packages in this directory; dpkg-scanpackages, which makes one, may not be there.
index_of_packages() {
    local deb
    for deb in *.deb; do
        dpkg-deb --field "$deb"
        printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d ' ' -f 1)"
    done
}
