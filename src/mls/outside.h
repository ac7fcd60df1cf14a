// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Proposals from outside of a group (RFC 9420 section 12.1.8): by an external sender whom its
// context names, or by somebody who wants to be added. They are PublicMessages, since who is
// outside has no key of the group, and hold for one epoch. A member must commit them, if the house
// listens to them at all (Openness).

#include <variant>

#include "mls/group_info.h"

namespace cercle::mls {

/// Where an outsider speaks to.
struct GroupPlace {
    Bytes group_id;
    Epoch epoch;
};

/// "Please add me": signed with the key of the package's leaf, gives an MLSMessage. Errors:
/// wrong_signature_key.
[[nodiscard]] Result<Bytes> ask_to_be_added(const GroupPlace& group,
                                            const KeyPackage& package,
                                            const crypto::SigningKey& key,
                                            BytesView authenticated_data);

/// Whom an external sender wants removed, by the leaf in that epoch.
struct OutsideRemoval {
    LeafIndex leaf;
};

/// All that an external sender may propose (the column "External" of section 17.4).
using OutsideProposal = std::variant<VerifiedKeyPackage, OutsideRemoval, PskId, ReInit, Extensions>;

/// Its place in the context's list, and the key that the list names for it.
struct ExternalVoice {
    std::uint32_t index = 0;
    const crypto::SigningKey& key;
};

/// Gives an MLSMessage. A pre-shared key's nonce is drawn for `suite`, the group's.
[[nodiscard]] Bytes propose_from_outside(const Suite& suite,
                                         const GroupPlace& group,
                                         const ExternalVoice& voice,
                                         OutsideProposal proposal,
                                         BytesView authenticated_data,
                                         Random& random);

}  // namespace cercle::mls
