// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Proposals and commits as they travel (RFC 9420 sections 12.1 and 12.4). All of them are
// decoded; which ones this build acts upon, proposal_list.h says.

#include <variant>
#include <vector>

#include "mls/key_package.h"
#include "mls/labels.h"
#include "mls/succession.h"

namespace cercle::mls {

struct Add {
    KeyPackage package;

    auto fields(this auto& self) { return std::tie(self.package); }
};

struct Update {
    Leaf leaf;

    auto fields(this auto& self) { return std::tie(self.leaf); }
};

struct Remove {
    LeafIndex removed;

    auto fields(this auto& self) { return std::tie(self.removed); }
};

struct PreSharedKey {
    PskId psk;

    auto fields(this auto& self) { return std::tie(self.psk); }
};

struct ExternalInit {
    Bytes kem_output;

    auto fields(this auto& self) { return std::tie(self.kem_output); }
};

struct GroupContextExtensions {
    Extensions extensions;

    auto fields(this auto& self) { return std::tie(self.extensions); }
};

/// struct { ProposalType proposal_type; select (...) } Proposal; the alternatives stand in the
/// order of their types, which start at 1.
struct Proposal {
    std::variant<Add, Update, Remove, PreSharedKey, ReInit, ExternalInit, GroupContextExtensions>
        content;

    [[nodiscard]] ProposalType type() const {
        return static_cast<ProposalType>(content.index() + 1);
    }

    void encode_to(codec::Writer& writer) const;
    /// Errors: proposal_type_unknown.
    [[nodiscard]] static Result<Proposal> decode_from(codec::Reader& reader);
};

/// struct { ProposalOrRefType type; select (...) { case proposal: Proposal proposal; case
/// reference: ProposalRef reference; }; } ProposalOrRef;
struct ProposalOrRef {
    std::variant<Proposal, Bytes> content;

    void encode_to(codec::Writer& writer) const;
    [[nodiscard]] static Result<ProposalOrRef> decode_from(codec::Reader& reader);
};

/// struct { HPKEPublicKey encryption_key; HPKECiphertext encrypted_path_secret<V>; }
/// UpdatePathNode;
struct UpdatePathNode {
    Bytes encryption_key;
    std::vector<HpkeCiphertext> encrypted_path_secrets;

    auto fields(this auto& self) {
        return std::tie(self.encryption_key, self.encrypted_path_secrets);
    }
};

/// struct { LeafNode leaf_node; UpdatePathNode nodes<V>; } UpdatePath;
struct UpdatePath {
    Leaf leaf;
    std::vector<UpdatePathNode> nodes;

    auto fields(this auto& self) { return std::tie(self.leaf, self.nodes); }
};

/// struct { ProposalOrRef proposals<V>; optional<UpdatePath> path; } Commit;
struct Commit {
    std::vector<ProposalOrRef> proposals;
    std::optional<UpdatePath> path;

    auto fields(this auto& self) { return std::tie(self.proposals, self.path); }
};

}  // namespace cercle::mls
