# SPDX-License-Identifier: AGPL-3.0-or-later
"""Words that have no place in the code, each with where it may stand all the same. Comments and
texts in quotes do not count."""
import re

from .sample import HEAD

# (pattern, what it is, where it may stand, whether it binds tests too)
BANS = [
    (r"\bdetached\b", "detached: a coroutine belongs to a TaskGroup", ("src/net/",), True),
    (r"\b(?:enable_)?shared_from_this\b", "shared_from_this: lifetime is owned, not hoped for", ("src/net/",), True),
    (r"\bweak_bind\b", "weak_bind: a dropped reply is an error, never silence", ("src/net/",), True),
    (r"\bstd::j?thread\b", "std::thread: threads are net's", ("src/net/",), False),
    (r"\bstd::async\b", "std::async: threads are net's", ("src/net/",), False),
    (r"\bthrow\b", "throw: what can fail returns a Result", ("apps/", "tests/"), False),
    (r"\b(?:assert|Q_ASSERT)\s*\(", "assert: gone in release; CHECK stays", (), False),
    (r"\brand\s*\(|\bstd::mt19937|\bstd::random_device\b", "a source of randomness beside base's Random", (), False),
    (r"\bsleep_(?:for|until)\b|\b[un]?sleep\s*\(", "sleep: tests and code wait for what they wait for", (), True),
]
IN_HEADERS = [(r"\busing\s+namespace\b", "using namespace in a header")]

PLANTED = [
    (word, {"src/mls/x.cpp": HEAD + f"auto x = {word};\n"})
    for word in ("boost::asio::detached", "shared_from_this()", "weak_bind(f)", "std::thread([] {})",
                 "std::jthread([] {})", "std::async(f)", "(throw 1, 2)", "rand()", "std::mt19937(1)",
                 "sleep(1)")
] + [
    ("assert", {"src/mls/x.cpp": HEAD + "void f() { assert(true); }\n"}),
    ("a sleeping test", {"src/mls/x_test.cpp": HEAD + "void f() { std::this_thread::sleep_for(1s); }\n"}),
    ("using namespace in a header", {"src/mls/tree.h": HEAD + "#pragma once\nusing namespace std;\n"}),
]


def check(tree):
    for path in tree.sources():
        code = tree.code(path)
        bans = [(pattern, what) for pattern, what, allowed, binds_tests in BANS
                if not (allowed and path.startswith(allowed)) and (binds_tests or not tree.is_test(path))]
        if path.endswith(".h"):
            bans += IN_HEADERS
        for pattern, what in bans:
            for match in re.finditer(pattern, code):
                yield f"{path}:{code.count(chr(10), 0, match.start()) + 1}: {what}"
