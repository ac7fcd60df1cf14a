// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/decide_parts.h"

// Unlocking: a device puts its share while it is open, and guesses for it while it is locked.
//
// What is changed here is on disk before the decision is made, in a store of its own
// (unlock_shares.h): a neighbour in the batch that fails takes no counted guess back.

namespace cercle::relay {
namespace {

// The shares' disk and their anchor's are others than the batch's: what fails there is its asker's
// alone, and the operator's diary has it.
template <class Value>
Result<Value> apart(Result<Value> outcome) {
    if (outcome.has_value() || !is_store_fault(outcome.error().code)) return outcome;
    return fail(Code::store_corrupt, "the unlock shares or their anchor cannot be written");
}

}  // namespace

Result<Answer> decide_on(const Bench& bench, const protocol::PutShare& request) {
    UnlockShares* const shares = bench.tables.unlock_shares();
    if (shares == nullptr) return refuse();
    TRY_VOID(apart(shares->put(bench.asker.device, request, bench.now)));
    return Answer{protocol::Done{}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::DropShare& /*request*/) {
    UnlockShares* const shares = bench.tables.unlock_shares();
    if (shares == nullptr) return refuse();
    TRY_VOID(apart(shares->drop(bench.asker.device, bench.now)));
    return Answer{protocol::Done{}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::Guess& request) {
    UnlockShares* const shares = bench.tables.unlock_shares();
    if (shares == nullptr) return refuse();
    TRY(const auto device, apart(shares->device_of(bench.asker.holder)));
    if (!device) return refuse();
    // A share outlives its device nowhere but in a copy of the disk that came back in part.
    TRY_VOID(admit(bench.tables, *device));
    TRY(auto guessed, apart(shares->guess(bench.asker.holder, request, bench.now)));
    return Answer{std::move(guessed)};
}

}  // namespace cercle::relay
