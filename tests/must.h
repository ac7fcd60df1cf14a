// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Must: what a test's own set-up needs to go well. Where it does not, the program ends and says at
// which line, so that fuzz targets, which have no Catch2, can stand on the same set-up.

#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <utility>

#include "base/result.h"

namespace cercle {

inline void must(bool holds, std::source_location where = std::source_location::current()) {
    if (holds) return;
    std::fprintf(stderr,
                 "%s:%u: a test's set-up did not go well\n",
                 where.file_name(),
                 static_cast<unsigned>(where.line()));
    std::abort();
}

template <class T>
T must(Result<T> result, std::source_location where = std::source_location::current()) {
    if (!result.has_value()) {
        std::fprintf(
            stderr, "%s (%s)\n", result.error().reason.text, result.error().where.file_name());
        must(false, where);
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace cercle
