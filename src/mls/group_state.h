// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a Group keeps beside its current epoch: the last epochs' keys for late messages, and the
// proposals that wait. Private to group_*.cpp.

#include <deque>

#include "mls/epoch_state.h"
#include "mls/message_protection.h"

namespace cercle::mls {

/// More proposals than this in one epoch are refused: a member who floods cannot fill memory.
inline constexpr std::size_t most_pending_proposals = 1024;

/// An epoch that has ended, kept for messages that were on their way. It has its own members: a
/// leaf may stand for somebody else by now.
struct PastEpoch {
    Bytes context;  // encoded
    Epoch epoch;
    std::vector<std::pair<LeafIndex, RatchetTree::SharedLeaf>> leaves;
    Secret sender_data;
    Secret resumption;
    SecretTree secret_tree;

    [[nodiscard]] const Leaf* leaf(LeafIndex index) const;
};

/// A key pair for our leaf that we have proposed.
struct ProposedKey {
    Bytes ref;
    PrivateKeys::SharedKey key;
};

struct Group::State {
    EpochState current;
    crypto::SigningKey signing_key;
    std::deque<PastEpoch> past;  // the newest last
    std::vector<VerifiedProposal> proposals;
    std::vector<ProposedKey> proposed_keys;

    /// Moves on to the next epoch.
    void enter(EpochState next);

    /// Decrypts, verifies and stores a proposal, or ours.
    [[nodiscard]] Result<StoredProposal> store(const VerifiedContent& content,
                                               const Surroundings* surroundings);

    /// A proposal of ours, signed and encrypted, and stored. Its message key is used up.
    [[nodiscard]] Result<Bytes> propose(Proposal proposal,
                                        BytesView authenticated_data,
                                        Random& random,
                                        PrivateKeys::SharedKey new_leaf_key = nullptr);

    [[nodiscard]] Result<Received> receive_public(PublicMessage message,
                                                  const Surroundings& surroundings);
    [[nodiscard]] Result<Received> receive_private(const PrivateMessage& message,
                                                   const Surroundings& surroundings);
    [[nodiscard]] Result<Received> receive_late(PastEpoch& epoch, const PrivateMessage& message);
    [[nodiscard]] Result<Received> receive_handshake(const VerifiedContent& content,
                                                     const Surroundings& surroundings);

    /// What another's commit makes of this epoch. Changes nothing. Gives a StagedEpoch or an
    /// Eviction.
    [[nodiscard]] Result<Received> process(const VerifiedContent& content,
                                           const Surroundings& surroundings) const;

    [[nodiscard]] Result<std::vector<VerifiedProposal>> resolve(
        const Commit& commit, LeafIndex committer, const Surroundings& surroundings) const;
};

/// The values of pre-shared keys; those of resumption from `state`, if there is one. Errors:
/// psk_unknown.
[[nodiscard]] Result<std::vector<Psk>> find_psks(const std::vector<PskId>& ids,
                                                 const Group::State* state,
                                                 const Surroundings& surroundings);

/// Who came, who went, who has new keys. `committer` is among the updated if it has a new leaf.
[[nodiscard]] Changes changes_of(const AppliedProposals& applied,
                                 const RatchetTree& after,
                                 std::optional<LeafIndex> committer_with_path);

}  // namespace cercle::mls
