// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Vectors made by others: where they are and how a test reads them. They stand outside the tree,
// in the folder that CERCLE_VECTORS names. Where there is no such folder a test that wants them
// skips itself, or fails where CI=true says that they must be there; a file that the folder lacks
// is a failure in any case. Link ZLIB::ZLIB.

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/file.h"
#include "tests/vectors/report.h"

namespace cercle::vectors {

[[nodiscard]] inline std::filesystem::path folder() {
    const char* const named = std::getenv("CERCLE_VECTORS");
    if (named != nullptr) return named;
    return std::filesystem::path(CERCLE_SOURCE_DIR) / "../shared/vectors";
}

/// A file of the folder, such as "xwing/draft-connolly-xwing-kem.json"; ends the test without it,
/// so it is not for the inside of a CHECK().
[[nodiscard]] inline Json load(const std::string& name) {
    if (!std::filesystem::exists(folder())) {
        const char* const ci = std::getenv("CI");
        if (ci != nullptr && std::string(ci) == "true") FAIL("no vectors at " << folder());
        SKIP("no vectors at " << folder());
    }
    const auto text = contents(folder() / name);
    if (!text) FAIL("vectors without " << name << ", or it cannot be read");
    return Json::parse(*text);
}

/// Says what came of a file, for the table at the end of ./test, and holds it to that.
inline void settle(const std::string& name, const KindReport& tried) {
    REQUIRE(!tried.kind.empty());
    std::cout << "VECTORS: " << name << ": " << tried.report.line() << '\n';
    for (const std::string& failure : tried.report.failures)
        FAIL_CHECK(failure);
    CHECK(tried.report.passed > 0);
}

}  // namespace cercle::vectors
