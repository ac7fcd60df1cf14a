#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""flips.py N SEED: one bit flips in a relay's directory, N times, each in a copy of its own.

The directory is that of a circle of 1,000 entries: of a relay that was stopped, and of one that was
killed, whose write-ahead log holds its last commits. After each flip `cercle-relay verify` has to end
with a fault and a sentence, and what the store still hands out has to be what was put there. (A page
of the file that the log holds anew is replaced by it before anything is read.) SEED
decides which bits; each kind of file has its share of them, however small it is.
"""
import collections
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("CERCLE_BIN", TREE / "build" / "release" / "bin"))

# Of ten flips so many each: the large file, its log, the key.
SHARES = ["relay.db"] * 6 + ["relay.db-wal"] * 3 + ["relay.key"]


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def furnish(act, place):
    place.mkdir(mode=0o700)
    made = run(BIN / "cercle-relay", "init", "--data", place)
    if made.returncode != 0:
        sys.exit(made.stderr)
    done = run(BIN / "furnish", act, place / "relay.db")
    expected = -signal.SIGKILL if act == "kill" else 0
    if done.returncode != expected:
        sys.exit(f"furnish {act} ended with {done.returncode}: {done.stderr}")


def copy_of(place):
    copy = place.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(place, copy)
    return copy


def handed_out(place):
    """(the lines of what is read there, whether reading found nothing wrong)"""
    lines = run(BIN / "furnish", "read", place / "relay.db").stdout.splitlines()
    return set(lines[:-1]), bool(lines) and lines[-1] == "whole"


def flip(path, bit):
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def last_commit(log):
    """Where the last commit in a write-ahead log begins (https://sqlite.org/fileformat2.html 4)."""
    frame = 24 + 4096
    commits = [at for at in range(32, len(log), frame) if int.from_bytes(log[at + 4:at + 8], "big")]
    return commits[-2] + frame


def pages_in(log):
    """Which pages a write-ahead log holds anew: as soon as it is read, they replace the file's."""
    return {int.from_bytes(log[at:at + 4], "big") for at in range(32, len(log), 24 + 4096)}


def main():
    number, chance = int(sys.argv[1]), random.Random(int(sys.argv[2]))
    found, broken = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        places = {act: scratch / act for act in ("fill", "kill")}
        right = {}
        for act, place in places.items():
            furnish(act, place)
            good = run(BIN / "cercle-relay", "verify", "--data", copy_of(place))
            right[act], whole = handed_out(copy_of(place))
            if good.returncode != 0 or not whole or len(right[act]) < 1000:
                sys.exit(f"what is right is not found right: {good.stdout}{good.stderr}")
        log = (places["kill"] / "relay.db-wal").read_bytes()
        begins, anew = last_commit(log), pages_in(log)
        for at in range(number):
            name = SHARES[at % len(SHARES)]
            act = "kill" if name == "relay.db-wal" else chance.choice(["fill", "kill"])
            size = (places[act] / name).stat().st_size
            bit = chance.randrange(8 * size)
            copy = copy_of(places[act])
            flip(copy / name, bit)
            verdict = run(BIN / "cercle-relay", "verify", "--data", copy)
            sentence = verdict.stderr.strip()
            complaint = ""
            healed = (act, name) == ("kill", "relay.db") and bit // 8 // 4096 + 1 in anew
            if verdict.returncode == 0 and healed:
                sentence = ": nothing (the log holds that page anew)."
            elif verdict.returncode == 0:
                complaint = "verify has found nothing"
            elif not re.fullmatch(r"cercle-relay: [^\n]+", sentence):
                complaint = f"verify ended with {verdict.returncode}, saying: {sentence!r}"
            copy = copy_of(places[act])
            flip(copy / name, bit)
            lines, whole = handed_out(copy)
            if not lines <= right[act]:
                complaint = "something else was handed out than was put there"
            # A commit at the end of a log that is not whole looks like one that was never finished.
            is_last = name == "relay.db-wal" and bit // 8 >= begins
            if not complaint and whole and not is_last and lines != right[act]:
                complaint = "something was left out without a word"
            if complaint:
                broken += 1
                print(f"bit {bit} of {name} ({act}): {complaint}", flush=True)
            found[name + ": " + sentence.partition(": ")[2].partition(").")[0] + ")"] += 1
        for what, times in sorted(found.items()):
            print(f"  {times:5} {what}", file=sys.stderr)
    print(f"{number} played, {broken} broken")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
