// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A leaf of our own that takes the place of the one that stands there. Private to this folder.

#include "mls/leaf_change.h"
#include "mls/leaf_node.h"

namespace cercle::mls {

/// The leaf, without encryption key, origin and signature, and whose key will sign it: `key`, or
/// the new one. Errors: wrong_signature_key (of another suite), what the judge says.
struct RenewedLeaf {
    LeafNode leaf;
    const crypto::SigningKey& signer;

    [[nodiscard]] static Result<RenewedLeaf> of(const Suite& suite,
                                                const LeafNode& before,
                                                const LeafChange& change,
                                                const crypto::SigningKey& key);
};

}  // namespace cercle::mls
