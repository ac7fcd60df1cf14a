// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Checkpoint: what a relay says, signed, of its log of records (docs/spec/records.md).

#include <array>
#include <cstdint>
#include <tuple>

#include "codec/tls.h"
#include "merkle/tree.h"

namespace cercle::merkle {

inline constexpr std::uint16_t checkpoint_version = 1;

struct Checkpoint {
    std::uint16_t version = checkpoint_version;
    std::array<std::uint8_t, 16> incarnation{};  // the life of the relay's store
    TreeSize size;
    Hash root;
    std::uint64_t at = 0;  // milliseconds since 1970; informational

    auto fields(this auto& self) {
        return std::tie(self.version, self.incarnation, self.size, self.root, self.at);
    }

    /// Errors: unsupported.
    [[nodiscard]] Result<void> check() const {
        if (version == checkpoint_version) return {};
        return fail(Code::unsupported, "a checkpoint of another version");
    }
};

/// What is hashed for a record: where it stands in its own log's chain. The chain is taken over the
/// log's id and the entry, so that neither can be told from it.
struct RecordLeaf {
    std::array<std::uint8_t, 16> label{
        'C', 'e', 'r', 'c', 'l', 'e', ' ', 'r', 'e', 'c', 'o', 'r', 'd', ' ', '1'};
    std::array<std::uint8_t, 32> chain{};
    std::uint64_t seq = 0;

    auto fields(this auto& self) { return std::tie(self.label, self.chain, self.seq); }
};

}  // namespace cercle::merkle
