# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The Debian 13 root: a folder with a whole small Debian in it, made once per list of packages and
# kept outside the tree. Its name is a digest of the list, so a changed list makes a new root, and
# it is entered read-only, so nothing installed by hand can hide a package missing from the list.
# It is made under another name and renamed when whole: an interrupted one is never taken for it,
# and the packages it had fetched are kept for the next attempt.

# Where the root of a tier is, or would be.
root_path() {
    local digest
    digest=$({ echo "$release $(dpkg --print-architecture)"; packages_of "$1"; } | sha256sum)
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
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    if ! flock -n 9; then
        say "another set-up is at work here; waiting for it"
        flock 9
    fi
    [[ -d $path ]] || root_build "$1" "$path"
    exec 9>&-
}

root_build() {
    local path=$2 making="$2.making-$$" fetched="$cache/packages"
    local missing=() options=() lines=() line start=$SECONDS
    command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
    [[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || missing+=(debian-archive-keyring)
    if ((${#missing[@]})); then
        command -v apt-get >/dev/null ||
            die "making a Debian 13 root takes ${missing[*]}, which this machine has no apt to install"
        packages_install "${missing[@]}"
    fi

    # What an interrupted attempt had fetched is not fetched again. The lock is ours, so whatever is
    # here under a making name is nobody's any more.
    mkdir -p "$fetched"
    find "$cache" -path "$cache/root-*.making-*/var/cache/apt/archives/*.deb" -prune \
        -exec mv -t "$fetched" {} + 2>/dev/null || true
    rm -rf --one-file-system "$cache"/root-*.making-* || true

    say "making a Debian 13 root with $(packages_of "$1" | wc -l) packages and what they need," \
        "once; a few minutes, most of them downloading"
    mapfile -t lines < <(mirror_lines)
    ((${#lines[@]})) || say "this machine names no mirror with Debian 13: using mmdebstrap's default"
    while read -r line; do options+=("--aptopt=$line"); done < <(mirror_settings)

    # In namespaces of its own: whatever ends this half-way, no mount and no process stays behind.
    unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
        mmdebstrap --mode=root --variant=minbase --format=directory \
        --include="$(packages_of "$1" | paste -sd,)" "${options[@]}" \
        --aptopt='APT::Install-Recommends "false"' \
        --setup-hook='mkdir -p "$1/var/cache/apt/archives"' \
        --setup-hook="cp -l '$fetched'/*.deb \"\$1/var/cache/apt/archives/\" 2>/dev/null || true" \
        "$release" "$making" "${lines[@]}" </dev/null >&2 9>&- ||
        die "the Debian 13 root could not be made; the lines above say why. Run it again: what was" \
            "fetched is kept"
    root_prepare "$making"
    mv -T "$making" "$path"
    rm -rf --one-file-system "$fetched"
    say "the root is made, in $((SECONDS - start)) s: $path"
}

# The places others are mounted on must exist before the root is made read-only.
root_prepare() {
    mkdir -p "$1$tree" "$1$cache/ccache"
    [[ ! -d $beside ]] || mkdir -p "$1$beside"
    touch "$1/etc/resolv.conf" "$1/etc/hosts"
}
