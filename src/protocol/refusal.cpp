// SPDX-License-Identifier: AGPL-3.0-or-later
#include "protocol/refusal.h"

#include <array>
#include <utility>

namespace cercle::protocol {
namespace {

constexpr std::array<std::pair<Code, Refusal>, 15> both_ways{{
    {Code::refused, Refusal::Refused},
    {Code::stale, Refusal::Stale},
    {Code::id_reused, Refusal::IdReused},
    {Code::log_full, Refusal::LogFull},
    {Code::too_large, Refusal::TooLarge},
    {Code::too_many, Refusal::TooMany},
    {Code::malformed, Refusal::Malformed},
    {Code::unsupported, Refusal::Unsupported},
    {Code::relay_claimed, Refusal::RelayClaimed},
    {Code::no_key_package, Refusal::NoKeyPackage},
    {Code::disk_fault, Refusal::StoreFault},
    {Code::disk_full, Refusal::StoreFault},
    {Code::closing, Refusal::Closing},
    {Code::frozen, Refusal::Frozen},
    {Code::relay_restored, Refusal::Restored},
}};

}  // namespace

Refusal to_refusal(Code code) {
    for (const auto& [known, refusal] : both_ways) {
        if (known == code) return refusal;
    }
    return Refusal::Refused;
}

Code to_code(Refusal refusal) {
    // A relay that is going away is not the device going away, and its disk is not the device's:
    // what it could not keep, the device keeps and sends again.
    if (refusal == Refusal::Closing || refusal == Refusal::StoreFault) {
        return Code::unreachable_peer;
    }
    // Nor is a request of ours that the relay finds malformed a damaged connection.
    if (refusal == Refusal::Malformed) return Code::invalid_argument;
    for (const auto& [code, known] : both_ways) {
        if (known == refusal) return code;
    }
    return Code::refused;
}

}  // namespace cercle::protocol
