// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a relay keeps of unlock shares (docs/spec/unlock-share.md): a store of its own, beside that
// of the logs, so that a backup leaves it out as a whole, and a transaction of its own for each
// change, so that a guess is on disk before it is answered whatever becomes of its neighbours.
//
// A tally says which life of the shares this is and how many changes it has seen; an anchor outside
// of the data directory (anchor.h) holds it against an earlier state that is brought back.

#include <cstdint>
#include <functional>
#include <optional>

#include "base/result.h"
#include "base/secret.h"
#include "protocol/unlock.h"
#include "relay/blob_tables.h"

namespace cercle::relay {

using protocol::HolderKey;

/// One life of the shares' store, since it was made. Random.
using ShareLife = Id<struct ShareLifeTag>;
using ChangeNumber = Number<struct ChangeTag>;

struct ShareTally {
    ShareLife life;
    ChangeNumber changes;

    friend bool operator==(const ShareTally&, const ShareTally&) = default;

    auto fields(this auto& self) { return std::tie(self.life, self.changes); }
};

/// The tally as the store keeps it, and whether an anchor was ever given one of this life.
struct StoredTally {
    ShareTally tally;
    std::uint8_t anchored = 0;

    auto fields(this auto& self) { return std::tie(self.tally, self.anchored); }
};

enum class LastGuess : std::uint8_t { None = 0, Right = 1, Wrong = 2 };

/// A device's share, and what has become of the guesses at it.
struct UnlockShare {
    DeviceKey device;
    HolderKey key;  // the pre-unlock key
    TokenHash verifier;
    Secret share;                   // empty once it is spent
    std::uint8_t wrong = 0;         // guesses, since the last right one
    std::uint8_t wrong_before = 0;  // guesses, before the last right one
    Stamp last;                     // of the last guess that was counted
    // The last guess, by which its repetition is known.
    LastGuess became = LastGuess::None;
    HolderKey asked_under;
    ContentHash asked;

    auto fields(this auto& self) {
        return std::tie(self.device,
                        self.key,
                        self.verifier,
                        self.share,
                        self.wrong,
                        self.wrong_before,
                        self.last,
                        self.became,
                        self.asked_under,
                        self.asked);
    }
};

class ShareTables {
  public:
    ShareTables() = default;
    ShareTables(const ShareTables&) = delete;
    ShareTables& operator=(const ShareTables&) = delete;
    virtual ~ShareTables() = default;

    [[nodiscard]] virtual Result<StoredTally> tally() = 0;
    virtual Result<void> set_tally(const StoredTally& tally) = 0;

    // All find a row as it was written, or say store_corrupt.
    [[nodiscard]] virtual Result<std::optional<UnlockShare>> find_share(const HolderKey& key) = 0;
    [[nodiscard]] virtual Result<std::optional<UnlockShare>> find_share_of(
        const DeviceKey& device) = 0;
    /// Whose last guess was made under this key.
    [[nodiscard]] virtual Result<std::optional<UnlockShare>> find_share_asked_under(
        const HolderKey& key) = 0;
    /// In place of the device's earlier one. Errors: already_exists (the key is another one's).
    virtual Result<void> put_share(const UnlockShare& share) = 0;
    virtual Result<void> delete_share(const DeviceKey& device) = 0;
    /// Calls `visit` for every share, in the order of the devices.
    virtual Result<void> each_share(
        const std::function<Result<void>(const UnlockShare&)>& visit) = 0;
};

class ShareStore {
  public:
    using Work = std::function<Result<void>(ShareTables&)>;

    ShareStore() = default;
    ShareStore(const ShareStore&) = delete;
    ShareStore& operator=(const ShareStore&) = delete;
    virtual ~ShareStore() = default;

    /// Runs `work` in one transaction. When this returns well, all of it is on disk; when it fails
    /// (by `work` or by the disk), none of it ever happened.
    virtual Result<void> transact(const Work& work) = 0;

    /// Runs `work`, which only reads.
    virtual Result<void> look(const Work& work) = 0;

    /// Overwrites what was deleted, wherever it still lies. Outside of any work.
    virtual Result<void> wipe_deleted() = 0;

    /// What the database itself can tell of its health. Errors: store_corrupt.
    virtual Result<void> check_integrity() = 0;
};

}  // namespace cercle::relay
