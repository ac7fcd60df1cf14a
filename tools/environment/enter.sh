#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# enter.sh TIER ROOT TREE BESIDE CACHE WHERE COMMAND...
#
# Runs COMMAND in a Debian 13 root, in a mount namespace of its own (its caller made it), so that
# every mount below ends with it. The tree, what stands beside it for the tests, /tmp and the
# compiler's memory are the machine's own, at their own paths; the root itself is read-only.
set -euo pipefail

tier=$1 root=$2 tree=$3 beside=$4 cache=$5 where=$6
shift 6

mount --bind "$root" "$root"
# A tree at a path this root has not seen yet needs a place to be mounted on. Under /tmp that
# place is the machine's own.
mkdir -p "$cache/ccache" "$cache/modules"
for path in "$tree" "$beside" "$cache/ccache" "$cache/modules"; do
    [[ $path == /tmp/* || $path == /var/tmp/* || ! -d $path ]] || mkdir -p "$root$path"
done
mount -o remount,bind,ro "$root"

for path in /proc /sys /dev /tmp /var/tmp; do
    mount --rbind "$path" "$root$path"
done
mount -t tmpfs -o mode=755,size=64m tmpfs "$root/run"
mount -t tmpfs -o mode=700,size=256m tmpfs "$root/root"
for path in "$tree" "$beside" "$cache/ccache" "$cache/modules"; do
    [[ ! -d $path ]] || mount --rbind "$path" "$root$path"
done
for path in /etc/resolv.conf /etc/hosts; do
    [[ ! -e $path ]] || mount --bind "$path" "$root$path"
done
# Whom the machine trusts, for npm, which reads this one file.
certificates=/etc/ssl/certs/ca-certificates.crt
trusted=${npm_config_cafile:-$certificates}
[[ ! -e $trusted || ! -e $root$certificates ]] || mount --bind "$trusted" "$root$certificates"

environment=(
    PATH="$tree/build/release/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    HOME=/root
    LANG=C.UTF-8
    CCACHE_DIR="$cache/ccache"
    CCACHE_NOHASHDIR=1 # what one build folder compiled, the next one need not,
    CCACHE_BASEDIR="$tree" # nor another clone
    CERCLE_ENVIRONMENT="$tier"
    CERCLE_MODULES="$cache/modules"
    npm_config_cafile="$certificates"
)
for name in TERM CI COLUMNS NO_COLOR CERCLE_VECTORS npm_config_{registry,proxy,https_proxy,noproxy}; do
    [[ ! -v $name ]] || environment+=("$name=${!name}")
done
# Elsewhere than in the machine's own folders, the same path would be another place.
case $where/ in
    "$tree"/* | "$beside"/* | /tmp/* | /var/tmp/*) ;;
    *) where=$tree ;;
esac
exec chroot "$root" /usr/bin/env -i "${environment[@]}" /bin/bash -c \
    'cd "$1"; shift; exec "$@"' bash "$where" "$@"
