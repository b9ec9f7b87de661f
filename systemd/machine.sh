# shellcheck shell=bash
# Shell functions about the machine that edge is installed on, and the files that systemd and others read.
# Sourced by systemd/install.sh from the top of the checkout, after systemd/prepare.sh.

# os_field NAME: a field of /etc/os-release.
os_field() {
    (
        # shellcheck source=/dev/null
        . "${OS_RELEASE:-/etc/os-release}"
        printf '%s' "${!1-}"
    )
}

# The release of NVIDIA's Jetson Linux, such as 36; nothing on other machines.
jetson_release() {
    sed -n 's/^# R\([0-9]\+\) .*/\1/p' "${TEGRA_RELEASE:-/etc/nv_tegra_release}" 2>/dev/null || true
}

# Ends with a reason where edge can't be installed; else says what the machine is.
supported_machine() {
    local id version jetson bits
    bits=$(getconf LONG_BIT)
    [ "$bits" = 64 ] || fail "a 64-bit system is needed, this one has $bits bits: install the 64-bit Raspberry Pi OS, or Debian"
    jetson=$(jetson_release)
    if [ -n "$jetson" ] && [ "$jetson" -lt 36 ]; then
        fail "JetPack 6 or newer is needed (Jetson Linux 36); this is Jetson Linux $jetson, whose C library and Python" \
            "are too old for what edge is made of. Flash JetPack 6 with NVIDIA's SDK Manager and run this again"
    fi
    id=$(os_field ID) version=$(os_field VERSION_ID)
    if [ -n "$jetson" ]; then
        printf 'Jetson Linux %s' "$jetson"
        return
    fi
    case "$id" in
        debian | raspbian)
            [ "${version%%.*}" -ge 12 ] 2>/dev/null || [ -z "$version" ] ||
                fail "Debian 12 or newer is needed, this is Debian $version: its Python is older than 3.11. Upgrade it first"
            ;;
        ubuntu)
            [ "${version%%.*}" -ge 24 ] 2>/dev/null ||
                fail "Ubuntu 24.04 or newer is needed, this is Ubuntu $version: its Python is older than 3.11. Upgrade it first"
            ;;
        *)
            case " $(os_field ID_LIKE) " in
                *" debian "* | *" ubuntu "*) ;;
                *) fail "Debian 12 or 13, Raspberry Pi OS, Ubuntu 24.04 or newer, or JetPack 6 is needed; this is" \
                    "$(os_field PRETTY_NAME). On others run it from a virtual environment: see the README" ;;
            esac
            ;;
    esac
    os_field PRETTY_NAME
}

