// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Unlock shares, and how often somebody has guessed at them. Beside the logs: every change here is
// on disk before the call returns, and a guess is counted there before anybody hears what it was.
//
// Against an earlier state of the disk that is brought back, with fewer guesses counted, stands an
// anchor elsewhere. Every change goes
//
//     1. into the store, with the tally one further     (fsync)
//     2. into the anchor, the same tally                (fsync)
//     3. out, as an answer
//
// A crash after 1 leaves the store one change ahead: nobody has heard of that change, and the
// anchor follows when the store is opened again. Every other difference means that one of the two
// is not the one that was left here: then the shares are frozen until the officer accepts them as
// they stand. An anchor that cannot be written stops all changes, before they are made.
//
// Used by one thread at a time; calls block on the disk.

#include <memory>
#include <unordered_map>

#include "base/clock.h"
#include "relay/anchor.h"
#include "relay/share_tables.h"

namespace cercle::relay {

class UnlockShares {
  public:
    enum class Standing : std::uint8_t {
        Unanchored,  // an earlier state of the disk would not be noticed
        Anchored,
        Frozen,
    };

    /// Without an anchor they work, and resist no rollback; but not without one that they had.
    /// Errors: those of the store; of the anchor only where it is written for the first time.
    [[nodiscard]] static Result<std::unique_ptr<UnlockShares>> open(
        std::unique_ptr<ShareStore> store, std::unique_ptr<Anchor> anchor);

    [[nodiscard]] Standing standing() const { return standing_; }

    [[nodiscard]] const ShareTally& tally() const { return stored_.tally; }

    // All of these fail as well when the disk or the anchor does; what they were to do is then
    // done, or not, as a whole, and can be asked for again.

    /// Whose share is kept under this key, or was asked for under it by the last right guess.
    [[nodiscard]] Result<std::optional<DeviceKey>> device_of(const HolderKey& key);
    /// Errors: refused (the key is another one's), frozen, too_many (within a minute).
    Result<void> put(const DeviceKey& device, const protocol::PutShare& request, Stamp now);
    /// Errors: frozen, too_many (within a minute).
    Result<void> drop(const DeviceKey& device, Stamp now);
    /// By the officer's order, hence also while they are frozen.
    Result<void> forget(const DeviceKey& device);
    /// Errors: refused, frozen.
    [[nodiscard]] Result<protocol::Guessed> guess(const HolderKey& key,
                                                  const protocol::Guess& request,
                                                  Stamp now);
    /// By the officer's order: takes them as they stand.
    Result<void> rearm();

    /// For verify, and for status.
    [[nodiscard]] ShareStore& store() { return *store_; }

  private:
    UnlockShares(std::unique_ptr<ShareStore> store, std::unique_ptr<Anchor> anchor);

    [[nodiscard]] Result<void> take_bearings();
    [[nodiscard]] Result<void> adopt_anchor();
    [[nodiscard]] Result<void> catch_up();
    [[nodiscard]] Result<void> pace(const DeviceKey& device, Stamp now);
    Result<void> change(const ShareStore::Work& work);
    [[nodiscard]] Result<protocol::Guessed> judge(UnlockShare share,
                                                  const protocol::Guess& request,
                                                  const ContentHash& asked,
                                                  Stamp now);

    std::unique_ptr<ShareStore> store_;
    std::unique_ptr<Anchor> anchor_;
    Standing standing_ = Standing::Frozen;
    StoredTally stored_{};
    bool anchor_lags_ = false;
    // How often each device has changed its share in this minute (since 1970).
    std::uint64_t minute_ = 0;
    std::unordered_map<DeviceKey, std::uint32_t> changed_{};
};

/// How long nobody may guess after so many wrong ones, the last of them just now.
[[nodiscard]] Duration delay_after(std::uint8_t wrong);

}  // namespace cercle::relay
