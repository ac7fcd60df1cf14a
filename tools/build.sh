# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Configuring and building a preset, inside the build environment. Sourced by run and test.

# build PRESET TARGET...: configures quietly (all is shown if it fails), then builds.
build() {
    local preset=$1 log=$tree/build/$1/configure.log
    shift
    mkdir -p "${log%/*}"
    (cd "$tree" && cmake --preset "$preset") >"$log" 2>&1 || {
        cat "$log" >&2
        say "the build could not be configured; the lines above say why"
        return 1
    }
    cmake --build "$tree/build/$preset" --target "$@" >&2 || {
        say "the build failed; the lines above say where"
        return 1
    }
}
