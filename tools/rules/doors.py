# SPDX-License-Identifier: AGPL-3.0-or-later
"""One door per foreign library: its headers are included, and its targets linked, in one folder
only. A foreign header without a door is a fault too."""
import re

from .sample import HEAD, library

# Header -> the folders that may include it; the first pattern that fits counts.
TESTS = "tests"  # stands for every test source
DOORS = [
    # bench/relay: its client speaks TLS to peers of others, and measures what net adds to libssl
    (r"openssl/ssl\.h$", ["src/net", "bench/relay"]),
    (r"openssl/err\.h$", ["src/crypto", "src/net", "bench/relay"]),  # one queue of errors for both libraries
    (r"openssl/", ["src/crypto"]),
    (r"boost/", ["src/net"]),
    (r"sqlcipher/|sqlite3", ["src/store"]),
    (r"(tinycbor/)?cbor\w*\.h$", ["src/codec"]),
    (r"nlohmann/", ["apps", TESTS]),
    (r"CLI/", ["apps"]),
    (r"qrencode\.h$", ["apps"]),
    (r"unicode/", ["src/identity"]),
    (r"ftxui/", ["apps/cli"]),
    (r"utf8proc\.h$", ["apps/cli"]),
    (r"toml\+\+/", ["apps/relayd"]),
    (r"seccomp\.h$", ["apps/relayd"]),
    (r"botan/", ["tests/differential"]),
    (r"catch2/", [TESTS]),
    (r"benchmark/", ["bench"]),
    (r"zlib\.h$", [TESTS]),
]
TARGETS = [
    ("OpenSSL::SSL", ["src/net", "bench/relay"]),
    ("OpenSSL::Crypto", ["src/crypto"]),
    ("Boost::", ["src/net"]),
    ("PkgConfig::sqlcipher", ["src/store"]),
    ("tinycbor::", ["src/codec"]),
    ("PkgConfig::libqrencode", ["apps"]),
    ("ICU::", ["src/identity"]),
    ("ftxui::", ["apps/cli"]),
    ("PkgConfig::utf8proc", ["apps/cli"]),
    ("nlohmann_json::", ["apps"]),
    ("ZLIB::", [TESTS]),
    ("CLI11::", ["apps"]),
    ("tomlplusplus::", ["apps/relayd"]),
    ("PkgConfig::libseccomp", ["apps/relayd"]),
    ("Threads::", ["src/net", "src/store"]),
]
# The standard library, and the system's own headers, need no door.
SYSTEM = re.compile(r"[a-z_0-9]+$|(sys|linux|netinet|arpa|net|asm)/|"
                    r"(dirent|dlfcn|errno|fcntl|getopt|grp|limits|malloc|netdb|poll|pthread|pwd|"
                    r"sched|signal|stdint|stdio|stdlib|string|syslog|termios|time|unistd)\.h$|"
                    r"(sanitizer|valgrind)/")

PLANTED = [
    (f"{header} in {folder}", {f"{folder}/x.cpp": HEAD + f"#include <{header}>\n"})
    for header, folder in (
        ("openssl/evp.h", "src/mls"), ("openssl/x509.h", "src/net"), ("openssl/ssl.h", "src/relay"),
        ("boost/asio.hpp", "src/client"), ("boost/beast.hpp", "src/relay"),
        ("sqlcipher/sqlite3.h", "src/relay"), ("sqlite3.h", "src/client"),
        ("tinycbor/cbor.h", "src/envelope"), ("cbor.h", "src/client"),
        ("nlohmann/json.hpp", "src/client"), ("CLI/CLI.hpp", "src/officer"),
        ("qrencode.h", "src/identity"), ("ftxui/dom/node.hpp", "src/client"),
        ("utf8proc.h", "src/base"), ("toml++/toml.hpp", "apps/cli"), ("seccomp.h", "src/net"),
        ("botan/hash.h", "tests/vectors"), ("catch2/catch_test_macros.hpp", "src/mls"),
        ("zlib.h", "src/base"), ("Qt/qt.h", "src/base"))
] + [
    ("a foreign target at another's door",
     {"src/mls/CMakeLists.txt": library("mls", 2, "HEADERS tree.h DEPENDS crypto DOOR OpenSSL::Crypto")}),
    ("a foreign target without a door",
     {"src/mls/CMakeLists.txt": library("mls", 2, "HEADERS tree.h DEPENDS crypto DOOR Foo::Foo")}),
]


def stands_in(tree, path, folders):
    return any(path.startswith(folder + "/") or (folder == TESTS and tree.is_test(path))
               for folder in folders)


def check(tree):
    for path in tree.sources():
        for line, ours, header in tree.includes(path):
            if ours:
                continue
            folders = next((where for pattern, where in DOORS if re.match(pattern, header)), None)
            if folders is None and not SYSTEM.match(header):
                yield f"{path}:{line}: <{header}> has no door; tools/rules/doors.py lists them"
            elif folders is not None and not stands_in(tree, path, folders):
                yield f"{path}:{line}: <{header}> belongs to {' and '.join(folders)} only"
    for call in tree.calls:
        if call.kind == "house_tests" or call.kind == "house_fuzz":
            continue
        for target in [*call["DOOR"], *call["DOOR_PUBLIC"]]:
            folders = next((where for prefix, where in TARGETS if target.startswith(prefix)), None)
            if folders is None:
                yield f"{call.folder}: {target} has no door; tools/rules/doors.py lists them"
            elif not stands_in(tree, call.folder + "/", folders):
                yield f"{call.folder}: {target} belongs to {' and '.join(folders)} only"
