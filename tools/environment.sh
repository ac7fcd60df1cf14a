# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The build environment: Debian 13 with the packages of a tier. Sourced by run, test and
# tools/shell. On a Debian 13 machine that is the machine itself; on any other Linux it is a
# Debian 13 root that is made once (root.sh) and entered (enter.sh). Nothing here asks a question.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
beside=$(dirname "$tree")/shared # what the tests read and the tree does not carry: vectors
if [[ -n ${XDG_CACHE_HOME:-} ]]; then
    cache=$XDG_CACHE_HOME/cercle
elif ((EUID == 0)); then
    cache=/var/cache/cercle
else
    cache=$HOME/.cache/cercle
fi

say() { printf '%s: %s\n' "$program" "$*" >&2; }
die() {
    say "$*"
    exit 69 # the environment is not to be had
}
program=$(basename "$0")

source "$tree/tools/environment/packages.sh"
source "$tree/tools/environment/mirror.sh"
source "$tree/tools/environment/root.sh"

# environment_enter TIER COMMAND...: returns if this process is in the environment already;
# otherwise sets it up and becomes COMMAND inside it.
environment_enter() {
    local tier=$1 missing ready
    shift
    if [[ -n ${CERCLE_ENVIRONMENT:-} ]] && environment_is_debian_13; then
        [[ " $(packages_tiers_from "$tier") " == *" $CERCLE_ENVIRONMENT "* ]] ||
            die "this shell has the packages of tier '$CERCLE_ENVIRONMENT' only; leave it and try again"
        return 0
    fi
    if environment_is_debian_13; then
        mapfile -t missing < <(packages_missing "$tier")
        ((${#missing[@]} == 0)) || packages_install "${missing[@]}"
        export PATH="$tree/build/release/bin:$PATH"
        return 0
    fi
    ((EUID == 0)) ||
        die "this is not Debian 13, and a Debian 13 root to work in can only be made and entered by" \
            "root for now: run it as root (sudo $0)"
    ready=$(root_ready "$tier")
    if [[ -z $ready ]]; then
        root_make "$tier"
        ready=$(root_ready "$tier")
    fi
    exec unshare --mount --propagation private "$tree/tools/environment/enter.sh" \
        "${ready%% *}" "${ready#* }" "$tree" "$beside" "$cache" "$PWD" "$@"
}

environment_is_debian_13() {
    [[ -r /etc/debian_version && $(</etc/debian_version) == 13* ]]
}
