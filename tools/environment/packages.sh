# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The packages of a tier. Tiers build on each other (run, then test, then long or bench), so that
# ./run alone asks for no more than the main job needs. The lists are tools/packages/TIER.

# The tiers that serve a wanted one, smallest first: what was made for more also does for less.
packages_tiers_from() {
    case $1 in
        run) echo run test long bench ;;
        test) echo test long bench ;;
        long) echo long ;;
        bench) echo bench ;;
        *) die "there is no tier '$1'" ;;
    esac
}

# Every package of a tier, sorted, one a line.
packages_of() {
    local lists
    case $1 in
        run) lists=(run) ;;
        test) lists=(run test) ;;
        long) lists=(run test long) ;;
        bench) lists=(run test bench) ;;
        *) die "there is no tier '$1'" ;;
    esac
    (cd "$tree/tools/packages" && sed 's/#.*//' "${lists[@]}") | awk '{print $1}' | sort -u | sed '/^$/d'
}

# The packages of a tier that this machine lacks.
packages_missing() {
    local package
    while read -r package; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
    done < <(packages_of "$1")
}

# Whether this user may install packages. sudo may want a password, where there is a terminal to
# type one; no other question is asked. The answer is remembered in `installs`.
installs=
packages_may_be_installed() {
    if [[ -z $installs ]]; then
        installs=no
        if ((EUID == 0)); then
            installs=yes
        elif has sudo && { sudo -n true 2>/dev/null || { [[ -t 0 ]] && packages_ask; }; }; then
            installs=yes
        fi
    fi
    [[ $installs == yes ]]
}

packages_ask() {
    say "packages have to be installed; sudo may ask for your password:"
    sudo -v
}

# packages_install PACKAGE...: on the machine itself, if packages_may_be_installed.
packages_install() {
    local as=()
    ((EUID == 0)) || as=(sudo)
    say "installing with apt: $*"
    local apt=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
    "${apt[@]}" -q update </dev/null >&2 || say "apt could not refresh its lists; trying with those it has"
    "${apt[@]}" -q install --yes --no-install-recommends "$@" </dev/null >&2 ||
        die "apt could not install the packages above; its own words say why"
}
