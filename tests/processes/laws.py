# SPDX-License-Identifier: AGPL-3.0-or-later
"""Laws that are tried with the real programs: said one by one as they are seen to hold, counted when
they do not, in a directory and among processes that end with them."""
import json
import os
import pathlib
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TREE / "tools"))

from demo import circle  # noqa: E402

failures = []


def case(law, holds, seen=""):
    print(("ok    " if holds else "FAILS ") + law + ("" if holds else f"   {seen}"), flush=True)
    if not holds:
        failures.append(law)


def objects(path):
    """What a command with --json has written into a file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def of_type(shown, kind):
    return [one for one in shown if one.get("type") == kind]


def try_all(play):
    """play(place), and then the number of laws that did not hold; what a program ends with."""
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="cercle-") as folder:
        try:
            play(pathlib.Path(folder))
        finally:
            circle.stop_everything()
    print(f"{len(failures)} failed")
    return 1 if failures else 0
