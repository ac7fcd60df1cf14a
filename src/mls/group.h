// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Group: one conversation as MLS sees it (RFC 9420), and the only header that most of the house
// needs of this folder.
//
// On the trip: client/outbox -> [protect, stage_commit] -> envelope/close -> the relay ->
// envelope/open -> [receive] -> client/inbox.
//
// A Group is a value in one epoch. It promises:
//   - An operation that fails changes nothing.
//   - A commit, ours or another's, is first *staged*: the next epoch can be looked at, judged
//     and exported from, and the group is as it was until merge() or apply() enters it.
//   - Keys of a message are gone once it was opened, keys of an epoch once it is older than
//     `past_epochs`.
// It must never happen that a group is used on after its saved state was lost: save() and what
// protect() gave belong in one transaction.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "mls/epoch_change.h"
#include "mls/group_info.h"
#include "mls/succession.h"
#include "mls/wire_format.h"

namespace cercle::mls {

/// How many epochs before the current one still open late application messages.
inline constexpr std::size_t past_epochs = 3;

/// An application message, opened.
struct ApplicationMessage {
    Member sender;  // as it was in the message's epoch
    Epoch epoch;
    Generation generation;
    Bytes authenticated_data;
    Bytes content;
};

/// Who speaks from outside of the group: an external sender of its context's list, or somebody
/// who asks to be added (section 12.1.8).
struct Outsider {
    Credential credential;
    Bytes signature_key;
};

using Proposer = std::variant<Member, Outsider>;

/// A proposal, verified and kept for a later commit.
struct StoredProposal {
    Proposer sender;
    ProposalType type{};
    Bytes ref;
    Bytes authenticated_data;
    /// Of a Remove: whom.
    std::optional<LeafIndex> removed;
};

/// One of our own messages came back: nothing to do, or merge() the staged commit whose hash is
/// message_hash() of this one. (Any member can make a message look like this; only the hash says
/// that it is ours.)
struct OwnMessage {
    Epoch epoch;
    ContentType content{};
};

using Received =
    std::variant<ApplicationMessage, StoredProposal, StagedEpoch, Eviction, OwnMessage>;

/// What a GroupInfo of ours says beside the group's context.
struct PublishedInfo {
    /// Whether it can be used for an external commit.
    enum class ExternalKey : std::uint8_t { Inside, Withheld };

    TreePlace tree = TreePlace::Inside;
    ExternalKey external_key = ExternalKey::Inside;
    Extensions extensions = {};
};

struct ExternalJoin;
struct FollowingGroup;

class Group {
  public:
    Group(Group&&) noexcept;
    Group& operator=(Group&&) noexcept;
    ~Group();

    /// A group of one, in epoch 0. Errors: extension_repeated, extension_unsupported,
    /// required_capabilities, wrong_signature_key.
    [[nodiscard]] static Result<Group> create(const Suite& suite,
                                              BytesView group_id,
                                              const crypto::SigningKey& key,
                                              const Profile& profile,
                                              Extensions context_extensions,
                                              Random& random);

    /// Enters through a Welcome (an MLSMessage), after all the checks of section 12.4.3.1.
    /// `key` is the one in the bundle's leaf; `ratchet_tree` is the tree where the Welcome does
    /// not contain it. Errors: welcome_not_for_us, forged, and each rule's own.
    [[nodiscard]] static Result<Group> join(BytesView welcome,
                                            const KeyPackageBundle& bundle,
                                            const crypto::SigningKey& key,
                                            const Surroundings& surroundings,
                                            std::optional<BytesView> ratchet_tree = std::nullopt);

    /// Enters by a commit of one's own (section 12.4.3.2), which the group may refuse or another
    /// commit may beat: what comes out is entered only once its commit has won. Errors:
    /// external_pub_missing, leaf_not_a_member, psk_unknown, wrong_signature_key, and those of
    /// section 12.2's rules.
    [[nodiscard]] static Result<ExternalJoin> join_externally(const VerifiedGroupInfo& info,
                                                              const crypto::SigningKey& key,
                                                              const Profile& profile,
                                                              const ExternalIntents& intents,
                                                              Random& random);

