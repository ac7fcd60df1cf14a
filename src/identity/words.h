// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Who is who: ids that name people and devices inside a circle, and never on the relay.

#include <cstdint>

#include "base/id.h"

namespace cercle::identity {

/// SHA-256 of the circle's root certificate: the circle's name and its trust anchor at once.
using CircleId = Id<struct CircleTag, 32>;
using MemberId = Id<struct MemberTag>;
using DeviceId = Id<struct DeviceTag>;
/// SHA-256 of the relay's public key (SubjectPublicKeyInfo).
using RelayFingerprint = Id<struct RelayFingerprintTag, 32>;

/// A cipher suite of MLS by its code point (RFC 9420 section 17.1). Which there are, mls knows.
using GroupSuite = Number<struct GroupSuiteTag, std::uint16_t>;

}  // namespace cercle::identity
