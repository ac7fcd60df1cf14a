#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The program mls_vectors: it passes the files of its kinds, and nothing else."""
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = os.environ["CERCLE_PROGRAM_MLS_VECTORS"]
FOLDER = pathlib.Path(os.environ["CERCLE_VECTORS"])
PASSED, FAILED, NOT_TRIED, NOT_COVERED = 0, 1, 2, 3
UNKNOWN = "not tried: it is of no kind of vector that is known here"
failures = []


def case(law, files, code, *words):
    ran = subprocess.run([PROGRAM, *map(str, files)], capture_output=True, text=True)
    holds = ran.returncode == code and all(word in ran.stdout + ran.stderr for word in words)
    print(("ok    " if holds else "FAILS ") + law)
    if not holds:
        print(ran.returncode, ran.stdout, ran.stderr)
        failures.append(law)


def of(name):
    path = FOLDER / name
    return json.loads((gzip.open if path.suffix == ".gz" else open)(path, "rt").read())


def main(place):
    def written(name, content):
        path = place / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    every = sorted(FOLDER.glob("mls/*.json"))
    case("every file of the working group passes", every, PASSED,
         *(f"{path}: " for path in every), "passive-client: 91 of 91; suites 1 to 7: 13 of 13 each")
    case("without a file, the usage", [], NOT_TRIED, "usage: mls_vectors FILE...")
    case("the usage", ["--help"], PASSED, "usage: mls_vectors FILE...", "  3  what was tried passed")

    welcome = of("mls/welcome.json")
    case("a file is known by what is in it", [written("x.txt", welcome)], PASSED, "x.txt: welcome: 7 of 7")
    case("a file may be gzipped", [written("x.gz", gzip.compress(json.dumps(welcome).encode()))],
         PASSED, "x.gz: welcome: 7 of 7")
    welcome[3]["signer_pub"] = welcome[4]["signer_pub"]
    wrong = written("wrong.json", welcome)
    case("an entry that is wrong fails", [wrong], FAILED, "6 of 7; 1 FAILED", "entry 3: ")
    case("one file that fails fails all", [wrong, FOLDER / "mls/welcome.json"], FAILED,
         ": welcome: 7 of 7")
    welcome[3]["signer_pub"] = "no digits"
    case("an entry that cannot be read fails", [written("digits.json", welcome)], FAILED,
         "6 of 7; 1 FAILED", "entry 3: digits that are not hexadecimal")

    # What is changed is cut to a few entries: the whole was tried above.
    for name in ("key-schedule.json", "secret-tree.json", "passive-client-welcome.json"):
        changed = of(f"mls/{name}")[:7]
        changed[0]["cipher_suite"] = 0xABCD
        count = f"{len(changed) - 1} of {len(changed)}; 1 not covered (no row for suite 43981)"
        case(f"a suite without a row is not covered: {name}", [written(name, changed)], NOT_COVERED, count)
    changed[0]["cipher_suite"] = 0x10001
    case("a suite of too many bits is another suite", [written("big.json", changed)], NOT_COVERED, "65537")
    changed = of("mls/passive-client-handling-commit.json")[:7]
    del changed[5]["welcome"]
    case("an entry that lacks something fails", [written("lacks.json", changed)], FAILED, "6 of 7",
         "entry 5: ")
    changed = of("mls/psk_secret.json") + of("mls/welcome.json")
    case("an entry of another kind fails", [written("two.json", changed)], FAILED, "77 of 84; 7 FAILED")

    # What would be out of bounds for the code under test is a failure of the entry.
    for name, path, value in (
            ("deserialization", (0, "length"), 1 << 32), ("tree-math", (1, "sibling"), []),
            ("crypto-basics", (0, "expand_with_label", "length"), 1 << 31), ("tree-validation", (0, "resolutions"), []),
            ("key-schedule", (0, "epochs", 0, "exporter", "length"), -1), ("tree-operations", (2, "tree_before"), "00"),
            ("treekem", (1, "leaves_private", 0, "path_secrets", 0, "node"), 1 << 30),
            ("treekem", (1, "update_paths", 0, "sender"), 1 << 30)):
        changed = place_of = of(f"mls/{name}.json")[:3]
        for step in path[:-1]:
            place_of = place_of[step]
        place_of[path[-1]] = value
        case(f"a number or list out of bounds fails: {name}", [written("bounds.json", changed)], FAILED,
             "; 1 FAILED", f"entry {path[0]}: ")

    # Of every primitive: the whole file, and one with a single wrong digit.
    case("HPKE's vectors are known, and what is not covered is said",
         [FOLDER / "hpke/rfc9180-vectors.json.gz", FOLDER / "hpke/draft-ietf-hpke-pq.json"], NOT_COVERED,
         "HPKE: 24 of 128; 32 not covered (mode auth, ", "HPKE: 5 of 13; 1 not covered (ML-KEM-512")
    for name in ("hpke/rfc9180-vectors.json.gz", "xwing/draft-connolly-xwing-kem.json"):
        changed = of(name)[:3]
        changed[0]["pkRm" if "pkRm" in changed[0] else "pk"] = "00"
        case(f"a wrong entry fails: {name}", [written("wrong.json", changed)], FAILED, "1 FAILED", "entry 0: ")
    case("X-Wing's vectors pass", [FOLDER / "xwing/draft-connolly-xwing-kem.json"], PASSED, "X-Wing: 3 of 3")
    for path in sorted(FOLDER.glob("wycheproof/*.json")):
        changed = json.loads(path.read_text())
        count = sum(len(group["tests"]) for group in changed["testGroups"])
        case(f"{path.name} passes, as far as it is covered", [path],
             NOT_COVERED if path.name.startswith(("aes_gcm", "chacha20", "hkdf", "mldsa")) else PASSED,
             f"Wycheproof {changed['algorithm']} (", f" of {count}")
        changed["testGroups"] = changed["testGroups"][:1]
        changed["testGroups"][0]["tests"] = changed["testGroups"][0]["tests"][:3]
        first = changed["testGroups"][0]["tests"][0]
        first["result"] = "invalid" if first["result"] == "valid" else "valid"
        if "keygen" in path.name:
            first["ek"] = first["ek"][2:] + "00"
        case(f"a test that is wrong fails: {path.name}", [written("wrong.json", changed)], FAILED,
             "; 1 FAILED", f"tcId {first['tcId']}: ")
        del first["result"], first["tcId"]
        first["seed"] = first["msg"] = first["private"] = first["size"] = first["m"] = "x"
        case(f"a test that cannot be read fails: {path.name}", [written("lacks.json", changed)], FAILED,
             "; 1 FAILED", "test 0: ")
    for kind, count in (("keyGen", 75), ("encapDecap", 105)):
        questions = FOLDER / f"mlkem-acvp/ML-KEM-{kind}-prompt.json.gz"
        answers = FOLDER / f"mlkem-acvp/ML-KEM-{kind}-expectedResults.json.gz"
        for both in ([questions, answers], [answers, questions]):
            case(f"questions and answers of ACVP are tried together: {kind}", both, PASSED,
                 f"ACVP ML-KEM ({kind}): {count} of {count}", f"{answers}: answers to {questions}")
        case("questions without answers are not tried", [questions], NOT_TRIED,
             "not tried: the file with its answers is not among them")
        case("answers without questions are not tried", [answers], NOT_TRIED,
             "not tried: the file with its questions is not among them")
        changed = of(answers.relative_to(FOLDER))
        field = "ek" if kind == "keyGen" else "k"
        changed["testGroups"][0]["tests"][2][field] = "00"
        del changed["testGroups"][0]["tests"][3]
        case("a wrong answer fails, and one that is not there",
             [questions, written("answers.json", changed)], FAILED, f"{count - 2} of {count}; 2 FAILED")
    changed = of("mlkem-acvp/ML-KEM-encapDecap-prompt.json.gz")
    group = next(one for one in changed["testGroups"] if one["function"] == "decapsulation")
    group["dk"] = "ff" * (len(group["dk"]) // 2)
    case("a key that is none fails", [written("dk.json", changed), answers], FAILED, "FAILED", ": dk")

    case("no file", [place / "none.json"], NOT_TRIED, "none.json: not tried: it cannot be read")
    case("a folder", [place], NOT_TRIED, "not tried: it cannot be read")
    case("an empty file", [written("empty.json", b"")], NOT_TRIED, "not tried: it is empty")
    case("no JSON", [written("no.json", b"\xff\x00[")], NOT_TRIED, "not tried: it is not JSON")
    case("half a gzip", [written("half.gz", gzip.compress(b"[]" * 999)[:20])], NOT_TRIED,
         "not tried: it cannot be read")
    case("a file of calls, which are not here", sorted(FOLDER.glob("sframe/*.json")), NOT_TRIED, UNKNOWN)
    for content in ([], {}, 7, [1, 2], [{"a": 1}], [[]], {"testGroups": []}, {"testGroups": 7},
                    {"testGroups": [7]}, {"testGroups": [{"type": "AeadTest2", "tests": []}]}):
        case(f"no vectors: {content}", [written("other.json", content)], NOT_TRIED, UNKNOWN)
    case("a file without a test", [written("none.json", {"testGroups": [{"type": "MacTest", "tests": []}]})],
         NOT_TRIED, "it has no entries")
    case("a failure is told before a file that was not tried", [place, wrong], FAILED)
    return 1 if failures else 0


if __name__ == "__main__":
    if not FOLDER.is_dir():
        print(f"SKIPPED: no vectors at {FOLDER}")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="cercle-") as folder:
        sys.exit(main(pathlib.Path(folder)))
