# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tree names no place of the machine it was written on, and no package mirror: it must build
anywhere, from whatever mirror a machine is set up with."""
import re

MIRRORS = re.compile(r"\b(?:deb|security|snapshot|ftp(?:\.\w+)?)\.debian\.org|registry\.npmjs\.org"
                     r"|^\s*\"resolved\":", re.M)
HOST = "deb." + "debian.org"  # in two parts, or this file would be its own fault

PLANTED = [
    ("this checkout's own path", lambda root: {"docs/notes.md": f"built in {root}\n"}),
    ("a path beside this checkout", lambda root: {"docs/notes.md": f"see {root.parent}/shared/x\n"}),
    ("a mirror's address", {"tools/set_up.sh": f"# SPDX\nmirror=http://{HOST}/debian\n"}),
    ("a download address in a lock file", {"apps/desk/package-lock.json": '{\n  "resolved": "https://x"\n}\n'}),
]


def check(tree):
    here = [str(tree.root), f"{tree.root.parent}/shared"]
    # A checkout at /src, say, has a path too plain to be a trace.
    here = [place for place in here if place.count("/") > 1]
    for path in tree.paths:
        text = tree.text(path)
        for place in here:
            if re.search(re.escape(place) + r"(?![\w-])", text):
                yield f"{path}: names {place}, a place of this machine"
        match = MIRRORS.search(text)
        if match:
            yield f"{path}: names a mirror, {match.group().strip()}"
