# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The build environment: Debian 13 with the packages of a tier. Sourced by run, test and
# tools/shell. On a Debian 13 machine that is the machine itself, where the packages are there or can
# be installed; anywhere else it is a Debian 13 root that is made once (root.sh) and entered
# (enter.sh), by root or, where the machine gives user namespaces (privilege.sh), by anybody.
# Nothing here asks a question, but sudo in a terminal.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
beside=$(dirname "$tree")/shared # what the tests read and the tree does not carry: vectors
if [[ ${XDG_CACHE_HOME:-} == /* ]]; then
    cache=$XDG_CACHE_HOME/cercle
elif ((EUID == 0)); then
    cache=/var/cache/cercle
else
    cache=~/.cache/cercle
fi
# What makes and enters a root lives where ordinary users do not always look.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { printf '%s: %s\n' "$program" "$*" >&2; }
die() {
    say "$*"
    exit 69 # the environment is not to be had
}
program=$(basename "$0")

source "$tree/tools/environment/privilege.sh"
source "$tree/tools/environment/packages.sh"
source "$tree/tools/environment/mirror.sh"
source "$tree/tools/environment/root.sh"
source "$tree/tools/environment/modules.sh"

# environment_enter TIER COMMAND...: returns if this process is in the environment already;
# otherwise sets it up and becomes COMMAND inside it.
environment_enter() {
    local tier=$1 missing=() ready
    shift
    if [[ -n ${CERCLE_ENVIRONMENT:-} ]] && environment_is_debian_13; then
        [[ " $(packages_tiers_from "$tier") " == *" $CERCLE_ENVIRONMENT "* ]] ||
            die "this shell has the packages of tier '$CERCLE_ENVIRONMENT' only; leave it and try again"
        return 0
    fi
    environment_tree_is_writable
    ready=$(root_ready "$tier")
    if environment_is_debian_13; then
        mapfile -t missing < <(packages_missing "$tier")
        if ((${#missing[@]})) && [[ -z $ready ]] && packages_may_be_installed; then
            packages_install "${missing[@]}"
            missing=()
        fi
        if ((${#missing[@]} == 0)); then
            export PATH="$tree/build/release/bin:$PATH" CERCLE_MODULES="$modules"
            return 0
        fi
    fi
    environment_root_is_possible "$ready" "${missing[@]}"
    if [[ -z $ready ]]; then
        root_make "$tier"
        ready=$(root_ready "$tier")
    fi
    [[ -d $(modules_path) ]] || modules_settings
    exec "${apart[@]}" "$tree/tools/environment/enter.sh" \
        "${ready%% *}" "${ready#* }" "$tree" "$beside" "$cache" "$PWD" "$@"
}

# environment_root_is_possible READY MISSING...: returns if a root can be entered, and made unless
# there is one READY; otherwise says what is lacking and gives up. MISSING is what a Debian 13
# machine would have to install to need none.
environment_root_is_possible() {
    local ready=$1 tools=() obstacles=()
    shift
    mapfile -t obstacles < <(privilege_obstacles "$EUID" "$(id -un)")
    mapfile -t tools < <(root_tools_missing "$EUID" "$ready")
    if (($# && ${#tools[@]} + ${#obstacles[@]})); then
        die "these packages are missing, and installing them takes root; as root, run:" \
            "apt-get install --no-install-recommends $*"
    elif (($#)) && [[ -z $ready ]]; then
        say "packages are missing that only root may install here (apt-get install" \
            "--no-install-recommends $*): working in a Debian 13 root of your own instead"
    fi
    if ((${#tools[@]} && ${#obstacles[@]} == 0)) && has apt-get && packages_may_be_installed; then
        packages_install "${tools[@]}"
        tools=()
        mapfile -t obstacles < <(privilege_obstacles "$EUID" "$(id -un)")
    fi
    ((${#tools[@]} + ${#obstacles[@]} == 0)) || privilege_refuse "${tools[*]}" "${obstacles[@]}"
}

# A tree that another user has cloned, or root has built in, ends in a sentence here and not in the
# middle of a build.
environment_tree_is_writable() {
    local path
    path=$(find "$tree" "$tree/build" "$tree/var" -maxdepth 1 -type d ! -writable -print -quit 2>/dev/null) || true
    [[ -z $path ]] ||
        die "you may not write in $path, which is $(stat -c %U "$path")'s; work in a clone of your own"
}

environment_is_debian_13() {
    [[ -r /etc/debian_version && $(</etc/debian_version) == 13* ]]
}
