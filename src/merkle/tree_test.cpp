// SPDX-License-Identifier: AGPL-3.0-or-later
#include "merkle/tree.h"

#include <catch2/catch_test_macros.hpp>

#include "merkle/reference.h"
#include "merkle/stored_tree.h"

namespace {

using namespace cercle;
using namespace cercle::merkle;

}  // namespace

TEST_CASE("a tree's root is the one of RFC 9162, for every size that was") {
    StoredTree tree;
    for (std::size_t size = 0; size <= 130; ++size) {
        for (std::size_t earlier = 0; earlier <= size; ++earlier) {
            const auto root = root_of({earlier}, tree.lookup());
            REQUIRE(root.has_value());
            REQUIRE(*root == reference::mth(reference::part(tree.leaves, 0, earlier)));
        }
        tree.add(static_cast<std::uint8_t>(size));
    }
}

TEST_CASE("leaves and nodes are hashed apart, so that no leaf passes for a node") {
    // SHA-256 of nothing, of 00, and of 01 followed by twice that.
    CHECK(empty_root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(leaf_hash({}).hex() ==
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    const Hash leaf = leaf_hash({});
    Bytes both = to_bytes(leaf.view());
    both.insert(both.end(), leaf.bytes.begin(), leaf.bytes.end());
    CHECK(node_hash(leaf, leaf) != leaf_hash(both));
}

TEST_CASE("a node that is stored is never stored otherwise again") {
    StoredTree tree;
    std::size_t stored = 0;
    for (std::size_t size = 0; size < 200; ++size) {
        tree.add(7);
        CHECK(tree.nodes.size() > stored);
        stored = tree.nodes.size();
        CHECK_FALSE(tree.overwritten);
    }
    CHECK(stored < 400);
}

TEST_CASE("a store that fails is said to") {
    const Lookup none = [](Node) -> Result<Hash> {
        return fail(Code::store_corrupt, "a test's fault");
    };
    CHECK(root_of({5}, none).error().code == Code::store_corrupt);
    CHECK(grow({1}, Hash{}, none).error().code == Code::store_corrupt);
    CHECK(root_of({0}, none).has_value());
}
