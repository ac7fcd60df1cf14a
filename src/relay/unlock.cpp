// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/decide_parts.h"

// Unlocking: a device puts its share while it is open, and guesses for it while it is locked.
//
// What is changed here is on disk before the decision is made, in a store of its own
// (unlock_shares.h): a neighbour in the batch that fails takes no counted guess back.

namespace cercle::relay {

Result<Answer> decide_on(const Bench& bench, const protocol::PutShare& request) {
    UnlockShares* const shares = bench.tables.unlock_shares();
    if (shares == nullptr) return refuse();
    TRY_VOID(shares->put(bench.asker.device, request, bench.now));
    return Answer{protocol::Done{}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::DropShare& /*request*/) {
    UnlockShares* const shares = bench.tables.unlock_shares();
    if (shares == nullptr) return refuse();
    TRY_VOID(shares->drop(bench.asker.device, bench.now));
    return Answer{protocol::Done{}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::Guess& request) {
    UnlockShares* const shares = bench.tables.unlock_shares();
    if (shares == nullptr) return refuse();
    TRY(const auto device, shares->device_of(bench.asker.holder));
    if (!device) return refuse();
    // A share outlives its device nowhere but in a copy of the disk that came back in part.
    TRY_VOID(admit(bench.tables, *device));
    TRY(auto guessed, shares->guess(bench.asker.holder, request, bench.now));
    return Answer{std::move(guessed)};
}

}  // namespace cercle::relay
