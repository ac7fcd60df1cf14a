// SPDX-License-Identifier: AGPL-3.0-or-later
#include "merkle/proof.h"

#include <catch2/catch_test_macros.hpp>

#include "merkle/stored_tree.h"

namespace {

using namespace cercle;
using namespace cercle::merkle;

constexpr std::size_t most = 70;

StoredTree grown() {
    StoredTree tree;
    for (std::size_t size = 0; size < most; ++size)
        tree.add(static_cast<std::uint8_t>(3 * size));
    return tree;
}

/// Every path that is one step away from a right one: a bit, a hash less, a hash more, two swapped.
std::vector<Path> spoiled(const Path& path) {
    std::vector<Path> all;
    for (std::size_t at = 0; at < path.size(); ++at) {
        for (const std::size_t bit : {0U, 77U, 255U}) {
            all.push_back(path);
            all.back()[at].bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        }
        all.push_back(path);
        all.back().erase(all.back().begin() + static_cast<std::ptrdiff_t>(at));
        all.push_back(path);
        all.back().insert(all.back().begin() + static_cast<std::ptrdiff_t>(at), path[at]);
        if (at == 0) continue;
        all.push_back(path);
        std::swap(all.back()[at], all.back()[at - 1]);
    }
    all.push_back(path);
    all.back().emplace_back();
    return all;
}

}  // namespace

TEST_CASE("every leaf's path is the one of RFC 9162 and leads to the root, in a tree of any size") {
    const StoredTree tree = grown();
    for (std::uint64_t size = 1; size <= most; ++size) {
        const Sight sight = tree.sight(size);
        for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
            const auto path = prove_inclusion({leaf}, {size}, tree.lookup());
            REQUIRE(path.has_value());
            REQUIRE(*path == reference::path(leaf, reference::part(tree.leaves, 0, size)));
            REQUIRE(check_inclusion(tree.leaves[leaf], {leaf}, sight, *path).has_value());
        }
        CHECK(prove_inclusion({size}, {size}, tree.lookup()).error().code ==
              Code::invalid_argument);
    }
}

TEST_CASE("a path that is not the leaf's own, or of another tree, leads nowhere") {
    const StoredTree tree = grown();
    for (const std::uint64_t size : {1U, 2U, 3U, 7U, 8U, 13U, 64U, 70U}) {
        const Sight sight = tree.sight(size);
        for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
            const auto path = prove_inclusion({leaf}, {size}, tree.lookup());
            REQUIRE(path.has_value());
            const auto refused =
                [&](const Hash& hash, std::uint64_t number, const Sight& root, const Path& shown) {
                    return !check_inclusion(hash, {number}, root, shown).has_value();
                };
            for (const Path& wrong : spoiled(*path))
                REQUIRE(refused(tree.leaves[leaf], leaf, sight, wrong));
            Hash other = tree.leaves[leaf];
            other.bytes[9] ^= 1;
            CHECK(refused(other, leaf, sight, *path));
            CHECK(refused(tree.leaves[leaf], leaf, {{size}, other}, *path));
            CHECK(refused(tree.leaves[leaf], size + leaf, sight, *path));
            if (leaf > 0) CHECK(refused(tree.leaves[leaf], leaf - 1, sight, *path));
        }
    }
}

TEST_CASE("every later tree is shown to go on from every earlier one, as RFC 9162 says") {
    const StoredTree tree = grown();
    for (std::uint64_t later = 0; later <= most; ++later) {
        for (std::uint64_t earlier = 0; earlier <= later; ++earlier) {
            const auto path = prove_consistency({earlier}, {later}, tree.lookup());
            REQUIRE(path.has_value());
            if (earlier > 0) {
                REQUIRE(*path == reference::subproof(earlier,
                                                     reference::part(tree.leaves, 0, later),
                                                     reference::Known::Yes));
            }
            REQUIRE(check_consistency(tree.sight(earlier), tree.sight(later), *path).has_value());
        }
        CHECK(prove_consistency({later + 1}, {later}, tree.lookup()).error().code ==
              Code::invalid_argument);
    }
}

TEST_CASE("a tree that has changed what it held is not shown to go on") {
    const StoredTree tree = grown();
    StoredTree forked;
    for (std::size_t size = 0; size < most; ++size)
        forked.add(static_cast<std::uint8_t>(size == 4 ? 99 : 3 * size));
    for (std::uint64_t later = 5; later <= most; ++later) {
        for (std::uint64_t earlier = 5; earlier <= later; ++earlier) {
            for (const StoredTree* const one : {&tree, static_cast<const StoredTree*>(&forked)}) {
                const auto path = prove_consistency({earlier}, {later}, one->lookup());
                REQUIRE(path.has_value());
                REQUIRE_FALSE(
                    check_consistency(tree.sight(earlier), forked.sight(later), *path).has_value());
            }
        }
    }
}

TEST_CASE("a proof that a tree goes on is worth nothing with anything of it changed") {
    const StoredTree tree = grown();
    for (const std::uint64_t later : {2U, 3U, 8U, 13U, 64U, 70U}) {
        for (std::uint64_t earlier = 1; earlier < later; ++earlier) {
            const auto path = prove_consistency({earlier}, {later}, tree.lookup());
            REQUIRE(path.has_value());
            for (const Path& wrong : spoiled(*path)) {
                REQUIRE_FALSE(
                    check_consistency(tree.sight(earlier), tree.sight(later), wrong).has_value());
            }
            const Sight smaller{{earlier}, tree.sight(earlier - 1).root};
            CHECK_FALSE(check_consistency(smaller, tree.sight(later), *path).has_value());
            CHECK_FALSE(
                check_consistency(tree.sight(later), tree.sight(earlier), *path).has_value());
        }
        // Nothing is before everything, and goes on as nothing.
        CHECK_FALSE(
            check_consistency({{0}, tree.sight(1).root}, tree.sight(later), {}).has_value());
        CHECK_FALSE(check_consistency(tree.sight(later), {{later}, Hash{}}, {}).has_value());
    }
}
