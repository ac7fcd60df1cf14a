// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace cercle {

void end_on_bug(const char* literal, std::source_location where) {
    std::fprintf(stderr,
                 "cercle: a bug in the program: %s (%s:%u)\n",
                 literal,
                 where.file_name(),
                 static_cast<unsigned>(where.line()));
#if defined(__SANITIZE_ADDRESS__)
    std::abort();  // fuzzers and sanitised tests want the stack
#else
    std::_Exit(70);
#endif
}

}  // namespace cercle
