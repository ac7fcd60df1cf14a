// SPDX-License-Identifier: AGPL-3.0-or-later
//
// mls_peer SEED: members of mixed groups, ours; a question a line on standard input, its answer a
// line on standard output (members.h). The same seed and questions give the same answers.
#include <cstdlib>
#include <iostream>

#include "tests/interop/members.h"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: mls_peer SEED\n";
        return 2;
    }
    cercle::interop::Members members(std::strtoull(argv[1], nullptr, 10));
    for (std::string line; std::getline(std::cin, line);)
        std::cout << members.answer(cercle::interop::Json::parse(line)).dump() << std::endl;
}
