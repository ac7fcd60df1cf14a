// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A leaf of the ratchet tree: one device, its keys and what it says of itself (RFC 9420 section
// 7.2). Travels in key packages, Update proposals, UpdatePaths and trees; wherever one arrives,
// verify_leaf() and check_leaf() judge it by section 7.3.

#include <cstdint>

#include "base/clock.h"
#include "mls/extension.h"
#include "mls/original.h"
#include "mls/tree_math.h"

namespace cercle::mls {

/// struct { uint64 not_before; uint64 not_after; } Lifetime; in seconds since 1970.
struct Lifetime {
    std::uint64_t not_before = 0;
    std::uint64_t not_after = 0;

    [[nodiscard]] static Lifetime of(WallTime from, WallTime until);

    [[nodiscard]] bool contains(WallTime time) const;

    auto fields(this auto& self) { return std::tie(self.not_before, self.not_after); }

    friend bool operator==(const Lifetime&, const Lifetime&) = default;
};

enum class LeafNodeSource : std::uint8_t { KeyPackage = 1, Update = 2, Commit = 3 };

/// LeafNodeSource leaf_node_source; select (...) { case key_package: Lifetime lifetime;
/// case update: struct{}; case commit: opaque parent_hash<V>; }
struct LeafOrigin {
    LeafNodeSource source = LeafNodeSource::Update;
    Lifetime lifetime;  // of a key package
    Bytes parent_hash;  // of a commit

    void encode_to(codec::Writer& writer) const;
    /// Errors: malformed.
    [[nodiscard]] static Result<LeafOrigin> decode_from(codec::Reader& reader);

    friend bool operator==(const LeafOrigin&, const LeafOrigin&) = default;
};

struct LeafNode {
    Bytes encryption_key;
    Bytes signature_key;
    Credential credential;
    Capabilities capabilities;
    LeafOrigin origin;
    Extensions extensions;
    Bytes signature;

    auto fields(this auto& self) {
        return std::tie(self.encryption_key,
                        self.signature_key,
                        self.credential,
                        self.capabilities,
                        self.origin,
                        self.extensions,
                        self.signature);
    }
};

using Leaf = Original<LeafNode>;

/// Where a leaf stands: part of what it signs unless it comes from a key package.
struct LeafPlace {
    BytesView group_id;
    LeafIndex index;
};

/// Signs and freezes: `node.signature` and `node.signature_key` are filled in.
[[nodiscard]] Leaf sign_leaf(LeafNode node, const LeafPlace& place, const crypto::SigningKey& key);

/// "Verify that the signature on the LeafNode is valid using signature_key" (section 7.3).
/// Errors: leaf_signature.
[[nodiscard]] Result<void> verify_leaf(const Suite& suite,
                                       const Leaf& leaf,
                                       const LeafPlace& place);

/// What section 7.3 asks of a leaf by itself in a group with this suite and context.
/// Errors: leaf_source, suite_unsupported, version_unsupported, credential_type_unsupported,
/// extension_repeated, extension_unlisted, required_capabilities, extension_unsupported,
/// invalid_key.
[[nodiscard]] Result<void> check_leaf(const Suite& suite,
                                      const Leaf& leaf,
                                      LeafNodeSource expected,
                                      const Extensions& context);

}  // namespace cercle::mls
