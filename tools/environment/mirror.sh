# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Where Debian 13 comes from: the mirror this machine already uses, as apt itself reads its
# configuration (both file forms, proxies, certificates). No address stands in this tree; where
# the machine names no Debian mirror, or one without Debian 13, mmdebstrap's own default is used.

release=trixie
shopt -s extglob

# The machine's own Debian sources, as "URI SUITE TRUSTED" lines.
mirror_sources() {
    local uri suite component trusted
    [[ $(. /etc/os-release && echo "${ID:-}") == debian ]] || return 0
    apt-get --no-release-info indextargets 'Created-By: Packages' \
        --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(TRUSTED)' 2>/dev/null | sort -u |
        while read -r uri suite component trusted; do
            [[ $component == main ]] || continue
            uri=${uri%/}
            if [[ $uri == mirror+file:* ]]; then # a list of mirrors, which the root will not see
                uri=$(awk '/^[a-z]+:/ {print $1; exit}' "/${uri#mirror+file:*(/)}" 2>/dev/null) || continue
                uri=${uri%/}
            fi
            echo "$uri $suite $trusted"
        done
}

# One "deb URI SUITE main" for each of these sources that also has Debian 13.
mirror_lines() {
    local codename uri suite trusted file options
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-none}")
    file=$(mktemp)
    mirror_sources | while read -r uri suite trusted; do
        case $suite in
            "$codename" | stable | oldstable) suite=$release ;;
            "$codename"-updates | stable-updates | oldstable-updates) suite=$release-updates ;;
            "$codename"-security | stable-security | oldstable-security) suite=$release-security ;;
            *) continue ;;
        esac
        options=
        [[ $trusted != yes ]] || options='[trusted=yes] '
        if mirror_has "$uri" "$suite" "$file"; then
            echo "deb $options$uri $suite main"
        fi
    done | sort -u
    rm -f "$file"
}

# Whether the machine names no Debian source, or one of them answers: else it has no network.
mirror_answers() {
    local uri suite trusted file answers=yes
    file=$(mktemp)
    while read -r uri suite trusted; do
        answers=
        if mirror_fetch "$uri" "$suite" "$file"; then
            answers=yes
            break
        fi
    done < <(mirror_sources)
    rm -f "$file"
    [[ -n $answers ]]
}

# mirror_has URI SUITE FILE: whether that is Debian 13, by its own release file.
mirror_has() {
    mirror_fetch "$@" || return 1
    grep -q '^Origin: Debian$' "$3" && grep -q "^Codename: $release" "$3"
}

mirror_fetch() { /usr/lib/apt/apt-helper -o Acquire::Retries=1 download-file "$1/dists/$2/InRelease" "$3" >/dev/null 2>&1; }

# The machine's own words to apt about networks (proxies, certificates, clock checks), as
# "Acquire::http::Proxy "...";" lines. mmdebstrap starts from an empty configuration.
mirror_settings() {
    apt-config dump --format '%F "%v";%n' |
        grep -E '^Acquire::(https?|ftp|Check-Valid-Until|Check-Date|Retries|ForceIPv[46])\b' |
        grep -v ' "";$' || true
}
