# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What long forms have reached, over all their runs: they go on where the last one ended. Sourced.

# tally_number NAME N
tally_number() {
    [[ $2 =~ ^[1-9][0-9]*$ ]] || {
        echo "$1: N is a number, not '$2'" >&2
        exit 2
    }
    echo "$2"
}

# tally_open NAME FIRST: where the form NAME keeps what it has reached; it begins at FIRST.
tally_open() {
    tally=var/$1
    mkdir -p "$tally"
    [[ -e $tally/next ]] || echo "$2" >"$tally/next"
    rm -f "$tally"/part-* "$tally"/beside-*
}

tally_next() { cat "$tally/next"; }

# tally_of PART WORD: the number that stands before the word in a part's last line; 0 if it has none.
tally_of() {
    local found
    found=$(sed -n "s/^\\([0-9]* played, \\)*\\([0-9]*\\) $2.*/\\2/p" "$1" | tail -1)
    echo "${found:-0}"
}

# tally_wait FIRST COUNT WHAT: waits for the parts in the background, each with its own words in
# $tally/part-N (and what it says beside them, if anybody keeps that, in $tally/beside-N), and adds
# them up. Ends with 1 if one of them did not end well. A part that died without its last line
# counts as one broken, and the end of what it said beside is shown: it names what it was at. What
# was found is kept, and the next run goes on behind it all the same.
tally_wait() {
    local job status=0 played=0 broken=0 part beside
    for job in $(jobs -p); do wait "$job" || status=1; done
    for part in "$tally"/part-*; do
        grep -v -E '^[0-9]+ played' "$part" | tee -a "$tally/found" || true
        played=$((played + $(tally_of "$part" played)))
        broken=$((broken + $(tally_of "$part" broken)))
        grep -q -E '^[0-9]+ played' "$part" && continue
        status=1 broken=$((broken + 1)) beside=${part/part-/beside-}
        {
            echo "${part##*/} died without a word"
            [[ ! -e $beside ]] || tail -60 "$beside"
        } | tee -a "$tally/found"
    done
    echo $(($1 + $2)) >"$tally/next"
    echo "$(($(cat "$tally/played" 2>/dev/null || echo 0) + played))" >"$tally/played"
    echo "$(($(cat "$tally/broken" 2>/dev/null || echo 0) + broken))" >"$tally/broken"
    echo "$3 from $1 on: $played played, $broken broken; $(<"$tally/played") in all so far," \
        "$(<"$tally/broken") broken"
    return "$status"
}
