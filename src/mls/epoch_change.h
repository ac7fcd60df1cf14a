// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// An epoch change, before it happens: what a commit of ours should do (Intents), what it or
// another's does to the membership (Changes), and the next epoch, ready to be looked at, judged
// and exported from (StagedCommit, StagedEpoch).
//
// Entering it is Group's alone (group.h): until then everything is as it was.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "mls/key_package.h"
#include "mls/leaf_change.h"
#include "mls/succession.h"

namespace cercle::mls {

/// Counts a sender's messages within an epoch.
using Generation = Number<struct GenerationTag, std::uint32_t>;

struct Member {
    LeafIndex index;
    Credential credential;
    Bytes signature_key;
    Extensions leaf_extensions;

    auto fields(this auto& self) {
        return std::tie(self.index, self.credential, self.signature_key, self.leaf_extensions);
    }
};

/// In the order of their leaves.
using Roster = std::vector<Member>;

struct EpochState;

/// An epoch that is ready to be entered. Not empty, unless moved from.
class NextEpoch {
  public:
    NextEpoch(NextEpoch&&) noexcept;
    NextEpoch& operator=(NextEpoch&&) noexcept;
    ~NextEpoch();

    [[nodiscard]] Epoch epoch() const;
    [[nodiscard]] Roster roster() const;
    [[nodiscard]] const Extensions& context_extensions() const;
    /// What closes the group with this epoch, if anything does (section 12.4.2).
    [[nodiscard]] const std::optional<ReInit>& reinit() const;
    [[nodiscard]] const Secret& epoch_authenticator() const;
    [[nodiscard]] Secret export_secret(std::string_view label,
                                       BytesView context,
                                       std::size_t size) const;

  private:
    friend class Group;
    friend class StagedCommit;
    explicit NextEpoch(std::unique_ptr<EpochState> state);

    std::unique_ptr<EpochState> state_;
};

/// What a commit does to the membership.
struct Changes {
    std::vector<Member> added;
    std::vector<Member> removed;
    /// Leaves that renewed their keys, the committer's among them if it did; as they are after.
    std::vector<Member> updated;
    /// 1 if the context's extensions are others than before.
    std::uint8_t context_changed = 0;

    auto fields(this auto& self) {
        return std::tie(self.added, self.removed, self.updated, self.context_changed);
    }
};

/// Our own commit, made but not entered: store it, send `commit`, and merge() it once it has
/// won; or throw it away. `welcome` is empty unless somebody is added, and is deposited only
/// after the commit has won.
class StagedCommit {
  public:
    Bytes commit;
    Bytes welcome;
    crypto::Digest commit_hash{};
    Changes changes;
    NextEpoch next;
    /// What we sign with from the next epoch on, if the commit brings a new key.
    std::optional<crypto::SigningKey> signing_key;

    /// The commit with the whole next epoch. Errors of load(): store_corrupt, unsupported.
    [[nodiscard]] Saved save() const;
    [[nodiscard]] static Result<StagedCommit> load(BytesView public_part,
                                                   const Secret& secret_part);

  private:
    friend class Group;

    StagedCommit(NextEpoch epoch, Bytes base)
        : next(std::move(epoch)),
          base_(std::move(base)) {}

    Bytes base_;  // the epoch it was made in, by its interim transcript hash
    std::optional<Generation> handshake_generation_;  // of its message key, if it took one
};

/// Whether a GroupInfo brings the tree, or the tree comes by another way.
enum class TreePlace : std::uint8_t { Inside, Beside };

/// What a commit of ours should do. Empty means: renew our own keys.
struct Intents {
    std::vector<VerifiedKeyPackage> adds;
    std::vector<LeafIndex> removes;
    /// Commit what others proposed since the epoch began, too.
    enum class Pending : std::uint8_t { Include, LeaveOut } pending = Pending::Include;
    /// A commit that only adds needs no path; most want one, since it heals.
    enum class Path : std::uint8_t { Always, WhenRequired } path = Path::Always;
    /// What changes of our own leaf beside its keys; if anything does, there is a path.
    LeafChange leaf;
    /// New extensions of the group's context; those there are otherwise.
    std::optional<Extensions> context_extensions;
    /// Pre-shared keys to mix in, their nonces apart; and where their values are, and those of
    /// keys that others proposed. A proposal whose value is not there is left for others.
    std::vector<PskId> psks;
    const PskSource* psk_source = nullptr;
    /// Closes the group in favour of one like this; goes with nothing else.
    std::optional<ReInit> reinit;
    /// Of the Welcome: the tree, and what its GroupInfo says beside the group's context.
    TreePlace welcome_tree = TreePlace::Inside;
    Extensions welcome_extensions;
    /// Zero bytes added inside the encryption of the commit, if it is encrypted.
    std::size_t padding = 0;
};

/// A commit of another, verified but not applied: judge it, then apply() or drop it.
class StagedEpoch {
  public:
    /// Whether the sender was in the group before, or enters it by this (section 12.4.3.2); then
    /// it is among the added, and a leaf of its own that it replaces among the removed.
    enum class Committer : std::uint8_t { Member, Newcomer };

    Committer committer = Committer::Member;
    Member sender;
    Bytes authenticated_data;
    Changes changes;
    NextEpoch next;

  private:
    friend class Group;

    StagedEpoch(NextEpoch epoch, Bytes base)
        : next(std::move(epoch)),
          base_(std::move(base)) {}

    Bytes base_;
};

/// A commit that removes us: authentic, but its epoch is closed to us.
struct Eviction {
    Member sender;
    Bytes authenticated_data;
};

}  // namespace cercle::mls
