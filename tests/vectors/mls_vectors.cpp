// SPDX-License-Identifier: AGPL-3.0-or-later
//
// mls_vectors FILE...: tries files of MLS test vectors, recognising their kind by their content,
// and says of each how many entries passed of how many. Ends with 0 if all entries of all files
// passed; with 3 if none failed, but some are in a cipher suite that is not covered; with 1 if one
// failed or a file could not be tried; with 2 if it was given no file.
#include <algorithm>
#include <fstream>
#include <iostream>

#include "tests/vectors/mls_kinds.h"

namespace {

enum class Outcome { Passed = 0, NotCovered = 3, Failed = 1 };

Outcome refuse(const std::string& name, std::string_view why) {
    std::cout << name << ": not tried: " << why << '\n';
    return Outcome::Failed;
}

Outcome try_file(const std::string& name) {
    using cercle::vectors::Json;
    std::ifstream file(name, std::ios::binary);
    // A folder opens, and only reading from it fails.
    if (!file || file.peek() == std::ifstream::traits_type::eof()) {
        return refuse(name, "it cannot be read, or is empty");
    }
    const Json json = Json::parse(file, nullptr, false);
    if (json.is_discarded()) return refuse(name, "it is not JSON");
    const auto [kind, report] = cercle::vectors::try_all(json);
    if (kind.empty()) return refuse(name, "it is of no kind of MLS vector that is known here");
    std::cout << name << ": " << kind << ": " << report.line() << '\n';
    for (const std::string& failure : report.failures)
        std::cout << "    " << failure << '\n';
    if (!report.failures.empty()) return Outcome::Failed;
    return report.not_covered.empty() ? Outcome::Passed : Outcome::NotCovered;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> names(argv + 1, argv + argc);
    if (names.empty() || names.front() == "--help") {
        std::cerr
            << "usage: mls_vectors FILE...\n"
               "tries files of MLS test vectors (JSON) and says how many entries passed; ends\n"
               "with 0 if all did, 3 if some are in a suite that is not covered, 1 otherwise\n";
        return 2;
    }
    std::vector<Outcome> outcomes;
    std::ranges::transform(names, std::back_inserter(outcomes), try_file);
    for (const Outcome worst : {Outcome::Failed, Outcome::NotCovered}) {
        if (std::ranges::contains(outcomes, worst)) return static_cast<int>(worst);
    }
    return static_cast<int>(Outcome::Passed);
}
