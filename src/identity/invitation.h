// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Invitation: the single-use, expiring code by which a device joins (docs/spec/invitation.md).
//
// It says where the relay is and which key it must show, which circle is joined, and holds a
// one-time secret. What can be judged without the relay (mistyped, of another kind, expired) is
// judged here; whatever the relay refuses reads "used, withdrawn or unknown".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "identity/words.h"

namespace cercle::identity {

/// Of before: to circles whose root has one key.
inline constexpr std::uint8_t invitation_version = 2;
inline constexpr std::size_t invitation_secret_size = 20;

/// What a code that starts with "CERCLE:" is for. Each kind is refused where another is wanted.
enum class CodeKind : std::uint8_t { Invitation = 1, DeviceLink = 2, Card = 3, Treaty = 4 };

/// Nothing if it is no code at all, or mistyped. The kind may be one that nobody knows.
[[nodiscard]] std::optional<CodeKind> kind_of_code(std::string_view text);

enum class SecondCode : std::uint8_t { None = 0, Needed = 1 };

struct Invitation {
    std::string relay;  // host:port
    RelayFingerprint relay_key;
    CircleId circle;
    Secret secret;
    WallTime expires;  // whole seconds
    SecondCode second_code = SecondCode::None;

    /// "CERCLE:" and base32, fit for a QR code. A person may see it, so it is a text and not a
    /// Secret; the right it gives ends with its first use.
    [[nodiscard]] std::string to_text() const;

    /// Blanks, line ends and hyphens within are forgiven, and so is the case.
    /// Errors: malformed, invitation_checksum, invitation_kind, unsupported,
    /// invitation_expired.
    [[nodiscard]] static Result<Invitation> parse(std::string_view text, WallTime now);
};

}  // namespace cercle::identity
