// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: writing DER (X.690), as much as certificate.h's profile needs. There
// is no reader here: OpenSSL reads, and what this writes again must be the same bytes.

#include <initializer_list>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"

namespace cercle::crypto::der {

enum class Kind : std::uint8_t {
    Boolean = 0x01,
    Integer = 0x02,
    BitString = 0x03,
    OctetString = 0x04,
    ObjectIdentifier = 0x06,
    Utf8String = 0x0c,
    Sequence = 0x30,
    Set = 0x31,
    Uri = 0x86,         // [6] IMPLICIT, in a GeneralName
    Version = 0xa0,     // [0] EXPLICIT, in a TBSCertificate
    Extensions = 0xa3,  // [3] EXPLICIT, likewise
};

/// Tag, length and the parts, one after the other.
[[nodiscard]] Bytes element(Kind kind, std::initializer_list<BytesView> parts);

/// RFC 5280 section 4.1.2.5: UTCTime through the year 2049, GeneralizedTime from 2050.
[[nodiscard]] Bytes time(std::chrono::sys_seconds moment);

}  // namespace cercle::crypto::der
