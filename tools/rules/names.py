# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names that mean everything mean nothing: banned in the names of files and types."""
import pathlib
import re

from .sample import HEAD

BANNED = {"manager", "managers", "helper", "helpers", "util", "utils", "utility", "utilities",
          "common", "misc", "handler", "handlers", "impl"}
TYPE = re.compile(r"\b(?:class|struct|enum class|enum|union|concept|using)\s+(?:\[\[\w+\]\]\s*)?([A-Z]\w*)")
SNAKE = re.compile(r"[a-z0-9_]+$")

PLANTED = [
    ("a file named after nothing", {"src/base/string_utils.cpp": HEAD}),
    ("a folder named after nothing", {"src/common/bytes.cpp": HEAD}),
    ("a type that manages", {"src/base/bytes.h": HEAD + "#pragma once\nclass SessionManager {};\n"}),
    ("a hidden implementation", {"src/base/bytes.h": HEAD + "#pragma once\nstruct Impl;\n"}),
    ("a base class by name", {"src/base/bytes.h": HEAD + "#pragma once\nstruct StoreBase {};\n"}),
    ("a file in CamelCase", {"src/base/MyBytes.cpp": HEAD}),
]


def check(tree):
    for path in tree.paths:
        if not path.startswith(("src/", "apps/", "tests/", "tools/", "bench/")):
            continue
        for part in pathlib.PurePath(path).parts:
            words = set(re.split(r"[^a-z]+", part.lower()))
            if words & BANNED:
                yield f"{path}: '{part}' is a name that means everything"
    for path in tree.sources():
        if not SNAKE.match(pathlib.PurePath(path).stem.replace(".", "_")):
            yield f"{path}: files are named in snake_case"
        for match in TYPE.finditer(tree.code(path)):
            words = [word.lower() for word in re.findall(r"[A-Z][a-z0-9]*", match[1])]
            if set(words) & BANNED or (len(words) > 1 and words[-1] == "base"):
                yield f"{path}: '{match[1]}' is a name that means everything"
