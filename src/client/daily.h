// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Daily: what the officer's device says of the circle every day (identity/circle_status.h), as this
// device hears it. Whoever has heard it once, and then is online and hears nothing for two days, is
// warned: his officer's machine is off, or somebody keeps things from him.
//
// Only this device's own clock plays a part, and only how far it moves: a watch that it was asleep
// in for more than a day, or in which its clock was set, begins anew.

#include <optional>
#include <string_view>

#include "client/core.h"
#include "envelope/content.h"
#include "identity/circle_status.h"

namespace cercle::client::daily {

/// A person is warned after so much time without one.
inline constexpr Duration patience = std::chrono::hours{48};
/// Whoever was away for longer has not been waiting.
inline constexpr Duration longest_absence = std::chrono::hours{24};

enum class Lateness : std::uint8_t { No = 0, Late = 1, Told = 2 };

/// While no status comes.
struct Watch {
    WallTime from;
    WallTime to;
    Lateness late = Lateness::No;

    friend bool operator==(const Watch&, const Watch&) = default;
};

/// The device is online, and has read all there is.
[[nodiscard]] Watch watched(Watch watch, WallTime now);

/// A word of an officer's device, in the directory's conversation. Errors: those of
/// open_circle_status.
[[nodiscard]] Result<void> take(store::Transaction& transaction,
                                const envelope::Content& content,
                                WallTime now);

/// The last one; nothing before the first. `revocation` is the highest that was said.
[[nodiscard]] Result<std::optional<identity::CircleStatus>> last(store::Database& database);

/// Everything at the relay is here, and it was no status.
[[nodiscard]] Result<void> note_rest(Core& core);

/// Whether it is late. No, as long as there never was one.
[[nodiscard]] Result<Lateness> lateness(store::Database& database);

/// The sentence for a person, who is told once.
[[nodiscard]] Result<std::optional<std::string_view>> take_warning(Core& core);

}  // namespace cercle::client::daily
