// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Errands: what a command of this process needs so that another owner of the home can do it, or do
// it once more.

#include "base/random.h"
#include "client/owner.h"

namespace cercle::client {

/// As the owner of the home finds it, who may stand elsewhere.
[[nodiscard]] Bytes absolute(const Bytes& path);

/// Paths become absolute. And what a command makes is named
/// here, because a command whose owner dies without a word is done once more by the next one, and
/// nobody knows how far the first has come (tests/journeys/again_test.cpp):
///   Send, CreateGroup: by their ids they find what they have made.
///   CreateCard, RenewCards: likewise; ConfirmRequest and CloseCard: what they bring about is the
///   case.
///   Join: an invitation that was taken here is taken already.
///   ChangeGroup: whoever is in is not added, whoever is out is not removed, and two words of
///   leaving are one; but the second may find the door closed, and says so. ReleaseMessage: a
///   message that is not held any more is not released, and it says so. MarkRead, KeepDraft: what
///   they set is set. AcceptMember: who is accepted waits no more, and it says so. Fetch: goes on
///   from its part. All others only look.
[[nodiscard]] Command ready(const Command& command, Random& random);

/// Whether it may be done anew by another owner of the home, however far it has come.
[[nodiscard]] bool may_be_repeated(const Command& command);

/// A member's command as an errand. Both outlive it; who follows something goes on from `reached`,
/// which grows with the events of that kind.
[[nodiscard]] Errand errand_of(const Command& command,
                               std::optional<std::uint32_t> timeout_seconds,
                               const std::uint64_t& reached);

/// What a person who has interrupted it should know, given the events so far.
class Interruption {
  public:
    void see(const Event& event);
    [[nodiscard]] const char* sentence() const;

  private:
    std::optional<FileProgress::Act> act_;
    bool taken_in_ = false;
};

}  // namespace cercle::client
