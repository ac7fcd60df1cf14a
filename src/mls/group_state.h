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
    RatchetTree::Leaves leaves;
    Secret sender_data;
    Secret resumption;
    SecretTree secret_tree;

    /// Null for nobody.
    [[nodiscard]] const KeptLeaf* leaf(LeafIndex index) const;
};

/// The keys of our leaf if somebody commits an Update of ours.
struct ProposedKeys {
    Bytes ref;
    PrivateKeys::SharedKey leaf_key;
    /// If it is not the one so far.
    std::optional<crypto::SigningKey> signing_key;
};

struct Group::State {
    EpochState current;
    crypto::SigningKey signing_key;
    std::deque<PastEpoch> past;  // the newest last
    std::vector<VerifiedProposal> proposals;
    std::vector<ProposedKeys> proposed_keys;
    HandshakeFraming framing = HandshakeFraming::Private;

    /// Moves on to the next epoch; `of_commit` is what our own commit brings. Errors:
    /// wrong_signature_key; then nothing is moved.
    [[nodiscard]] Result<void> enter(EpochState&& next,
                                     const std::optional<crypto::SigningKey>& of_commit);
    /// The key of our leaf in that epoch: the one so far, the commit's, or that of an Update of
    /// ours. Null if it is none of them.
    [[nodiscard]] const crypto::SigningKey* key_in(
        const EpochState& next, const std::optional<crypto::SigningKey>& of_commit) const;

    /// Stores a proposal whose signature was verified, or ours (without `surroundings`).
    [[nodiscard]] Result<StoredProposal> store(const VerifiedContent& content,
                                               const Surroundings* surroundings);

    /// A proposal or commit of ours as it travels, and the message key that it takes, if any.
    struct Handshake {
        Bytes message;
        std::optional<SecretTree::Found> key;
    };

    /// Signed for the way it will travel; a commit still lacks its confirmation tag.
    [[nodiscard]] VerifiedContent sign_handshake(Content content,
                                                 BytesView authenticated_data) const;
    /// Changes nothing. Errors: generation_exhausted.
    [[nodiscard]] Result<Handshake> frame_handshake(const VerifiedContent& content,
                                                    std::size_t padding,
                                                    Random& random) const;

    /// A proposal of ours, signed, framed and stored. Its message key is used up. `keys` are
    /// an Update's, and get their ref here.
    [[nodiscard]] Result<Bytes> propose(Proposal proposal,
                                        BytesView authenticated_data,
                                        Random& random,
                                        std::optional<ProposedKeys> keys = std::nullopt);

    [[nodiscard]] Result<Received> receive_public(PublicMessage message,
                                                  const Surroundings& surroundings);
    [[nodiscard]] Result<Received> receive_private(const PrivateMessage& message,
                                                   const Surroundings& surroundings);
    /// Of an external sender, of who wants to be added, or an external commit.
    [[nodiscard]] Result<Received> receive_from_outside(PublicMessage message,
                                                        const Surroundings& surroundings);
    [[nodiscard]] Result<Received> receive_late(PastEpoch& epoch, const PrivateMessage& message);
    [[nodiscard]] Result<Received> receive_handshake(const VerifiedContent& content,
                                                     const Surroundings& surroundings);

    /// What another's commit makes of this epoch. Changes nothing. Gives a StagedEpoch or an
    /// Eviction.
    [[nodiscard]] Result<Received> process(const VerifiedContent& content,
                                           const Surroundings& surroundings) const;

    /// What a commit starts from: its proposals applied, before its path.
    struct StartedCommit {
        LeafIndex committer;
        /// The committer's leaf so far; of an external commit the one it replaces, if any.
        std::optional<Leaf> before;
        AppliedProposals applied;
        Secret init_secret;
    };

    [[nodiscard]] Result<StartedCommit> start(const Commit& commit,
                                              const Sender& sender,
                                              const Surroundings& surroundings) const;
    [[nodiscard]] Result<StartedCommit> start_external(const Commit& commit,
                                                       const Surroundings& surroundings) const;

    [[nodiscard]] Result<std::vector<VerifiedProposal>> resolve(
        const Commit& commit, LeafIndex committer, const Surroundings& surroundings) const;

    /// Null for an epoch that is not kept.
    [[nodiscard]] const Secret* resumption_psk(Epoch epoch) const;

    /// Errors: group_reinitialised.
    [[nodiscard]] Result<void> check_open() const;
};

/// Who speaks from outside: of the context's list, or by the leaf it brings along (section 6.1).
/// Errors: external_sender_unknown, sender_type.
[[nodiscard]] Result<Outsider> outsider_of(const GroupContext& context,
                                           const FramedContent& framed);

/// The values of pre-shared keys; those of resumption from `state` if they are its own. Null
/// stands for none of either. Errors: psk_unknown.
[[nodiscard]] Result<std::vector<Psk>> find_psks(std::span<const PskId> ids,
                                                 const Group::State* state,
                                                 const PskSource* source);

/// "psk_nonce MUST be set to a fresh random value of length KDF.Nh" (section 8.4).
[[nodiscard]] PskId with_fresh_nonce(const Suite& suite, PskId id, Random& random);

/// A path of our own, in the tree and encrypted.
struct DraftedPath {
    UpdatePath path;
    PathDraft draft;
    PrivateKeys::SharedKey leaf_key;
};

/// Renews `own` and all above it in `tree`, which the proposals have been applied to; `leaf` says
/// what the new leaf is beside its keys. `before` is the context of the epoch that ends. Errors:
/// those of check_leaf(), invalid_key.
[[nodiscard]] Result<DraftedPath> draft_path(const GroupContext& before,
                                             const Extensions& extensions,
                                             RatchetTree& tree,
                                             LeafIndex own,
                                             LeafNode leaf,
                                             const std::set<LeafIndex>& added,
                                             const crypto::SigningKey& key,
                                             Random& random);

/// Who came, who went, who has new keys. `committer` is among the updated if it has a new leaf.
[[nodiscard]] Changes changes_of(const AppliedProposals& applied,
                                 const RatchetTree& after,
                                 std::optional<LeafIndex> committer_with_path);

}  // namespace cercle::mls
