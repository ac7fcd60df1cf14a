// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/outcome.h"

#include <string_view>

#include "base/slab.h"

namespace cercle::client {
namespace {

/// What a person can do about it, where the reason alone does not say so.
std::string_view advice_on(Code code) {
    switch (code) {
        case Code::disk_full:
            return "; nothing is lost: make room, and do the same again";
        case Code::disk_fault:
            return "; what was kept before is safe: do the same again once the disk works";
        case Code::relay_restored:
            return "; it is kept, and goes out when the others have been there, within minutes";
        case Code::store_corrupt:
            return "; keep the home as it is and restore a backup elsewhere";
        default:
            return "";
    }
}

}  // namespace

Exit exit_of(Code code) {
    switch (code) {
        case Code::unreachable_peer:
        case Code::relay_restored:  // it waits for what others have kept
            return Exit::Queued;
        case Code::vault_locked:
        case Code::backup_locked:
        case Code::revoked:
            return Exit::Locked;
        case Code::disk_fault:
        case Code::disk_full:
        case Code::store_corrupt:
        case Code::permissions:
        case Code::wrong_key:
            return Exit::Disk;
        case Code::home_busy:
        case Code::busy:
            return Exit::Busy;
        case Code::deadline_passed:
        case Code::office_gathering:  // it waits for what others know
            return Exit::Timeout;
        case Code::closing:
        case Code::interrupted:
            return Exit::Interrupted;
        case Code::library_fault:
            return Exit::Bug;
        default:
            return Exit::Refused;
    }
}

Outcome outcome_of(const Error& error) {
    return {exit_of(error.code),
            std::string(rule_name(error.code)),
            std::string(error.reason.text) + std::string(advice_on(error.code))};
}

Outcome outcome_of(const Result<void>& result) {
    return result ? Outcome{} : outcome_of(result.error());
}

Outcome prepare_process() {
    harden_process();
    return outcome_of(slab::open());
}

}  // namespace cercle::client
