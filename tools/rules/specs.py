# SPDX-License-Identifier: AGPL-3.0-or-later
"""A format's text and its code say the same version. Each docs/spec/*.md has, near its head,

    Version: 3
    Constant: src/protocol/frames.h protocol_version

and the constant is 3. A text that describes no format of ours says why: "Constant: none, because".
"""
import re

from .sample import HEAD

PLANTED = [
    ("a version that moved in the code", {"src/protocol/frames.h":
                                          HEAD + "#pragma once\nconstexpr int protocol_version = 4;\n"}),
    ("a version that moved in the text", {"docs/spec/frames.md":
                                          "Version: 4\nConstant: src/protocol/frames.h protocol_version\n"}),
    ("a text without a version", {"docs/spec/frames.md": "# Frames\n"}),
    ("a text without its constant", {"docs/spec/frames.md": "Version: 3\n"}),
    ("a constant that is gone", {"src/protocol/frames.h": HEAD + "#pragma once\n"}),
    ("a file that is gone", {"docs/spec/frames.md": "Version: 3\nConstant: src/gone.h protocol_version\n"}),
]


def check(tree):
    for path in tree.paths:
        if not (path.startswith("docs/spec/") and path.endswith(".md")) or path.endswith("README.md"):
            continue
        text = tree.text(path)
        constants = re.findall(r"^Constant:\s*(.+?)\s*$", text, re.M)
        versions = re.findall(r"^Version:\s*(\d+)", text, re.M)
        if not constants:
            yield f"{path}: has no line 'Constant: FILE NAME'"
            continue
        if constants[0].startswith("none, because "):
            continue
        if len(versions) != len(constants):
            yield f"{path}: wants one 'Version: N' for each 'Constant: FILE NAME'"
            continue
        for version, constant in zip(versions, constants):
            file, _, name = constant.partition(" ")
            if file not in tree.paths:
                yield f"{path}: {file} is not here"
                continue
            found = re.search(rf"\b{re.escape(name)}\b\s*(?:=\s*(?:[\w:]+\s*)?\{{?|\{{)\s*(\d+)", tree.code(file))
            if not found:
                yield f"{path}: {file} has no constant {name} with a number"
            elif found[1] != version:
                yield f"{path}: says version {version}, but {name} in {file} is {found[1]}"
