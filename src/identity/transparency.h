// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Transparency: everything that the authority has ever said about who is who, as the leaves of one
// Merkle tree (RFC 9162 section 2.1) that only grows (docs/spec/transparency.md). Directory pages
// carry its new leaves, and messages its head, so that whoever is shown another circle than the
// others finds out by the next message; and each device finds what was certified behind its own
// member's back.
//
// A leaf names its subject by a hash of the member's id, and what is said of him by a hash of that,
// a name with a blind. So a device that is not shown a member learns neither who it is nor what is
// said, and still sees every leaf of its own member.

#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "codec/tls.h"
#include "crypto/hash.h"
#include "identity/words.h"
#include "merkle/tree.h"

namespace cercle::identity {

inline constexpr std::uint8_t transparency_version = 1;

struct TransparencyLeaf {
    crypto::Digest subject{};
    crypto::Digest fact{};

    auto fields(this auto& self) { return std::tie(self.subject, self.fact); }

    friend bool operator==(const TransparencyLeaf&, const TransparencyLeaf&) = default;
};

/// How a member is named in leaves.
[[nodiscard]] crypto::Digest subject_of(MemberId member);

/// That this device is the member's, with this certificate.
[[nodiscard]] TransparencyLeaf leaf_of_device(MemberId member,
                                              DeviceId device,
                                              BytesView certificate);
/// That the member is called so. With a blind of 16 random bytes, which stands beside the name on
/// pages, nobody else finds the name by trying some: ids of members are shown to who does not see
/// them, by revocations. Without one: as before there were any.
[[nodiscard]] TransparencyLeaf leaf_of_name(MemberId member,
                                            std::string_view name,
                                            std::string_view role,
                                            BytesView blind = {});
/// That the member's device is lost.
[[nodiscard]] TransparencyLeaf leaf_of_loss(MemberId member, DeviceId device);

/// That this is the circle's policy; of no member, and so of nobody's subject.
[[nodiscard]] TransparencyLeaf leaf_of_policy(BytesView policy);

/// As the tree takes it.
[[nodiscard]] merkle::Hash hash_of(const TransparencyLeaf& leaf);

/// The tree as somebody has it.
struct TransparencyHead {
    merkle::TreeSize size;
    merkle::Hash root;

    auto fields(this auto& self) { return std::tie(self.size, self.root); }

    friend bool operator==(const TransparencyHead&, const TransparencyHead&) = default;
};

/// What a directory page brings of the tree: the leaves from `first` on, and what it is with them.
struct TransparencyGrowth {
    merkle::LeafNumber first;
    std::vector<TransparencyLeaf> leaves;
    TransparencyHead head;

    auto fields(this auto& self) { return std::tie(self.first, self.leaves, self.head); }

    /// Errors: malformed (the leaves do not end where the head does).
    [[nodiscard]] Result<void> check() const;
};

}  // namespace cercle::identity
