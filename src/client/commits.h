// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Commits: which bundle of a log becomes an epoch, and what it changes here.
//
// The first bundle in log order that passes every check is its epoch's commit, at every member
// alike: the checks look at the log and the group's state, never at the clock or at what this
// device happens to know besides. The others are passed over.

#include "client/core.h"
#include "protocol/frames.h"

namespace cercle::client {

/// A bundle entry: enters its epoch, or refuses it and says by which rule. A bundle for an epoch
/// that is already decided is nothing to complain about.
[[nodiscard]] Result<void> take_bundle(Core& core,
                                       store::Transaction& transaction,
                                       Conversation& conversation,
                                       const protocol::Entry& entry);

/// Our staged commit has lost, or is given up: what it was to bring about is planned anew.
[[nodiscard]] Result<void> drop_pending(store::Transaction& transaction,
                                        Conversation& conversation);

/// The bundle for a commit that we have staged, signed as a member and as ourselves.
[[nodiscard]] Result<protocol::SignedBundle> make_bundle(const Conversation& conversation,
                                                         const mls::StagedCommit& staged);

/// What every member will check of a commit's reader keys. Errors: policy_missing,
/// policy_violated.
[[nodiscard]] Result<void> check_readers(const mls::Group& group, const mls::Changes& changes);

/// Whether a conversation of this kind lets `author` make these changes.
/// Errors: policy_violated.
[[nodiscard]] Result<void> check_policy(ConversationKind kind,
                                        const identity::Passport& author,
                                        const std::vector<identity::Passport>& members,
                                        const std::vector<identity::Passport>& added,
                                        const std::vector<identity::Passport>& removed);

}  // namespace cercle::client
