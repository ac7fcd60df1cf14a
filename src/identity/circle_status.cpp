// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/circle_status.h"

#include "codec/tls.h"

namespace cercle::identity {
namespace {

/// The last moment of the year 9999: what a person can be shown.
constexpr std::uint64_t latest_time = 253402300799999;

}  // namespace

Result<CircleStatus> open_circle_status(BytesView encoded) {
    TRY(const auto status, codec::decode<CircleStatus>(encoded));
    if (status.version != circle_status_version) {
        return fail(Code::unsupported, "a circle's status of another version");
    }
    if (status.time.value > latest_time) {
        return fail(Code::malformed, "a circle's status of no time");
    }
    return status;
}

}  // namespace cercle::identity
