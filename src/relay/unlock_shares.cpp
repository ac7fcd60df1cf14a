// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/unlock_shares.h"

#include <algorithm>
#include <array>
#include <utility>

#include "access/token.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/chain.h"

namespace cercle::relay {
namespace {

using protocol::Guessed;
using protocol::GuessOutcome;
using protocol::most_guesses;
using namespace std::chrono_literals;

std::unexpected<Error> refuse(std::source_location where = std::source_location::current()) {
    return fail(Code::refused, "no such right", where);
}

std::unexpected<Error> say_frozen(std::source_location where = std::source_location::current()) {
    return fail(Code::frozen, "the unlock shares are frozen until the officer re-arms them", where);
}

std::uint64_t wait_of(const UnlockShare& share, Stamp now) {
    if (share.share.empty()) return 0;
    const auto delay = static_cast<std::uint64_t>(delay_after(share.wrong).count());
    const std::uint64_t passed = now.value - std::min(now, share.last).value;
    return delay - std::min(delay, passed);
}

Guessed answer_of(GuessOutcome outcome, const UnlockShare& share, Stamp now) {
    Guessed answer{};
    answer.outcome = outcome;
    answer.wrong = outcome == GuessOutcome::Right ? share.wrong_before : share.wrong;
    answer.left = share.share.empty() ? std::uint8_t{0}
                                      : static_cast<std::uint8_t>(most_guesses - share.wrong);
    answer.wait = wait_of(share, now);
    if (outcome == GuessOutcome::Right) answer.share = protocol::Token(share.share.copy());
    return answer;
}

// The last guess once more, whose answer was lost perhaps.
std::optional<Guessed> repetition(const UnlockShare& share,
                                  const HolderKey& key,
                                  const ContentHash& asked,
                                  Stamp now) {
    if (share.became == LastGuess::None || share.asked_under != key || share.asked != asked) {
        return std::nullopt;
    }
    const bool right = share.became == LastGuess::Right;
    return answer_of(right ? GuessOutcome::Right : GuessOutcome::Wrong, share, now);
}

}  // namespace

Duration delay_after(std::uint8_t wrong) {
    constexpr std::array<Duration, most_guesses> delays{
        0s, 5s, 15s, 1min, 5min, 15min, 1h, 4h, 12h, 24h};
    return delays.at(std::min<std::size_t>(wrong, delays.size() - 1));
}

UnlockShares::UnlockShares(std::unique_ptr<ShareStore> store, std::unique_ptr<Anchor> anchor)
    : store_(std::move(store)),
      anchor_(std::move(anchor)) {}

Result<std::unique_ptr<UnlockShares>> UnlockShares::open(std::unique_ptr<ShareStore> store,
                                                         std::unique_ptr<Anchor> anchor) {
    std::unique_ptr<UnlockShares> shares(new UnlockShares(std::move(store), std::move(anchor)));
    TRY_VOID(shares->take_bearings());
    return shares;
}

Result<void> UnlockShares::take_bearings() {
    TRY_VOID(store_->look([this](ShareTables& tables) -> Result<void> {
        TRY(stored_, tables.tally());
        return {};
    }));
    const bool was_anchored = stored_.anchored != 0;
    if (anchor_ == nullptr) {
        standing_ = was_anchored ? Standing::Frozen : Standing::Unanchored;
        return {};
    }
    const auto found = anchor_->read();
    // Damaged, unreadable, or on a volume that is not there: not a reason not to serve, nor one to
    // believe the disk.
    if (!found.has_value()) return {};
    if (!found->has_value()) return was_anchored ? Result<void>{} : adopt_anchor();
    const ShareTally& anchored = **found;
    const ShareTally& tally = stored_.tally;
    if (anchored.life != tally.life || tally.changes < anchored.changes) return {};
    if (!was_anchored) return adopt_anchor();
    if (tally.changes > anchored.changes.next()) return {};
    anchor_lags_ = tally != anchored;
    standing_ = Standing::Anchored;
    // If that fails, it is tried again before the next change.
    static_cast<void>(catch_up().has_value());
    return {};
}

// The anchor before the mark that it is there: a crash in between is mended when this is opened
// again, since the shares do not count on an anchor until then.
Result<void> UnlockShares::adopt_anchor() {
    TRY_VOID(anchor_->write(stored_.tally));
    stored_.anchored = 1;
    TRY_VOID(store_->transact([this](ShareTables& tables) { return tables.set_tally(stored_); }));
    standing_ = Standing::Anchored;
    return {};
}

Result<void> UnlockShares::catch_up() {
    if (!anchor_lags_) return {};
    TRY_VOID(anchor_->write(stored_.tally));
    anchor_lags_ = false;
    return {};
}

Result<void> UnlockShares::change(const ShareStore::Work& work) {
    TRY_VOID(catch_up());
    StoredTally next = stored_;
    next.tally.changes = next.tally.changes.next();
    const auto counted = [&](ShareTables& tables) -> Result<void> {
        TRY_VOID(work(tables));
        return tables.set_tally(next);
    };
    TRY_VOID(store_->transact(counted));
    stored_ = next;
    anchor_lags_ = anchor_ != nullptr;
    TRY_VOID(catch_up());
    return store_->wipe_deleted();
}

Result<std::optional<DeviceKey>> UnlockShares::device_of(const HolderKey& key) {
    std::optional<DeviceKey> device;
    TRY_VOID(store_->look([&](ShareTables& tables) -> Result<void> {
        TRY(auto share, tables.find_share(key));
        if (!share) {
            TRY(share, tables.find_share_asked_under(key));
            if (share && share->became != LastGuess::Right) share.reset();
        }
        if (share) device = share->device;
        return {};
    }));
    return device;
}

// Each change is several syncs of its own, for which everybody's requests wait.
Result<void> UnlockShares::pace(const DeviceKey& device, Stamp now) {
    const std::uint64_t minute = now.value / 60'000;
    if (std::exchange(minute_, minute) != minute) changed_.clear();
    if (changed_[device] >= bounds::share_changes_per_minute) {
        return fail(Code::too_many, "a device changes its unlock share too often");
    }
    ++changed_[device];
    return {};
}

Result<void> UnlockShares::put(const DeviceKey& device,
                               const protocol::PutShare& request,
                               Stamp now) {
    if (standing_ == Standing::Frozen) return say_frozen();
    TRY_VOID(pace(device, now));
    TRY(const auto owner, device_of(request.key));
    if (owner && *owner != device) return refuse();
    const Secret& share = request.share;
    return change([&](ShareTables& tables) -> Result<void> {
        UnlockShare row{};
        row.device = device;
        row.key = request.key;
        row.verifier = request.verifier;
        row.share = share.copy();
        return tables.put_share(row);
    });
}

Result<void> UnlockShares::drop(const DeviceKey& device, Stamp now) {
    if (standing_ == Standing::Frozen) return say_frozen();
    TRY_VOID(pace(device, now));
    return forget(device);
}

Result<void> UnlockShares::forget(const DeviceKey& device) {
    bool there = false;
    TRY_VOID(store_->look([&](ShareTables& tables) -> Result<void> {
        TRY(const auto share, tables.find_share_of(device));
        there = share.has_value();
        return {};
    }));
    if (!there) return {};
    if (standing_ != Standing::Frozen && catch_up().has_value()) {
        return change([&](ShareTables& tables) { return tables.delete_share(device); });
    }
    // Not counted: the tally has to stay as it was found, or as far as the anchor has heard of it.
    // Whoever is to go, goes: an anchor that is away stops no order of the officer's.
    TRY_VOID(store_->transact([&](ShareTables& tables) { return tables.delete_share(device); }));
    return store_->wipe_deleted();
}

Result<Guessed> UnlockShares::guess(const HolderKey& key,
                                    const protocol::Guess& request,
                                    Stamp now) {
    const ContentHash asked =
        content_hash(ContentOf::Guess, codec::encode_secret(request).reveal());
    std::optional<UnlockShare> share;
    std::optional<UnlockShare> renamed;  // what a right guess under this key has left behind
    bool next_is_free = false;
    TRY_VOID(store_->look([&](ShareTables& tables) -> Result<void> {
        TRY(share, tables.find_share(key));
        TRY(renamed, tables.find_share_asked_under(key));
        TRY(const auto taken, tables.find_share(request.next_key));
        next_is_free = !taken.has_value();
        return {};
    }));
    const auto& last_asked = share ? share : renamed;
    if (!last_asked) return refuse();
    auto repeated = repetition(*last_asked, key, asked, now);
    if (!share && !repeated) return refuse();
    if (standing_ == Standing::Frozen) return say_frozen();
    if (repeated) {
        TRY_VOID(catch_up());
        return *std::move(repeated);
    }
    // Asked before the guess is looked at, so that it says nothing of it.
    if (!next_is_free) return refuse();
    return judge(*std::move(share), request, asked, now);
}

Result<Guessed> UnlockShares::judge(UnlockShare share,
                                    const protocol::Guess& request,
                                    const ContentHash& asked,
                                    Stamp now) {
    if (share.share.empty()) return answer_of(GuessOutcome::Spent, share, now);
    const auto keep = [&share](ShareTables& tables) { return tables.put_share(share); };
    if (now < share.last) {
        // The clock was set back. The delay begins anew, and is not the longer for it.
        share.last = now;
        TRY_VOID(change(keep));
    }
    if (wait_of(share, now) != 0) return answer_of(GuessOutcome::Early, share, now);

    const bool right = access::matches(access::Right::Unlock, request.guess, share.verifier.view());
    share.asked_under = share.key;
    share.asked = asked;
    share.last = now;
    if (right) {
        share.became = LastGuess::Right;
        share.wrong_before = std::exchange(share.wrong, std::uint8_t{0});
        share.key = request.next_key;
        share.verifier = request.next_verifier;
    } else {
        share.became = LastGuess::Wrong;
        ++share.wrong;
        if (share.wrong >= most_guesses) {
            share.share = Secret{};
            share.verifier = {};
        }
    }
    TRY_VOID(change(keep));
    return answer_of(right ? GuessOutcome::Right : GuessOutcome::Wrong, share, now);
}

Result<void> UnlockShares::rearm() {
    if (standing_ != Standing::Frozen) return {};
    StoredTally next = stored_;
    next.anchored = anchor_ != nullptr ? 1 : 0;
    if (anchor_ != nullptr) {
        // Further than either: neither of the two states counts any more if it comes back.
        const auto found = anchor_->read();
        if (found.has_value() && found->has_value() && (*found)->life == next.tally.life) {
            next.tally.changes = std::max(next.tally.changes, (*found)->changes);
        }
    }
    next.tally.changes = next.tally.changes.next();
    TRY_VOID(store_->transact([&next](ShareTables& tables) { return tables.set_tally(next); }));
    stored_ = next;
    anchor_lags_ = anchor_ != nullptr;
    TRY_VOID(catch_up());
    standing_ = anchor_ != nullptr ? Standing::Anchored : Standing::Unanchored;
    return {};
}

}  // namespace cercle::relay
