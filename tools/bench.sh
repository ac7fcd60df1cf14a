# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What ./run bench does: builds the release with its benchmarks, and runs the one that was named, or
# all. Sourced by run. A benchmark's own words come after its name:
# ./run bench mls --benchmark_filter=join, ./run bench relay idle

# bench "bench" [NAME [WORD...]]
bench() {
    local names=(mls relay) tier="bench" words=("${@:3}")
    (($# < 2)) || names=("$2")
    case ${names[0]} in
        mls) (($# < 2)) || tier="test" ;; # it has no peers that others made
        relay) ;;
        *)
            say "there is no benchmark '${names[0]}'; there are: mls, relay"
            return 2
            ;;
    esac
    environment_enter "$tier" "$tree/run" "$@"
    build bench "${names[@]/%/_bench}" || return
    local name
    for name in "${names[@]}"; do
        "bench_$name" "${words[@]}" || return
    done
}

bench_mls() {
    "$tree/build/bench/bench/mls_bench" --benchmark_counters_tabular=true "$@"
}

# Its data lie beside it, on the disk that the tree is on.
bench_relay() {
    "$tree/build/bench/bench/relay_bench" --data "$tree/build/bench" "$@"
}
