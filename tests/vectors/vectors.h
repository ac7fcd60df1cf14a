// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Vectors made by others: where they are and how a test reads them. They stand outside the tree,
// in the folder that CERCLE_VECTORS names; a test that does not find them skips itself, or fails
// where CI=true says that they must be there. Link nlohmann_json::nlohmann_json and ZLIB::ZLIB.

#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include "base/bytes.h"
#include "tests/vectors/report.h"

namespace cercle::vectors {

using Json = nlohmann::json;

[[nodiscard]] inline std::filesystem::path folder() {
    const char* const named = std::getenv("CERCLE_VECTORS");
    if (named != nullptr) return named;
    return std::filesystem::path(CERCLE_SOURCE_DIR) / "../shared/vectors";
}

/// The bytes of a file as it is, or as it was before gzip.
[[nodiscard]] inline std::string contents(const std::filesystem::path& path) {
    std::string text;
    std::array<char, 65536> block{};
    // gzread also reads what is not compressed.
    const gzFile file = gzopen(path.c_str(), "rb");
    REQUIRE(file != nullptr);
    for (int size = 0; (size = gzread(file, block.data(), block.size())) > 0;) {
        text.append(block.data(), static_cast<std::size_t>(size));
    }
    REQUIRE(gzclose(file) == Z_OK);
    return text;
}

/// A file of the folder, such as "xwing/draft-connolly-xwing-kem.json"; ends the test without it,
/// so it is not for the inside of a CHECK().
[[nodiscard]] inline Json load(const std::string& name) {
    const std::filesystem::path path = folder() / name;
    if (!std::filesystem::exists(path)) {
        const char* const ci = std::getenv("CI");
        if (ci != nullptr && std::string(ci) == "true") FAIL("no vectors at " << path);
        SKIP("no vectors at " << path);
    }
    return Json::parse(contents(path));
}

/// What hexadecimal digits stand for.
[[nodiscard]] inline Bytes bytes(const Json& hex) {
    const auto read = from_hex(hex.get<std::string>());
    REQUIRE(read.has_value());
    return *read;
}

/// Says what came of a file, for the table at the end of ./test, and holds it to that.
inline void settle(const std::string& name, const Report& report) {
    std::cout << "VECTORS: " << name << ": " << report.line() << '\n';
    for (const std::string& failure : report.failures)
        FAIL_CHECK(failure);
    CHECK(report.passed > 0);
}

/// Tries each entry of a file that is a list: `one(entry, trial)`.
template <class One>
void try_list(const std::string& name, const One& one) {
    Report report;
    for (const Json& entry : load(name)) {
        Trial trial;
        one(entry, trial);
        report.take(trial, "entry " + std::to_string(report.entries));
    }
    settle(name, report);
}

/// Tries each test of a wycheproof or ACVP file: `one(group, test, trial)`.
template <class One>
void try_groups(const std::string& name, const One& one) {
    Report report;
    const Json file = load(name);
    for (const Json& group : file.at("testGroups")) {
        for (const Json& test : group.at("tests")) {
            Trial trial;
            one(group, test, trial);
            report.take(trial, "tcId " + test.at("tcId").dump());
        }
    }
    settle(name, report);
}

}  // namespace cercle::vectors
