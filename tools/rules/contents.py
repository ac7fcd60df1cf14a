# SPDX-License-Identifier: AGPL-3.0-or-later
"""A folder's house call is its table of contents: every source in it is listed, in one folder
level, a header says #pragma once, and a source includes the header of its name first, which
proves that one compiles alone (the build does the same for those without a source)."""
import os

from .sample import HEAD

PLANTED = [
    ("a source no call lists", {"src/base/lost.cpp": HEAD}),
    ("a header no call lists", {"src/base/lost.h": HEAD + "#pragma once\n"}),
    ("a program's source no call lists", {"apps/cli/lost.cpp": HEAD}),
    ("a folder without a call", {"src/new/new.cpp": HEAD}),
    ("a folder in a library's folder", {"src/base/deep/bytes.cpp": HEAD}),
    ("a source that includes another header before its own",
     {"src/crypto/hash.cpp": HEAD + '#include "base/bytes.h"\n#include "crypto/hash.h"\n'}),
    ("a header without #pragma once", {"src/base/bytes.h": HEAD + "int bytes();\n"}),
]


def check(tree):
    listed = {os.path.normpath(os.path.join(call.folder, file)) for call in tree.calls
              for word in ("HEADERS", "SOURCES", "TESTS") for file in call[word]}
    for path in tree.sources("src/", "apps/", "tests/"):
        # A header that tests of several folders share belongs to no call.
        shared = path.startswith("tests/") and path.endswith(".h")
        if path.endswith((".h", ".cpp")) and path not in listed and not shared:
            yield f"{path}: no house call lists it"
        if path.startswith("src/") and path.count("/") > 2 and "/forge/" not in path:
            yield f"{path}: a library is one flat folder"
    for path in tree.sources():
        if path.endswith(".h") and "#pragma once" not in tree.text(path):
            yield f"{path}: has no #pragma once"
        own = path.removesuffix(".cpp") + ".h"
        if path.endswith(".cpp") and path.startswith("src/") and own in tree.paths:
            first = next((header for _, _, header in tree.includes(path)), "nothing")
            if "src/" + first != own:
                yield f"{path}: includes {first} first, and not its own header"
