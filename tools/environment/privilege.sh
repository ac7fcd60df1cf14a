# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What it takes to make and to enter a Debian 13 root: mounts. Root may mount. Anybody else may in a
# user namespace, as root there over a range of subordinate ids of their own: one id is not enough,
# because a Debian has files of several groups. Where a machine does not give that, it is said what
# is lacking, all of it at once, and what an administrator types against it.

# The words before a command that give it mounts of its own, which end with it.
apart=(unshare --mount --propagation private)
((EUID == 0)) || apart+=(--user --map-root-user --map-auto)

# Where subordinate ids and the kernel's settings are noted; a test has both elsewhere.
accounts=/etc
kernel=/proc/sys

has() { command -v "$1" >/dev/null; }
setting() { cat "$kernel/$1" 2>/dev/null || true; }

# mounts WORDS...: whether a command after these words may mount; if not, says what was answered.
mounts() {
    local answer
    answer=$("$@" mount -t tmpfs tmpfs /tmp 2>&1) || {
        answer=${answer%%$'\n'*}
        echo "${answer:-no word why}"
        return 1
    }
}

# privilege_obstacles UID NAME: what keeps this user from entering a root, one "SENTENCE|COMMAND" a
# line; COMMAND is an administrator's against it, empty where there is none. No line, if nothing does.
# That newuidmap is missing is for root_tools_missing to say.
privilege_obstacles() {
    local uid=$1 name=$2 answer='' refused='' first obstacles=()
    # One id first: where that is refused, `unshare --map-auto` leaves a process behind that waits for
    # ever (seen with util-linux 2.41 in a chroot).
    if ((uid == 0)) || refused=$(mounts unshare --user --map-root-user --mount); then
        answer=$(mounts "${apart[@]}") && return 0
    fi
    if ((uid == 0)); then
        echo "root may not mount here ($answer), as in most containers: start it with CAP_SYS_ADMIN|"
        return 0
    fi
    if [[ $(no_new_privileges) == 1 ]]; then
        echo "programs of this session may not gain rights (no_new_privs); a login of its own may do|"
        return 0
    fi
    if [[ -n $refused ]]; then
        [[ $(setting kernel/unprivileged_userns_clone) != 0 ]] ||
            obstacles+=("the kernel is set to give user namespaces to root only|sysctl -w kernel.unprivileged_userns_clone=1")
        [[ $(setting user/max_user_namespaces) != 0 ]] ||
            obstacles+=("the kernel is set to give no user namespaces|sysctl -w user.max_user_namespaces=15000")
        [[ $(setting kernel/apparmor_restrict_unprivileged_userns) != 1 ]] ||
            obstacles+=("AppArmor is set to forbid mounts in user namespaces|sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")
        if ((${#obstacles[@]} == 0)); then
            echo "user namespaces are refused here ($refused), as in every chroot and most containers|"
            return 0
        fi
    fi
    if [[ $(unshare --help) != *--map-auto* ]]; then
        echo "user namespaces of many ids take util-linux 2.38; here is $(unshare --version)|"
        return 0
    fi
    first=$(privilege_free)
    privilege_has_range subuid "$uid" "$name" ||
        obstacles+=("$name has no subordinate user ids in /etc/subuid|usermod --add-subuids $first-$((first + 65535)) $name")
    privilege_has_range subgid "$uid" "$name" ||
        obstacles+=("$name has no subordinate group ids in /etc/subgid|usermod --add-subgids $first-$((first + 65535)) $name")
    if ((${#obstacles[@]})); then
        printf '%s\n' "${obstacles[@]}"
    elif has newuidmap && has newgidmap; then
        echo "a user namespace is refused for no known cause: $answer|"
    fi
}

# privilege_has_range FILE UID NAME: whether that user has subordinate ids there.
privilege_has_range() {
    awk -F: -v uid="$2" -v name="$3" '($1 == name || $1 == uid) && $3 > 0 {found = 1}
        END {exit !found}' "$accounts/$1" 2>/dev/null
}

# The first id from which on nobody has subordinate ones.
privilege_free() {
    cat "$accounts/subuid" "$accounts/subgid" 2>/dev/null |
        awk -F: 'BEGIN {free = 100000} $2 + $3 > free {free = $2 + $3} END {print free}'
}

no_new_privileges() { awk '$1 == "NoNewPrivs:" {print $2}' /proc/self/status; }

# privilege_refuse PACKAGES [OBSTACLE...]: says what is lacking and what helps, and gives up. Against
# what has no command nothing else helps either, so then that alone is said.
privilege_refuse() {
    local packages=$1 obstacle sentences=() commands=() hopeless=()
    shift
    if [[ -n $packages ]]; then
        sentences+=("not installed here: $packages")
        commands+=("apt-get install --no-install-recommends $packages")
        has apt-get || commands=("this machine's own command that installs $packages")
    fi
    for obstacle in "$@"; do
        sentences+=("${obstacle%|*}")
        if [[ -n ${obstacle##*|} ]]; then commands+=("${obstacle##*|}"); else hopeless+=("${obstacle%|*}"); fi
    done
    if ((${#hopeless[@]})); then
        sentences=("${hopeless[@]}") commands=()
    fi
    say "this machine is not Debian 13, and a Debian 13 root cannot be made or entered on it as things are:"
    printf '    %s\n' "${sentences[@]}" >&2
    if ((${#commands[@]})); then
        echo "An administrator mends that by typing, as root:" >&2
        printf '    %s\n' "${commands[@]}" >&2
        echo "Then it works without root." >&2
    else
        echo "A machine with Debian 13 and the packages of tools/packages needs no such root." >&2
    fi
    exit 69
}