# install_system_files ROOT KIND...: units, users, rules and helpers; prints each path below ROOT. Kinds: `service` is for
# every machine, `image` for one that is the assistant's alone, where they lie in /usr/lib.
install_system_files() {
    local root=$1 base=/usr/local/lib kind
    shift
    for kind in "$@"; do [ "$kind" = image ] && base=/usr/lib; done
    for kind in "$@"; do
        case $kind in
            service)
                local unit
                for unit in systemd/units/*; do
                    case ${unit##*/} in
                        edge.service | edge-sound.service | edge-update* | edge-backup*)
                            put "$root" 644 "$unit" "$base/systemd/system/${unit##*/}" ;;
                    esac
                done
                put "$root" 644 systemd/sysusers.d/edge.conf "$base/sysusers.d/edge.conf"
                put "$root" 644 systemd/tmpfiles.d/edge.conf "$base/tmpfiles.d/edge.conf"
                put "$root" 644 systemd/udev/60-edge.rules "$base/udev/rules.d/60-edge.rules"
                put "$root" 644 systemd/edge-sound.pa /usr/lib/edge/edge-sound.pa
                put "$root" 755 systemd/recover-update /usr/lib/edge/recover-update
                put "$root" 644 systemd/completion/edge.bash /usr/lib/edge/completion.bash
                put "$root" 644 systemd/completion/edge.bash "${base%/lib}/share/bash-completion/completions/edge"
                put "$root" 644 systemd/completion/profile.sh /etc/profile.d/edge-completion.sh
                put "$root" 644 systemd/completion/edge.zsh "${base%/lib}/share/zsh/site-functions/_edge"
                put "$root" 644 systemd/completion/edge.fish "${base%/lib}/share/fish/vendor_completions.d/edge.fish"
                if [ $base = /usr/lib ]; then
                    put "$root" 755 systemd/edge /usr/bin/edge
                else
                    put "$root" 755 systemd/edge /usr/local/bin/edge
                fi
                ;;
            image)
                local file
                for file in systemd/units/*; do put "$root" 644 "$file" "$base/systemd/system/${file##*/}"; done
                put "$root" 644 systemd/udev/61-edge-usb.rules "$base/udev/rules.d/61-edge-usb.rules"
                put "$root" 755 systemd/keep-journal /usr/lib/edge/keep-journal
                put "$root" 644 systemd/image/mosquitto.conf /usr/lib/edge/mosquitto.conf
                put "$root" 644 systemd/image/mosquitto.service /etc/systemd/system/mosquitto.service
                # Nothing waits for a network there: the broker is the machine's own.
                sed -i 's/^After=network.target /After=/' "$root$base/systemd/system/edge.service"
                put "$root" 644 systemd/image/edge.service.d/image.conf "$base/systemd/system/edge.service.d/image.conf"
                put "$root" 644 systemd/image/journald.conf.d/edge.conf "$base/systemd/journald.conf.d/edge.conf"
                put "$root" 644 systemd/image/sshd_config.d/edge.conf /etc/ssh/sshd_config.d/edge.conf
                ;;
        esac
    done
}

# The units that are switched on: on every machine, and on a flashed one besides.
# shellcheck disable=SC2034 # for install.sh
readonly SERVICE_UNITS=(edge.service edge-update-watch.service)
# shellcheck disable=SC2034 # for the image
readonly IMAGE_UNITS=(edge.service edge-update-watch.service edge-sound.service edge-boot.service edge-greeting.service edge-password.path
    edge-clock.timer edge-clock-stop.service edge-journal.timer edge-update.path mosquitto.service avahi-daemon.service)

# put ROOT MODE SOURCE TARGET: a file of ours; prints TARGET. Directories that were not there are added to the file
# NEW_DIRECTORIES, where that is set.
put() {
    local directory=${4%/*}
    while [ -n "$directory" ] && [ ! -d "$1$directory" ]; do
        printf '%s\n' "$directory" >>"${NEW_DIRECTORIES:-/dev/null}"
        directory=${directory%/*}
    done
    install -D -m "$2" "$3" "$1$4"
    printf '%s\n' "$4"
}

# enable_units ROOT UNIT...: have them started with the machine; also where there is no systemctl.
enable_units() {
    local root=$1 unit
    shift
    for unit in "$@"; do
        local from target
        from=$(find "$root"/usr/local/lib/systemd/system "$root"/usr/lib/systemd/system -maxdepth 1 -name "$unit" -print -quit 2>/dev/null || true)
        [ -n "$from" ] || continue
        while read -r target; do
            install -d "$root/etc/systemd/system/$target.wants"
            ln -sfn "${from#"$root"}" "$root/etc/systemd/system/$target.wants/$unit"
        done < <(sed -n 's/^WantedBy=//p' "$from" | tr ' ' '\n')
    done
}

# disable_units ROOT UNIT...
disable_units() {
    local root=$1 unit
    shift
    for unit in "$@"; do
        find "$root/etc/systemd/system" -path "*.wants/$unit" -type l -delete 2>/dev/null || true
    done
    find "$root/etc/systemd/system" -type d -name '*.wants' -empty -delete 2>/dev/null || true
}

# Whether systemd runs this machine now: not in a chroot, nor in a container without it.
systemd_runs() {
    [ -d /run/systemd/system ] && have_program systemctl
}
