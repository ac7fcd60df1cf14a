# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every source names its licence in its first lines."""
LINE = "SPDX-License-Identifier: AGPL-3.0-or-later"
ENDINGS = (".h", ".cpp", ".inc", ".py", ".sh", ".cmake", "CMakeLists.txt", ".ts", ".qml")
PLANTED = [
    ("a source without a licence", {"src/base/bytes.cpp": "int bytes() { return 1; }\n"}),
    ("a script without a licence", {"tools/thing": "#!/bin/sh\necho\n"}),
    ("another licence", {"src/base/bytes.cpp": "// SPDX-License-Identifier: MIT\n"}),
]


def check(tree):
    for path in tree.paths:
        if path.endswith(ENDINGS) or \
                ("." not in path.rpartition("/")[2] and tree.text(path).startswith("#!")):
            if LINE not in "".join(tree.text(path).splitlines(keepends=True)[:3]):
                yield f"{path}: has no line '{LINE}' at its head"
