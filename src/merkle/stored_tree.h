// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// StoredTree: a tree whose nodes lie in memory. For tests.

#include <map>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "merkle/reference.h"

namespace cercle::merkle {

struct StoredTree {
    reference::Leaves leaves{};
    std::map<std::pair<std::uint8_t, std::uint64_t>, Hash> nodes{};
    bool overwritten = false;

    void add(std::uint8_t content) {
        const Hash leaf = leaf_hash(Bytes{content, static_cast<std::uint8_t>(leaves.size())});
        const auto complete = grow({leaves.size()}, leaf, lookup());
        REQUIRE(complete.has_value());
        for (const auto& [node, hash] : *complete) {
            const bool fresh = nodes.emplace(std::pair(node.level, node.number), hash).second;
            overwritten = overwritten || !fresh;
        }
        leaves.push_back(leaf);
    }

    [[nodiscard]] Lookup lookup() const {
        return [this](Node node) -> Result<Hash> {
            const auto found = nodes.find(std::pair(node.level, node.number));
            if (found == nodes.end()) return fail(Code::not_found, "no such node");
            return found->second;
        };
    }

    [[nodiscard]] Sight sight(std::uint64_t size) const {
        return {{size}, reference::mth(reference::part(leaves, 0, size))};
    }
};

}  // namespace cercle::merkle
