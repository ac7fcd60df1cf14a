#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every file of vectors is named by a test, so that one that is added is not forgotten."""
import os
import pathlib
import sys

FOLDER = pathlib.Path(os.environ["CERCLE_VECTORS"])
TREE = pathlib.Path(os.environ["CERCLE_SOURCE_DIR"])
# What waits for what it is about.
LATER = {"sframe": "calls are not here yet"}


def main():
    if not FOLDER.is_dir():
        print(f"SKIPPED: no vectors at {FOLDER}")
        return 77
    tests = "".join(path.read_text() for path in TREE.glob("src/**/*_test.cpp"))
    missing, found = [], 0
    for path in sorted(FOLDER.rglob("*.json*")):
        name = path.relative_to(FOLDER)
        if name.parts[0] in LATER:
            print(f"later {name}: {LATER[name.parts[0]]}")
            continue
        found += 1
        # The working group's files are named without their folder.
        wanted = name.name if name.parts[0] == "mls" else str(name)
        if f'"{wanted}"' not in tests:
            missing.append(name)
    for name in missing:
        print(f"FAILS {name} is tried by no test")
    print(f"{found} files, {len(missing)} of them tried by no test")
    return 1 if missing or not found else 0


if __name__ == "__main__":
    sys.exit(main())
