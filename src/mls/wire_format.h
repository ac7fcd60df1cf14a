// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What an MLS message says of itself before anything in it is verified (RFC 9420 section 6).
//
// On the trip: the frames between device and relay declare kind and epoch; devices compare that
// with what peek() sees.

#include <cstdint>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace cercle::mls {

using Epoch = Number<struct EpochTag>;

enum class WireFormat : std::uint16_t {
    PublicMessage = 1,
    PrivateMessage = 2,
    Welcome = 3,
    GroupInfo = 4,
    KeyPackage = 5,
};

/// How a member sends proposals and commits. In the open, whoever carries them sees who changes
/// what: applications "MAY transmit handshake messages encoded as PublicMessage objects in cases
/// where it is necessary for the Delivery Service to examine such messages" (section 6).
enum class HandshakeFraming : std::uint8_t { Private, Public };

enum class ContentType : std::uint8_t { Application = 1, Proposal = 2, Commit = 3 };

/// `group_id`, `epoch` and `content` stand for public and private messages only.
struct Peeked {
    WireFormat wire_format{};
    Bytes group_id;
    Epoch epoch;
    ContentType content{};
};

/// Without decrypting. Errors: malformed, not_canonical, version_unsupported, wire_format.
[[nodiscard]] Result<Peeked> peek(BytesView mls_message);

/// The hash by which a commit (or any message) is recognised in a log.
[[nodiscard]] crypto::Digest message_hash(BytesView mls_message);

}  // namespace cercle::mls
