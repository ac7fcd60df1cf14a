# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every decoder has its fuzz target. A decoder is what src/ names in codec::decode<...>(...), and
what a public or private header there declares as a parse(), load() or decode...() of bytes or of a
text. Each is named, with its namespace, in the code of some *_fuzz.cpp. What is read only inside
of another struct (codec::read<...>) is reached through that."""
import os
import re

from .sample import HEAD

DECODED = re.compile(r"\bcodec::decode<\s*([\w:]+)\s*>\s*\(")
# "static Result<Certificate> parse(BytesView der)": a type that is made from bytes.
MADE = re.compile(r"\bstatic\s+Result<(?:[\w:]+::)?(\w+)>\s+(parse|load)\s*\(\s*(?:BytesView|std::string_view)\b")
# "Result<Content> decode_content(BytesView bytes)"
FREE = re.compile(r"^(?:\[\[nodiscard\]\]\s+)?Result<[\w:<>]+>\s+(decode\w*)\s*\(\s*BytesView\b", re.M)

FRAMES = HEAD + "#pragma once\n\n#include \"codec/tls.h\"\n"
PLANTED = [
    ("a struct that no target names",
     {"src/relay/intake.cpp": HEAD + "auto x = codec::decode<Letter>(bytes);\n"}),
    ("a struct whose name a target has from another folder",
     {"src/relay/intake.cpp": HEAD + "auto x = codec::decode<Letter>(bytes);\n",
      "tests/fuzz/letter_fuzz.cpp": HEAD + "auto x = round_trip<client::Letter>(bytes);\n"}),
    ("a struct that a target names in a comment",
     {"src/relay/intake.cpp": HEAD + "auto x = codec::decode<Letter>(bytes);\n",
      "tests/fuzz/letter_fuzz.cpp": HEAD + "// relay::Letter, some day\n"}),
    ("a struct of another folder",
     {"src/relay/intake.cpp": HEAD + "auto x = codec::decode<protocol::Letter>(bytes);\n",
      "tests/fuzz/letter_fuzz.cpp": HEAD + "auto x = round_trip<relay::Letter>(bytes);\n"}),
    ("a type that parses a text",
     {"src/net/address.h": HEAD + "#pragma once\nstruct Address {\n"
                                  "    static Result<Address> parse(std::string_view text);\n};\n"}),
    ("a type that loads bytes",
     {"src/net/key.h": HEAD + "#pragma once\nstruct Key {\n"
                              "    [[nodiscard]] static Result<Key> load(BytesView saved);\n};\n"}),
    ("a function that decodes",
     {"src/mls/tree.h": HEAD + "#pragma once\n[[nodiscard]] Result<Tree> decode_tree(BytesView bytes);\n"}),
]


def decoders(tree):
    """(where, qualified name) of each."""
    for path in tree.sources("src/"):
        if tree.is_test(path) or "/forge/" in path:
            continue
        folder = os.path.basename(os.path.dirname(path))
        code = tree.code(path)
        for name in DECODED.findall(code):
            name = name.removeprefix("cercle::")
            if name == "Bytes":  # a length and what it counts: codec's own, and in every target
                continue
            if "::" not in name:
                used = re.search(rf"\busing\s+(?:cercle::)?(\w+::{name});", code)
                name = used[1] if used else f"{folder}::{name}"
            yield path, name
        if path.endswith(".h"):
            for kind, verb in MADE.findall(code):
                yield path, f"{folder}::{kind}::{verb}"
            inner = re.findall(r"^namespace cercle::([\w:]+) \{", code, re.M)
            for name in FREE.findall(code):
                yield path, f"{inner[-1] if inner else folder}::{name}"


def check(tree):
    targets = "\n".join(tree.code(path) for path in tree.sources("src/", "tests/")
                        if path.endswith("_fuzz.cpp"))
    seen = set()
    for path, name in decoders(tree):
        if name not in seen and not re.search(rf"(?<![\w]){re.escape(name)}\b", targets):
            yield f"{path}: no fuzz target names {name}"
        seen.add(name)
