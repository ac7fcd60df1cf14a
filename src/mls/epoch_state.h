// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// EpochState: everything that one member knows of one epoch. A group is in one; a staged commit
// holds the next.

#include "mls/group.h"
#include "mls/key_schedule.h"
#include "mls/proposal_list.h"
#include "mls/secret_tree.h"
#include "mls/treekem.h"

namespace cercle::mls {

struct EpochState {
    const Suite* suite = nullptr;  // a row of the table
    Original<GroupContext> context;
    RatchetTree tree;
    PrivateKeys keys;
    EpochSecrets secrets;  // `encryption` is empty: the secret tree has consumed it
    SecretTree secret_tree;
    Bytes confirmation_tag;
    Bytes interim_transcript_hash;
    /// Of the commit that began this epoch: it has closed the group (section 12.4.2).
    std::optional<ReInit> reinit = {};

    [[nodiscard]] LeafIndex own() const { return keys.own(); }

    [[nodiscard]] std::optional<Member> member(LeafIndex index) const;
    [[nodiscard]] Roster roster() const;

    void write_public(codec::Writer& writer) const;
    void write_secret(codec::Writer& writer) const;
    /// Errors: store_corrupt and those of decoding.
    [[nodiscard]] static Result<EpochState> read(codec::Reader& open, codec::Reader& secret);
};

[[nodiscard]] Member member_of(LeafIndex index, const Leaf& leaf);
[[nodiscard]] Roster roster_of(const RatchetTree& tree);
[[nodiscard]] Member member_of(LeafIndex index, const KeptLeaf& leaf);

/// An epoch begins: what the key schedule takes and gives.
struct EpochBeginning {
    Secret joiner_secret;
    Secret member_secret;
    EpochState state;
};

/// `init_secret` is that of the epoch that ends, or of an external commit. The confirmation tag
/// is computed, and for a received commit must be compared with the one it carries.
[[nodiscard]] EpochBeginning begin_epoch(const Suite& suite,
                                         const Secret& init_secret,
                                         GroupContext context,
                                         RatchetTree tree,
                                         PrivateKeys keys,
                                         const Secret& commit_secret,
                                         const Secret& psk_secret);

/// The same for who joins, or founds, with the epoch secret at hand.
[[nodiscard]] EpochState enter_epoch(const Suite& suite,
                                     Original<GroupContext> context,
                                     RatchetTree tree,
                                     PrivateKeys keys,
                                     const Secret& epoch_secret);

}  // namespace cercle::mls
