# shellcheck shell=bash disable=SC2154,SC2086 # what install.sh has set; paths without blanks
# Takes away what systemd/install.sh has installed; sourced by it.

uninstall_all() {
    [ -e $PREFIX ] || [ -e /usr/local/bin/edge ] || $purge || fail "edge is not installed here: there is no $PREFIX"
    say "Removing edge"
    local groups=() users=() group user
    [ ! -e $INSTALLED/groups ] || mapfile -t groups <$INSTALLED/groups
    [ ! -e $INSTALLED/users ] || mapfile -t users <$INSTALLED/users
    local units=("${SERVICE_UNITS[@]}" edge-sound.service edge-update.path edge-update-check.timer edge-backup.timer)
    if systemd_runs; then
        run systemctl disable --quiet --now "${units[@]}" 2>/dev/null || true
    fi
    $dry || disable_units "" "${units[@]}"
    remove_files
    if systemd_runs; then run systemctl daemon-reload; fi
    remove_packages
    run rm -rf $PREFIX $CACHE /run/edge /run/edge-sound $INSTALLED/files $INSTALLED/directories $INSTALLED/packages
    if $purge; then
        run rm -rf $CONFIG $STATE
        getent passwd edge >/dev/null && run userdel edge
        getent group edge >/dev/null && run groupdel edge
        for group in "${groups[@]}"; do run groupdel "$group" || true; done
        for user in "${users[@]}"; do
            # What a package has made for itself, it leaves.
            package_there "$user" || run userdel "$user" || true
        done
        say "edge is gone, with its configuration, state and models"
    else
        say "edge is gone; $CONFIG and $STATE, and the user they belong to, are left: --uninstall --purge takes them too"
    fi
}

remove_files() {
    local file directory
    [ -e $INSTALLED/files ] || return 0
    while read -r file; do
        run rm -f "$file"
        case $file in
            # A bare system has none of these below /usr/local/lib.
            /usr/local/lib/* | /usr/lib/edge/*)
                $dry || empty_directories "${file%/*}" ;;
        esac
    done <$INSTALLED/files
    [ -e $INSTALLED/directories ] || return 0
    # Those that were not there before, the innermost first; what others have put into one keeps it.
    while read -r directory; do
        run rmdir "$directory" 2>/dev/null || true
    done < <(LC_ALL=C sort -r -u $INSTALLED/directories)
}

# empty_directories DIRECTORY: remove it and those above that are empty, up to /usr/lib and /usr/local/lib.
empty_directories() {
    local directory=$1
    while [ "$directory" != /usr/lib ] && [ "$directory" != /usr/local/lib ]; do
        rmdir "$directory" 2>/dev/null || return 0
        directory=${directory%/*}
    done
}

# Packages that came with edge, unless something that came later needs them.
remove_packages() {
    local package names=() also
    [ -s $INSTALLED/packages ] || return 0
    while read -r package; do
        package_there "$package" && names+=("$package")
    done < <(sort -u $INSTALLED/packages)
    [ ${#names[@]} -gt 0 ] || return 0
    also=$(apt-get -s purge "${names[@]}" 2>/dev/null | sed -n 's/^\(Remv\|Purg\) \([^ ]*\).*/\2/p' | sort -u |
        comm -23 - <(printf '%s\n' "${names[@]}" | sort -u) | head -n 5 | paste -s -d ' ')
    if [ -n "$also" ]; then
        say "The system packages that came with edge stay, as others need them by now: $also"
        return 0
    fi
    say "Removing the system packages that came with edge: ${#names[@]}"
    run env DEBIAN_FRONTEND=noninteractive apt-get -q purge -y "${names[@]}" </dev/null >/dev/null ||
        say "apt-get could not remove them all: apt-get purge ${names[*]}"
}
