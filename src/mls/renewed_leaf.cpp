// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/renewed_leaf.h"

namespace cercle::mls {
namespace {

Result<void> take_on(const Suite& suite, const NewIdentity& identity, LeafNode& leaf) {
    if (identity.key.algorithm() != suite.signature) {
        return fail(Code::wrong_signature_key, "a signature key of another suite");
    }
    TRY_VOID(identity.judge.judge(identity.credential, identity.key.public_key()));
    // "the AS MUST also verify that the set of presented identifiers in the new credential is valid
    // as a successor to the set of presented identifiers in the old credential" (section 5.3.1).
    TRY_VOID(identity.judge.judge_successor(leaf.credential, identity.credential));
    leaf.credential = identity.credential;
    return {};
}

void take_over(const Extensions& extensions, LeafNode& leaf) {
    leaf.extensions = extensions;
    for (const Extension& extension : extensions) {
        if (!leaf.capabilities.supports(extension.type)) {
            leaf.capabilities.extensions.push_back(extension.type);
        }
    }
}

}  // namespace

Result<RenewedLeaf> RenewedLeaf::of(const Suite& suite,
                                    const LeafNode& before,
                                    const LeafChange& change,
                                    const crypto::SigningKey& key) {
    LeafNode leaf = before;
    if (change.identity != nullptr) TRY_VOID(take_on(suite, *change.identity, leaf));
    if (change.extensions) take_over(*change.extensions, leaf);
    return RenewedLeaf{std::move(leaf), change.identity == nullptr ? key : change.identity->key};
}

}  // namespace cercle::mls
