# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What ./run bench does: builds the release with its benchmarks, and runs those that were named.
# Sourced by run. A benchmark's own words come after its name: ./run bench mls --benchmark_filter=join

# bench "bench" [NAME [OPTION...]]
bench() {
    environment_enter test "$tree/run" "$@"
    local names=() options=() word
    for word in "${@:2}"; do
        if [[ $word == -* ]]; then options+=("$word"); else names+=("$word"); fi
    done
    ((${#names[@]})) || names=(mls)
    for word in "${names[@]}"; do
        [[ $word == mls ]] || {
            say "there is no benchmark '$word'; there is: mls"
            return 2
        }
    done
    build bench "${names[@]/%/_bench}" || return
    for word in "${names[@]}"; do
        "$tree/build/bench/bench/${word}_bench" --benchmark_counters_tabular=true "${options[@]}" || return
    done
}
