# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What tests talk to that Debian does not package: npm's modules, as tests/interop/package-lock.json
# lists them with their digests. They are fetched by Debian's npm into a folder of the cache that is named
# after the list, once, before the tests lose the network; nothing of them runs while they are
# installed. The registry is whichever this machine's npm is set to, else npm's own default.

modules_list=tests/interop
modules=${CERCLE_MODULES:-$cache/modules} # in a root, enter.sh says where; for tests too

modules_path() {
    local digest
    digest=$(sha256sum <"$tree/$modules_list/package-lock.json")
    echo "$modules/${digest:0:16}"
}

# Inside the environment: fetches them, if they are not there. Where that fails it is said; the tests
# that need them then say that they were skipped, or fail if CI=true.
modules_fetch() {
    local path making
    path=$(modules_path)
    [[ ! -d $path ]] || return 0
    mkdir -p "$modules"
    exec 8>"$modules/lock"
    flock 8
    if [[ ! -d $path ]]; then
        # What an interrupted attempt has left is nobody's any more: the lock is ours.
        rm -rf "$modules"/*.making
        making=$path.making
        say "fetching the modules that $modules_list/package-lock.json lists, with npm"
        mkdir "$making"
        cp "$tree/$modules_list"/package{,-lock}.json "$making"
        if (cd "$making" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier \
            --cache "$making/cache" --fetch-retries 1 --fetch-timeout 30000) </dev/null >&2; then
            rm -rf "$making/cache"
            mv -T "$making" "$path"
        else
            rm -rf "$making"
            say "npm could not fetch them; its own words, above, say why"
        fi
    fi
    exec 8>&-
}

# On the machine itself, before a root is entered: what its npm is set to, as npm itself reads its
# configuration, into the variables that npm reads first (those that are set already go before). No
# password among them: a registry that wants one is not used here.
modules_settings() {
    local name value
    has npm || return 0
    while IFS='=' read -r name value; do
        name=${name%"${name##*[![:space:]]}"} value=${value#"${value%%[![:space:]]*}"}
        case $value in '' | null | undefined) continue ;; esac
        name=npm_config_${name//-/_}
        [[ -v $name ]] || export "$name=$value"
    done < <(npm config get registry proxy https-proxy noproxy cafile 2>/dev/null)
}
