# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small tree without fault, in which the self-test plants one fault at a time."""

HEAD = "// SPDX-License-Identifier: AGPL-3.0-or-later\n"
SAMPLE = {
    ".clang-format": "BasedOnStyle: Google\nIndentWidth: 4\n",
    "src/base/CMakeLists.txt": "# SPDX-License-Identifier: AGPL-3.0-or-later\n"
                               "house_library(base FLOOR 0 HEADERS bytes.h SOURCES bytes.cpp)\n",
    "src/base/bytes.h": HEAD + "#pragma once\n\nint bytes();\n",
    "src/base/bytes.cpp": HEAD + '#include "base/bytes.h"\n\nint bytes() { return 1; }\n',
    "src/crypto/CMakeLists.txt": "# SPDX-License-Identifier: AGPL-3.0-or-later\n"
                                 "house_library(crypto FLOOR 1 HEADERS hash.h SOURCES hash.cpp inner.h\n"
                                 "  DEPENDS base DOOR OpenSSL::Crypto TESTS hash_test.cpp)\n",
    "src/crypto/hash.h": HEAD + '#pragma once\n\n#include "base/bytes.h"\n\nint hash();\n',
    "src/crypto/inner.h": HEAD + "#pragma once\n\nint inner();\n",
    "src/crypto/hash.cpp": HEAD + '#include "crypto/hash.h"\n\n#include <openssl/evp.h>\n\n'
                           '#include "crypto/inner.h"\n\n'
                           "// std::thread is not for us.\nint hash() { return bytes(); }\n",
    "src/crypto/hash_test.cpp": HEAD + '#include "crypto/hash.h"\n\n'
                                "#include <catch2/catch_test_macros.hpp>\n"
                                "#include <nlohmann/json.hpp>\n",
    "src/protocol/CMakeLists.txt": "# SPDX-License-Identifier: AGPL-3.0-or-later\n"
                                   "house_library(protocol FLOOR 2 HEADERS frames.h DEPENDS base)\n",
    "src/protocol/frames.h": HEAD + "#pragma once\n\nconstexpr int protocol_version = 3;\n",
    "src/mls/CMakeLists.txt": "# SPDX-License-Identifier: AGPL-3.0-or-later\n"
                              "house_library(mls FLOOR 2 HEADERS tree.h DEPENDS crypto)\n",
    "src/mls/tree.h": HEAD + '#pragma once\n\n#include "crypto/hash.h"\n',
    "src/relay/CMakeLists.txt": "# SPDX-License-Identifier: AGPL-3.0-or-later\n"
                                "house_library(relay FLOOR 4 HEADERS log.h DEPENDS protocol)\n",
    "src/relay/log.h": HEAD + '#pragma once\n\n#include "protocol/frames.h"\n',
    "apps/cli/CMakeLists.txt": "# SPDX-License-Identifier: AGPL-3.0-or-later\n"
                               "house_program(cercle SOURCES main.cpp DEPENDS base)\n",
    "apps/cli/main.cpp": HEAD + '#include "base/bytes.h"\n\nint main() { return bytes(); }\n',
    "docs/spec/frames.md": "# Frames\n\nVersion: 3\nConstant: src/protocol/frames.h protocol_version\n",
}


def library(name, floor, rest):
    """A CMakeLists.txt with one library."""
    return ("# SPDX-License-Identifier: AGPL-3.0-or-later\n"
            f"house_library({name} FLOOR {floor} {rest})\n")
