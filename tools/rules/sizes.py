# SPDX-License-Identifier: AGPL-3.0-or-later
"""Small files: above 400 lines one is looked at, above 800 it is refused. Tables (.inc) may be
long."""
from .sample import HEAD
from .tree import Warn

LOOK, REFUSE = 400, 800
PLANTED = [
    ("a file of 801 lines", {"src/base/bytes.cpp": HEAD + "\n" * 800}),
    ("a file of 401 lines, for a warning", {"src/base/bytes.cpp": HEAD + "\n" * 400}),
]


def check(tree):
    for path in tree.paths:
        if not path.startswith(("src/", "apps/", "tests/", "tools/", "bench/")) or \
                not path.endswith((".h", ".cpp", ".py", ".sh", ".cmake")):
            continue
        lines = tree.text(path).count("\n")
        if lines > REFUSE:
            yield f"{path}: {lines} lines; more than {REFUSE} is several ideas in one file"
        elif lines > LOOK:
            yield Warn(f"{path}: {lines} lines; is it still one idea?")
