#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The program mls_vectors: it passes the working group's files, and nothing else."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = os.environ["CERCLE_PROGRAM_MLS_VECTORS"]
FOLDER = pathlib.Path(os.environ["CERCLE_VECTORS"]) / "mls"
failures = []


def case(law, files, code, *words):
    ran = subprocess.run([PROGRAM, *map(str, files)], capture_output=True, text=True)
    holds = ran.returncode == code and all(word in ran.stdout + ran.stderr for word in words)
    print(("ok    " if holds else "FAILS ") + law)
    if not holds:
        print(ran.returncode, ran.stdout, ran.stderr)
        failures.append(law)


def main(place):
    def written(name, content):
        path = place / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def of(name):
        return json.loads((FOLDER / name).read_text())

    every = sorted(FOLDER.glob("*.json"))
    case("every file of the working group passes", every, 0,
         *(f"{path}: " for path in every), "passive-client: 91 of 91")
    case("without a file, the usage", [], 2, "usage: mls_vectors FILE...")

    welcome = of("welcome.json")
    case("a file is known by what is in it", [written("x.txt", welcome)], 0, "x.txt: welcome: 7 of 7")
    welcome[3]["signer_pub"] = welcome[4]["signer_pub"]
    wrong = written("wrong.json", welcome)
    case("an entry that is wrong fails", [wrong], 1, "6 of 7; 1 FAILED", "entry 3: ")
    case("one file that fails fails all", [wrong, FOLDER / "welcome.json"], 1, ": welcome: 7 of 7")

    for name in ("key-schedule.json", "secret-tree.json", "passive-client-welcome.json"):
        changed = of(name)
        changed[0]["cipher_suite"] = 0xABCD
        count = f"{len(changed) - 1} of {len(changed)}; 1 not covered (no row for suite 43981)"
        case(f"a suite without a row is not covered: {name}", [written(name, changed)], 3, count)
    changed[0]["cipher_suite"] = 0x10001
    case("a suite of too many bits is another suite", [written("big.json", changed)], 3, "65537")
    changed = of("passive-client-handling-commit.json")
    del changed[5]["welcome"]
    case("an entry that lacks something fails", [written("lacks.json", changed)], 1, "90 of 91",
         "entry 5: ")
    changed = of("psk_secret.json") + of("welcome.json")
    case("an entry of another kind fails", [written("two.json", changed)], 1, "77 of 84; 7 FAILED")

    case("no file", [place / "none.json"], 1, "none.json: not tried: it cannot be read")
    case("a folder", [place], 1, "not tried: it cannot be read")
    case("an empty file", [written("empty.json", b"")], 1, "not tried: it cannot be read, or is empty")
    case("no JSON", [written("no.json", b"\xff\x00[")], 1, "not tried: it is not JSON")
    for content in ([], {}, 7, [1, 2], [{"a": 1}], [[]]):
        case(f"no vectors: {content}", [written("other.json", content)], 1,
             "not tried: it is of no kind of MLS vector that is known here")
    return 1 if failures else 0


if __name__ == "__main__":
    if not FOLDER.is_dir():
        print(f"SKIPPED: no vectors at {FOLDER}")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="cercle-") as folder:
        sys.exit(main(pathlib.Path(folder)))
