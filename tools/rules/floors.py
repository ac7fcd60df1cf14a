# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may see whom. The rules are read from the house calls, so CMake stays the one place that
says who depends on whom: a library stands on strictly lower floors; it includes only what it
depends on, and of that only public headers; the relay reaches nothing that can read a message;
the apps see the client and the officer through their api.h only."""
from .sample import HEAD, library

READERS = ("mls", "envelope", "record", "identity")
# What a program may see of a library that has more than one public header.
API_ONLY = ("client", "officer")

PLANTED = [
    ("a library on its own floor", {"src/mls/CMakeLists.txt":
                                    library("mls", 2, "HEADERS tree.h DEPENDS protocol")}),
    ("a library on a higher floor", {"src/base/CMakeLists.txt":
                                     library("base", 0, "HEADERS bytes.h SOURCES bytes.cpp DEPENDS mls")}),
    ("a dependency that does not exist", {"src/mls/CMakeLists.txt":
                                          library("mls", 2, "HEADERS tree.h DEPENDS crypto nowhere")}),
    ("an include of what is not depended on", {"src/relay/log.h":
                                               HEAD + '#pragma once\n#include "crypto/hash.h"\n'}),
    ("an include of a private header", {"src/mls/tree.h":
                                        HEAD + '#pragma once\n#include "crypto/inner.h"\n'}),
    ("a program's include of what it does not depend on", {"apps/cli/main.cpp":
                                                           HEAD + '#include "mls/tree.h"\n'}),
    ("an include without its folder", {"src/base/bytes.cpp": HEAD + '#include "bytes.h"\n'}),
    ("a relay that depends on mls", {"src/relay/CMakeLists.txt":
                                     library("relay", 4, "HEADERS log.h DEPENDS protocol mls")}),
    ("a relay that reaches mls through another", {
        "src/relay/CMakeLists.txt": library("relay", 4, "HEADERS log.h DEPENDS protocol bridge"),
        "src/bridge/CMakeLists.txt": library("bridge", 3, "HEADERS bridge.h DEPENDS mls"),
        "src/bridge/bridge.h": HEAD + "#pragma once\n"}),
    ("a program that looks behind the client's api.h", {
        "src/client/CMakeLists.txt": library("client", 4, "HEADERS api.h outbox.h DEPENDS base"),
        "src/client/api.h": HEAD + "#pragma once\n", "src/client/outbox.h": HEAD + "#pragma once\n",
        "apps/cli/CMakeLists.txt": "# SPDX-License-Identifier: AGPL-3.0-or-later\n"
                                   "house_program(cercle SOURCES main.cpp DEPENDS client)\n",
        "apps/cli/main.cpp": HEAD + '#include "client/outbox.h"\n'}),
]


def reach(names, libraries):
    """What these libraries are and what they reach through their dependencies."""
    seen, ahead = set(), list(names)
    while ahead:
        name = ahead.pop()
        if name in libraries and name not in seen:
            seen.add(name)
            ahead += libraries[name]["DEPENDS"]
    return seen


def check(tree):
    libraries = tree.libraries
    for name, call in libraries.items():
        floor = int((call["FLOOR"] or ["0"])[0])
        for below in call["DEPENDS"]:
            if below not in libraries:
                yield f"{name} depends on {below}, which is no library"
            elif int((libraries[below]["FLOOR"] or ["0"])[0]) >= floor:
                yield f"{name} (floor {floor}) may not depend on {below}, which is not on a lower floor"
    for reader in READERS:
        if reader in reach(["relay"], libraries):
            yield f"relay reaches {reader}: the relay must not be able to read"
    for call in tree.calls:
        for word in ("HEADERS", "SOURCES", "TESTS"):
            for file in call[word]:
                yield from included(tree, call, f"{call.folder}/{file}")


def included(tree, call, path):
    if path not in tree.paths:
        return
    libraries, own = tree.libraries, call.folder.removeprefix("src/")
    sees = reach(call["DEPENDS"] + (call["TEST_DEPENDS"] if tree.is_test(path) else []), libraries)
    for line, ours, header in tree.includes(path):
        if not ours:
            continue
        where, (folder, _, file) = f"{path}:{line}", header.rpartition("/")
        if not folder:
            yield f'{where}: "{header}" wants its folder before it'
        elif folder not in libraries or folder == own or header.startswith(own + "/"):
            continue
        elif folder not in sees:
            yield f"{where}: {call.name} does not depend on {folder}"
        elif file not in libraries[folder]["HEADERS"]:
            yield f"{where}: {header} is private to {folder}"
        elif folder in API_ONLY and path.startswith("apps/") and file != "api.h":
            yield f"{where}: apps see {folder} through {folder}/api.h only"
