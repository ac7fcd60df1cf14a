# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every C++ source looks as clang-format 19 with the tree's .clang-format writes it."""
import os
import re
import shutil
import subprocess

from .sample import HEAD

TOOL = "clang-format-19"
# A remark about a declaration stands above it. One behind the code of a line is what is left of a
# blank line that was lost, and clang-format then folds it into the margin.
GLUED = re.compile(r"^(?![ \t]*//).*[;}][ \t]*///.*", re.MULTILINE)
PLANTED = [
    ("a contract glued to the declaration before it",
     {"src/base/bytes.h": HEAD + "#pragma once\n\nint bytes();  /// The other one.\nint more();\n"}),
    ("a line with two blanks too many", {"src/base/bytes.cpp": HEAD + "int   bytes() { return 1; }\n"}),
]


def formatted(tree):
    """Tables (.inc) are laid out by hand, in columns."""
    return [path for path in tree.sources() if not path.endswith(".inc")]


def run(tree, paths, *options):
    """One process per processor: the tool itself takes one file after the other."""
    count = os.cpu_count() or 1
    shares = [paths[index::count] for index in range(count) if paths[index::count]]
    started = [subprocess.Popen([TOOL, *options, *share], cwd=tree.root, text=True,
                                stderr=subprocess.PIPE) for share in shares]
    return "".join(process.communicate()[1] for process in started)


def check(tree):
    for path in formatted(tree):
        for match in GLUED.finditer(tree.text(path)):
            yield (f"{path}:{tree.text(path).count(chr(10), 0, match.start()) + 1}: a contract behind "
                   "the code of its line: it belongs above what it is about")
    if not shutil.which(TOOL):
        yield f"{TOOL} is not here: try tools/shell tools/check"
        return
    paths = formatted(tree)
    if tree.only_changed:
        paths = sorted(set(paths) & set(tree.changed()))
    seen = set()
    for line in run(tree, paths, "--dry-run").splitlines():
        path = line.split(":")[0]
        if "-Wclang-format-violations" in line and path not in seen:
            seen.add(path)
            yield f"{':'.join(line.split(':')[:2])}: is not formatted (tools/check --fix does it)"
        elif "error:" in line:
            yield line


def fix(tree):
    run(tree, formatted(tree), "-i")
