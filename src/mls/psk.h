// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Pre-shared keys: secrets that members have by other means, mixed into an epoch (RFC 9420
// sections 8.4 and 8.6). Here are their names, and the door through which their values come in;
// how they combine is in key_schedule.h, where they are looked up in group_psk.cpp.

#include <cstdint>

#include "base/secret.h"
#include "codec/tls.h"
#include "mls/wire_format.h"

namespace cercle::mls {

enum class PskType : std::uint8_t { External = 1, Resumption = 2 };
enum class ResumptionUsage : std::uint8_t { Application = 1, ReInit = 2, Branch = 3 };

/// struct { PSKType psktype; select (...) { case external: opaque psk_id<V>; case resumption:
/// ResumptionPSKUsage usage; opaque psk_group_id<V>; uint64 psk_epoch; };
/// opaque psk_nonce<V>; } PreSharedKeyID;
struct PskId {
    PskType type = PskType::External;
    Bytes external_id;
    ResumptionUsage usage = ResumptionUsage::Application;
    Bytes group_id;
    Epoch epoch;
    Bytes nonce;

    void encode_to(codec::Writer& writer) const;
    [[nodiscard]] static Result<PskId> decode_from(codec::Reader& reader);

    friend bool operator==(const PskId&, const PskId&) = default;
};

/// The name of a key that the application hands out. Its nonce is drawn when it is committed.
[[nodiscard]] PskId external_psk_id(BytesView id);
/// The name of an epoch's resumption_psk, of whatever group.
[[nodiscard]] PskId resumption_psk_id(BytesView group_id, Epoch epoch);

/// The values of pre-shared keys, lent for one call. Pure: the same question has the same answer.
class PskSource {
  public:
    PskSource() = default;
    PskSource(const PskSource&) = delete;
    PskSource& operator=(const PskSource&) = delete;
    virtual ~PskSource() = default;

    /// Errors: psk_unknown.
    [[nodiscard]] virtual Result<Secret> external_psk(BytesView id) const = 0;
    /// The resumption_psk of an epoch that the group at hand does not keep: of another group, or
    /// longer ago than `past_epochs`. Unless said otherwise there is none. Errors: psk_unknown.
    [[nodiscard]] virtual Result<Secret> resumption_psk(BytesView group_id, Epoch epoch) const;
};

}  // namespace cercle::mls
