// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Contest: what becomes of a conversation when a member commits garbage (decision 40). On the trip
// beside commits.h, which says what a commit has to pass.
//
// A bundle that all refuse alike is passed over: whoever next has something to say goes on from
// the epoch that it would have ended. One thing is each member's own: whether the path's secret
// opens that was closed to him. Who fails on that alone cannot know whether the others do, so he
// waits for what they do, or for a person who puts the commit's author out.

#include "client/core.h"
#include "protocol/frames.h"

namespace cercle::client {

/// Takes down that a bundle was passed over, by which rule. What a person is told.
[[nodiscard]] Code note_passed_over(Conversation& conversation,
                                    const protocol::Entry& entry,
                                    Code rule);

/// An entry of those who have gone on without us, of whom one line tells for all.
[[nodiscard]] bool is_beyond(const Conversation& conversation, const protocol::Entry& entry);

/// Whose commit this device cannot follow while others may. Nobody, if he stands in the roster no
/// more.
[[nodiscard]] Result<std::optional<identity::MemberId>> author_in_doubt(
    const Core& core, const Conversation& conversation);

/// The relay says that the log is in another epoch, and shows nothing that leads there. If a gap
/// was taken in this epoch, what leads there lies in it: this device is left behind then, which is
/// kept, so that a Welcome takes it in again. It goes on trying: what a relay says may be untrue.
/// Errors: left_behind; those of the disk; none if there was no gap.
[[nodiscard]] Result<void> note_stale(Core& core, protocol::LogId log);

/// Why nothing can be sent in a conversation while a commit is in doubt.
/// Errors: commit_in_doubt, left_behind; none if there is no doubt.
[[nodiscard]] Result<void> check_beyond_doubt(const Conversation& conversation);

}  // namespace cercle::client
