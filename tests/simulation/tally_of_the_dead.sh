#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# tools/long/tally.sh adds up parts of which one dies: what it was at is said, what the others
# found is kept, and the next run begins behind it.
set -euo pipefail
source "$CERCLE_SOURCE_DIR/tools/long/tally.sh"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

expect() { # WHAT WANTED GOT
    [[ $2 == "$3" ]] || {
        echo "$1: '$3', and not '$2'"
        exit 1
    }
}

tally_open stories 200
first=$(tally_next)
printf '25 played, 0 broken\n' >"$tally/part-0" &
(
    printf 'simulate story 225\n' >"$tally/beside-1"
    : >"$tally/part-1"
    kill -ABRT "$BASHPID"
) &
(
    printf 'a law\nreplay it: simulate story 260\n25 played, 2 broken\n' >"$tally/part-2"
    exit 1
) &
status=0
tally_wait "$first" 75 stories >said || status=$?
said=$(<said)
expect "how it ends" 1 "$status"
expect "what was reached" 275 "$(tally_next)"
expect "how many were played" 50 "$(<"$tally/played")"
expect "how many broke" 3 "$(<"$tally/broken")"
for words in "simulate story 225" "replay it: simulate story 260" "part-1 died without a word" \
    "stories from 200 on: 50 played, 3 broken"; do
    [[ $said == *"$words"* ]] || {
        echo "it does not say '$words', but: $said"
        exit 1
    }
done
[[ $(<"$tally/found") == *"simulate story 225"* ]]

tally_open stories 200
expect "where the next begins" 275 "$(tally_next)"
printf '10 played, 0 broken\n' >"$tally/part-0" &
tally_wait 275 10 stories >/dev/null
expect "how many were played in all" 60 "$(<"$tally/played")"
expect "how many broke in all" 3 "$(<"$tally/broken")"
