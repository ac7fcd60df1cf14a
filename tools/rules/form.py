# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every C++ source looks as clang-format 19 with the tree's .clang-format writes it."""
import os
import shutil
import subprocess

from .sample import HEAD

TOOL = "clang-format-19"
PLANTED = [
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
