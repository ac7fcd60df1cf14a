// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What the house knows that a group does not, and lends it for one call.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.h"
#include "mls/credential.h"
#include "mls/psk.h"

namespace cercle::mls {

/// What RFC 9420 leaves to the application: whom a group listens to beside its members, and
/// whether it may be closed in favour of another. Refused unless said otherwise.
struct Openness {
    enum class Answer : std::uint8_t { Refuse, Accept };
    using enum Answer;

    /// Who is outside may enter by a commit of his own (section 12.4.3.2).
    Answer external_commits = Refuse;
    /// The context's external_senders may propose (section 12.1.8).
    Answer external_senders = Refuse;
    /// Who is outside may propose that he be added (section 12.1.8).
    Answer newcomers = Refuse;
    /// A ReInit may close the group (section 12.1.5).
    Answer reinit = Refuse;
};

/// All that the RFC knows.
inline constexpr Openness whole_rfc{
    Openness::Accept, Openness::Accept, Openness::Accept, Openness::Accept};

struct Surroundings {
    /// Who is believed.
    const CredentialJudge& judge;
    /// What time it is; for what is read from a log, the time at which the log stamped it.
    WallTime now;
    /// Null where there are none.
    const PskSource* psks = nullptr;
    Openness openness = {};
    /// "Applications MUST define a maximum total lifetime that is acceptable for a LeafNode"
    /// (section 7.2): whoever goes without says that any is.
    std::optional<std::chrono::seconds> longest_lifetime = std::nullopt;
    /// The groups that we are in: who joins another must not find one of these ids.
    std::span<const Bytes> groups = {};
};

}  // namespace cercle::mls
