#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What the set-up of ./run, ./test and tools/shell says where a machine does not give what it takes.
# The functions of tools/environment are asked about machines made of files and of the stubs below;
# nothing is installed, made or mounted. A case is a law, what is seen, and what must be.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../tools/environment.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

law() {
    if [[ $2 == "$3" ]]; then
        echo "ok    $1"
    else
        printf 'FAILS %s\n  seen: %s\n  must: %s\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

# A machine on which cyril, user 1000, may do everything; a case takes something away.
machine() {
    accounts=$scratch/etc kernel=$scratch/sys keyring=$scratch/etc/subuid cache=$scratch/cache
    rm -rf "$accounts" "$kernel" "$cache"
    mkdir -p "$accounts" "$kernel/kernel" "$kernel/user"
    echo "cyril:100000:65536" | tee "$accounts/subuid" >"$accounts/subgid"
    echo 1 >"$kernel/kernel/unprivileged_userns_clone"
    echo 90000 >"$kernel/user/max_user_namespaces"
    echo 0 >"$kernel/kernel/apparmor_restrict_unprivileged_userns"
    programs="newuidmap newgidmap mmdebstrap apt-get" mounting="one many" gains=0 util_linux=2.38.1
    installs=no sources='' answering='' room=5000
    apart=(unshare --mount --propagation private --user --map-root-user --map-auto)
}
has() { [[ " $programs " == *" $1 "* ]]; }
mounts() {
    local way=root
    [[ $* != *--map-root-user* ]] || way=one
    [[ $* != *--map-auto* ]] || way=many
    [[ " $mounting " == *" $way "* ]] || {
        echo "not permitted"
        return 1
    }
}
unshare() {
    case $1 in
        --version) echo "unshare from util-linux $util_linux" ;;
        *) [[ $util_linux == 2.37* ]] || echo " --map-auto   map users and groups" ;;
    esac
}
no_new_privileges() { echo "$gains"; }
mirror_sources() { [[ -z $sources ]] || printf '%s\n' "$sources"; }
mirror_fetch() { [[ " $answering " == *" $1 "* ]]; }
root_room() { echo "$room"; }

obstacles() { privilege_obstacles 1000 cyril; }
# What a function says, with its exit code after it; "set_up.sh: " is cut off, and so are line ends.
said() {
    local words status=0
    words=$("$@" 2>&1) || status=$?
    words=${words//$program: /}
    echo "${words//$'\n'/ } ($status)"
}

machine
law "where everything is given, nothing is in the way" "$(obstacles)" ""
law "and nothing is missing" "$(root_tools_missing 1000 '')" ""
echo "1000:200000:65536" | tee "$accounts/subuid" >"$accounts/subgid"
mounting=one programs=
law "a range may be noted for the user's number; newuidmap is then all that lacks" "$(obstacles)" ""
law "which is a package, beside what makes a root" "$(root_tools_missing 1000 '' | paste -sd' ')" \
    "uidmap mmdebstrap"
law "and alone where the root is made already" "$(root_tools_missing 1000 '/a/root')" "uidmap"
rm "$keyring"
law "root needs no subordinate ids, and no uidmap" "$(root_tools_missing 0 '' | paste -sd' ')" \
    "mmdebstrap debian-archive-keyring"

machine
mounting=one
echo "dora:165536:65536" | tee "$accounts/subuid" >"$accounts/subgid"
law "who has no subordinate ids is told the next free ones" "$(obstacles)" \
    "cyril has no subordinate user ids in /etc/subuid|usermod --add-subuids 231072-296607 cyril
cyril has no subordinate group ids in /etc/subgid|usermod --add-subgids 231072-296607 cyril"
rm "$accounts/subuid"
echo "cyril:100000:65536" >"$accounts/subgid"
law "where there is no such file at all, too; and only what lacks is said" "$(obstacles)" \
    "cyril has no subordinate user ids in /etc/subuid|usermod --add-subuids 165536-231071 cyril"

machine
mounting=
echo 0 >"$kernel/kernel/unprivileged_userns_clone"
law "a kernel that keeps user namespaces for root is told from" "$(obstacles)" \
    "the kernel is set to give user namespaces to root only|sysctl -w kernel.unprivileged_userns_clone=1"
machine
mounting=
echo 0 >"$kernel/user/max_user_namespaces"
law "one that has none" "$(obstacles)" \
    "the kernel is set to give no user namespaces|sysctl -w user.max_user_namespaces=15000"
machine
mounting=
echo 1 >"$kernel/kernel/apparmor_restrict_unprivileged_userns"
rm "$accounts/subgid" "$kernel/kernel/unprivileged_userns_clone"
law "and from AppArmor; all that lacks is said at once" "$(obstacles)" \
    "AppArmor is set to forbid mounts in user namespaces|sysctl -w kernel.apparmor_restrict_unprivileged_userns=0
cyril has no subordinate group ids in /etc/subgid|usermod --add-subgids 165536-231071 cyril"
mounting=one
law "where AppArmor lets this through, it is not blamed" "$(obstacles)" \
    "cyril has no subordinate group ids in /etc/subgid|usermod --add-subgids 165536-231071 cyril"

machine
mounting=
law "what no setting explains has no command" "$(obstacles)" \
    "user namespaces are refused here (not permitted), as in every chroot and most containers|"
machine
mounting=one util_linux=2.37.2
law "nor has an old util-linux" "$(obstacles)" \
    "user namespaces of many ids take util-linux 2.38; here is unshare from util-linux 2.37.2|"
machine
gains=1 mounting=
law "nor a session without privileges to gain" "$(obstacles)" \
    "programs of this session may not gain rights (no_new_privs); a login of its own may do|"
machine
mounting=one
law "nor a refusal with everything in place" "$(obstacles)" \
    "a user namespace is refused for no known cause: not permitted|"
machine
mounting=
apart=(unshare --mount --propagation private)
law "nor a root that may not mount" "$(privilege_obstacles 0 root)" \
    "root may not mount here (not permitted), as in most containers: start it with CAP_SYS_ADMIN|"

machine
refusal="this machine is not Debian 13, and a Debian 13 root cannot be made or entered on it as things are:"
law "the refusal ends with all commands, in order" \
    "$(said privilege_refuse "uidmap mmdebstrap" "a is so|do a" "b is so|do b")" \
    "$refusal     not installed here: uidmap mmdebstrap     a is so     b is so \
An administrator mends that by typing, as root: \
    apt-get install --no-install-recommends uidmap mmdebstrap     do a     do b \
Then it works without root. (69)"
law "no command is given where none is enough" \
    "$(said privilege_refuse "mmdebstrap" "a is so|do a" "b is so|")" \
    "$refusal     b is so A machine with Debian 13 and the packages of tools/packages needs no such root. (69)"

machine
law "a root that is possible is gone on with, in silence" "$(said environment_root_is_possible '')" " (0)"
law "also for who may not install on a Debian 13; that is said" \
    "$(said environment_root_is_possible '' g++ cmake)" \
    "packages are missing that only root may install here (apt-get install --no-install-recommends \
g++ cmake): working in a Debian 13 root of your own instead (0)"
programs=apt-get keyring=$scratch/none
law "where that is not possible, the packages are what is asked for" \
    "$(said environment_root_is_possible '' g++ cmake)" \
    "these packages are missing, and installing them takes root; as root, run: \
apt-get install --no-install-recommends g++ cmake (69)"

machine
mkdir -p "$cache"
room=300
law "a disk that is too small is seen before anything is fetched" "$(said root_build run "$cache/root-x")" \
    "a Debian 13 root takes 1 to 2 GiB, and $cache has 300 MiB left; XDG_CACHE_HOME chooses another place (69)"
sources="http://one.example bookworm no"
room=5000
law "a machine whose mirrors do not answer has no network" "$(said root_build run "$cache/root-x" |
    sed 's/.*downloading //')" \
    "no Debian mirror of this machine answers, and making the root takes one: is there a network? (69)"
