// SPDX-License-Identifier: AGPL-3.0-or-later
#include "access/label.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch_test_macros.hpp>

namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
}

}  // namespace

TEST_CASE("every label in the house stands in the registry, and each means one thing") {
    const std::filesystem::path tree = CERCLE_SOURCE_DIR;
    const std::string registry = content_of(tree / "docs/spec/labels.md");
    const std::regex label("\"(Cercle 1 [^\"]+)\"");
    std::multiset<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(tree / "src")) {
        const std::string name = entry.path().filename().string();
        if (!name.ends_with(".cpp") || name.ends_with("_test.cpp")) continue;
        const std::string source = content_of(entry.path());
        for (auto at = std::sregex_iterator(source.begin(), source.end(), label);
             at != std::sregex_iterator();
             ++at) {
            found.insert((*at)[1].str());
        }
    }
    CHECK(found.size() > 20);
    for (const std::string& text : found) {
        INFO(text);
        CHECK(found.count(text) == 1);
        const bool is_step = text.starts_with("Cercle 1 enrolment step ");
        const std::string stem = is_step ? "`Cercle 1 enrolment step 0` to `4`" : "`" + text + "`";
        CHECK(registry.find(stem) != std::string::npos);
    }
}
