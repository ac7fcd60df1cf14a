#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What people run holds nothing of the simulator: no disk that crashes, no network that is only
# imagined. The program that is made of them shows that this looks in the right place.
set -euo pipefail

simulators() { nm --demangle --defined-only "$1" | grep -c -E 'SimulatedDisk|MemoryNetwork|MemoryLine' || true; }

[[ $(simulators "$CERCLE_PROGRAM_SIMULATE") -gt 0 ]] || {
    echo "no simulator is found where there is one: this test looks for the wrong names"
    exit 1
}
for program in "$CERCLE_PROGRAM_CERCLE" "$CERCLE_PROGRAM_CERCLE_RELAY"; do
    found=$(simulators "$program")
    [[ $found -eq 0 ]] || {
        echo "$program holds $found names of the simulator"
        exit 1
    }
done