    [[nodiscard]] const Suite& suite() const;
    [[nodiscard]] const Bytes& group_id() const;
    [[nodiscard]] Epoch epoch() const;
    [[nodiscard]] LeafIndex own_index() const;
    /// With which this member signs: after apply or merge perhaps another than before.
    [[nodiscard]] const crypto::SigningKey& signing_key() const;
    [[nodiscard]] Roster roster() const;
    [[nodiscard]] std::optional<Member> member(LeafIndex index) const;
    [[nodiscard]] const Extensions& context_extensions() const;
    /// The ReInit that has closed this group, if one has: nothing can be sent in it any more, and
    /// reinitialise() or follow() lead to the group that comes after it (section 11.2).
    [[nodiscard]] const std::optional<ReInit>& reinit() const;
    /// Equal at all members of an epoch that have not been forked.
    [[nodiscard]] const Secret& epoch_authenticator() const;
    /// MLS-Exporter of the current epoch (section 8.5).
    [[nodiscard]] Secret export_secret(std::string_view label,
                                       BytesView context,
                                       std::size_t size) const;

    /// What proves later that we were in an epoch: this one or one of the last `past_epochs`
    /// (section 8.6). Errors: psk_unknown.
    [[nodiscard]] Result<Secret> resumption_psk(Epoch epoch) const;

    /// The group as who is outside may see it, signed by us: an MLSMessage with a GroupInfo, for
    /// external commits (section 12.4.3.2). Errors: extension_repeated.
    [[nodiscard]] Result<Bytes> group_info(const PublishedInfo& published = {}) const;
    /// The tree, for who gets it beside a GroupInfo (section 12.4.3.3).
    [[nodiscard]] Bytes ratchet_tree() const;

    /// How proposals and commits of ours travel from now on. Private unless said otherwise, and
    /// stored with the group; application messages are always private (section 6).
    void send_handshakes(HandshakeFraming framing);
    [[nodiscard]] HandshakeFraming handshake_framing() const;

    /// How many proposals wait for somebody's commit.
    [[nodiscard]] std::size_t pending_proposals() const;

    /// Makes a commit. Pure: the group stays as it is, and may go on receiving. Errors: those of
    /// section 12.2's rules, leaf_not_a_member, psk_unknown, group_reinitialised, and of a new
    /// identity wrong_signature_key, signature_key_repeated and what its judge says.
    [[nodiscard]] Result<StagedCommit> stage_commit(const Intents& intents,
                                                    BytesView authenticated_data,
                                                    Random& random) const;
    /// Marks the staged commit's message key as used, so that another commit staged in the same
    /// epoch takes the next. To be stored together with it, before it is sent.
    void spend_key_of(const StagedCommit& staged);
    /// Enters the epoch of our own commit. Errors: stale_commit (the group has moved on),
    /// wrong_signature_key (the staged commit lacks its new one).
    [[nodiscard]] Result<void> merge(StagedCommit&& staged);

    /// A message (an MLSMessage) of the group. Application messages and proposals change the
    /// group, commits do not until apply(). Errors: wrong_group, epoch_in_future, epoch_past,
    /// epoch_gone, already_received, forged, and each rule's own.
    [[nodiscard]] Result<Received> receive(BytesView mls_message, const Surroundings& surroundings);
    /// Enters the epoch of another's commit. Errors: stale_commit, wrong_signature_key (of an
    /// Update of ours that this value of the group has not proposed).
    [[nodiscard]] Result<void> apply(StagedEpoch&& staged);

    /// An application message. `padding` zero bytes are added inside the encryption. Errors:
    /// generation_exhausted, proposals_pending, group_reinitialised.
    [[nodiscard]] Result<Bytes> protect(BytesView content,
                                        BytesView authenticated_data,
                                        std::size_t padding,
                                        Random& random);