answering=http://one.example
law "one that answers is a network" "$(said mirror_answers)" " (0)"
sources=
law "and who names none may still have one" "$(said mirror_answers)" " (0)"

machine
apart=(env)
mkdir -p "$cache/root-one/etc" "$cache/root-two.making-7" "$cache/ccache"
law "a root that nobody is in is removed, with what an interruption left" \
    "$(said root_clean | tr -d '\n' | sed "s|$cache|CACHE|g")" \
    "removed: CACHE/root-one removed: CACHE/root-two.making-7 removed: CACHE/ccache (0)"
law "and nothing else" "$(ls "$cache")" "lock"
ln -s / "$cache/root-mine"
law "a root in which a process lives is left alone" "$(said root_clean)" \
    "somebody is at work in it, so it stays: $cache/root-mine (0)"

machine
programs=npm modules=$scratch/modules
npm() {
    printf '%s\n' "registry=https://mirror.example/" "proxy=null" "https-proxy = http://proxy.example:3128" \
        "noproxy=" "cafile=/etc/one.crt"
}
set_for_npm() { (
    unset "${!npm_config_@}"
    [[ -z ${1:-} ]] || export "$1"
    modules_settings
    env | grep ^npm_config_ | sort | paste -sd' '
); }
law "npm in a root is set as the machine's is, and nothing that is unset is set" "$(set_for_npm)" \
    "npm_config_cafile=/etc/one.crt npm_config_https_proxy=http://proxy.example:3128 \
npm_config_registry=https://mirror.example/"
law "what a variable says goes before" "$(set_for_npm npm_config_registry=https://mine.example/)" \
    "npm_config_cafile=/etc/one.crt npm_config_https_proxy=http://proxy.example:3128 \
npm_config_registry=https://mine.example/"
programs=
law "a machine without npm leaves npm its own defaults" "$(set_for_npm)" ""
# What npm of the root does, or does not.
npm() {
    [[ $1 == ci && -e package.json && -e package-lock.json ]] || return 1
    mkdir node_modules
}
mkdir -p "$modules/0123456789abcdef.making"
law "modules are fetched into a folder of the list's name; what an interruption left goes" \
    "$(modules_fetch 2>/dev/null; ls "$modules" | sed "s/^$(basename "$(modules_path)")$/PATH/" | paste -sd' ')" \
    "PATH lock"
law "and once" "$(said modules_fetch)" " (0)"
rm -rf "$modules"
npm() { return 1; }
law "where npm cannot, that is said, and the set-up goes on" "$(said modules_fetch)" \
    "fetching the modules that tests/interop/package-lock.json lists, with npm \
npm could not fetch them; its own words, above, say why (0)"
law "and nothing is left that looks like them" "$(ls "$modules")" "lock"

echo "$failures laws broken"
exit $((failures > 0))
