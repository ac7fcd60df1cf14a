// SPDX-License-Identifier: AGPL-3.0-or-later
//
// mls_vectors FILE...: tries files of MLS test vectors, recognising their kind by their content,
// and reports per file. Exit code 0 if every entry that has a cipher suite of ours passed.
#include <fstream>
#include <iostream>

#include "tests/vectors/mls_kinds.h"

int main(int argc, char** argv) {
    bool good = argc > 1;
    if (!good) std::cerr << "usage: mls_vectors FILE...\n";
    for (int at = 1; at < argc; ++at) {
        std::ifstream file(argv[at]);
        const auto json = cercle::vectors::Json::parse(file, nullptr, false);
        if (json.is_discarded()) {
            std::cout << argv[at] << ": not JSON\n";
            good = false;
            continue;
        }
        const cercle::vectors::Report report = cercle::vectors::try_all(json);
        if (report.kind.empty()) {
            std::cout << argv[at] << ": no kind of vector that is known here\n";
            good = false;
            continue;
        }
        std::cout << argv[at] << ": " << report.line() << '\n';
        for (const std::string& failure : report.failures)
            std::cout << "    " << failure << '\n';
        good = good && report.failures.empty() && report.passed > 0;
    }
    return good ? 0 : 1;
}
