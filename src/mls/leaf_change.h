// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What becomes of our own leaf when its keys are renewed, by a commit of ours (RFC 9420
// section 7.5) or by an Update that another commits (section 12.1.2): "The application MAY specify
// other changes to the leaf node, e.g., providing a new signature key, updated capabilities, or
// different extensions."
//
// A new signature key signs the new leaf, and everything from the epoch on in which that stands in
// the tree; until then, the commit that brings it among it, the old one does. It waits with the
// commit or proposal that brings it, in what those store.

#include <optional>

#include "crypto/sign.h"
#include "mls/credential.h"
#include "mls/extension.h"

namespace cercle::mls {

/// Who we are from the next leaf on: another signature key, another credential, or both.
struct NewIdentity {
    const crypto::SigningKey& key;
    Credential credential;
    /// Others ask theirs whether we are believed, and a successor of who we were (section 5.3.1):
    /// what they would refuse is not sent.
    const CredentialJudge& judge;
};

/// Lent for one call; empty, the leaf gets new keys for encryption and nothing else.
struct LeafChange {
    const NewIdentity* identity = nullptr;
    /// In place of all that there are.
    std::optional<Extensions> extensions = std::nullopt;

    [[nodiscard]] bool is_empty() const { return identity == nullptr && !extensions; }
};

}  // namespace cercle::mls