    /// Proposals by message, for others (or us) to commit. Errors as of stage_commit().
    [[nodiscard]] Result<Bytes> propose_add(const VerifiedKeyPackage& package,
                                            BytesView authenticated_data,
                                            Random& random);
    /// Of ourselves too: that is how a member leaves.
    [[nodiscard]] Result<Bytes> propose_remove(LeafIndex index,
                                               BytesView authenticated_data,
                                               Random& random);
    /// New keys for our leaf, and what else changes of it. A new signature key is ours with the
    /// epoch of the commit that takes the proposal up (another's; we cannot commit it). Errors:
    /// also wrong_signature_key, signature_key_repeated, and what the judge says.
    [[nodiscard]] Result<Bytes> propose_update(const LeafChange& change,
                                               BytesView authenticated_data,
                                               Random& random);

    /// A pre-shared key; its nonce is drawn.
    [[nodiscard]] Result<Bytes> propose_psk(PskId psk,
                                            BytesView authenticated_data,
                                            Random& random);
    [[nodiscard]] Result<Bytes> propose_reinit(ReInit reinit,
                                               BytesView authenticated_data,
                                               Random& random);
    /// In place of all that there are.
    [[nodiscard]] Result<Bytes> propose_context_extensions(Extensions extensions,
                                                           BytesView authenticated_data,
                                                           Random& random);

    /// The group that the ReInit asked for, with everybody of this one (section 11.2). Errors:
    /// group_not_reinitialised, suite_unknown, succession_parameters, succession_members, and
    /// those of create() and stage_commit().
    [[nodiscard]] Result<FollowingGroup> reinitialise(const Succession& succession,
                                                      const CredentialJudge& judge,
                                                      Random& random) const;
    /// A group of its own with some members of this one (section 11.3). Errors: the same.
    [[nodiscard]] Result<FollowingGroup> branch(BytesView group_id,
                                                Extensions context_extensions,
                                                const Succession& succession,
                                                const CredentialJudge& judge,
                                                Random& random) const;
    /// As join(), into a group that reinitialises or branches this one, which is compared with it.
    /// Errors: also succession_psk, succession_epoch, succession_parameters, succession_members,
    /// group_not_reinitialised.
    [[nodiscard]] Result<Group> follow(BytesView welcome,
                                       const KeyPackageBundle& bundle,
                                       const crypto::SigningKey& key,
                                       const Surroundings& surroundings,
                                       std::optional<BytesView> ratchet_tree = std::nullopt) const;

    /// Everything but the signature key of the current epoch, which is given again: signing_key(),
    /// to be stored beside this. One that is proposed and not committed yet is inside. Errors of
    /// load(): store_corrupt, unsupported, wrong_signature_key.
    [[nodiscard]] Saved save() const;
    [[nodiscard]] static Result<Group> load(BytesView public_part,
                                            const Secret& secret_part,
                                            const crypto::SigningKey& key);

    /// Private to this folder.
    struct State;

  private:
    explicit Group(std::unique_ptr<State> state);

    [[nodiscard]] static Result<Group> join_after(const State* predecessor,
                                                  BytesView welcome,
                                                  const KeyPackageBundle& bundle,
                                                  const crypto::SigningKey& key,
                                                  const Surroundings& surroundings,
                                                  std::optional<BytesView> ratchet_tree);

    std::unique_ptr<State> state_;
};

/// Our own way into a group, made but not entered: store `commit` with group.save(), send it, and
/// use `group` once it has won; or throw both away.
struct ExternalJoin {
    Bytes commit;
    crypto::Digest commit_hash{};
    Changes changes;
    Group group;
};

/// A group that follows from another, in its epoch 1, and the Welcome for its other members; empty
/// if there are none.
struct FollowingGroup {
    Group group;
    Bytes welcome;
};

}  // namespace cercle::mls
