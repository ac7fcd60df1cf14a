// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Deadline: the moment at which somebody stops waiting. Absolute, so that it passes unchanged
// through a chain of calls. Every wait on a network or on another party takes one; none has a
// default.

#include "base/clock.h"

namespace cercle::net {

struct Deadline {
    SteadyTime at;

    [[nodiscard]] static Deadline after(const Clock& clock, Duration patience) {
        return {clock.steady() + patience};
    }

    /// For waits inside one process, which only the closing of a TaskGroup ends. Never for a peer.
    [[nodiscard]] static Deadline never() { return {SteadyTime::max()}; }

    [[nodiscard]] bool passed(const Clock& clock) const { return clock.steady() >= at; }

    /// The earlier one.
    [[nodiscard]] Deadline but_at_most(Deadline other) const {
        return at < other.at ? *this : other;
    }

    friend auto operator<=>(const Deadline&, const Deadline&) = default;
};

}  // namespace cercle::net
