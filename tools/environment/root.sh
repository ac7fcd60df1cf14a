# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The Debian 13 root: a folder with a whole small Debian in it, made once per list of packages and
# kept outside the tree. Its name is a digest of the list, so a changed list makes a new root, and
# it is entered read-only, so nothing installed by hand can hide a package missing from the list.
# It is made under another name and renamed when whole: an interrupted one is never taken for it,
# and the packages it had fetched are kept for the next attempt.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Where the root of a tier is, or would be. One made by root and one made in a user namespace have
# other owners, so neither is taken for the other.
root_path() {
    local kind='' digest
    ((EUID == 0)) || kind=' rootless'
    digest=$({ echo "$release $(dpkg --print-architecture)$kind"; packages_of "$1"; } | sha256sum)
    echo "$cache/root-${digest:0:16}"
}

# The fullest root that serves a tier, if there is one.
root_ready() {
    local tier path found=
    for tier in $(packages_tiers_from "$1"); do
        path=$(root_path "$tier")
        [[ ! -d $path ]] || found="$tier $path"
    done
    echo "$found"
}

# Makes the root of a tier, once, however many ask for it at the same time.
root_make() {
    local path
    path=$(root_path "$1")
    root_lock
    [[ -d $path ]] || root_build "$1" "$path"
    exec 9>&-
}

# Descriptor 9 is this user's right to change what is in the cache. Nobody else is let in there: a
# root made in a user namespace has set-user-id programs that are this user's.
root_lock() {
    if ! mkdir -p "$cache" 2>/dev/null || [[ ! -w $cache ]]; then
        die "cannot write in $cache; XDG_CACHE_HOME chooses another place"
    fi
    ((EUID == 0)) || chmod 700 "$cache"
    exec 9>"$cache/lock"
    if ! flock -n 9; then
        say "another set-up is at work here; waiting for it"
        flock 9
    fi
}

# root_tools_missing UID READY: the packages that this machine lacks for that user to make a root, or,
# if there is one READY, to enter it.
root_tools_missing() {
    (($1 == 0)) || { has newuidmap && has newgidmap; } || echo uidmap
    [[ -z $2 ]] || return 0
    has mmdebstrap || echo mmdebstrap
    [[ -e $keyring ]] || echo debian-archive-keyring
}

root_build() {
    local path=$2 making="$2.making-$$"
    local -x fetched="$cache/packages" # for a hook below
    local options=() lines=() line start=$SECONDS
    (($(root_room) >= 1024)) ||
        die "a Debian 13 root takes 1 to 2 GiB, and $cache has $(root_room) MiB left; XDG_CACHE_HOME" \
            "chooses another place"

    # What an interrupted attempt had fetched is not fetched again. The lock is ours, so whatever is
    # here under a making name is nobody's any more.
    mkdir -p "$fetched"
    find "$cache" -path "$cache/root-*.making-*/var/cache/apt/archives/*.deb" -prune \
        -exec mv -t "$fetched" {} + 2>/dev/null || true
    "${apart[@]}" rm -rf --one-file-system "$cache"/root-*.making-* || true

    say "making a Debian 13 root with $(packages_of "$1" | wc -l) packages and what they need," \
        "once; a few minutes, most of them downloading"
    mapfile -t lines < <(mirror_lines)
    if ((${#lines[@]} == 0)); then
        mirror_answers ||
            die "no Debian mirror of this machine answers, and making the root takes one: is there a network?"
        say "this machine names no mirror with Debian 13: using mmdebstrap's default"
    fi
    while read -r line; do options+=("--aptopt=$line"); done < <(mirror_settings)
    if ((EUID != 0)); then
        # A user namespace may mount no new /sys, and its _apt cannot look into this user's folders.
        options+=(--skip=chroot/mount/sys '--aptopt=APT::Sandbox::User "root"')
    fi

    # In namespaces of its own that end with this shell: whatever ends it half-way, be it kill -9, no
    # mount and no process stays behind.
    setpriv --pdeathsig KILL "${apart[@]}" --pid --fork --kill-child --mount-proc \
        mmdebstrap --mode=root --variant=minbase --format=directory \
        --include="$(packages_of "$1" | paste -sd,)" "${options[@]}" \
        --aptopt='APT::Install-Recommends "false"' \
        --setup-hook='mkdir -p "$1/var/cache/apt/archives"' \
        --setup-hook='cp -l "$fetched"/*.deb "$1/var/cache/apt/archives/" 2>/dev/null || true' \
        "$release" "$making" "${lines[@]}" </dev/null >&2 || {
        (($(root_room) >= 64)) || die "the disk that $cache is on is full; XDG_CACHE_HOME chooses another place"
        die "the Debian 13 root could not be made; the lines above say why. Run it again: what was" \
            "fetched is kept"
    }
    root_prepare "$making"
    mv -T "$making" "$path"
    rm -rf --one-file-system "$fetched"
    say "the root is made, in $((SECONDS - start)) s: $path"
}

# The places others are mounted on must exist before the root is made read-only.
root_prepare() {
    mkdir -p "$1$tree" "$1$cache/ccache" "$1$cache/modules"
    [[ ! -d $beside ]] || mkdir -p "$1$beside"
    touch "$1/etc/resolv.conf" "$1/etc/hosts"
}

# How many MiB are free where roots are kept.
root_room() { df -Pk "$cache" | awk 'NR == 2 {print int($4 / 1024)}'; }

# Removes every root, and what was fetched and compiled, except what somebody is at work in.
root_clean() {
    local path
    [[ -d $cache ]] || {
        say "there is no $cache"
        return 0
    }
    root_lock
    for path in "$cache"/root-* "$cache/packages" "$cache/ccache" "$cache/modules"; do
        if [[ ! -d $path ]]; then continue; fi
        if root_in_use "$path"; then
            say "somebody is at work in it, so it stays: $path"
            continue
        fi
        "${apart[@]}" rm -rf --one-file-system "$path"
        say "removed: $path"
    done
    exec 9>&-
}

# Whether a process lives in that root.
root_in_use() {
    local process
    for process in /proc/[0-9]*/root; do
        [[ ! $process -ef $1 ]] || return 0
    done
    return 1
}
