// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The MLS working group's own vectors. Each test says how many entries passed of how many.
#include "tests/vectors/vectors.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/mls_kinds.h"

namespace cercle::mls {
namespace {

void require_all(const std::string& file) {
    const std::string name = "mls/" + file;
    vectors::settle(name, vectors::try_mls(vectors::load(name)));
}

TEST_CASE("tree math is the working group's") {
    require_all("tree-math.json");
}

TEST_CASE("lengths of vectors are read and written as the working group does") {
    require_all("deserialization.json");
}

TEST_CASE("every kind of message survives decoding and encoding") {
    require_all("messages.json");
}

TEST_CASE("labelled cryptography is the working group's") {
    require_all("crypto-basics.json");
}

TEST_CASE("the key schedule is the working group's") {
    require_all("key-schedule.json");
}

TEST_CASE("pre-shared keys combine as the working group's do") {
    require_all("psk_secret.json");
}

TEST_CASE("the secret tree is the working group's") {
    require_all("secret-tree.json");
}

TEST_CASE("messages open, and ours open, as the working group's do") {
    require_all("message-protection.json");
}

TEST_CASE("transcript hashes are the working group's") {
    require_all("transcript-hashes.json");
}

TEST_CASE("a Welcome of the working group opens") {
    require_all("welcome.json");
}

TEST_CASE("proposals change trees as the working group's do") {
    require_all("tree-operations.json");
}

TEST_CASE("the working group's trees are valid and hash to what they say") {
    require_all("tree-validation.json");
}

TEST_CASE("update paths of the working group open, and ours do") {
    require_all("treekem.json");
}

TEST_CASE("a client joins all groups of the working group") {
    require_all("passive-client-welcome.json");
}

TEST_CASE("a client follows every kind of commit of the working group") {
    require_all("passive-client-handling-commit.json");
}

TEST_CASE("a client follows two hundred random epochs of the working group") {
    require_all("passive-client-random.json");
}

}  // namespace
}  // namespace cercle::mls
